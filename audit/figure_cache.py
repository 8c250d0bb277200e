"""Figures made of many rows are kept until something changes.

Every change writes an event of the audit trail in its transaction, and only one transaction at a time writes to the trail:
its newest event therefore numbers the state of the data. Figures are kept under that number, so what is kept is never older
than the data, whatever machine made it; and they are dropped by no longer being asked for.
"""

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.cache import caches
from django.utils.version import get_version

from audit import figure_making
from audit.trail import newest

A_DAY = 24 * 3600  # seconds; the day is part of the key
SHAPE = f"2/{get_version()}"  # raise it when a kept dataclass changes its fields

_MISSING = object()


def kept[T](name: str, scope: str, today: date, *parts: Any, make: Callable[[], T], state: int | None = None) -> T:
    """What `make` gives, from the cache where it was made before of the same data.

    `scope` says whose accounts they are made of (`scope_of`), `parts` whatever else they depend on, as plain values. The
    figures are plain values or dataclasses of them; no rows, and no words, which depend on the language. One statement when
    they are at hand, none for whoever knows the state of the data already (`audit.trail.newest`). One reader makes them, the
    others wait (`audit.figure_making`).
    """
    cache = caches["kept"]
    key = hashlib.sha256(repr((SHAPE, name, scope, newest() if state is None else state, today, parts)).encode()).hexdigest()
    found = cache.get(key, _MISSING)
    if found is not _MISSING:
        return found

    def remade() -> T:
        """Whoever waited finds what was made meanwhile."""
        found = cache.get(key, _MISSING)
        if found is _MISSING:
            found = figure_making.once_a_machine(key, make)
            cache.set(key, found, A_DAY)
        return found

    return figure_making.one_at_a_time(remade)
