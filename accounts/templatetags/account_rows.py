"""Template tag for the rows of the accounts list: written in Python, because a template takes longer for 25 rows of ten cells
than for the rest of the page.
"""

from collections.abc import Iterable, Sequence

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.list_columns import ListColumn, ListLayout, RowReading
from accounts.models import Account, Contact

register = template.Library()

MOST_PEOPLE = 3


@register.simple_tag
def account_rows(accounts: Iterable[Account], layout: ListLayout, reading: RowReading, may_tick: bool) -> SafeString:
    """The rows of a table of accounts with the columns of `layout`; with a checkbox in each row if `may_tick`."""
    peek = _("Peek")
    rows = (_row(account, layout.columns, reading, may_tick, peek) for account in accounts)
    return mark_safe("\n".join(rows))  # noqa: S308 texts are escaped where they are put in


def _row(account: Account, columns: Sequence[ListColumn], reading: RowReading, may_tick: bool, peek: str) -> str:
    name = _name(account, peek) + _people(account, reading.people.get(account.pk, ()))
    cells = [f'<td class="what">{name}</td>']
    cells += [f'<td class="{column.css or "more"}">{column.cell(account, reading)}</td>' for column in columns]
    if may_tick:
        cells.insert(0, f'<td class="tick-cell">{_box(account)}</td>')
    return f"<tr>{''.join(cells)}</tr>"


def _name(account: Account, peek: str) -> str:
    beside = " · ".join(filter(None, (account.segment, account.country_name)))
    archived = f'<span class="tag plain">{_("archived")}</span>' if account.is_archived else ""
    address, name = account.get_absolute_url(), escape(account.name)
    link = f'<a class="row-link" id="account-{account.pk}" href="{address}">{name}</a>'
    # Where there is no script to open it beside the list there is no button.
    button = (
        f'<button type="button" class="peek-at" hx-get="{address}peek/" hx-target="#peek" hx-swap="innerHTML" tabindex="-1" '
        f'aria-label="{peek}: {name}" title="{peek}"></button>'
    )
    return f"{link}<small>{escape(beside)}</small>{archived}{button}"


def _people(account: Account, people: Sequence[Contact]) -> str:
    """Why the account was found: its contacts that fit, the first three by name."""
    lines = []
    for person in people[:MOST_PEOPLE]:
        words = escape(", ".join(filter(None, (person.name, person.email))))
        link = f'<a href="{account.people_url}#person-{person.pk}">{words}</a>'
        lines.append(link if person.active else f'{link} <span class="tag plain">{_("left")}</span>')
    if more := len(people) - len(lines):
        lines.append(ngettext("and %(n)s more person", "and %(n)s more people", more) % {"n": more})
    return "".join(f'<small class="found-person">{line}</small>' for line in lines)


def _box(account: Account) -> str:
    return f'<input type="checkbox" class="form-check-input" name="account" value="{account.pk}" aria-label="{escape(account.name)}">'
