"""Base classes of the back-office: forms that detect stale edits, and admins that write audit events."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit import trail
from core.form_keys import sent_once
from core.versions import Versioned, VersionedForm


class BackOfficeForm(VersionedForm):
    """Refuses a stale edit, and lists the differences between the typed and the stored values as errors."""

    # Not named after the column: ModelAdmin would treat a field of that name as a field of the model.
    version = None  # type: ignore[assignment]
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2_000_000_000)
    stale = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
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
            self.renew_version(self.instance)  # sent again, the form overwrites the stored values
            raise ValidationError(_("Someone changed this while you were at it. Compare, and save again to store yours."))
        return cleaned

    def _post_clean(self) -> None:
        # Model forms assign the typed values to the instance here, so the stored ones are read before.
        stored = type(self.instance)._base_manager.filter(pk=self.instance.pk).first() if self.stale else None
        super()._post_clean()  # type: ignore[misc]
        for row in self.conflict(stored) if stored else []:
            words = row | {"label": capfirst(row["label"])}
            self.add_error(None, _("%(label)s: stored now is “%(theirs)s”, yours is “%(yours)s”.") % words)


class OneByOneAdmin(admin.ModelAdmin):
    """An admin without bulk actions, whose add form creates one object also when it is sent twice."""

    actions = None  # a bulk action would skip save_model and delete_model, and so the trail

    @method_decorator(sent_once)
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().add_view(request, form_url, extra_context)


class AuditedAdmin(OneByOneAdmin):
    """An admin that writes an audit event for each change, in its transaction; `audited` names the fields in the event."""

    audited: tuple[str, ...] = ()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Lock the row on POST, so that a second edit at the same moment sees the version of the first."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "POST":
            obj = self.get_queryset(request).select_for_update().filter(pk=obj.pk).first()
        return obj

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        stored = type(obj)._base_manager.get(pk=obj.pk) if change else None
        form.values_before = self.audited_values(stored) if stored else None
        if change and isinstance(obj, Versioned):
            obj.version += 1
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        obj, before, after = form.instance, form.values_before, self.audited_values(form.instance)
        if change:
            before, after = trail.difference(before, after)
        if after:
            act = f"{obj._meta.model_name}.{'changed' if change else 'created'}"
            trail.record(act, obj, by=request.user, before=before, after=after)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        trail.record(f"{obj._meta.model_name}.deleted", obj, by=request.user, before=self.audited_values(obj))
        super().delete_model(request, obj)

    def audited_values(self, obj: models.Model) -> dict[str, Any]:
        """The values of `audited` for the trail: columns as they are, many-to-many fields as sorted ids."""
        columns = {field.name for field in obj._meta.concrete_fields}
        return trail.snapshot(obj, *(name for name in self.audited if name in columns)) | {
            name: sorted(getattr(obj, name).values_list("pk", flat=True)) for name in self.audited if name not in columns
        }

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().render_change_form(request, context, *args, **kwargs)
        form = context["adminform"].form
        if form.is_bound and form.errors:
            response.status_code = 409 if getattr(form, "stale", False) else 422
        return response
