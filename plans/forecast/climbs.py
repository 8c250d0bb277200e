"""How likely a climb is from each level: one answer for everybody. Pure, with NumPy."""

from dataclasses import dataclass

import numpy as np

from plans.forecast.chain import QUARTERS, STATES, Pace, chances, first_state, rates_of

WITHIN = (1.0, 3.0)  # years


@dataclass(frozen=True, slots=True)
class ClimbChance:
    """The probability that an account on a level stands higher at some time within a year, and within three.

    `by_quarter` are those within a year from each quarter of the level; None where nobody ever stood.
    """

    level: int
    years: float  # account-years seen on it
    up: int  # moves seen from it to a higher level
    down: int
    within_a_year: float
    within_three: float
    by_quarter: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ClimbOutlook:
    """The chances of each level but the highest, and what they are made from; no level without enough history."""

    levels: tuple[ClimbChance, ...]
    years: float  # account-years in all
    moves: int
    segment: str  # empty: of all accounts
    factor: float


def climbs_of(pace: Pace, segment: str = "", factor: float = 1.0) -> ClimbOutlook:
    """The chances by the pace of all, or by that of one segment, which moves `factor` times as fast.

    An account on a level stands in each of its quarters as often as accounts did, by account-years. Levels where nobody stood
    are left out.
    """
    levels = tuple(_from(level, pace, factor) for level in range(1, 5) if _spent(level, pace).any()) if pace.is_enough else ()
    return ClimbOutlook(levels, pace.exposure, pace.total, segment, factor)


def _spent(level: int, pace: Pace) -> np.ndarray:
    """Account-years in each quarter of a level. What lies below level 1 counts as it does everywhere: as level 1."""
    return np.array(pace.years[first_state(level) : first_state(level + 1)])


def _from(level: int, pace: Pace, factor: float) -> ClimbChance:
    here, above = first_state(level), first_state(level + 1)
    spent = _spent(level, pace)
    found = chances(rates_of(pace), above, [factor * years for years in WITHIN], hold=False)[:, here:above]
    a_year, three = (float(row @ spent / spent.sum()) for row in found)
    quarters = found[0][-QUARTERS:], spent[-QUARTERS:]
    counts = pace.counts
    return ClimbChance(
        level=level,
        years=float(spent.sum()),
        up=int(counts[here:above, above:STATES].sum()),
        down=int(counts[here:above, :here].sum()),
        within_a_year=a_year,
        within_three=three,
        by_quarter=tuple(float(chance) if years else None for chance, years in zip(*quarters, strict=True)),
    )
