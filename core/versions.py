"""Two people at one object: each edit names the version it saw, and a stale one changes nothing."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _


class StaleEdit(Exception):
    """Someone else changed the object since it was read; `current` is the object as it is stored now."""

    def __init__(self, current: "Versioned") -> None:
        super().__init__(f"{current._meta.label} {current.pk} was changed by someone else")
        self.current = current


class Versioned(models.Model):
    """An object that people edit, with a version that every edit raises."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True

    def save_version(self, seen: int, fields: list[str]) -> None:
        """Store `fields` if the row still has the version that was seen. Raises StaleEdit, having written nothing."""
        values: dict[str, Any] = {name: getattr(self, name) for name in fields}
        manager = type(self)._base_manager
        if not manager.filter(pk=self.pk, version=seen).update(**values, version=seen + 1):
            raise StaleEdit(manager.get(pk=self.pk))
        self.version = seen + 1


class LongText(forms.Textarea):
    """A text of several lines. Browsers end each in two characters; kept is one, or opening and saving would change it."""

    def value_from_datadict(self, data, files, name):
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class VersionedForm(forms.ModelForm):
    """A model form that carries the version it was opened with.

    `conflict()` names what was typed differently from what is stored, for the page that a stale edit gets.
    """

    fields: dict[str, Any]  # of kinds that have more than every field has
    data: Any

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2_000_000_000)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.instance.version

    @property
    def seen_version(self) -> int:
        """The version that the person who typed had before them; 0 when the form did not say."""
        return self.cleaned_data.get("version") or 0

    def edited_fields(self) -> list[str]:
        """The model's own columns that this form asks for (no many-to-many)."""
        concrete = {field.name for field in self.instance._meta.concrete_fields}
        return [name for name in self.fields if name in concrete and name != "version"]

    def conflict(self, current: models.Model) -> list[dict[str, Any]]:
        """For each field where they differ: its label, what is stored now, what was typed."""
        rows = []
        for name in self.edited_fields():
            theirs, yours = getattr(current, name), getattr(self.instance, name)
            if theirs != yours:
                shown = {"theirs": self._in_words(current, name), "yours": self._in_words(self.instance, name)}
                rows.append({"label": self.fields[name].label} | shown)
        return rows

    def renew_version(self, current: Versioned) -> None:
        """Let the same form be sent again over `current`, once both versions were seen."""
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(current.version)

    def _in_words(self, obj: models.Model, name: str) -> Any:
        """The value as pages show it: a choice by its name, a number as its field writes it in the language of the page."""
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
