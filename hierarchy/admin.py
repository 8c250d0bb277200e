"""The back-office of the catalogue: write a draft in both languages, try it, publish it, make the next."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.form_keys import sent_once
from core.versions import StaleEdit
from hierarchy.backoffice import edition_page, links_to_missing_parts, play_page, tidy
from hierarchy.draft_admin import DraftAdmin, IndicatorInline, LevelInline, PlayActionInline, PlayInline
from hierarchy.drafting import changing, delete_draft, start_draft
from hierarchy.forms import EditionForm, PlayForm, pairs
from hierarchy.models import Edition, Play
from hierarchy.preview import WORDINGS, pages_in_each_language
from hierarchy.publishing import draft_from, missing_parts, publish
from hierarchy.reading import edition_levels
from hierarchy.trail_page import events_of_edition

tidy(admin.site)


@admin.register(Edition)
class EditionAdmin(DraftAdmin):
    form = EditionForm
    inlines = [LevelInline, IndicatorInline, PlayInline]
    intro = gettext_lazy("The five levels, the statements that measure them, and the plays that climb them.")
    fieldsets = [(None, {"fields": [*pairs("name"), ("held_at", "note")]})]
    list_display = ["name_in_words", "state_in_words", "statements", "plays", "published_on", "published_by"]
    list_select_related = ["published_by"]
    sortable_by = ()
    change_form_template = "admin/hierarchy/edition/change_form.html"

    def edition_of(self, obj):
        return obj

    def get_queryset(self, request):
        counted = Edition.objects.annotate(
            number_of_statements=Count("indicators", distinct=True),
            number_of_plays=Count("plays", distinct=True),
        )
        return counted if request.resolver_match.url_name.endswith("_changelist") else Edition.objects.all()

    @admin.display(description=gettext_lazy("name"))
    def name_in_words(self, edition):
        return str(edition)

    @admin.display(description=gettext_lazy("state"))
    def state_in_words(self, edition):
        return capfirst(edition.get_state_display())

    @admin.display(description=gettext_lazy("statements"))
    def statements(self, edition):
        return edition.number_of_statements

    @admin.display(description=gettext_lazy("plays"))
    def plays(self, edition):
        return edition.number_of_plays

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_frozen)

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_urls(self):
        def address(name: str, view) -> Any:
            return path(f"<id:pk>/{name}/", self.admin_site.admin_view(view), name=f"hierarchy_edition_{name}")

        own = [
            address("preview", require_safe(self.preview_view)),
            address("publish", require_http_methods(["GET", "HEAD", "POST"])(self.publish_view)),
            address("clone", require_POST(sent_once(self.clone_view))),
        ]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        edition = self._find(object_id)
        if edition is None:
            return self._nowhere(request)
        if edition.is_frozen:
            return self.frozen(request, edition, refused=request.method == "POST")
        context = {"lacks": links_to_missing_parts(missing_parts(edition), edition) if request.method != "POST" else []}
        try:
            return super().change_view(request, object_id, form_url, context | (extra_context or {}))
        except PermissionDenied:  # it was published while this was under way
            edition.refresh_from_db()
            if not edition.is_frozen:
                raise
            return self.frozen(request, edition, refused=True)

    def save_related(self, request, form, formsets, change) -> None:
        edition = form.instance
        if not change:
            start_draft(edition, by=request.user)
        elif form.has_changed() or any(formset.has_changed() for formset in formsets):
            with changing(edition, by=request.user, seen=form.seen_version):
                edition.save()
                for formset in formsets:
                    formset.save()

    def response_add(self, request, obj, post_url_continue=None):
        messages.success(request, _("The draft is made. Write its five levels, statements and plays below."))
        return redirect(edition_page(obj))

    def response_change(self, request, obj):
        messages.success(request, _("Saved."))
        return redirect(edition_page(obj))

    def delete_view(self, request, object_id, extra_context=None):
        edition = self._find(object_id)
        if edition is None:
            return self._nowhere(request)
        if edition.is_frozen:
            return self.frozen(request, edition, refused=True)
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs, request):
        return [], {}, set(), []  # a draft takes its parts along, and nothing else ever pointed to it

    def delete_model(self, request, obj) -> None:
        delete_draft(obj, by=request.user)

    def history_view(self, request, object_id, extra_context=None):
        edition = self._find(object_id)
        if edition is None:
            return self._nowhere(request)
        if not self.has_view_permission(request, edition):
            raise PermissionDenied
        title = _("What happened to this edition")
        return self._page(request, "history", edition, title=title, happenings=events_of_edition(edition))

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = get_object_or_404(Edition, pk=pk)
        wording = request.GET.get("wording", "")
        wording = wording if wording in dict(WORDINGS) else "customer"
        pages = pages_in_each_language(edition, wording)
        return self._page(request, "preview", edition, wording=wording, wordings=WORDINGS, pages=pages)

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = get_object_or_404(Edition, pk=pk)
        status = 200
        if request.method == "POST" and not edition.is_frozen:
            try:
                edition = publish(edition, by=request.user, seen=_whole(request.POST.get("version")))
            except Edition.DoesNotExist:
                return self._nowhere(request)
            except (StaleEdit, ValidationError) as problem:
                status = 409 if isinstance(problem, StaleEdit) else 422
                edition.refresh_from_db()
            else:
                words = _("“%(edition)s” is published: new assessments use it from now on.")
                messages.success(request, words % {"edition": edition})
                return redirect(edition_page(edition))
        if edition.is_frozen:  # the second of two clicks comes here, too
            words = _("“%(edition)s” is %(state)s already.")
            messages.info(request, words % {"edition": edition, "state": edition.get_state_display()})
            return redirect(edition_page(edition))
        context = {
            "title": _("Publish “%(edition)s”?") % {"edition": edition},
            "lacks": links_to_missing_parts(missing_parts(edition), edition),
            "changed_meanwhile": status == 409,
            "published": Edition.objects.published(),
            "rungs": edition_levels(edition),
        }
        return self._page(request, "publish", edition, status=status, **context)

    def clone_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = get_object_or_404(Edition, pk=pk)
        try:
            draft, made = draft_from(edition, by=request.user)
        except Edition.DoesNotExist:
            return self._nowhere(request)
        if made:
            words = _("Here is your draft: the same as “%(edition)s”, and free to change.")
            messages.success(request, words % {"edition": edition})
        else:
            messages.info(request, _("You had made this draft before and not changed it yet."))
        return redirect(edition_page(draft))

    def frozen(self, request: HttpRequest, edition: Edition, *, refused: bool) -> HttpResponse:
        """The edition to read; whoever tried to change it is told that nothing was stored."""
        context = {"title": str(edition), "rungs": edition_levels(edition, asked_only=False), "refused": refused}
        return self._page(request, "frozen", edition, status=403 if refused else 200, **context)

    def _page(self, request: HttpRequest, template: str, edition: Edition, *, status: int = 200, **context) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": edition, **context}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/hierarchy/edition/{template}.html", context, status=status)


@admin.register(Play)
class PlayAdmin(DraftAdmin):
    """One play with its actions, reached from its edition."""

    form = PlayForm
    inlines = [PlayActionInline]
    fieldsets = [(None, {"fields": [("from_rank", "code"), *pairs("title", "why")]})]
    change_form_template = "admin/hierarchy/play/change_form.html"

    def edition_of(self, obj):
        return obj.edition

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("edition")

    def has_module_permission(self, request) -> bool:
        return False  # not on the index: an edition leads to its plays

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def changelist_view(self, request, extra_context=None):
        return redirect("admin:hierarchy_edition_changelist")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        play = self._find(object_id)
        if play is None:
            return self._nowhere(request)
        if play.edition.is_frozen and request.method == "POST":
            editions: Any = self.admin_site.get_model_admin(Edition)
            return editions.frozen(request, play.edition, refused=True)
        if play.edition.is_frozen:
            return redirect(f"{edition_page(play.edition)}#plays-of-{play.pk}")
        return super().change_view(request, object_id, form_url, extra_context)

    def history_view(self, request, object_id, extra_context=None):
        play = self._find(object_id)
        if play is None:
            return self._nowhere(request)
        return redirect("admin:hierarchy_edition_history", play.edition_id)

    def save_related(self, request, form, formsets, change) -> None:
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            with changing(form.instance.edition, by=request.user, seen=form.seen_version):
                form.save()
                for formset in formsets:
                    formset.save()

    def response_change(self, request, obj):
        messages.success(request, _("Saved."))
        return redirect(play_page(obj))


def _whole(text: str | None) -> int:
    """The number that was sent, 0 for anything else."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
