"""The tables that can be taken out, and of which accounts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.exporting import COLUMNS, contact_rows, contacts_of, rows
from accounts.filter_choices import choices_for, tags_for
from accounts.filters import AccountFilter
from accounts.models import Account, User
from accounts.querysets import AccountQuerySet
from assessments.exporting import round_rows, rounds_of
from core.countries import countries_by_name
from core.forms import typed_id
from core.paging import Sort
from core.tables import Cell
from plans.exporting import action_rows, count_of_actions, plans_of, target_rows, targets_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Export:
    """One table. Both functions are given the accounts that are chosen; `rows` also those that one may see."""

    name: str  # in the address and of the file
    label: "StrOrPromise"
    a_row: "StrOrPromise"  # what a row of it is
    count: Callable[[AccountQuerySet], int]
    rows: Callable[[AccountQuerySet, AccountQuerySet], Iterator[list[Cell]]]


EXPORTS = {
    export.name: export
    for export in (
        Export(
            "accounts",
            gettext_lazy("Accounts"),
            gettext_lazy(
                "A row for each account: all that an import reads, and where it stands. Importing it again changes nothing."
            ),
            lambda accounts: accounts.order_by().count(),
            lambda accounts, visible: rows(accounts, Sort("name", "name"), COLUMNS, visible),
        ),
        Export(
            "contacts",
            gettext_lazy("Contacts"),
            gettext_lazy("A row for each person: account, e-mail, job title, buying role, influence and language."),
            lambda accounts: contacts_of(accounts).count(),
            lambda accounts, visible: contact_rows(contacts_of(accounts), visible),
        ),
        Export(
            "assessments",
            gettext_lazy("Assessments"),
            gettext_lazy("A row for each closed round: its day, both positions and levels, gap, agreement and confidence."),
            lambda accounts: rounds_of(accounts).count(),
            lambda accounts, visible: round_rows(rounds_of(accounts), visible),
        ),
        Export(
            "targets",
            gettext_lazy("Targets"),
            gettext_lazy("A row for each target, those that were revised too: level, dates, milestones and why."),
            lambda accounts: targets_of(accounts).count(),
            lambda accounts, visible: target_rows(targets_of(accounts)),
        ),
        Export(
            "plans",
            gettext_lazy("Plans"),
            gettext_lazy("A row for each action with its plan: step, goal, owners, dates, state and outcome."),
            lambda accounts: count_of_actions(plans_of(accounts)),
            lambda accounts, visible: action_rows(plans_of(accounts)),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The accounts that an address speaks of."""

    accounts: AccountQuerySet
    visible: AccountQuerySet
    narrowed: AccountFilter | None  # None: all that one may see, archived ones too

    def count(self) -> int:
        return self.narrowed.count() if self.narrowed else self.accounts.order_by().count()

    @property
    def told(self) -> dict[str, Any]:
        return self.narrowed.told if self.narrowed else {}


def chosen_by(user: User, query: QueryDict) -> Chosen:
    """Those that the list of accounts would show, archived ones too where the address says nothing. At most one statement."""
    visible = Account.objects.visible_to(user, teams_first=True)
    if not any(query.get(name) for name in AccountFilter.base_filters) and "account" not in query:
        return Chosen(visible, visible, None)
    narrowed = AccountFilter(query, user=user, queryset=visible)
    return Chosen(narrowed.qs, visible, narrowed)


def narrowed_words(narrowed: AccountFilter) -> list[str]:
    """What narrows, in words: “Team: Benelux”, “Level: 3”. At most six statements, none for what is at hand."""
    said = [
        f"{narrowed.form.fields[name].label}: {_shown(narrowed, name, value)}" for name, value in narrowed.stated.items() if value
    ]
    if "account" in narrowed.data:
        ticked = len(narrowed.chosen)
        said.append(ngettext("%(n)s ticked one", "%(n)s ticked ones", ticked) % {"n": number_format(ticked, 0)})
    return said


def _shown(narrowed: AccountFilter, name: str, value: Any) -> str:
    if name == "family":
        return narrowed.parent.name if narrowed.parent else _("unknown")
    if name == "revenue":
        return number_format(value)
    if name == "country":
        return dict(countries_by_name([value])).get(value, value)
    if name in {"owner", "team", "tag"} and (pk := typed_id(value)) is not None:
        return _name_of(narrowed, name, pk)
    choices = dict(getattr(narrowed.form.fields[name], "choices", ()))
    return str(choices.get(value, value))


def _name_of(narrowed: AccountFilter, name: str, pk: int) -> str:
    """Of an owner, a team or a tag, if it occurs among the accounts that this person may see."""
    if name == "tag":
        known = tags_for(narrowed.user, state=narrowed.newest_event)
    else:
        offered = choices_for(narrowed.user, archived=True, state=narrowed.newest_event)
        known = offered.owners if name == "owner" else offered.teams
    return dict(known).get(pk) or _("unknown")
