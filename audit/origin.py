"""Where a change comes from: the address of the request under way, for the audit trail."""

from contextvars import ContextVar

_origin: ContextVar[str] = ContextVar("origin", default="")


def current_origin() -> str:
    """The network address of the request under way; empty outside a request (commands, the worker)."""
    return _origin.get()


class OriginMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = _origin.set(request.META.get("REMOTE_ADDR", "") or "")
        try:
            return self.get_response(request)
        finally:
            _origin.reset(token)
