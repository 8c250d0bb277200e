"""Save the response of one person: as a draft, or submitted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Prefetch
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, User
from assessments.measurement.result import Reading
from assessments.measurement.soundness import is_hasty, is_uniform
from assessments.models import Answer, Assessment, Evidence, Response
from assessments.rating.questionnaire import Questionnaire, questionnaire_of
from assessments.rounds.blinding import could_read, fix_our_views
from assessments.rounds.closing import RoundClosed, open_assessment
from audit import trail
from core.versions import StaleEdit

STORED = (
    "comment", "weight", "buying_role", "origin", "entered_by", "submitted_at", "position", "level", "strength", "known_levels",
    "pattern_error", "below_specification", "uniform", "hasty", "fixed_at", "unblinded",
    "language",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rater:
    """The person whose response it is, and how it comes to us: a colleague or a contact; the API may also name neither."""

    side: str
    origin: str
    user: User | None = None
    contact: Contact | None = None
    given: int | None = None  # the weight 1..3 that the API gave

    @classmethod
    def ours(cls, user: User) -> "Rater":
        return cls(Response.Side.TEAM, Response.Origin.OWN, user=user)

    @classmethod
    def told(cls, contact: Contact) -> "Rater":
        """The contact whose answers one of us enters."""
        return cls(Response.Side.CUSTOMER, Response.Origin.TOLD, contact=contact)

    @classmethod
    def by_link(cls, contact: Contact) -> "Rater":
        return cls(Response.Side.CUSTOMER, Response.Origin.LINK, contact=contact)

    @property
    def weight(self) -> int:
        """A contact weighs as much as the influence it has, or as the API gives; our own people weigh one each."""
        if self.side == Response.Side.TEAM:
            return 1
        return self.given or (self.contact.influence if self.contact else Contact.Influence.MEDIUM)

    @property
    def buying_role(self) -> str:
        return self.contact.buying_role if self.contact else ""


@dataclass(frozen=True, slots=True)
class Filled:
    """The content of a response: answers by statement code (only those given), notes by level, and a comment."""

    answers: Mapping[str, int | None] = field(default_factory=dict)
    evidence: Mapping[int, str] = field(default_factory=dict)
    comment: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.answers or self.evidence or self.comment)


def response_of(assessment: Assessment | None, rater: Rater) -> Response | None:
    """The response that `rater` has in the round, with answers and notes; three statements."""
    if assessment is None or not (rater.user or rater.contact):
        return None  # without a person each response is one of its own
    mine = {"user": rater.user} if rater.user else {"contact": rater.contact}
    answers = Prefetch("answers", Answer.objects.select_related("indicator"))
    found = assessment.responses.filter(**mine).select_related("entered_by")
    return found.prefetch_related(answers, "evidence").first()


def content_of(response: Response | None) -> Filled:
    """The stored content of a response. No statement when it comes from `response_of`."""
    if response is None:
        return Filled()
    return Filled(
        {answer.indicator.code: answer.value for answer in response.answers.all()},
        {note.level: note.text for note in response.evidence.all()},
        response.comment,
    )


def latest_of(response: Response | None) -> Filled:
    """The content that its author sees: that of the latest correction, else that of the response. At most one statement."""
    if response is None or response.fixed_at is None:
        return content_of(response)
    correction = response.corrections.last()
    if correction is None:
        return content_of(response)
    notes = {int(level): text for level, text in correction.evidence.items()}  # JSON has no numbers as keys
    return Filled(correction.answers, notes, correction.comment)


@transaction.atomic
def rate(
    account: Account,
    rater: Rater,
    filled: Filled,
    *,
    by: User,
    seen: int = 0,
    seen_round: int = 0,
    submit: bool,
) -> Response:
    """Keep `filled` as the draft of `rater` in the open round of `account`, or submit it; opens one if need be.

    `seen` is the version of the response that the form showed, `seen_round` the round (0: there was none
    yet). Raises RoundClosed, StaleEdit or ValidationError, having stored nothing, not even a round.
    """
    assessment = open_assessment(account, by=by)
    if seen_round not in {0, assessment.pk}:
        raise RoundClosed
    return save_response(assessment, rater, filled, by=by, seen=seen, submit=submit)


def _is_of_account(contact: Contact, account_id: int) -> bool:
    """Whether it is a contact of the account. No statement, unless both were merged into another account since it was read."""
    return contact.account_id == account_id or Contact.objects.filter(pk=contact.pk, account=account_id).exists()


@transaction.atomic
def save_response(
    assessment: Assessment,
    rater: Rater,
    filled: Filled,
    *,
    by: User | None,
    seen: int = 0,
    submit: bool,
    began_at: datetime | None = None,
) -> Response:
    """Keep `filled` as a draft or submit it; one response a person and round. `by` is who entered it.

    The same content sent again changes nothing, so a double click leaves one response. A submitted view may
    be submitted again until the round closes, but does not become a draft. A view of ours that is fixed stays as it is: what is
    sent then is kept beside it as a correction. One that is first given when its author could read the customer's answers is marked,
    and counts for nothing. `began_at` is when the person began, where that was before the first draft.
    Raises StaleEdit when the response was changed since version `seen`, RoundClosed, and ValidationError for answers that the
    edition does not ask for.
    """
    assessment = Assessment.objects.select_for_update(of=("self",)).select_related("edition").get(pk=assessment.pk)
    if not assessment.is_open:
        raise RoundClosed
    if assessment.is_confidential and rater.side == Response.Side.CUSTOMER and rater.origin != Response.Origin.LINK:
        raise ValidationError(
            _("In a confidential assessment only the customer's people themselves answer."), code="confidential"
        )
    if rater.contact and not _is_of_account(rater.contact, assessment.account_id):
        raise ValidationError(_("This contact is at another customer."), code="foreign")
    # Checked under the lock of the round, which erasing takes, too: nothing of an erased person is stored afterwards.
    if rater.contact and Contact.objects.filter(pk=rater.contact.pk).exclude(erased_on=None).exists():
        raise ValidationError(_("This person was erased in the meantime. Nothing was stored."), code="erased")
    questionnaire = questionnaire_of(assessment.edition)
    _check_answers(filled, questionnaire)
    response = response_of(assessment, rater)
    stored = latest_of(response)
    if response:
        if stored == filled and (response.is_submitted or not submit):
            return response
        if seen != response.version and stored != filled:
            raise StaleEdit(response)
        if response.is_submitted and not submit:
            raise ValidationError(_("This view is submitted already. Submit it again to change it."), code="submitted")
        if response.fixed_at and by:
            return _correct(response, stored, filled, questionnaire, by=by)
    was = _values_for_trail(response, stored) if response else {}
    paced = response is not None or began_at is not None
    response = response or Response(
        assessment=assessment, side=rater.side, user=rater.user, contact=rater.contact, started_at=began_at or timezone.now()
    )
    again = response.is_submitted
    unblinded = (
        not again
        and rater.side == Response.Side.TEAM
        and could_read(assessment, rater.user, by_api=rater.origin == Response.Origin.API)
    )
    if unblinded and rater.user:
        assessment.unblinded.add(rater.user)  # from the first draft on, which holds its author back
    response.unblinded = response.unblinded or (unblinded and submit)
    _fill(response, rater, filled, questionnaire, by=by, submit=submit, paced=paced)
    if response.pk:
        response.save_version(response.version, list(STORED))
    else:
        response.save()
    _store_answers(response, filled, stored, questionnaire)
    act = "response.changed" if again else "response.submitted" if submit else "response.drafted"
    _record(act, response, was, _values_for_trail(response, filled), by=by)
    if by and rater.origin == Response.Origin.TOLD and any(filled.answers.values()):
        assessment.unblinded.add(by)  # who types the answers in knows them, from the first draft on
        fix_our_views(assessment)
    if submit:
        if assessment.responses.filter(side=Response.Side.CUSTOMER, submitted_at__isnull=False).exists():
            fix_our_views(assessment)
        # Who looks at the round now sees another result than who looked before: closing must notice.
        Assessment.objects.filter(pk=assessment.pk).update(version=F("version") + 1)
        response.refresh_from_db(fields=["fixed_at"])
    return response


def _correct(response: Response, stored: Filled, filled: Filled, questionnaire: Questionnaire, *, by: User) -> Response:
    """Keep `filled` beside the fixed view `response`, and raise its version; its position stays."""
    reading = questionnaire.read(filled.answers)
    response.corrections.create(
        made_by=by, answers=dict(filled.answers), evidence=dict(filled.evidence), comment=filled.comment,
        position=reading.position, level=reading.level,
    )  # fmt: skip
    response.save_version(response.version, [])
    _record(
        "response.corrected", response, _values_for_trail(response, stored),
        _values_for_trail(response, filled) | {"position": reading.position, "level": reading.level}, by=by,
    )  # fmt: skip
    return response


def _check_answers(filled: Filled, questionnaire: Questionnaire) -> None:
    asked = {indicator.code for indicator in questionnaire.indicators}
    if unknown := sorted(set(filled.answers) - asked):
        raise ValidationError(
            _("This edition has no statement %(codes)s."),
            code="unknown",
            params={"codes": ", ".join(unknown)},
        )
    if any(value is not None and value not in range(1, 6) for value in filled.answers.values()):
        raise ValidationError(_("An answer runs from 1 to 5, or is “don't know”."), code="out_of_range")


def _fill(
    response: Response,
    rater: Rater,
    filled: Filled,
    questionnaire: Questionnaire,
    *,
    by: User | None,
    submit: bool,
    paced: bool,
) -> None:
    """Put the content into the columns of `response`; `paced`: it is known when the person began."""
    response.comment, response.entered_by, response.origin = filled.comment, by, rater.origin
    response.weight, response.buying_role = rater.weight, rater.buying_role
    if submit:
        reading = questionnaire.read(filled.answers)
        response.submitted_at = timezone.now()
        response.language = "" if rater.origin == Response.Origin.API else get_language()
        fill_reading(response, reading)
        response.uniform = is_uniform(questionnaire.by_level(filled.answers))
        # How fast one of us types in what a customer said tells nothing of the customer.
        by_themselves = rater.origin in {Response.Origin.LINK, Response.Origin.OWN}
        took = response.submitted_at - response.started_at if paced and by_themselves else None
        response.hasty = is_hasty(len(filled.answers), took)


def fill_reading(response: Response, reading: Reading) -> None:
    """Put what the answers come to into the columns of `response`; nothing is stored."""
    response.position, response.level, response.strength = reading.position, reading.level, reading.strength
    response.known_levels, response.pattern_error = reading.known_levels, reading.pattern_error
    response.below_specification = reading.below_specification


def _store_answers(response: Response, filled: Filled, stored: Filled, questionnaire: Questionnaire) -> None:
    """Write only answers and notes that differ from the stored ones."""
    ids = {indicator.code: indicator.pk for indicator in questionnaire.indicators}
    gone = [code for code in stored.answers if code not in filled.answers]
    if gone:
        response.answers.filter(indicator__code__in=gone).delete()
    new = [
        Answer(response=response, indicator_id=ids[code], value=value)
        for code, value in filled.answers.items()
        if code not in stored.answers or stored.answers[code] != value
    ]
    Answer.objects.bulk_create(new, update_conflicts=True, unique_fields=["response", "indicator"], update_fields=["value"])
    if stored.evidence != filled.evidence:
        response.evidence.all().delete()
        Evidence.objects.bulk_create(
            Evidence(response=response, level=level, text=text) for level, text in sorted(filled.evidence.items())
        )


def _values_for_trail(response: Response, filled: Filled) -> dict[str, Any]:
    """The values of a response for the trail: flat, so that an event holds only those that changed."""
    return {
        **{f"answer {code}": _answer_for_trail(value) for code, value in filled.answers.items()},
        **{f"evidence {level}": text for level, text in filled.evidence.items()},
        "comment": filled.comment,
        "weight": response.weight,
        "position": response.position,
        "level": response.level,
        **({"unblinded": True} if response.unblinded else {}),
    }


def _answer_for_trail(value: int | None) -> int | str:
    return "don't know" if value is None else value


def _record(act: str, response: Response, was: dict[str, Any], now: dict[str, Any], *, by: User | None) -> None:
    who = {"side": str(response.side), "contact": response.contact_id, "user": response.user_id}
    if response.assessment.is_confidential and response.side == Response.Side.CUSTOMER:
        trail.record(act, response, by=by, after=who)  # that they answered, not their answers
        return
    names = [*now, *(name for name in was if name not in now)]
    before, after = trail.difference(was, {name: now.get(name) for name in names})
    trail.record(act, response, by=by, before=before if was else None, after=who | after)
