"""The template context of the page of a round, in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, User
from accounts.permissions import may
from assessments import words
from assessments.models import Assessment, Correction, Response
from assessments.rating.questionnaire import questionnaire_of
from assessments.rating.raters import may_rate, rates_first
from assessments.rounds.closing import CONFIDENTIAL_FROM, least_to_tell, outcome_of, stands_for_good, with_result
from assessments.rounds.figures import (
    answers_of,
    both_answered,
    both_sides,
    bounds_in_confidence,
    differences,
    of_each_kind,
    reliability_of,
    scale_x,
    strengths_of,
)
from assessments.rounds.reason import reason_of
from assessments.rounds.responses import closed_response
from assessments.rounds.voices import voices_of
from core import days
from hierarchy.models import Level
from mailing.mail import written_to
from surveys.models import Invitation
from surveys.round.comments import EvidenceNote, notes_of, unnamed_comments, words_of
from surveys.round.people import RoundPerson, invited_person, is_ours, name_of, respondent, respondent_with_scores, waiting_rater
from surveys.round.trail import trail_of
from surveys.round.warnings import closing_warnings
from surveys.words import invitation_status


def round_context(assessment: Assessment, account: Account, user: User, today: date | None = None) -> dict[str, Any]:
    """The context of `surveys/round.html`: at most ten statements, whatever the number of respondents.

    A user who has to give a view first sees who answered, not the answers (`raters.rates_first`). Named answers are for
    users who may read them. A confidential round names no contact, and shows no figure of the customer while it is
    open: each new answer would show by what it changes.
    """
    today = today or days.today()
    responses = list(assessment.responses.select_related("contact", "user", "entered_by").order_by("pk"))
    raters = list(assessment.raters.all()) if assessment.is_open else []
    invitations = list(assessment.invitations.select_related("contact").order_by("pk"))
    blind = assessment.is_open and rates_first(user, raters, responses)
    named = may(user, "customer.answers", account)
    context: dict[str, Any] = {
        "section": "accounts",
        "account": account,
        "assessment": assessment,
        "today": today,
        "blind": blind,
        "named": named and not blind,
        "may_change": may(user, "assessment.close", account),
        "may_rate": assessment.is_open and (any(rater.pk == user.pk for rater in raters) or may_rate(user, account, None)),
        "own": next((response for response in responses if response.user_id == user.pk), None),
        "trail": trail_of(assessment, figures=not blind),
    }
    corrected = _corrections(responses) if named and not blind else {}
    if assessment.is_open:
        return context | _open(assessment, responses, invitations, raters, corrected, blind=blind, named=named, today=today)
    return context | _closed(assessment, responses, invitations, corrected, named=named, today=today)


def _corrections(responses: Sequence[Response]) -> dict[int, list[Correction]]:
    """The corrections of fixed views, by response. One statement, none where no view is fixed."""
    found: dict[int, list[Correction]] = {}
    fixed = [response.pk for response in responses if response.fixed_at]
    if fixed:
        for correction in Correction.objects.filter(response__in=fixed).select_related("made_by"):
            found.setdefault(correction.response_id, []).append(correction)
    return found


def _open(
    assessment: Assessment,
    responses: list[Response],
    invitations: list[Invitation],
    raters: list[User],
    corrected: Mapping[int, Sequence[Correction]],
    *,
    blind: bool,
    named: bool,
    today: date,
) -> dict[str, Any]:
    voices = voices_of(assessment)
    outcome = outcome_of(assessment, responses, voices)
    preview = with_result(assessment, outcome.result)
    counting = {response.pk for response in outcome.answered}
    hide_theirs = assessment.is_confidential
    begun = {response.contact_id for response in responses}
    asked = {one.contact_id: invitation_status(one, is_open=True, answered=False, today=today) for one in invitations}
    theirs = [
        respondent(
            response,
            shown=named and not blind and not hide_theirs,
            asking=asked.get(response.contact_id or 0),
            left_out=response.contact_id in voices.left_out or (response.is_submitted and response.pk not in counting),
        )
        for response in responses
        if not is_ours(response)
    ]
    theirs += [
        invited_person(invitation, asked[invitation.contact_id], left_out=invitation.contact_id in voices.left_out)
        for invitation in invitations
        if invitation.contact_id not in begun
    ]
    ours = [
        respondent(response, shown=named and not blind, corrections=corrected.get(response.pk, ()))
        for response in responses
        if is_ours(response)
    ]
    rated = {response.user_id for response in responses}
    ours += [waiting_rater(rater) for rater in raters if rater.pk not in rated]
    levels = {level.rank: level for level in assessment.edition.levels.all()}
    has_level = _has_level(preview, theirs)
    shown = has_level and not blind and not hide_theirs
    return {
        "told": words.told_words(preview) if shown else "",
        "theirs": theirs,
        "ours": ours,
        "asks": bool(invitations),
        "mail_folder": written_to(),
        "preview": preview if shown else None,
        "headline": _headline(preview, levels) if shown else "",
        "no_gap": _why_no_gap(preview, responses) if shown else "",
        "sureness": words.sureness(preview, today)[:-1] if shown else [],
        "has_level": has_level,
        "warnings": closing_warnings(
            theirs,
            ours,
            [response.buying_role for response in responses if response.is_submitted],
            confidential=hide_theirs,
        ),
    }


def _has_level(preview: Assessment, theirs: Sequence[RoundPerson]) -> bool:
    """Whether closing would give a level; a confidential round decides by the number of answers alone."""
    if preview.is_confidential:
        given = sum(person.state == "submitted" and not person.left_out for person in theirs)
        return preview.team_level is not None or given >= CONFIDENTIAL_FROM
    return preview.customer_level is not None or preview.team_level is not None


def _closed(
    assessment: Assessment,
    responses: list[Response],
    invitations: list[Invitation],
    corrected: Mapping[int, Sequence[Correction]],
    *,
    named: bool,
    today: date,
) -> dict[str, Any]:
    questionnaire = questionnaire_of(assessment.edition)
    submitted = [response for response in responses if response.is_submitted]
    voices = [closed_response(response) for response in submitted]
    unnamed = unnamed_comments(assessment, voices)
    answers = answers_of(submitted)
    counting = [response for response in submitted if response.counted]
    theirs = [response for response in counting if not is_ours(response)]
    ours = [response for response in counting if is_ours(response)]
    confidential = assessment.is_confidential
    sides = both_sides(questionnaire, theirs, ours, answers, least_to_tell(assessment), confidential=confidential)
    statements = [] if confidential else both_answered(questionnaire, theirs, ours, answers)
    strength = strengths_of(sides)
    gave = {response.contact_id for response in submitted}
    asked = [
        invited_person(
            invitation, invitation_status(invitation, is_open=False, answered=invitation.contact_id in gave, today=today)
        )
        for invitation in invitations
        if invitation.state != Invitation.State.REVOKED or invitation.contact_id in gave
    ]
    context: dict[str, Any] = {
        "headline": _headline(assessment, questionnaire.by_rank),
        "no_gap": _why_no_gap(assessment, submitted),
        "sureness": words.sureness(assessment, today),
        "withheld": assessment.is_withheld,
        "for_good": stands_for_good(assessment),
        "told": words.told_words(assessment),
        "bounds": bounds_in_confidence(questionnaire.held_at),
        "held_at": questionnaire.held_at,
        "x_held": scale_x(questionnaire.held_at),
        "sides": sides,
        "strengths": (None, strength[1]) if confidential else strength,
        "differences": differences(statements),
        "statements": of_each_kind(statements),
        "reliability": None if confidential else reliability_of(questionnaire, theirs, answers),
        "reason": reason_of(assessment, voices, named=named),
        "their_words": words_of(assessment, voices, unnamed, named=named),
        "unnamed": unnamed,
        "asked": asked if named else [],
        "asked_count": len(asked),
        "answered_count": sum(person.state == "submitted" for person in asked),
    }
    if named:
        shown = [response for response in submitted if is_ours(response) or not assessment.is_confidential]
        people = [
            respondent_with_scores(response, questionnaire, answers[response.pk], corrected.get(response.pk, ()))
            for response in shown
        ]
        context |= {
            # Responses with warnings come first; then the customer's, by weight.
            "people": sorted(people, key=lambda person: (not person.warnings, person.is_ours, -person.weight)),
            "notes": notes_of(shown, questionnaire.by_rank),
            "comments": [
                EvidenceNote(name_of(response), response.comment) for response in shown if response.comment and is_ours(response)
            ],
        }
    return context


def _headline(assessment: Assessment, levels: Mapping[int, Level]) -> str:
    """The result in a sentence; without an answer of the customer it says so of this round, not of the account."""
    return words.level_sentence(assessment, levels, silence=words.silence(assessment) or _("None of their people was heard."))


def _why_no_gap(result: Assessment, responses: Sequence[Response]) -> str:
    """The reason why there is no gap where views of ours do not count, since they were not given blind; else empty."""
    if result.customer_level is None or result.team_level is not None:
        return ""
    late = any(response.unblinded and response.position is not None for response in responses)
    return words.not_blind() if late else ""
