"""The target of an account in the API."""

from datetime import date
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Router, Schema
from pydantic import Field

from accounts.api_shapes import Status
from accounts.models import Account
from accounts.permissions import SignedInRequest, account_for
from assessments.history import results_of
from assessments.measurement.median import level_at
from core import days
from core.api import ApiProblem, Body, Day, Id, Rank, Text, refused, seen_version, tagged
from plans.forecast.outlook import basis_sentence
from plans.models import Target
from plans.targets.acts import set_target
from plans.targets.standing import standing_of

router = Router(tags=["targets"])
PathId = Annotated[Id, Path()]


class TargetIn(Body):
    level: Rank
    due_on: Annotated[Day, Field(description="After today, at most three years ahead.")]
    rationale: Text | None = None
    revision_reason: Annotated[Text | None, Field(description="Why the target changes; by default the rationale.")] = None


class MilestoneOut(Schema):
    due_on: date
    level: int


class ForecastOut(Schema):
    probability: float
    low: float
    high: float
    basis: str


class TargetOut(Schema):
    level: int
    due_on: date
    set_on: date
    rationale: str
    baseline_level: int
    baseline_position: float
    basis: Literal["customer", "team"]
    kind: Annotated[Literal["climb", "hold"], Field(description="To get to a level, or to stand on one on the date.")]
    status: Status
    status_reason: str
    decided_by: Annotated[
        Literal["line", "chance", "customer"] | None, Field(description="What decided the status; null while nothing did.")
    ]
    expected_level_today: int
    expected_position_today: float
    milestones: list[MilestoneOut]
    forecast: ForecastOut | None
    version: int


@router.get("/accounts/{id}/target", response=TargetOut, url_name="target")
def get_target(request: SignedInRequest, response: HttpResponse, id: PathId) -> dict[str, Any]:
    """The active target; 404 while there is none. The forecast is null without enough history, and when nothing is left to forecast."""
    account = account_for(request.user, id)
    target = account.targets.active().first()
    if target is None:
        raise ApiProblem(404, _("This account has no target."))
    tagged(response, target)
    return _shown(account, target)


@router.put("/accounts/{id}/target", response=TargetOut, url_name="target")
def put_target(request: SignedInRequest, response: HttpResponse, id: PathId, body: TargetIn) -> dict[str, Any]:
    """Set the target, or revise it: then with `If-Match`, and the old one stays in history with the reason."""
    account = account_for(request.user, id, to="target.set")
    present = account.targets.active().first()
    seen = seen_version(request, present) if present else _none(request)
    rationale = (body.rationale or "").strip()
    reason = (body.revision_reason or "").strip() or rationale or _("Revised by another program, without a reason.")
    try:
        target = set_target(
            account, by=request.user, level=body.level, due_on=body.due_on, rationale=rationale, revision_reason=reason, seen=seen
        )
    except ValidationError as error:
        raise _refused(error) from error
    account.refresh_from_db()
    tagged(response, target)
    return _shown(account, target)


def _none(request: SignedInRequest) -> int:
    if request.headers.get("If-Match"):
        raise ApiProblem(412, _("There is no target to revise any more."))
    return 0


def _refused(error: ValidationError) -> ApiProblem:
    """422; the constraints of the date, which name no field, get the pointer of `due_on`."""
    told = refused(error)
    if told.errors and all("pointer" not in found for found in told.errors) and getattr(error, "error_dict", None):
        told.errors = [{"pointer": "#/due_on"} | dict(found) for found in told.errors]
    return told


def _shown(account: Account, target: Target) -> dict[str, Any]:
    """Two statements at most: the results, and the history of all accounts where the forecast's interval is not cached."""
    today = days.today()
    way, standing = target.trajectory, standing_of(account, target, results_of(account), today)
    outlook = standing.outlook
    return {
        "level": target.level,
        "due_on": target.due_on,
        "set_on": target.set_on,
        "rationale": target.rationale,
        "baseline_level": level_at(target.baseline),
        "baseline_position": target.baseline,
        "basis": target.basis,
        "kind": target.kind,
        "status": standing.status.code,
        "status_reason": standing.sentence,
        "decided_by": standing.status.decided_by,
        "expected_level_today": way.expected_level(today),
        "expected_position_today": round(way.expected(today), 4),
        "milestones": [{"due_on": one.due_on, "level": one.level} for one in way.milestones()],
        "forecast": {
            "probability": outlook.chance,
            "low": outlook.low,
            "high": outlook.high,
            "basis": basis_sentence(outlook),
        }
        if outlook
        else None,
        "version": target.version,
    }
