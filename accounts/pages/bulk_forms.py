"""The form of a bulk change."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.translation import gettext_lazy as _

from accounts.acts.bulk_change import Act, Order
from accounts.assignable import assignable_owners, assignable_teams
from accounts.filter_choices import MOST_OWNERS
from accounts.models import Tag, User
from core.forms import typed_id


class BulkChangeForm(forms.Form):
    """The act with its value; `seen` identifies the accounts that the page showed, `act` is chosen to begin with."""

    fields: dict[str, Any]  # of kinds that have more than every field has

    act = forms.ChoiceField(
        label=_("What to do"), choices=Act.choices, widget=forms.RadioSelect, error_messages={"required": _("Choose what to do.")}
    )
    owner = forms.CharField(label=_("New owner"), required=False, max_length=254)
    team: Any = forms.ModelChoiceField(None, label=_("New team"), required=False, empty_label=_("no team"))
    tag = forms.CharField(label=_("Tag to add"), required=False, max_length=60)
    untag: Any = forms.ModelChoiceField(None, label=_("Tag to remove"), required=False, empty_label="—")

    def __init__(self, data: Any = None, *, user: User, tags: tuple[tuple[int, str], ...], act: str = "") -> None:
        super().__init__(data, initial={"act": act})
        self.owners = assignable_owners(user)
        self.fields["team"].queryset = assignable_teams(user)
        self.fields["untag"].queryset = Tag.objects.filter(pk__in=[pk for pk, _name in tags])
        few = list(self.owners.only("name", "email")[: MOST_OWNERS + 1])
        if len(few) <= MOST_OWNERS:
            people = [("", "—"), *((person.pk, str(person)) for person in few)]
            self.fields["owner"].widget = forms.Select(choices=people)
        else:
            self.fields["owner"].help_text = _("E-mail address or full name.")
        for name, field in self.fields.items():
            if name != "act":
                field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
        self.seen = str(self.data.get("seen", ""))

    def clean_owner(self) -> User | None:
        """The owner by id, as the select field sends it; else by e-mail address or full name, as people type it."""
        text = " ".join(self.cleaned_data["owner"].split())
        if not text:
            return None
        number = typed_id(text)
        asked = Q(email__iexact=text) | Q(name__iexact=text) if number is None else Q(pk=number)
        found = list(self.owners.filter(asked)[:2])
        if len(found) > 1:
            raise ValidationError(_("More than one person is called so. Write the e-mail address."))
        if not found:
            raise ValidationError(_("Nobody of that name or address can be made owner by you."))
        return found[0]

    def clean_tag(self) -> str:
        tag = " ".join(self.cleaned_data["tag"].split())
        if "," in tag or ";" in tag:
            raise ValidationError(_("One tag, without a comma or semicolon."))
        return tag

    def clean(self) -> dict[str, Any]:
        needed: dict[str, tuple[str, Any]] = {
            Act.OWNER: ("owner", _("Choose the new owner.")),
            Act.TAG: ("tag", _("Write the tag to add.")),
            Act.UNTAG: ("untag", _("Choose the tag to remove.")),
        }
        name, sentence = needed.get(self.cleaned_data.get("act") or "", ("", ""))
        if name and name not in self.errors and not self.cleaned_data.get(name):
            self.add_error(name, sentence)
        return self.cleaned_data

    def order(self) -> Order:
        """What the valid form asks for."""
        act, given = self.cleaned_data["act"], self.cleaned_data
        if act == Act.TAG:
            return Order(act, None, given["tag"])
        value = {Act.OWNER: given["owner"], Act.TEAM: given["team"], Act.UNTAG: given["untag"]}.get(act)
        return Order(act, value.pk, str(value)) if value else Order(act)

    def choices(self) -> Iterator[tuple[BoundWidget, BoundField | None]]:
        """Each act with the field of its value, if it has one; for the template."""
        for radio in self["act"]:
            value = str(radio.data["value"])
            yield radio, self[value] if value in self.fields else None
