"""Places of the labels of the level-history chart, where they cover least. Plain Python; lengths as in `geometry`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, product

from assessments.chart.axis import CHAR, LINE, Scale

ROWS = (30.0, 13.0)  # the base lines of the two lines of text above the plot
ABOVE, BELOW = -12.0, 23.0  # from a mark to the base line of its label
ASCENT, DESCENT = 12.0, 4.0  # of a text, from its base line
GOAL_LETTERS = 19  # of "level 4, Sept 2029"
NAME_LETTERS = 22  # of an edition's name
WAY_STEPS = 40  # points of the way to the target that a label is held against


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        apart = self.right <= other.left or other.right <= self.left or self.bottom <= other.top or other.bottom <= self.top
        return not apart


@dataclass(frozen=True, slots=True)
class Label:
    """A text at (x, y), running from there as `anchor` says over at most `room`; it names the place `at`."""

    x: float
    y: float
    at: float
    day: date
    anchor: str  # start, middle or end
    room: float
    text: str = ""  # empty when the template writes the words

    @property
    def span(self) -> tuple[float, float]:
        begin = self.x - {"start": 0.0, "middle": self.room / 2, "end": self.room}[self.anchor]
        return begin, begin + self.room

    @property
    def box(self) -> Box:
        begin, end = self.span
        return Box(begin, self.y - ASCENT, end, self.y + DESCENT)


@dataclass(frozen=True, slots=True)
class EditionChange:
    """A result measured with another edition than the one before; no `label` where it finds no room."""

    x: float
    day: date
    name: str
    label: Label | None


def goal_label(
    scale: Scale, due_on: date, level: int, way: tuple[float, float, float, float], in_the_way: Sequence[Box]
) -> Label:
    """Above or below the goal, on the side where it covers least of `in_the_way` and of the way to the goal.

    `way` runs straight from (x, y) to (x, y).
    """
    from_x, from_y, to_x, to_y = way
    points = [(from_x + (to_x - from_x) * n / WAY_STEPS, from_y + (to_y - from_y) * n / WAY_STEPS) for n in range(WAY_STEPS)]
    obstacles = [*in_the_way, *(Box(x - 1, y - 1, x + 1, y + 1) for x, y in points)]
    # Above first, but for a way that comes down from there; the axis is below level 1.
    sides = [ABOVE] if level == 1 and from_y >= to_y else [BELOW, ABOVE] if from_y < to_y else [ABOVE, BELOW]
    candidates = [
        label
        for side, anchor in product(sides, ("middle", "end", "start"))
        for label in _labels(scale, due_on, round(scale.y(level) + side, 1), GOAL_LETTERS * CHAR, [anchor])
    ] or [_label(scale, due_on, round(scale.y(level) + sides[0], 1), GOAL_LETTERS * CHAR, ())]
    return min(candidates, key=lambda label: sum(label.box.meets(box) for box in obstacles))


def today_label(scale: Scale, today: date, placed: Sequence[Label]) -> Label:
    room, anchors = 8 * CHAR, ("middle", "end", "start")
    free = _free_label(scale, today, "", room, anchors, placed)
    return free or _label(scale, today, ROWS[-1], room, anchors)


def edition_changes(used: Sequence[tuple[date, str]], scale: Scale, taken: Sequence[Label]) -> tuple[EditionChange, ...]:
    """Each change with its name above the plot, on the line and side where it meets no other label."""
    placed, changes = list(taken), []
    for (_, before), (day, name) in pairwise(used):
        if before == name:
            continue
        short = _shortened(name)
        label = _free_label(scale, day, short, len(short) * CHAR, ("start", "end", "middle"), placed)
        if label:
            placed.append(label)
        changes.append(EditionChange(scale.x(day), day, name, label))
    return tuple(changes)


def _label(scale: Scale, day: date, y: float, room: float, anchors: Sequence[str]) -> Label:
    """A label at `day` with the first of `anchors` that stays in the picture; else shifted to its edge."""
    fitting = _labels(scale, day, y, room, anchors)
    if fitting:
        return fitting[0]
    at = scale.x(day)
    if at > scale.width / 2:
        return Label(scale.width - 2.0, y, at, day, "end", room)
    return Label(2.0, y, at, day, "start", room)


def _labels(scale: Scale, day: date, y: float, room: float, anchors: Sequence[str], text: str = "") -> list[Label]:
    """The labels at `day` that stay in the picture, one for each of `anchors`."""
    at = scale.x(day)
    labels = [Label(at, y, at, day, anchor, room, text) for anchor in anchors]
    return [label for label in labels if label.span[0] >= 0 and label.span[1] <= scale.width]


def _free_label(scale: Scale, day: date, text: str, room: float, anchors: Sequence[str], placed: Sequence[Label]) -> Label | None:
    """A label above the plot, on the first line and side where it meets none of `placed`, if there is one."""
    for y in ROWS:
        for label in _labels(scale, day, y, room, anchors, text):
            if not any(_meet(label, other) for other in placed):
                return label
    return None


def _shortened(name: str) -> str:
    return name if len(name) <= NAME_LETTERS else name[: NAME_LETTERS - 1].rstrip() + "…"


def _meet(one: Label, other: Label) -> bool:
    (begin, end), (other_begin, other_end) = one.span, other.span
    return abs(one.y - other.y) < LINE and begin < other_end + 6 and other_begin < end + 6
