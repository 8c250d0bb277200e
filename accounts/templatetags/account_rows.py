"""Template tag for the rows of the accounts list: written in Python, because a template takes longer for 25 rows of ten cells
than for the rest of the page.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django import template
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Contact
from accounts.templatetags.standing import likelihood, money, signed, status_tag
from core import organisation
from hierarchy.templatetags.levels import level_badge

register = template.Library()

MOST_PEOPLE = 3
NOTHING = '<span class="muted">–</span>'


@register.simple_tag
def account_rows(
    accounts: Iterable[Account], may_tick: bool, people: Mapping[int, Sequence[Contact]] | None = None
) -> SafeString:
    """The rows of a table of accounts with their owners; with a checkbox in each row if `may_tick`.

    `people` are those for whose sake an account was found, by its id.
    """
    found = people or {}
    rows = (_row(account, may_tick, found.get(account.pk, ())) for account in accounts)
    return mark_safe("\n".join(rows))  # noqa: S308 texts are escaped below


def _row(account: Account, may_tick: bool, people: Sequence[Contact]) -> str:
    cells = [
        ("what", _name(account) + _people(account, people)),
        ("theirs", _badge(account.customer_level, "theirs", _("They")) + _told(account)),
        ("ours", _badge(account.team_level, "ours", _("We"))),
        ("r gap", NOTHING if account.gap is None else signed(account.gap)),
        ("heard", _month(account.last_heard_on) if account.last_heard_on else _muted(_("never"))),
        ("aim", level_badge(account.target_level, "target") if account.target_level else NOTHING),
        ("due", _month(account.target_due_on) if account.target_due_on else NOTHING),
        ("status", _status(account) if account.target_level else _muted(_("no target"))),
        ("r revenue", _revenue(account)),
        ("owner", escape(account.owner)),
    ]
    if may_tick:
        cells.insert(0, ("tick-cell", _box(account)))
    return f"<tr>{''.join(f'<td class="{css}">{content}</td>' for css, content in cells)}</tr>"


def _name(account: Account) -> str:
    beside = " · ".join(filter(None, (account.segment, account.country_name)))
    archived = f'<span class="tag plain">{_("archived")}</span>' if account.is_archived else ""
    link = f'<a class="row-link" href="{account.get_absolute_url()}">{escape(account.name)}</a>'
    return f"{link}<small>{escape(beside)}</small>{archived}"


def _people(account: Account, people: Sequence[Contact]) -> str:
    """Why the account was found: its contacts that fit, the first three by name."""
    lines = []
    for person in people[:MOST_PEOPLE]:
        words = escape(", ".join(filter(None, (person.name, person.email))))
        link = f'<a href="{account.get_absolute_url()}#person-{person.pk}">{words}</a>'
        lines.append(link if person.active else f'{link} <span class="tag plain">{_("left")}</span>')
    if more := len(people) - len(lines):
        lines.append(ngettext("and %(n)s more person", "and %(n)s more people", more) % {"n": more})
    return "".join(f'<small class="found-person">{line}</small>' for line in lines)


def _status(account: Account) -> str:
    """The status of the target, and the chance while something is left to be seen."""
    tag, chance = status_tag(account.target_status), account.target_chance
    if chance is None or chance in {0, 1}:
        return tag
    words = _("%(chance)s likely") % {"chance": likelihood(chance)}
    return f"{tag} <small>{words}</small>"


def _badge(level: int | None, kind: str, whose: str) -> str:
    """The badge, with the words of its column, which a phone does not show over it."""
    return f'<small class="whose">{whose}</small>{level_badge(level, kind)}'


def _told(account: Account) -> str:
    """Where the level comes from answers that our side typed in."""
    if not account.told_to_us:
        return ""
    words = _("told to us")
    return f" <small>{words}</small>"


def _revenue(account: Account) -> str:
    """In the reporting currency, with the amount in its own below it; where no rate is known in its own, and that it is not counted."""
    if account.revenue is None:
        return NOTHING
    own = escape(money(account.revenue, account.currency))
    if account.lacks_rate:
        unconverted = _("no exchange rate")
        return f"{own}<small>{unconverted}</small>"
    if account.worth is None or account.currency == organisation.reporting_currency():
        return own
    return f"{escape(money(account.worth, organisation.reporting_currency()))}<small>{own}</small>"


def _box(account: Account) -> str:
    return f'<input type="checkbox" class="form-check-input" name="account" value="{account.pk}" aria-label="{escape(account.name)}">'


def _month(day: date) -> str:
    return date_format(day, "M Y")


def _muted(words: str) -> str:
    return f'<span class="muted">{words}</span>'
