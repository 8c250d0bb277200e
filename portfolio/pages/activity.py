"""What happened to an account lately, in words: from the trail, without what not everybody may read.

Whoever may only read hears of acts; whoever may change the account also of what came out. What someone answered is told
to nobody here: that stands on the assessment's page, which knows who may read it and when.
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
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account
from audit import trail
from audit.models import Event

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SHOWN = 8
READ = 40  # several in a row become one line, so more are read than shown
#: Kept in the trail, but no news for the account: a view that is still being written, what a submission tells anyway, and that
#: it is gone.
UNTOLD = ("response.drafted", "invitation.sent", "invitation.opened", "invitation.answered", "account.removed", trail.REDACTED)

PLAIN = {
    "account.created": gettext_lazy("%(who)s brought this account in."),
    "account.changed": gettext_lazy("%(who)s changed the account's details."),
    "account.archived": gettext_lazy("%(who)s archived this account."),
    "account.restored": gettext_lazy("%(who)s took this account back from the archive."),
    "contact.created": gettext_lazy("%(who)s added a contact."),
    "contact.changed": gettext_lazy("%(who)s changed a contact."),
    "invitation.made": gettext_lazy("%(who)s asked a contact."),
    "invitation.repeated": gettext_lazy("%(who)s sent an invitation again."),
    "invitation.link_made": gettext_lazy("%(who)s copied a survey link."),
    "invitation.withdrawn": gettext_lazy("%(who)s withdrew an invitation."),
    "invitation.reminded": gettext_lazy("%(who)s reminded a contact who has not answered."),
    "invitation.failed": gettext_lazy("An invitation could not be sent."),
    "invitation.unsure": gettext_lazy("An invitation may not have been sent."),
    "assessment.opened": gettext_lazy("%(who)s opened an assessment."),
    "assessment.changed": gettext_lazy("%(who)s changed the open assessment."),
    "assessment.closed": gettext_lazy("%(who)s closed an assessment."),
    "assessment.reopened": gettext_lazy("%(who)s reopened an assessment."),
    "assessment.recorded": gettext_lazy("%(who)s brought in a past result."),
    "assessment.record_changed": gettext_lazy("%(who)s changed a past result."),
    "assessment.removed": gettext_lazy("%(who)s took an import back, and a past result with it."),
    "contact.removed": gettext_lazy("%(who)s took an import back, and a contact with it."),
    "contact.erased": gettext_lazy("%(who)s erased a contact."),
    "contact.exported": gettext_lazy("%(who)s exported what is kept of a contact."),
    "contact.asked_no_more": gettext_lazy("A contact asked not to be asked again."),
    "response.submitted": gettext_lazy("%(who)s submitted a view."),
    "response.changed": gettext_lazy("%(who)s changed a view that was submitted."),
    "target.set": gettext_lazy("%(who)s set a target."),
    "target.revised": gettext_lazy("%(who)s revised the target."),
    "plan.started": gettext_lazy("%(who)s started a plan."),
    "plan.changed": gettext_lazy("%(who)s changed a plan."),
    "plan.achieved": gettext_lazy("%(who)s closed a plan: the step is made."),
    "plan.dropped": gettext_lazy("%(who)s dropped a plan."),
    "action.added": gettext_lazy("%(who)s added an action."),
    "action.changed": gettext_lazy("%(who)s worked on an action."),
}


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the page has loaded anyway, by id: names for what the trail only numbers."""

    contacts: Mapping[int, str] = field(default_factory=dict)
    rounds: Mapping[int, date] = field(default_factory=dict)
    actions: Mapping[int, str] = field(default_factory=dict)
    #: Rounds of which who looks is not told what came out: the own view comes first.
    untold: Container[int] = ()


def activity_of(account: Account, known: Known, *, in_full: bool) -> list[Line]:
    """The latest lines, newest first. One statement. `in_full` for whoever may change the account."""
    events = Event.objects.filter(account_id=account.pk).exclude(act__in=UNTOLD)
    latest = events.select_related("actor").order_by("-pk")[:READ]
    lines = []
    for _key, run in groupby(latest, key=lambda event: (event.act, event.actor_id, localtime(event.at).date())):
        together = list(run)
        lines.append(Line(together[0].at, _told(together, known, in_full=in_full)))
    return lines[:SHOWN]


def _told(events: list[Event], known: Known, *, in_full: bool) -> str:
    event = events[0]
    values: dict[str, object] = {"who": str(event.actor) if event.actor else "Standing", "n": len(events)}
    sentence = str(PLAIN.get(event.act, gettext_lazy("%(who)s changed something here.")))
    if event.actor is None and event.act in BY_LINK:  # nobody of ours: the customer's own people, by their link
        sentence = BY_LINK[event.act](len(events))
    elif len(events) > 1:
        sentence = _several(event.act, len(events)) or sentence
    elif in_full and event.act in DETAILS and (found := DETAILS[event.act](event, known)):
        sentence, more = found
        values |= more
    return sentence % values


def _several(act: str, count: int) -> str | None:
    if act == "action.added":
        return ngettext("%(who)s added %(n)s action.", "%(who)s added %(n)s actions.", count)
    if act == "action.changed":
        return ngettext("%(who)s worked on %(n)s action.", "%(who)s worked on %(n)s actions.", count)
    if act == "assessment.recorded":
        return ngettext("%(who)s brought in %(n)s past result.", "%(who)s brought in %(n)s past results.", count)
    if act == "assessment.record_changed":
        return ngettext("%(who)s changed %(n)s past result.", "%(who)s changed %(n)s past results.", count)
    if act == "contact.created":
        return ngettext("%(who)s added %(n)s contact.", "%(who)s added %(n)s contacts.", count)
    if act == "invitation.made":
        return ngettext("%(who)s asked %(n)s contact.", "%(who)s asked %(n)s contacts.", count)
    if act == "invitation.reminded":
        return ngettext("%(who)s reminded %(n)s contact.", "%(who)s reminded %(n)s contacts.", count)
    if act == "response.submitted":
        return ngettext("%(who)s submitted %(n)s view.", "%(who)s submitted %(n)s views.", count)
    return None


def _answered(count: int) -> str:
    return ngettext("%(n)s person at the customer answered.", "%(n)s people at the customer answered.", count)


def _answered_again(count: int) -> str:
    return ngettext("Someone at the customer changed an answer.", "People at the customer changed their answers.", count)


BY_LINK: dict[str, Callable[[int], str]] = {"response.submitted": _answered, "response.changed": _answered_again}

# What came out: a sentence and its values; None where neither the trail nor the page says.
type Found = tuple[str, dict[str, object]] | None


def _account_changed(event: Event, _known: Known) -> Found:
    labels = {column.name: str(column.verbose_name) for column in Account._meta.concrete_fields}
    labels |= {"tags": _("tags"), "tags_added": _("tags")}
    changed = [labels[name] for name in event.after or {} if name in labels]
    return (_("%(who)s changed: %(fields)s."), {"fields": ", ".join(changed)}) if changed else None


def _contact(sentence: "StrOrPromise") -> Callable[[Event, Known], Found]:
    # The name comes from the page, not from the trail: who was erased stays erased.
    def tell(event: Event, known: Known) -> Found:
        name = known.contacts.get(event.object_id or 0)
        return (str(sentence), {"name": name}) if name else None

    return tell


def _opened(event: Event, known: Known) -> Found:
    day = known.rounds.get(event.object_id or 0)
    return (_("%(who)s opened the assessment of %(day)s."), {"day": _day(day)}) if day else None


def _closed(event: Event, known: Known) -> Found:
    day, result = known.rounds.get(event.object_id or 0), event.after or {}
    if event.object_id in known.untold:
        return None
    values = {"day": _day(day), "level": result.get("customer_level") or result.get("team_level")}
    if day is None or values["level"] is None:
        return None
    if result.get("customer_level") is None:
        return _("%(who)s closed the assessment of %(day)s: level %(level)s in our own view."), values
    return _("%(who)s closed the assessment of %(day)s: level %(level)s."), values


def _recorded(event: Event, known: Known) -> Found:
    day, result = known.rounds.get(event.object_id or 0), event.after or {}
    level = result.get("customer_level") or result.get("team_level")
    if day is None or level is None:
        return None
    return _("%(who)s brought in a past result of %(day)s: level %(level)s."), {"day": _day(day), "level": level}


def _reopened(event: Event, known: Known) -> Found:
    day = known.rounds.get(event.object_id or 0)
    if day is None or event.object_id in known.untold:
        return None
    return _("%(who)s reopened the assessment of %(day)s: “%(reason)s”"), {"day": _day(day), "reason": event.note}


def _target_set(event: Event, _known: Known) -> Found:
    return _target(event, _("%(who)s set a target: level %(level)s by %(due)s."))


def _target_revised(event: Event, _known: Known) -> Found:
    if not event.note:
        return _target(event, _("%(who)s revised the target: level %(level)s by %(due)s."))
    return _target(event, _("%(who)s revised the target: level %(level)s by %(due)s, because “%(reason)s”"))


def _target(event: Event, sentence: str) -> Found:
    target = event.after or {}
    due_on = parse_date(str(target.get("due_on")))
    if due_on is None or not target.get("level"):
        return None
    return sentence, {"level": target["level"], "due": date_format(due_on, "F Y"), "reason": event.note}


def _plan_started(event: Event, _known: Known) -> Found:
    rank = (event.after or {}).get("from_rank")
    return (_("%(who)s started the plan %(low)s → %(high)s."), {"low": rank, "high": rank + 1}) if rank else None


def _action_added(event: Event, _known: Known) -> Found:
    title = (event.after or {}).get("title")
    return (_("%(who)s added the action “%(title)s”."), {"title": title}) if title else None


def _action_changed(event: Event, known: Known) -> Found:
    title = known.actions.get(event.object_id or 0)
    if (event.after or {}).get("state") == "done":
        return (_("%(who)s ticked off “%(title)s”."), {"title": title}) if title else (_("%(who)s ticked off an action."), {})
    return (_("%(who)s changed the action “%(title)s”."), {"title": title}) if title else None


def _day(day: date | None) -> str:
    return date_format(day, "j M Y") if day else ""


DETAILS: dict[str, Callable[[Event, Known], Found]] = {
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
