"""What happened to an account, on a line below the level-history chart. Plain Python; lengths as in `geometry`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assessments.chart.axis import Scale

LETTER = 6.6  # room of a letter of the lane's small type
APART = 10.0  # between two texts of the lane
ABOVE_FOOT, BASE = 24.0, 17.0  # from the foot of the picture up to the lane; from the lane down to its words


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """Something that happened on a day: a `round`, a `target` that was set, a `plan` that started or was achieved."""

    day: date
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class LaneMark:
    x: float
    event: HistoryEvent
    anchor: str  # of its words; empty where they find no room


@dataclass(frozen=True, slots=True)
class Lane:
    y: float
    marks: tuple[LaneMark, ...]  # in time


def lane_of(events: Sequence[HistoryEvent], scale: Scale, height: int) -> Lane:
    """A mark for each event of the time that the chart shows; words for those that find room: of the rounds the last, then the
    others, the latest first.
    """
    shown = [one for one in sorted(events, key=lambda one: one.day) if scale.first <= one.day.toordinal() <= scale.last]
    told = [one for one in shown if one.kind != "round"] + [one for one in shown if one.kind == "round"][-1:]
    taken: list[tuple[float, float]] = []
    marks = [LaneMark(scale.x(one.day), one, "") for one in shown if one not in told]
    for event in reversed(told):
        x = scale.x(event.day)
        room = len(event.text) * LETTER
        anchor = next((way for way in ("middle", "end", "start") if _is_free(x, room, way, taken, scale)), "")
        if anchor:
            taken.append(_span(x, room, anchor))
        marks.append(LaneMark(x, event, anchor))
    return Lane(height - ABOVE_FOOT, tuple(sorted(marks, key=lambda mark: (mark.x, mark.event.kind))))


def _is_free(x: float, room: float, anchor: str, taken: Sequence[tuple[float, float]], scale: Scale) -> bool:
    begin, end = _span(x, room, anchor)
    inside = scale.left <= begin and end <= scale.width
    return inside and all(end + APART <= other or begin >= other_end + APART for other, other_end in taken)


def _span(x: float, room: float, anchor: str) -> tuple[float, float]:
    begin = x - {"start": 0.0, "middle": room / 2, "end": room}[anchor]
    return begin, begin + room
