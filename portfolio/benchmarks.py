"""An account beside its like, and plays beside doing without them. Pure, with NumPy where all accounts are looked at."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np

from assessments.agreement import months_after
from portfolio.histories import LEVELS, Histories

FEWEST = 5  # below, a figure about others is hidden: it would say little, and might say it about someone
WITHIN_MONTHS = 12
MATCHED_ON = 15  # day of the month: comparison accounts are looked up once for each month
Z_95 = 1.959963984540054
_TOLERANCE = 1e-9  # positions that differ by less are equal


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


@dataclass(frozen=True, slots=True)
class Completion:
    """An account completed an action from a play."""

    play: Hashable
    account: int
    done_on: date


def percentile(position: float, positions: Sequence[float]) -> float | None:
    """Where `position` lies among `positions`, its own included: (below + ½ equal) / n, 0..1. None below five."""
    below = sum(other < position - _TOLERANCE for other in positions)
    equal = sum(abs(other - position) <= _TOLERANCE for other in positions)
    return percentile_of(below, equal, len(positions))


def percentile_of(below: int, equal: int, n: int) -> float | None:
    """As `percentile`, for what a database has counted."""
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


def what_worked(completions: Iterable[Completion], histories: Histories, until: date) -> dict[Hashable, PlayEffect]:
    """For each play the accounts that climbed within twelve months of it, beside those at the same level and time without it.

    An account's first completed action of a play counts, when it had a level below 5 on that day and the twelve months after
    are over by `until`. Beside it stand the accounts that never completed an action of that play and had the same level in
    the middle of the same month, each once, in the first month that fits. Climbed: a result within twelve months lies above
    that level; who was not heard again did not climb, on either side.
    """
    first: dict[Hashable, dict[int, date]] = {}
    for one in completions:
        days = first.setdefault(one.play, {})
        days[one.account] = min(one.done_on, days.get(one.account, one.done_on))
    outlook = _Outlook(histories, until)
    return {play: outlook.compare(days) for play, days in first.items()}


class _Outlook:
    """Who stood where in a month, and climbed within twelve; each month is looked up once for all plays."""

    def __init__(self, histories: Histories, until: date) -> None:
        self.histories, self.until = histories, until
        self.climbs = histories.next_climb()
        self.everyone = np.arange(histories.accounts.size)
        self.months: dict[date, tuple[np.ndarray, np.ndarray]] = {}

    def compare(self, first: dict[int, date]) -> PlayEffect:
        """`first` tells who did it, and on which day first."""
        over = {account: day for account, day in first.items() if months_after(day, WITHIN_MONTHS) <= self.until}
        days = list(over.values())
        levels, climbed = self._stood(self.histories.place_of(np.fromiter(over, np.int64, len(over))), days)
        could = (levels >= 1) & (levels < LEVELS)
        done = climbed[could]
        met = {
            (day.replace(day=MATCHED_ON), level) for day, level in zip(days, levels.tolist(), strict=True) if 0 < level < LEVELS
        }

        free = ~np.isin(self.histories.accounts, np.fromiter(first, np.int64, len(first)))
        without = [np.zeros(0, bool)]
        for month, level in sorted(met):
            if months_after(month, WITHIN_MONTHS) <= self.until:
                levels, climbed = self._in(month)
                fits = free & (levels == level)
                without.append(climbed[fits])
                free &= ~fits
        return play_effect(done, np.concatenate(without))

    def _in(self, month: date) -> tuple[np.ndarray, np.ndarray]:
        if month not in self.months:
            self.months[month] = self._stood(self.everyone, [month])
        return self.months[month]

    def _stood(self, places: np.ndarray, days: Sequence[date]) -> tuple[np.ndarray, np.ndarray]:
        """The levels on the days (0 for none yet), and whether a higher one followed within twelve months.

        One day for all of them, or one for each.
        """
        if not self.histories.days.size:
            return np.zeros(places.shape, np.int64), np.zeros(places.shape, bool)
        found = self.histories.as_of(places, _ordinals(days))
        ends = _ordinals([months_after(day, WITHIN_MONTHS) for day in days])
        known = found >= 0
        return np.where(known, self.histories.levels[found], 0), known & (self.climbs[found] <= ends)


def _ordinals(days: Sequence[date]) -> np.ndarray:
    return np.fromiter((day.toordinal() for day in days), np.int64, len(days))
