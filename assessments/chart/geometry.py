"""Geometry of the level-history chart: dates and levels in, coordinates for the SVG out.

Plain Python. Lengths are units of the view box; y grows downwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Protocol

from assessments.chart.axis import AXIS, TOP, AxisTick, Scale, scale_and_ticks
from assessments.chart.labels import Box, EditionChange, Label, edition_changes, end_label, goal_label, sampled, today_label
from assessments.chart.lane import HistoryEvent, Lane, lane_of

LEVELS = (5, 4, 3, 2, 1)
CREST = 22.0  # what is drawn above position 5, the highest
NUDGE = 5.0  # by how much our line leaves theirs where both run together
TIP_WIDTH, TIP_HEIGHT, TIP_AWAY = 236.0, 48.0, 14.0  # of the words about a result, and how far they stand from its mark
OVER_A_LABEL = 200  # how much worse it is to lie on another label than on a piece of a line
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
    url: str = ""  # the page of the result
    told: str = ""  # who said it and how far they agree, in words

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
class LevelBand:
    """The positions of a level: from the level up to the next; of level 1 also what lies below it."""

    level: int
    top: float
    bottom: float
    line: float  # where its positions begin

    @property
    def middle(self) -> float:
        return round((self.top + self.bottom) / 2, 1)


@dataclass(frozen=True, slots=True)
class Stop:
    """A result that can be pointed at and opened: where, what it was, and the corner of the words about it."""

    x: float
    y: float
    point: HistoryPoint
    tip_x: float
    tip_y: float


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    is_wide: bool  # whether there is room for the names of the levels
    left: float
    right: float
    top: float
    bottom: float  # the axis; the lowest position lies a little above it
    bands: tuple[LevelBand, ...]  # of level 5 first
    ticks: tuple[AxisTick, ...]
    theirs: str  # an SVG path through the positions, and on to today; empty without results of that side
    ours: str
    their_label: Label | None  # at the end of the line; the template writes the words
    our_label: Label | None
    stops: tuple[Stop, ...]
    lane: Lane | None
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
    """The positions that both sides gave on `day`; None for a side that gave none."""

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
    events: Sequence[HistoryEvent] = (),
    width: int = 760,
    height: int = 300,
) -> Chart:
    """Place results, target, forecast, events and today in a box of `width` × `height` units (at least 200 × 160).

    The lines run straight from position to position; the last one lasts until today. Of two results on one day the later in
    `points` counts. Where both sides stand together ours is drawn a little above theirs, so that both stay visible. `fan` is the
    forecast, by days.
    """
    points = sorted(points, key=lambda point: point.held_on)
    days = [point.held_on for point in points] + [today] + ([target.set_on, target.due_on] if target else [])
    days += [one.day for one in fan]
    scale, ticks = scale_and_ticks(min(days), max(days), _lowest(points, target, fan), width, height, lane=bool(events))
    stands = _places_by_day(points)
    until = scale.x(max([today] + [point.held_on for point in points]))
    theirs = _their_line(stands, scale, until)
    ours = _our_line(stands, scale, until, theirs)
    their_marks, our_marks = _their_marks(points, scale), _our_marks(points, stands, scale)
    milestones = _milestones(target, scale) if target else ()
    goal = goal_label(scale, target.due_on, target.level) if target else None
    now = today_label(scale, today, [goal] if goal else [])
    bottom = round(scale.foot + AXIS, 1)
    in_the_way = [_around(mark) for mark in (*their_marks, *our_marks, *milestones)]
    in_the_way += [box for corners in (theirs, ours) for box in sampled(corners)]
    in_the_way += sampled([*_way(target, scale)]) if target else []
    in_the_way += [Box(now.at - 1, TOP, now.at + 1, bottom), *([goal.box] if goal else [])]
    their_label = end_label(scale, theirs, in_the_way, today, beside=not fan)
    our_label = end_label(
        scale, ours, [*in_the_way, *([their_label.box] * OVER_A_LABEL if their_label else [])], today, beside=not fan
    )
    return Chart(
        width=width,
        height=height,
        is_wide=scale.is_wide,
        left=scale.left,
        right=scale.right,
        top=TOP - CREST,
        bottom=bottom,
        bands=_bands(scale, bottom),
        ticks=ticks,
        theirs=_path(theirs),
        ours=_path(ours),
        their_label=their_label,
        our_label=our_label,
        stops=_stops(points, scale),
        lane=lane_of(events, scale, height) if events else None,
        target=_target_path(target, scale) if target else "",
        fan=_fan(fan, scale),
        their_marks=their_marks,
        our_marks=our_marks,
        milestones=milestones,
        goal=_diamond(scale, target.due_on, target.level, MARK + 1) if target else None,
        goal_label=goal,
        editions=edition_changes(_used_editions(points), scale, [*([goal] if goal else []), now]),
        today=now,
    )


def _bands(scale: Scale, bottom: float) -> tuple[LevelBand, ...]:
    tops = {level: scale.y(level + 1) for level in LEVELS} | {5: TOP - CREST}
    return tuple(LevelBand(level, tops[level], bottom if level == 1 else scale.y(level), scale.y(level)) for level in LEVELS)


def _lowest(points: Sequence[HistoryPoint], target: TargetLine | None, fan: Sequence[FanDay]) -> float:
    """The lowest position that is drawn, at most 1."""
    places = [place for point in points for place in (point.theirs, point.ours) if place is not None]
    return min([1.0, *places, *([target.baseline] if target else []), *(one.lowest for one in fan)])


def _places_by_day(points: Sequence[HistoryPoint]) -> list[_Places]:
    """One entry per day that has a result, with what each side said that day; of two results of one day the later counts."""
    by_day: dict[date, _Places] = {}
    for point in points:
        earlier = by_day.get(point.held_on, _Places(point.held_on, None, None))
        theirs = point.theirs if point.theirs is not None else earlier.theirs
        ours = point.ours if point.ours is not None else earlier.ours
        by_day[point.held_on] = _Places(point.held_on, theirs, ours)
    return list(by_day.values())


def _their_line(stands: Sequence[_Places], scale: Scale, until: float) -> list[tuple[float, float]]:
    """The corners of their line: their positions, the last of which lasts `until`."""
    corners = [(scale.x(stand.day), scale.y(stand.theirs)) for stand in stands if stand.theirs is not None]
    return [*corners, (max(until, corners[-1][0]), corners[-1][1])] if corners else []


def _our_line(
    stands: Sequence[_Places], scale: Scale, until: float, theirs: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """The corners of our line, each a little above `theirs` where it would lie on it."""
    corners = [(scale.x(stand.day), scale.y(stand.ours)) for stand in stands if stand.ours is not None]
    if corners:
        corners.append((max(until, corners[-1][0]), corners[-1][1]))
    return [(x, _beside(y, _height_at(theirs, x))) for x, y in corners]


def _beside(y: float, theirs: float | None) -> float:
    return y if theirs is None or abs(y - theirs) >= TOGETHER else round(theirs - NUDGE, 1)


def _height_at(corners: Sequence[tuple[float, float]], x: float) -> float | None:
    """The height at `x` of the line through `corners`; None before it begins and after it ends."""
    for (from_x, from_y), (to_x, to_y) in pairwise(corners):
        if from_x <= x <= to_x:
            return from_y if to_x == from_x else from_y + (to_y - from_y) * (x - from_x) / (to_x - from_x)
    return None


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in corners) if corners else ""


def _stops(points: Sequence[HistoryPoint], scale: Scale) -> tuple[Stop, ...]:
    """The results that show a side, each at their position, else at ours; of one day the last."""
    by_day = {point.held_on: point for point in points}
    found = []
    for day, point in by_day.items():
        place = point.ours if point.theirs is None else point.theirs
        if place is not None:
            x, y = scale.x(day), scale.y(place)
            left = min(max(2.0, x - TIP_WIDTH / 2), scale.width - TIP_WIDTH - 2)
            above = y - TIP_AWAY - TIP_HEIGHT
            found.append(Stop(x, y, point, round(left, 1), round(above if above >= 2 else y + TIP_AWAY, 1)))
    return tuple(found)


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
        point = heard.get(stand.day)
        if stand.ours is None or point is None:
            continue
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


def _way(target: TargetLine, scale: Scale) -> tuple[tuple[float, float], tuple[float, float]]:
    return (scale.x(target.set_on), scale.y(target.baseline)), (scale.x(target.due_on), scale.y(target.level))


def _target_path(target: TargetLine, scale: Scale) -> str:
    (from_x, from_y), (to_x, to_y) = _way(target, scale)
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


def _used_editions(points: Sequence[HistoryPoint]) -> list[tuple[date, str]]:
    """The edition in use on each day that has a result."""
    return [(day, point.edition) for day, point in {point.held_on: point for point in points}.items()]
