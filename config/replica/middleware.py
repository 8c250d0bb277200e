"""Reading pages from the replica, and never worse for it: what people wrote they see, and a broken replica costs nobody a page.

**Read your own write, exactly.** After a write the browser gets a signed cookie with the primary's position in its log (WAL).
As long as the replica has not replayed up to there, this person reads from the primary. A time alone would not do: a replica
may lag by any time. The cookie outlives the lag at which the replica is no longer used at all, so when it goes it is not needed.

**In the same request.** A page whose read breaks off on the replica is made again from the primary: it is a safe request.
"""

from contextlib import suppress

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from psycopg_pool import PoolTimeout

from config.replica.router import REPLICA, Visit, current_visit
from config.replica.watch import ReplicaWatch
from core.database_errors import is_away

SAFE_METHODS = frozenset({"GET", "HEAD"})
COOKIE = "written"
NEVER_REACHED = 2**63  # a position beyond all logs, when we could not ask for the real one
# Pages and reports. What is not named here, such as sign-in, the back-office, the API, reads from the primary.
NAMESPACES = frozenset({"portfolio", "accounts", "assessments", "plans", "hierarchy"})
NOT_THESE = ("accounts:settings", "surveys:survey")  # tokens and passwords; the customer's pages

watch = ReplicaWatch()


class ReplicaMiddleware:
    """The innermost: who asks is known by then, from the primary, and only the view itself is ever done again."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        visit = Visit()
        token = current_visit.set(visit)
        try:
            response = self.get_response(request)
            # A template can swallow an error: the connection tells.
            if visit.replica_failed or (visit.reads_replica and connections[REPLICA].errors_occurred):
                visit.replica_failed = True
                response = self.get_response(request)
        finally:
            current_visit.reset(token)
            watch.ends(connections[REPLICA])
        if (visit.wrote or request.method not in SAFE_METHODS) and _is_signed_in(request) and not _by_key(request):
            _remember_write(response)
        return response

    def process_view(self, request: HttpRequest, view, args, kwargs) -> None:
        visit = current_visit.get()
        if visit is not None and not visit.replica_failed and _is_page(request):
            replayed = watch.position()
            visit.may_read_replica = replayed is not None and replayed >= _written(request)
            if visit.may_read_replica:
                watch.begins(connections[REPLICA])

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        visit = current_visit.get()
        if visit is None or not visit.reads_replica or not is_away(exception):
            return None
        visit.replica_failed = True
        watch.failed(exception)
        return HttpResponse(status=503)  # nobody sees it: the request is made again


def _is_signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


def _by_key(request: HttpRequest) -> bool:
    """Programs keep no cookies, and read from the primary."""
    return request.path_info.startswith("/api/")


def _is_page(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None or request.method not in SAFE_METHODS or not _is_signed_in(request):
        return False
    return match.namespace in NAMESPACES and not match.view_name.startswith(NOT_THESE)


def _written(request: HttpRequest) -> int:
    """The position up to which this person must see; 0 when they wrote nothing lately."""
    value = request.get_signed_cookie(COOKIE, default="0", salt=COOKIE, max_age=_cookie_age())
    return int(value or 0)  # ours: it is signed


def _remember_write(response: HttpResponseBase) -> None:
    position = NEVER_REACHED
    # A primary that went away meanwhile is not waited for once more; it may have taken the write before.
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
        # Where the next record will stand, also with synchronous_commit off.
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
        return cursor.fetchone()[0]


def _cookie_age() -> int:
    return settings.READ_REPLICA_MAX_LAG + 30
