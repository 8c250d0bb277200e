"""An account at a glance, beside the list: where it stands, how sure that is, and what comes next."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.permissions import SignedInRequest, account_for, may
from assessments import words
from assessments.history import deciding
from core import days
from plans.models import Action
from portfolio.catalogue import rungs_of
from portfolio.pages.account import accounts_whole, next_acts
from portfolio.pages.customer_view import rounds_of, still_to_rate


@login_required
@require_safe
def peek(request: SignedInRequest, pk: int) -> HttpResponse:
    """A part of a page; without htmx the page of the account. Seven statements at most beside the sign-in."""
    account = account_for(request.user, pk, accounts=accounts_whole())
    if not request.htmx:
        return redirect(account)
    today = days.today()
    rounds = list(rounds_of(account, request.user))
    closed = [one for one in rounds if not one.is_open]
    open_round: Any = next((one for one in rounds if one.is_open), None)
    latest = deciding(closed)
    rungs = rungs_of(latest.edition_id if latest else None, state=account.state_of_data, today=today)  # type: ignore[attr-defined]
    acts = []
    if may(request.user, "account.change", account) and not account.is_merged:
        plans = list(account.plans.open())
        blind = still_to_rate(open_round)
        acts = next_acts(account, open_round, getattr(account, "active_target", None), plans, today, blind=blind)
    context = {
        "account": account,
        "headline": words.level_sentence(account, rungs, latest=latest),
        "latest": latest,
        "sure": words.sureness(latest, today)[0] if latest else None,
        "action": Action.objects.pending().filter(plan__account=account).select_related("owner").order_by("due_on", "pk").first(),
        "acts": acts,
    }
    response = render(request, "portfolio/peek.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
