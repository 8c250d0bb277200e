"""The latest events of an account in sentences, read from the trail.

A reader gets the sentence of the act (`audit.acts`); a person who may change the account also gets results, names and
reasons. Answers are never shown here: the page of the assessment decides who may read them.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from audit import acts
from audit.models import Event

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SHOWN = 40
READ = 200  # several in a row become one line, so more are read than shown


@dataclass(frozen=True, slots=True)
class ActivityLine:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names by id, which the page has loaded: the trail holds only ids."""

    contacts: Mapping[int, str] = field(default_factory=dict)
    rounds: Mapping[int, date] = field(default_factory=dict)
    actions: Mapping[int, str] = field(default_factory=dict)
    #: Rounds of which the reader is shown no result: they give their own view first.
    untold: Container[int] = ()


def activity_of(account: Account, known: KnownNames, *, in_full: bool) -> list[ActivityLine]:
    """The latest lines, newest first. One statement. `in_full` for a reader who may change the account."""
    events = Event.objects.filter(account_id=account.pk).exclude(act__in=acts.no_news())
    latest = events.select_related("actor").order_by("-pk")[:READ]
    lines = []
    for _key, run in groupby(latest, key=lambda event: (event.act, event.actor_id, localtime(event.at).date())):
        together = list(run)
        lines.append(ActivityLine(together[0].at, _told(together, known, in_full=in_full)))
    return lines[:SHOWN]


def _told(events: list[Event], known: KnownNames, *, in_full: bool) -> str:
    event = events[0]
    by_link = event.actor is None and acts.act_called(event.act).by_link
    if len(events) == 1 and not by_link and in_full and event.act in DETAILS and (found := DETAILS[event.act](event, known)):
        sentence, values = found
        return sentence % {"who": acts.who_of(event), **values}
    return acts.told(event, len(events))


# A sentence with details and its values; None where neither the trail nor the page has them.
type Found = tuple[str, dict[str, object]] | None


def _account_changed(event: Event, _known: KnownNames) -> Found:
    labels = {column.name: str(column.verbose_name) for column in Account._meta.concrete_fields}
    labels |= {"tags": _("tags"), "tags_added": _("tags")}
    changed = [labels[name] for name in event.after or {} if name in labels]
    return (_("%(who)s changed: %(fields)s."), {"fields": ", ".join(changed)}) if changed else None


def _contact(sentence: "StrOrPromise") -> Callable[[Event, KnownNames], Found]:
    # The name comes from the page, not from the trail: who was erased stays erased.
    def tell(event: Event, known: KnownNames) -> Found:
        name = known.contacts.get(event.object_id or 0)
        return (str(sentence), {"name": name}) if name else None

    return tell


def _opened(event: Event, known: KnownNames) -> Found:
    day = known.rounds.get(event.object_id or 0)
    return (_("%(who)s opened the assessment of %(day)s."), {"day": _day(day)}) if day else None


def _closed(event: Event, known: KnownNames) -> Found:
    day, result = known.rounds.get(event.object_id or 0), event.after or {}
    if event.object_id in known.untold:
        return None
    values = {"day": _day(day), "level": result.get("customer_level") or result.get("team_level")}
    if day is None or values["level"] is None:
        return None
    if result.get("customer_level") is None:
        return _("%(who)s closed the assessment of %(day)s: level %(level)s in our own view."), values
    return _("%(who)s closed the assessment of %(day)s: level %(level)s."), values


def _recorded(event: Event, known: KnownNames) -> Found:
    day, result = known.rounds.get(event.object_id or 0), event.after or {}
    level = result.get("customer_level") or result.get("team_level")
    if day is None or level is None:
        return None
    return _("%(who)s brought in a past result of %(day)s: level %(level)s."), {"day": _day(day), "level": level}


def _reopened(event: Event, known: KnownNames) -> Found:
    day = known.rounds.get(event.object_id or 0)
    if day is None or event.object_id in known.untold:
        return None
    return _("%(who)s reopened the assessment of %(day)s: “%(reason)s”"), {"day": _day(day), "reason": event.note}


def _target_set(event: Event, _known: KnownNames) -> Found:
    return _target(event, _("%(who)s set a target: level %(level)s by %(due)s."))


def _target_revised(event: Event, _known: KnownNames) -> Found:
    if not event.note:
        return _target(event, _("%(who)s revised the target: level %(level)s by %(due)s."))
    return _target(event, _("%(who)s revised the target: level %(level)s by %(due)s, because “%(reason)s”"))


def _target(event: Event, sentence: str) -> Found:
    target = event.after or {}
    due_on = parse_date(str(target.get("due_on")))
    if due_on is None or not target.get("level"):
        return None
    return sentence, {"level": target["level"], "due": date_format(due_on, "F Y"), "reason": event.note}


def _plan_started(event: Event, _known: KnownNames) -> Found:
    rank = (event.after or {}).get("from_rank")
    return (_("%(who)s started the plan %(low)s → %(high)s."), {"low": rank, "high": rank + 1}) if rank else None


def _action_added(event: Event, _known: KnownNames) -> Found:
    title = (event.after or {}).get("title")
    return (_("%(who)s added the action “%(title)s”."), {"title": title}) if title else None


def _action_changed(event: Event, known: KnownNames) -> Found:
    title = known.actions.get(event.object_id or 0)
    if (event.after or {}).get("state") == "done":
        return (_("%(who)s ticked off “%(title)s”."), {"title": title}) if title else (_("%(who)s ticked off an action."), {})
    return (_("%(who)s changed the action “%(title)s”."), {"title": title}) if title else None


def _day(day: date | None) -> str:
    return date_format(day, "j M Y") if day else ""


DETAILS: dict[str, Callable[[Event, KnownNames], Found]] = {
    "account.changed": _account_changed,
    "contact.created": _contact(gettext_lazy("%(who)s added the contact %(name)s.")),
    "contact.changed": _contact(gettext_lazy("%(who)s changed the contact %(name)s.")),
    "assessment.opened": _opened,
    "assessment.closed": _closed,
    "assessment.reopened": _reopened,
    "assessment.recorded": _recorded,
    "target.set": _target_set,
    "target.revised": _target_revised,
    "plan.started": _plan_started,
    "action.added": _action_added,
    "action.changed": _action_changed,
}
