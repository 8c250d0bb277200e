"""The process that unpacks a workbook: the file on stdin, its first sheet on stdout, a row a line, as JSON.

A workbook of 2 kB can ask for gigabytes, and the library that reads it then ends the process it runs in. So that is a
process of its own, with little memory and time. `spreadsheet.py` starts it by its path; it imports nothing of ours.
"""

import json
import re
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MEMORY = 256 * 1024**2  # bytes of address space
SECONDS = 8  # of the processor
MOST_CELLS = 2_000_000  # that hold something
MOST_CHARACTERS = 40_000_000

# Two that XML cannot hold, not even by number, so that our own workbooks (core/tables.py) write them as ESC and a digit.
ESC = "\x1b"
STAND_INS = {ESC: f"{ESC}1", "\ufffe": f"{ESC}2", "\uffff": f"{ESC}3"}
_MEANT = {written: meant for meant, written in STAND_INS.items()}
_STAND_IN = re.compile(f"{ESC}[123]")

DAMAGED, PROTECTED, TOO_LARGE = 3, 4, 5  # how it ends, beside 0; killed by its limits is too large as well


class TooLarge(Exception):
    pass


def first_sheet(content: bytes) -> Iterator[list[Any]]:
    """The rows of the first sheet that is shown and not empty, from the sheet's first row on."""
    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    for sheet in workbook.sheets_metadata:
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
            found = workbook.get_sheet_by_name(sheet.name)
            if found.height:
                yield from found.iter_rows()
                return


def text_of(value: Any) -> str:
    """A cell as a CSV file would hold it."""
    if isinstance(value, str):
        return _STAND_IN.sub(lambda found: _MEANT[found[0]], value) if ESC in value else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    digits = format(Decimal(repr(value)), "f")
    # 1.234 could be read as a thousand and some, 1.2340 cannot.
    return f"{digits}0" if digits[-4:-3] == "." else digits


def emit(rows: Iterator[list[Any]], most_rows: int) -> Iterator[str]:
    """A line of JSON for each row that is not blank: its number, and its cells up to the last that holds something."""
    found, cells_left, characters_left = 0, MOST_CELLS, MOST_CHARACTERS
    for number, row in enumerate(rows, start=1):
        cells = [text_of(value) for value in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        found += 1
        cells_left -= sum(map(bool, cells))
        characters_left -= sum(map(len, cells))
        if cells_left < 0 or characters_left < 0:
            raise TooLarge
        yield json.dumps([number, cells])
        if found == most_rows:
            return


def main(most_rows: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for line in emit(first_sheet(sys.stdin.buffer.read()), most_rows):
            sys.stdout.write(line + "\n")
    except (TooLarge, MemoryError):
        return TOO_LARGE
    except PasswordError:
        return PROTECTED
    except Exception:  # whatever the library finds wrong with the file
        return DAMAGED
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
