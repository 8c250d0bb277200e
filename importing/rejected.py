"""The rows that an import leaves out, as a file to correct and to import alone."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from core.tables import csv_lines
from core.text_values import harmless
from importing.packing import Packer
from importing.reading.table import REASON, Table
from importing.rows import MOST_REASONS, Problem


class Checked(Protocol):
    """A row of any kind of import."""

    @property
    def rejected(self) -> bool: ...
    @property
    def problems(self) -> list[Problem]: ...
    @property
    def cells(self) -> tuple[str, ...]: ...


class Planned(Protocol):
    """The plan of any kind of import."""

    @property
    def problems(self) -> list[Problem]: ...
    @property
    def left_out(self) -> bytes | None: ...
    def again(self) -> Iterator[Iterable[Checked]]: ...


class RejectedRows:
    """The rejected rows in the file's own columns, after a column that says why.

    The reasons stand in front, so that a row with too many cells keeps them where they were. `read_table` leaves them out.
    """

    def __init__(self, table: Table) -> None:
        self._headers = table.headers
        self._file: Packer | None = None

    def add(self, rows: Iterable[Checked]) -> None:
        lines = [_line(row) for row in rows if row.rejected]
        if not lines:
            return
        mark, *rest = csv_lines(lines if self._file else [[REASON, *self._headers], *lines], harmless)
        if self._file is None:
            self._file = Packer()
            self._file.write(mark)
        for line in rest:
            self._file.write(line)

    def content(self) -> bytes:
        """CSV, packed if it is long; empty without rejected rows."""
        return self._file.content() if self._file else b""


def rejected_csv(table: Table, plan: Planned) -> bytes:
    """The rejected rows of a plan as they would be kept after the import: as they were met, or all gone through again."""
    if plan.left_out is not None:
        return plan.left_out
    found = RejectedRows(table)
    for rows in plan.again() if plan.problems else ():
        found.add(rows)
    return found.content()


def _line(row: Checked) -> list:
    told = [f"{one.column}: {one.reason}" if one.column else one.reason for one in row.problems[:MOST_REASONS]]
    return [" ".join(told), *row.cells]
