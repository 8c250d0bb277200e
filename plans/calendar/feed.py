"""A user's dates as an iCalendar file (RFC 5545), for calendars that poll it.

All-day entries: own pending actions, milestones of the targets of own accounts, and the last days of their open rounds.
The same data gives the same bytes, so that an unchanged file is answered with 304.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vText

from accounts.models import Account, User
from assessments.models import Assessment
from audit.models import Event as Change
from core import organisation
from plans.models import Action, Target

POLLED = timedelta(hours=4)  # how often a calendar should look, if it asks
LINE_ENDS = ("\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029")


@dataclass(frozen=True, slots=True)
class Entry:
    """One day in the calendar; `uid` stays the same when it is moved or renamed."""

    uid: str
    day: date
    summary: str
    path: str
    changed_at: datetime
    sequence: int


def calendar_of(user: User) -> bytes:
    """The file, in the language of `user`. Three statements, whatever the number of entries."""
    with translation.override(user.language or organisation.language()):
        calendar = Calendar()
        calendar.add("prodid", "-//Standing//Calendar//EN")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("x-wr-calname", vText(plain(_("Standing: %(name)s") % {"name": user.name})))
        calendar.add("refresh-interval", POLLED, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT4H")
        for entry in entries_of(user):
            calendar.add_component(_event(entry))
        return calendar.to_ical()


def entries_of(user: User) -> Iterator[Entry]:
    own = Account.objects.visible_to(user).active().filter(owner=user)
    yield from _actions(user)
    yield from _milestones(own)
    yield from _closing_days(own)


def plain(text: str) -> str:
    """`text` without control characters, which iCalendar forbids, and with `\\n` for every kind of line end."""
    for end in LINE_ENDS:
        text = text.replace(end, "\n")
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"})


def _actions(user: User) -> Iterator[Entry]:
    only_reads = user.role == User.Role.VIEWER
    mine = Action.objects.visible_to(user).pending().filter(owner=user).select_related("plan__account")
    for action in _with_change(mine).order_by("pk"):
        page = action.plan.get_absolute_url() if only_reads else reverse("plans:action", args=[action.pk])
        summary = f"{action.title} · {action.plan.account.name}"
        changed_at = action.changed_at or _midnight(action.plan.started_on)
        yield Entry(f"action-{action.pk}", action.due_on, summary, page, changed_at, action.version)


def _milestones(own: QuerySet[Account]) -> Iterator[Entry]:
    """By account and level: a revised target moves its milestones. Its version counts on from that of the one before."""
    targets = Target.objects.active().filter(account__in=own).select_related("account")
    for target in _with_change(targets).order_by("pk"):
        page = reverse("plans:target", args=[target.account_id])
        for milestone in target.trajectory.milestones():
            words = _("Target: %(account)s on level %(level)s")
            if milestone.level != target.level:
                words = _("Milestone: %(account)s on level %(level)s")
            summary = words % {"account": target.account.name, "level": milestone.level}
            changed_at = target.changed_at or _midnight(target.set_on)
            uid = f"milestone-{target.account_id}-{milestone.level}"
            yield Entry(uid, milestone.due_on, summary, page, changed_at, target.version)


def _closing_days(own: QuerySet[Account]) -> Iterator[Entry]:
    rounds = Assessment.objects.open().filter(account__in=own, closes_on__isnull=False).select_related("account")
    for one in _with_change(rounds).order_by("pk"):
        summary = _("Round closes: %(account)s") % {"account": one.account.name}
        changed_at = one.changed_at or one.opened_at
        yield Entry(f"round-{one.pk}", one.closes_on, summary, one.get_absolute_url(), changed_at, one.version)


def _with_change(rows: QuerySet) -> QuerySet:
    """Annotate `changed_at` from the latest event of the trail; None for rows older than the trail."""
    name = rows.model._meta.label_lower
    changes = Change.objects.filter(object_type=name, object_id=OuterRef("pk")).order_by("-pk")
    return rows.annotate(changed_at=Subquery(changes.values("at")[:1]))


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@{urlsplit(settings.BASE_URL).hostname}")
    # Without a method both say when the entry was last changed; the moment of fetching would make each answer a new one.
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + timedelta(days=1))
    event.add("summary", plain(entry.summary))
    event.add("url", settings.BASE_URL + entry.path)
    event.add("transp", "TRANSPARENT")  # it takes no time of the day
    return event


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
