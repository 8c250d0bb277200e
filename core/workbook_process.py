"""A subprocess that reads a workbook from stdin and writes its first sheet to stdout, as one line of JSON for each row.

A workbook of 2 kB can expand to gigabytes, and the library that reads it then aborts its process. So it runs in a process of
its own, with limits for memory and time. `importing/reading/workbook.py` starts this file by its path; it imports no other
module of the project.
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
MOST_CELLS = 2_000_000  # not counting empty ones
MOST_CHARACTERS = 40_000_000

# XML cannot hold U+FFFE and U+FFFF, not even as a code: our own workbooks (core/tables.py) write them as ESC and a digit.
ESC = "\x1b"
STAND_INS = {ESC: f"{ESC}1", "\ufffe": f"{ESC}2", "\uffff": f"{ESC}3"}
_MEANT = {written: meant for meant, written in STAND_INS.items()}
_STAND_IN = re.compile(f"{ESC}[123]")

DAMAGED, PROTECTED, TOO_LARGE = 3, 4, 5  # exit codes; a process that its limits killed read too large a file as well


class WorkbookTooLarge(Exception):
    """The sheet has more cells or characters than the limits allow."""


def first_sheet(content: bytes) -> Iterator[list[Any]]:
    """The rows of the first worksheet that is visible and not empty."""
    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    for sheet in workbook.sheets_metadata:
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
            found = workbook.get_sheet_by_name(sheet.name)
            if found.height:
                yield from found.iter_rows()
                return


def text_of(value: Any) -> str:
    """The value of a cell as text, in the format of a CSV file."""
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
    # 1.234 is ambiguous, 1.2340 is not.
    return f"{digits}0" if digits[-4:-3] == "." else digits


def emit(rows: Iterator[list[Any]], most_rows: int) -> Iterator[str]:
    """A line of JSON for each row that is not blank: the number of the row, and its cells up to the last one with a text."""
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
            raise WorkbookTooLarge
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
    except (WorkbookTooLarge, MemoryError):
        return TOO_LARGE
    except PasswordError:
        return PROTECTED
    except Exception:  # the library raises many kinds for a damaged file
        return DAMAGED
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
