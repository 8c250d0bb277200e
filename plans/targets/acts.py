"""Set or revise the target of an account."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import derived
from accounts.models import Account, User
from audit import trail
from core import days
from core.versions import StaleEdit
from plans.models import Target, must_be_active
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
