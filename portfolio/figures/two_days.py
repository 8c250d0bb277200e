"""The ladder on two days, and the accounts that moved between them. Pure, with NumPy."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from portfolio.figures.histories import Histories
from portfolio.figures.ladder import Ladder, LadderCount, LadderGroup, build_ladder

KINDS = ("climbed", "slid", "steady", "new", "first_heard", "unknown")
NO_RATE = -2  # in place of revenue that cannot be added up; any other below zero is no revenue
_CODES = 6  # levels 1..5, and 0 for none


@dataclass(frozen=True, slots=True, eq=False)
class AccountsWithRevenue:
    ids: np.ndarray  # ascending
    cents: np.ndarray  # revenue of today in the reporting currency; below zero: unknown, NO_RATE: in another currency


@dataclass(frozen=True, slots=True, eq=False)
class ResultsOfBoth:
    """Closed results by account and then in time; of two on one day the later closed stands last."""

    accounts: np.ndarray
    days: np.ndarray  # ordinals
    theirs: np.ndarray  # levels; 0 where that side said nothing
    ours: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Movers:
    """The accounts whose level differs on the later day, by revenue, the largest first."""

    ids: np.ndarray
    start: np.ndarray
    end: np.ndarray
    days: np.ndarray  # ordinals: when the result was held that `end` comes from
    theirs: np.ndarray  # whether that result is the customer's word

    def only(self, kind: str) -> "Movers":
        """Those that climbed or slid; all for anything else."""
        chosen = {"climbed": self.end > self.start, "slid": self.end < self.start}.get(kind)
        if chosen is None:
            return self
        return Movers(self.ids[chosen], self.start[chosen], self.end[chosen], self.days[chosen], self.theirs[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class Between:
    """`ladder.rungs` hold both days as `ago` and `now`; its goal is empty.

    `kinds` count every account once. First heard: the level is the customer's now and was our own then, so that the two do
    not compare. Unknown: no result by the later day.
    """

    ladder: Ladder
    kinds: dict[str, LadderCount]
    movers: Movers
    no_rate: int  # accounts whose revenue is in no sum

    @property
    def known_then(self) -> int:
        return sum(rung.ago.accounts for rung in self.ladder.rungs)

    @property
    def known_now(self) -> int:
        return sum(rung.now.accounts for rung in self.ladder.rungs)


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
    """Where the accounts stood on both days, and who moved.

    The level on a day is the customer's where there was one by then, else ours; one moves by the side whose level counts on
    the later day, as `assessments.history.level_columns` says of today and a year ago.
    """
    theirs, ours = (_side(accounts.ids, results, levels) for levels in (results.theirs, results.ours))
    (theirs_now, heard_on), (ours_now, said_on) = theirs.on(at), ours.on(at)
    (theirs_then, _), (ours_then, _) = theirs.on(since), ours.on(since)
    by_them = theirs_now > 0
    now, then = np.where(by_them, theirs_now, ours_now), np.where(theirs_then > 0, theirs_then, ours_then)
    start = np.where(by_them, theirs_then, ours_then)
    groups = _groups(now, then, start, accounts.cents)
    moved = np.flatnonzero((now > 0) & (start > 0) & (now != start))
    moved = moved[np.lexsort((accounts.ids[moved], -accounts.cents[moved]))]
    days = np.where(by_them, heard_on, said_on)
    return Between(
        ladder=build_ladder(groups),
        kinds=_kinds(groups),
        movers=Movers(accounts.ids[moved], start[moved], now[moved], days[moved], by_them[moved]),
        no_rate=int(np.count_nonzero(accounts.cents == NO_RATE)),
    )


def _side(ids: np.ndarray, results: ResultsOfBoth, levels: np.ndarray) -> _Side:
    spoke = levels > 0
    histories = Histories.of_arrays(results.accounts[spoke], results.days[spoke], levels[spoke])
    return _Side(histories, histories.place_of(ids))


def _groups(now: np.ndarray, then: np.ndarray, start: np.ndarray, cents: np.ndarray) -> list[LadderGroup]:
    codes = (now * _CODES + then) * _CODES + start
    counts = np.bincount(codes, minlength=_CODES**3)
    worth = np.bincount(codes, weights=np.maximum(cents, 0), minlength=_CODES**3)
    return [
        LadderGroup(
            now=code // _CODES**2 or None,
            ago=code // _CODES % _CODES or None,
            moved_from=code % _CODES or None,
            goal=None,
            accounts=int(counts[code]),
            worth=Decimal(int(worth[code])) / 100,
        )
        for code in np.flatnonzero(counts).tolist()
    ]


def _kinds(groups: list[LadderGroup]) -> dict[str, LadderCount]:
    kinds = {kind: LadderCount() for kind in KINDS}
    for group in groups:
        kinds[_kind(group)].add(group)
    return kinds


def _kind(group: LadderGroup) -> str:
    if group.now is None:
        return "unknown"
    if group.moved_from is None:
        return "new" if group.ago is None else "first_heard"
    if group.now == group.moved_from:
        return "steady"
    return "climbed" if group.now > group.moved_from else "slid"
