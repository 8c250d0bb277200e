"""All that the plan page shows, gathered in a fixed number of statements."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from accounts.models import Account, User
from hierarchy.models import Level, Play
from plans.forms import NewActionForm, StartPlanForm, playbook
from plans.models import Action, ActionPlan

STEPS = range(1, 5)  # the level that a step starts from


@dataclass(frozen=True, slots=True)
class Step:
    from_rank: int
    to_rank: int
    plan: ActionPlan | None  # the open one
    chosen: bool
    ahead: bool  # between the level now and the target


@dataclass(frozen=True, slots=True)
class OfferedPlay:
    play: Play
    in_plan: bool
    actions: list[tuple[str, date]]  # title, and the due date when it starts today


@dataclass(frozen=True, slots=True)
class Section:
    """One open plan with what can be done to it."""

    plan: ActionPlan
    achieved: bool
    plays: list[OfferedPlay]
    form: NewActionForm | None


def plan_context(
    account: Account,
    *,
    user: User,
    may_change: bool,
    step: int | None = None,
    start_form: StartPlanForm | None = None,
    action_form: NewActionForm | None = None,
) -> dict[str, Any]:
    """The context of `plans/plan.html`; at most eight statements more than the account cost.

    `step` is the level that the step to start begins at; a form that was refused takes the place of an empty one.
    """
    plans = list(account.plans.select_related("owner").prefetch_related(_actions()))
    running = {plan.from_rank: plan for plan in plans if plan.state == ActionPlan.State.OPEN}
    target = account.targets.active().first()
    chosen = step if step in STEPS and step not in running else suggested_step(account, running)
    plays: dict[int, list[Play]] = {rank: [] for rank in STEPS}
    if may_change:
        for play in playbook():
            plays[play.from_rank].append(play)
    if chosen and may_change and start_form is None:
        start_form = StartPlanForm(account=account, from_rank=chosen)
    return {
        "section": "accounts",
        "account": account,
        "may_change": may_change,
        "target": target,
        "levels": {level.rank: level for level in Level.objects.filter(edition__state="published")},
        "steps": [
            Step(rank, rank + 1, running.get(rank), rank == chosen, _is_ahead(account, target, rank)) for rank in STEPS
        ],
        "sections": [
            _section(plan, plays[plan.from_rank], account, may_change, action_form) for _rank, plan in sorted(running.items())
        ],
        "chosen": chosen,
        "next_rank": chosen + 1 if chosen else None,
        "offered": _offer(plays[chosen], set()) if chosen else [],
        "start_form": start_form,
        "picked": set(start_form["plays"].value() or []) if start_form else set(),
        "ended": [plan for plan in plans if plan.state != ActionPlan.State.OPEN],
    }


def suggested_step(account: Account, running: dict[int, ActionPlan]) -> int | None:
    """The level that the next step without a plan starts from: the present level, else the first above it, else below it."""
    level = min(account.level or 1, 4)
    order = [*range(level, 5), *range(level - 1, 0, -1)]
    if account.level == 5:
        return None  # no step above: a lower one can still be chosen
    return next((rank for rank in order if rank not in running), None)


def _is_ahead(account: Account, target, rank: int) -> bool:
    return bool(target and account.level and account.level <= rank < target.level)


def _section(plan: ActionPlan, plays: list[Play], account: Account, may_change: bool, refused: NewActionForm | None) -> Section:
    taken = {action.play.code for action in plan.actions.all() if action.play}
    form = None
    if may_change:
        mine = refused is not None and refused.instance.plan_id == plan.pk
        form = refused if mine else NewActionForm(plan=plan, auto_id=f"plan-{plan.pk}-%s")
    achieved = account.level is not None and account.level >= plan.to_rank
    return Section(plan, achieved, _offer(plays, taken), form)


def _offer(plays: list[Play], taken: set[str]) -> list[OfferedPlay]:
    today = timezone.localdate()
    return [
        OfferedPlay(
            play, play.code in taken, [(step.title, today + timedelta(days=step.days)) for step in play.actions.all()]
        )
        for play in plays
    ]


def _actions() -> Prefetch:
    return Prefetch("actions", Action.objects.select_related("owner", "play"))
