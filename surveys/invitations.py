"""Invite contacts to a round; send an invitation again, copy its link, withdraw it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, User
from assessments.models import Assessment, Response
from assessments.rating.raters import begin_with_our_view
from assessments.rounds.closing import RoundClosed, open_assessment
from audit import trail
from core import organisation
from core.versions import StaleEdit
from mailing import outbox
from surveys.models import Invitation
from surveys.models.invitations import moved_in_words
from surveys.survey.links import issue_link

INVITATION, REMINDER = "surveys.invitation", "surveys.reminder"  # kinds of letters; their subject is an invitation
FIRST_OFFERED = timedelta(weeks=3)
AT_MOST = timedelta(days=90)
RECENT = timedelta(days=90)  # who was asked so lately is rather not asked again
#: Contacts who may be asked at all; who has no address among them gets a link by hand, but not in confidence.
ASKABLE = Q(active=True, do_not_ask=False, erased_on=None)
TERMS = ("closes_on", "visibility")
State = Invitation.State


@dataclass(frozen=True, slots=True)
class Wording:
    """Subject and message of a mail."""

    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Terms of an invitation: the last day, who will see the answers, and the wording in each language."""

    closes_on: date
    visibility: str
    wording: Mapping[str, Wording]
    by_mail: bool = True  # else links to give by hand; so has whoever has no address

    def words_in(self, language: str) -> Wording:
        return self.wording.get(language) or default_wording(language)


@dataclass(frozen=True, slots=True)
class Invited:
    """The result of `invite`: the new invitations, and the links to give by hand, which are returned only here."""

    assessment: Assessment
    new: list[Invitation]
    links: list[tuple[Contact, str]]


def default_wording(language: str) -> Wording:
    """The default subject and message in `language`."""
    with translation.override(language):
        if organisation.name():
            named = {"organisation": organisation.name()}
            return Wording(
                gettext("How do you see %(organisation)s?") % named,
                gettext(
                    "We would like to know how you see %(organisation)s as a supplier: what we do well, and where we should "
                    "do better. You work with us, so you are the one to tell. What you say decides what we work on next.\n\n"
                    "Would you take a few minutes? It works on your phone too."
                )
                % named,
            )
        return Wording(
            gettext("How do you see us?"),
            gettext(
                "We would like to know how you see us as a supplier: what we do well, and where we should do better. "
                "You work with us, so you are the one to tell. What you say decides what we work on next.\n\n"
                "Would you take a few minutes? It works on your phone too."
            ),
        )


def language_of(contact: Contact) -> str:
    """The contact's language, else the organisation's."""
    return contact.language or organisation.language()


def may_be_asked(contact: Contact) -> bool:
    return contact.active and not contact.do_not_ask and contact.erased_on is None


def check_links(contacts: Iterable[Contact], ask: Ask) -> None:
    """Raises ValidationError when asking `contacts` so would give one of us a link of a confidential round."""
    if ask.visibility != Assessment.Visibility.CONFIDENTIAL:
        return
    if not ask.by_mail:
        raise ValidationError({"visibility": no_links_by_hand()})
    if unreachable := [contact.name for contact in contacts if not contact.email]:
        message = _("In confidence people are asked by mail alone, and no e-mail address is known of %(names)s. Add it first.")
        raise ValidationError({"contacts": message % {"names": ", ".join(unreachable)}})


def no_links_by_hand() -> str:
    return gettext("In a confidential round nobody on our side gets a link: each is asked by mail alone.")


def last_asked(contacts: Iterable[Contact]) -> dict[int, datetime]:
    """When each contact was invited last, in any round; without failed and withdrawn invitations. One statement."""
    asked = Invitation.objects.filter(contact__in=list(contacts)).exclude(state__in=[State.FAILED, State.REVOKED])
    return dict(asked.order_by().values_list("contact").annotate(Max("invited_at")))


def visibility_is_fixed(assessment: Assessment | None) -> bool:
    """Whether the visibility can no longer change: somebody was invited or has answered. At most two statements."""
    if assessment is None:
        return False
    return assessment.invitations.exists() or assessment.responses.filter(side=Response.Side.CUSTOMER).exists()


def letter_key(invitation: Invitation) -> str:
    """The outbox key of the latest mail of `invitation`."""
    return f"invitation:{invitation.pk}:{invitation.letters}"


def invite(
    account: Account, people: Mapping[int, str], ask: Ask, *, by: User, seen_round: int = 0, seen: int | None = None
) -> Invited:
    """Ask contacts (ids, each with a language) in the open round of `account`; opens one if need be.

    Each contact is invited once: who is already keeps that invitation, and gets a fresh link if it is given by hand.
    A later closing date holds for all. `seen_round` and `seen` are the round and its version that the form showed (0:
    there was none yet). Raises RoundClosed, StaleEdit when someone else changed the terms, ValidationError.
    """
    while True:
        try:
            with transaction.atomic():
                return _invite(account, people, ask, by=by, seen_round=seen_round, seen=seen)
        except _RoundAppeared:  # the locks are released: retry with the round that is open now
            continue


@transaction.atomic
def send_again(invitation: Invitation, *, by: User, seen: int) -> bool:
    """Send the mail once more. `seen` is how many were written when the page was made: a second click does nothing.

    False when nothing was to do. Raises ValidationError when it may not be sent.
    """
    invitation = _locked(invitation)
    if seen != invitation.letters or invitation.state == State.QUEUED:
        return False
    if invitation.is_moved:
        raise ValidationError(moved_in_words())
    _must_be_askable(invitation)
    if not invitation.may_be_repeated:
        raise ValidationError(_("This invitation was opened already: it need not be sent again."))
    if not invitation.contact.email:
        raise ValidationError(_no_address(invitation))
    before = {"state": invitation.state, "invited_at": invitation.invited_at}
    if not invitation.message:  # the link was given by hand before
        words = default_wording(invitation.language)
        invitation.subject, invitation.message = words.subject, words.message
    invitation.state, invitation.trouble, invitation.by_mail = State.QUEUED, "", True
    invitation.invited_at, invitation.letters = timezone.now(), invitation.letters + 1
    invitation.save()
    _post([invitation])
    after = {"state": invitation.state, "invited_at": invitation.invited_at}
    trail.record("invitation.repeated", invitation, by=by, before=before, after=after)
    return True


@transaction.atomic
def copy_link(invitation: Invitation, *, by: User) -> str:
    """A new link to give by hand; earlier ones go on working. Raises ValidationError when none may be given.

    None is in a confidential round: whoever holds a link can answer as the contact.
    """
    invitation = _locked(invitation)
    if invitation.assessment.is_confidential:
        raise ValidationError(no_links_by_hand())
    _must_be_askable(invitation)
    before = {"state": invitation.state}
    if invitation.state == State.FAILED:  # the link reaches the contact after all
        invitation.state, invitation.trouble, invitation.by_mail = State.SENT, "", False
        invitation.invited_at = timezone.now()
        invitation.save(update_fields=["state", "trouble", "by_mail", "invited_at"])
    address = issue_link(invitation)
    trail.record("invitation.link_made", invitation, by=by, before=before, after={"state": invitation.state})
    return address


@transaction.atomic
def revoke(invitation: Invitation, *, by: User) -> bool:
    """Withdraw an invitation: its links stop working, and queued mail is not sent.

    False when it was withdrawn already. Raises ValidationError when the answer is in.
    """
    invitation = _locked(invitation)
    if invitation.state == State.REVOKED:
        return False
    if not invitation.may_be_withdrawn:
        raise ValidationError(_("%(contact)s has answered already. The answers stay.") % {"contact": invitation.contact})
    before = {"state": invitation.state}
    invitation.state, invitation.trouble = State.REVOKED, ""
    invitation.save(update_fields=["state", "trouble"])
    invitation.links.all().delete()  # asked again later, the old links stay dead
    trail.record("invitation.withdrawn", invitation, by=by, before=before, after={"state": invitation.state})
    return True


class _RoundAppeared(Exception):
    """A round was opened after the query for one to lock; retry."""


def _invite(account: Account, people: Mapping[int, str], ask: Ask, *, by: User, seen_round: int, seen: int | None) -> Invited:
    contacts = _lock_contacts(account, people)
    assessment = _round_of(account, by=by, seen_round=seen_round)
    old = _set_terms(assessment, ask, seen=seen)
    check_links(contacts, ask)
    there = {invitation.contact_id: invitation for invitation in assessment.invitations.select_related("contact")}
    new, links = [], []
    for contact in contacts:
        invitation = there.get(contact.pk)
        if invitation is None or invitation.may_be_asked_anew:
            invitation = _make(assessment, contact, people[contact.pk], ask, by=by, again=invitation)
            new.append(invitation)
        elif ask.by_mail or invitation.by_mail or not invitation.is_usable:
            continue
        if not invitation.by_mail:
            links.append((contact, issue_link(invitation)))
    _post([invitation for invitation in new if invitation.by_mail])
    if new:
        begin_with_our_view(assessment, by=by)
    changes = [trail.Change("invitation.made", invitation, after=_values_for_trail(invitation)) for invitation in new]
    if old:
        now = {name: getattr(assessment, name) for name in old}
        changes.insert(0, trail.Change("assessment.changed", assessment, old, now))
    trail.record_many(changes, by=by)
    return Invited(assessment, new, links)


def _lock_contacts(account: Account, people: Mapping[int, str]) -> list[Contact]:
    """Lock the round, the account and the contacts, in the order in which erasing does; gives the contacts as they are now.

    Raises ValidationError for an archived account and for a contact who may not be asked.
    """
    held = set(account.assessments.open().select_for_update(of=("self",)).values_list("pk", flat=True))
    if Account.objects.select_for_update(no_key=True).get(pk=account.pk).is_archived:
        raise _archived()
    if set(account.assessments.open().values_list("pk", flat=True)) - held:
        raise _RoundAppeared  # locking it now, after the account, could deadlock
    found = list(account.contacts.select_for_update(no_key=True).filter(pk__in=list(people)).order_by("pk"))
    if refused := [str(contact) for contact in found if not may_be_asked(contact)]:
        message = _("Nobody was asked: %(names)s may no longer be asked. Look at the list again.")
        raise ValidationError({"contacts": message % {"names": ", ".join(refused)}})
    if len(found) < len(people):
        raise ValidationError({"contacts": _("Nobody was asked: somebody on the list is no longer there. Look at it again.")})
    return found


def _archived() -> ValidationError:
    return ValidationError(_("This account is archived. Take it back from the archive first, then ask."), code="archived")


def _round_of(account: Account, *, by: User, seen_round: int) -> Assessment:
    """The open round, locked."""
    found = open_assessment(account, by=by)
    locked = Assessment.objects.select_for_update(of=("self",)).select_related("account__owner", "edition").get(pk=found.pk)
    if not locked.is_open or seen_round not in {0, locked.pk}:
        raise RoundClosed
    return locked


def _set_terms(assessment: Assessment, ask: Ask, *, seen: int | None) -> dict:
    """Store the closing date and who sees the answers; gives what was there before, as far as it differs."""
    old = {name: getattr(assessment, name) for name in TERMS if getattr(assessment, name) != getattr(ask, name)}
    if not old:
        return {}
    if seen is not None and seen != assessment.version and assessment.closes_on is not None:
        raise StaleEdit(assessment)
    if "visibility" in old and visibility_is_fixed(assessment):
        raise ValidationError({"visibility": _("Somebody was asked or has answered already, so this can no longer change.")})
    for name in old:
        setattr(assessment, name, getattr(ask, name))
    assessment.save_version(assessment.version, list(old))
    if "closes_on" in old:
        assessment.invitations.update(expires_on=assessment.closes_on)
    return old


def _make(assessment: Assessment, contact: Contact, language: str, ask: Ask, *, by: User, again: Invitation | None) -> Invitation:
    """A new invitation; one that is over is used again, and nothing of it goes to another address."""
    invitation = again or Invitation(assessment=assessment, contact=contact)
    if invitation.pk and invitation.is_moved:
        _forget(invitation)
    invitation.contact, invitation.address = contact, contact.email
    invitation.by_mail = ask.by_mail and bool(contact.email)
    words = ask.words_in(language) if invitation.by_mail else Wording("", "")
    invitation.language, invitation.subject, invitation.message = language, words.subject, words.message
    invitation.state = State.QUEUED if invitation.by_mail else State.SENT
    invitation.letters += 1 if invitation.by_mail else 0
    invitation.invited_by, invitation.invited_at, invitation.expires_on = by, timezone.now(), ask.closes_on
    invitation.opened_at, invitation.trouble = None, ""
    invitation.save()
    return invitation


def _forget(invitation: Invitation) -> None:
    """Remove what was begun at the former address, and its links."""
    invitation.links.all().delete()
    invitation.browser_drafts.all().delete()
    invitation.codes.all().delete()
    invitation.assessment.responses.filter(contact=invitation.contact_id, submitted_at=None).delete()


def _post(invitations: list[Invitation]) -> None:
    outbox.post_many(INVITATION, {letter_key(invitation): invitation.pk for invitation in invitations})


def _locked(invitation: Invitation) -> Invitation:
    """The invitation as it is now; the round first, as everywhere."""
    Assessment.objects.select_for_update().get(pk=invitation.assessment_id)
    found = Invitation.objects.select_for_update(of=("self",)).select_related("assessment__account", "contact")
    return found.get(pk=invitation.pk)


def _no_address(invitation: Invitation) -> str:
    contact = {"contact": invitation.contact}
    if invitation.assessment.is_confidential:
        return gettext("%(contact)s has no e-mail address. Add it first.") % contact
    return gettext("%(contact)s has no e-mail address. Copy the link instead.") % contact


def _must_be_askable(invitation: Invitation) -> None:
    contact = {"contact": invitation.contact}
    if invitation.assessment.account.is_archived:
        raise _archived()
    if not invitation.assessment.is_open:
        raise RoundClosed
    if invitation.state == State.ANSWERED:
        raise ValidationError(_("%(contact)s has answered already.") % contact)
    if not may_be_asked(invitation.contact):
        raise ValidationError(_("%(contact)s may not be asked any more.") % contact)
    if not invitation.is_usable:
        raise ValidationError(_("This invitation was withdrawn or has run out. Choose a later closing date, or ask anew."))


def _values_for_trail(invitation: Invitation) -> dict:
    return trail.snapshot(invitation, "contact", "language", "by_mail", "expires_on")
