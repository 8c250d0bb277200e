"""Who may do what: the same for pages, API, exports, mails and calendar.

What one may not see answers 404, what one sees but may not do answers 403.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from accounts.models import Account, Team, User


class SignedInRequest(HttpRequest):
    """What a view behind `login_required` is given; for the type checker."""

    user: User
    htmx: HtmxDetails


#: Acts that whoever may change the account may do.
CHANGING = frozenset(
    {
        "account.change",
        "account.archive",
        "contact.change",
        "contact.export",
        "contact.erase",
        "assessment.open",
        "assessment.close",
        "assessment.reopen",
        "customer.invite",
        "customer.answers",  # read them by name, and enter them by hand
        "target.set",
        "plan.change",
    }
)


def may(user: User, act: str, account: Account) -> bool:
    """Whether `user`, who sees `account`, may do `act` with it.

    No statement for an account that comes from `account_for`, else at most one for the teams that `user` leads.
    """
    if act not in CHANGING:
        raise ValueError(f"unknown act {act!r}")
    if not user.is_authenticated or not user.is_active or user.reads_only:
        return False
    if user.is_administrator or account.owner_id == user.pk:
        return True
    if account.team_id is None:
        return False
    asker, leads = getattr(account, "led", (None, False))
    return leads if asker == user.pk else account.team_id in user.led_team_ids


def may_add_accounts(user: User) -> bool:
    """Whether `user` may make and import accounts: into own ones, own teams', or all."""
    return user.is_authenticated and user.is_active and not user.reads_only


def account_for(user: User, pk: int, *, to: str | None = None, accounts=None) -> Account:
    """The account that `user` asks for. Not theirs to see: 404. Seen, but `to` is not allowed: 403."""
    queryset = Account.objects.select_related("owner", "team") if accounts is None else accounts
    leads = Exists(Team.leads.through.objects.filter(team=OuterRef("team"), user=user.pk))
    account = get_object_or_404(queryset.visible_to(user).annotate(is_led=leads), pk=pk)
    account.led = (user.pk, account.is_led)  # by whom it was asked: another person's answer is another
    if to and not may(user, to, account):
        raise PermissionDenied
    return account


def scope_of(user: User) -> str:
    """Whose accounts `user` sees: all of them share what is made for everybody. Who is in which team stands in the trail."""
    return "all" if user.sees_all_accounts else f"user {user.pk}"
