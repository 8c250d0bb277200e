"""The invitation and reminder mails: composed when they are sent, each with a new link; their outcome is noted afterwards."""

from email.utils import parseaddr
from math import ceil

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from assessments.rating.questionnaire import questionnaire_of
from assessments.words import asked_by
from audit import trail
from core import days, organisation
from mailing.mail import Mail, mailbox, one_line
from mailing.models import Letter
from surveys.invitations import letter_key, may_be_asked
from surveys.models import Invitation
from surveys.survey.links import issue_link
from surveys.survey.response import SECONDS

State = Invitation.State
TROUBLE = 60  # characters that an invitation keeps of why
#: How the state of its letter shows on an invitation.
MIRRORED = {
    Letter.State.SENT: (State.SENT, "invitation.sent"),
    Letter.State.FAILED: (State.FAILED, "invitation.failed"),
    Letter.State.UNSURE: (State.UNSURE, "invitation.unsure"),
}


def write_invitation(letter: Letter) -> Mail | None:
    invitation = _invitation(letter)
    if invitation is None:
        return None
    over = invitation.state in {State.REVOKED, State.ANSWERED}
    if over or not _is_latest(letter, invitation) or _reason_not_to_send(invitation):
        return None
    return _with_new_link(invitation)


def write_reminder(letter: Letter) -> Mail | None:
    invitation = _invitation(letter)
    if invitation is None:
        return None
    waits = invitation.state in {State.SENT, State.UNSURE, State.OPENED} and invitation.reminded_on is None
    if not waits or _reason_not_to_send(invitation) or days.today() >= invitation.expires_on:
        return None
    if invitation.assessment.responses.filter(contact=invitation.contact, submitted_at__isnull=False).exists():
        return None  # a colleague entered the answers
    return _with_new_link(invitation, reminder=True)


def compose(invitation: Invitation, link: str, *, reminder: bool = False) -> Mail:
    """The mail in the contact's language; `invitation` need not be stored, for a preview. Two statements."""
    asker = asker_of(invitation)
    name = "reminder" if reminder else "invitation"
    with translation.override(invitation.language):
        context = {
            "invitation": invitation,
            "contact": invitation.contact,
            "account": invitation.assessment.account,
            "asker": asker,
            "asked_by": asked_by(asker),
            "organisation": organisation.name(),
            "link": link,
            "stop": f"{link}?stop",
            "minutes": ceil(len(questionnaire_of(invitation.assessment.edition).indicators) * SECONDS / 60),
        }
        sender = asked_by(asker)
        subject = _("Reminder: %(subject)s") % {"subject": invitation.subject} if reminder else invitation.subject
        text = render_to_string(f"surveys/email/{name}.txt", context).strip() + "\n"
        html = render_to_string("surveys/email/letter.html", context | {"reminder": reminder})
    mail = Mail(
        one_line(subject),
        text,
        mailbox(sender, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]),
        [mailbox(invitation.contact.name, invitation.contact.email)],
        # In confidence a reply, which quotes the link, must not reach one of us.
        reply_to=[] if invitation.assessment.is_confidential else [mailbox(asker.name, asker.email)],
        headers={"Auto-Submitted": "auto-generated", "List-Unsubscribe": f"<{link}?stop>"},
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _with_new_link(invitation: Invitation, *, reminder: bool = False) -> Mail:
    Invitation.objects.filter(pk=invitation.pk).update(address=invitation.contact.email)
    return compose(invitation, issue_link(invitation), reminder=reminder)


def asker_of(invitation: Invitation) -> User:
    return invitation.invited_by or invitation.assessment.account.owner


def invitation_settled(letter: Letter) -> None:
    """Copy the outcome of the letter to the invitation, unless the contact or a colleague changed its state meanwhile."""
    invitation = _invitation(letter, lock=True)
    if invitation is None or not _is_latest(letter, invitation) or invitation.state not in {State.QUEUED, State.UNSURE}:
        return
    if letter.state == Letter.State.CANCELLED:
        state, act, trouble = _state_after_cancel(invitation)
    else:
        (state, act), trouble = MIRRORED[Letter.State(letter.state)], letter.error[:TROUBLE]
    before, invitation.state, invitation.trouble = {"state": invitation.state}, state, trouble
    invitation.save(update_fields=["state", "trouble"])
    trail.record(act, invitation, by=None, before=before, after={"state": state})


def reminder_settled(letter: Letter) -> None:
    if letter.state == Letter.State.CANCELLED:
        return
    invitation = _invitation(letter, lock=True)
    if invitation is None:
        return
    if letter.state == Letter.State.FAILED:
        if not invitation.trouble:
            invitation.trouble = letter.error[:TROUBLE]
            invitation.save(update_fields=["trouble"])
        return
    invitation.reminded_on = days.today()
    invitation.save(update_fields=["reminded_on"])
    trail.record("invitation.reminded", invitation, by=None, after={"reminded_on": invitation.reminded_on})


def _invitation(letter: Letter, *, lock: bool = False) -> Invitation | None:
    """The invitation; None when it went with a contact who was merged into another one who was invited, too."""
    found = Invitation.objects.select_for_update(of=("self",)) if lock else Invitation.objects.all()
    related = ("assessment__account__owner", "assessment__edition", "contact", "invited_by")
    return found.select_related(*related).filter(pk=letter.subject_id).first()


def _is_latest(letter: Letter, invitation: Invitation) -> bool:
    """Whether `letter` is the latest of the invitation; an earlier one that is still queued is out of date."""
    return letter.key == letter_key(invitation)


def _reason_not_to_send(invitation: Invitation) -> str:
    """Why a mail is no longer wanted; "" when it is."""
    if not may_be_asked(invitation.contact):
        return "person"
    if invitation.is_moved:
        return Invitation.MOVED if invitation.contact.email else Invitation.NO_ADDRESS
    if not invitation.is_usable or invitation.assessment.account.is_archived:
        return Invitation.OVER
    return "" if invitation.contact.email else Invitation.NO_ADDRESS


def _state_after_cancel(invitation: Invitation) -> tuple[str, str, str]:
    """The new state, the act and the trouble of an invitation whose mail was cancelled."""
    reason = _reason_not_to_send(invitation)
    if reason == "person":
        return State.REVOKED, "invitation.withdrawn", ""
    return State.FAILED, "invitation.failed", reason
