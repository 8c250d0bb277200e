"""Time limits of statements on PostgreSQL: short ones for pages, longer ones for files that are streamed.

The server ends a statement, or a wait for a lock, that takes too long. A frozen server ends nothing, so the client has a
time limit as well; it then closes the connection.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

# Of a page, in milliseconds: with these a page answers within five seconds, also where an earlier statement took its time.
LOCK_TIMEOUT, STATEMENT_TIMEOUT, IDLE_TIMEOUT = 2000, 3000, 60_000
ANSWER_TIMEOUT = 3.5  # seconds that the client waits for the answer of a statement; longer than STATEMENT_TIMEOUT
# Of a file that is made while it is sent: its statements read whole tables, and the client may read slowly.
SLOW_STATEMENT_TIMEOUT, SLOW_IDLE_TIMEOUT, SLOW_ANSWER_TIMEOUT = 300_000, 600_000, 330.0


class AnswerTimeout(psycopg.OperationalError):
    """The server accepted a statement and did not answer in time."""


class TimeLimitedConnection(psycopg.Connection):
    """A connection that closes itself when the server does not answer within `answer_timeout` seconds."""

    answer_timeout = ANSWER_TIMEOUT

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None:  # psycopg sets its own when it cleans up after an error
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_timeout)
        except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 psycopg has no public name for it
            self.close()  # else a rollback would wait once more
            raise AnswerTimeout("the database server does not answer") from error


def limit_options(own: str = "", **limits: int) -> str:
    """The `options` of a new connection: limits in milliseconds, then the `own` options of the installation, which override them."""
    return " ".join([*(f"-c {name}={value}" for name, value in limits.items()), own]).strip()


def apply_page_limits(database: dict[str, Any]) -> None:
    """Change the settings of `database` so that its connections have the limits of pages; call it before the first connection.

    SQLite is left as it is: it has a limit of its own in the settings.
    """
    if not database["ENGINE"].endswith("postgresql"):
        return
    options = database["OPTIONS"]
    options["options"] = limit_options(
        options.get("options", ""),
        lock_timeout=LOCK_TIMEOUT,
        statement_timeout=STATEMENT_TIMEOUT,
        idle_in_transaction_session_timeout=IDLE_TIMEOUT,
    )
    options["pool"] = options["pool"] | {"connection_class": TimeLimitedConnection}


@contextmanager
def longer_limits() -> Iterator[None]:
    """Give the connection of this thread the limits of streamed files; no change where the limits of pages are not in force."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    link = connection.connection
    if not isinstance(link, TimeLimitedConnection):
        yield
        return
    link.execute(
        f"SET statement_timeout = {SLOW_STATEMENT_TIMEOUT}; SET idle_in_transaction_session_timeout = {SLOW_IDLE_TIMEOUT}"
    )
    link.answer_timeout = SLOW_ANSWER_TIMEOUT
    try:
        yield
    finally:
        link.answer_timeout = ANSWER_TIMEOUT
        if not link.closed:  # the pool gives it to another request
            link.execute("RESET statement_timeout; RESET idle_in_transaction_session_timeout")


def with_longer_limits[T](pieces: Iterable[T]) -> Iterator[T]:
    """The same pieces, each made within `longer_limits`."""
    with longer_limits():
        yield from pieces
