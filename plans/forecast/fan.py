"""The fan of a forecast: where accounts that stand here may stand each quarter until a day. Pure, with NumPy."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from plans.forecast.chain import DAYS_A_YEAR, Pace, quantiles, rates_of, spread, state_of

SHARES = (0.05, 0.25, 0.75, 0.95)
QUARTER = DAYS_A_YEAR / 4  # days
LEAST = 30  # days between the last quarter and the day itself


@dataclass(frozen=True, slots=True)
class FanPoint:
    """A day, and the positions 0..5 between which nine of ten and half of such accounts stand then."""

    day: date
    lowest: float
    low: float
    high: float
    highest: float


def fan_of(pace: Pace, factor: float, position: float, today: date, until: date) -> tuple[FanPoint, ...]:
    """From `position` today on, each quarter of a year until the day itself. `factor` is that of the segment.

    Nothing is absorbing: it tells where accounts stand on the day, not how far they ever got.
    """
    days = (until - today).days
    if days <= 0:
        return ()
    passed = [*np.arange(QUARTER, days - LEAST, QUARTER).round().astype(int).tolist(), days]
    states = spread(rates_of(pace), state_of(position), [factor * day / DAYS_A_YEAR for day in passed])
    points = [FanPoint(today + timedelta(days=day), *_rounded(row)) for day, row in zip(passed, states, strict=True)]
    return (FanPoint(today, position, position, position, position), *points)


def _rounded(states: np.ndarray) -> list[float]:
    return [round(position, 4) for position in quantiles(states, SHARES)]
