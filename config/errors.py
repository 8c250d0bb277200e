"""Error handlers: pages in the design of the site, and 503 with Retry-After when the database is not available."""

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
from core.database_limits import AnswerTimeout

RETRY_AFTER = "5"  # seconds
RETRY_SIGN_IN_AFTER = "900"


class CircuitBreaker:
    """Answer 503 at once for two seconds after a request of this process timed out on the database.

    Without it eight threads that wait four seconds each would keep the sixtieth visitor waiting for half a minute.

    A timeout of the server or the pool opens the breaker. So do three lock timeouts of safe requests within five seconds: a
    reading page waits only for a lock on a whole table. One alone does not count, because a download writes an audit event and
    may wait for a row.
    """

    SECONDS, LOCK_TIMEOUTS, WITHIN = 2.0, 3, 5.0

    def __init__(self) -> None:
        self._open_until = 0.0
        self._lock_timeouts: deque[float] = deque(maxlen=self.LOCK_TIMEOUTS)

    def is_open(self) -> bool:
        return time.monotonic() < self._open_until

    def record(self, error: BaseException | None, *, is_safe: bool) -> None:
        now, causes = time.monotonic(), list(with_causes(error))
        timed_out = any(isinstance(cause, AnswerTimeout | PoolTimeout) for cause in causes)
        if is_safe and any(isinstance(cause, LockNotAvailable) for cause in causes):
            self._lock_timeouts.append(now)
        if timed_out or (len(self._lock_timeouts) == self.LOCK_TIMEOUTS and now - self._lock_timeouts[0] < self.WITHIN):
            self._open_until = now + self.SECONDS
            self._lock_timeouts.clear()


breaker = CircuitBreaker()


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, which is called within the `except` block of the error, for views and middleware.

    The pages are rendered without context and request, so they cannot query the database.
    """
    error = sys.exc_info()[1]
    breaker.record(error, is_safe=request.method in {"GET", "HEAD"})
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
