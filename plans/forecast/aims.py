"""The chances of targets. Pure, with NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from plans.forecast.chain import DAYS_A_YEAR, Pace, chances, first_state, rates_of, state_of
from plans.trajectory import HOLD, LatestResult, Trajectory

DECIMALS = 6  # of a stored chance


@dataclass(frozen=True, slots=True)
class Aim:
    """What a forecast asks: from a state to a level (its lowest state), or to be on it on the day, within so many days.

    `settled` is the answer where there is nothing left to forecast: 1 reached, 0 not.
    """

    state: int
    first: int
    hold: bool
    days: int
    segment: str
    settled: float | None = None

    @property
    def is_open(self) -> bool:
        return self.settled is None


def aim_of(way: Trajectory, heard: LatestResult | None, segment: str, today: date) -> Aim | None:
    """None without the customer's word: of that the forecast is made, and our own view is mostly rosier.

    A climb is settled as soon as the customer's level is the target's, and both kinds on the date.
    """
    if heard is None:
        return None
    days, hold, there = (way.due_on - today).days, way.kind == HOLD, heard.level >= way.level
    settled = float(there) if days <= 0 or (there and not hold) else None
    return Aim(state_of(heard.position), first_state(way.level), hold, max(0, days), segment, settled)


def chances_of[K](aims: Mapping[K, Aim], pace: Pace | None, factors: Mapping[str, float]) -> dict[K, float]:
    """The chance of each aim; of those that are settled alone when `pace` is None. `factors` are those of the segments.

    Aims at the same level are computed together, each time left once.
    """
    found = {key: aim.settled for key, aim in aims.items() if aim.settled is not None}
    if pace is None:
        return found
    alike: dict[tuple[int, bool], list[K]] = {}
    for key, aim in aims.items():
        if aim.is_open:
            alike.setdefault((aim.first, aim.hold), []).append(key)
    for (first, hold), keys in alike.items():
        years = np.array([time_left(aims[key], factors) for key in keys])
        times, place = np.unique(years, return_inverse=True)
        table = chances(rates_of(pace), first, times, hold=hold)
        states = np.array([aims[key].state for key in keys])
        found |= zip(keys, np.round(table[place, states], DECIMALS).tolist(), strict=True)
    return found


def time_left(aim: Aim, factors: Mapping[str, float]) -> float:
    """In years of everybody's pace: a segment that moves φ times as fast has φ times as long."""
    return aim.days / DAYS_A_YEAR * factors.get(aim.segment, 1.0)
