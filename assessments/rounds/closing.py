"""Open, change, close and reopen an assessment; closing stores the result."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Case, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import derived
from accounts.models import Account, User
from assessments.measurement.result import (
    CONFIDENTIAL_FROM,
    CONFIDENTIAL_MEANS_FROM,
    Result,
    WeightedResponse,
    measure_assessment,
)
from assessments.models import Assessment, Response
from assessments.rounds.blinding import unblind, unblind_who_waits
from assessments.rounds.voices import Voices, voices_of
from assessments.webhook_events import tell_closed
from audit import trail
from core import days
from core.constraints import violates
from core.versions import StaleEdit
from hierarchy.models import Edition

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

RESULT_FIELDS = (
    "customer_position",
    "customer_level",
    "team_position",
    "team_level",
    "gap",
    "agreement",
    "agreement_word",
    "confidence",
    "confidence_reasons",
    "respondents",
    "told",
    "unheard",
    "coverage",
    "band_low",
    "band_high",
    "below_specification",
)


def least_to_show(assessment: Assessment) -> int:
    """The number of customers who count that a result of theirs needs."""
    return CONFIDENTIAL_FROM if assessment.is_confidential else 1


def least_to_tell(assessment: Assessment) -> int:
    """The number of customer answers that a mean needs to be shown."""
    return CONFIDENTIAL_MEANS_FROM if assessment.is_confidential else 1


def stands_for_good(assessment: Assessment) -> bool:
    """Whether the closed result cannot be withdrawn: recorded elsewhere, or confidential with answers of three or more.

    Whether such a round shows a result, and which, depends on what they answered. Closed again with one answer more or less, or
    with one that was changed, the difference would reveal what one person answered (docs/decisions/0007).
    """
    if assessment.origin == Assessment.Origin.RECORDED:
        return True
    told = shows_customer_answers(assessment) or Assessment.TOO_FEW_LEVELS in assessment.confidence_reasons
    return assessment.is_confidential and told


def shows_customer_answers(assessment: Assessment) -> bool:
    """Whether the closed round shows figures or comments of the customer's people."""
    return not assessment.is_open and assessment.customer_level is not None


class RoundClosed(ValidationError):
    """The assessment was closed, or another one opened, since the page was read; nothing was stored."""

    def __init__(self) -> None:
        super().__init__(_("This assessment was closed in the meantime. Nothing was stored."), code="closed")


def open_assessment(account: Account, *, by: User, held_on: date | None = None) -> Assessment:
    """The open assessment of `account`; a new one with the published edition when there is none.

    Raises ValidationError when `held_on` lies in the future or no edition is published.
    """
    found = account.assessments.open().first()
    if found:
        return found
    edition = Edition.objects.published()
    if edition is None:
        raise ValidationError(_("No catalogue edition is published, so there is nothing to assess with yet."))
    assessment = Assessment(account=account, edition=edition, held_on=held_on or days.today(), opened_by=by)
    assessment.clean()
    try:
        with transaction.atomic():
            assessment.save()
            trail.record("assessment.opened", assessment, by=by, after={"held_on": assessment.held_on})
    except IntegrityError as error:
        if not violates(error, Assessment, "assessment_one_open_an_account"):
            raise
        # Someone opened one in the same moment: that one serves both.
        return account.assessments.open().get()
    return assessment


def answered(assessment: Assessment, responses: Iterable[Response], voices: Voices) -> list[Response]:
    """The responses that the customer's people gave, with a level or without. No statement.

    In a confidential round only what came by a link that was mailed to an address which the contact had when the round was
    opened: else whoever may invite could have given it. Who is among them is no secret.
    """
    theirs = [response for response in responses if response.side == Response.Side.CUSTOMER and response.is_submitted]
    if not assessment.is_confidential:
        return theirs
    return [
        response
        for response in theirs
        if response.origin == Response.Origin.LINK
        and response.contact_id not in voices.left_out
        and (response.address_since is None or response.address_since <= assessment.opened_at)
    ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What closing a round comes to."""

    result: Result
    answered: list[Response]  # given by the customer's people, with a level or without: see `answered`
    counted: list[Response]  # in the result, of both sides


def result_of(assessment: Assessment, responses: Iterable[Response], voices: Voices) -> Result:
    """The result of `responses` of `assessment`. No statement."""
    return outcome_of(assessment, responses, voices).result


def outcome_of(assessment: Assessment, responses: Iterable[Response], voices: Voices) -> Outcome:
    """What closing `assessment` with `responses` comes to. No statement.

    In a confidential round none of the customer counts below three, so that no page, export or later comparison reveals what one
    of them said.
    """
    given = list(responses)
    gave = answered(assessment, given, voices)
    ours = [response for response in given if response.side == Response.Side.TEAM and response.counts]
    theirs = [response for response in gave if response.counts]
    if len(theirs) < least_to_show(assessment):
        theirs = []
    return Outcome(_measured(assessment, given, voices, gave, theirs, ours), gave, [*ours, *theirs])


def _measured(
    assessment: Assessment,
    given: list[Response],
    voices: Voices,
    gave: list[Response],
    theirs: list[Response],
    ours: list[Response],
) -> Result:
    """The result of the responses `theirs` and `ours`, which count.

    In a confidential round whoever answered without a level is a voice that was not heard, whether part of the decision or
    not, and stands for a buying role: who of those who answered has no level is confidential, too (docs/decisions/0017).
    """
    heard = gave if assessment.is_confidential else theirs
    unheard = voices.unheard({response.contact_id for response in heard}) + [1] * (len(heard) - len(theirs))
    result = measure_assessment(
        [_weighted(response) for response in theirs],
        [_weighted(response) for response in ours],
        unheard,
        confidential=assessment.is_confidential,
        roles=[response.buying_role or None for response in heard],
    )
    if theirs:
        return result
    if not assessment.is_confidential:
        in_words = any(response.side == Response.Side.CUSTOMER and response.is_in_words for response in given)
        return replace(result, confidence_reasons=(Assessment.IN_WORDS,)) if in_words else result
    # Neither may the number of those who know enough for a level be told.
    reasons = result.confidence_reasons
    if any(response.side == Response.Side.CUSTOMER and response.is_submitted for response in given):
        reasons = (Assessment.TOO_FEW if len(gave) < CONFIDENTIAL_FROM else Assessment.TOO_FEW_LEVELS,)
    return replace(result, coverage=None, unheard=None, confidence_reasons=reasons)


def current_result(assessment: Assessment) -> Result:
    """The result that closing `assessment` now would store. Two statements, three for a confidential round."""
    return result_of(assessment, assessment.responses.order_by("pk"), voices_of(assessment))


def with_result(assessment: Assessment, result: Result) -> Assessment:
    """A copy of `assessment` with `result`, for previews; do not save it."""
    preview = copy(assessment)
    fill(preview, result)
    return preview


@transaction.atomic
def change_details(assessment: Assessment, *, by: User, seen: int, raters: Iterable[User]) -> Assessment:
    """Store the date of an open assessment and who of our people is asked. Who is added when answers can be read is not blind.

    Raises StaleEdit when it was changed since version `seen`, RoundClosed when it is closed by now.
    """
    stored = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    if not stored.is_open:
        raise RoundClosed
    assessment.clean()
    asked, raters = set(stored.raters.all()), list(raters)
    before = {"held_on": stored.held_on, "raters": _ids(asked)}
    assessment.save_version(seen, ["held_on"])
    unblind(stored, [one for one in raters if one not in asked])
    assessment.raters.set(raters)
    old, new = trail.difference(before, {"held_on": assessment.held_on, "raters": _ids(assessment.raters.all())})
    if new:
        trail.record("assessment.changed", assessment, by=by, before=old, after=new)
    return assessment


@transaction.atomic
def close(assessment: Assessment, *, by: User, seen: int | None = None) -> Assessment:
    """Store the result, and write the account's derived columns.

    Closing a closed one changes nothing. Raises ValidationError when no submitted response has a level, unless three or more
    answered in confidence, and StaleEdit when `seen` is given and the round was changed or answered since that version.
    """
    assessment = _locked(assessment)
    if not assessment.is_open:
        return assessment
    _must_be_fresh(assessment, seen)
    responses, voices = list(assessment.responses.order_by("pk")), voices_of(assessment)
    outcome = outcome_of(assessment, responses, voices)
    result = outcome.result
    # Whether a confidential round can be closed depends on who answered, not on what: else trying would tell.
    if result.customer_level is None and result.team_level is None and Assessment.TOO_FEW_LEVELS not in result.confidence_reasons:
        raise ValidationError(_no_level(assessment, responses), code="no_level")
    fill(assessment, result)
    # Kept, since contacts and settings change: figures of the closed round are made of the same answers for good.
    in_result = [response.pk for response in outcome.counted]
    assessment.responses.update(counted=Case(When(pk__in=in_result, then=Value(True)), default=Value(False)))
    assessment.state, assessment.closed_at, assessment.closed_by = Assessment.State.CLOSED, timezone.now(), by
    assessment.version += 1
    assessment.save()
    # Rows are locked before the trail is, everywhere: the other way round two acts could wait for each other.
    derived.refresh([assessment.account_id])
    tell_closed(assessment)
    trail.record("assessment.closed", assessment, by=by, after=trail.snapshot(assessment, *RESULT_FIELDS))
    return assessment


@transaction.atomic
def reopen(assessment: Assessment, *, by: User, reason: str, seen: int | None = None) -> Assessment:
    """Withdraw the result so that it can be corrected; it stays in the trail with the reason.

    Reopening an open one changes nothing. Raises ValidationError without a reason, for a result that stands for
    good, or while another assessment is open; StaleEdit when `seen` is given and the round was changed since then.
    """
    assessment = _locked(assessment)
    if assessment.is_open:
        return assessment
    _must_be_fresh(assessment, seen)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the reason stays in the account's trail.")}, code="required")
    if assessment.origin == Assessment.Origin.RECORDED:
        raise ValidationError(_("This result was recorded elsewhere and holds no answers to correct."))
    if stands_for_good(assessment):
        raise ValidationError(
            _("A confidential result stands once three of them have answered: a second one would tell by the difference what one "
              "person answered. Ask again in a new round; the later result counts."),
            code="confidential",
        )  # fmt: skip
    if assessment.account.assessments.open().exists():
        raise ValidationError(_("Another assessment of this account is open. Close that one first."))
    before = trail.snapshot(assessment, *RESULT_FIELDS)
    for name in (*RESULT_FIELDS, "former_rule"):
        setattr(assessment, name, getattr(Assessment(), name))
    assessment.state, assessment.closed_at, assessment.closed_by = Assessment.State.OPEN, None, None
    assessment.version += 1
    assessment.save()
    unblind_who_waits(assessment)
    derived.refresh([assessment.account_id])
    trail.record("assessment.reopened", assessment, by=by, before=before, note=reason.strip())
    return assessment


def _weighted(response: Response) -> WeightedResponse:
    """A response that counts, as the measurement takes it."""
    if response.position is None:
        raise ValueError("a response without a position does not count")
    return WeightedResponse(
        position=response.position,
        weight=response.weight,
        buying_role=response.buying_role or None,
        known_levels=response.known_levels or 0,
        told=response.origin == Response.Origin.TOLD,
        unsound=not response.is_sound,
        pattern_error=response.pattern_error,
        below_specification=response.below_specification,
    )


def _locked(assessment: Assessment) -> Assessment:
    return Assessment.objects.select_for_update(of=("self",)).select_related("account").get(pk=assessment.pk)


def _must_be_fresh(assessment: Assessment, seen: int | None) -> None:
    if seen is not None and seen != assessment.version:
        raise StaleEdit(assessment)


def fill(assessment: Assessment, result: Result) -> Assessment:
    """Put `result` into the columns of `assessment`; nothing is stored."""
    for name in RESULT_FIELDS:
        setattr(assessment, name, getattr(result, name))
    assessment.confidence_reasons = list(result.confidence_reasons)
    return assessment


def _no_level(assessment: Assessment, responses: Iterable[Response]) -> "StrOrPromise":
    if assessment.is_confidential:
        return _(
            "There is no level yet: submit our own view, or wait until three of their people have answered. "
            "Below three, a confidential assessment says nothing of them."
        )
    if any(response.unblinded for response in responses):
        return _(
            "There is no level yet: the answers of the customer give none, and our views were given after these could be read."
        )
    return _("There is no level yet: submit at least one view in which half of a level's statements are answered.")


def _ids(users: Iterable[User]) -> list[int]:
    return sorted(user.pk for user in users)
