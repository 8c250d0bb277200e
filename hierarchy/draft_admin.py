"""Base classes of the admin pages of editions and plays: inline rows, the lock of the edition, and edit conflicts."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminErrorList
from django.contrib.admin.utils import unquote
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.backoffice import OneByOneAdmin
from hierarchy.conflicts import conflict_rows
from hierarchy.forms import IndicatorForm, LevelForm, PlayActionForm, PlayRowForm, pairs
from hierarchy.formsets import LevelFormSet, PlacedFormSet, PlayActionFormSet, PlayFormSet
from hierarchy.models import Edition, Indicator, Level, Play, PlayAction

MOST_PARTS = 500  # rows of a kind that are read from one page, whatever total the management form states


class PartInline(admin.StackedInline):
    """Rows of one kind of part; `intro` is shown above them."""

    template = "admin/hierarchy/parts.html"
    extra = 1
    intro: Any = ""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, absolute_max=MOST_PARTS, max_num=MOST_PARTS, **kwargs)


class LevelInline(PartInline):
    model, form, formset = Level, LevelForm, LevelFormSet
    extra = 0
    can_delete = False
    intro = gettext_lazy("What each level means. The five are always there; only their words are yours to choose.")
    fieldsets = [(None, {"fields": pairs("name", "seen_as", "seen_as_ours", "position", "description")})]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class IndicatorInline(PartInline):
    model, form, formset = Indicator, IndicatorForm, PlacedFormSet
    intro = gettext_lazy(
        "Each is answered from 1, strongly disagree, to 5, strongly agree, or “don’t know”. "
        "The customer reads the one wording, our own people the other."
    )
    fieldsets = [(None, {"fields": [("rank", "place", "code", "active"), *pairs("customer", "team")]})]


class PlayInline(PartInline):
    model, form, formset = Play, PlayRowForm, PlayFormSet
    intro = gettext_lazy(
        "The playbook: what one does to climb a step. Each play has a page of its own, with its dated actions and the statements "
        "that it works on."
    )
    fieldsets = [(None, {"fields": [("from_rank", "place", "code"), *pairs("title", "why")]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Play]:
        return super().get_queryset(request).annotate(number_of_actions=Count("actions"))


class PlayActionInline(PartInline):
    model, form, formset = PlayAction, PlayActionForm, PlayActionFormSet
    intro = gettext_lazy("Whoever chooses this play gets these actions, each due so many days after the plan starts.")
    fieldsets = [(None, {"fields": [("days",), *pairs("title")]})]


class DraftAdmin(OneByOneAdmin):
    """An admin that edits a draft: it locks the edition, and refuses an edit of another version."""

    def edition_of(self, obj: Any) -> Edition:
        raise NotImplementedError

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj = super().get_object(request, object_id, from_field)
        if obj and request.method == "POST":
            # Other requests that publish, delete or save the edition wait; the object is read again under the lock.
            list(Edition.objects.select_for_update().filter(pk=self.edition_of(obj).pk))
            obj = super().get_object(request, object_id, from_field)
        return obj

    def _find(self, object_id: str) -> Any:
        """The object, without a lock; None when it does not exist."""
        try:
            return self.model._default_manager.filter(pk=unquote(object_id)).first()
        except (ValueError, ValidationError):
            return None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not self.edition_of(obj).is_frozen)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        response = super().changeform_view(request, object_id, form_url, extra_context)
        context: dict[str, Any] = getattr(response, "context_data", None) or {}
        if context.get("errors"):
            form = context["adminform"].form
            response.status_code = 422
            formsets = [one.formset for one in context["inline_admin_formsets"]]
            if form.has_error(NON_FIELD_ERRORS, "stale"):
                response.status_code = 409
                context["conflict"] = conflict_rows(form, formsets)
                form.errors.pop(NON_FIELD_ERRORS)  # the page shows the conflict instead
                context["errors"] = AdminErrorList(form, formsets)
                form.data = form.data.copy()  # both versions are shown, so the form may be sent again
                form.data[form.add_prefix("version")] = str(self.edition_of(form.instance).version)
            for formset in formsets:
                formset.keep_as_sent()
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save nothing here: `save_related` stores all within one change of the edition."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return ""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit trail has the event."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit trail has the event."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Nothing: the audit trail has the event."""

    def _not_found(self, request: HttpRequest) -> HttpResponse:
        messages.warning(request, _("That is not there: perhaps it was deleted. Here are the editions."))
        return redirect("admin:hierarchy_edition_changelist")
