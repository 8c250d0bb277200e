"""What a person gets when something breaks: a page in our look, and 503 when the database cannot serve."""

import sys
import time
from collections import deque

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults
from psycopg.errors import LockNotAvailable
from psycopg_pool import PoolTimeout

from core.database_errors import is_away, is_cache_away, with_causes
from core.database_limits import NoAnswer

RETRY_AFTER = "5"  # seconds
RETRY_SIGN_IN_AFTER = "900"


class Rest:
    """After a request waited for the database in vain this process leaves it alone for a moment: the next ones need not wait.

    Eight threads that wait four seconds each would keep the sixtieth visitor waiting for half a minute. A lock that a page
    which only reads cannot have is one on a whole table; but a file that is handed out is noted in the trail, and may have to
    wait for a row. So one such alone stops nobody.
    """

    SECONDS, LOCKED, WITHIN = 2.0, 3, 5.0

    def __init__(self) -> None:
        self._until = 0.0
        self._locked: deque[float] = deque(maxlen=self.LOCKED)

    def lasts(self) -> bool:
        return time.monotonic() < self._until

    def begins_after(self, error: BaseException | None, *, reads: bool) -> None:
        now, causes = time.monotonic(), list(with_causes(error))
        silent = any(isinstance(cause, NoAnswer | PoolTimeout) for cause in causes)
        if reads and any(isinstance(cause, LockNotAvailable) for cause in causes):
            self._locked.append(now)
        if silent or (len(self._locked) == self.LOCKED and now - self._locked[0] < self.WITHIN):
            self._until = now + self.SECONDS
            self._locked.clear()


rest = Rest()


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: it is reached from every view and middleware, with the error still at hand.

    The pages need no context and no request, so nothing in them can ask the database again.
    """
    error = sys.exc_info()[1]
    rest.begins_after(error, reads=request.method in {"GET", "HEAD"})
    if is_away(error) or is_cache_away(error):
        return database_away()
    return HttpResponse(render_to_string("500.html"), status=500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_away(exception) or is_cache_away(exception):
        return database_away()
    return defaults.bad_request(request, exception)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = RETRY_SIGN_IN_AFTER
    return response


def database_away() -> HttpResponse:
    page = render_to_string("503.html")
    return HttpResponse(page, status=503, headers={"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"})
