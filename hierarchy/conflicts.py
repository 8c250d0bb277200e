"""The differences between the stored draft and a stale edit of it, for the whole page with its formsets."""

from typing import Any

from django.db.models import Model
from django.forms import ModelForm
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hierarchy.formsets import PartFormSet


def conflict_rows(form: ModelForm, formsets: list[PartFormSet]) -> list[dict[str, Any]]:
    """The fields that differ: label, stored value (`theirs`), typed value (`yours`); for `_conflict.html`."""
    rows = _differences(form, "")
    for formset in formsets:
        for row in formset.forms:
            name = _kind_and_name(row.instance)
            if formset.is_gone(row):
                rows.append({"label": name, "theirs": _("(removed)"), "yours": _("(kept; saving puts it back)")})
            elif not row.instance._state.adding:
                rows += _differences(row, f"{name}: ")
        seen = {row.instance.pk for row in formset.forms}
        rows += [
            {"label": _kind_and_name(obj), "theirs": _("(new)"), "yours": _("(not on your page; it stays)")}
            for obj in formset.get_queryset()
            if obj.pk not in seen
        ]
    return rows


def _differences(form: ModelForm, prefix: str) -> list[dict[str, Any]]:
    return [
        {
            "label": f"{prefix}{form.fields[name].label}",
            "theirs": _shown(form, name, form.initial.get(name)),
            "yours": _shown(form, name, form[name].value()),
        }
        for name in form.changed_data
        if name not in {"version", "id", "DELETE"}
    ]


def _shown(form: ModelForm, name: str, value: Any) -> str:
    """The value as the page shows it: the label of a choice, not its number."""
    choices = {str(key): words for key, words in getattr(form.fields[name], "choices", ())}
    text = "" if value is None else str(value)
    return str(choices.get(text, text))


def _kind_and_name(obj: Model) -> str:
    name = getattr(obj, "code", None) or getattr(obj, "rank", None) or str(obj)
    return f"{capfirst(str(obj._meta.verbose_name))} {name}"
