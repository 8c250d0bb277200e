"""Webhook events of targets and actions: a target was set, its status changed, an action is overdue."""

from datetime import date, timedelta

from django.conf import settings
from django.tasks import task
from django.urls import reverse

from accounts.derived import DerivedChange
from accounts.models import Account
from core import days
from plans.models import Action, Target
from webhooks import endpoints
from webhooks.endpoints import Told

SET, STATUS, OVERDUE = "target.set", "target.status_changed", "action.overdue"
#: Actions that became overdue within this time are sent: it covers nights without a worker, and leaves out old ones.
LATELY = timedelta(days=7)
NONE = Account.TargetStatus.NO_TARGET


def tell_target_set(target: Target, *, instead_of: Target | None) -> None:
    data = {
        "level": target.level,
        "due_on": target.due_on.isoformat(),
        "baseline": target.baseline,
        "according_to": str(target.basis),
        "revised": instead_of is not None,
        "before": instead_of and {"level": instead_of.level, "due_on": instead_of.due_on.isoformat()},
        "url": settings.BASE_URL + reverse("plans:target", args=[target.account_id]),
    }
    endpoints.tell([Told(SET, target.account_id, data, f"target-{target.pk}")])


def tell_status_changes(moved: list[DerivedChange]) -> None:
    """Send an event for each status that changed to another; setting the first target is an event of its own."""
    endpoints.tell([told for one in moved if (told := _status_change(one))])


@task
def tell_overdue_actions() -> int:
    """Send an event for each overdue action; returns the number of messages."""
    return tell_overdue(days.today())


def tell_overdue(today: date) -> int:
    """The same for `today`: pending actions that became overdue lately, once for each due date that one had."""
    late = Action.objects.overdue(today).filter(due_on__gte=today - LATELY).select_related("plan").order_by("pk")
    return endpoints.tell(
        Told(
            OVERDUE,
            action.account_id,
            {
                "action": action.pk,
                "due_on": action.due_on.isoformat(),
                "owner": action.owner_id,
                "url": settings.BASE_URL + reverse("plans:action", args=[action.pk]),
            },
            f"action-{action.pk}-{action.due_on.isoformat()}",
        )
        for action in late.iterator(chunk_size=1000)
    )


def _status_change(moved: DerivedChange) -> Told | None:
    account = moved.account
    before, now = moved.previous("target_status"), account.target_status
    if before == now or NONE in {before, now}:
        return None
    data = {
        "from": str(before),
        "to": str(now),
        "target_level": account.target_level,
        "due_on": account.target_due_on and account.target_due_on.isoformat(),
        "url": settings.BASE_URL + reverse("plans:target", args=[account.pk]),
    }
    return Told(STATUS, account.pk, data)
