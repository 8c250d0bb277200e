"""What a person gets when something breaks: a page in our look, and 503 when it is the database that is away."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from psycopg_pool import PoolTimeout

__all__ = ["PoolTimeout", "server_error"]

RETRY_AFTER = "5"  # seconds
AWAY = (OperationalError, InterfaceError, PoolTimeout)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: it is reached from every view and middleware, with the error still at hand."""
    error = sys.exc_info()[1]
    away = isinstance(error, AWAY)
    page = render_to_string("503.html" if away else "500.html")
    response = HttpResponse(page, status=503 if away else 500)
    if away:
        response["Retry-After"] = RETRY_AFTER
    return response
