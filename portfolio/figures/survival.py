"""Time to climb as a Kaplan–Meier curve: accounts that have not climbed count as censored. Pure, with NumPy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from portfolio.figures.histories import LEVELS, NEVER, Histories

DAYS_A_MONTH = 30.4375  # of a year of 365.25 days
_TOLERANCE = 1e-9  # a share that misses the half by rounding is the half


@dataclass(frozen=True, slots=True)
class Curve:
    """The share that still waits, as it falls in time. One entry for each time at which something ended."""

    times: tuple[float, ...]  # ascending; something happened, or someone was followed no longer
    survival: tuple[float, ...]  # 0..1, from that time on
    at_risk: tuple[int, ...]  # still waiting and followed just before
    events: tuple[int, ...]

    @property
    def of(self) -> int:
        """How many were followed in all."""
        return self.at_risk[0] if self.at_risk else 0

    @property
    def happened(self) -> int:
        return sum(self.events)

    @property
    def median(self) -> float | None:
        """The first time at which no more than half still wait; None when more than half do to the end."""
        half = (time for time, share in zip(self.times, self.survival, strict=True) if share <= 0.5 + _TOLERANCE)
        return next(half, None)

    def at(self, time: float) -> float:
        """S(time): the share that still waits after it, 0..1."""
        passed = int(np.searchsorted(self.times, time, side="right"))
        return self.survival[passed - 1] if passed else 1.0

    def at_risk_at(self, time: float) -> int:
        """How many still waited and were followed just before `time`."""
        passed = int(np.searchsorted(self.times, time, side="left"))
        return self.at_risk[passed] if passed < len(self.times) else 0


def kaplan_meier(durations: Sequence[float] | np.ndarray, observed: Sequence[bool] | np.ndarray) -> Curve:
    """S(t) = Π (1 − d/n) over the times up to t: d it happened to then, n still waiting and followed just before.

    `observed` is False where following ended before it happened (censored); such a one is still at risk on its last day.
    Source: Kaplan & Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958). Raises ValueError for a
    duration below 0.
    """
    waited, happened = np.asarray(durations, float), np.asarray(observed, bool)
    if waited.shape != happened.shape:
        raise ValueError("durations and observed have the same length")
    if waited.size and not waited.min() >= 0:
        raise ValueError("a duration is not below 0")
    times, place, ended = np.unique(waited, return_inverse=True, return_counts=True)
    events = np.bincount(place[happened], minlength=times.size)
    at_risk = waited.size - np.cumsum(ended) + ended
    survival = np.cumprod(1 - events / at_risk) if times.size else times
    return Curve(tuple(times.tolist()), tuple(survival.tolist()), tuple(at_risk.tolist()), tuple(events.tolist()))


def time_to_climb(histories: Histories, level: int, until: date) -> Curve:
    """In months: from an account's first result at exactly `level` to its first one above, by what is known on `until`.

    Accounts that still wait are censored on `until`, also those that fell meanwhile; accounts never at `level` are left out.
    Results are dated by when one asked: a climb shows at the next assessment, so times are late by up to one interval.
    Raises ValueError for a level that nothing lies above.
    """
    if not 1 <= level < LEVELS:
        raise ValueError(f"level is 1 to {LEVELS - 1}")
    last = until.toordinal()
    here = np.flatnonzero((histories.levels == level) & (histories.days <= last))
    _account, first = np.unique(histories.owners[here], return_index=True)
    began = here[first]
    climbed_on = histories.next_climb[began]
    climbed = (climbed_on != NEVER) & (climbed_on <= last)
    days = np.where(climbed, climbed_on, last) - histories.days[began]
    return kaplan_meier(days / DAYS_A_MONTH, climbed)
