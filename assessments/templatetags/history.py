"""Template tags that render the level history: as SVG charts, and as rows of a table.

Tags instead of templates: together they print several hundred values, and a template takes ten times as long for each.
Texts are escaped; numbers are written as SVG needs them, whatever the language.
"""

from collections.abc import Iterable, Mapping, Sequence

from django import template
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.templatetags.standing import agreement, position, signed
from assessments.chart.geometry import Chart
from assessments.history import HistoryRow
from assessments.history_svg import drawn_history
from hierarchy.templatetags.levels import level_badge

register = template.Library()

NOTHING = mark_safe('<span class="muted">–</span>')


@register.simple_tag
def level_charts(
    wide: Chart, narrow: Chart, name: str, description: str, levels: Mapping[int, str] | None = None, chance: str = ""
) -> SafeString:
    """Two SVG charts of the history of the account `name`, wide and narrow: the style sheet shows the one that fits.

    `levels` are the names of the levels by rank; `chance` is that of the target, in words.
    """
    drawn = (
        drawn_history(chart, css, name, description, levels or {}, chance) for chart, css in ((wide, "wide"), (narrow, "narrow"))
    )
    return mark_safe("\n".join(drawn))  # noqa: S308 - made of numbers and of what `drawn_history` escapes


@register.simple_tag
def level_chart(chart: Chart, name: str, description: str) -> SafeString:
    """One SVG chart of the history of the account `name`, for a page that has one size of it, as on paper: nothing in it answers."""
    return mark_safe(drawn_history(chart, "one", name, description, answers=False))  # noqa: S308 - `drawn_history` escapes


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
