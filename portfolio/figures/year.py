"""The key figures of a portfolio on days of the last year, as thin lines beside the figures of today. Pure, with NumPy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from portfolio.figures.histories import Histories
from portfolio.figures.ladder import HIGH

DAYS, STEPS = 365, 12
WIDTH, HEIGHT, EDGE = 86.0, 28.0, 4.0  # of a line, and what its point needs at each side


@dataclass(frozen=True, slots=True, eq=False)
class ResultsWithRevenue:
    """Closed results by account and then in time; of two on one day the later closed stands last."""

    accounts: np.ndarray
    days: np.ndarray  # ordinals
    theirs: np.ndarray  # levels; 0 where that side said nothing
    ours: np.ndarray
    cents: np.ndarray  # revenue of the account today, in the reporting currency


@dataclass(frozen=True, slots=True)
class YearOfFigures:
    """Thirteen days, the first a year ago and the last today; None where there was nothing to tell."""

    high_share: tuple[float | None, ...]  # of the revenue of today, 0..1: on level 4 or 5
    mean_gap: tuple[float | None, ...]  # our level minus theirs
    heard_share: tuple[float | None, ...]  # of all accounts, 0..1: heard within the year before


@dataclass(frozen=True, slots=True)
class Line:
    path: str
    end_x: float
    end_y: float


def year_of(results: ResultsWithRevenue, accounts: int, cents: float, today: date) -> YearOfFigures:
    """`accounts` and `cents` are the accounts of today, heard or not, and their revenue: the whole of both shares."""
    days = [(today - timedelta(days=round(DAYS * step / STEPS))).toordinal() for step in range(STEPS, -1, -1)]
    heard = results.theirs > 0
    theirs = Histories.of_arrays(results.accounts[heard], results.days[heard], results.theirs[heard])
    seen = results.ours > 0
    ours = Histories.of_arrays(results.accounts[seen], results.days[seen], results.ours[seen])
    ids, firsts = np.unique(results.accounts, return_index=True)
    worth = results.cents[firsts][np.searchsorted(ids, theirs.accounts)]
    same = ours.place_of(theirs.accounts)
    on_days = [_on(day, theirs, ours, same, worth) for day in days]
    return YearOfFigures(
        high_share=tuple(high / cents if cents and known else None for known, high, _gap, _lately in on_days),
        mean_gap=tuple(gap for _known, _high, gap, _lately in on_days),
        heard_share=tuple(lately / accounts if accounts and known else None for known, _high, _gap, lately in on_days),
    )


def _on(
    day: int, theirs: Histories, ours: Histories, same: np.ndarray, worth: np.ndarray
) -> tuple[int, float, float | None, int]:
    """How many customers had said something by the day; the revenue on level 4 or 5; the mean gap; how many were heard lately."""
    found = theirs.all_as_of(day)
    known = found >= 0
    if not known.any():
        return 0, 0.0, None, 0
    levels = np.where(known, theirs.levels[found], 0)
    lately = known & (theirs.days[found] >= day - DAYS)
    ours_then = ours.as_of(same, day)
    both = known & (ours_then >= 0)
    gap = float((ours.levels[ours_then[both]] - levels[both]).mean()) if both.any() else None
    return int(known.sum()), float(worth[levels >= HIGH].sum()), gap, int(lately.sum())


def line_of(values: Sequence[float | None], *, least: float) -> Line | None:
    """The values as a line from left to right, the lowest at the foot; None with fewer than two.

    `least` is the smallest span of values that fills the height, so that next to nothing does not look like much.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(value for _place, value in known), max(value for _place, value in known)
    span = max(high - low, least)
    low -= (span - (high - low)) / 2

    def point(place: int, value: float) -> tuple[float, float]:
        x = EDGE + (WIDTH - 2 * EDGE) * place / (len(values) - 1)
        return round(x, 1), round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (value - low) / span, 1)

    points = [point(place, value) for place, value in known]
    return Line("M" + "L".join(f"{x:g} {y:g}" for x, y in points), *points[-1])
