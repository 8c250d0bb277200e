"""Is the process alive, and can it serve? Asked by machines: no sign-in, no session, never cached."""

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.errors import RETRY_AFTER, PoolTimeout


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError, PoolTimeout):
        return HttpResponse("database away", status=503, content_type="text/plain", headers={"Retry-After": RETRY_AFTER})
    return HttpResponse("ok", content_type="text/plain")
