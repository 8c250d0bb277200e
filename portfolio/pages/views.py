"""The views of the dashboard."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, Window
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account, User
from accounts.permissions import SignedInRequest, may_add_accounts
from accounts.querysets import AccountQuerySet
from audit.figure_cache import cached_figures
from core import days, organisation
from hierarchy.words import in_our_words
from plans.actions.acts import due_this_week, my_actions_this_week
from plans.models import Action
from portfolio import first_hour, queries
from portfolio.catalogue import rungs_of
from portfolio.figures.year import YearOfFigures, year_of
from portfolio.lead_queries import results_with_revenue
from portfolio.pages.desk import MINE, Whose, choices_of, chosen_of, desk_of, mentions_of, remember, scope_words
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
    today, user = days.today(), request.user
    desk = desk_of(user)
    choices, state = choices_of(desk, user), desk.state
    whose, why = chosen_of(choices, request), why_of(request.GET.get("why"))
    accounts, scope = whose.of(Account.objects.visible_to(user).active()), whose.scope_for(user)
    overview = cached_figures(
        "overview", scope, today, *filter(None, [why]), make=lambda: queries.overview_of(accounts, today, why=why), state=state
    )
    context = {
        "section": "portfolio",
        "ladder": overview.ladder,
        "may_add": may_add_accounts(user),
        "scope": scope_words(desk, whose, user),
        "choices": choices,
        "whose": whose,
        "currency": organisation.reporting_currency(),
    }
    if overview.ladder.accounts:
        concerns = queries.concerns_of(overview, accounts)
        year = _year_of(overview, accounts, scope, today)
        by = measured_by(request.GET.get("ladder"))
        context |= _work_of(user, whose, today)
        context |= overview_context(overview, year, by=by, why=why, stated=dict(whose.filters))
        context |= {
            "mentions": mentions_of(user) if desk.is_mentioned else [],
            "saved_views": kept_links_of(user, state=state, today=today),
            "our_words": {rank: in_our_words(rung) for rank, rung in rungs_of(None, state=state, today=today).items()},
            "concerns": [describe(concern, user, today) for concern in concerns],
        }
    context["checklist"] = first_hour.checklist_of(user, overview, plans=desk.plans)
    response = render(request, "portfolio/dashboard.html", context)
    remember(response, request, whose)
    return response


@login_required
@require_POST
def close_first_hour(request: SignedInRequest) -> HttpResponse:
    """Show the checklist of the first hour no more."""
    first_hour.close_checklist(request.user)
    messages.success(request, _("The list of the first hour is closed."))
    return redirect("portfolio:dashboard")


def _year_of(overview: queries.Overview, accounts: AccountQuerySet, scope: str, today: date) -> YearOfFigures:
    """One statement where it is not cached: kept for a day, and made anew when a figure of today that it leads to changes.

    It does not depend on the state of the data, since reading all results after each tick would cost more than it tells.
    """
    ladder, figures = overview.ladder, overview.figures
    return cached_figures(
        "year", scope, today, ladder, figures.heard, figures.gaps, figures.mean_gap, state=0,
        make=lambda: year_of(results_with_revenue(accounts), ladder.accounts, float(ladder.worth) * 100, today),
    )  # fmt: skip


def _work_of(user: User, whose: Whose, today: date) -> dict[str, Any]:
    """The actions and rounds of the next 7 days: the user's own actions, or those of the accounts that are chosen.

    Two statements; none for a reader without work.
    """
    if not may_add_accounts(user):
        return {}
    is_mine = whose.key == MINE
    of_accounts = {f"plan__account__{name}": value for name, value in whose.filters}
    due = my_actions_this_week(user) if is_mine else due_this_week(Action.objects.visible_to(user).filter(**of_accounts))
    due = due.annotate(late=Window(Count("pk", filter=Q(due_on__lt=today))))
    actions: list[Any] = list(due[: ACTIONS + 1])
    rounds: list[Any] = list(closing_soon(whose.of(Account.objects.changeable_by(user)), today)[:ROUNDS])
    return {
        "actions": actions[:ACTIONS],
        "more_actions": len(actions) > ACTIONS,
        "late": actions[0].late if actions else 0,
        "actions_are_mine": is_mine,
        "actions_url": reverse("plans:actions") + ("" if is_mine else "?tab=team"),
        "rounds": [(one, closes_words(one, today), answered_words(one)) for one in rounds],
        "all_rounds": rounds[0].all if rounds else 0,
    }
