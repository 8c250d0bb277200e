"""Permissions of users on accounts; pages, API, exports, mails and calendar all use them.

An account that the user may not see is answered with 404, an act that they may not do with 403.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from accounts.models import Account, Team, User
from accounts.querysets import AccountQuerySet


class HtmxRequest(HttpRequest):
    """A request with the attribute that the middleware of django-htmx adds."""

    htmx: HtmxDetails


class SignedInRequest(HtmxRequest):
    """The request of a view with `login_required`."""

    user: User


#: Acts that are allowed to everybody who may change the account.
CHANGE_ACTS = frozenset(
    {
        "account.change",
        "account.archive",
        "account.merge",
        "contact.change",
        "contact.export",
        "contact.erase",
        "note.write",
        "assessment.open",
        "assessment.close",
        "assessment.reopen",
        "customer.invite",
        "customer.answers",  # read the answers with names, and enter answers by hand
        "target.set",
        "plan.change",
    }
)


def may(user: User, act: str, account: Account) -> bool:
    """Whether `user`, who sees `account`, may do `act` with it.

    No statement for an account that comes from `account_for`, else at most one for the teams that `user` leads.
    """
    if act not in CHANGE_ACTS:
        raise ValueError(f"unknown act {act!r}")
    if not user.is_authenticated or not user.is_active or user.reads_only:
        return False
    if user.is_administrator or account.owner_id == user.pk:
        return True
    if account.team_id is None:
        return False
    user_id, leads = getattr(account, "led", (None, False))
    return leads if user_id == user.pk else account.team_id in user.led_team_ids


def may_add_accounts(user: User) -> bool:
    """Whether `user` may create and import accounts."""
    return user.is_authenticated and user.is_active and not user.reads_only


def account_for(user: User, pk: int, *, to: str | None = None, accounts: AccountQuerySet | None = None) -> Account:
    """The account with this id. Raises Http404 if `user` may not see it, PermissionDenied if they may not do the act `to`."""
    queryset = Account.objects.select_related("owner", "team") if accounts is None else accounts
    leads = Exists(Team.leads.through.objects.filter(team=OuterRef("team"), user=user.pk))
    account = get_object_or_404(queryset.visible_to(user).annotate(is_led=leads), pk=pk)
    account.led = (user.pk, account.is_led)  # with the user's id: `may` uses it for this user only
    if to and not may(user, to, account):
        raise PermissionDenied
    return account


def readers_of(account: Account) -> QuerySet[User]:
    """The active people who see `account`, by name: those for whom `visible_to` has it. Not evaluated yet."""
    sees = Q(pk=account.owner_id) | Q(role__in=[User.Role.VIEWER, User.Role.ADMINISTRATOR])
    if account.team_id:
        for people in (Team.members.through, Team.leads.through):
            sees |= Q(pk__in=people.objects.filter(team=account.team_id).values("user"))
    return User.objects.filter(sees, is_active=True).order_by("name", "pk")


def scope_of(user: User) -> str:
    """The part of a cache key that says which accounts `user` sees; equal for all users who see every account.

    A change of teams needs no other key: it is an event of the trail, and the newest event is part of the key.
    """
    return "all" if user.sees_all_accounts else f"user {user.pk}"
