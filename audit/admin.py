"""The audit trail in the back-office, read-only."""

import json
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import acts
from audit.models import Event
from core.folding import ids_found

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class RemovedContentFilter(admin.SimpleListFilter):
    """Filter of the list: events whose content was removed on request."""

    title, parameter_name = _("content"), "content"

    def lookups(self, request: HttpRequest, model_admin: Any) -> "list[tuple[str, StrPromise]]":
        return [("removed", _("removed on request"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.exclude(redacted_on=None) if self.value() == "removed" else queryset


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """Statements of the list: two counts, the rows with their actors, and the choices of the two filters."""

    intro = _("Who changed what, and when. It is only added to; only what names a person can be taken out, when they ask for it.")
    list_display = ["at", "what", "act", "object_type", "object_id", "account_id", "reason"]
    list_filter = ["act", "object_type", RemovedContentFilter]
    list_select_related = ["actor"]
    list_per_page = 50
    search_fields = ["act"]  # makes the search box appear; get_search_results decides what is searched
    search_help_text = _("The number of an object or account, a part of an act, or who did it.")
    fields = [
        "at", "actor", "origin", "what", "act", "object_type", "object_id", "account_id", "was", "became", "note",
        "hash", "previous_hash",
    ]  # fmt: skip
    readonly_fields = ["what", "removed", "was", "became"]
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Event | None = None) -> Any:
        return ["removed", *self.fields] if obj and obj.redacted_on else self.fields

    @admin.display(description=_("what happened"))
    def what(self, event: Event) -> str:
        return acts.told(event)

    @admin.display(description=_("reason"))
    def reason(self, event: Event) -> str:
        return " · ".join(filter(None, [event.note, gettext("content removed on request") if event.redacted_on else ""]))

    @admin.display(description=_("content removed"))
    def removed(self, event: Event) -> str:
        return gettext(
            "What named a person was taken out of this event on %(day)s. What is left, when it was and who did it are as "
            "they were written; the trail proves both."
        ) % {"day": date_format(event.redacted_on) if event.redacted_on else "–"}

    @admin.display(description=_("before"))
    def was(self, event: Event) -> str:
        return _content(event, event.before)

    @admin.display(description=_("after"))
    def became(self, event: Event) -> str:
        return _content(event, event.after)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        people = get_user_model().objects.values_list("pk", "name", "email")
        for word in search_term.split():
            if word.isdecimal() and len(word) <= 18:
                queryset = queryset.filter(Q(object_id=int(word)) | Q(account_id=int(word)))
            else:
                who = ids_found(word, people)
                queryset = queryset.filter(Q(act__icontains=word) | Q(note__icontains=word) | Q(actor__in=who))
        return queryset, False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False


def _content(event: Event, data: dict[str, Any] | None) -> str:
    """What the back-office shows of it, and whether something is hidden."""
    shown = acts.act_called(event.act).shown
    if data is None or shown is None:
        return _as_text(data)
    left = {name: value for name, value in data.items() if name in shown}
    if len(left) == len(data):
        return _as_text(data)
    hidden = gettext("What was answered is not shown here: whoever reads this may rate and manage accounts, too.")
    return format_html("{}<p>{}</p>", _as_text(left) if left else "", hidden)


def _as_text(data: dict[str, Any] | None) -> str:
    if data is None:
        return "–"
    return format_html("<pre>{}</pre>", json.dumps(data, indent=2, ensure_ascii=False))
