"""Optimistic locking: an edit names the version that its author saw, and a stale edit changes nothing."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.stored_keys import keys_of


class StaleEdit(Exception):
    """The object was changed since its author read it; `current` is the stored object."""

    def __init__(self, current: "Versioned") -> None:
        super().__init__(f"{current._meta.label} {current.pk} was changed by someone else")
        self.current = current


class Versioned(models.Model):
    """A model with a version that every edit increases."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True

    def save_version(self, seen: int, fields: list[str]) -> None:
        """Update `fields` if the stored version is still `seen`. Raises StaleEdit, and writes nothing, if it is not."""
        values: dict[str, Any] = {name: getattr(self, name) for name in fields}
        values |= {key.name: key.pre_save(self, False) for key in keys_of(type(self), fields)}
        manager = type(self)._base_manager
        if not manager.filter(pk=self.pk, version=seen).update(**values, version=seen + 1):
            raise StaleEdit(manager.get(pk=self.pk))
        self.version = seen + 1


class LongText(forms.Textarea):
    """A text area. Browsers send line ends as CRLF; they are stored as LF, or opening and saving a form would change the text."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class VersionedForm(forms.ModelForm):
    """A model form with a hidden field for the version that its author saw.

    `conflict()` gives the differences for the page that answers a stale edit.
    """

    fields: dict[str, Any]  # not `Field`: the code below uses attributes of its subclasses
    data: Any

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2_000_000_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.instance.version

    def keep_only(self, name: str) -> None:
        """Ask for the field `name` alone, where it is changed by itself."""
        self.fields = {key: field for key, field in self.fields.items() if key in {name, "version"}}

    @property
    def seen_version(self) -> int:
        """The version that the author saw; 0 when the form did not contain it."""
        return self.cleaned_data.get("version") or 0

    def edited_fields(self) -> list[str]:
        """The names of the fields that are columns of the model (no many-to-many fields)."""
        concrete = {field.name for field in self.instance._meta.concrete_fields}
        return [name for name in self.fields if name in concrete and name != "version"]

    def conflict(self, current: models.Model) -> list[dict[str, Any]]:
        """The fields that differ from the stored object `current`: label, stored value (`theirs`), typed value (`yours`)."""
        rows = []
        for name in self.edited_fields():
            theirs, yours = getattr(current, name), getattr(self.instance, name)
            if theirs != yours:
                shown = {"theirs": self._in_words(current, name), "yours": self._in_words(self.instance, name)}
                rows.append({"label": self.fields[name].label} | shown)
        return rows

    def renew_version(self, current: Versioned) -> None:
        """Set the hidden version to that of `current`, so that the form overwrites it when it is sent again."""
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(current.version)

    def _in_words(self, obj: models.Model, name: str) -> Any:
        """The value as pages show it: the label of a choice, a number in the format of the language."""
        field, display, value = self.fields[name], getattr(obj, f"get_{name}_display", None), getattr(obj, name)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, str) and (found := dict(getattr(field, "choices", ())).get(value)):
            return found
        if isinstance(value, list):
            return ", ".join(str(label) for name, label in getattr(field, "choices", ()) if name in value)
        if display:
            return display()
        return field.prepare_value(value) if isinstance(value, int | Decimal) else value
