"""The percentile of an account in its segment, and the effect of plays. Pure, with NumPy for all accounts."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np

from portfolio.figures.histories import LEVELS, Histories

FEWEST = 5  # below, a figure about others is hidden: it would say little, and might say it about someone
WITHIN_MONTHS = 12
MATCHED_ON = 15  # day of the month: comparison accounts are looked up once for each month
Z_95 = 1.959963984540054
_EPOCH = date(1970, 1, 1).toordinal()  # NumPy counts days from here


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Climbs:
    """How many accounts of `of` climbed, with the 95 % interval of the share."""

    climbed: int
    of: int
    interval: Interval

    @property
    def share(self) -> float:
        return self.climbed / self.of


@dataclass(frozen=True, slots=True)
class PlayEffect:
    """Each side None below five accounts. What came before is not necessarily the cause: say so beside it."""

    done: Climbs | None
    without: Climbs | None


@dataclass(frozen=True, slots=True, eq=False)
class Completed:
    """Who completed an action of one play, and when; an account that did so twice stands there twice."""

    accounts: np.ndarray  # ids
    days: np.ndarray  # ordinals


def percentile_of(below: int, equal: int, n: int) -> float | None:
    """Where an account lies among n, itself included: (below + ½ equal) / n, 0..1. None below five."""
    return None if n < FEWEST else (below + equal / 2) / n


def wilson(successes: int, n: int, z: float = Z_95) -> Interval:
    """Between which shares the truth lies, from `successes` of n; z is the normal quantile, 1.96 for 95 %.

    (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n), p = successes/n. Raises ValueError unless 0 ≤ successes ≤ n, n ≥ 1.
    Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if not 0 <= successes <= n or n < 1:
        raise ValueError("successes lie between 0 and n, and n is at least 1")
    share, scale = successes / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    reach = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    # At either end the bound is the end itself, which the rounding of the formula may miss.
    low = 0.0 if successes == 0 else centre - reach
    high = 1.0 if successes == n else centre + reach
    return Interval(max(0.0, low), min(1.0, high))


def play_effect(done: np.ndarray, without: np.ndarray) -> PlayEffect:
    """The share that climbed with the play beside that without it: for each account, once, whether it climbed."""
    return PlayEffect(_climbs(done), _climbs(without))


def _climbs(climbed: np.ndarray) -> Climbs | None:
    if len(climbed) < FEWEST:
        return None
    count = int(np.count_nonzero(climbed))
    return Climbs(count, len(climbed), wilson(count, len(climbed)))


def effects_of[P: Hashable](completed: Mapping[P, Completed], histories: Histories, until: date) -> dict[P, PlayEffect]:
    """For each play the accounts that climbed within twelve months of it, beside those at the same level and time without it.

    An account's first completed action of a play counts, when it had a level below 5 on that day and the twelve months after
    are over by `until`. Beside it stand the accounts that never completed an action of that play and had the same level in
    the middle of the same month, each once, in the first month that fits. Climbed: a result within twelve months lies above
    that level; who was not heard again did not climb, on either side.
    """
    doers = {play: _doers(one, histories, until) for play, one in completed.items()}
    outlook = _Outlook(histories, until, [months for doers_ in doers.values() for months in doers_.months.tolist()])
    return {play: play_effect(found.climbed, outlook.without(found)) for play, found in doers.items()}


def a_year_after(days: np.ndarray) -> np.ndarray:
    """`months_after(day, 12)` of each day, as ordinals."""
    dates = (days - _EPOCH).astype("M8[D]")
    months = dates.astype("M8[M]")
    later = months + np.timedelta64(WITHIN_MONTHS, "M")
    same_day = later.astype("M8[D]") + (dates - months.astype("M8[D]"))
    last_day = (later + np.timedelta64(1, "M")).astype("M8[D]") - np.timedelta64(1, "D")
    return np.minimum(same_day, last_day).astype(np.int64) + _EPOCH


@dataclass(frozen=True, slots=True, eq=False)
class _Doers:
    """Who did a play: all of them by place, and for those that count in which month, on which level, and whether they climbed."""

    everyone: np.ndarray
    months: np.ndarray  # since 1970
    levels: np.ndarray
    climbed: np.ndarray


def _doers(completed: Completed, histories: Histories, until: date) -> _Doers:
    order = np.lexsort((completed.days, completed.accounts))
    accounts, days = completed.accounts[order], completed.days[order]
    first = np.append(True, accounts[1:] != accounts[:-1])[: accounts.size]
    places, days = histories.place_of(accounts[first]), days[first]
    found = histories.as_of(places, days)  # -1 for none yet
    counts = (found >= 0) & (a_year_after(days) <= until.toordinal())
    found, days = found[counts], days[counts]
    could = histories.levels[found] < LEVELS
    found, days = found[could], days[could]
    return _Doers(
        everyone=places[places >= 0],
        months=(days - _EPOCH).astype("M8[D]").astype("M8[M]").astype(np.int64),
        levels=histories.levels[found],
        climbed=histories.next_climb[found] <= a_year_after(days),
    )


class _Outlook:
    """Who stood where in the middle of each month, and climbed within twelve: looked up once for all plays.

    Each result stands over a stretch of months, `begins` up to `ends`; from `turns` on a climb follows within twelve months.
    """

    def __init__(self, histories: Histories, until: date, months: Sequence[int]) -> None:
        self.first, self.accounts = min(months, default=0), histories.accounts.size
        middles = np.arange(self.first, max(months, default=-1) + 1).astype("M8[M]").astype("M8[D]").astype(np.int64)
        middles += _EPOCH + MATCHED_ON - 1
        middles = middles[a_year_after(middles) <= until.toordinal()]
        self.months = middles.size
        begins = np.searchsorted(middles, histories.days)
        ends = np.append(begins[1:], self.months)[: begins.size]
        ends[histories.starts[1:] - 1] = self.months
        stood = np.flatnonzero(begins < ends)
        self.owners, self.ends = histories.owners[stood], ends[stood].astype(np.int32)
        self.turns = np.searchsorted(a_year_after(middles), histories.next_climb[stood])
        self.places = (histories.levels[stood] - 1) * (self.months + 1) + begins[stood]  # of level and month in `following`

    def without(self, doers: _Doers) -> np.ndarray:
        """Whether they climbed: those that never did it, on the level of someone who did it that month, each once."""
        free = np.ones(self.accounts, bool)
        free[doers.everyone] = False
        months = doers.months - self.first
        told = months < self.months
        following = np.full((LEVELS, self.months + 1), self.months, np.int32)  # from each month on the next with a doer
        following[doers.levels[told] - 1, months[told]] = months[told]
        following = np.minimum.accumulate(following[:, ::-1], axis=1)[:, ::-1]
        when = following.take(self.places)
        fit = np.flatnonzero(when < self.ends)
        fit = fit[free[self.owners[fit]]]
        owners = self.owners[fit]
        fit = fit[np.append(True, owners[1:] != owners[:-1])[: owners.size]]
        return when[fit] >= self.turns[fit]
