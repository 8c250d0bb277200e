"""How long PostgreSQL may take to answer whoever waits for a page, and how programs of ours that nobody waits for ask for longer.

The server ends a statement or a wait for a lock that takes too long. A server that is frozen ends nothing: then the client
gives up by itself, and the connection is of no use any more.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

# Of a page, in milliseconds. Whoever asks has an answer within five seconds, also when a statement before took its time.
LOCK, STATEMENT, IDLE = 2000, 3000, 60_000
PATIENCE = 3.5  # seconds that the client waits for the answer of a statement: the server has ended it before, if it can
# Of a file that is made while it is sent: its statements read all there is, and whoever fetches it may be slow.
SLOW_STATEMENT, SLOW_IDLE, SLOW_PATIENCE = 300_000, 600_000, 330.0


class NoAnswer(psycopg.OperationalError):
    """The server took a statement and did not answer in time."""


class HurriedConnection(psycopg.Connection):
    """A connection that ends when the server does not answer in time."""

    patience = PATIENCE

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None:  # psycopg's own, in what it does after an error
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience)
        except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 psycopg has no public name for it
            self.close()  # else a rollback would wait once more
            raise NoAnswer("the database server does not answer") from error


def with_limits(own: str = "", **limits: int) -> str:
    """What a connection tells the server when it begins: limits in milliseconds, before what an installation says on its `own`."""
    return " ".join([*(f"-c {name}={value}" for name, value in limits.items()), own]).strip()


def hurry(database: dict[str, Any]) -> None:
    """Give the connections of this process the limits of pages; before the first one is made. SQLite has its own."""
    if not database["ENGINE"].endswith("postgresql"):
        return
    options = database["OPTIONS"]
    options["options"] = with_limits(
        options.get("options", ""), lock_timeout=LOCK, statement_timeout=STATEMENT, idle_in_transaction_session_timeout=IDLE
    )
    options["pool"] = options["pool"] | {"connection_class": HurriedConnection}


@contextmanager
def unhurried() -> Iterator[None]:
    """Longer limits for what is read within, where those of pages are in force: for a file that is made while it is sent."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    link = connection.connection
    if not isinstance(link, HurriedConnection):
        yield
        return
    link.execute(f"SET statement_timeout = {SLOW_STATEMENT}; SET idle_in_transaction_session_timeout = {SLOW_IDLE}")
    link.patience = SLOW_PATIENCE
    try:
        yield
    finally:
        link.patience = PATIENCE
        if not link.closed:  # it goes back to the others
            link.execute("RESET statement_timeout; RESET idle_in_transaction_session_timeout")


def in_no_hurry[T](pieces: Iterable[T]) -> Iterator[T]:
    """The same, made within `unhurried`."""
    with unhurried():
        yield from pieces
