"""The code that lets another browser go on with a confidential survey: asked for there, mailed to the contact, typed there.

It shows that whoever sits at the browser reads the contact's mail. Six digits are few, so a code holds a quarter of an hour and
for five tries, and a survey gets so many mails and tries in ten minutes, whatever the browser.
"""

import secrets
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from assessments.models import Assessment
from assessments.rating.acts import Rater, content_of, response_of, save_response
from audit import trail
from mailing import outbox
from surveys.models import Invitation, SurveyCode
from surveys.survey.drafts import draft_of, filled_of, with_more
from surveys.survey.response import SurveyOver, hold, is_elsewhere, locked

CODE = "surveys.code"  # the kind of letter; its subject is a `SurveyCode`
DIGITS = 6
ONE_CLICK = timedelta(seconds=5)


class CodeCheck(StrEnum):
    """What came of a typed code."""

    RIGHT = "right"
    WRONG = "wrong"
    OVER = "over"  # none was sent, or its time or its tries are over


def code_of(invitation: Invitation, browser: str) -> SurveyCode | None:
    """What this browser asked for. One statement."""
    return invitation.codes.filter(browser=browser).first()


@transaction.atomic
def ask_for_code(invitation: Invitation, browser: str) -> SurveyCode:
    """Post a mail with a new code to the contact; an earlier code no longer holds. Raises SurveyOver.

    Asked again within some seconds, as by a double click, it is the same mail.
    """
    Assessment.objects.select_for_update().get(pk=invitation.assessment_id)
    invitation = locked(invitation)
    if not invitation.is_usable:
        raise SurveyOver
    code, _new = SurveyCode.objects.select_for_update().get_or_create(invitation=invitation, browser=browser)
    if code.letters and timezone.now() - code.asked_at < ONE_CLICK:
        return code
    code.letters, code.asked_at, code.failed = code.letters + 1, timezone.now(), False
    code.code_hash, code.expires_at, code.tries = "", None, 0
    code.save()
    outbox.post(CODE, code.pk, key=letter_key(code))
    trail.record("invitation.code_asked", invitation, by=None)
    return code


@transaction.atomic
def draw(code: SurveyCode) -> str:
    """Draw the digits for the mail that is being written, and keep their hash; their time begins now."""
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    code.code_hash, code.expires_at, code.tries = _hash(code, digits), timezone.now() + SurveyCode.HOLDS, 0
    code.save(update_fields=["code_hash", "expires_at", "tries"])
    return digits


def check_code(invitation: Invitation, browser: str, digits: str) -> CodeCheck:
    """Compare what was typed. When it is right, this browser holds the survey from now on. Raises SurveyOver.

    A wrong try is counted in a transaction of its own, which the answer cannot undo.
    """
    with transaction.atomic():
        Assessment.objects.select_for_update().get(pk=invitation.assessment_id)
        invitation = locked(invitation)
        if not invitation.is_usable:
            raise SurveyOver
        code = invitation.codes.select_for_update().filter(browser=browser).first()
        if code is None or not code.is_valid:
            return CodeCheck.OVER
        if not constant_time_compare(code.code_hash, _hash(code, digits)):
            code.tries += 1
            code.save(update_fields=["tries"])
            return CodeCheck.WRONG
        code.delete()
        _take_over(invitation, browser)
        return CodeCheck.RIGHT


def letter_key(code: SurveyCode) -> str:
    """The outbox key of the latest mail."""
    return f"survey-code:{code.pk}:{code.letters}"


def _take_over(invitation: Invitation, browser: str) -> None:
    """Let `browser` hold the survey, within the lock of the round.

    What it filled in takes the place of what was begun elsewhere, statement by statement; of what was sent it changes nothing.
    """
    rater, draft = Rater.by_link(invitation.contact), draft_of(invitation, browser)
    response = response_of(invitation.assessment, rater)
    if draft and not (response and response.is_submitted):
        mine = filled_of(draft)
        filled = with_more(content_of(response), dict(mine.answers), mine.comment or None)
        seen = response.version if response else 0
        response = save_response(invitation.assessment, rater, filled, by=None, seen=seen, submit=False)
    if draft:
        draft.delete()
    if response and is_elsewhere(response, browser):
        hold(response, invitation, browser)
        trail.record("invitation.browser_changed", invitation, by=None)


def _hash(code: SurveyCode, digits: str) -> str:
    """Of the digits, under the secret of the installation: a million of them are soon tried."""
    return salted_hmac("surveys.survey.codes", f"{code.pk} {code.letters} {digits}", algorithm="sha256").hexdigest()
