"""The audit trail in the back-office, read-only."""

import json
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import acts
from audit.models import Event
from core.folding import ids_found

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

ACCOUNT = "accounts.account"


class ActFilter(admin.SimpleListFilter):
    """Filter of the list: one kind of event, by its sentence. No statement: the registered acts are offered."""

    title, parameter_name = _("what happened"), "act"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        named = ((name, capfirst(acts.act_called(name).told("…").strip(" .…"))) for name in acts.registered())
        return sorted(named, key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(act=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    """Filter of the list: events of one kind of object, by its name. One statement."""

    title, parameter_name = _("kind of object"), "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = Event.objects.order_by().values_list("object_type", flat=True).distinct()
        return sorted(((kind, _kind_in_words(kind)) for kind in kinds), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


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
    list_display = ["what", "at", "on", "reason"]
    list_filter = [ActFilter, KindFilter, RemovedContentFilter]
    list_select_related = ["actor"]
    list_per_page = 50
    search_fields = ["act"]  # makes the search box appear; get_search_results decides what is searched
    search_help_text = _("The number of an object or account, a part of an act, or who did it.")
    fields = [
        "what", "at", "actor", "origin", "act", "object_type", "object_id", "account_id", "was", "became", "note",
        "hash", "previous_hash",
    ]  # fmt: skip
    readonly_fields = ["what", "removed", "was", "became"]
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Event | None = None) -> Any:
        return ["removed", *self.fields] if obj and obj.redacted_on else self.fields

    @admin.display(description=_("what happened"))
    def what(self, event: Event) -> str:
        return acts.told(event)

    @admin.display(description=_("on what"))
    def on(self, event: Event) -> str:
        said = f"{_kind_in_words(event.object_type)} {event.object_id or ''}".strip()
        if event.account_id and event.object_type != ACCOUNT:
            said += f" · {gettext('account')} {event.account_id}"
        return said

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


def _kind_in_words(object_type: str) -> str:
    """The name of the model in words; the label itself for a model that is no longer there."""
    try:
        return str(apps.get_model(object_type)._meta.verbose_name)
    except LookupError:
        return object_type


def _content(event: Event, data: dict[str, Any] | None) -> str:
    """What the back-office shows of it, and whether something is hidden."""
    shown = acts.act_called(event.act).shown
    if data is None or shown is None:
        return _as_words(event, data)
    left = {name: value for name, value in data.items() if name in shown}
    if len(left) == len(data):
        return _as_words(event, data)
    hidden = gettext("What was answered is not shown here: whoever reads this may rate and manage accounts, too.")
    return format_html("{}<p>{}</p>", _as_words(event, left) if left else "", hidden)


def _as_words(event: Event, data: dict[str, Any] | None) -> str:
    """Each value by the label of its field; what is no plain value as JSON."""
    if not data:
        return "–"
    rows = ((_label(event.object_type, name), _value(value)) for name, value in data.items())
    return format_html('<dl class="terms">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows))


def _label(object_type: str, name: str) -> str:
    try:
        return capfirst(str(apps.get_model(object_type)._meta.get_field(name).verbose_name))
    except (LookupError, FieldDoesNotExist, AttributeError):
        return name


def _value(value: Any) -> str:
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return ", ".join(map(str, value))
    if isinstance(value, dict | list):
        return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))
    return str(value)
