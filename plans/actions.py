"""The work for a step: start a plan, take actions from plays, tick off, end the plan."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.permissions import may
from audit import trail
from core import days
from core.constraints import violates
from core.versions import StaleEdit
from hierarchy.models import Play
from plans.models import Action, ActionPlan, must_be_active

ACTION_FIELDS = ("title", "play", "owner", "due_on", "state", "done_on", "outcome")
PLAN_FIELDS = ("from_rank", "goal", "owner", "started_on")
START_WITHIN = timedelta(days=366)  # before or after today
DUE_SINCE, DUE_UNTIL = (
    timedelta(days=366),
    timedelta(days=5 * 366),
)  # a play's last action is due within four years


def people_on(account: Account) -> QuerySet[User]:
    """Who may own a plan or action of `account`: all who see it and do more than read. One statement."""
    on_team = Q(role=User.Role.ADMINISTRATOR) | Q(pk=account.owner_id)
    if account.team_id:
        members, leads = (
            User.objects.filter(teams=account.team_id),
            User.objects.filter(led_teams=account.team_id),
        )
        on_team |= Q(pk__in=members.values("pk")) | Q(pk__in=leads.values("pk"))
    return User.objects.filter(on_team, is_active=True).exclude(role=User.Role.VIEWER).order_by("name", "pk")


def may_tick(user: User, action: Action) -> bool:
    """Whether `user`, who sees the account, may tick `action` off: who may change the plan, and its owner."""
    if may(user, "plan.change", action.plan.account):
        return True
    return action.owner_id == user.pk and user.is_active and user.role != User.Role.VIEWER


@transaction.atomic
def start_plan(
    account: Account,
    *,
    by: User,
    from_rank: int,
    owner: User,
    goal: str = "",
    plays: Sequence[Play] = (),
    start: date | None = None,
) -> ActionPlan:
    """The open plan for the step from `from_rank`, made when there is none, with the actions of `plays`.

    Raises ValidationError when a play climbs another step, when the start is over a year away, when the
    account is archived, or when the open plan has another goal than the one given.
    """
    must_be_active(account)
    start = check_start(start or days.today())
    plan = account.plans.open().filter(from_rank=from_rank).first()
    if plan and goal.strip() not in {"", plan.goal}:
        raise ValidationError(
            {"goal": ValidationError(
                _("This step got a plan in the meantime, with another goal: “%(goal)s”. "
                  "Change that plan instead."),
                code="started", params={"goal": plan.goal or "–"},
            )}
        )  # fmt: skip
    if plan is None:
        plan = ActionPlan(
            account=account,
            from_rank=from_rank,
            to_rank=from_rank + 1,
            goal=goal.strip(),
            owner=owner,
            started_on=start,
        )
        plan.full_clean(validate_constraints=False)
        try:
            with transaction.atomic():
                plan.save()
        except IntegrityError as error:
            if not violates(error, ActionPlan, "plan_one_open_a_step"):
                raise
            # A double click, or a colleague in the same moment: that plan serves both.
            plan = account.plans.open().get(from_rank=from_rank)
        else:
            trail.record("plan.started", plan, by=by, after=trail.snapshot(plan, *PLAN_FIELDS))
    for play in plays:
        add_play(plan, play, by=by, start=start)
    return plan


@transaction.atomic
def add_play(plan: ActionPlan, play: Play, *, by: User, start: date | None = None, owner: User | None = None) -> list[Action]:
    """The actions of `play`, dated from `start` by its template. A play that is there adds nothing."""
    if play.from_rank != plan.from_rank:
        raise ValidationError(_("“%(play)s” is a play for another step."), params={"play": play.title})
    plan = _locked(plan)
    _must_be_open(plan)
    if plan.actions.filter(play__code=play.code).exists():
        return []
    start = check_start(start or days.today())
    actions = Action.objects.bulk_create(
        Action(
            plan=plan,
            title=step.title,
            play=play,
            owner=owner or plan.owner,
            due_on=start + timedelta(days=step.days),
            order=order,
        )
        for order, step in enumerate(play.actions.all())
    )
    trail.record_many(
        [trail.Change("action.added", action, after=trail.snapshot(action, *ACTION_FIELDS)) for action in actions],
        by=by,
    )
    return actions


@transaction.atomic
def add_action(plan: ActionPlan, *, by: User, title: str, owner: User, due_on: date, play: Play | None = None) -> Action:
    """A new action; when the plan has the very same one pending (a second click), that one."""
    plan = _locked(plan)
    _must_be_open(plan)
    action = Action(plan=plan, title=title.strip(), owner=owner, due_on=due_on, play=play)
    action.full_clean()
    _check_due(due_on)
    twin = plan.actions.pending().filter(title=action.title, owner=owner, due_on=due_on, play=play).first()
    if twin:
        return twin
    action.save()
    trail.record("action.added", action, by=by, after=trail.snapshot(action, *ACTION_FIELDS))
    return action


@transaction.atomic
def change_action(action: Action, *, by: User, seen: int, fields: Sequence[str]) -> Action:
    """Store what was typed into `action`; `done_on` follows the state. Raises StaleEdit, ValidationError."""
    stored = Action.objects.select_related("plan__account").get(pk=action.pk)
    before = trail.snapshot(stored, *ACTION_FIELDS)
    if action.state == Action.State.DONE:
        action.done_on = stored.done_on or days.today()
    else:
        action.done_on = None
    action.full_clean()
    if action.due_on != stored.due_on:
        _check_due(action.due_on)
    action.save_version(seen, [*fields, "done_on"])
    _must_be_open(stored.plan)  # after the version: who typed into a stale page hears of that first
    old, new = trail.difference(before, trail.snapshot(action, *ACTION_FIELDS))
    trail.record("action.changed", action, by=by, before=old, after=new)
    return action


def move_action(action: Action, *, by: User, seen: int, state: str) -> Action:
    """Tick an action off, take the tick back, or drop it. Already there: nothing changes.

    Raises StaleEdit, ValidationError.
    """
    if action.state == state:
        return action
    action.state = state
    try:
        return change_action(action, by=by, seen=seen, fields=["state"])
    except StaleEdit as stale:
        current = stale.current
        if isinstance(current, Action) and current.state == state:  # a double click, or the same wish of two
            return current
        raise


@transaction.atomic
def change_plan(plan: ActionPlan, *, by: User, seen: int, fields: Sequence[str]) -> ActionPlan:
    """Store what was typed into `plan`. Raises StaleEdit, ValidationError."""
    stored = ActionPlan.objects.select_related("account").get(pk=plan.pk)
    before = trail.snapshot(stored, *PLAN_FIELDS)
    plan.full_clean()
    plan.save_version(seen, list(fields))
    _must_be_open(stored)
    old, new = trail.difference(before, trail.snapshot(plan, *PLAN_FIELDS))
    trail.record("plan.changed", plan, by=by, before=old, after=new)
    return plan


@transaction.atomic
def end_plan(plan: ActionPlan, *, by: User, seen: int, achieved: bool, next_step: bool = False) -> ActionPlan | None:
    """End the plan as achieved or dropped; with `next_step`, open the plan for the step above and return it.

    Ended that way already (a second click): nothing changes. Raises StaleEdit, ValidationError.
    """
    stored = _locked(plan)
    wanted = ActionPlan.State.ACHIEVED if achieved else ActionPlan.State.DROPPED
    if stored.state != wanted:
        plan.state, plan.ended_on = wanted, days.today()
        plan.save_version(seen, ["state", "ended_on"])
        _must_be_open(stored)
        trail.record(f"plan.{wanted}", plan, by=by, before={"state": stored.state}, after={"state": wanted})
    elif next_step:
        return plan.account.plans.open().filter(from_rank=plan.to_rank).first()
    if next_step and plan.to_rank < 5:
        return start_plan(plan.account, by=by, from_rank=plan.to_rank, owner=plan.owner)
    return None


def check_start(start: date) -> date:
    """`start`, when a plan may start then. Raises ValidationError."""
    if abs(start - days.today()) > START_WITHIN:
        raise ValidationError(_("Start within a year from now."), code="out_of_range")
    return start


def _check_due(due_on: date) -> None:
    today = days.today()
    first, last = today - DUE_SINCE, today + DUE_UNTIL
    if not first <= due_on <= last:
        raise ValidationError(
            {"due_on": ValidationError(
                _("Choose a date from %(first)s to %(last)s."), code="out_of_range",
                params={"first": date_format(first, "j F Y"), "last": date_format(last, "j F Y")},
            )}
        )  # fmt: skip


def _locked(plan: ActionPlan) -> ActionPlan:
    """The plan as it is stored, with its account; nobody else writes it until the transaction ends."""
    return ActionPlan.objects.select_for_update(of=("self",)).select_related("account").get(pk=plan.pk)


def _must_be_open(plan: ActionPlan) -> None:
    must_be_active(plan.account)
    if plan.state != ActionPlan.State.OPEN:
        raise ValidationError(_("This plan is closed. Open one for the step you are working on."), code="closed")


def my_actions_this_week(user: User):
    """The pending actions of `user` that are due within seven days or late, the oldest date first."""
    week = days.today() + timedelta(days=7)
    mine = Action.objects.visible_to(user).pending().filter(owner=user, due_on__lte=week)
    return mine.select_related("plan__account", "play", "owner").order_by("due_on", "pk")
