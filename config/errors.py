"""What a person gets when something breaks: a page in our look, and 503 when the database cannot serve."""

import sys
import time
from collections import deque
from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults
from psycopg.errors import LockNotAvailable
from psycopg_pool import PoolTimeout

from audit.hurry import NoAnswer

try:
    from redis import exceptions as redis
except ImportError:  # by choice
    REDIS_AWAY: tuple[type[Exception], ...] = ()
else:
    REDIS_AWAY = (redis.ConnectionError, redis.TimeoutError, redis.ReadOnlyError, redis.OutOfMemoryError)

RETRY_AFTER = "5"  # seconds
RETRY_SIGN_IN_AFTER = "900"

# Result codes of SQLite for a file that is busy, locked, not to be written, broken, full, not to be opened, no database.
SQLITE_AWAY = frozenset({3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 23, 26})
# Codes of PostgreSQL: only read here, no such table, a transaction that stood idle for too long.
POSTGRES_AWAY = frozenset({"25006", "42P01", "25P03"})


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
        now, causes = time.monotonic(), list(_with_causes(error))
        silent = any(isinstance(cause, NoAnswer | PoolTimeout) for cause in causes)
        if reads and any(isinstance(cause, LockNotAvailable) for cause in causes):
            self._locked.append(now)
        if silent or (len(self._locked) == self.LOCKED and now - self._locked[0] < self.WITHIN):
            self._until = now + self.SECONDS
            self._locked.clear()


rest = Rest()


def is_away(error: BaseException | None) -> bool:
    """Whether the database cannot serve just now: away, locked, full, not to be written, or not set up yet.

    What code made of such an error counts too: a session that cannot be saved is reported as one that ended.
    """
    return any(map(_says_away, _with_causes(error)))


def is_cache_away(error: BaseException | None) -> bool:
    """The same of Redis, where `CACHE_URL` names one: without it the limits cannot be counted, so nobody is let past them."""
    return any(isinstance(cause, REDIS_AWAY) or _refuses_writes(cause) for cause in _with_causes(error))


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


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _refuses_writes(error: BaseException) -> bool:
    """Redis that cannot save to its disk takes nothing more, and tells so in words alone."""
    return type(error).__module__ == "redis.exceptions" and str(error).startswith("MISCONF ")


def _says_away(error: BaseException) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:  # SQLite calls a mistake in a statement operational too
        return code & 0xFF in SQLITE_AWAY or str(cause).startswith("no such table")
    if getattr(cause, "sqlstate", None) in POSTGRES_AWAY:
        return True
    return isinstance(error, OperationalError | InterfaceError)
