"""Who of our people gives a view of a round, and who has to give it before seeing the customer's answers."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import Account, User
from accounts.permissions import may
from assessments.models import Assessment, Response
from assessments.rounds.blinding import blinding_of, unblind
from audit import trail


def may_rate(user: User, account: Account, assessment: Assessment | None) -> bool:
    """Whether `user`, who sees `account`, may give our view: users who may assess it, and raters of the open round."""
    if may(user, "assessment.open", account):
        return True
    if assessment is None or not assessment.is_open or not user.is_active or user.role == User.Role.VIEWER:
        return False
    return assessment.raters.filter(pk=user.pk).exists()


def rates_first(user: User, raters: Iterable[User], responses: Iterable[Response]) -> bool:
    """Whether `user` has to give a view of an open round first, and may see until then who answered, but not the answers.

    True for a rater, and for the author of a draft, until they submit: the customer's answers would bias their own.
    False for anybody else, such as a lead who only closes rounds.
    """
    own = next((response for response in responses if response.user_id == user.pk), None)
    if own is not None:
        return not own.is_submitted
    return any(rater.pk == user.pk for rater in raters)


def rates_first_in(assessment: Assessment | None, user: User) -> bool:
    """`rates_first` for a round of which neither raters nor responses are loaded. One statement."""
    return blinding_of(assessment, user).rates_first


@transaction.atomic
def begin_with_our_view(assessment: Assessment, *, by: User | None) -> bool:
    """Make the owner of the account a rater of the open round; call it when the customer is invited.

    The owner then sees the customer's answers only after submitting an own view (`rates_first`); it counts unless some could be
    read before. Nothing changes when the owner is a rater already, is a viewer, or is inactive. Returns whether something changed.
    """
    owner = assessment.account.owner
    if not assessment.is_open or owner.role == User.Role.VIEWER or not owner.is_active:
        return False
    before = sorted(assessment.raters.values_list("pk", flat=True))
    if owner.pk in before:
        return False
    # Another version, so that a page with the raters as they were does not take the owner off again.
    Assessment.objects.filter(pk=assessment.pk).update(version=F("version") + 1)
    assessment.refresh_from_db(fields=["version"])
    unblind(assessment, [owner])
    assessment.raters.add(owner)
    after = {"raters": sorted([*before, owner.pk])}
    trail.record("assessment.changed", assessment, by=by, before={"raters": before}, after=after)
    return True


def colleagues_for(account: Account, *, with_administrators: bool = False) -> QuerySet[User]:
    """The owner of `account`, and the members and leads of its team; nobody who only reads. Not evaluated yet."""
    there = Q(pk=account.owner_id)
    if with_administrators:
        there |= Q(role=User.Role.ADMINISTRATOR)
    if account.team_id:
        there |= Q(pk__in=User.objects.filter(teams=account.team_id).values("pk"))
        there |= Q(pk__in=User.objects.filter(led_teams=account.team_id).values("pk"))
    return User.objects.filter(there, is_active=True).exclude(role=User.Role.VIEWER).order_by("name", "pk")
