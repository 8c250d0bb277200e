"""An account beside its like, and plays beside doing without them. Pure, with NumPy where all accounts are looked at."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np

from portfolio.histories import LEVELS, Histories

FEWEST = 5  # below, a figure about others is hidden: it would say little, and might say it about someone
WITHIN_MONTHS = 12
MATCHED_ON = 15  # day of the month: comparison accounts are looked up once for each month
Z_95 = 1.959963984540054
_EPOCH = date(1970, 1, 1).toordinal()  # NumPy counts days from here
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


@dataclass(frozen=True, slots=True, eq=False)
class Completed:
    """Who completed an action of one play, and when; an account that did so twice stands there twice."""

    accounts: np.ndarray  # ids
    days: np.ndarray  # ordinals


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
    """`effects_of`, from one completed action after the other."""
    found: dict[Hashable, list[tuple[int, int]]] = {}
    for one in completions:
        found.setdefault(one.play, []).append((one.account, one.done_on.toordinal()))
    return effects_of({play: Completed(*np.array(pairs).T) for play, pairs in found.items()}, histories, until)


def effects_of(completed: Mapping[Hashable, Completed], histories: Histories, until: date) -> dict[Hashable, PlayEffect]:
    """For each play the accounts that climbed within twelve months of it, beside those at the same level and time without it.

    An account's first completed action of a play counts, when it had a level below 5 on that day and the twelve months after
    are over by `until`. Beside it stand the accounts that never completed an action of that play and had the same level in
    the middle of the same month, each once, in the first month that fits. Climbed: a result within twelve months lies above
    that level; who was not heard again did not climb, on either side.
    """
    outlook = _Outlook(histories, until)
    return {play: outlook.compare(one) for play, one in completed.items()}


def a_year_after(days: np.ndarray) -> np.ndarray:
    """`months_after(day, 12)` of each day, as ordinals."""
    dates = (days - _EPOCH).astype("M8[D]")
    months = dates.astype("M8[M]")
    later = months + WITHIN_MONTHS
    same_day, last_day = later.astype("M8[D]") + (dates - months.astype("M8[D]")), (later + 1).astype("M8[D]") - 1
    return np.minimum(same_day, last_day).astype(np.int64) + _EPOCH


class _Outlook:
    """Who stood where in a month, and climbed within twelve; each month is looked up once for all plays."""

    def __init__(self, histories: Histories, until: date) -> None:
        self.histories, self.until = histories, until.toordinal()
        self.months: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def compare(self, completed: Completed) -> PlayEffect:
        first = np.lexsort((completed.days, completed.accounts))
        accounts, days = completed.accounts[first], completed.days[first]
        once = np.append(True, accounts[1:] != accounts[:-1])[: accounts.size]
        accounts, days = accounts[once], days[once]
        places = self.histories.place_of(accounts)
        levels, climbed = self._stood(self.histories.as_of(places, days), days)
        could = (levels >= 1) & (levels < LEVELS) & (a_year_after(days) <= self.until)

        doing_it = np.zeros(self.histories.accounts.size, bool)
        doing_it[places[places >= 0]] = True
        free, without = np.flatnonzero(~doing_it), [np.zeros(0, bool)]
        for month, met in _met(days[could], levels[could]):
            if not a_year_after(np.array([month]))[0] <= self.until:
                continue
            then, climbed_then = self._in(month)
            fits = met[then[free]]
            without.append(climbed_then[free[fits]])
            free = free[~fits]
        return play_effect(climbed[could], np.concatenate(without))

    def _in(self, month: int) -> tuple[np.ndarray, np.ndarray]:
        if month not in self.months:
            self.months[month] = self._stood(self.histories.all_as_of(month), np.array([month]))
        return self.months[month]

    def _stood(self, found: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The levels of these results (0 for none yet), and whether a higher one followed within twelve months of the days.

        One day for all of them, or one for each.
        """
        if not self.histories.days.size:
            return np.zeros(found.shape, np.int64), np.zeros(found.shape, bool)
        known = found >= 0
        climbed = known & (self.histories.next_climb[found] <= a_year_after(days))
        return np.where(known, self.histories.levels[found], 0), climbed


def _met(days: np.ndarray, levels: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Each month, by the day on which others are looked up, and which levels (0..5) to compare with then; in time."""
    dates = (days - _EPOCH).astype("M8[D]").astype("M8[M]")
    for month in np.unique(dates):
        met = np.zeros(LEVELS + 1, bool)
        met[levels[dates == month]] = True
        yield int(month.astype("M8[D]").astype(np.int64)) + _EPOCH + MATCHED_ON - 1, met
