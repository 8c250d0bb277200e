"""Read pages from the replica. Users always see their own writes, and a failing replica costs nobody a page.

**Read your own writes.** After a write the browser gets a signed cookie with the position of the primary in its log (WAL).
Until the replica has replayed that position, this user reads from the primary. A time alone would not be enough, because a
replica may lag by any time. The cookie lives longer than the largest lag at which the replica is used.

**Retry in the same request.** When a read fails on the replica, the view runs again on the primary: the request is a safe one.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from psycopg_pool import PoolTimeout

from config.replica.router import REPLICA, RequestRouting, current_routing
from config.replica.watch import ReplicaWatch
from core.database_errors import is_away

SAFE_METHODS = frozenset({"GET", "HEAD"})
COOKIE = "written"
NEVER_REACHED = 2**63  # a position that no replica reaches, for a write whose position could not be read
# Pages and reports. All other URLs, such as sign-in, the back-office and the API, read from the primary.
NAMESPACES = frozenset({"portfolio", "accounts", "assessments", "plans", "hierarchy", "reviews"})
EXCLUDED = ("accounts:settings", "surveys:survey")  # pages with tokens and passwords; the pages of the customer

watch = ReplicaWatch()


class ReplicaMiddleware:
    """The innermost middleware: the user is loaded before it, from the primary, and a retry repeats the view alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        routing = RequestRouting()
        token = current_routing.set(routing)
        try:
            response = self.get_response(request)
            # A template may hide the exception; the connection still knows of it.
            if routing.replica_failed or (routing.reads_replica and connections[REPLICA].errors_occurred):
                routing.replica_failed = True
                response = self.get_response(request)
        finally:
            current_routing.reset(token)
            watch.remove_reader(connections[REPLICA])
        if (routing.wrote or request.method not in SAFE_METHODS) and _is_signed_in(request) and not _is_api(request):
            _remember_write(response)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        routing = current_routing.get()
        if routing is not None and not routing.replica_failed and _is_page(request):
            replayed = watch.position()
            routing.may_read_replica = replayed is not None and replayed >= _written(request)
            if routing.may_read_replica:
                watch.add_reader(connections[REPLICA])

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        routing = current_routing.get()
        if routing is None or not routing.reads_replica or not is_away(exception):
            return None
        routing.replica_failed = True
        watch.page_failed(exception)
        return HttpResponse(status=503)  # not sent: __call__ runs the view again


def _is_signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


def _is_api(request: HttpRequest) -> bool:
    """Clients of the API keep no cookies; they read from the primary."""
    return request.path_info.startswith("/api/")


def _is_page(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None or request.method not in SAFE_METHODS or not _is_signed_in(request):
        return False
    return match.namespace in NAMESPACES and not match.view_name.startswith(EXCLUDED)


def _written(request: HttpRequest) -> int:
    """The position that the replica has to have replayed for this user; 0 without a recent write."""
    value = request.get_signed_cookie(COOKIE, default="0", salt=COOKIE, max_age=_cookie_age())
    return int(value or 0)  # signed, so it has our format


def _remember_write(response: HttpResponseBase) -> None:
    position = NEVER_REACHED
    # When the primary failed, it is not queried again; it may have stored the write before.
    with suppress(DatabaseError, InterfaceError, PoolTimeout):
        if response.status_code < 500:
            position = _position()
    response.set_signed_cookie(
        COOKIE,
        str(position),
        salt=COOKIE,
        max_age=_cookie_age(),
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )


def _position() -> int:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        # The position of the next record, which is right with synchronous_commit off, too.
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
        return cursor.fetchone()[0]


def _cookie_age() -> int:
    return settings.READ_REPLICA_MAX_LAG + 30
