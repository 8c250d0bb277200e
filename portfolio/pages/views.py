"""The views of the dashboard and of the account page."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef, Q, Window
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account, Team, User
from accounts.permissions import SignedInRequest, account_for, may, may_add_accounts, scope_of
from accounts.querysets import AccountQuerySet
from accounts.side_bar import remember_opened
from audit.figure_cache import cached_figures
from audit.trail import newest
from core import days
from hierarchy.words import in_our_words
from plans.actions.acts import my_actions_this_week
from portfolio import queries
from portfolio.catalogue import rungs_of
from portfolio.figures.year import YearOfFigures, year_of
from portfolio.lead_queries import results_with_revenue
from portfolio.pages.account import account_context, accounts_whole
from portfolio.pages.ladder import measured_by
from portfolio.pages.overview import overview_context, why_of
from portfolio.saved_views.acts import kept_links_of
from portfolio.words import describe
from surveys.closing_soon import answered_words, closes_words, closing_soon

ACTIONS = 3  # on the dashboard; the others stand on their own page
ROUNDS = 3


@login_required
@require_safe
def dashboard(request: SignedInRequest) -> HttpResponse:
    today = days.today()
    accounts = Account.objects.visible_to(request.user).active()
    state = newest()
    why, scope = why_of(request.GET.get("why")), scope_of(request.user)
    overview = cached_figures(
        "overview", scope, today, *filter(None, [why]), make=lambda: queries.overview_of(accounts, today, why=why), state=state
    )
    context = {
        "section": "portfolio",
        "ladder": overview.ladder,
        "may_add": may_add_accounts(request.user),
        "scope": _scope(request.user),
        "currency": settings.REPORTING_CURRENCY,
    }
    if overview.ladder.accounts:
        concerns = queries.concerns_of(overview, accounts)
        year = _year_of(overview, accounts, scope, today)
        by = measured_by(request.GET.get("ladder"))
        context |= _work_of(request.user, today) | overview_context(overview, year, by=by, why=why, stated={})
        context |= {
            "saved_views": kept_links_of(request.user, state=state, today=today),
            "our_words": {rank: in_our_words(rung) for rank, rung in rungs_of(None, state=state, today=today).items()},
            "concerns": [describe(concern, request.user, today) for concern in concerns],
        }
    return render(request, "portfolio/dashboard.html", context)


@login_required
@require_safe
def account_page(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, accounts=accounts_whole())
    may_change = may(request.user, "account.change", account) and not account.is_merged  # what hung on it is elsewhere
    context = account_context(account, may_change=may_change, user=request.user)
    context["may_merge"] = may(request.user, "account.merge", account)
    response = render(request, "portfolio/account.html", context)
    remember_opened(request, response, account)
    return response


def _year_of(overview: queries.Overview, accounts: AccountQuerySet, scope: str, today: date) -> YearOfFigures:
    """One statement where it is not cached: kept for a day, and made anew when a figure of today that it leads to changes.

    It does not depend on the state of the data, since reading all results after each tick would cost more than it tells.
    """
    ladder, figures = overview.ladder, overview.figures
    return cached_figures(
        "year", scope, today, ladder, figures.heard, figures.gaps, figures.mean_gap, state=0,
        make=lambda: year_of(results_with_revenue(accounts), ladder.accounts, float(ladder.worth) * 100, today),
    )  # fmt: skip


def _work_of(user: User, today: date) -> dict[str, Any]:
    """The actions and rounds of `user` for this week. Two statements; none for a reader without work."""
    if not may_add_accounts(user):
        return {}
    is_late = Q(due_on__lt=today)
    week = my_actions_this_week(user).annotate(late=Window(Count("pk", filter=is_late)))
    actions: list[Any] = list(week[: ACTIONS + 1])
    rounds: list[Any] = list(closing_soon(Account.objects.changeable_by(user), today)[:ROUNDS])
    return {
        "actions": actions[:ACTIONS],
        "more_actions": len(actions) > ACTIONS,
        "late": actions[0].late if actions else 0,
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
