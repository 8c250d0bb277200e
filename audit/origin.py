"""Where a change comes from: the address of the request under way, for the audit trail."""

from contextvars import ContextVar

from django.conf import settings

_origin: ContextVar[str] = ContextVar("origin", default="")


def current_origin() -> str:
    """The network address of the request under way; empty outside a request (commands, the worker)."""
    return _origin.get()


class OriginMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = _origin.set(_address(request)[:64])
        try:
            return self.get_response(request)
        finally:
            _origin.reset(token)


def _address(request) -> str:
    """What the connection comes from; behind our proxy, what the proxy says, which is the last name in its list."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR") or ""
