"""Save the response of one person: as a draft, or submitted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, User
from assessments.models import Answer, Assessment, Evidence, Response
from assessments.rating.questionnaire import Questionnaire, questionnaire_of
from assessments.rounds.closing import RoundClosed, open_assessment
from audit import trail
from core.versions import StaleEdit

STORED = (
    "comment", "weight", "buying_role", "entered_by", "submitted_at", "position", "level", "strength",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rater:
    """The person whose response it is: a colleague or a contact; the API may also name neither."""

    side: str
    user: User | None = None
    contact: Contact | None = None
    given: int | None = None  # the weight 1..3 that the API gave

    @classmethod
    def ours(cls, user: User) -> "Rater":
        return cls(Response.Side.TEAM, user=user)

    @classmethod
    def theirs(cls, contact: Contact) -> "Rater":
        return cls(Response.Side.CUSTOMER, contact=contact)

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
    assessment: Assessment, rater: Rater, filled: Filled, *, by: User | None, seen: int = 0, submit: bool
) -> Response:
    """Keep `filled` as a draft or submit it; one response a person and round. `by` is who entered it.

    The same content sent again changes nothing, so a double click leaves one response. A submitted view may
    be submitted again until the round closes, but does not become a draft. Raises StaleEdit when the response
    was changed since version `seen`, RoundClosed, and ValidationError for answers that the edition does not
    ask for.
    """
    assessment = Assessment.objects.select_for_update(of=("self",)).select_related("edition").get(pk=assessment.pk)
    if not assessment.is_open:
        raise RoundClosed
    if rater.contact and not _is_of_account(rater.contact, assessment.account_id):
        raise ValidationError(_("This contact is at another customer."), code="foreign")
    # Checked under the lock of the round, which erasing takes, too: nothing of an erased person is stored afterwards.
    if rater.contact and Contact.objects.filter(pk=rater.contact.pk).exclude(erased_on=None).exists():
        raise ValidationError(_("This person was erased in the meantime. Nothing was stored."), code="erased")
    questionnaire = questionnaire_of(assessment.edition)
    _check_answers(filled, questionnaire)
    response = response_of(assessment, rater)
    stored = content_of(response)
    if response:
        if stored == filled and (response.is_submitted or not submit):
            return response
        if seen != response.version and stored != filled:
            raise StaleEdit(response)
        if response.is_submitted and not submit:
            raise ValidationError(_("This view is submitted already. Submit it again to change it."), code="submitted")
    was = _values_for_trail(response, stored) if response else {}
    response = response or Response(assessment=assessment, side=rater.side, user=rater.user, contact=rater.contact)
    again = response.is_submitted
    _fill(response, rater, filled, questionnaire, by=by, submit=submit)
    if response.pk:
        response.save_version(response.version, list(STORED))
    else:
        response.save()
    _store_answers(response, filled, stored, questionnaire)
    act = "response.changed" if again else "response.submitted" if submit else "response.drafted"
    _record(act, response, was, _values_for_trail(response, filled), by=by)
    if submit:
        # Who looks at the round now sees another result than who looked before: closing must notice.
        Assessment.objects.filter(pk=assessment.pk).update(version=F("version") + 1)
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
    response: Response, rater: Rater, filled: Filled, questionnaire: Questionnaire, *, by: User | None, submit: bool
) -> None:
    response.comment, response.entered_by = filled.comment, by
    response.weight, response.buying_role = rater.weight, rater.buying_role
    if submit:
        reading = questionnaire.read(filled.answers)
        response.submitted_at = timezone.now()
        response.position, response.level, response.strength = (
            reading.position,
            reading.level,
            reading.strength,
        )


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
