"""Who opens the pages of this room: administrators, and whoever holds a link that lets them in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.permissions import SignedInRequest
from audit.origin import current_origin
from core.rate_limits import UNKNOWN_LINKS, WINDOW, neighbourhood, too_many
from portfolio import first_hour

type AdministratorView = Callable[..., HttpResponse]


def administrators_only(view: AdministratorView) -> AdministratorView:
    """Send who is not signed in to the sign-in page, and refuse everybody who is no administrator with 403."""

    @login_required
    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_administrator:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def steps_of(request: SignedInRequest, *, skip: str) -> dict[str, Any]:
    """The bar with the steps of the first hour, until it is over; `skip` names the page of the next step. One statement at most."""
    if first_hour.is_over(request.user):
        return {}
    found = first_hour.of_administrators(request.user)
    return {} if found.is_done else {"checklist": found, "skip": reverse(skip)}


def no_such_link(request: HttpRequest, template: str) -> HttpResponse:
    """Answer a link that opens nothing with 404, the same for a guessed, used and expired one; 429 after many tries."""
    if too_many("link", neighbourhood(current_origin()), UNKNOWN_LINKS):
        response = render(request, "429.html", status=429)
        response.headers["Retry-After"] = str(WINDOW)
        return response
    return render(request, template, status=404)
