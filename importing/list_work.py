"""What a list needs while it is read, checked, shown and stored. Each kind of list inherits `ListWork`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet

from audit import trail
from importing.kinds import kind_of
from importing.models import ImportJob, ImportRow
from importing.reading.table import Row, Table
from importing.row_choices import LEFT_OUT, Offers
from importing.rows import MOST_REASONS, CleanRow
from importing.unknown_values import UnknownValues

BATCH = 500  # rows of one statement
LONG = 2_000_000  # characters of up to four bytes each that are in memory at a time, and more than once

type Values = dict[str, Any]
type Tick = Callable[[int], None]
Outcome = ImportRow.Outcome


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that the import changes; both sides as people read them."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that changes what is stored, field by field."""

    heading: str
    differences: list[Difference]


@dataclass(slots=True)
class StoredRows:
    """What storing some rows did: the changes for the trail, and the number of accounts that were made for rows of other things."""

    changes: list[trail.Change]
    accounts_made: int = 0


class ListWork:
    """The work on one list. Its options and rights are those of the moment when it is made.

    `stage` reads rows of the file, `settle` compares the staged rows with each other and with what is stored, `store` writes some
    of them. The first two write to the staging table alone. `unknown` counts the rows for each value, by its field, that nobody
    knows.
    """

    decoders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}  # of the values that JSON has no type for

    def __init__(self, job: ImportJob) -> None:
        self.job = job
        self.kind = kind_of(job)
        self.options = self.kind.options(job.user, job.options)
        self.mapping = {int(index): field for index, field in job.columns.items()}
        self.choices: dict[int, str] = {int(line): choice for line, choice in job.options.get("choices", {}).items()}
        self.unknown = UnknownValues()
        #: Rows that are in memory at a time: fewer of a file with long ones.
        self.most = max(20, min(BATCH, LONG * job.total // max(job.size, 1)))
        self._names = {field: job.headers[index] for index, field in self.mapping.items() if index < len(job.headers)}

    def reader(self, table: Table) -> Any:
        """What `stage` reads the rows of this table with."""
        raise NotImplementedError

    def stage(self, reader: Any, rows: Sequence[Row]) -> list[ImportRow]:
        """The rows as the staging table holds them; not stored here."""
        raise NotImplementedError

    def settle(self, tick: Tick) -> None:
        """Find the outcome of every staged row."""
        raise NotImplementedError

    def store(self, rows: Sequence[ImportRow], note: str) -> StoredRows:
        """Write these rows, within the caller's transaction, and set the outcome that each came to. `note` goes to the trail."""
        raise NotImplementedError

    def offers(self) -> Offers | None:
        """The rows that a person is asked about; None for a kind of list that asks about none."""
        return None

    @property
    def archived(self) -> int:
        """How many rows speak of accounts that are in the archive and stay there."""
        return 0

    def notes(self) -> list[str]:
        """Sentences about the whole list, to be read before the import."""
        return []

    def created(self, rows: Sequence[ImportRow]) -> list[dict[str, Any]]:
        """Of rows that make something, what the template of the kind shows."""
        raise NotImplementedError

    def changed(self, rows: Sequence[ImportRow]) -> list[Changed]:
        """Of rows that change something, what they change."""
        raise NotImplementedError

    @property
    def rows(self) -> QuerySet[ImportRow]:
        return ImportRow.objects.filter(job=self.job)

    def read_values(self, row: ImportRow) -> Values:
        """The values of a staged row with their types."""
        values = dict(row.values)
        for name in values.keys() & self.decoders.keys():
            if isinstance(values[name], str):
                values[name] = self.decoders[name](values[name])
        return values

    def column_name(self, field: str) -> str:
        """The header of the column that holds `field`; our own name for it where the file has none."""
        return self._names.get(field) or (str(self.kind.fields[field].label) if field in self.kind.fields else "")

    def reject(self, row: ImportRow, field: str, reason: str) -> None:
        """Add a problem to the row; not stored here."""
        row.outcome = Outcome.REJECTED
        if len(row.problems) < MOST_REASONS:
            row.problems.append([self.column_name(field), reason])


def staged_outcome(clean: CleanRow, choice: str) -> Outcome:
    """The outcome of a row as far as the row alone tells."""
    if clean.left_out or choice == LEFT_OUT:
        return Outcome.PASSED_OVER
    return Outcome.REJECTED if clean.problems else Outcome.CREATED


def chunks(rows: Iterable[Row], most: int) -> Iterator[list[Row]]:
    """At most `most` rows at a time; of long ones fewer: `LONG` characters and one row more."""
    chunk: list[Row] = []
    left = LONG
    for row in rows:
        chunk.append(row)
        left -= row.length()
        if len(chunk) == most or left < 0:
            yield chunk
            chunk, left = [], LONG
    if chunk:
        yield chunk


def by_line(rows: QuerySet[ImportRow], most: int) -> Iterator[list[ImportRow]]:
    """Staged rows without their cells, in the order of the file; rows may be changed on the way."""
    rows, last = rows.defer("cells").order_by("line"), 0
    while some := list(rows.filter(line__gt=last)[:most]):
        yield some
        last = some[-1].line


def by_account(rows: QuerySet[ImportRow], most: int) -> Iterator[list[ImportRow]]:
    """Staged rows whose account is known, those of one account together, of each in the order of the file.

    More than `most` only where one account has more.
    """
    rows, last = rows.defer("cells").exclude(account=None).order_by("account", "line"), 0
    while some := list(rows.filter(account__gt=last)[: most + 1]):
        if len(some) > most:
            cut = some[-1].account
            whole = [row for row in some if row.account != cut]
            some = whole or list(rows.filter(account=cut))
        yield some
        last = some[-1].account or 0
