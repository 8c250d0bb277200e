"""What pages of the back-office have in common: each change leaves a trail, and a stale one changes nothing."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit import trail
from core.form_keys import sent_once
from core.versions import Versioned, VersionedForm


class BackOfficeForm(VersionedForm):
    """Refuses what was typed over a version that is no longer the stored one, and shows both."""

    # By another name than the column: Django's back-office asks for all columns that a form has.
    version = None  # type: ignore[assignment]
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2_000_000_000)
    stale = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.instance.version

    @property
    def seen_version(self) -> int:
        return self.cleaned_data.get("seen") or 0

    def renew_version(self, current: Versioned) -> None:
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = str(current.version)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.pk and self.seen_version != self.instance.version:
            self.stale = True
            self.renew_version(self.instance)  # sent again, it is stored over the other
            raise ValidationError(_("Someone changed this while you were at it. Compare, and save again to store yours."))
        return cleaned

    def _post_clean(self) -> None:
        # Both versions are at hand only here: the stored one before, what was typed after.
        stored = type(self.instance)._base_manager.filter(pk=self.instance.pk).first() if self.stale else None
        super()._post_clean()  # type: ignore[misc]
        for row in self.conflict(stored) if stored else []:
            words = row | {"label": capfirst(row["label"])}
            self.add_error(None, _("%(label)s: stored now is “%(theirs)s”, yours is “%(yours)s”.") % words)


class OneByOneAdmin(admin.ModelAdmin):
    """A form makes one object, also when it is sent twice; and nothing is done to many rows at once."""

    @method_decorator(sent_once)
    def add_view(self, request, form_url="", extra_context=None):
        return super().add_view(request, form_url, extra_context)

    def get_actions(self, request, *args, **kwargs):
        return {}  # what is removed in bulk is not looked at


class AuditedAdmin(OneByOneAdmin):
    """Each change made here writes one event in its transaction; `audited` names the columns and lists that it tells."""

    actions = None  # one at a time: what is removed in bulk is not looked at
    audited: tuple[str, ...] = ()

    def get_object(self, request, object_id, from_field=None):
        """Held until the end of the transaction when it is about to change: the next one finds the new version."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "POST":
            obj = self.get_queryset(request).select_for_update().filter(pk=obj.pk).first()
        return obj

    def save_model(self, request, obj, form, change) -> None:
        stored = type(obj)._base_manager.get(pk=obj.pk) if change else None
        form.told_before = self.told(stored) if stored else None
        if change and isinstance(obj, Versioned):
            obj.version += 1
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        obj, before, after = form.instance, form.told_before, self.told(form.instance)
        if change:
            before, after = trail.difference(before, after)
        if after:
            act = f"{obj._meta.model_name}.{'changed' if change else 'created'}"
            trail.record(act, obj, by=request.user, before=before, after=after)

    def delete_model(self, request, obj) -> None:
        trail.record(f"{obj._meta.model_name}.deleted", obj, by=request.user, before=self.told(obj))
        super().delete_model(request, obj)

    def told(self, obj) -> dict[str, Any]:
        """What the trail tells of `obj`: columns as they are, lists as sorted ids."""
        columns = {field.name for field in obj._meta.concrete_fields}
        return trail.snapshot(obj, *(name for name in self.audited if name in columns)) | {
            name: sorted(getattr(obj, name).values_list("pk", flat=True)) for name in self.audited if name not in columns
        }

    def render_change_form(self, request, context, *args, **kwargs):
        response = super().render_change_form(request, context, *args, **kwargs)
        form = context["adminform"].form
        if form.is_bound and form.errors:
            response.status_code = 409 if getattr(form, "stale", False) else 422
        return response
