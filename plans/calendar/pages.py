"""The calendar feed, fetched without sign-in, and the settings page that shows its address."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import SignedInRequest
from audit.origin import current_origin
from core import organisation
from core.forms import posted_number
from core.rate_limits import UNKNOWN_LINKS, WINDOW, neighbourhood, too_many
from core.versions import StaleEdit
from plans.calendar import keys
from plans.calendar.feed import calendar_of


def private_response(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Set headers against shared caches, search engines and referrers; a client revalidates each time."""

    @wraps(view)
    def with_headers(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return with_headers


@private_response
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar, or the same 404 for whatever opens none. Four statements.

    Whoever holds a good address gets it, also where others behind the same network address tried too many bad ones.
    """
    reader = keys.reader_of(secret)
    if reader is None:
        if too_many("calendar", neighbourhood(current_origin()), UNKNOWN_LINKS):
            return HttpResponse(_("Too many attempts. Try again later."), status=429, headers={"Retry-After": WINDOW})
        return render(request, "404.html", status=404)
    content = calendar_of(reader)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="standing.ics"'
    response.headers["Content-Language"] = reader.language or organisation.language()
    response.headers["ETag"] = etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=etag, response=response) or response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_settings(request: SignedInRequest) -> HttpResponse:
    """Make, renew or stop the own address. A new one is shown in the answer itself: it is stored nowhere."""
    if request.method != "POST":
        return _page(request)
    try:
        if request.POST.get("do") == "renew":
            secret = keys.renew(request.user, seen=posted_number(request))
            return _page(request, address=settings.BASE_URL + reverse("plans:calendar", args=[secret]))
        if request.POST.get("do") != "stop":
            return _page(request, status=422, problem=_("Nothing was changed. Choose one of the buttons below."))
        keys.stop(request.user, seen=posted_number(request))
    except StaleEdit:
        problem = _(
            "Nothing was changed: since you opened this page the address was renewed or stopped, or this page was loaded again."
        )
        return _page(request, status=409, problem=problem)
    messages.success(request, _("Stopped: the address leads nowhere any more."))
    return redirect("plans:calendar_settings")


def _page(request: SignedInRequest, *, status: int = 200, **context: str) -> HttpResponse:
    feed = keys.feed_of(request.user)
    response = render(request, "plans/calendar.html", {"section": "settings", "feed": feed} | context, status=status)
    response.headers["Referrer-Policy"] = "same-origin"
    return response
