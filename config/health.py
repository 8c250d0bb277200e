"""Health checks for load balancers and monitors: no sign-in, no session, never cached."""

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from config.errors import RETRY_AFTER


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Status 200 when the database answers and has its tables, else 503."""
    try:
        with connection.cursor() as cursor:
            # A table of the site, since SQLite creates an empty file where the right one is missing.
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except (DatabaseError, InterfaceError, PoolTimeout):
        retry = {"Retry-After": RETRY_AFTER}
        return HttpResponse("database away", status=503, content_type="text/plain", headers=retry)
    return HttpResponse("ok", content_type="text/plain")
