"""The level-history chart as SVG: the coordinates of `chart.geometry`, with the words of the reader.

Python instead of a template: a chart prints several hundred values, and a template takes ten times as long for each. Texts are
escaped; numbers are written as SVG needs them, whatever the language.
"""

from collections.abc import Mapping
from datetime import date
from textwrap import wrap

from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _

from accounts.templatetags.standing import position
from assessments.chart.geometry import Chart, HistoryPoint, Mark, Stop
from assessments.chart.labels import Label
from assessments.chart.lane import Lane

SMALL = 4.5  # a mark of less is drawn thinner
NAME_LETTERS, NAME_LINES = 22, 2  # of a level, in the margin: so many lines at least
NAME_LINE = 12  # units from line to line of a name
HIT = 13  # the radius of what can be pointed at around a mark


def drawn_history(
    chart: Chart,
    css: str,
    name: str,
    description: str,
    levels: Mapping[int, str] | None = None,
    chance: str = "",
    *,
    answers: bool = True,
) -> str:
    """One SVG chart: what is drawn first, then a link for each result, so that no mark lies on the words about another.

    `levels` are the names of the levels by rank; without `answers`, as on paper, there are no links.
    """
    here = f"history-chart-{css}"
    title = _("Level history of %(name)s") % {"name": name}
    pieces = [
        f'<svg class="chart history-chart chart-{css}" viewBox="0 0 {chart.width:g} {chart.height:g}" role="{"group" if answers else "img"}" '
        f'aria-label="{escape(title)}" aria-describedby="{here}-desc"><desc id="{here}-desc">{escape(description)}</desc>',
        _bands(chart, levels or {}),
        _axis(chart),
        _marked_days(chart),
        *(
            f'<path class="chart-{line}" d="{path}"></path>'
            for line, path in (
                *(("fan", band) for band in chart.fan),
                ("target", chart.target),
                ("ours", chart.ours),
                ("theirs", chart.theirs),
            )
            if path
        ),
        *(_path(mark, "target-mark", _titled(mark)) for mark in chart.milestones),
        *(_path(mark, f"ours-mark{_small(mark)}", "") for mark in chart.our_marks),
        *(_circle(mark) for mark in chart.their_marks),
        _goal(chart, chance),
        _ends(chart),
        _lane(chart.lane, chart) if chart.lane else "",
        *(_stop(stop) for stop in chart.stops if answers),
    ]
    return "".join(pieces) + "</svg>"


def _bands(chart: Chart, levels: Mapping[int, str]) -> str:
    """The bands of the levels with their numbers and, on a wide chart, their names."""
    pieces = []
    for band in chart.bands:
        size = f'y="{band.top:g}" height="{band.bottom - band.top:g}"'
        pieces.append(
            f'<g class="band-{band.level}"><rect class="band" x="{chart.left:g}" width="{chart.right - chart.left:g}" {size}></rect>'
            f'<rect class="band-edge" x="{chart.left - 6:g}" width="5" {size}></rect>'
            f'<text class="band-level" x="{chart.left - 12:g}" y="{band.middle:g}" dy="5" text-anchor="end">{band.level}</text>'
        )
        if chart.is_wide and (name := levels.get(band.level, "")):
            room = max(NAME_LINES, int((band.bottom - band.top) // NAME_LINE))
            lines = wrap(name, NAME_LETTERS, max_lines=room, placeholder=" …")
            top = band.middle + 4 - NAME_LINE * (len(lines) - 1) / 2
            pieces += [
                f'<text class="band-name" x="{chart.left - 26:g}" y="{top + NAME_LINE * n:g}" text-anchor="end">{escape(line)}</text>'
                for n, line in enumerate(lines)
            ]
        pieces.append("</g>")
    return "".join(pieces)


def _axis(chart: Chart) -> str:
    pieces = [f'<g class="chart-axis"><path d="M{chart.left:g} {chart.bottom:g}H{chart.right:g}"></path>']
    for tick in chart.ticks:
        year = date_format(tick.day, "Y")
        pieces.append(f'<path d="M{tick.x:g} {chart.bottom:g}v5"></path>')
        pieces.append(_below(tick.x, chart.bottom, 18, year if tick.is_year else escape(date_format(tick.day, "M"))))
        if tick.names_year:
            pieces.append(_below(tick.x, chart.bottom, 35, year))
    return "".join(pieces) + "</g>"


def _marked_days(chart: Chart) -> str:
    """Today, and the days from which another edition was used."""
    upright = f"{chart.top:g}V{chart.bottom:g}"
    pieces = []
    for change in chart.editions:
        pieces.append(f'<g class="chart-edition"><path d="M{change.x:g} {upright}"><title>{escape(change.name)}</title></path>')
        pieces.append((_text(change.label, change.label.text) if change.label else "") + "</g>")
    pieces.append(f'<g class="chart-today"><path d="M{chart.today.at:g} {upright}"></path>{_text(chart.today, _("today"))}</g>')
    return "".join(pieces)


def _goal(chart: Chart, chance: str) -> str:
    """The goal with its level, day and chance: in lines beside it where there is a margin, else in one line above the plot."""
    if not (chart.goal and chart.goal_label):
        return ""
    label, when = chart.goal_label, date_format(chart.goal.day, "M Y")
    named = _("target %(level)s") % {"level": chart.goal.level}
    likely = _("%(chance)s likely") % {"chance": chance} if chance else ""
    drawn = _path(chart.goal, "target-mark", "")
    if not chart.is_wide:
        return drawn + _text(label, " · ".join(filter(None, (f"{named}, {when}", chance))), ' class="chart-goal"')
    lines = [part for part in (named, when, likely) if part]
    return drawn + "".join(
        f'<text class="chart-goal{" chart-goal-more" if n else ""}" x="{label.x:g}" y="{label.y + 16 * n:g}">{escape(line)}</text>'
        for n, line in enumerate(lines)
    )


def _ends(chart: Chart) -> str:
    """The two words at the ends of the lines."""
    pieces = []
    for label, marks, side, css in (
        (chart.our_label, chart.our_marks, _("we"), "ours"),
        (chart.their_label, chart.their_marks, _("they"), "theirs"),
    ):
        if label and marks:
            place = marks[-1].level if marks[-1].position is None else position(marks[-1].position)
            pieces.append(_text(label, f"{side} {place}", f' class="end-{css}"'))
    return "".join(pieces)


def _lane(lane: Lane, chart: Chart) -> str:
    """What happened: a mark for each event, which says it when pointed at, and words for those that find room."""
    pieces = [f'<g class="chart-lane"><path d="M{chart.left:g} {lane.y:g}H{chart.right:g}"></path>']
    for mark in lane.marks:
        x, kind, text = mark.x, mark.event.kind, escape(mark.event.text)
        shape = (
            f'<circle class="lane-{kind}" cx="{x:g}" cy="{lane.y:g}" r="4">'
            if kind == "round"
            else f'<path class="lane-{kind}" d="M{x - 4:g} {lane.y - 4:g}h8v8h-8z">'
        )
        when = escape(date_format(mark.event.day, "j M Y"))
        pieces.append(f"{shape}<title>{when}: {text}</title></{'circle' if kind == 'round' else 'path'}>")
        if mark.anchor:
            pieces.append(f'<text x="{x:g}" y="{lane.y:g}" dy="17" text-anchor="{mark.anchor}">{text}</text>')
    return "".join(pieces) + "</g>"


def _stop(stop: Stop) -> str:
    """What can be pointed at around a result: a link to it where it has a page, with the words about it in a box."""
    point = stop.point
    first, second = _line_of(point, "M Y"), ", ".join(filter(None, (point.told, _("recorded") if point.recorded else "")))
    inside = (
        f'<circle class="hit" cx="{stop.x:g}" cy="{stop.y:g}" r="{HIT}"></circle>'
        f'<g class="tip" aria-hidden="true"><rect x="{stop.tip_x:g}" y="{stop.tip_y:g}" width="236" height="48" rx="8"></rect>'
        f'<text x="{stop.tip_x + 12:g}" y="{stop.tip_y + 20:g}" class="tip-lead">{escape(first)}</text>'
        f'<text x="{stop.tip_x + 12:g}" y="{stop.tip_y + 37:g}">{escape(second)}</text></g>'
    )
    said = escape(f"{_line_of(point, 'DATE_FORMAT')}. {second}")
    if not point.url:
        return f'<g class="stop" role="img" aria-label="{said}">{inside}</g>'
    return f'<a class="stop" href="{escape(point.url)}" aria-label="{said}">{inside}</a>'


def _line_of(point: HistoryPoint, style: str) -> str:
    """“Feb 2026: they 2.9, we 4.7”; the level of a side of which only that is known."""
    sides = []
    for side, at, level in (
        (_("they"), point.customer_position, point.customer_level),
        (_("we"), point.team_position, point.team_level),
    ):
        if level is not None:
            sides.append(f"{side} {level if at is None else position(at)}")
    return f"{date_format(point.held_on, style)}: {', '.join(sides)}"


def _below(x: float, y: float, down: int, text: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" dy="{down}" text-anchor="middle">{text}</text>'


def _text(label: Label, words: str, css: str = "") -> str:
    return f'<text{css} x="{label.x:g}" y="{label.y:g}" text-anchor="{label.anchor}">{escape(words)}</text>'


def _circle(mark: Mark) -> str:
    css = f"chart-theirs-mark{' chart-recorded' if mark.recorded else ''}{_small(mark)}"
    return f'<circle class="{css}" cx="{mark.x:g}" cy="{mark.y:g}" r="{mark.size:g}"></circle>'


def _path(mark: Mark, css: str, mark_title: str) -> str:
    return f'<path class="chart-{css}" d="{mark.outline}">{mark_title}</path>'


def _small(mark: Mark) -> str:
    return " chart-small" if mark.size < SMALL else ""


def _titled(mark: Mark) -> str:
    return f"<title>{escape(_milestone(mark.day, mark.level))}</title>"


def _milestone(day: date, level: int) -> str:
    return _("%(day)s: level %(level)s") % {"day": date_format(day, "DATE_FORMAT"), "level": level}
