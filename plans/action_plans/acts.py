"""Start, change and end an action plan."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from audit import trail
from core import days
from core.constraints import violates
from hierarchy.models import Play
from plans.actions.acts import add_play, check_start
from plans.models import ActionPlan, must_be_active, must_be_open

PLAN_FIELDS = ("from_rank", "goal", "owner", "started_on")


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
def change_plan(plan: ActionPlan, *, by: User, seen: int, fields: Sequence[str]) -> ActionPlan:
    """Store what was typed into `plan`. Raises StaleEdit, ValidationError."""
    stored = ActionPlan.objects.select_related("account").get(pk=plan.pk)
    before = trail.snapshot(stored, *PLAN_FIELDS)
    plan.full_clean()
    plan.save_version(seen, list(fields))
    must_be_open(stored)
    old, new = trail.difference(before, trail.snapshot(plan, *PLAN_FIELDS))
    trail.record("plan.changed", plan, by=by, before=old, after=new)
    return plan


@transaction.atomic
def end_plan(plan: ActionPlan, *, by: User, seen: int, achieved: bool, next_step: bool = False) -> ActionPlan | None:
    """End the plan as achieved or dropped; with `next_step`, open the plan for the step above and return it.

    Ended that way already (a second click): nothing changes. Raises StaleEdit, ValidationError.
    """
    stored = ActionPlan.objects.locked(plan.pk)
    wanted = ActionPlan.State.ACHIEVED if achieved else ActionPlan.State.DROPPED
    if stored.state != wanted:
        plan.state, plan.ended_on = wanted, days.today()
        plan.save_version(seen, ["state", "ended_on"])
        must_be_open(stored)
        trail.record(f"plan.{wanted}", plan, by=by, before={"state": stored.state}, after={"state": wanted})
    elif next_step:
        return plan.account.plans.open().filter(from_rank=plan.to_rank).first()
    if next_step and plan.to_rank < 5:
        return start_plan(plan.account, by=by, from_rank=plan.to_rank, owner=plan.owner)
    return None
