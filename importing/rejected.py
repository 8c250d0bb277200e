"""The rows that an import leaves out, as a file to correct and to import alone."""

from collections.abc import Iterator

from core.tables import csv_lines
from core.text_values import harmless
from importing.models import ImportJob, ImportRow
from importing.reading.table import REASON


def rejected_csv(job: ImportJob) -> Iterator[bytes]:
    """The rejected rows in the file's own columns, after a column that says why.

    The reasons stand in front, so that a row with too many cells keeps them where they were. `read_table` leaves them out.
    """
    return csv_lines(_lines(job), harmless)


def _lines(job: ImportJob) -> Iterator[list]:
    yield [REASON, *job.headers]
    rows, last = job.rows.filter(outcome=ImportRow.Outcome.REJECTED).order_by("line"), 0
    while some := list(rows.filter(line__gt=last).values_list("line", "problems", "cells")[:500]):
        for _line, problems, cells in some:
            yield [" ".join(f"{column}: {reason}" if column else reason for column, reason in problems), *cells]
        last = some[-1][0]
