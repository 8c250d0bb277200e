"""Webhook events of assessments: one was closed; the customer's level of an account rose or fell."""

from django.conf import settings

from accounts.derived import DerivedChange
from assessments.models import Assessment
from webhooks import endpoints
from webhooks.endpoints import Told

CLOSED, CLIMBED, SLID = "assessment.closed", "level.climbed", "level.slid"
FIGURES = (
    "customer_level", "customer_position", "team_level", "team_position", "gap", "agreement", "agreement_word", "confidence",
)  # fmt: skip


def tell_closed(assessment: Assessment) -> None:
    """Send the event of a closed round. The result of a confidential round below three answers has no customer figures."""
    data = {
        "assessment": assessment.pk,
        "held_on": assessment.held_on.isoformat(),
        "confidential": assessment.is_confidential,
        "url": settings.BASE_URL + assessment.get_absolute_url(),
    } | {name: getattr(assessment, name) for name in FIGURES}
    # Closed again after it was reopened, it is another event.
    key = f"assessment-{assessment.pk}-{assessment.version}"
    endpoints.tell([Told(CLOSED, assessment.account_id, data, key)])


def tell_level_moves(moved: list[DerivedChange]) -> None:
    """Send an event for each account whose customer's level rose or fell; their first level is neither."""
    endpoints.tell([told for one in moved if (told := _level_move(one))])


def _level_move(moved: DerivedChange) -> Told | None:
    account = moved.account
    before, now = moved.previous("customer_level"), account.customer_level
    if before is None or now is None or before == now:
        return None
    data = {"from": before, "to": now, "url": settings.BASE_URL + account.get_absolute_url()}
    return Told(CLIMBED if now > before else SLID, account.pk, data)
