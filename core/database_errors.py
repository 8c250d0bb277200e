"""Recognise errors of a database or of Redis that is not available: unreachable, locked, full, read-only, or not set up yet."""

from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

try:
    from redis import exceptions as redis
except ImportError:  # optional
    REDIS_AWAY: tuple[type[Exception], ...] = ()
else:
    REDIS_AWAY = (redis.ConnectionError, redis.TimeoutError, redis.ReadOnlyError, redis.OutOfMemoryError)

# Result codes of SQLite: the file is busy, locked, read-only, corrupt, full, cannot be opened, or is no database.
SQLITE_AWAY = frozenset({3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 23, 26})
# SQLSTATE codes of PostgreSQL: read-only transaction, undefined table, idle transaction timeout.
POSTGRES_AWAY = frozenset({"25006", "42P01", "25P03"})


def is_away(error: BaseException | None) -> bool:
    """Whether the error, or one that caused it, says that the database is not available.

    Causes count because Django reports a session that cannot be saved as one that ended.
    """
    return any(map(_says_away, with_causes(error)))


def is_cache_away(error: BaseException | None) -> bool:
    """The same for Redis, where `CACHE_URL` names one. Rate limits are counted in it, so calls are refused without it."""
    return any(isinstance(cause, REDIS_AWAY) or _refuses_writes(cause) for cause in with_causes(error))


def with_causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _refuses_writes(error: BaseException) -> bool:
    """Redis refuses writes when it cannot save to its disk; only the message says so."""
    return type(error).__module__ == "redis.exceptions" and str(error).startswith("MISCONF ")


def _says_away(error: BaseException) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:  # for SQLite a wrong statement is an OperationalError, too
        return code & 0xFF in SQLITE_AWAY or str(cause).startswith("no such table")
    if getattr(cause, "sqlstate", None) in POSTGRES_AWAY:
        return True
    return isinstance(error, OperationalError | InterfaceError)
