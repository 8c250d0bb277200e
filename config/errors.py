"""What a person gets when something breaks: a page in our look, and 503 when the database cannot serve."""

import sys
from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults
from psycopg_pool import PoolTimeout

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
READ_ONLY, NO_SUCH_TABLE = "25006", "42P01"  # of PostgreSQL


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
    if getattr(cause, "sqlstate", None) in {READ_ONLY, NO_SUCH_TABLE}:
        return True
    return isinstance(error, OperationalError | InterfaceError)
