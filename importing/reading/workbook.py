"""Excel workbooks (.xlsx) for an import, read where a hostile one can do no harm: in a process with limits."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from core import workbook_process
from importing.reading.unreadable import UnreadableFile

ZIP = b"PK\x03\x04"
PIECE = 256 * 1024  # bytes
SECONDS = 9  # by the clock; the process itself may use somewhat fewer of the processor


def is_workbook(content: bytes) -> bool:
    return content.startswith(ZIP) and b"xl/" in content


def workbook_records(content: bytes, most_rows: int) -> Callable[[], Iterator[tuple[int, list[str]]]]:
    """The rows of the first shown sheet that are not blank, at most so many, each with its number. Raises UnreadableFile.

    Cells become text as a CSV file would hold it: dates as 2024-03-31, numbers with a point. What is unpacked lies in a file
    that goes when nobody needs it any more; each call reads it from the first row on.
    """
    unpacked = tempfile.TemporaryFile()  # noqa: SIM115 open as long as the rows are read
    command = [sys.executable, "-I", workbook_process.__file__, str(most_rows)]
    try:
        done = subprocess.run(  # noqa: S603 our own program
            command, input=content, stdout=unpacked, stderr=subprocess.DEVNULL, timeout=SECONDS, env={}, cwd=Path(__file__).parent
        )
    except subprocess.TimeoutExpired:
        raise UnreadableFile(_too_large()) from None
    if done.returncode == workbook_process.DAMAGED:
        raise UnreadableFile(
            _("This Excel workbook is damaged. Open it, save it again, or save it as CSV (“CSV UTF-8”), and import that file.")
        )
    if done.returncode == workbook_process.PROTECTED:
        raise UnreadableFile(_("This Excel workbook has a password. Save it without one and import that file."))
    if done.returncode:
        raise UnreadableFile(_too_large())
    return partial(_unpacked_records, unpacked)


def _unpacked_records(unpacked: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    place = 0
    while True:
        unpacked.seek(place)  # somebody else may be reading it, too
        lines = unpacked.readlines(PIECE)
        if not lines:
            return
        place = unpacked.tell()
        for line in lines:
            number, cells = json.loads(line)
            yield number, cells


def _too_large() -> str:
    return _("This Excel workbook unpacks to more than is read at once. Divide it into smaller ones, or save it as CSV.")
