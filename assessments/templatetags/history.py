"""Template tags that render the level history: as SVG charts, and as rows of a table.

Tags instead of templates: together they print several hundred values, and a template takes ten times as long for each.
Texts are escaped; numbers are written as SVG needs them, whatever the language.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache

from django import template
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.templatetags.standing import agreement, position, signed
from assessments.chart.geometry import Chart, Mark
from assessments.chart.labels import Label
from assessments.history import HistoryRow
from hierarchy.templatetags.levels import level_badge

register = template.Library()

SMALL = 4.5  # a mark of less is drawn thinner
NOTHING = mark_safe('<span class="muted">–</span>')


@register.simple_tag
def level_charts(wide: Chart, narrow: Chart, name: str, description: str) -> SafeString:
    """Two SVG charts of the history of the account `name`, wide and narrow: the style sheet shows the one that fits."""
    title = escape(_("Level history of %(name)s") % {"name": name})
    mark_title = cache(_mark_title)  # both charts have the same marks
    drawn = (_drawn(chart, css, title, escape(description), mark_title) for chart, css in ((wide, "wide"), (narrow, "narrow")))
    return mark_safe("\n".join(drawn))  # noqa: S308 - made of numbers and of what `_drawn` escapes


@register.simple_tag
def level_chart(chart: Chart, name: str, description: str) -> SafeString:
    """One SVG chart of the history of the account `name`, for a page that has one size of it, as on paper."""
    title = escape(_("Level history of %(name)s") % {"name": name})
    return mark_safe(_drawn(chart, "one", title, escape(description), _mark_title))  # noqa: S308 - `_drawn` escapes the rest


def _drawn(
    chart: Chart, css: str, title: str, description: str, mark_title: Callable[[date, int, float | None, bool], str]
) -> str:
    """One SVG chart; `title`, `description` and the titles of `mark_title` are escaped already."""
    here = f"history-chart-{css}"
    upright = f"{chart.top:g}V{chart.bottom:g}"
    pieces = [
        f'<svg class="chart chart-{css}" viewBox="0 0 {chart.width:g} {chart.height:g}" role="img" '
        f'aria-labelledby="{here}-title {here}-desc">'
        f'<title id="{here}-title">{title}</title><desc id="{here}-desc">{description}</desc>',
        '<g class="chart-grid">',
        *(
            f'<path d="M{chart.left:g} {line.y:g}H{chart.right:g}"></path><text x="6" y="{line.y:g}" dy="5">{line.level}</text>'
            for line in chart.grid
        ),
        '</g><g class="chart-axis">',
    ]
    for tick in chart.ticks:
        year = date_format(tick.day, "Y")
        pieces.append(f'<path d="M{tick.x:g} {chart.bottom:g}v5"></path>')
        pieces.append(_below(tick.x, chart.bottom, 18, year if tick.is_year else escape(date_format(tick.day, "M"))))
        if tick.names_year:
            pieces.append(_below(tick.x, chart.bottom, 35, year))
    pieces.append("</g>")
    for change in chart.editions:
        pieces.append(f'<g class="chart-edition"><path d="M{change.x:g} {upright}"><title>{escape(change.name)}</title></path>')
        pieces.append((_text(change.label, change.label.text) if change.label else "") + "</g>")
    pieces.append(f'<g class="chart-today"><path d="M{chart.today.at:g} {upright}"></path>{_text(chart.today, _("today"))}</g>')
    for name, path in (
        *(("fan", band) for band in chart.fan),
        ("target", chart.target),
        ("theirs", chart.theirs),
        ("ours", chart.ours),
    ):
        if path:
            pieces.append(f'<path class="chart-{name}" d="{path}"></path>')
    pieces += [_path(mark, "target-mark", mark_title(mark.day, mark.level, None, mark.recorded)) for mark in chart.milestones]
    pieces += [
        _path(mark, f"ours-mark{_small(mark)}", mark_title(mark.day, mark.level, mark.position, mark.recorded))
        for mark in chart.our_marks
    ]
    for mark in chart.their_marks:
        css = f"chart-theirs-mark{' chart-recorded' if mark.recorded else ''}{_small(mark)}"
        circle = f'<circle class="{css}" cx="{mark.x:g}" cy="{mark.y:g}" r="{mark.size:g}">'
        pieces.append(f"{circle}{mark_title(mark.day, mark.level, mark.position, mark.recorded)}</circle>")
    if chart.goal and chart.goal_label:
        goal = {"level": chart.goal.level, "when": date_format(chart.goal.day, "M Y")}
        pieces.append(_path(chart.goal, "target-mark", ""))
        pieces.append(_text(chart.goal_label, _("level %(level)s, %(when)s") % goal, ' class="chart-goal"'))
    return "".join(pieces) + "</svg>"


def _below(x: float, y: float, down: int, text: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" dy="{down}" text-anchor="middle">{text}</text>'


def _text(label: Label, words: str, css: str = "") -> str:
    return f'<text{css} x="{label.x:g}" y="{label.y:g}" text-anchor="{label.anchor}">{escape(words)}</text>'


def _path(mark: Mark, css: str, mark_title: str) -> str:
    return f'<path class="chart-{css}" d="{mark.outline}">{mark_title}</path>'


def _small(mark: Mark) -> str:
    return " chart-small" if mark.size < SMALL else ""


def _mark_title(day: date, level: int, at: float | None, recorded: bool) -> str:
    """The tooltip of a mark: the position with one decimal, cut off, where it is known, and the level."""
    place = _("level %(level)s") % {"level": level}
    place = place if at is None else f"{position(at)}, {place}"
    words = f"{date_format(day, 'DATE_FORMAT')}: {place}" + (f", {_('recorded')}" if recorded else "")
    return f"<title>{escape(words)}</title>"


@register.simple_tag
def history_table_rows(rows: Iterable[HistoryRow]) -> SafeString:
    """The rows of `assessments/_history_table.html`, in the order given."""
    return mark_safe("\n".join(f"<tr>{_cells(row)}</tr>" for row in rows))  # noqa: S308 - `_cells` escapes


def _cells(row: HistoryRow) -> str:
    """The cells of a row; texts are escaped here."""
    notes: Sequence[str] = [
        *([_("recorded")] if row.recorded else []),
        *([row.told] if row.told else []),
        *([_("closed under the former rule")] if row.former_rule else []),
        *([_("from here on: %(name)s") % {"name": row.edition_name}] if row.edition_changed else []),
    ]
    how_alike = f" <small>{agreement(row.agreement)}</small>" if row.agreement is not None else ""
    return (
        f'<th scope="row"><a href="{escape(row.url)}">{escape(date_format(row.held_on, "j M Y"))}</a>'
        f"{''.join(f'<small>{escape(note)}</small>' for note in notes)}</th>"
        f'<td class="r levels">{_stand(row.customer_position, row.customer_level, "theirs")}</td>'
        f'<td class="r levels">{_stand(row.team_position, row.team_level, "ours")}</td>'
        f'<td class="r">{NOTHING if row.gap is None else signed(row.gap)}</td>'
        f"<td>{escape(row.agreement_word) + how_alike if row.agreement_word else NOTHING}</td>"
        f'<td>{escape(row.confidence_label)}</td><td class="r">{escape(row.band) or NOTHING}</td>'
        f'<td class="r">{row.respondents or NOTHING}</td>'
    )


def _stand(at: float | None, level: int | None, kind: str) -> str:
    badge = level_badge(level, kind)
    return badge if at is None else f'<span class="position">{position(at)}</span> {badge}'
