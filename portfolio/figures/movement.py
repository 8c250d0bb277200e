"""How accounts moved between the levels: who stood where then and now, and how often which move happened. Pure, with NumPy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portfolio.figures.histories import LEVELS

DAYS_A_YEAR = 365.25

#: From level (row) to level (column), 1..5 each.
type Counts = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Migration:
    """Rows are the level then, columns the level at the date asked for."""

    counts: Counts
    shares: tuple[tuple[float, ...], ...]  # of its row, 0..1; a row without accounts is empty
    accounts: int


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
