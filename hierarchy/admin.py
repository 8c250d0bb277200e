"""The back-office of the catalogue: edit, preview, publish and clone editions."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.form_keys import sent_once
from hierarchy.backoffice import customise, edition_page, links_to_missing_parts, play_page
from hierarchy.draft_admin import DraftAdmin, IndicatorInline, LevelInline, PlayActionInline, PlayInline
from hierarchy.drafting import changing, delete_draft, start_draft
from hierarchy.forms import EditionForm, PlayForm, pairs
from hierarchy.measures import effect_of_publishing, measure_of
from hierarchy.models import Edition, Play
from hierarchy.preview import WORDINGS, pages_in_each_language
from hierarchy.publish_form import PublishForm
from hierarchy.publishing import draft_from, missing_parts
from hierarchy.reading import edition_levels
from hierarchy.trail_page import events_of_edition

customise(admin.site)


@admin.register(Edition)
class EditionAdmin(DraftAdmin):
    """Editions with their levels, statements and plays. A draft is edited, a frozen edition is shown."""

    form = EditionForm
    inlines = [LevelInline, IndicatorInline, PlayInline]
    intro = gettext_lazy("The five levels, the statements that measure them, and the plays that climb them.")
    fieldsets = [(None, {"fields": [*pairs("name"), ("held_at", "note")]})]
    list_display = ["name_in_words", "state_in_words", "statements", "plays", "published_on", "published_by"]
    list_select_related = ["published_by"]
    sortable_by = ()
    change_form_template = "admin/hierarchy/edition/change_form.html"

    def edition_of(self, obj: Edition) -> Edition:
        return obj

    def get_queryset(self, request: HttpRequest) -> QuerySet[Edition]:
        counted = Edition.objects.annotate(
            number_of_statements=Count("indicators", distinct=True),
            number_of_plays=Count("plays", distinct=True),
        )
        match = request.resolver_match
        is_list = match is not None and (match.url_name or "").endswith("_changelist")
        return counted if is_list else Edition.objects.all()

    @admin.display(description=gettext_lazy("name"))
    def name_in_words(self, edition: Edition) -> str:
        return str(edition)

    @admin.display(description=gettext_lazy("state"))
    def state_in_words(self, edition: Edition) -> str:
        return capfirst(edition.get_state_display())

    @admin.display(description=gettext_lazy("statements"))
    def statements(self, edition: Any) -> int:
        return edition.number_of_statements

    @admin.display(description=gettext_lazy("plays"))
    def plays(self, edition: Any) -> int:
        return edition.number_of_plays

    def has_delete_permission(self, request: HttpRequest, obj: Edition | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_frozen)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else []

    def get_urls(self) -> list[Any]:
        def address(name: str, view: Callable[..., HttpResponse]) -> Any:
            return path(f"<id:pk>/{name}/", self.admin_site.admin_view(view), name=f"hierarchy_edition_{name}")

        own = [
            address("preview", require_safe(self.preview_view)),
            address("publish", require_http_methods(["GET", "HEAD", "POST"])(self.publish_view)),
            address("clone", require_POST(sent_once(self.clone_view))),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        edition = self._find(object_id)
        if edition is None:
            return self._not_found(request)
        if edition.is_frozen:
            return self.frozen(request, edition, refused=request.method == "POST")
        context = {"missing_parts": links_to_missing_parts(missing_parts(edition), edition) if request.method != "POST" else []}
        try:
            return super().change_view(request, object_id, form_url, context | (extra_context or {}))
        except PermissionDenied:  # it was published during this request
            edition.refresh_from_db()
            if not edition.is_frozen:
                raise
            return self.frozen(request, edition, refused=True)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        edition = form.instance
        if not change:
            start_draft(edition, by=request.user)
        elif form.has_changed() or any(formset.has_changed() for formset in formsets):
            with changing(edition, by=request.user, seen=form.seen_version):
                edition.save()
                for formset in formsets:
                    formset.save()

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, _("The draft is made. Write its five levels, statements and plays below."))
        return redirect(edition_page(obj))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        messages.success(request, _("The draft “%(edition)s” is saved.") % {"edition": obj})
        return redirect(edition_page(obj))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        edition = self._find(object_id)
        if edition is None:
            return self._not_found(request)
        if edition.is_frozen:
            return self.frozen(request, edition, refused=True)
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        return [], {}, set(), []  # only the parts of a draft refer to it, and they are deleted with it

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_draft(obj, by=request.user)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        edition = self._find(object_id)
        if edition is None:
            return self._not_found(request)
        if not self.has_view_permission(request, edition):
            raise PermissionDenied
        title = _("What happened to this edition")
        return self._page(request, "history", edition, title=title, events=events_of_edition(edition))

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = get_object_or_404(Edition, pk=pk)
        wording = request.GET.get("wording", "")
        wording = wording if wording in dict(WORDINGS) else "customer"
        pages = pages_in_each_language(edition, wording)
        return self._page(request, "preview", edition, wording=wording, wordings=WORDINGS, pages=pages)

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = get_object_or_404(Edition, pk=pk)
        form, status = self._publish_form(request, edition), 200
        if request.method == "POST" and not edition.is_frozen:
            try:
                published = form.publish(by=request.user)
            except Edition.DoesNotExist:
                return self._not_found(request)
            if published:
                words = _("“%(edition)s” is published: new assessments use it from now on.")
                messages.success(request, words % {"edition": edition})
                return redirect(edition_page(edition))
            status = 409 if form.is_outdated else 422
            edition.refresh_from_db()
        if edition.is_frozen:  # also after a double click
            words = _("“%(edition)s” is %(state)s already.")
            messages.info(request, words % {"edition": edition, "state": edition.get_state_display()})
            return redirect(edition_page(edition))
        context = {
            "title": _("Publish “%(edition)s”?") % {"edition": edition},
            "missing_parts": links_to_missing_parts(missing_parts(edition), edition),
            "levels": edition_levels(edition),
            "form": form,
            "effect": effect_of_publishing(edition) if form.is_outdated else form.effect,
        }
        return self._page(request, "publish", edition, status=status, **context)

    def _publish_form(self, request: HttpRequest, edition: Edition) -> PublishForm:
        posted = request.POST if request.method == "POST" else None
        return PublishForm(posted, edition=edition, effect=effect_of_publishing(edition))

    def clone_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = get_object_or_404(Edition, pk=pk)
        try:
            draft, made = draft_from(edition, by=request.user)
        except Edition.DoesNotExist:
            return self._not_found(request)
        if made:
            words = _("Here is your draft: the same as “%(edition)s”, and free to change.")
            messages.success(request, words % {"edition": edition})
        else:
            messages.info(request, _("You had made this draft before and not changed it yet."))
        return redirect(edition_page(draft))

    def frozen(self, request: HttpRequest, edition: Edition, *, refused: bool) -> HttpResponse:
        """The read-only page of a frozen edition; with status 403 and a message when a change of it was `refused`."""
        others = [one for one in measure_of(edition).editions if one != edition]
        context = {
            "title": str(edition),
            "levels": edition_levels(edition, asked_only=False),
            "refused": refused,
            "same_measure": others,
        }
        return self._page(request, "frozen", edition, status=403 if refused else 200, **context)

    def _page(self, request: HttpRequest, template: str, edition: Edition, *, status: int = 200, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": edition, **context}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/hierarchy/edition/{template}.html", context, status=status)


@admin.register(Play)
class PlayAdmin(DraftAdmin):
    """A play with its actions, linked from its edition."""

    form = PlayForm
    inlines = [PlayActionInline]
    fieldsets = [(None, {"fields": [("from_rank", "code"), *pairs("title", "why"), "addresses"]})]
    change_form_template = "admin/hierarchy/play/change_form.html"

    def edition_of(self, obj: Play) -> Edition:
        return obj.edition

    def get_queryset(self, request: HttpRequest) -> QuerySet[Play]:
        return super().get_queryset(request).select_related("edition")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # not on the index page, since editions link to their plays

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Play | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("admin:hierarchy_edition_changelist")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        play = self._find(object_id)
        if play is None:
            return self._not_found(request)
        if play.edition.is_frozen and request.method == "POST":
            editions: Any = self.admin_site.get_model_admin(Edition)
            return editions.frozen(request, play.edition, refused=True)
        if play.edition.is_frozen:
            return redirect(f"{edition_page(play.edition)}#plays-of-{play.pk}")
        return super().change_view(request, object_id, form_url, extra_context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        play = self._find(object_id)
        if play is None:
            return self._not_found(request)
        return redirect("admin:hierarchy_edition_history", play.edition_id)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            with changing(form.instance.edition, by=request.user, seen=form.seen_version):
                form.save()
                for formset in formsets:
                    formset.save()

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        messages.success(request, _("The play “%(play)s” is saved.") % {"play": obj})
        return redirect(play_page(obj))
