"""Marking an account as reviewed, and taking that back."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, User
from audit import trail
from core import days
from plans.models import Action, ActionPlan
from reviews.models import AccountReview

KEPT = ("account", "held_on", "by")


@transaction.atomic
def mark_reviewed(account: Account, *, by: User) -> AccountReview:
    """Store that the account was reviewed today. Raises ValidationError for an archived account, or one reviewed today."""
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)  # two may mark it at once
    if account.is_archived:
        raise ValidationError(_("“%(name)s” is archived: it is not reviewed any more.") % {"name": account.name})
    actions = Action.objects.filter(plan__account=account.pk, plan__state=ActionPlan.State.OPEN).order_by("pk")
    people = account.contacts.filter(active=True, erased_on=None).order_by("pk")
    review = AccountReview(
        account=account,
        held_on=days.today(),
        by=by,
        seen_actions=list(actions.values_list("pk", flat=True)),
        seen_people=list(people.values_list("pk", flat=True)),
    )
    review.full_clean()
    review.save()
    trail.record("review.held", review, by=by, after=trail.snapshot(review, *KEPT))
    return review


@transaction.atomic
def take_back(account: Account, pk: int, *, by: User) -> bool:
    """Remove a review of the account; False if it is gone already."""
    review = AccountReview.objects.select_for_update().filter(account=account.pk, pk=pk).first()
    if review is None:
        return False
    trail.record("review.taken_back", review, by=by, before=trail.snapshot(review, *KEPT))
    AccountReview.objects.filter(pk=pk).delete()
    return True
