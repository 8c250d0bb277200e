"""A cache of figures that are computed from many rows, such as the overview of the portfolio.

Every change writes an event of the audit trail in its transaction, and the trail lets one transaction write at a time. The id
of the newest event is therefore a version of all data. It is part of the key of each entry, so an entry is never older than the
data, whichever machine computed it. Nothing is invalidated: entries of former versions expire.
"""

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.cache import caches
from django.utils.version import get_version

from audit import figure_making
from audit.trail import newest

A_DAY = 24 * 3600  # seconds; the date is part of the key
SHAPE = f"4/{get_version()}"  # raise the number when a cached dataclass changes its fields

_MISSING = object()


def cached_figures[T](name: str, scope: str, today: date, *parts: Any, make: Callable[[], T], state: int | None = None) -> T:
    """The result of `make`, from the cache where it was computed before for the same version of the data.

    `scope` says whose accounts the figures are about (`scope_of`); `parts` are the other values that they depend on. Cached
    are plain values or dataclasses of them: no model instances, and no texts, which depend on the language.

    One statement on a cache hit; none when the caller passes `state`, the version of the data (`audit.trail.newest`). When
    several readers miss at once, one computes and the others wait for it (`audit.figure_making`).
    """
    cache = caches["figures"]
    key = hashlib.sha256(repr((SHAPE, name, scope, newest() if state is None else state, today, parts)).encode()).hexdigest()
    found = cache.get(key, _MISSING)
    if found is not _MISSING:
        return found

    def look_again_and_make() -> T:
        """Another thread may have computed the figures while this one waited."""
        found = cache.get(key, _MISSING)
        if found is _MISSING:
            found = figure_making.one_process_at_a_time(key, make)
            cache.set(key, found, A_DAY)
        return found

    return figure_making.one_thread_at_a_time(look_again_and_make)
