"""The forms of an import: the file, and what its columns mean."""

from collections.abc import Iterator
from typing import Any

import pycountry
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.assignable import assignable_owners, assignable_teams
from accounts.field_kinds import DAY
from accounts.fields import CONTACT
from accounts.models import User
from core.text_values import day_first, is_ambiguous
from importing.crm_exports import crm_of
from importing.kinds import Kind, kinds
from importing.mapping import WHOSE, Mapping, is_money_of_someone, key, needs_money_choice, whose_money
from importing.reading.table import MAX_BYTES, Table, UnreadableFile, read_table, too_large
from importing.rows import DAYS
from importing.saved_mapping import remembered_answers

NOT_IMPORTED = "-"  # of amounts: that nobody said anything is another thing
WHOSE_MONEY = [
    ("revenue", _("What they buy from us in a year: our revenue")),
    ("turnover", _("What they sell in a year themselves: their turnover")),
    (NOT_IMPORTED, _("Do not import")),
]


class UploadForm(forms.Form):
    """The file and what it holds; `table` is what stands in it."""

    kind = forms.ChoiceField(label=_("What it holds"), required=False, widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("List to import"),
        help_text=_(
            "A CSV file or Excel workbook (.xlsx) as your CRM exports it: a row of column names, then one for each account, "
            "contact or assessment. At most 40 MB and 100 000 rows."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,text/csv"}),
        error_messages={
            "required": _("Choose the file to import."),
            "empty": _("The file is empty. It needs a row of column names, and a row for each account."),
        },
    )

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(kind.name, kind.label) for kind in kinds()]
        self.fields["kind"].choices = [("", _("Find out from the column names")), *named]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:  # before it is read into memory
            raise ValidationError(too_large())
        self.content = file.read()
        try:
            self.table = read_table(self.content)
        except UnreadableFile as error:
            raise ValidationError(str(error), code="unreadable") from error
        return file


class ColumnsForm(forms.Form):
    """The field of each column, and what holds where the file says nothing.

    A form of each kind of import adds its `OPTIONS` and says in `stored_options` what of them is kept with the job.
    """

    OPTIONS: tuple[str, ...] = ()
    DAYS: tuple[str, ...] = ()  # fields that are dates

    fields: dict[str, Any]

    def __init__(
        self, *args: Any, table: Table, mapping: Mapping, user: User, kind: Kind, decided: bool = False, **kwargs: Any
    ) -> None:  # fmt: skip
        """`decided` says that a person chose the mapping, so that what it leaves out is not to be imported."""
        super().__init__(*args, **kwargs)
        self.table, self.user, self.kind, self.decided = table, user, kind, decided
        choices = [("", _("Do not import"))] + [(field.name, field.label) for field in kind.fields.values()]
        for index in self.shown_columns():
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=self.column_name(index), choices=choices, required=False, initial=mapping.get(index, "")
            )
        self.ask_whose_money(mapping)
        self.fields["kind"] = forms.CharField(required=False, widget=forms.HiddenInput, initial=kind.name)
        self.add_options()
        if self.DAYS:
            self.fields["dates"] = forms.ChoiceField(
                label=_("Dates such as 3/4/2024"), required=False,
                choices=[("", _("as the file itself shows")), ("dmy", _("day first: 3 April")), ("mdy", _("month first: March 4"))],
            )  # fmt: skip
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField) and not isinstance(
                field.widget, forms.RadioSelect
            ):  # those of models are, too
                field.widget.attrs["class"] = "form-select"

    def add_options(self) -> None:
        """Add the fields of `OPTIONS`."""

    def ask_whose_money(self, mapping: Mapping) -> None:
        """Put a question in the place of columns of amounts that may be ours or the customer's."""

    def stored_options(self) -> dict[str, Any]:
        """The choices as the job keeps them, with what the person said of values in files like it."""
        answers = remembered_answers(self.user, self.table.headers, self.kind)
        return ({"dates": self.cleaned_data["dates"]} if self.DAYS else {}) | ({"answers": answers} if answers else {})

    def options(self) -> list[forms.BoundField]:
        """For the page: the choices beside the columns."""
        return [self[name] for name in (*self.OPTIONS, "dates") if name in self.fields]

    def shown_columns(self) -> list[int]:
        """All but those with neither a name nor a cell."""
        return [index for index, header in enumerate(self.table.headers) if header or self.table.samples(index, most=1)]

    def column_name(self, index: int) -> str:
        return self.table.headers[index] or str(_("Column %(number)s") % {"number": index + 1})

    def columns(self) -> Iterator[tuple[forms.BoundField, list[str]]]:
        """For the page: each column's choice with some of its cells."""
        for index in self.shown_columns():
            yield self[f"column_{index}"], self.table.samples(index)

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        first: dict[str, str] = {}
        for index in self.shown_columns():
            chosen = _field_in(cleaned.get(f"column_{index}", ""))
            if chosen and chosen in first:
                message = _("“%(other)s” holds this already. Choose one of the two.") % {"other": first[chosen]}
                self.add_error(f"column_{index}", message)
            elif chosen:
                first[chosen] = self.column_name(index)
                if chosen in self.DAYS and not cleaned.get("dates"):
                    self._ask_for_order(index)
        missing = [str(needed.sentence) for needed in self.kind.needed if not set(needed.fields) & set(first)]
        if missing:
            raise ValidationError([ValidationError(sentence) for sentence in missing])
        return cleaned

    def mapping(self) -> Mapping:
        columns = {index: _field_in(self.cleaned_data.get(f"column_{index}", "")) for index in self.shown_columns()}
        return {index: field for index, field in columns.items() if field}

    def _ask_for_order(self, index: int) -> None:
        """Where the dates of a column can all be read in two ways, only a person knows which is meant."""
        cells = [cell.strip() for cell in self.table.column(index)]
        doubtful = next(filter(is_ambiguous, cells), None) if day_first(cells) is None else None
        if doubtful:
            message = _("“%(text)s” can be read as two dates. Say what stands first in this file: the day or the month.")
            self.add_error("dates", message % {"text": doubtful})


def _field_in(chosen: str) -> str:
    return "" if chosen == NOT_IMPORTED else chosen


class ContactColumnsForm(ColumnsForm):
    DAYS = tuple(field.name for field in CONTACT if field.kind is DAY)


class OwnerAndTeam(ColumnsForm):
    """Also who owns what is made."""

    OPTIONS: tuple[str, ...] = ("owner", "team")

    def add_options(self) -> None:
        self.fields["owner"] = forms.ModelChoiceField(
            assignable_owners(self.user), label=_("Owner of new accounts"), initial=self.user.pk, empty_label=None,
            help_text=_("Where the file names no owner."),
        )  # fmt: skip
        self.fields["team"] = forms.ModelChoiceField(
            assignable_teams(self.user), label=_("Team of new accounts"), required=False,
            empty_label=_("the owner's team"), help_text=_("Where the file names no team."),
        )  # fmt: skip

    def stored_options(self) -> dict[str, Any]:
        team = self.cleaned_data["team"]
        return super().stored_options() | {"owner": self.cleaned_data["owner"].pk, "team": team.pk if team else None}


class AccountColumnsForm(OwnerAndTeam):
    OPTIONS = ("owner", "team", "currency")
    DAYS = DAYS

    def add_options(self) -> None:
        super().add_options()
        self.fields["currency"] = forms.CharField(
            label=_("Currency of amounts"), required=False, max_length=3,
            help_text=_("Three letters. Empty: as stored, else the reporting currency."),
            widget=forms.TextInput(attrs={"class": "form-control"}),
        )  # fmt: skip

    def ask_whose_money(self, mapping: Mapping) -> None:
        free = {index: field for index, field in mapping.items() if field not in WHOSE.values() or not self._may_be_either(index)}
        samples = [self.table.samples(index, 20) for index in range(len(self.table.headers))]
        for index in needs_money_choice(self.table.headers, free, samples=samples):
            if index in self.shown_columns():
                self.fields[f"column_{index}"] = forms.ChoiceField(
                    label=self.column_name(index), widget=forms.RadioSelect(attrs={"class": "form-check-input"}), choices=WHOSE_MONEY,
                    initial=mapping.get(index, NOT_IMPORTED if self.decided else None),
                    error_messages={"required": _("Say whose money this is: what they buy from us, or their own turnover.")},
                )  # fmt: skip

    def _may_be_either(self, index: int) -> bool:
        return is_money_of_someone(self.table.headers[index]) and not whose_money(self.table.headers)

    def crm(self) -> str:
        """For the page: the CRM whose export this is, where a column of it holds the turnover by that alone."""
        headers = self.table.headers
        found = crm_of(headers, [key(header) for header in headers])
        return found if any(map(is_money_of_someone, headers)) else ""

    def clean_currency(self) -> str:
        code = self.cleaned_data["currency"].strip().upper()
        if code and pycountry.currencies.get(alpha_3=code) is None:
            raise ValidationError(
                _("“%(value)s” is not a currency. Write its three letters, for example EUR or USD."),
                params={"value": code},
            )
        return code

    def stored_options(self) -> dict[str, Any]:
        return super().stored_options() | {"currency": self.cleaned_data["currency"]}
