"""The status of a target and the chance that it is reached, and the account's columns that are derived from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F

from accounts.derived import AccountBatch
from assessments.history import closed_until
from plans.forecast.aims import Aim, aim_of, chances_of
from plans.forecast.basis import basis_of
from plans.models import Target
from plans.trajectory import LatestResult, TrajectoryStatus, judge


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest results of both sides."""

    heard: LatestResult | None
    ours: LatestResult | None

    @property
    def deciding(self) -> LatestResult | None:
        """The customer's, else ours."""
        return self.heard or self.ours


_NOTHING = Latest(None, None)


def latest_of(results: Iterable[Any], today: date) -> Latest:
    """The latest results at or before `today`, from closed results given oldest first. No statement.

    A confidential round has no position of the customer, only the level.
    """
    heard = ours = None
    for result in results:
        if result.held_on > today:
            continue
        if result.customer_level is not None:
            exact = result.customer_position is not None
            stands_at = result.customer_position if exact else float(result.customer_level)
            heard = LatestResult(stands_at, result.customer_level, result.held_on, exact=exact)
        if result.team_level is not None and result.team_position is not None:
            ours = LatestResult(result.team_position, result.team_level, result.held_on)
    return Latest(heard, ours)


def status_of(target: Target | None, latest: Latest, today: date, chance: float | None) -> TrajectoryStatus:
    """The status of `target` on `today`. No statement.

    `chance` is the account's `target_chance`: a page computes none of its own, so that every place tells the same.
    """
    way = target.trajectory if target else None
    heard_on = latest.heard.held_on if latest.heard else None
    return judge(way, latest.deciding, today=today, last_heard_on=heard_on, chance=chance)


def target_columns(batch: AccountBatch) -> dict[int, dict[str, Any]]:
    """The derived columns that targets give. Two statements, and that of the results where nobody read them before.

    The second one is of the history of all accounts (`basis_of`), where something is to be forecast.
    """
    active = Target.objects.active().filter(account__in=batch.ids).annotate(segment=F("account__segment"))
    targets = {target.account_id: target for target in active}
    results = batch.once(closed_until) if targets else {}
    latest = {pk: latest_of(results[pk], batch.today) for pk in targets}
    aims = {
        pk: aim
        for pk, target in targets.items()
        if (aim := aim_of(target.trajectory, latest[pk].heard, target.segment, batch.today))
    }
    chances = _chances(aims, batch.today)
    return {
        pk: {
            "target_level": targets[pk].level if pk in targets else None,
            "target_due_on": targets[pk].due_on if pk in targets else None,
            "target_status": status_of(targets.get(pk), latest.get(pk, _NOTHING), batch.today, chances.get(pk)).code,
            "target_kind": targets[pk].kind if pk in targets else "",
            "target_chance": chances.get(pk),
        }
        for pk in batch.ids
    }


def _chances(aims: dict[int, Aim], today: date) -> dict[int, float]:
    """The chance of each aim that has one; those that are settled need no history."""
    basis = basis_of(today) if any(aim.is_open for aim in aims.values()) else None
    if basis is None or not basis.is_enough:
        return chances_of(aims, None, {})
    return chances_of(aims, basis.pace, basis.factors)
