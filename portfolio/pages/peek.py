"""An account at a glance, beside the list: where it stands, how sure that is, and what comes next."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.permissions import SignedInRequest, account_for
from plans.models import Action
from portfolio.pages.account import open_plans
from portfolio.pages.account_frame import accounts_whole, frame_of
from portfolio.pages.account_next import next_step
from portfolio.pages.people import people_of


@login_required
@require_safe
def peek(request: SignedInRequest, pk: int) -> HttpResponse:
    """A part of a page; without htmx the page of the account. Seven statements at most beside the sign-in."""
    account = account_for(request.user, pk, accounts=accounts_whole())
    if not request.htmx:
        return redirect(account)
    frame = frame_of(account, request.user, here="")
    people = people_of(account, frame.today, named=frame.may_change, user=request.user)
    context = frame.context() | {
        "action": Action.objects.pending().filter(plan__account=account).select_related("owner").order_by("due_on", "pk").first(),
        "next": next_step(frame, list(open_plans(account)), people),
    }
    response = render(request, "portfolio/peek.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
