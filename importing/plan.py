"""What an import is going to do: one planned row for each row of the file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from accounts.models import Account, Contact
from importing.parents import Node
from importing.rows import CleanRow, Problem

FIRST_ROWS = 25  # of each outcome
MOST_PROBLEMS = 1000


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that the import changes; both sides as people read them."""

    label: str
    before: str
    after: str


@dataclass(slots=True)
class PlannedRow:
    clean: CleanRow
    cells: tuple[str, ...] = ()  # as the file has them
    account_id: int | None = None
    account: Account | None = None  # the stored one, with owner, team, tags and contacts
    columns: dict[str, Any] = field(default_factory=dict)  # what to store in the account's own columns
    parent: Node | None = None
    new_tags: list[str] = field(default_factory=list)
    contact: Contact | None = None  # the stored person of whom the row speaks
    contact_columns: dict[str, Any] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)  # for people; of the first rows alone

    @property
    def line(self) -> int:
        return self.clean.line

    @property
    def name(self) -> str:
        return self.clean.name or (self.account.name if self.account else "")

    @property
    def heading(self) -> str:
        return self.account.name if self.account else self.name

    @property
    def problems(self) -> list[Problem]:
        return self.clean.problems

    @property
    def rejected(self) -> bool:
        return bool(self.clean.problems)

    @property
    def outcome(self) -> Outcome:
        if self.rejected:
            return Outcome.REJECTED
        if self.account_id is None:
            return Outcome.CREATED
        differs = self.columns or self.parent or self.new_tags or self.contact_columns
        return Outcome.UPDATED if differs else Outcome.UNCHANGED


@dataclass(slots=True)
class Plan:
    """The outcome of every row in numbers, and the first rows of each outcome: what of a long list fits a page and the memory.

    `again` gives all the rows in their order, planned anew, some hundreds at a time.
    """

    again: Callable[[], Iterator[list[PlannedRow]]]
    counts: dict[str, int] = field(default_factory=lambda: {outcome.value: 0 for outcome in Outcome})
    problems: list[Problem] = field(default_factory=list)  # the first 1 000, in the order of the file
    more_problems: int = 0
    made_parents: list[int] = field(
        default_factory=list
    )  # the lines of rows whose account is made and is the parent of another's
    notes: Sequence[str] = ()  # what to know before
    passed_over: int = 0  # rows that the importer chose to leave out; they are in no count
    #: The rejected rows as `rejected.py` writes them; None where they were not asked for, or one of them was not known in time.
    left_out: bytes | None = None
    alike: Any = None  # `lookalikes.LookAlikes`: new rows that look like what is here; None if that was not asked
    first: dict[Outcome, list[PlannedRow]] = field(default_factory=lambda: {outcome: [] for outcome in Outcome})

    def of(self, outcome: Outcome) -> list[PlannedRow]:
        """The first rows of this outcome, at most 25."""
        return self.first[outcome]

    def add(self, row: PlannedRow) -> None:
        outcome = row.outcome
        self.counts[outcome] += 1
        if len(self.first[outcome]) < FIRST_ROWS:
            self.first[outcome].append(row)
        for problem in row.clean.problems:
            self.add_problem(problem)

    def add_problem(self, problem: Problem) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)
        else:
            self.more_problems += 1

    def reject(self, line: int, problem: Problem, was: Outcome) -> None:
        """Reject a row that was counted as something else until all rows were known."""
        self.counts[was] -= 1
        self.counts[Outcome.REJECTED] += 1
        self.first[was] = [row for row in self.first[was] if row.line != line]
        self.add_problem(problem)
