"""The ladder on two days, and the accounts whose customer moved them between. Pure, with NumPy."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from portfolio.figures.histories import Histories
from portfolio.figures.ladder import LEVELS, Ladder, LadderCount, LadderGroup, build_ladder

KINDS = ("climbed", "slid", "steady", "first_heard", "only_our_view", "not_assessed")
NO_REVENUE = -1  # in place of revenue in cents
#: Revenue in a currency without a rate is -(NO_RATE + the currency), with the code of its letters as digits of base LETTERS.
NO_RATE, LETTERS = 2, 128
_CODES = 6  # levels 1..5, and 0 for none


@dataclass(frozen=True, slots=True, eq=False)
class AccountsWithRevenue:
    ids: np.ndarray  # ascending
    cents: np.ndarray  # revenue of today in the reporting currency; below zero: none, or in a currency without a rate


@dataclass(frozen=True, slots=True, eq=False)
class ResultsOfBoth:
    """Closed results by account and then in time; of two on one day the later closed stands last."""

    accounts: np.ndarray
    days: np.ndarray  # ordinals
    theirs: np.ndarray  # levels; 0 where that side said nothing
    ours: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Movers:
    """Accounts with the customer's level on both days, by revenue, the largest first."""

    ids: np.ndarray
    start: np.ndarray
    end: np.ndarray
    days: np.ndarray  # ordinals: when the result was held that `end` comes from

    def only(self, kind: str) -> "Movers":
        """Those that climbed or slid, or that went from one level to another: “4-3”; all for anything else."""
        chosen = {"climbed": self.end > self.start, "slid": self.end < self.start}.get(kind)
        if levels := levels_of(kind):
            chosen = (self.start == levels[0]) & (self.end == levels[1])
        if chosen is None:
            return self
        return Movers(self.ids[chosen], self.start[chosen], self.end[chosen], self.days[chosen])


def levels_of(kind: str) -> tuple[int, int] | None:
    """The two levels of a kind of move such as “4-3”; None for anything else."""
    then, _dash, now = kind.partition("-")
    known = {str(level): level for level in LEVELS}
    return (known[then], known[now]) if then in known and now in known else None


@dataclass(frozen=True, slots=True, eq=False)
class Between:
    """`ladder.rungs` hold both days as `ago` and `now`; its goal is empty. The two counts beside them are of the later day.

    `kinds` count every account once. First heard: the customer has a level on the later day and had none on the earlier one.
    """

    ladder: Ladder
    only_our_view_then: LadderCount
    not_assessed_then: LadderCount
    kinds: dict[str, LadderCount]
    movers: Movers  # whose level differs on the later day
    stayers: Movers  # whose level is the same
    no_rate: tuple[str, ...]  # currencies of revenue that is in no sum

    def movers_of(self, kind: str) -> Movers:
        """Those that moved in this way, or that stayed on one level: “3-3”; all that moved for anything else."""
        levels = levels_of(kind)
        return (self.stayers if levels and levels[0] == levels[1] else self.movers).only(kind)


@dataclass(frozen=True, slots=True)
class _Side:
    histories: Histories
    places: np.ndarray

    def on(self, day: date) -> tuple[np.ndarray, np.ndarray]:
        """Of each account the level on the day and when the result was held; 0 for none."""
        if not self.histories.days.size:
            none = np.zeros(self.places.shape, np.int64)
            return none, none
        found = self.histories.as_of(self.places, day.toordinal())
        known = found >= 0
        return np.where(known, self.histories.levels[found], 0), np.where(known, self.histories.days[found], 0)


def between(accounts: AccountsWithRevenue, results: ResultsOfBoth, since: date, at: date) -> Between:
    """Where the customers of the accounts had them on both days, and who moved."""
    theirs, ours = (_side(accounts.ids, results, levels) for levels in (results.theirs, results.ours))
    (now, heard_on), (then, _), (ours_now, _), (ours_then, _) = theirs.on(at), theirs.on(since), ours.on(at), ours.on(since)
    groups = _groups(now, then, ours_now > 0, accounts.cents)
    known = (now > 0) & (then > 0)

    def by_revenue(chosen: np.ndarray) -> Movers:
        found = np.flatnonzero(chosen)
        found = found[np.lexsort((accounts.ids[found], -np.maximum(accounts.cents[found], NO_REVENUE)))]
        return Movers(accounts.ids[found], then[found], now[found], heard_on[found])

    unheard = then == 0
    return Between(
        ladder=build_ladder(groups),
        only_our_view_then=_count(accounts.cents[unheard & (ours_then > 0)]),
        not_assessed_then=_count(accounts.cents[unheard & (ours_then == 0)]),
        kinds=_kinds(groups),
        movers=by_revenue(known & (now != then)),
        stayers=by_revenue(known & (now == then)),
        no_rate=_currencies(accounts.cents),
    )


def _currencies(cents: np.ndarray) -> tuple[str, ...]:
    numbers = np.unique(-cents[cents < NO_REVENUE]) - NO_RATE
    return tuple(chr(one // LETTERS**2) + chr(one // LETTERS % LETTERS) + chr(one % LETTERS) for one in numbers.tolist())


def _side(ids: np.ndarray, results: ResultsOfBoth, levels: np.ndarray) -> _Side:
    spoke = levels > 0
    histories = Histories.of_arrays(results.accounts[spoke], results.days[spoke], levels[spoke])
    return _Side(histories, histories.place_of(ids))


def _groups(now: np.ndarray, then: np.ndarray, ours: np.ndarray, cents: np.ndarray) -> list[LadderGroup]:
    codes = (now * _CODES + then) * 2 + ours
    counts = np.bincount(codes, minlength=2 * _CODES**2)
    worth = np.bincount(codes, weights=np.maximum(cents, 0), minlength=2 * _CODES**2)
    return [
        LadderGroup(
            now=code // 2 // _CODES or None,
            ago=code // 2 % _CODES or None,
            goal=None,
            accounts=int(counts[code]),
            worth=_amount(worth[code]),
            ours=bool(code % 2),
        )
        for code in np.flatnonzero(counts).tolist()
    ]


def _count(cents: np.ndarray) -> LadderCount:
    return LadderCount(cents.size, _amount(np.maximum(cents, 0).sum()))


def _amount(cents: float) -> Decimal:
    return Decimal(int(cents)) / 100


def _kinds(groups: list[LadderGroup]) -> dict[str, LadderCount]:
    kinds = {kind: LadderCount() for kind in KINDS}
    for group in groups:
        kinds[_kind(group)].add(group)
    return kinds


def _kind(group: LadderGroup) -> str:
    if group.now is None:
        return "only_our_view" if group.ours else "not_assessed"
    if group.ago is None:
        return "first_heard"
    return {1: "climbed", 0: "steady", -1: "slid"}[group.moved]
