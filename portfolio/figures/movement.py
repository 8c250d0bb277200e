"""How accounts moved between the levels: who stood where then and now, and how often which move happened. Pure, with NumPy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np

from portfolio.figures.histories import LEVELS, Histories

DAYS_A_YEAR = 365.25

#: From level (row) to level (column), 1..5 each.
type Counts = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Migration:
    """Rows are the level then, columns the level at the date asked for."""

    counts: Counts
    shares: tuple[tuple[float, ...], ...]  # of its row, 0..1; a row without accounts is empty
    accounts: int


@dataclass(frozen=True, slots=True)
class Moves:
    """What a portfolio's history tells about its pace. Add two to pool them."""

    counts: Counts  # N: moves seen from level to level; nothing on the diagonal
    years: tuple[float, ...]  # T: account-years spent at each level

    @property
    def total(self) -> int:
        return sum(map(sum, self.counts))

    @property
    def exposure(self) -> float:
        """Account-years at all levels together."""
        return sum(self.years)

    def __add__(self, other: Self) -> "Moves":
        counts = tuple(
            tuple(a + b for a, b in zip(mine, theirs, strict=True))
            for mine, theirs in zip(self.counts, other.counts, strict=True)
        )
        return Moves(counts, tuple(a + b for a, b in zip(self.years, other.years, strict=True)))


NO_MOVES = Moves(((0,) * LEVELS,) * LEVELS, (0.0,) * LEVELS)


def migration(counts: Sequence[Sequence[int]]) -> Migration:
    """The migration matrix of accounts counted by level then (rows) and level now (columns).

    share = count / sum of its row: the cohort method.
    Source: Jafry & Schuermann, "Measurement, estimation and comparison of credit migration matrices" (2004), section 2.1.
    """
    kept = tuple(tuple(int(count) for count in row) for row in counts)
    shares = tuple(tuple(count / sum(row) for count in row) if sum(row) else () for row in kept)
    return Migration(kept, shares, sum(map(sum, kept)))


def tally(groups: Iterable[tuple[int, int, int]]) -> list[list[int]]:
    """Counts for `migration` from (level then, level now, accounts)."""
    counts = [[0] * LEVELS for _level in range(LEVELS)]
    for then, now, accounts in groups:
        counts[then - 1][now - 1] += accounts
    return counts


def exposure(histories: Histories, until: date) -> Moves:
    """Account-years at each level and moves between levels, up to `until`; results after it count for nothing.

    A level lasts from its result to the account's next one, the latest until `until`; a year has 365.25 days. A result that
    confirms the level is no move. A jump over a level is one move, from where it began to where it ended.
    Source: Lando & Skødeberg, "Analyzing rating transitions and rating drift with continuous observations", Journal of
    Banking & Finance 26 (2002): the N and ∫Y of the generator's maximum likelihood estimator N/∫Y.
    """
    (moves,) = exposure_of(histories, np.zeros(histories.accounts.size, np.int64), 1, until)
    return moves


def exposure_of(histories: Histories, codes: np.ndarray, groups: int, until: date) -> list[Moves]:
    """`exposure` of so many groups in one pass, from the number of its group for each account of the histories."""
    if not histories.accounts.size:
        return [NO_MOVES] * groups
    years, counts = _pooled(histories, codes[histories.owners], groups, until.toordinal())
    return [Moves(tuple(map(tuple, counts[group].tolist())), tuple(years[group].tolist())) for group in range(groups)]


def _pooled(histories: Histories, codes: np.ndarray, groups: int, until: int) -> tuple[np.ndarray, np.ndarray]:
    """Years as groups × 5, and moves as groups × 5 × 5."""
    days, level = np.minimum(histories.days, until), histories.levels - 1
    lasts = np.ones(days.shape, bool)  # the account's latest
    lasts[:-1] = histories.owners[1:] != histories.owners[:-1]
    ends = np.where(lasts, until, np.append(days[1:], until))
    spent = np.bincount(codes * LEVELS + level, weights=ends - days, minlength=groups * LEVELS)
    moved = np.flatnonzero(~lasts[:-1] & (level[1:] != level[:-1]) & (histories.days[1:] <= until))
    step = (codes[moved] * LEVELS + level[moved]) * LEVELS + level[moved + 1]
    counts = np.bincount(step, minlength=groups * LEVELS * LEVELS)
    return spent.reshape(groups, LEVELS) / DAYS_A_YEAR, counts.reshape(groups, LEVELS, LEVELS)
