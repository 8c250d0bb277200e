"""The forms of an import: the file, and what its columns mean."""

from collections.abc import Iterator

import pycountry
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.importing.mapping import FIELDS, Mapping
from accounts.importing.people import assignable_owners, assignable_teams
from accounts.importing.read import MAX_BYTES, Table, UnreadableFile, read_table, too_large
from accounts.models import User


class UploadForm(forms.Form):
    """The file; `table` is what stands in it."""

    file = forms.FileField(
        label=_("Customer list"),
        help_text=_(
            "A CSV file or Excel workbook (.xlsx) as your CRM exports it: a row of column names, then one for each account. "
            "At most 40 MB and 100 000 rows."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,text/csv"}),
        error_messages={
            "required": _("Choose the file to import."),
            "empty": _("The file is empty. It needs a row of column names, and a row for each account."),
        },
    )

    def clean_file(self):
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
    """The field of each column, and what holds where the file says nothing."""

    def __init__(self, *args, table: Table, mapping: Mapping, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.table, self.user = table, user
        choices = [("", _("Do not import"))] + [(field.name, field.label) for field in FIELDS.values()]
        for index in self.shown_columns():
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=self.column_name(index), choices=choices, required=False, initial=mapping.get(index, "")
            )
        self.fields["owner"] = forms.ModelChoiceField(
            assignable_owners(user), label=_("Owner of new accounts"), initial=user.pk, empty_label=None,
            help_text=_("Where the file names no owner."),
        )  # fmt: skip
        self.fields["team"] = forms.ModelChoiceField(
            assignable_teams(user), label=_("Team of new accounts"), required=False,
            empty_label=_("the owner's team"), help_text=_("Where the file names no team."),
        )  # fmt: skip
        self.fields["currency"] = forms.CharField(
            label=_("Currency of amounts"), required=False, max_length=3,
            help_text=_("Three letters. Empty: as stored, else the reporting currency."),
        )  # fmt: skip
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control" if name == "currency" else "form-select"

    def shown_columns(self) -> list[int]:
        """All but those with neither a name nor a cell."""
        return [index for index, header in enumerate(self.table.headers) if header or self.table.samples(index, most=1)]

    def column_name(self, index: int) -> str:
        return self.table.headers[index] or str(_("Column %(number)s") % {"number": index + 1})

    def columns(self) -> Iterator[tuple[forms.BoundField, list[str]]]:
        """For the page: each column's choice with some of its cells."""
        for index in self.shown_columns():
            yield self[f"column_{index}"], self.table.samples(index)

    def clean_currency(self) -> str:
        code = self.cleaned_data["currency"].strip().upper()
        if code and pycountry.currencies.get(alpha_3=code) is None:
            raise ValidationError(
                _("“%(value)s” is not a currency. Write its three letters, for example EUR or USD."),
                params={"value": code},
            )
        return code

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        first: dict[str, str] = {}
        for index in self.shown_columns():
            chosen = cleaned.get(f"column_{index}")
            if chosen and chosen in first:
                message = _("“%(other)s” holds this already. Choose one of the two.") % {"other": first[chosen]}
                self.add_error(f"column_{index}", message)
            elif chosen:
                first[chosen] = self.column_name(index)
        if "name" not in first and "external_id" not in first:
            raise ValidationError(_("Say which column holds the name of the account."))
        return cleaned

    def mapping(self) -> Mapping:
        columns = {index: self.cleaned_data.get(f"column_{index}", "") for index in self.shown_columns()}
        return {index: field for index, field in columns.items() if field}

    def stored_options(self) -> dict:
        """The choices as the job keeps them."""
        team = self.cleaned_data["team"]
        return {
            "owner": self.cleaned_data["owner"].pk,
            "team": team.pk if team else None,
            "currency": self.cleaned_data["currency"],
        }
