"""The view of the dashboard."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account, Team, User
from accounts.permissions import SignedInRequest, may_add_accounts, scope_of
from audit.figure_cache import cached_figures
from audit.trail import newest
from core import days
from hierarchy.words import in_our_words
from plans.actions.acts import my_actions_this_week
from portfolio import queries
from portfolio.catalogue import rungs_of
from portfolio.figures.benchmark_drawing import stacked
from portfolio.saved_views.acts import kept_links_of
from portfolio.words import describe, stake
from surveys.closing_soon import answered_words, closes_words, closing_soon

ACTIONS = 6  # on the dashboard; the others stand on their own page
ROUNDS = 5


@login_required
@require_safe
def dashboard(request: SignedInRequest) -> HttpResponse:
    today = days.today()
    accounts = Account.objects.visible_to(request.user).active()
    state = newest()
    overview = cached_figures(
        "overview", scope_of(request.user), today, make=lambda: queries.overview_of(accounts, today), state=state
    )
    context = {
        "section": "portfolio",
        "ladder": overview.ladder,
        "may_add": may_add_accounts(request.user),
        "scope": _scope(request.user),
        "currency": settings.REPORTING_CURRENCY,
    }
    if overview.ladder.accounts:
        concerns, moves = queries.named_in(overview, accounts)
        context |= _work_of(request.user, today) | {
            "saved_views": kept_links_of(request.user, state=state, today=today),
            "figures": overview.figures,
            "expected": None if overview.figures.targets_expected is None else round(overview.figures.targets_expected),
            "shares": (shares := overview.ladder.shares),
            "shares_bar": stacked(shares.parts) if shares else (),
            "no_rate": overview.figures.no_rate,
            "our_words": {rank: in_our_words(rung) for rank, rung in rungs_of(None, state=state, today=today).items()},
            "concerns": [describe(concern, request.user, today) for concern in concerns],
            "all_concerns": overview.all_pressing,
            "moves": [(account, stake(account)) for account in moves],
        }
    return render(request, "portfolio/dashboard.html", context)


def _work_of(user: User, today: date) -> dict[str, Any]:
    """The actions and rounds of `user` for this week. Two statements; none for a reader without work."""
    if not may_add_accounts(user):
        return {}
    actions = list(my_actions_this_week(user)[: ACTIONS + 1])
    rounds: list[Any] = list(closing_soon(Account.objects.changeable_by(user), today)[:ROUNDS])
    return {
        "actions": actions[:ACTIONS],
        "more_actions": len(actions) > ACTIONS,
        "rounds": [(one, closes_words(one, today), answered_words(one)) for one in rounds],
        "all_rounds": rounds[0].all if rounds else 0,
    }


def _scope(user: User) -> str:
    """The teams of the accounts, in words. One statement for a user who does not see all; it also stores the teams that they lead."""
    if user.sees_all_accounts:
        return _("All accounts")
    leads = Exists(Team.leads.through.objects.filter(team=OuterRef("pk"), user=user))
    teams = (user.teams.all() | user.led_teams.all()).distinct().annotate(is_led=leads)
    user.led_team_ids = frozenset(team.pk for team in teams if team.is_led)
    names = [team.name for team in teams]
    return _("Team %(names)s") % {"names": ", ".join(names)} if names else _("My accounts")
