"""An account at a glance, beside the list: where it stands, how sure that is, and what comes next."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.permissions import SignedInRequest, account_for
from portfolio.pages.account import open_plans
from portfolio.pages.account_frame import accounts_whole, frame_of
from portfolio.pages.account_next import next_step, pending_of
from portfolio.pages.people import people_of


@login_required
@require_safe
def peek(request: SignedInRequest, pk: int) -> HttpResponse:
    """A part of a page; without htmx the page of the account. Six statements at most beside the sign-in."""
    account = account_for(request.user, pk, accounts=accounts_whole())
    if not request.htmx:
        return redirect(account)
    frame = frame_of(account, request.user, here="")
    people = people_of(account, frame.today, named=frame.may_change, user=request.user)
    plans = list(open_plans(account))
    pending = [] if account.is_archived else pending_of(plans)
    context = frame.context() | {"action": next(iter(pending), None), "next": next_step(frame, plans, people)}
    response = render(request, "portfolio/peek.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
