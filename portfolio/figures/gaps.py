"""The perception gap by team and year, over the accounts with both views. Pure, with NumPy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from portfolio.figures.benchmarks import FEWEST

NO_GAP = 15  # what stands for a gap where there is none
YEARS = 5
_EPOCH = date(1970, 1, 1).toordinal()  # NumPy counts days from here


@dataclass(frozen=True, slots=True)
class Gap:
    """The mean perception gap of so many accounts, in levels: positive where we see it rosier."""

    mean: float
    accounts: int


@dataclass(frozen=True, slots=True)
class TeamGaps:
    team: int | None
    now: Gap | None  # each account by the latest views of both sides; of a day in the past by its latest result with both
    by_year: tuple[Gap | None, ...]  # each account by its last result of the year; None below five accounts


@dataclass(frozen=True, slots=True, eq=False)
class GapRows:
    """Results with both views, by account and then in time; `teams` are the places of their teams."""

    accounts: np.ndarray
    teams: np.ndarray
    days: np.ndarray  # ordinals
    gaps: np.ndarray


def gaps_by_team(
    keys: Sequence[int | None], rows: GapRows, today: tuple[np.ndarray, np.ndarray] | None
) -> tuple[tuple[int, ...], TeamGaps | None, tuple[TeamGaps, ...]]:
    """The years with gaps, those of all accounts, and those of each team that has any.

    `keys` are the teams by their places. `today` are the teams and gaps of the accounts now: our latest view minus theirs, of
    one round or of two. Without it an account's latest gap is that of its latest result with both views.
    """
    latest = np.append(rows.accounts[1:] != rows.accounts[:-1], True)[: rows.accounts.size]
    last_teams, last_gaps = (rows.teams[latest], rows.gaps[latest]) if today is None else today
    if not last_gaps.size:
        return (), None, ()
    years = _years(rows.days)
    of_year = latest | np.append(years[1:] != years[:-1], True)[: years.size]
    shown = tuple(np.unique(years)[-YEARS:].tolist())
    recent = of_year & np.isin(years, shown)
    cells = rows.teams[recent] * len(shown) + np.searchsorted(shown, years[recent])
    by_year = _sums(rows.gaps[recent], cells, (len(keys), len(shown)))
    last = _sums(last_gaps, last_teams, (len(keys), 1))
    everyone = TeamGaps(None, _mean(*last.sum(axis=0)[0]), tuple(_mean(*one) for one in by_year.sum(axis=0)))
    found = [
        TeamGaps(team, _mean(*last[place, 0]), tuple(_mean(*one) for one in by_year[place]))
        for place, team in enumerate(keys)
        if team is not None
    ]
    return shown, everyone, tuple(one for one in found if one.now or any(one.by_year))


def _years(days: np.ndarray) -> np.ndarray:
    """The calendar year of each day; there are few days and many results."""
    if not days.size:
        return days
    first = days.min()
    known = (np.arange(first, days.max() + 1) - _EPOCH).astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    return known[days - first]


def _sums(gaps: np.ndarray, cells: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """For each cell the sum of the gaps and how many there are."""
    size = shape[0] * shape[1]
    sums, counts = np.bincount(cells, weights=gaps, minlength=size), np.bincount(cells, minlength=size)
    return np.stack([sums, counts], axis=1).reshape(*shape, 2)


def _mean(total: float, accounts: float) -> Gap | None:
    return Gap(float(total / accounts), int(accounts)) if accounts >= FEWEST else None
