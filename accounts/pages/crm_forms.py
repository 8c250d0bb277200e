"""Forms of CRM sources: the fields that a source system owns."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from accounts import owned_fields
from accounts.models.crm_source import CrmSource
from core.constraints import violates
from core.versions import VersionedForm


def owned_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("what it owns"), required=False, widget=forms.CheckboxSelectMultiple, choices=owned_fields.choices,
        help_text=_("External id and source stay as they are in any case: by them the system finds its account again."),
    )  # fmt: skip


class OwnedFieldsForm(VersionedForm):
    owned = owned_field()

    class Meta:
        model = CrmSource
        fields = ["owned"]


class CrmSourceForm(VersionedForm):
    owned = owned_field()

    class Meta:
        model = CrmSource
        fields = ["source", "owned"]
        widgets = {"source": forms.TextInput(attrs={"list": "sources", "autocomplete": "off"})}
        help_texts = {"source": _("As accounts name it in their field “source”, for example Salesforce.")}

    def clean_source(self) -> str:
        source = self.cleaned_data["source"]
        if CrmSource.objects.filter(key=source.casefold()).exists():
            raise self._taken()
        return source

    def refuse(self, error: IntegrityError) -> None:
        """Show at the field that someone else stored the same rule meanwhile; raises any other error again."""
        if not violates(error, CrmSource, "crm_source_once"):
            raise error
        self.add_error("source", self._taken())

    def _taken(self) -> ValidationError:
        return ValidationError(_("There is a rule for this system already."), code="unique")
