"""The decorator of all calls of the API: authentication by key, rate limits, scope, and idempotency keys (`api.idempotency`).

It wraps every call, so that none can omit it. Cookies are not accepted, so no other site can use the browser of a user (CSRF).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from api.idempotency import once
from api.keys import key_of
from api.models import ApiKey
from audit.origin import current_origin
from core import rate_limits
from core.api import problem_response

WINDOW = 60  # seconds in which calls are counted
CALLS = 3000  # for each key and window
BAD_KEYS = 120  # for each network address and window
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

type Run = Callable[..., HttpResponse]


def access_controlled(run: Run) -> Run:
    """Run the call as the user of its key; else answer 401, 403 or 429."""

    @wraps(run)
    def controlled(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = _key(request)
        if key is None:
            return _unknown()
        request.user = key.user
        request.person_id = key.user_id  # type: ignore[attr-defined]  # for the log
        count, left = rate_limits.count("calls", str(key.pk), WINDOW), rate_limits.seconds_left(WINDOW)
        if count > CALLS:
            response = problem_response(429, _("Too many calls. Try again in %(seconds)s seconds.") % {"seconds": left})
            response.headers["Retry-After"] = str(left)
        elif request.method in WRITES and key.scope != ApiKey.Scope.WRITE:
            response = problem_response(403, _("This key may only read. Make one that may write."))
        elif request.method in WRITES and "Idempotency-Key" in request.headers:
            response = once(request, lambda: run(request, *args, **kwargs))
        else:
            response = run(request, *args, **kwargs)
        response.headers["RateLimit-Limit"] = str(CALLS)
        response.headers["RateLimit-Remaining"] = str(max(0, CALLS - count))
        response.headers["RateLimit-Reset"] = str(left)
        return response

    return controlled


def _key(request: HttpRequest) -> ApiKey | None:
    scheme, _space, secret = request.headers.get("Authorization", "").strip().partition(" ")
    return key_of(secret.strip()) if scheme.lower() == "bearer" and secret.strip() else None


def _unknown() -> HttpResponse:
    if rate_limits.count("bad-keys", rate_limits.neighbourhood(current_origin()), WINDOW) > BAD_KEYS:
        wait = str(rate_limits.seconds_left(WINDOW))
        return problem_response(429, _("Too many attempts. Try again later."), headers={"Retry-After": wait})
    told = _("Send a key that is not revoked: Authorization: Bearer <key>. You make one in the settings.")
    return problem_response(401, told, headers={"WWW-Authenticate": 'Bearer realm="Standing"'})
