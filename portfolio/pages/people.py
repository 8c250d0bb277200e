"""The contacts of an account for its page: who was asked, who answered, which buying roles are missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, User
from assessments.models import Assessment, Response
from notes.models import met
from portfolio.pages.about import CustomerFact, facts_of_contact
from surveys.models import Invitation

Visibility = Assessment.Visibility


@dataclass(frozen=True, slots=True)
class Heard:
    """Invitations and answers of a contact; the names are those of the annotations of `contacts_of`."""

    says: int | None = None  # the level of the latest named answer
    said_how: str | None = None  # whether it was told to us
    said_on: date | None = None  # when that round was held
    heard_on: date | None = None  # when the latest closed round with an answer was held
    heard_at: datetime | None = None  # when that answer came
    heard_in: str | None = None  # whether that round was named
    answered_at: datetime | None = None  # in the open round
    asked_at: datetime | None = None  # the latest invitation that was not withdrawn
    asked_state: str | None = None
    asked_until: date | None = None
    asked_in: str | None = None  # whether its round is open


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A contact as the table shows it; `says` and the words are for readers of named answers."""

    contact: Contact
    says: int | None = None
    words: str = ""  # said 3 in September 2026; asked 3 Nov 2026, no answer yet; not asked
    then: str = ""  # what came after that
    was_heard: bool = False

    @property
    def facts(self) -> list[CustomerFact]:
        return facts_of_contact(self.contact)

    @property
    def initials(self) -> str:
        """The first letters of the first and the last name."""
        names = self.contact.name.split()
        return "".join(name[0] for name in dict.fromkeys([*names[:1], *names[-1:]])).upper()


def contacts_of(account: Account, *, named: bool, user: User) -> QuerySet[Contact]:
    """The contacts with the accounts that they came from and went to, if `user` may see those, who are there first, then by
    influence; `met_on` is the day of the newest call or meeting with them; with what `Heard` names when `named`. One statement.

    A level is told of named rounds that are closed alone; that somebody answered is told of every round.
    """
    contacts = account.contacts.filter(erased_on=None).order_by("-active", F("influence").desc(), "name", "pk")
    elsewhere = Contact.objects.filter(account__in=Account.objects.visible_to(user), erased_on=None).order_by("-pk")
    came, went = elsewhere.filter(later=OuterRef("pk")), elsewhere.filter(former=OuterRef("pk"))
    contacts = contacts.annotate(
        met_on=met(),
        **{f"{name}_{what}": Subquery(rows.values(path)[:1])
           for name, rows in (("came_from", came), ("went_to", went))
           for what, path in (("account", "account"), ("name", "account__name"))},
    )  # fmt: skip
    if not named:
        return contacts
    given = Response.objects.filter(contact=OuterRef("pk"), submitted_at__isnull=False)
    closed = given.filter(assessment__state=Assessment.State.CLOSED).order_by("-assessment__held_on", "-assessment__closed_at")
    said = closed.filter(level__isnull=False, assessment__visibility=Visibility.NAMED)
    in_open = given.filter(assessment__state=Assessment.State.OPEN)
    asked = Invitation.objects.filter(contact=OuterRef("pk")).exclude(state=Invitation.State.REVOKED)
    asked = asked.order_by("-invited_at", "-pk")
    found = {
        "says": said.values("level"),
        "said_how": said.values("origin"),
        "said_on": said.values("assessment__held_on"),
        "heard_on": closed.values("assessment__held_on"),
        "heard_at": closed.values("submitted_at"),
        "heard_in": closed.values("assessment__visibility"),
        "answered_at": in_open.values("submitted_at"),
        "asked_at": asked.values("invited_at"),
        "asked_state": asked.values("state"),
        "asked_until": asked.values("expires_on"),
        "asked_in": asked.values("assessment__state"),
    }
    return contacts.annotate(**{name: Subquery(rows[:1]) for name, rows in found.items()})


def people_of(account: Account, today: date, *, named: bool, user: User) -> list[PersonCard]:
    """One statement."""
    contacts = contacts_of(account, named=named, user=user)
    if not named:
        return [PersonCard(contact) for contact in contacts]
    return [_person(contact, Heard(*(getattr(contact, one.name) for one in fields(Heard))), today) for contact in contacts]


def missing_roles(people: Sequence[PersonCard]) -> list[str]:
    """The buying roles that no active contact has."""
    return _without(person.contact.buying_role for person in people if person.contact.active)


def silent_roles(people: Sequence[PersonCard]) -> list[str]:
    """The buying roles of active contacts from which nobody ever answered."""
    heard = {person.contact.buying_role for person in people if person.was_heard}
    known = {person.contact.buying_role for person in people if person.contact.active}
    return [str(label) for value, label in Contact.BuyingRole.choices if value in known - heard]


def words_of(heard: Heard, today: date) -> list[str]:
    """Sentences about answers and invitations, in the order in which the page shows them."""
    told = []
    if heard.said_on:
        how = _("told us %(level)s in %(month)s") if heard.said_how == Response.Origin.TOLD else None
        told.append((how or _("said %(level)s in %(month)s")) % {"level": heard.says, "month": _month(heard.said_on)})
    if heard.heard_on and (heard.said_on is None or heard.heard_on > heard.said_on):
        way = _("answered in %(month)s, in confidence") if heard.heard_in == Visibility.CONFIDENTIAL else None
        told.append((way or _("answered in %(month)s, without a level")) % {"month": _month(heard.heard_on)})
    if heard.answered_at:
        told.append(_("answered %(day)s, the round is still open") % {"day": _day(heard.answered_at)})
    elif waiting := _asked(heard, today):
        told.append(waiting)
    return told or [_("not asked")]


def _person(contact: Contact, heard: Heard, today: date) -> PersonCard:
    first, *more = words_of(heard, today)
    return PersonCard(contact, heard.says, first, "; ".join(more), bool(heard.heard_on or heard.answered_at))


def _asked(heard: Heard, today: date) -> str:
    """How the latest invitation stands, when it was not answered."""
    if heard.asked_at is None or heard.asked_until is None or heard.asked_state == Invitation.State.ANSWERED:
        return ""
    if heard.heard_at and heard.heard_at >= heard.asked_at:  # at the table: we entered it
        return ""
    day = {"day": _day(heard.asked_at)}
    if heard.asked_state == Invitation.State.FAILED:
        return _("asked %(day)s, but the mail could not be sent") % day
    if heard.asked_in == Assessment.State.CLOSED or heard.asked_until < today:
        return _("asked %(day)s, did not answer") % day
    if heard.asked_state == Invitation.State.OPENED:
        return _("asked %(day)s, opened, no answer yet") % day
    return _("asked %(day)s, no answer yet") % day


def _without(roles: Iterable[str]) -> list[str]:
    present = set(roles)
    return [str(label) for value, label in Contact.BuyingRole.choices if value not in present]


def _month(day: date) -> str:
    return date_format(day, "M Y")


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "j M Y")
