"""Geometry of the level-history chart: dates and levels in, coordinates for the SVG out.

Plain Python. Lengths are units of the view box; y grows downwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Protocol

from assessments.chart.axis import AXIS, LEFT, RIGHT, TOP, AxisTick, Scale, scale_and_ticks
from assessments.chart.labels import Box, EditionChange, Label, edition_changes, goal_label, today_label

LEVELS = (5, 4, 3, 2, 1)
NUDGE = 5.0  # by how much our line leaves theirs where both run together
TOGETHER = 3.0  # so near to each other that one line would hide the other
MARK, SMALL_MARK = 6.0, 3.0  # half the width of a mark, alone and in a crowd
FRAME = 3.0  # by how much our mark reaches beyond theirs where it frames it


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """A closed result. Where only the level of a side is known, as of a confidential round, it is drawn at the level."""

    held_on: date
    customer_level: int | None
    customer_position: float | None
    team_level: int | None
    team_position: float | None
    edition: str
    recorded: bool = False  # found elsewhere and brought in

    @property
    def theirs(self) -> float | None:
        """Where the customer's side is drawn; None without it."""
        return self.customer_level if self.customer_position is None else self.customer_position

    @property
    def ours(self) -> float | None:
        return self.team_level if self.team_position is None else self.team_position


class FanDay(Protocol):
    """A day of a forecast: the positions between which nine of ten and half of such accounts stand then."""

    @property
    def day(self) -> date: ...
    @property
    def lowest(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def highest(self) -> float: ...


@dataclass(frozen=True, slots=True)
class TargetLine:
    set_on: date
    baseline: float  # position 0..5
    due_on: date
    level: int
    milestones: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    level: int
    day: date
    size: float  # half its width: a circle's radius
    outline: str = ""  # an SVG path of a square or diamond; empty for a circle
    recorded: bool = False
    position: float | None = None  # 0..5, where it is known


@dataclass(frozen=True, slots=True)
class GridLine:
    y: float
    level: int


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float  # the axis; the lowest position lies a little above it
    grid: tuple[GridLine, ...]
    ticks: tuple[AxisTick, ...]
    theirs: str  # an SVG path of horizontal and vertical steps; empty without results of that side
    ours: str
    target: str
    fan: tuple[str, ...]  # SVG paths of the bands of the forecast, the wider first; empty without one
    their_marks: tuple[Mark, ...]
    our_marks: tuple[Mark, ...]
    milestones: tuple[Mark, ...]  # on the way; the last one is `goal`
    goal: Mark | None
    goal_label: Label | None
    editions: tuple[EditionChange, ...]
    today: Label

    @property
    def is_empty(self) -> bool:
        return not (self.theirs or self.ours or self.target)

    @property
    def shows_recorded(self) -> bool:
        """Whether a mark of theirs was recorded elsewhere: these are drawn as rings."""
        return any(mark.recorded for mark in self.their_marks)


@dataclass(frozen=True, slots=True)
class _Places:
    """The positions of both sides from `day` on; None before a side's first result."""

    day: date
    theirs: float | None
    ours: float | None

    def together(self, scale: Scale) -> bool:
        if self.ours is None or self.theirs is None:
            return False
        return abs(scale.y(self.ours) - scale.y(self.theirs)) < TOGETHER


def draw_history(
    points: Sequence[HistoryPoint],
    target: TargetLine | None,
    today: date,
    *,
    fan: Sequence[FanDay] = (),
    width: int = 760,
    height: int = 300,
) -> Chart:
    """Place results, target, forecast and today in a box of `width` × `height` units (at least 200 × 160).

    Positions are drawn, so that a result on the line of the target is a mark on that line. A position lasts from its result to the
    next, the last one to today; a result without one side leaves that side's line as it was, and of two results on one day the later
    in `points` counts. Where both lines would run together ours is drawn a little beside theirs, so that both stay visible. `fan` is
    the forecast, by days.
    """
    points = sorted(points, key=lambda point: point.held_on)
    days = [point.held_on for point in points] + [today] + ([target.set_on, target.due_on] if target else [])
    days += [one.day for one in fan]
    scale, ticks = scale_and_ticks(min(days), max(days), _lowest(points, target, fan), width, height)
    stands = _places_by_day(points)
    until = scale.x(max([today] + [point.held_on for point in points]))
    theirs, ours = _their_corners(stands, scale), _our_corners(stands, scale)
    their_marks, our_marks = _their_marks(points, scale), _our_marks(points, stands, scale)
    milestones = _milestones(target, scale) if target else ()
    placed: list[Label] = []
    if target:
        in_the_way = [_around(mark) for mark in (*their_marks, *our_marks, *milestones)]
        in_the_way += [box for corners in (theirs, ours) for box in _strokes(corners, until)]
        placed.append(goal_label(scale, target.due_on, target.level, _way(target, scale), in_the_way))
    now = today_label(scale, today, placed)
    return Chart(
        width=width,
        height=height,
        left=LEFT,
        right=width - RIGHT,
        top=TOP - 8,
        bottom=round(scale.foot + AXIS, 1),
        grid=tuple(GridLine(scale.y(level), level) for level in LEVELS),
        ticks=ticks,
        theirs=_path(theirs, until),
        ours=_path(ours, until),
        target=_target_path(target, scale) if target else "",
        fan=_fan(fan, scale),
        their_marks=their_marks,
        our_marks=our_marks,
        milestones=milestones,
        goal=_diamond(scale, target.due_on, target.level, MARK + 1) if target else None,
        goal_label=placed[0] if placed else None,
        editions=edition_changes(_used_editions(points), scale, [*placed, now]),
        today=now,
    )


def _lowest(points: Sequence[HistoryPoint], target: TargetLine | None, fan: Sequence[FanDay]) -> float:
    """The lowest position that is drawn, at most 1."""
    places = [place for point in points for place in (point.theirs, point.ours) if place is not None]
    return min([1.0, *places, *([target.baseline] if target else []), *(one.lowest for one in fan)])


def _places_by_day(points: Sequence[HistoryPoint]) -> list[_Places]:
    """One entry per day that has a result, with the positions known by the end of that day."""
    by_day: dict[date, _Places] = {}
    theirs: float | None = None
    ours: float | None = None
    for point in points:
        theirs = point.theirs if point.theirs is not None else theirs
        ours = point.ours if point.ours is not None else ours
        by_day[point.held_on] = _Places(point.held_on, theirs, ours)
    return list(by_day.values())


def _their_corners(stands: Sequence[_Places], scale: Scale) -> list[tuple[float, float]]:
    return [(scale.x(stand.day), scale.y(stand.theirs)) for stand in stands if stand.theirs is not None]


def _our_corners(stands: Sequence[_Places], scale: Scale) -> list[tuple[float, float]]:
    """Where our line turns: above theirs while both run together, beside it where both move at once."""
    corners: list[tuple[float, float]] = []
    before: _Places | None = None
    for stand in stands:
        if stand.ours is None:
            continue
        x = scale.x(stand.day) + (_aside(before, stand) if before else 0)
        if corners:
            x = max(x, corners[-1][0])
        corners.append((round(x, 1), _our_height(stand, scale)))
        before = stand
    return corners


def _our_height(stand: _Places, scale: Scale) -> float:
    if stand.theirs is not None and stand.together(scale):
        return round(scale.y(stand.theirs) - NUDGE, 1)
    return scale.y(stand.ours or 0.0)


def _aside(before: _Places, stand: _Places) -> float:
    """How far beside theirs our riser runs where the two would overlap: left going up, right going down."""
    if before.theirs is None or before.ours is None or stand.theirs is None or stand.ours is None:
        return 0.0
    low = max(min(before.theirs, stand.theirs), min(before.ours, stand.ours))
    high = min(max(before.theirs, stand.theirs), max(before.ours, stand.ours))
    if high <= low:
        return 0.0
    return -NUDGE if stand.ours > before.ours else NUDGE


def _path(corners: Sequence[tuple[float, float]], until: float) -> str:
    """Horizontal and vertical strokes through `corners` and on to `until`; corners on one height are left out."""
    if not corners:
        return ""
    x, y = corners[0]
    path = f"M{x:g} {y:g}"
    for next_x, next_y in corners[1:]:
        if next_y != y:
            path += f"H{next_x:g}V{next_y:g}"
        x, y = next_x, next_y
    return path + f"H{max(until, x):g}"


def _their_marks(points: Sequence[HistoryPoint], scale: Scale) -> tuple[Mark, ...]:
    by_day = {point.held_on: point for point in points if point.customer_level is not None}
    size = _mark_size([scale.x(day) for day in by_day])
    return _thinned(
        [
            Mark(scale.x(day), scale.y(point.theirs or 0.0), point.customer_level or 1, day, size,
                 recorded=point.recorded, position=point.customer_position)
            for day, point in by_day.items()
        ]
    )  # fmt: skip


def _our_marks(points: Sequence[HistoryPoint], stands: Sequence[_Places], scale: Scale) -> tuple[Mark, ...]:
    """Squares on our line; where both sides stand together the square frames their mark."""
    heard = {point.held_on: point for point in points if point.team_level is not None}
    size = _mark_size([scale.x(day) for day in sorted(heard)])
    marks = []
    for stand in stands:
        if stand.ours is None or stand.day not in heard:
            continue
        point = heard[stand.day]
        x, y = scale.x(stand.day), scale.y(stand.ours)
        half = round(size * 0.9 + (min(FRAME, size / 2) if stand.together(scale) else 0), 1)
        marks.append(Mark(x, y, point.team_level or 1, stand.day, size, _square(x, y, half), point.recorded, point.team_position))
    return _thinned(marks)


def _mark_size(xs: Sequence[float]) -> float:
    """Half the width of a mark that leaves space between neighbours."""
    if len(xs) < 3:
        return MARK
    return round(min(MARK, max(SMALL_MARK, (xs[-1] - xs[0]) / (len(xs) - 1) / 2.5)), 1)


def _thinned(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """The marks without those that lie on a close neighbour of the same level."""
    kept: list[Mark] = []
    for mark in marks:
        if (
            not kept
            or (mark.level, mark.recorded) != (kept[-1].level, kept[-1].recorded)
            or mark.x - kept[-1].x >= 2 * mark.size + 1
            or abs(mark.y - kept[-1].y) >= 2 * mark.size + 1
        ):
            kept.append(mark)
    return tuple(kept)


def _square(x: float, y: float, half: float) -> str:
    side = f"{2 * half:g}"
    return f"M{x - half:g} {y - half:g}h{side}v{side}h-{side}z"


def _diamond(scale: Scale, day: date, level: int, size: float) -> Mark:
    x, y = scale.x(day), scale.y(level)
    reach = f"{size:g}"
    outline = f"M{x:g} {y - size:g}l{reach} {reach}l-{reach} {reach}l-{reach} -{reach}z"
    return Mark(x, y, level, day, size, outline)


def _way(target: TargetLine, scale: Scale) -> tuple[float, float, float, float]:
    return scale.x(target.set_on), scale.y(target.baseline), scale.x(target.due_on), scale.y(target.level)


def _target_path(target: TargetLine, scale: Scale) -> str:
    from_x, from_y, to_x, to_y = _way(target, scale)
    return f"M{from_x:g} {from_y:g}L{to_x:g} {to_y:g}"


def _fan(days: Sequence[FanDay], scale: Scale) -> tuple[str, ...]:
    """The bands of nine in ten and of half of such accounts, each as a closed path: forth along its upper edge, back along its lower."""
    if len(days) < 2:
        return ()
    edges = ((lambda day: day.highest, lambda day: day.lowest), (lambda day: day.high, lambda day: day.low))
    return tuple(
        _closed([(one.day, above(one)) for one in days] + [(one.day, below(one)) for one in reversed(days)], scale)
        for above, below in edges
    )


def _closed(corners: Sequence[tuple[date, float]], scale: Scale) -> str:
    places = [f"{scale.x(day):g} {scale.y(position):g}" for day, position in corners]
    return f"M{'L'.join(places)}z"


def _milestones(target: TargetLine, scale: Scale) -> tuple[Mark, ...]:
    on_the_way = [(day, level) for day, level in target.milestones if day < target.due_on]
    return tuple(_diamond(scale, day, level, MARK - 1) for day, level in on_the_way)


def _around(mark: Mark) -> Box:
    reach = mark.size + FRAME
    return Box(mark.x - reach, mark.y - reach, mark.x + reach, mark.y + reach)


def _strokes(corners: Sequence[tuple[float, float]], until: float) -> list[Box]:
    """The step line through `corners` as thin boxes, one for each stroke."""
    if not corners:
        return []
    through = [*corners, (max(until, corners[-1][0]), corners[-1][1])]
    boxes = []
    for (x, y), (next_x, next_y) in pairwise(through):
        boxes.append(Box(x, y - 2, next_x, y + 2))
        boxes.append(Box(next_x - 2, min(y, next_y), next_x + 2, max(y, next_y)))
    return boxes


def _used_editions(points: Sequence[HistoryPoint]) -> list[tuple[date, str]]:
    """The edition in use on each day that has a result."""
    return [(day, point.edition) for day, point in {point.held_on: point for point in points}.items()]
