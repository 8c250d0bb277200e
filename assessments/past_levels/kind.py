"""Past levels as a kind of import on the import pages; same rows and rules as `manage.py import_history`."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.derived import refresh_derived_columns
from accounts.models import Account, User
from assessments.past_levels.rows import COLUMNS, FIELDS, WrongColumns, find_columns
from assessments.past_levels.undo import taking_back
from assessments.past_levels.work import Choices, PastLevelsWork
from importing.forms import OwnerAndTeam
from importing.kinds import Kind, Needed, guess_by_names
from importing.mapping import Mapping
from importing.owner_lookup import DAY_FIRST, options_of
from importing.reading.table import Table


class HistoryColumnsForm(OwnerAndTeam):
    OPTIONS = ("source", "create_accounts", "owner", "team")
    DAYS = ("held_on",)

    def add_options(self) -> None:
        longest = Account._meta.get_field("source").max_length
        self.fields["source"] = forms.CharField(
            label=gettext_lazy("Source of the external ids"), required=False, max_length=longest,
            help_text=gettext_lazy("Where accounts come from several systems: the name of the one that this file comes from."),
            widget=forms.TextInput(attrs={"class": "form-control"}),
        )  # fmt: skip
        self.fields["create_accounts"] = forms.BooleanField(
            label=gettext_lazy("Make accounts that are not here yet"), required=False,
            help_text=gettext_lazy("Else their rows are rejected."),
        )  # fmt: skip
        super().add_options()
        self.fields["owner"].help_text = self.fields["team"].help_text = ""  # a file of levels names neither

    def stored_options(self) -> dict[str, Any]:
        own = {name: self.cleaned_data[name] for name in ("source", "create_accounts")}
        return super().stored_options() | own


def options(user: User | None, stored: dict) -> Choices:
    """The stored choices as they hold now. Who may no longer name the owner makes what is new their own."""
    chosen = options_of(user, stored)
    return Choices(
        source=stored.get("source", ""),
        create_accounts=bool(stored.get("create_accounts")) and chosen.owner is not None,
        options=chosen,
        day_first=DAY_FIRST.get(stored.get("dates", "")),
    )


def guess(table: Table) -> Mapping:
    return guess_by_names(table.headers, COLUMNS)


def likely(headers: Sequence[str]) -> bool:
    """Whether the names are those that the command asks for."""
    try:
        find_columns(headers)
    except WrongColumns:
        return False
    return True


HISTORY = Kind(
    name="history",
    label=gettext_lazy("Past assessments"),
    one_row=gettext_lazy(
        "One row for each account and day on which a level was found before, with how the customer saw us, how we thought they "
        "did, or both. Each becomes a closed assessment that is marked as recorded; what was assessed here is never replaced."
    ),
    fields=FIELDS,
    needed=[
        Needed({"account"}, gettext_lazy("Say which column holds the account: its external id or its name.")),
        Needed({"held_on"}, gettext_lazy("Say which column holds the day.")),
        Needed({"customer_level", "team_level"}, gettext_lazy("Say which column holds a level: theirs, ours, or both.")),
    ],
    guess=guess,
    work=PastLevelsWork,
    form=HistoryColumnsForm,
    options=options,
    sample=[
        ["Account", "Held on", "Their level", "Our level", "Respondents"],
        ["Example Mills", "2023-03-31", "2.75", "4", "3"],
        ["Example Mills", "2024-03-29", "3.2", "4", "5"],
        ["Example Yards", "2024-06-14", "", "2", ""],
    ],
    new_rows="assessments/_import_new_results.html",
    likely=likely,
    undo=taking_back,
    afterwards=refresh_derived_columns.enqueue,  # forecasts are made from the history of all accounts
)  # fmt: skip
