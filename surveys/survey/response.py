"""Acts of an invited contact: open the survey, store answers, send them, ask for no further invitations.

In confidence the browser that answers first holds the survey. What another one fills in is a draft of its own, until the code
that was mailed to the contact is typed there (`surveys/survey/codes.py`, docs/decisions/0018).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, User
from assessments.models import Assessment, Response
from assessments.rating.acts import Filled, Rater, content_of, response_of, save_response
from assessments.rating.questionnaire import Questionnaire, questionnaire_of
from audit import trail
from core.versions import StaleEdit
from hierarchy.models import Indicator
from surveys.models import Invitation
from surveys.survey.drafts import draft_of, filled_of, keep_draft, replaces, with_more
from surveys.survey.order import mixed

A_SCREEN = 2  # statements
SECONDS = 15  # to read and answer one
SITTING = timedelta(hours=2)  # as long as a session of the survey lasts without a page


class SurveyOver(Exception):
    """The link was withdrawn, has expired, or the round was closed meanwhile; nothing was stored."""


class AnsweredElsewhere(Exception):
    """Another browser sent the answers of a confidential survey; nothing was stored."""


@dataclass(frozen=True)
class Survey:
    """The survey of one contact with the answers that this browser may see. Screen 0 is the welcome, the last one sends."""

    invitation: Invitation
    questionnaire: Questionnaire
    response: Response | None
    stored: Filled
    version: int  # of what is stored, wherever it was answered; 0: nothing is
    begun_elsewhere: bool = (
        False  # in confidence: another browser holds it and has not sent it; `stored` is what this one filled in
    )
    sent_elsewhere: bool = False  # in confidence: another browser did

    @cached_property
    def statements(self) -> tuple[Indicator, ...]:
        return mixed(self.questionnaire.indicators, f"invitation {self.invitation.pk}")

    @property
    def last(self) -> int:
        return ceil(len(self.statements) / A_SCREEN) + 1

    def on_screen(self, number: int) -> tuple[Indicator, ...]:
        return self.statements[(number - 1) * A_SCREEN : number * A_SCREEN] if 0 < number < self.last else ()

    def screen_of(self, statement: Indicator) -> int:
        return self.statements.index(statement) // A_SCREEN + 1

    @property
    def open_statements(self) -> list[Indicator]:
        return [statement for statement in self.statements if statement.code not in self.stored.answers]

    @property
    def goes_on_at(self) -> int:
        """The screen after the last one with an answer, or that one while a statement on it is open."""
        answered = [self.screen_of(one) for one in self.statements if one.code in self.stored.answers]
        if not answered:
            return 1
        furthest = max(answered)
        whole = all(one.code in self.stored.answers for one in self.on_screen(furthest))
        return furthest + 1 if whole else furthest

    @property
    def minutes(self) -> int:
        return max(1, ceil(len(self.statements) * SECONDS / 60))

    @property
    def is_sent(self) -> bool:
        return self.response is not None and self.response.is_submitted

    @property
    def asker(self) -> User:
        return self.invitation.invited_by or self.invitation.assessment.account.owner


def survey_of(invitation: Invitation, browser: str = "") -> Survey:
    """Six statements at most. In confidence each `browser` sees what it filled in itself; see `SurveyVisit.browser`."""
    assessment = invitation.assessment
    questionnaire = questionnaire_of(assessment.edition)
    response = response_of(assessment, Rater.by_link(invitation.contact))
    if response and is_elsewhere(response, browser):
        if response.is_submitted:
            return Survey(invitation, questionnaire, None, Filled(), 0, sent_elsewhere=True)
        draft = draft_of(invitation, browser)
        return Survey(invitation, questionnaire, None, filled_of(draft), draft.version if draft else 0, begun_elsewhere=True)
    return Survey(invitation, questionnaire, response, content_of(response), response.version if response else 0)


@transaction.atomic
def note_opened(invitation: Invitation) -> None:
    """Record that the contact opened the survey, once; an answered or withdrawn invitation keeps its state."""
    invitation = locked(invitation)
    if invitation.opened_at is not None:
        return
    before = {"state": invitation.state}
    State = Invitation.State
    if invitation.state in {State.QUEUED, State.SENT, State.UNSURE, State.FAILED}:
        invitation.state = State.OPENED
    invitation.opened_at = timezone.now()
    invitation.save(update_fields=["state", "opened_at"])
    trail.record("invitation.opened", invitation, by=None, before=before, after={"state": invitation.state})


@transaction.atomic
def keep_answers(
    invitation: Invitation, answers: dict[str, int | None], comment: str | None, *, seen: int, send: bool, browser: str = ""
) -> Response | None:
    """Add `answers` (and the comment, unless it is None) to what is kept, and send it all if `send`.

    What was sent before counts as sent at once. `seen` is the version of the response that was shown. A later
    version is no conflict where nothing else was answered in the place of what is given now; where it was,
    StaleEdit. Raises SurveyOver, and ValidationError for answers that the edition does not ask for.
    Where nothing is given nor kept, nothing is stored: None.

    In confidence what another browser than the one that holds the survey fills in is kept as a draft of its own, and not sent:
    None. What that one sent stays: AnsweredElsewhere.
    """
    # Lock the round first, as `save_response` does, so that nobody else changes the response after it is read.
    Assessment.objects.select_for_update().get(pk=invitation.assessment_id)
    invitation = locked(invitation)
    if not invitation.is_usable:
        raise SurveyOver
    rater = Rater.by_link(invitation.contact)
    response = response_of(invitation.assessment, rater)
    if response and is_elsewhere(response, browser):
        if response.is_submitted:
            raise AnsweredElsewhere
        draft = keep_draft(invitation, browser, answers, comment, seen=seen)
        if send and draft is None:
            raise _nothing_filled_in()
        return None
    stored = content_of(response)
    filled = with_more(stored, answers, comment)
    if filled.is_empty and send:
        raise _nothing_filled_in()
    if filled.is_empty and response is None:
        return None
    if response and seen != response.version:
        if replaces(stored, answers, comment):
            raise StaleEdit(response)
        seen = response.version
    send_it = send or (response is not None and response.is_submitted)
    response = save_response(
        invitation.assessment, rater, filled, by=None, seen=seen, submit=send_it, began_at=_began_at(invitation)
    )
    hold(response, invitation, browser)
    if send and invitation.state != Invitation.State.ANSWERED:
        before = {"state": invitation.state}
        invitation.state, invitation.answered_at = Invitation.State.ANSWERED, timezone.now()
        invitation.opened_at = invitation.opened_at or invitation.answered_at
        invitation.save(update_fields=["state", "answered_at", "opened_at"])
        trail.record("invitation.answered", invitation, by=None, before=before, after={"state": invitation.state})
    return response


def _began_at(invitation: Invitation) -> datetime | None:
    """When the person opened the survey, if that was in this sitting: the first answers are stored with the first screen."""
    opened = invitation.opened_at
    return opened if opened and timezone.now() - opened < SITTING else None


@transaction.atomic
def ask_no_more(invitation: Invitation) -> None:
    """Store with the contact that they want no further invitations."""
    contact = Contact.objects.select_for_update().get(pk=invitation.contact_id)
    if contact.do_not_ask:
        return
    Contact.objects.filter(pk=contact.pk).update(do_not_ask=True, version=F("version") + 1)
    trail.record("contact.asked_no_more", contact, by=None, before={"do_not_ask": False}, after={"do_not_ask": True})


def _nothing_filled_in() -> ValidationError:
    return ValidationError(_("Nothing is filled in yet. Answer at least one statement."), code="empty")


def is_elsewhere(response: Response, browser: str) -> bool:
    """Whether another browser than this one holds the survey of a confidential round."""
    return response.assessment.is_confidential and not (browser and constant_time_compare(response.browser, browser))


def hold(response: Response, invitation: Invitation, browser: str) -> None:
    """Let `browser` hold the survey from now on, and note since when the contact has the address that it was mailed to."""
    since = invitation.contact.address_since if browser else None
    if (response.browser, response.address_since) != (browser, since):
        response.browser, response.address_since = browser, since
        response.save(update_fields=["browser", "address_since"])


def locked(invitation: Invitation) -> Invitation:
    found = Invitation.objects.select_for_update(of=("self",)).select_related("assessment", "contact")
    return found.get(pk=invitation.pk)
