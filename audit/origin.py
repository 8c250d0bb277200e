"""The network address of the current request, for the audit trail."""

from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_origin: ContextVar[str] = ContextVar("origin", default="")


def current_origin() -> str:
    """The network address of the current request; empty outside a request (commands, the worker)."""
    return _origin.get()


class OriginMiddleware:
    """Store the network address of the request for `current_origin`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _origin.set(_address(request)[:64])
        try:
            return self.get_response(request)
        finally:
            _origin.reset(token)


def _address(request: HttpRequest) -> str:
    """The address of the connection; behind our proxy, the last one in `X-Forwarded-For`, which the proxy added."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR") or ""
