"""The invitations of the demo portfolio, in different states.

They have neither links nor letters, so nothing is sent and no survey page can be opened by them.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache

from accounts.models import Contact
from assessments.measurement.result import CONFIDENTIAL_FROM
from assessments.models import Assessment, Response
from audit.trail import snapshot
from demo.context import DemoContext, Dossier, moment_on
from surveys.invitations import FIRST_OFFERED, Wording, default_wording
from surveys.models import Invitation
from surveys.reminders import halfway

State = Invitation.State
BY_LINK_DAYS = 760  # rounds of these last days were answered by link, earlier ones in interviews
NO_SUCH_BOX = "SMTPRecipientsRefused 550"
PENDING = (State.OPENED, State.SENT, State.FAILED)  # the states of invitations without an answer, in the order of their use
NO_WORDS = Wording("", "")

_words = cache(default_wording)


def visibility_of(dossier: Dossier, theirs: Sequence[Response]) -> str:
    """The visibility of a closed round: confidential for discreet customers, if enough people answered for a result."""
    enough = sum(response.position is not None for response in theirs) >= CONFIDENTIAL_FROM
    return Assessment.Visibility.CONFIDENTIAL if dossier.nature.discreet and enough else Assessment.Visibility.NAMED


def ask_in_closed(dossier: Dossier, context: DemoContext, assessment: Assessment, theirs: Sequence[Response]) -> None:
    """Invite all contacts of a closed round; those who answered by link (`theirs`) did so in the two weeks before it was closed."""
    chance = dossier.asking
    assessment.closes_on = closes_on = assessment.held_on
    given = {response.contact_id: response for response in theirs}
    for contact in dossier.contacts:
        invitation = _invitation(dossier, assessment, contact, closes_on, worded=context.detailed)
        if response := given.get(contact.pk):
            _answer(dossier, invitation, response, days=chance.randrange(12), hour=chance.randrange(11, 18))
        elif chance.random() < 0.4:
            _open(invitation, days=chance.randrange(12))


def ask_in_open(dossier: Dossier, assessment: Assessment, theirs: Sequence[Response]) -> None:
    """Invite all contacts of an open round. `theirs` have answered; the others opened the link, wait, or could not be reached."""
    chance = dossier.asking
    assessment.closes_on = closes_on = assessment.held_on + FIRST_OFFERED
    assessment.visibility = Assessment.Visibility.CONFIDENTIAL if dossier.nature.discreet else Assessment.Visibility.NAMED
    asked_at = assessment.opened_at + timedelta(minutes=5)
    terms = {"closes_on": closes_on, "visibility": assessment.visibility}
    dossier.tell("assessment.changed", assessment, asked_at, terms, {"closes_on": None, "visibility": "named"})
    given = {response.contact_id: response for response in theirs}
    states = list(PENDING) if dossier.story else chance.choices(PENDING, weights=[2, 4, 1], k=len(dossier.contacts))
    for contact in dossier.contacts:
        invitation = _invitation(dossier, assessment, contact, closes_on, worded=True)
        invitation.invited_at = asked_at
        dossier.tell(
            "invitation.made", invitation, asked_at, snapshot(invitation, "contact", "language", "by_mail", "expires_on")
        )
        if response := given.get(contact.pk):
            when = _answer(dossier, invitation, response, days=chance.randrange(5), hour=chance.randrange(11, 18))
            dossier.tell("response.submitted", response, when, snapshot(response, "side", "contact", "user"), by_us=False)
            dossier.tell("invitation.answered", invitation, when, {"state": State.ANSWERED}, by_us=False)
        else:
            _wait(dossier, invitation, states.pop(0))


def remind(dossier: Dossier, context: DemoContext, assessment: Assessment) -> None:
    """Mark reminders as sent where they are due, so that the worker sends none at its first start."""
    for invitation in dossier.invitations:
        if invitation.assessment is assessment and invitation.state in {State.SENT, State.OPENED}:
            day = halfway(invitation)
            if day <= context.today:
                invitation.reminded_on = day
                dossier.tell("invitation.reminded", invitation, moment_on(day, 8), {"reminded_on": day}, by_us=False)


def _invitation(dossier: Dossier, assessment: Assessment, contact: Contact, closes_on: date, *, worded: bool) -> Invitation:
    words = _words(contact.language) if worded else NO_WORDS
    invitation = Invitation(
        assessment=assessment,
        contact=contact,
        state=State.SENT,
        address=contact.email,
        language=contact.language,
        subject=words.subject,
        message=words.message,
        letters=1,
        invited_by=dossier.account.owner,
        invited_at=assessment.opened_at,
        expires_on=closes_on,
    )
    dossier.invitations.append(invitation)
    return invitation


def _answer(dossier: Dossier, invitation: Invitation, response: Response, *, days: int, hour: int) -> datetime:
    """Answer by the link; returns the time."""
    moment = moment_on(invitation.invited_at.date() + timedelta(days=days), hour)
    invitation.state, invitation.answered_at = State.ANSWERED, moment
    took = dossier.asking.randrange(20, 38) if response.hasty else dossier.asking.randrange(150, 900)
    invitation.opened_at = response.started_at = moment - timedelta(seconds=took)
    response.submitted_at, response.entered_by, response.origin = moment, None, Response.Origin.LINK
    response.language = invitation.language
    return moment


def _open(invitation: Invitation, *, days: int) -> datetime:
    invitation.state = State.OPENED
    invitation.opened_at = moment = moment_on(invitation.invited_at.date() + timedelta(days=days), 12)
    return moment


def _wait(dossier: Dossier, invitation: Invitation, state: str) -> None:
    if state == State.OPENED:
        moment = _open(invitation, days=2)
        dossier.tell("invitation.opened", invitation, moment, {"state": state}, {"state": State.SENT}, by_us=False)
    elif state == State.FAILED:
        invitation.state, invitation.trouble = State.FAILED, NO_SUCH_BOX
        moment = invitation.invited_at + timedelta(minutes=1)
        dossier.tell("invitation.failed", invitation, moment, {"state": state}, {"state": State.QUEUED}, by_us=False)
