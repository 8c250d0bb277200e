"""Acts of an invited contact: open the survey, store answers, send them, ask for no further invitations."""

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
    begun_elsewhere: bool = False  # in confidence: in another browser, and not sent
    sent_elsewhere: bool = False

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
    """Five statements. In confidence it is blank but for the `browser` that answered; see `Visit.browser`."""
    assessment = invitation.assessment
    questionnaire = questionnaire_of(assessment.edition)
    response = response_of(assessment, Rater.by_link(invitation.contact))
    version = response.version if response else 0
    if response and _is_elsewhere(response, browser):
        sent = response.is_submitted
        return Survey(invitation, questionnaire, None, Filled(), version, begun_elsewhere=not sent, sent_elsewhere=sent)
    return Survey(invitation, questionnaire, response, content_of(response), version)


@transaction.atomic
def note_opened(invitation: Invitation) -> None:
    """Record that the contact opened the survey, once; an answered or withdrawn invitation keeps its state."""
    invitation = _locked(invitation)
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

    In confidence the draft of another browser is not added to but replaced, so nobody learns what it holds, and what another
    one sent stays: AnsweredElsewhere.
    """
    # Lock the round first, as `save_response` does, so that nobody else changes the response after it is read.
    Assessment.objects.select_for_update().get(pk=invitation.assessment_id)
    invitation = _locked(invitation)
    if not invitation.is_usable:
        raise SurveyOver
    rater = Rater.by_link(invitation.contact)
    response = response_of(invitation.assessment, rater)
    elsewhere = False
    if response and (elsewhere := _is_elsewhere(response, browser)) and response.is_submitted:
        raise AnsweredElsewhere
    stored = Filled() if elsewhere else content_of(response)
    filled = Filled({**stored.answers, **answers}, stored.evidence, stored.comment if comment is None else comment)
    if filled.is_empty and send:
        raise ValidationError(_("Nothing is filled in yet. Answer at least one statement."), code="empty")
    if filled.is_empty and (response is None or elsewhere):
        return None
    if response and seen != response.version:
        # A draft of another browser is replaced only after the page said so.
        if elsewhere or _replaces(stored, answers, comment):
            raise StaleEdit(response)
        seen = response.version
    send_it = send or (response is not None and response.is_submitted)
    response = save_response(
        invitation.assessment, rater, filled, by=None, seen=seen, submit=send_it, began_at=_began_at(invitation)
    )
    if response.browser != browser:
        response.browser = browser
        response.save(update_fields=["browser"])
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


def _is_elsewhere(response: Response, browser: str) -> bool:
    """Whether the response of a confidential round came from another browser than this one."""
    return response.assessment.is_confidential and not (browser and constant_time_compare(response.browser, browser))


def _replaces(stored: Filled, answers: dict[str, int | None], comment: str | None) -> bool:
    """Whether `answers` or `comment` would replace a different stored value."""
    other = any(code in stored.answers and stored.answers[code] != value for code, value in answers.items())
    return other or (comment is not None and stored.comment not in {"", comment})


def _locked(invitation: Invitation) -> Invitation:
    found = Invitation.objects.select_for_update(of=("self",)).select_related("assessment", "contact")
    return found.get(pk=invitation.pk)
