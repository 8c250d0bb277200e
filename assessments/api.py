"""API endpoints of assessments, responses and the level history."""

from datetime import date
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Schema, Status
from pydantic import AfterValidator, Field

from accounts.models import Account, User
from accounts.permissions import SignedInRequest, account_for, may
from assessments.history import results_of
from assessments.models import Assessment, Response
from assessments.rating.acts import Filled, Rater, save_response
from assessments.rating.questionnaire import questionnaire_of
from assessments.rating.raters import may_rate
from assessments.rounds import closing
from core.api import ApiProblem, Body, Code, Day, Id, Paging, Rank, Text, WholeId, page_of, refused, tagged, wrong
from core.constraints import violates
from core.versions import StaleEdit

router = Router(tags=["assessments"])
PathId = Annotated[Id, Path()]
Side = Literal["customer", "team"]
Confidence = Literal["none", "low", "medium", "high"]
FIGURES = ("customer_level", "customer_position", "team_level", "team_position", "gap", "agreement", "coverage")
MOST_ANSWERS = 200
API = Response.Origin.API


class AssessmentIn(Body):
    held_on: Annotated[Day | None, Field(description="Today when it is left out.")] = None


class FiguresOut(Schema):
    customer_level: int | None
    customer_position: Annotated[float | None, Field(description="0 to 5; null in a confidential assessment.")]
    team_level: int | None
    team_position: float | None
    gap: int | None
    agreement: Annotated[
        float | None, Field(description="0 to 1 among the customer's people; null in a confidential assessment.")
    ]
    agreement_word: Literal["split", "mixed", "shared"] | None
    confidence: Confidence | None
    coverage: Annotated[
        float | None,
        Field(description="The share of the weight of those who decide that was heard, 0 to 1; people alike in confidence."),
    ]
    band: Annotated[
        Annotated[list[int], Field(min_length=2, max_length=2)] | None,
        Field(description="The lowest and highest customer level that it could have had with everybody heard."),
    ]
    respondents: Annotated[int | None, Field(description="Null below three in a confidential assessment.")]
    told: Annotated[int, Field(description="How many of the answers that count were told to us.")]
    former_rule: Annotated[bool, Field(description="Its confidence was found before coverage counted for it.")]


class ResultOut(FiguresOut):
    id: int
    status: Literal["open", "closed"]
    held_on: date
    confidence_reasons: Annotated[list[str], Field(description="Codes: what is lacking first, then what speaks for the level.")]


class AssessmentOut(ResultOut):
    account: int
    edition: int
    visibility: Literal["named", "confidential"]
    origin: Literal["measured", "recorded"]
    closes_on: date | None
    version: int


class AssessmentList(Schema):
    items: list[AssessmentOut]
    next: str | None


def _few(answers: dict[str, Any]) -> dict[str, Any]:
    if len(answers) > MOST_ANSWERS:
        raise ValueError("more answers than statements")
    return answers


class ResponseIn(Body):
    side: Side
    contact: Annotated[WholeId | None, Field(description="Who of the customer said it; nobody in particular when left out.")] = (
        None
    )
    weight: Annotated[
        Annotated[int, Field(ge=1, le=3, strict=True)] | None,
        Field(description="1 to 3; by default the contact's influence, and 2 without a contact. A colleague weighs 1."),
    ] = None
    answers: Annotated[
        dict[Code, Rank | None],
        AfterValidator(_few),
        Field(description="By the code of the statement: 1 to 5, or null for *don't know*."),
    ]
    comment: Text = ""


class ResponseOut(Schema):
    id: int
    side: Side
    level: int | None
    position: float | None
    level_scores: Annotated[list[float | None], Field(min_length=5, max_length=5)]
    strength: float | None
    pattern_error: bool
    below_specification: bool
    known_levels: Annotated[int | None, Field(description="How many of the levels 1 to its level are known.")]
    origin: Literal["link", "told", "api", "own"]
    uniform: Annotated[bool, Field(description="At least ten answers over three levels, all alike.")]
    hasty: Annotated[bool, Field(description="Under two seconds a statement; never by API, which does not tell.")]
    unblinded: Annotated[
        bool,
        Field(description="Of the team: first given when the customer's answers could be read, so it counts for nothing."),
    ]
    weight: int


class HistoryItem(FiguresOut):
    id: int
    held_on: date
    edition: int
    recorded: bool


class HistoryOut(Schema):
    items: list[HistoryItem]
    next: str | None


class HistoryQuery(Schema):
    since: Annotated[Day | None, Field(None)]


@router.get("/accounts/{id}/assessments", response=AssessmentList, url_name="assessments")
def list_assessments(request: SignedInRequest, id: PathId, query: Query[Paging]) -> dict[str, Any]:
    """All of them, open and closed, in the order in which they were made."""
    rows = account_for(request.user, id).assessments.all()
    return page_of(rows, query, lambda found: [_assessment(one) for one in found])


@router.post("/accounts/{id}/assessments", response={201: AssessmentOut}, url_name="assessments")
def open_assessment(request: SignedInRequest, response: HttpResponse, id: PathId, body: AssessmentIn) -> Status:
    """Open an assessment with the published edition. An account has one open at a time: a second one answers 409."""
    account = account_for(request.user, id, to="assessment.open")
    with transaction.atomic():
        Account.objects.select_for_update(of=("self",)).get(pk=account.pk)  # two may open one at once
        there = account.assessments.open().values_list("pk", flat=True).first()
        if there:
            told = _("Assessment %(id)s of this account is open. Close it first, or go on with it.")
            raise ApiProblem(409, told % {"id": there})
        found = closing.open_assessment(account, by=request.user, held_on=body.held_on)
    tagged(response, found)
    return Status(201, _assessment(found))


@router.get("/assessments/{id}", response=AssessmentOut, url_name="assessment")
def get_assessment(request: SignedInRequest, response: HttpResponse, id: PathId) -> dict[str, Any]:
    """The figures are there when it is closed. Of a confidential one they are null below three respondents."""
    found = _found(request.user, id)
    tagged(response, found)
    return _assessment(found)


@router.post("/assessments/{id}/responses", response={201: ResponseOut}, url_name="responses")
def add_response(request: SignedInRequest, id: PathId, body: ResponseIn) -> Status:
    """What one person answered, submitted at once.

    A contact answers once: another answer of the same contact gives 409. The first view of the team that a key brings to an
    assessment is that of its owner; later ones, and customers without a contact, stand alone, each a respondent of its own.
    A first view of the team that comes when answers of the customer by link, or told to us, can be read counts for nothing.
    """
    assessment = _found(request.user, id)
    rater = _rater(request.user, assessment, body)
    filled = Filled(body.answers, comment=body.comment)
    try:
        stored = save_response(assessment, rater, filled, by=request.user, submit=True)
    except StaleEdit as error:
        told = _("This person answered in this assessment already, and something else.")
        raise ApiProblem(409, told) from error
    except IntegrityError as error:
        if not violates(error, Response, "response_one_a_contact", "response_one_a_rater"):
            raise
        # Somebody entered the same person's answers in the same moment.
        raise ApiProblem(409, _("This person answered in this assessment already, and something else.")) from error
    except closing.RoundClosed:
        raise
    except ValidationError as error:
        field = {"foreign": "contact", "erased": "contact"}.get(getattr(error, "code", ""), "answers")
        raise wrong(field, " ".join(error.messages)) from error
    reading = questionnaire_of(assessment.edition).read(filled.answers)
    return Status(
        201,
        {
            "id": stored.pk,
            "side": stored.side,
            "level": reading.level,
            "position": reading.position,
            "level_scores": list(reading.level_scores),
            "strength": reading.strength,
            "pattern_error": reading.pattern_error,
            "below_specification": reading.below_specification,
            "known_levels": reading.known_levels,
            "origin": stored.origin,
            "uniform": stored.uniform,
            "hasty": stored.hasty,
            "unblinded": stored.unblinded,
            "weight": stored.weight,
        },
    )


@router.post("/assessments/{id}/close", response=ResultOut, url_name="close")
def close_assessment(request: SignedInRequest, response: HttpResponse, id: PathId) -> dict[str, Any]:
    """Fix the result. Closing a closed one changes nothing. Without any level there is nothing to fix: 422."""
    assessment = _found(request.user, id, to="assessment.close")
    try:
        closed = closing.close(assessment, by=request.user)
    except ValidationError as error:
        raise refused(error) from error
    tagged(response, closed)
    return _assessment(closed)


@router.get("/accounts/{id}/history", response=HistoryOut, url_name="history")
def history(request: SignedInRequest, id: PathId, query: Query[HistoryQuery]) -> dict[str, Any]:
    """The closed results, oldest first, all of them: an account has a handful a year."""
    results = results_of(account_for(request.user, id))
    if query.since:
        results = results.filter(held_on__gte=query.since)
    items = [
        _figures(one)
        | {
            "id": one.pk,
            "held_on": one.held_on,
            "edition": one.edition_id,
            "recorded": one.origin == Assessment.Origin.RECORDED,
        }
        for one in results
    ]
    return {"items": items, "next": None}


def _found(user: User, pk: int, *, to: str | None = None) -> Assessment:
    """The assessment that `user` asks for. Not theirs to see: 404. Seen, but `to` is not allowed: 403."""
    seen = Assessment.objects.visible_to(user).select_related("edition", "account__owner", "account__team")
    found = get_object_or_404(seen, pk=pk)
    if to and not may(user, to, found.account):
        raise PermissionDenied
    return found


def _rater(user: User, assessment: Assessment, body: ResponseIn) -> Rater:
    account = assessment.account
    if body.side == Response.Side.TEAM:
        if body.contact is not None:
            raise wrong("contact", _("A contact answers for the customer."))
        if not may_rate(user, account, assessment):
            raise PermissionDenied
        if not assessment.responses.filter(user=user).exclude(submitted_at=None).exists():
            return Rater(Response.Side.TEAM, API, user=user)
        if not may(user, "assessment.open", account):
            raise ApiProblem(409, _("Your view is in already. To change it, use the page of the assessment."))
        return Rater(Response.Side.TEAM, API)
    if not may(user, "customer.answers", account):
        raise PermissionDenied
    if assessment.is_confidential:
        raise ApiProblem(403, _("This assessment is confidential: nobody on our side enters or reads what one person said."))
    if body.contact is None:
        return Rater(Response.Side.CUSTOMER, API, given=body.weight)
    contact = account.contacts.filter(pk=body.contact, erased_on=None).first()
    if contact is None:
        raise wrong("contact", _("This customer has no such contact."))
    if not contact.active and not assessment.responses.filter(contact=contact).exists():
        raise wrong("contact", _("This contact has left the customer, so cannot be asked any more."))
    return Rater(Response.Side.CUSTOMER, API, contact=contact, given=body.weight)


def _assessment(one: Assessment) -> dict[str, Any]:
    """With its result, which an open one does not have yet: null. No statement."""
    return _figures(one) | {
        "id": one.pk,
        "account": one.account_id,
        "status": one.state,
        "held_on": one.held_on,
        "edition": one.edition_id,
        "visibility": one.visibility,
        "origin": one.origin,
        "closes_on": one.closes_on,
        "confidence_reasons": one.confidence_reasons,
        "version": one.version,
    }


def _figures(one: Assessment) -> dict[str, Any]:
    """The figures of the result. No statement."""
    return {name: getattr(one, name) for name in FIGURES} | {
        "agreement_word": one.agreement_word or None,
        "confidence": one.confidence or None,
        "band": one.band,
        "respondents": one.respondents_shown,
        "told": one.told,
        "former_rule": one.former_rule,
    }
