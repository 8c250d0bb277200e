"""What only the whole file tells: which rows speak of one account, and what rows are called by others.

Of each row small keys are held in the memory; its values, once they are read, lie on disk.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.cached_translations import gettext as _
from core.text_values import shortened
from importing.bounded import OnDisk, chunks
from importing.mapping import Mapping
from importing.reading.table import Row, Table
from importing.rows import CleanRow, Problem, RowReader

CHUNK = 1000  # rows


class Key(NamedTuple):
    """What a row and its parent are called."""

    line: int
    name: str
    identity: tuple[str, str] | None
    parent: str


class Double(NamedTuple):
    """A row of something that a row before it speaks of."""

    field: str
    text: str
    first: int  # the line of that row


type Stored = tuple[int, dict[str, Any], list[tuple[str, str]]]  # line, values; column and reason of each problem


@dataclass(slots=True)
class WholeFile:
    """Names are in small letters, for a name is the same account whatever its case."""

    names: dict[str, int] = field(default_factory=dict)  # the line of the first row of this name that counts
    names_of_doubles: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)  # names of several rows
    external_ids: set[str] = field(default_factory=set)
    doubles: dict[int, Double] = field(default_factory=dict)
    parents: set[str] = field(default_factory=set)  # what parents are called
    folded_parents: set[str] = field(default_factory=set)
    keys: list[Key] = field(default_factory=list)  # of every row, if there are parents
    rows: Iterable[Stored] = ()
    passed_over: int = 0

    def clean_rows(self) -> Iterator[CleanRow]:
        """Each row of the file as it was read."""
        for line, values, problems in self.rows:
            yield CleanRow(line, values, [Problem(line, *problem) for problem in problems])

    def asks_name(self, name: str) -> bool:
        return name in self.names or name in self.folded_parents or name in self.names_of_doubles

    def asks_external_id(self, external_id: str) -> bool:
        return external_id in self.external_ids or external_id in self.parents

    def problem(self, line: int, reader: RowReader) -> Problem | None:
        """Why the row is rejected that stands in this line, if it is a double."""
        double = self.doubles.get(line)
        if double is None:
            return None
        if double.field == "external_id":
            reason = _("“%(text)s” stands in row %(row)s already.")
        else:
            reason = _("“%(text)s” stands in row %(row)s already. Give both an external id if they are two accounts.")
        return reader.problem(line, double.field, reason % {"text": double.text, "row": double.first})


def learn(table: Table, mapping: Mapping, reader: RowReader, passed_over: frozenset[int] = frozenset()) -> WholeFile:
    """One pass over the file; what it finds is kept with the table. The rows of the lines `passed_over` call nothing by a name."""
    return table.once((learn, passed_over, *mapping.items()), lambda: _learn(table, reader, passed_over))


def _learn(table: Table, reader: RowReader, passed_over: frozenset[int]) -> WholeFile:
    found = WholeFile()
    found.rows = OnDisk(_met(table, reader, found, passed_over))
    found.parents = {key.parent for key in found.keys if key.parent}
    found.folded_parents = {text.casefold() for text in found.parents}
    return found


def _met(table: Table, reader: RowReader, found: WholeFile, passed_over: frozenset[int]) -> Iterator[list[Stored]]:
    with_parents = "parent" in reader.columns
    ids: dict[tuple[str, str], int] = {}
    without_id: dict[str, int] = {}
    for some in chunks(table.rows, CHUNK, Row.length):
        chunk = [reader.read(row) for row in some]
        for clean in chunk:
            if clean.line in passed_over:
                found.passed_over += 1
                continue
            if with_parents:
                found.keys.append(Key(clean.line, clean.name, clean.identity, clean.parent))
            _meet(clean, found, ids, without_id)
        yield [(clean.line, clean.values, [(one.column, one.reason) for one in clean.problems]) for clean in chunk]


def _meet(clean: CleanRow, found: WholeFile, ids: dict[tuple[str, str], int], without_id: dict[str, int]) -> None:
    """The first row of an account counts; a later one of the same external id or name is rejected.

    Rows of one name are two accounts when both have an external id.
    """
    name, identity, line = clean.name.casefold(), clean.identity, clean.line
    if name in found.names or name in found.names_of_doubles:
        found.repeated.add(name)
    if identity is not None:
        if identity in ids:
            found.doubles[line] = Double("external_id", shortened(identity[1]), ids[identity])
            found.names_of_doubles.add(name)
            return
        ids[identity] = line
        found.external_ids.add(identity[1])
    other = without_id.get(name) if identity else found.names.get(name)
    if name and other:
        found.doubles[line] = Double("name", shortened(clean.name), other)
        return
    if name:
        found.names.setdefault(name, line)
        if identity is None:
            without_id.setdefault(name, line)
