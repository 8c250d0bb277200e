"""The forms to save and rename a view."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.versions import VersionedForm
from portfolio.models import NAME, QUERY, SavedView
from portfolio.saved_views.acts import MOST, address_of, lasting_query, same_name


class SaveViewForm(forms.Form):
    """A page to save under a name. `views` are those of the person; `taken` is the one that has the typed name already."""

    name = forms.CharField(label=_("name"), max_length=NAME, error_messages={"required": _("Write a name.")})
    page = forms.CharField(widget=forms.HiddenInput)
    query = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, views: Sequence[SavedView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.views = views
        self.taken: SavedView | None = None
        self.address: str | None = None  # what is to be kept, where it can be

    def clean_name(self) -> str:
        return plain_name(self.cleaned_data["name"])

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        query = self._lasting(cleaned.get("query", ""))
        self.address = None if query is None else address_of(cleaned.get("page", ""), query)
        if query is not None and self.address is None:
            raise ValidationError(_("This page cannot be saved as a view."), code="page")
        if self.address is None:
            raise ValidationError(
                _("There are too many filters in this address to keep it. Remove some and save it again."), code="too_long"
            )
        self.taken = same_name(self.views, cleaned.get("name", ""))
        if self.taken and self.data.get("replace") != str(self.taken.pk):
            self.add_error(
                "name",
                ValidationError(
                    _("You have a view named “%(name)s” already. Write another name, or replace that one."),
                    code="unique", params={"name": self.taken.name},
                ),
            )  # fmt: skip
        elif not self.taken and len(self.views) >= MOST:
            raise ValidationError(
                _("You have %(most)s views, which is as many as there can be. Delete one first."),
                code="too_many", params={"most": MOST},
            )  # fmt: skip
        return cleaned | {"query": query}

    def _lasting(self, query: str) -> str | None:
        """The query as it is stored; None when it is too long."""
        try:
            lasting = lasting_query(query)
        except ValueError:
            return None
        return lasting if len(lasting) <= QUERY else None


class RenameForm(VersionedForm):
    class Meta:
        model = SavedView
        fields = ["name"]
        error_messages = {"name": {"required": _("Write a name.")}}

    def __init__(self, *args: Any, views: Sequence[SavedView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = [view for view in views if view.pk != self.instance.pk]

    def clean_name(self) -> str:
        name = plain_name(self.cleaned_data["name"])
        if same_name(self.others, name):
            raise ValidationError(_("You have a view of this name already."), code="unique")
        return name


def plain_name(text: str) -> str:
    """The name on one line, without invisible characters, by which two names could look the same. Raises ValidationError."""
    seen = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
    name = " ".join(seen.split())
    if not name:
        raise ValidationError(_("Write a name."), code="required")
    return name
