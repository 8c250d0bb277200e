"""Places of the labels of the level-history chart, where they cover least. Plain Python; lengths as in `geometry`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from assessments.chart.axis import CHAR, LINE, Scale

ROWS = (30.0, 13.0)  # the base lines of the two lines of text above the plot
ABOVE, BELOW = -13.0, 24.0  # from a mark to the base line of its label
ASIDE = 12.0  # from a mark to a label beside it
ASCENT, DESCENT = 12.0, 4.0  # of a text, from its base line
GOAL_LETTERS, GOAL_LINES = 27, 3  # of "level 4, Sept 2029 · 18 %" on one line, or of so many lines beside the goal
END_LETTERS = 8  # of "they 3.9"
NAME_LETTERS = 22  # of an edition's name
SAMPLE = 6.0  # units between the points of a line that a label is held against


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


def goal_label(scale: Scale, due_on: date, level: int) -> Label:
    """Where no line ever runs: in the margin right of the goal, or on a narrow chart in the first line above the plot."""
    at = scale.x(due_on)
    if scale.is_wide:
        room = scale.width - at - ASIDE
        lowest = scale.foot - (GOAL_LINES - 1) * LINE
        return Label(round(at + ASIDE, 1), min(scale.y(level) + 4, lowest), at, due_on, "start", round(room, 1))
    return Label(scale.width - 2.0, ROWS[-1], at, due_on, "end", GOAL_LETTERS * CHAR)


def end_label(
    scale: Scale, corners: Sequence[tuple[float, float]], in_the_way: Sequence[Box], day: date, *, beside: bool
) -> Label | None:
    """The label of the line through `corners` where it ends: above, below or left of its end, where it covers least of `in_the_way`.

    `beside`: right of the end nothing is drawn, so that it stands there where it fits. None for a line without corners.
    """
    if not corners:
        return None
    x, y = corners[-1]
    room = END_LETTERS * CHAR
    places = [(x + ASIDE, y + 4, "start")] if beside else []
    for away in (ABOVE, BELOW, ABOVE - LINE, BELOW + LINE, ABOVE - 2 * LINE):
        places += [(x - 4, y + away, "end"), (x + 4, y + away, "start"), (x - room, y + away, "end")]
    places += [(x - ASIDE, y + 4, "end")]
    labels = [Label(round(left, 1), round(base, 1), x, day, anchor, room) for left, base, anchor in places]
    fitting = [
        one for one in labels if one.span[0] >= scale.left and one.span[1] <= scale.width and ASCENT <= one.y <= scale.foot
    ]
    last = Label(round(scale.width - 2.0, 1), max(ASCENT, round(y, 1)), x, day, "end", room)
    return min(fitting or [last], key=lambda label: sum(label.box.meets(box) for box in in_the_way))


def sampled(corners: Sequence[tuple[float, float]]) -> list[Box]:
    """The straight line through `corners` as small boxes."""
    boxes = []
    for (x, y), (next_x, next_y) in pairwise(corners):
        steps = max(1, round(max(abs(next_x - x), abs(next_y - y)) / SAMPLE))
        for n in range(steps + 1):
            at_x, at_y = x + (next_x - x) * n / steps, y + (next_y - y) * n / steps
            boxes.append(Box(at_x - 2, at_y - 2, at_x + 2, at_y + 2))
    return boxes


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
