"""Tables for a spreadsheet: CSV and XLSX, row by row, safe to open, and read by the importer as they were.

A text that a spreadsheet would take for a formula, or the importer for nothing at all, gets an apostrophe before it; the importer
takes it away again (`core.text_values.unguarded`). `importing.reading.table` gives back each cell exactly. A NUL, which
PostgreSQL and the forms do not take either, is left out; so is, whole, a text that fits no cell.
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

BATCH = 1000  # rows that are asked for at once
FIRST_DAY = date(1900, 3, 1)  # workbooks have none before 1900, and their February of that year has a day too many

# What XML cannot hold, or reads back otherwise, stands in a workbook by its number: _x000D_. So a text that looks like that
# has its underscore so (ECMA-376, part 1, 22.9.2.19).
_BY_NUMBER = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x01-\x08\x0b-\x1f]")
_IN_NO_WORKBOOK = str.maketrans(STAND_INS)

type Cell = str | int | float | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Column[T]:
    header: str
    value: Callable[[T], Cell]
    whole_only: bool = False  # in files that hold everything, not in those of what a page shows


def table_of[T](columns: Iterable[Column[T]], objects: Iterable[T]) -> Iterator[list[Cell]]:
    """The header and a row for each of `objects`, one by one."""
    columns = tuple(columns)
    yield [column.header for column in columns]
    for one in objects:
        yield [column.value(one) for column in columns]


def csv_lines(table: Iterable[list[Cell]], guard: Callable[[str], str] = guarded) -> Iterator[bytes]:
    """UTF-8 with a mark, which spreadsheets need; every cell guarded, numbers too, since −1 is written with a minus."""
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf"
    for row in table:
        yield writer.writerow([_csv_cell(cell, guard) for cell in row]).encode()


def write_xlsx(table: Iterable[list[Cell]], file: IO[bytes], title: str = "Accounts") -> None:
    """A workbook of one sheet, numbers and dates as such. Kept on disk while it is written."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for row in table:
        sheet.append([_sheet_cell(cell, sheet) for cell in row])
    book.save(file)


def yes_or_no(said: bool) -> str:
    """The same in every language, as the column names are."""
    return "yes" if said else "no"


class _Echo:
    """Gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _csv_cell(cell: Cell, guard: Callable[[str], str]) -> str:
    text = guard("" if cell is None else str(cell).replace("\0", ""))
    # Half a text would be taken for a change of it: an empty cell changes nothing.
    return text if len(text) <= MAX_CELL else ""


def _sheet_cell(cell: Cell, sheet: Any) -> Any:
    if isinstance(cell, date) and cell < FIRST_DAY:
        return cell.isoformat()
    if not isinstance(cell, str):
        return cell
    text = guarded(cell.replace("\0", "")).translate(_IN_NO_WORKBOOK)
    text = _BY_NUMBER.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    if len(text.encode("utf-16-le")) > 2 * MAX_CELL:  # as spreadsheets count
        return None
    if text not in ERROR_CODES:
        return text or None
    found = WriteOnlyCell(sheet, text)
    found.data_type = "s"  # “#REF!” is what somebody typed
    return found
