"""Whether an error says that a database cannot serve just now: away, locked, full, not to be written, or not set up yet."""

from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

try:
    from redis import exceptions as redis
except ImportError:  # by choice
    REDIS_AWAY: tuple[type[Exception], ...] = ()
else:
    REDIS_AWAY = (redis.ConnectionError, redis.TimeoutError, redis.ReadOnlyError, redis.OutOfMemoryError)

# Result codes of SQLite for a file that is busy, locked, not to be written, broken, full, not to be opened, no database.
SQLITE_AWAY = frozenset({3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 23, 26})
# Codes of PostgreSQL: only read here, no such table, a transaction that stood idle for too long.
POSTGRES_AWAY = frozenset({"25006", "42P01", "25P03"})


def is_away(error: BaseException | None) -> bool:
    """Whether the database cannot serve just now: away, locked, full, not to be written, or not set up yet.

    What code made of such an error counts too: a session that cannot be saved is reported as one that ended.
    """
    return any(map(_says_away, with_causes(error)))


def is_cache_away(error: BaseException | None) -> bool:
    """The same of Redis, where `CACHE_URL` names one: without it the limits cannot be counted, so nobody is let past them."""
    return any(isinstance(cause, REDIS_AWAY) or _refuses_writes(cause) for cause in with_causes(error))


def with_causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _refuses_writes(error: BaseException) -> bool:
    """Redis that cannot save to its disk takes nothing more, and tells so in words alone."""
    return type(error).__module__ == "redis.exceptions" and str(error).startswith("MISCONF ")


def _says_away(error: BaseException) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:  # SQLite calls a mistake in a statement operational too
        return code & 0xFF in SQLITE_AWAY or str(cause).startswith("no such table")
    if getattr(cause, "sqlstate", None) in POSTGRES_AWAY:
        return True
    return isinstance(error, OperationalError | InterfaceError)
