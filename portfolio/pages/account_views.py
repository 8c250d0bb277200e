"""The views of the page of an account: its tabs, each with the same head."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import SignedInRequest, account_for
from accounts.side_bar import remember_opened
from portfolio.pages.account import activity_context, history_context, overview_context, people_context
from portfolio.pages.account_frame import AccountFrame, accounts_whole, frame_of


@login_required
@require_safe
def overview(request: SignedInRequest, pk: int) -> HttpResponse:
    return _tab(request, pk, "overview", "portfolio/account.html", overview_context)


@login_required
@require_safe
def people(request: SignedInRequest, pk: int) -> HttpResponse:
    return _tab(request, pk, "people", "portfolio/account_people.html", people_context)


@login_required
@require_safe
def history(request: SignedInRequest, pk: int) -> HttpResponse:
    return _tab(request, pk, "history", "portfolio/account_history.html", history_context)


@login_required
@require_safe
def activity(request: SignedInRequest, pk: int) -> HttpResponse:
    return _tab(request, pk, "activity", "portfolio/account_activity.html", activity_context)


def _tab(
    request: SignedInRequest, pk: int, here: str, template: str, context_of: Callable[[AccountFrame], dict[str, Any]]
) -> HttpResponse:
    frame = frame_of(account_for(request.user, pk, accounts=accounts_whole()), request.user, here=here)
    response = render(request, template, frame.context() | context_of(frame))
    remember_opened(request, response, frame.account)
    return response
