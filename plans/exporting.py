"""Exports as tables: targets with all their revisions, and plans with their actions. Choices are exported as their codes."""

from collections.abc import Callable, Iterator
from datetime import date

from django.db.models import Prefetch, QuerySet

from accounts.exporting import account_columns
from accounts.querysets import AccountQuerySet
from core import days
from core.tables import BATCH, Cell, Column, table_of, yes_or_no
from plans.models import Action, ActionPlan, Target

DECIMALS = 4

type PlannedAction = tuple[ActionPlan, Action | None]


def targets_of(accounts: AccountQuerySet) -> QuerySet[Target]:
    return Target.objects.filter(account__in=accounts.order_by())


def target_rows(targets: QuerySet[Target]) -> Iterator[list[Cell]]:
    """The header and a row for each target, those that were revised too, the oldest of an account first. One statement."""
    ordered = targets.select_related("account", "set_by").order_by("account__name", "account_id", "set_on", "pk")
    return table_of(_target_columns(days.today()), ordered.iterator(chunk_size=BATCH))


def plans_of(accounts: AccountQuerySet) -> QuerySet[ActionPlan]:
    return ActionPlan.objects.filter(account__in=accounts.order_by())


def count_of_actions(plans: QuerySet[ActionPlan]) -> int:
    """How many rows `action_rows` gives. One statement."""
    return plans.order_by().values("pk", "actions__pk").count()


def action_rows(plans: QuerySet[ActionPlan]) -> Iterator[list[Cell]]:
    """The header and a row for each action, one for a plan that has none; two statements for each 1000 plans."""
    return table_of(ACTION_COLUMNS, _actions_of(plans))


def _target_columns(today: date) -> tuple[Column[Target], ...]:
    return (
        *account_columns(lambda target: target.account),
        Column("Level", lambda target: target.level),
        Column("Due on", lambda target: target.due_on),
        Column("Set on", lambda target: target.set_on),
        Column("Set by", lambda target: target.set_by.name if target.set_by else ""),
        Column("Baseline", lambda target: target.baseline),
        Column("According to", lambda target: target.basis),
        Column("Current", lambda target: yes_or_no(_is_current(target))),
        Column("Kind", lambda target: target.kind),
        Column("Status", lambda target: target.account.target_status if _is_current(target) else ""),
        Column("Chance", lambda target: target.account.target_chance if _is_current(target) else None),
        Column("Expected today", lambda target: _expected(target, today)),
        Column("Milestones", _milestones),
        Column("Why", lambda target: target.rationale),
        Column("Revised on", lambda target: target.superseded_on),
        Column("Why it was revised", lambda target: target.superseded_why),
    )


def _of_action(read: Callable[[Action], Cell]) -> Callable[[PlannedAction], Cell]:
    """A column of the action; empty for a plan without actions."""
    return lambda row: None if row[1] is None else read(row[1])


ACTION_COLUMNS: tuple[Column[PlannedAction], ...] = (
    *account_columns(lambda row: row[0].account),
    Column("From level", lambda row: row[0].from_rank),
    Column("To level", lambda row: row[0].to_rank),
    Column("Goal", lambda row: row[0].goal),
    Column("Plan owner", lambda row: row[0].owner.name),
    Column("Plan owner e-mail", lambda row: row[0].owner.email),
    Column("Plan state", lambda row: row[0].state),
    Column("Plan started on", lambda row: row[0].started_on),
    Column("Plan ended on", lambda row: row[0].ended_on),
    Column("Action", _of_action(lambda action: action.title)),
    Column("Play", _of_action(lambda action: str(action.play) if action.play else "")),
    Column("Action owner", _of_action(lambda action: action.owner.name)),
    Column("Action owner e-mail", _of_action(lambda action: action.owner.email)),
    Column("Due on", _of_action(lambda action: action.due_on)),
    Column("Action state", _of_action(lambda action: action.state)),
    Column("Done on", _of_action(lambda action: action.done_on)),
    Column("Outcome", _of_action(lambda action: action.outcome)),
)


def _actions_of(plans: QuerySet[ActionPlan]) -> Iterator[PlannedAction]:
    ordered = plans.select_related("account", "owner").order_by("account__name", "account_id", "from_rank", "started_on", "pk")
    actions = Prefetch("actions", Action.objects.select_related("owner", "play"))
    for plan in ordered.prefetch_related(actions).iterator(chunk_size=BATCH):
        yield from ((plan, action) for action in plan.actions.all() or [None])


def _is_current(target: Target) -> bool:
    return target.superseded_on is None


def _expected(target: Target, today: date) -> float | None:
    """The position that the trajectory expects today; None for a target that was revised."""
    return round(target.trajectory.expected(today), DECIMALS) if _is_current(target) else None


def _milestones(target: Target) -> str:
    return "; ".join(f"{milestone.level} by {milestone.due_on}" for milestone in target.trajectory.milestones())
