"""Open, close and reopen an assessment: the acts that make and withdraw a result."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import derived
from accounts.models import Account, User
from assessments.measurement import Result, Voice, measure_assessment
from assessments.models import Assessment, Response
from audit import trail
from hierarchy.models import Edition

RESULT_FIELDS = (
    "customer_position",
    "customer_level",
    "team_position",
    "team_level",
    "gap",
    "agreement",
    "confidence",
    "confidence_reasons",
    "respondents",
)


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
    assessment = Assessment(account=account, edition=edition, held_on=held_on or timezone.localdate(), opened_by=by)
    assessment.clean()
    try:
        with transaction.atomic():
            assessment.save()
            trail.record("assessment.opened", assessment, by=by, after={"held_on": assessment.held_on})
    except IntegrityError:  # someone opened one in the same moment: that one serves both
        return account.assessments.open().get()
    return assessment


def current_result(assessment: Assessment) -> Result:
    """What the submitted responses come to now: for the preview, and for closing. One statement."""
    voices: dict[str, list[Voice]] = {Response.Side.CUSTOMER: [], Response.Side.TEAM: []}
    counted = assessment.responses.filter(submitted_at__isnull=False, position__isnull=False)
    for response in counted.order_by("pk"):
        voices[response.side].append(Voice(response.position, response.weight, response.buying_role or None))
    return measure_assessment(voices[Response.Side.CUSTOMER], voices[Response.Side.TEAM])


@transaction.atomic
def close(assessment: Assessment, *, by: User) -> Assessment:
    """Fix the result, store it with its edition, and write the account's derived columns.

    Closing a closed one changes nothing. Raises ValidationError when no submitted response has a level.
    """
    assessment = Assessment.objects.select_for_update(of=("self",)).select_related("account").get(pk=assessment.pk)
    if not assessment.is_open:
        return assessment
    result = current_result(assessment)
    if result.customer_level is None and result.team_level is None:
        raise ValidationError(
            _("There is no level yet: submit at least one view in which half of a level's statements are answered."),
            code="no_level",
        )
    for name in RESULT_FIELDS:
        setattr(assessment, name, getattr(result, name))
    assessment.confidence_reasons = list(result.confidence_reasons)
    assessment.state, assessment.closed_at, assessment.closed_by = Assessment.State.CLOSED, timezone.now(), by
    assessment.version += 1
    assessment.save()
    trail.record("assessment.closed", assessment, by=by, after=trail.snapshot(assessment, *RESULT_FIELDS))
    derived.refresh([assessment.account_id])
    return assessment


@transaction.atomic
def reopen(assessment: Assessment, *, by: User, reason: str) -> Assessment:
    """Withdraw the result so that it can be corrected; it stays in the trail with the reason.

    Raises ValidationError without a reason, for a recorded result, or while another assessment is open.
    """
    assessment = Assessment.objects.select_for_update(of=("self",)).select_related("account").get(pk=assessment.pk)
    if assessment.is_open:
        return assessment
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the reason stays in the account's trail.")}, code="required")
    if assessment.origin == Assessment.Origin.RECORDED:
        raise ValidationError(_("This result was recorded elsewhere and holds no answers to correct."))
    if assessment.account.assessments.open().exists():
        raise ValidationError(_("Another assessment of this account is open. Close that one first."))
    before = trail.snapshot(assessment, *RESULT_FIELDS)
    for name in RESULT_FIELDS:
        setattr(assessment, name, Assessment._meta.get_field(name).get_default())
    assessment.state, assessment.closed_at, assessment.closed_by = Assessment.State.OPEN, None, None
    assessment.version += 1
    assessment.save()
    trail.record("assessment.reopened", assessment, by=by, before=before, note=reason.strip())
    derived.refresh([assessment.account_id])
    return assessment
