"""Keep secret keys, which are part of some URLs, out of the log."""

import logging
import re

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

_KEYS = re.compile(r"(/password/reset/key/|/survey/|/calendar/|/setup/|/welcome/)[^\s/'\"]+|(standing_)[\w-]{20,}")


def without_keys(text: str) -> str:
    return _KEYS.sub(r"\1\2…", text)


class HideKeys(logging.Filter):
    """Mask keys in the log lines of Django itself, which contain the URL of a failed request."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(without_keys(arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


class RequestLogMiddleware(RequestMiddleware):
    """Log the start and the end of a request without its query string, which may hold names of people."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {without_keys(request.path)}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """The id of the user if it is known already: a query here could wait for a database that is not available."""
        structlog.contextvars.bind_contextvars(user_id=getattr(request, "person_id", None))
