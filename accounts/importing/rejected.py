"""The rows that an import leaves out, as a file to correct and to import alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from accounts.exporting import csv_lines
from accounts.importing.read import REASON, Table
from accounts.importing.rows import Problem


def rejected_csv(table: Table, problems: Iterable[Problem]) -> bytes:
    """The rows with a problem in the file's own columns, after a column that says why; empty when there are none.

    The reasons stand in front, so that a row with too many cells keeps them where they were. `read_table` leaves them out.
    """
    reasons: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        reasons[problem.line].append(f"{problem.column}: {problem.reason}" if problem.column else problem.reason)
    return b"".join(csv_lines(_lines(table, reasons))) if reasons else b""


def _lines(table: Table, reasons: dict[int, list[str]]) -> Iterator[list]:
    yield [REASON, *table.headers]
    for row in table.rows:
        if row.line in reasons:
            yield [" ".join(reasons[row.line]), *row.cells]
