"""The views of the dashboard and of the account page."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account, User
from accounts.permissions import SignedInRequest, account_for, may, may_add_accounts
from accounts.side_bar import remember_opened
from audit.figure_cache import cached_figures
from core import days, organisation
from hierarchy.words import in_our_words
from plans.actions.acts import due_this_week, my_actions_this_week
from plans.models import Action
from portfolio import first_hour, queries
from portfolio.catalogue import rungs_of
from portfolio.figures.benchmark_drawing import stacked
from portfolio.pages.account import account_context, accounts_whole
from portfolio.pages.desk import MINE, Whose, choices_of, chosen_of, desk_of, mentions_of, remember, scope_words
from portfolio.saved_views.acts import kept_links_of
from portfolio.words import describe, stake
from surveys.closing_soon import answered_words, closes_words, closing_soon

ACTIONS = 6  # on the dashboard; the others stand on their own page
ROUNDS = 5


@login_required
@require_safe
def dashboard(request: SignedInRequest) -> HttpResponse:
    today, user = days.today(), request.user
    desk = desk_of(user)
    choices, state = choices_of(desk, user), desk.state
    whose = chosen_of(choices, request)
    accounts = whose.of(Account.objects.visible_to(user).active())
    overview = cached_figures(
        "overview", whose.scope_for(user), today, make=lambda: queries.overview_of(accounts, today), state=state
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
        concerns, moves = queries.named_in(overview, accounts)
        context |= _work_of(user, whose, today) | {
            "mentions": mentions_of(user) if desk.is_mentioned else [],
            "saved_views": kept_links_of(user, state=state, today=today),
            "figures": overview.figures,
            "expected": None if overview.figures.targets_expected is None else round(overview.figures.targets_expected),
            "shares": (shares := overview.ladder.shares),
            "shares_bar": stacked(shares.parts) if shares else (),
            "no_rate": overview.figures.no_rate,
            "our_words": {rank: in_our_words(rung) for rank, rung in rungs_of(None, state=state, today=today).items()},
            "concerns": [describe(concern, user, today) for concern in concerns],
            "all_concerns": overview.all_pressing,
            "moves": [(account, stake(account)) for account in moves],
        }
    has_actions = bool(context.get("actions"))
    context["checklist"] = first_hour.checklist_of(user, overview, has_actions=has_actions)
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


def _work_of(user: User, whose: Whose, today: date) -> dict[str, Any]:
    """The actions and rounds of the next 7 days: the user's own actions, or those of the accounts that are chosen.

    Two statements; none for a reader without work.
    """
    if not may_add_accounts(user):
        return {}
    is_mine = whose.key == MINE
    of_accounts = {f"plan__account__{name}": value for name, value in whose.filters}
    due = my_actions_this_week(user) if is_mine else due_this_week(Action.objects.visible_to(user).filter(**of_accounts))
    actions = list(due[: ACTIONS + 1])
    rounds: list[Any] = list(closing_soon(whose.of(Account.objects.changeable_by(user)), today)[:ROUNDS])
    return {
        "actions": actions[:ACTIONS],
        "more_actions": len(actions) > ACTIONS,
        "actions_are_mine": is_mine,
        "actions_url": reverse("plans:actions") + ("" if is_mine else "?tab=team"),
        "rounds": [(one, closes_words(one, today), answered_words(one)) for one in rounds],
        "all_rounds": rounds[0].all if rounds else 0,
    }
