"""What an import is going to do: one planned row for each row of the file."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from accounts.importing.rows import CleanRow, Problem
from accounts.models import Account, Contact


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
    account_id: int | None = None
    account: Account | None = None  # the stored one, with owner, team, parent, tags and contacts
    columns: dict[str, Any] = field(default_factory=dict)  # what to store in the account's own columns
    parent: tuple[str, int] | None = None
    new_tags: list[str] = field(default_factory=list)
    contact: Contact | None = None  # the stored person of whom the row speaks
    contact_columns: dict[str, Any] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    @property
    def line(self) -> int:
        return self.clean.line

    @property
    def name(self) -> str:
        return self.clean.name or (self.account.name if self.account else "")

    @property
    def rejected(self) -> bool:
        return bool(self.clean.problems)

    @property
    def outcome(self) -> Outcome:
        if self.rejected:
            return Outcome.REJECTED
        if self.account_id is None:
            return Outcome.CREATED
        return Outcome.UPDATED if self.differences else Outcome.UNCHANGED


@dataclass(frozen=True, slots=True)
class Plan:
    rows: list[PlannedRow]

    @property
    def problems(self) -> list[Problem]:
        """In the order of the file."""
        return [problem for row in self.rows for problem in row.clean.problems]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each outcome."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome.value: found[outcome] for outcome in Outcome}

    def of(self, outcome: Outcome) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome is outcome]
