"""What a person sees of a checked list before it is imported."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from importing.list_work import Changed, ListWork, Outcome
from importing.models import ImportJob
from importing.rows import Problem

if TYPE_CHECKING:
    from importing.row_choices import Offers

FIRST_ROWS = 25  # of each outcome
SHOWN_PROBLEMS = 200


class Review:
    """The outcome of the rows in numbers, and the first ones of each. A fixed number of statements."""

    def __init__(self, work: ListWork) -> None:
        self.work = work
        self.offers: Offers | None = work.offers()
        self.counts = dict.fromkeys(Outcome.values, 0) | work.job.staged()

    @cached_property
    def _problems(self) -> tuple[list[Problem], int]:
        return problems_of(self.work.job)

    @property
    def problems(self) -> list[Problem]:
        return self._problems[0]

    @property
    def more_problems(self) -> int:
        """How many rows are rejected whose problems are not shown."""
        return self._problems[1]

    @cached_property
    def notes(self) -> list[str]:
        return self.work.notes()

    @property
    def archived(self) -> int:
        """How many rows speak of accounts in the archive that stay there."""
        return self.work.archived

    @property
    def importable(self) -> int:
        return self.counts[Outcome.CREATED] + self.counts[Outcome.UPDATED]

    @property
    def passed_over(self) -> int:
        return self.counts[Outcome.PASSED_OVER]

    @cached_property
    def updated(self) -> Sequence[Changed]:
        return self.work.changed(self._first(Outcome.UPDATED))

    @cached_property
    def created(self) -> list[dict[str, Any]]:
        return self.work.created(self._first(Outcome.CREATED))

    @property
    def more_updated(self) -> int:
        return max(0, self.counts[Outcome.UPDATED] - FIRST_ROWS)

    @property
    def more_created(self) -> int:
        return max(0, self.counts[Outcome.CREATED] - FIRST_ROWS)

    def _first(self, outcome: str) -> list[Any]:
        return list(self.work.rows.filter(outcome=outcome).order_by("line").defer("cells")[:FIRST_ROWS])


def problems_of(job: ImportJob) -> tuple[list[Problem], int]:
    """The problems of the first rejected rows, and how many more rows are rejected. Two statements."""
    rejected = job.rows.filter(outcome=Outcome.REJECTED)
    rows = list(rejected.order_by("line").values_list("line", "problems")[:SHOWN_PROBLEMS])
    problems = [Problem(line, column, reason) for line, found in rows for column, reason in found]
    return problems[:SHOWN_PROBLEMS], rejected.count() - len(rows) if len(rows) == SHOWN_PROBLEMS else 0
