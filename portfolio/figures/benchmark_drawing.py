"""The drawings of the benchmarks page: geometry only. Shares and months in, coordinates out. Pure.

Lengths of a bar are percents of its width, those of a curve units of its view box; y grows downwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from portfolio.figures.benchmarks import Climbs

WIDTH, HEIGHT = 320, 168
LEFT, RIGHT, TOP, FOOT = 56.0, 300.0, 10.0, 106.0
HEAT = (0.01, 0.1, 0.25, 0.5)  # shares from which a cell is one shade darker


@dataclass(frozen=True, slots=True)
class Piece:
    """The accounts of one level within a bar."""

    level: int
    x: float
    width: float
    accounts: int

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 2)

    @property
    def has_room(self) -> bool:
        """Whether the bar, of some 200 pixels, has room for the number of accounts."""
        return self.width >= 3 + 3 * len(str(self.accounts))


@dataclass(frozen=True, slots=True)
class Whisker:
    """A share and the interval around it, on a line from 0 to 100 %."""

    low: float
    high: float
    at: float


@dataclass(frozen=True, slots=True)
class YearTick:
    x: float
    month: int
    at_risk: int


@dataclass(frozen=True, slots=True)
class Steps:
    """The share that still waits, as steps down from 100 %; `half` is where half of them have climbed."""

    path: str
    ticks: tuple[YearTick, ...]
    half: float | None  # x
    middle: float  # y of 50 %


def stacked(counts: Sequence[int]) -> tuple[Piece, ...]:
    """A bar of the shares of levels 1 to 5 and of what stands beside them, from the left; what is empty has no piece."""
    total, x, pieces = sum(counts), 0, []
    for level, count in enumerate(counts, start=1):
        if count:
            pieces.append(Piece(level, round(100 * x / total, 2), round(100 * count / total, 2), count))
        x += count
    return tuple(pieces)


def whisker(climbs: Climbs) -> Whisker:
    return Whisker(*(round(100 * share, 1) for share in (climbs.interval.low, climbs.interval.high, climbs.share)))


def shade(share: float) -> int:
    """How dark a cell of the matrix is: 0 to 4."""
    return sum(share >= from_ for from_ in HEAT)


def steps(waiting: Sequence[float], at_risk: Sequence[int], median: float | None) -> Steps:
    """`waiting` after month 0, 1, …; `at_risk` at month 0, 12, …; `median` in months."""
    months = len(waiting) - 1
    until = max((month for month, (before, after) in enumerate(pairwise(waiting), start=1) if before != after), default=0)
    until = max(until, *(12 * year for year, count in enumerate(at_risk) if count), 12)
    until = min(until, months)

    def x(month: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * month / months, 1)

    def y(share: float) -> float:
        return round(TOP + (FOOT - TOP) * (1 - share), 1)

    path, now = f"M{x(0):g} {y(waiting[0]):g}", waiting[0]
    for month, share in enumerate(waiting[: until + 1]):
        if share != now:
            path += f"H{x(month):g}V{y(share):g}"
            now = share
    return Steps(
        path=f"{path}H{x(until):g}",
        ticks=tuple(YearTick(x(12 * year), 12 * year, count) for year, count in enumerate(at_risk)),
        half=x(median) if median is not None and median <= months else None,
        middle=y(0.5),
    )
