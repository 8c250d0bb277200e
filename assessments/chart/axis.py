"""Coordinates and time axis of the level-history chart. Plain Python.

`CHAR` is a generous width of one letter at the size that the style sheet gives the chart's texts, so that labels do not
overlap in any common font.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import floor

TOP = 58  # above the plot: the labels of today and of editions, and on a narrow one that of the goal
WIDE = 600  # units from which a chart has margins for the names of the levels and for the label of the goal
WIDE_MARGINS, NARROW_MARGINS = (150, 104), (30, 14)  # left and right of the plot
AXIS = 14  # from the lowest position down to the axis: room for marks on it
LANE = 34.0  # below the axis: what happened, and its words
CHAR, LINE = 8.0, 17.0  # room of a letter, of a line of text
HIGHEST = 5
MIN_DAYS = 90  # a shorter history is centred in so many days
MAX_TICKS = 8
TICK_MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 12000, 24000)
TICK_GAP = 10.0  # between two labels of the axis


@dataclass(frozen=True, slots=True)
class AxisTick:
    x: float
    day: date
    is_year: bool  # the label is a year, else a month
    names_year: bool  # a month that also says its year, on a second line
    room: float


@dataclass(frozen=True, slots=True)
class Scale:
    first: int  # days as ordinals
    last: int
    width: int
    foot: float  # y of the lowest position
    lowest: float  # the position that the scale begins with: 1, or less where something stands below level 1

    @property
    def is_wide(self) -> bool:
        return self.width >= WIDE

    @property
    def left(self) -> int:
        return (WIDE_MARGINS if self.is_wide else NARROW_MARGINS)[0]

    @property
    def right(self) -> int:
        """The x of the right end of the plot."""
        return self.width - (WIDE_MARGINS if self.is_wide else NARROW_MARGINS)[1]

    def x(self, day: date) -> float:
        share = (day.toordinal() - self.first) / (self.last - self.first)
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, position: float) -> float:
        share = (HIGHEST - min(max(position, self.lowest), HIGHEST)) / (HIGHEST - self.lowest)
        return round(TOP + share * (self.foot - TOP), 1)


def scale_and_ticks(
    first: date, last: date, lowest: float, width: int, height: int, *, lane: bool = False
) -> tuple[Scale, tuple[AxisTick, ...]]:
    """The scale with a margin of days on both sides, and the ticks of the axis, which needs a second line for months.

    `lane` leaves room for what happened below the axis. `lowest` is the lowest position to be drawn; the scale begins at level 1, or half a level or a whole one below it.
    """
    span = (last - first).days
    air = max(7, span // 20, (MIN_DAYS - span + 1) // 2)
    begin = max(first.toordinal() - air, date.min.toordinal())
    end = min(last.toordinal() + air, date.max.toordinal())
    foot = min(1.0, floor(lowest * 2) / 2)
    ticks = _ticks(Scale(begin, end, width, height, foot))
    lines = 1 if all(tick.is_year for tick in ticks) else 2
    return Scale(begin, end, width, height - AXIS - 8 - lines * LINE - (LANE if lane else 0), foot), ticks


def _ticks(scale: Scale) -> tuple[AxisTick, ...]:
    """At most eight starts of months, quarters, half-years or years: the finest with room for each label."""
    months = (scale.last - scale.first) / 30.4
    for step in TICK_MONTHS:
        if months > 2 * MAX_TICKS * step:
            continue
        ticks = _ticks_every(scale, step)
        apart = min((after.x - tick.x for tick, after in pairwise(ticks)), default=scale.width)
        if len(ticks) <= MAX_TICKS and all(apart >= tick.room + TICK_GAP for tick in ticks):
            return ticks
    return ()


def _ticks_every(scale: Scale, step: int) -> tuple[AxisTick, ...]:
    first = date.fromordinal(scale.first)
    month = first.year * 12 + first.month - 1
    month += -month % step
    ticks: list[AxisTick] = []
    while month < 10_000 * 12 and (day := date(month // 12, month % 12 + 1, 1)).toordinal() <= scale.last:
        is_year = step >= 12
        names_year = not is_year and (not ticks or day.year != ticks[-1].day.year)
        room = 5 * CHAR  # a year, or a month's short name
        x = scale.x(day)
        if x >= scale.left and x + room / 2 <= scale.width:
            ticks.append(AxisTick(x, day, is_year, names_year, room))
        month += step
    return tuple(ticks)
