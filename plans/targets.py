"""The three-year target of an account: set it, revise it, and tell how it stands."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import derived
from accounts.models import Account, User
from assessments.models import Assessment
from audit import trail
from core import days
from core.versions import StaleEdit
from plans.models import Target, must_be_active
from plans.trajectory import Latest, Status, Trajectory, judge
from plans.webhook_events import tell_target_set

FIELDS = ("level", "set_on", "due_on", "baseline", "basis", "rationale")


@transaction.atomic
def set_target(
    account: Account,
    *,
    by: User,
    level: int,
    due_on: date,
    rationale: str = "",
    revision_reason: str = "",
    seen: int | None = None,
    today: date | None = None,
) -> Target:
    """Replace the account's active target; the old one stays in history with the reason for the revision.

    The baseline is the latest closed position: the customer's, else the team's. `seen` is the version of the
    active target that the person had before them (0: there was none; None: do not check); the same wish sent
    twice changes nothing. Raises ValidationError when there is no position, when the account is archived,
    when the date or level is out of range, or when a revision gives no reason; StaleEdit when another target
    became active since.
    """
    today = today or days.today()
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)  # two may revise at once
    must_be_active(account)
    if account.position is None:
        raise ValidationError(
            _("This account has no level yet, so there is nothing to start from. Assess it first."),
            code="no_baseline",
        )
    old = account.targets.active().first()
    if old and seen is not None and old.version != seen:
        # Each revision raises the version. One further with the same content is a second click.
        same = (old.level, old.due_on, old.rationale, old.set_by_id) == (
            level,
            due_on,
            rationale.strip(),
            by.pk,
        )
        if same and old.version == seen + 1:
            return old
        raise StaleEdit(old)
    if old and not revision_reason.strip():
        raise ValidationError(
            {"revision_reason": _("Say why the target changes: the old one stays in history with your reason.")},
            code="required",
        )
    target = Target(
        account=account,
        level=level,
        set_on=today,
        due_on=due_on,
        baseline=account.position,
        basis=Target.Basis.CUSTOMER if account.customer_level else Target.Basis.TEAM,
        rationale=rationale.strip(),
        set_by=by,
        version=old.version + 1 if old else 1,
    )
    if old:
        old.superseded_on, old.superseded_why = today, revision_reason.strip()
        old.save(update_fields=["superseded_on", "superseded_why"])
    target.full_clean()
    target.save()
    tell_target_set(target, instead_of=old)
    trail.record(
        "target.revised" if old else "target.set",
        target,
        by=by,
        before=trail.snapshot(old, *FIELDS) if old else None,
        after=trail.snapshot(target, *FIELDS),
        note=revision_reason.strip(),
    )
    derived.refresh([account.pk], today=today)
    return target


def trajectory_of(target: Target) -> Trajectory:
    return Trajectory(target.set_on, target.baseline, target.due_on, target.level)


def status_from(target: Target | None, results: Iterable[Assessment], today: date) -> Status:
    """How `target` stands on `today`, from closed results given oldest first. No statement."""
    heard = ours = None
    for result in results:
        if result.held_on > today:
            continue
        if result.customer_level is not None and result.customer_position is not None:
            heard = Latest(result.customer_position, result.customer_level, result.held_on)
        if result.team_level is not None and result.team_position is not None:
            ours = Latest(result.team_position, result.team_level, result.held_on)
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
        }
        for pk in account_ids
    }
