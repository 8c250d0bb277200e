"""The pages that bring everything together: the portfolio, and one account with all that is known of it."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.permissions import account_for, may, may_add_accounts
from hierarchy.models import Level
from plans.actions import my_actions_this_week
from portfolio import queries
from portfolio.account_page import account_context
from portfolio.words import describe


@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    accounts = Account.objects.visible_to(request.user).active()
    ladder = queries.ladder_of(accounts, today)
    context = {
        "section": "portfolio",
        "ladder": ladder,
        "may_add": may_add_accounts(request.user),
        "scope": _scope(request.user),
        "currency": settings.REPORTING_CURRENCY,
    }
    if ladder.accounts:
        context |= {
            "figures": queries.figures_of(accounts, today),
            "no_rate": queries.currencies_without_rate(accounts),
            "seen_as": dict(Level.objects.filter(edition__state="published").values_list("rank", "seen_as")),
            "concerns": [describe(concern, request.user) for concern in queries.needs_attention(accounts, today)],
            "moves": list(queries.moved(accounts, today)),
            "actions": my_actions_this_week(request.user)[:8],
        }
    return render(request, "portfolio/dashboard.html", context)


@login_required
@require_safe
def account_page(request: HttpRequest, pk: int) -> HttpResponse:
    accounts = Account.objects.select_related("owner", "team", "parent")
    account = account_for(request.user, pk, accounts=accounts)
    may_change = may(request.user, "account.change", account)
    return render(request, "portfolio/account.html", account_context(account, may_change=may_change, user=request.user))


def _scope(user) -> str:
    """Whose accounts these are, in words; one statement for who does not see all."""
    if user.sees_all_accounts:
        return _("All accounts")
    names = [team.name for team in (user.teams.all() | user.led_teams.all()).distinct()]
    return _("Team %(names)s") % {"names": ", ".join(names)} if names else _("My accounts")
