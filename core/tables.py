"""Write tables as CSV and XLSX, row by row, safe to open in a spreadsheet, and with no loss when the importer reads them.

A text that a spreadsheet would take as a formula, or the importer as blank, gets an apostrophe before it; the importer
removes it (`core.text_values.unguarded`), so `importing.reading.table` reads back each cell exactly. NUL characters, which
PostgreSQL and the forms refuse as well, are left out; a text that is too long for a cell is left out as a whole.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES

from core.text_values import MAX_CELL, guarded
from core.workbook_process import STAND_INS

BATCH = 1000  # rows that callers fetch at a time
FIRST_DAY = date(1900, 3, 1)  # workbooks have no dates before 1900, and count a 29 February 1900

# A workbook writes a character that XML cannot hold, or would change, as its code: _x000D_. In a text that looks like such
# a code the underscore is written as its code (ECMA-376, part 1, 22.9.2.19).
_ESCAPED_BY_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x01-\x08\x0b-\x1f]")
_NOT_IN_XML = str.maketrans(STAND_INS)

type Cell = str | int | float | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Column[T]:
    """A column of an export: its header, and the function that gives its value for an object."""

    header: str
    value: Callable[[T], Cell]
    whole_only: bool = False  # only in complete exports, not in those of what a page shows


def table_of[T](columns: Iterable[Column[T]], objects: Iterable[T]) -> Iterator[list[Cell]]:
    """The header, then a row for each of `objects`."""
    columns = tuple(columns)
    yield [str(column.header) for column in columns]
    for one in objects:
        yield [column.value(one) for column in columns]


def csv_lines(table: Iterable[list[Cell]], guard: Callable[[str], str] = guarded) -> Iterator[bytes]:
    """CSV in UTF-8 with a byte order mark, which spreadsheets need; every cell is guarded, numbers too, because of the minus of −1."""
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf"
    for row in table:
        yield writer.writerow([_csv_cell(cell, guard) for cell in row]).encode()


def write_xlsx(table: Iterable[list[Cell]], file: IO[bytes], title: str = "Accounts") -> None:
    """Write a workbook of one sheet, with numbers and dates as such. openpyxl keeps it on disk while it is written."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for row in table:
        sheet.append([_sheet_cell(cell, sheet) for cell in row])
    book.save(file)


def yes_or_no(value: bool) -> str:
    """The same in every language, as the names of columns are."""
    return "yes" if value else "no"


class _Echo:
    """A file for `csv.writer` that returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def _csv_cell(cell: Cell, guard: Callable[[str], str]) -> str:
    text = guard("" if cell is None else str(cell).replace("\0", ""))
    # The importer would take half a text as a change; an empty cell changes nothing.
    return text if len(text) <= MAX_CELL else ""


def _sheet_cell(cell: Cell, sheet: Any) -> Any:
    if isinstance(cell, date) and cell < FIRST_DAY:
        return cell.isoformat()
    if not isinstance(cell, str):
        return cell
    text = guarded(cell.replace("\0", "")).translate(_NOT_IN_XML)
    text = _ESCAPED_BY_CODE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    if len(text.encode("utf-16-le")) > 2 * MAX_CELL:  # as spreadsheets count
        return None
    if text not in ERROR_CODES:
        return text or None
    found = WriteOnlyCell(sheet, text)
    found.data_type = "s"  # else openpyxl takes a text such as “#REF!” as an error value
    return found
