"""The tables that can be exported."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from accounts.exporting import COLUMNS, contact_rows, contacts_of, rows
from accounts.querysets import AccountQuerySet
from assessments.exporting import round_rows, rounds_of
from core.paging import Sort
from core.tables import Cell
from plans.exporting import action_rows, count_of_actions, plans_of, target_rows, targets_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Export:
    """One table. Both functions get the accounts that are exported, and `rows` also all that the reader may see."""

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
