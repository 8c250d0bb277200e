"""What the pages of an edition and of a play share: their rows, the lock, and what a stale edit gets."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminErrorList
from django.contrib.admin.utils import unquote
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.backoffice import OneByOneAdmin
from hierarchy.conflicts import conflict_rows
from hierarchy.forms import IndicatorForm, LevelForm, PlayActionForm, PlayRowForm, pairs
from hierarchy.formsets import LevelFormSet, PlacedFormSet, PlayActionFormSet, PlayFormSet
from hierarchy.models import Edition, Indicator, Level, Play, PlayAction

MOST_PARTS = 500  # rows of a kind that are read from one page, whatever number it claims to hold


class PartInline(admin.StackedInline):
    template = "admin/hierarchy/parts.html"
    extra = 1
    intro: Any = ""

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, absolute_max=MOST_PARTS, max_num=MOST_PARTS, **kwargs)


class LevelInline(PartInline):
    model, form, formset = Level, LevelForm, LevelFormSet
    extra = 0
    can_delete = False
    intro = gettext_lazy("What each level means. The five are always there; only their words are yours to choose.")
    fieldsets = [(None, {"fields": pairs("name", "seen_as", "position", "description")})]

    def has_add_permission(self, request, obj=None) -> bool:
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
    intro = gettext_lazy("The playbook: what one does to climb a step. Each play brings dated actions, on a page of its own.")
    fieldsets = [(None, {"fields": [("from_rank", "place", "code"), *pairs("title", "why")]})]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(number_of_actions=Count("actions"))


class PlayActionInline(PartInline):
    model, form, formset = PlayAction, PlayActionForm, PlayActionFormSet
    intro = gettext_lazy("Whoever chooses this play gets these actions, each due so many days after the plan starts.")
    fieldsets = [(None, {"fields": [("days",), *pairs("title")]})]


class DraftAdmin(OneByOneAdmin):
    """A page that changes a draft: it locks the edition, and names the version that the person saw."""

    actions = None  # one at a time: what is removed in bulk is not looked at

    def edition_of(self, obj) -> Edition:
        raise NotImplementedError

    def get_object(self, request, object_id, from_field=None):
        obj = super().get_object(request, object_id, from_field)
        if obj and request.method == "POST":
            # Whoever publishes, deletes or saves at the same moment waits; what is read below is the last.
            list(Edition.objects.select_for_update().filter(pk=self.edition_of(obj).pk))
            obj = super().get_object(request, object_id, from_field)
        return obj

    def _find(self, object_id: str):
        """The object to look at, unlocked; None when there is none."""
        try:
            return self.model._default_manager.filter(pk=unquote(object_id)).first()
        except (ValueError, ValidationError):
            return None

    def has_change_permission(self, request, obj=None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not self.edition_of(obj).is_frozen)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        response = super().changeform_view(request, object_id, form_url, extra_context)
        context: dict[str, Any] = getattr(response, "context_data", None) or {}
        if context.get("errors"):
            form = context["adminform"].form
            response.status_code = 422
            formsets = [one.formset for one in context["inline_admin_formsets"]]
            if form.has_error(NON_FIELD_ERRORS, "stale"):
                response.status_code = 409
                context["conflict"] = conflict_rows(form, formsets)
                form.errors.pop(NON_FIELD_ERRORS)  # the page says it at length
                context["errors"] = AdminErrorList(form, formsets)
                form.data = form.data.copy()  # seen now: the same form may be sent again
                form.data[form.add_prefix("version")] = str(self.edition_of(form.instance).version)
            for formset in formsets:
                formset.keep_as_sent()
        return response

    def save_model(self, request, obj, form, change) -> None:
        """Nothing yet: all is stored in `save_related`, inside one change of the edition."""

    def construct_change_message(self, request, form, formsets, add=False):
        return ""

    def log_addition(self, request, obj, message) -> Any:
        """The audit trail holds it."""

    def log_change(self, request, obj, message) -> Any:
        """The audit trail holds it."""

    def log_deletions(self, request, queryset) -> Any:
        """The audit trail holds it."""

    def _nowhere(self, request) -> HttpResponse:
        messages.warning(request, _("That is not there: perhaps it was deleted. Here are the editions."))
        return redirect("admin:hierarchy_edition_changelist")
