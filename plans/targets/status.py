"""The status of a target, and the account's columns that are derived from it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from accounts.models import Account
from assessments.measurement.result import level_at
from assessments.models import Assessment
from plans.models import Target
from plans.trajectory import LatestResult, Trajectory, TrajectoryStatus, judge


def trajectory_of(target: Target) -> Trajectory:
    return Trajectory(target.set_on, target.baseline, target.due_on, target.level)


def kind_of(target: Target) -> Account.TargetKind:
    """Climb: the target lies above the level at which it was set. Hold: at that level or below."""
    return Account.TargetKind.CLIMB if target.level > level_at(target.baseline) else Account.TargetKind.HOLD


def status_from(target: Target | None, results: Iterable[Assessment], today: date) -> TrajectoryStatus:
    """The status of `target` on `today`, from closed results given oldest first. No statement."""
    heard = ours = None
    for result in results:
        if result.held_on > today:
            continue
        if result.customer_level is not None and result.customer_position is not None:
            heard = LatestResult(result.customer_position, result.customer_level, result.held_on)
        if result.team_level is not None and result.team_position is not None:
            ours = LatestResult(result.team_position, result.team_level, result.held_on)
    return judge(
        trajectory_of(target) if target else None,
        heard or ours,
        today=today,
        last_heard_on=heard.held_on if heard else None,
    )


def target_columns(account_ids: list[int], today: date) -> dict[int, dict[str, Any]]:
    """The derived columns that targets give. Two statements."""
    targets = {target.account_id: target for target in Target.objects.active().filter(account__in=account_ids)}
    results: dict[int, list[Assessment]] = {pk: [] for pk in account_ids}
    closed = Assessment.objects.closed().filter(account__in=list(targets), held_on__lte=today).in_time()
    for result in closed.only("account_id", "held_on", "customer_position", "customer_level", "team_position", "team_level"):
        results[result.account_id].append(result)
    return {
        pk: {
            "target_level": targets[pk].level if pk in targets else None,
            "target_due_on": targets[pk].due_on if pk in targets else None,
            "target_status": status_from(targets.get(pk), results[pk], today).code,
            "target_kind": kind_of(targets[pk]) if pk in targets else "",
        }
        for pk in account_ids
    }
