"""A plan of rows that concern each other within one account alone: made account by account, told in the order of the file.

So a list of any length is planned with the rows of some hundreds of accounts in the memory. Of each row a byte stays there,
and a row that does something lies on disk.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import batched, groupby, islice
from typing import Any

from importing.bounded import Shelf
from importing.plan import FIRST_ROWS, MOST_PROBLEMS, Outcome
from importing.reading.table import Table
from importing.rows import Problem

ACCOUNTS = 500  # that are planned together
ROWS = 2000  # that are planned together; more only where one account has more
NONE = 0  # the account of a row whose account is not known
OUTCOMES = tuple(Outcome)


def shelved[T](rows: Iterable[T], number: int) -> Shelf[T]:
    """So many rows, on disk."""
    shelf: Shelf[T] = Shelf(number)
    for place, row in enumerate(rows):
        shelf.put(place, row)
    return shelf


def by_account(accounts: Sequence[int], tick: Callable[[int], None] = lambda rows: None) -> Iterator[list[int]]:
    """The numbers of rows of which `accounts` tells the account of each, so many at a time that those of one account are together.

    Accounts ascend, so that they can be locked as they come; of one account the rows are in the order of the file. `tick` is
    told how many rows are done, each time that the next ones are asked for.
    """
    some: list[int] = []
    found = done = 0
    order = sorted(range(len(accounts)), key=accounts.__getitem__)
    for together in _groups(order, accounts):
        if some and (found == ACCOUNTS or len(some) + len(together) > ROWS):
            yield some
            done += len(some)
            tick(done)
            some, found = [], 0
        some += together
        found += 1
    if some:
        yield some
        tick(done + len(some))


def _groups(order: Iterable[int], accounts: Sequence[int]) -> Iterator[list[int]]:
    for account, numbers in groupby(order, key=accounts.__getitem__):
        if account == NONE:  # nothing holds these together, and in a wrong file they are all
            yield from ([number] for number in numbers)
        else:
            yield list(numbers)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rejected row with its cells as the file has them."""

    problems: list[Problem]
    cells: tuple[str, ...]
    rejected: bool = True


class RowPlan:
    """What an import is going to do: of each row of the table its outcome, and the row itself unless nothing changes by it.

    A row has an `outcome` and `problems`. `notes` is what to know before. The pages need the same of it as of
    `importing.plan.Plan`; of such rows none is passed over, none is looked up among what is alike, and the rejected
    ones are at hand.
    """

    passed_over = 0
    alike = None
    left_out = None

    def __init__(self, table: Table) -> None:
        self.table = table
        self.notes: Sequence[str] = ()
        self._outcomes = bytearray(len(table.rows))
        self._rows: Shelf[Any] = Shelf(len(table.rows))
        self._problems = 0

    def put(self, number: int, row: Any) -> None:
        """Plan a row, once, by its place in the file; 0 is the first."""
        outcome = row.outcome
        self._outcomes[number] = OUTCOMES.index(outcome)
        self._problems += len(row.problems)
        if outcome is not Outcome.UNCHANGED:
            self._rows.put(number, row)

    @cached_property
    def problems(self) -> list[Problem]:
        """The first 1 000, in the order of the file; asked for when every row is planned."""
        return list(islice((problem for row in self.all_of(Outcome.REJECTED) for problem in row.problems), MOST_PROBLEMS))

    @property
    def more_problems(self) -> int:
        return max(0, self._problems - MOST_PROBLEMS)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each outcome."""
        return {outcome.value: self._outcomes.count(code) for code, outcome in enumerate(OUTCOMES)}

    def of(self, outcome: Outcome) -> list[Any]:
        """The first rows of this outcome, at most 25; none of those that nothing changes by."""
        return list(islice(self.all_of(outcome), FIRST_ROWS))

    def all_of(self, outcome: Outcome) -> Iterator[Any]:
        """As `of`, all of them, read one by one."""
        return iter(()) if outcome is Outcome.UNCHANGED else map(self.row, self.numbers(outcome))

    def numbers(self, outcome: Outcome) -> Iterator[int]:
        """The places in the file of the rows of this outcome."""
        code = OUTCOMES.index(outcome)
        return (number for number, found in enumerate(self._outcomes) if found == code)

    def row(self, number: int) -> Any:
        """The row at this place in the file. KeyError if nothing changes by it."""
        return self._rows[number]

    def again(self) -> Iterator[list[LeftOut]]:
        """The rejected rows, some at a time."""
        rejected = OUTCOMES.index(Outcome.REJECTED)
        numbered = zip(self._outcomes, enumerate(self.table.rows), strict=True)
        pairs = ((number, row) for outcome, (number, row) in numbered if outcome == rejected)
        for some in batched(pairs, 1000):
            yield [LeftOut(self.row(number).problems, row.cells) for number, row in some]
