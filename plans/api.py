"""API endpoints of action plans and actions."""

from collections.abc import Callable
from copy import copy
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from accounts.api_forms import checked, person_in
from accounts.api_shapes import Person
from accounts.models import Account, User
from accounts.permissions import SignedInRequest, account_for, may
from core.api import ApiProblem, Body, Day, Id, Line, Paging, Text, page_of, refused, seen_version, tagged, wrong
from hierarchy.models import Play
from plans.access import action_to_read, action_to_tick, plan_to_change
from plans.action_plans import acts as plan_acts
from plans.action_plans.forms import playbook
from plans.actions import acts
from plans.actions.forms import ActionForm
from plans.models import Action, ActionComment, ActionPlan

router = Router(tags=["plans"])
PathId = Annotated[Id, Path()]
ActionState = Literal["todo", "doing", "done", "dropped"]
NAMES = {"from_rank": "from_level", "to_rank": "to_level", "state": "status"}  # ours, and those of the API


class PlanIn(Body):
    from_level: Annotated[int, Field(ge=1, le=4, strict=True)]
    to_level: Annotated[int, Field(ge=2, le=5, strict=True)]
    goal: Annotated[Text, Field(max_length=2000)] = ""
    owner: Annotated[Person | None, Field(description="The owner of the account when left out.")] = None
    plays: Annotated[list[Line], Field(max_length=50, description="Codes of plays whose actions come along.")] = []


class PlanOut(Schema):
    id: int
    account: int
    from_level: int
    to_level: int
    goal: str
    owner: str
    status: Literal["open", "achieved", "dropped"]
    started_on: date
    ended_on: date | None
    version: int


class PlanList(Schema):
    items: list[PlanOut]
    next: str | None


class ActionIn(Body):
    title: Annotated[Line, Field(min_length=1)]
    play: Annotated[Line | None, Field(description="The code of a play of the published edition.")] = None
    owner: Annotated[Person | None, Field(description="The owner of the plan when left out.")] = None
    due_on: Day
    status: ActionState = "todo"
    outcome: Text | None = None


class ActionChange(Body):
    """What is not sent has no default: it stays as it is."""

    title: Annotated[Line, Field(min_length=1)] = Field(default_factory=str)
    owner: Person = Field(default_factory=str)
    due_on: Day = Field(default_factory=lambda: date.min)
    status: ActionState = Field(default_factory=lambda: "todo")
    outcome: Text | None = None


class ActionOut(Schema):
    id: int
    plan: int
    title: str
    play: str | None
    owner: str
    due_on: date
    status: ActionState
    done_on: date | None
    outcome: str | None
    version: int


class ActionList(Schema):
    items: list[ActionOut]
    next: str | None


class CommentOut(Schema):
    id: int
    action: int
    text: str
    author: str
    written_at: datetime
    mentions: list[int]


class CommentList(Schema):
    items: list[CommentOut]
    next: str | None


@router.get("/accounts/{id}/plans", response=PlanList, url_name="plans")
def list_plans(request: SignedInRequest, id: PathId, query: Query[Paging]) -> dict[str, Any]:
    """The plans of an account, open and ended."""
    rows = account_for(request.user, id).plans.select_related("owner")
    return page_of(rows, query, lambda found: [_plan(plan) for plan in found])


@router.post("/accounts/{id}/plans", response={201: PlanOut}, url_name="plans")
def start_plan(request: SignedInRequest, response: HttpResponse, id: PathId, body: PlanIn) -> Status:
    """The plan for a step. A step has one open plan: with the same goal it is that one, with another 422."""
    account = account_for(request.user, id, to="plan.change")
    if body.to_level != body.from_level + 1:
        raise wrong("to_level", _("A plan climbs exactly one step."))
    owner = _person(account, body.owner) if body.owner else account.owner
    plays = list(playbook(body.from_level).filter(code__in=body.plays))
    if unknown := sorted(set(body.plays) - {play.code for play in plays}):
        raise wrong("plays", _("Not in the playbook for this step: %(codes)s.") % {"codes": ", ".join(unknown)})
    plan = _act(
        lambda: plan_acts.start_plan(
            account, by=request.user, from_rank=body.from_level, owner=owner, goal=body.goal, plays=plays
        )
    )  # fmt: skip
    tagged(response, plan)
    return Status(201, _plan(plan))


@router.get("/plans/{id}/actions", response=ActionList, url_name="actions")
def list_actions(request: SignedInRequest, id: PathId, query: Query[Paging]) -> dict[str, Any]:
    """The actions of a plan."""
    plan = get_object_or_404(ActionPlan.objects.visible_to(request.user), pk=id)
    rows = plan.actions.select_related("owner", "play")
    return page_of(rows, query, lambda found: [_action(action) for action in found])


@router.post("/plans/{id}/actions", response={201: ActionOut}, url_name="actions")
def add_action(request: SignedInRequest, response: HttpResponse, id: PathId, body: ActionIn) -> Status:
    """A dated action. The very same one that is still to do is not added twice."""
    plan = plan_to_change(request.user, id)
    play = None
    if body.play:
        play = Play.objects.filter(edition__state="published", code=body.play).first()
        if play is None:
            raise wrong("play", _("That play is not in the playbook."))
    owner = _person(plan.account, body.owner) if body.owner else plan.owner

    @transaction.atomic
    def add() -> Action:
        action = acts.add_action(plan, by=request.user, title=body.title, owner=owner, due_on=body.due_on, play=play)
        if body.status != action.state or (body.outcome or "") != action.outcome:
            action.state, action.outcome = body.status, body.outcome or ""
            acts.change_action(action, by=request.user, seen=action.version, fields=["state", "outcome"])
        return action

    action = _act(add)
    tagged(response, action)
    return Status(201, _action(action))


@router.get("/actions/{id}", response=ActionOut, url_name="action")
def get_action(request: SignedInRequest, response: HttpResponse, id: PathId) -> dict[str, Any]:
    """One action."""
    action = action_to_read(request.user, id)
    tagged(response, action)
    return _action(action)


@router.get("/actions/{id}/comments", response=CommentList, url_name="comments")
def list_comments(request: SignedInRequest, id: PathId, query: Query[Paging]) -> dict[str, Any]:
    """What colleagues wrote on an action, in the order in which it was written."""
    rows = ActionComment.objects.filter(action=action_to_read(request.user, id)).whole()
    return page_of(rows, query, lambda found: [_comment(comment) for comment in found])


@router.patch("/actions/{id}", response=ActionOut, url_name="action")
def change_action(request: SignedInRequest, response: HttpResponse, id: PathId, body: ActionChange) -> dict[str, Any]:
    """Change what is sent. Its owner, who may not change the plan, says only how it goes: `status` and `outcome`."""
    action = action_to_tick(request.user, id)
    whole = may(request.user, "plan.change", action.plan.account)
    sent = body.dict(exclude_unset=True)
    if not whole and (others := sorted(set(sent) - {"status", "outcome"})):
        told = _("You may say how this action goes, and not change this.")
        raise ApiProblem(403, told, [{"pointer": f"#/{name}", "detail": told} for name in others])
    seen = seen_version(request, action)
    if sent.get("owner"):
        sent["owner"] = person_in(acts.people_on(action.plan.account), sent["owner"], "owner")
    form = _form(action, sent, whole=whole)
    changed = _act(lambda: acts.change_action(form.instance, by=request.user, seen=seen, fields=form.edited_fields()))
    changed.owner = User.objects.get(pk=changed.owner_id)
    tagged(response, changed)
    return _action(changed)


def _form(action: Action, sent: dict[str, Any], *, whole: bool) -> ActionForm:
    form = ActionForm(instance=copy(action), whole=whole)
    if "status" in sent:
        sent["state"] = sent.pop("status")
    form.data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()} | {
        name: "" if value is None else value for name, value in sent.items()
    }
    form.is_bound = True
    return checked(form, NAMES)


def _person(account: Account, who: str | int) -> User:
    return User.objects.get(pk=person_in(acts.people_on(account), who, "owner"))


def _act[T](act: Callable[[], T]) -> T:
    try:
        return act()
    except ValidationError as error:
        raise refused(error, NAMES) from error


def _plan(plan: ActionPlan) -> dict[str, Any]:
    return {
        "id": plan.pk,
        "account": plan.account_id,
        "from_level": plan.from_rank,
        "to_level": plan.to_rank,
        "goal": plan.goal,
        "owner": plan.owner.email,
        "status": plan.state,
        "started_on": plan.started_on,
        "ended_on": plan.ended_on,
        "version": plan.version,
    }


def _action(action: Action) -> dict[str, Any]:
    return {
        "id": action.pk,
        "plan": action.plan_id,
        "title": action.title,
        "play": action.play.code if action.play else None,
        "owner": action.owner.email,
        "due_on": action.due_on,
        "status": action.state,
        "done_on": action.done_on,
        "outcome": action.outcome or None,
        "version": action.version,
    }


def _comment(comment: ActionComment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "action": comment.action_id,
        "text": comment.text,
        "author": comment.author.email,
        "written_at": comment.written_at,
        "mentions": sorted(mention.user_id for mention in comment.mentions.all()),
    }
