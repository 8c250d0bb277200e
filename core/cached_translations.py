"""Translate the messages about cells of a file once for each import, not once for each cell.

A file can have 100 000 wrong rows with the same few messages. A lookup in the catalogue of translations takes longer than the
check of a cell.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.translation import gettext as translated

_cache: ContextVar[dict[str, str] | None] = ContextVar("cached translations", default=None)


def gettext(message: str) -> str:
    """The message in the active language; from the cache within `cached_translations`."""
    cache = _cache.get()
    if cache is None:
        return translated(message)
    if message not in cache:
        cache[message] = translated(message)
    return cache[message]


@contextmanager
def cached_translations() -> Iterator[None]:
    """Look up each message once, in the language that is active at its first use."""
    token = _cache.set({})
    try:
        yield
    finally:
        _cache.reset(token)
