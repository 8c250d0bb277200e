"""What the log does not tell: keys in addresses open doors, so they stay out of it."""

import logging
import re

import structlog
from django_structlog.middlewares import RequestMiddleware

_KEYS = re.compile(r"(/password/reset/key/|/survey/|/calendar/)[^\s/'\"]+|(standing_)[\w-]{20,}")


def without_keys(text: str) -> str:
    return _KEYS.sub(r"\1\2…", text)


class HideKeys(logging.Filter):
    """For lines of Django itself, which name the address of a request that failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(without_keys(arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


class RequestLogMiddleware(RequestMiddleware):
    """One line at the start and one at the end of a request; no query either, since it may hold names of people."""

    @staticmethod
    def format_request(request) -> str:
        return f"{request.method} {without_keys(request.path)}"

    @staticmethod
    def bind_user_id(request) -> None:
        """Who it is, if that is known: to find out now could mean to wait for a database that is away."""
        structlog.contextvars.bind_contextvars(user_id=getattr(request, "person_id", None))
