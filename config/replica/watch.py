"""Monitor the replication lag in a thread of each process, so that no request has to query it."""

import logging
import os
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from config.replica.router import REPLICA
from config.replica.timed_query import QueryRefused, query_number

POLL_INTERVAL = 0.2  # seconds
ANSWER_TIMEOUT = 2.0  # seconds that a measurement may take, and that its result is valid
IDLE_AFTER = 60.0  # seconds without a page after which the thread ends
AVOID_FOR = 5.0  # seconds without the replica after a page failed on it

WRITTEN = b"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
# No row on a server that is no replica: one that was promoted, or another database. Pages must not read from it.
REPLAYED = b"SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint WHERE pg_is_in_recovery()"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """One measurement."""

    at: float  # time.monotonic()
    replayed: int  # position in the log, in bytes
    behind: float  # lag in seconds


class LagEstimate:
    """An upper bound of the replication lag, in seconds of the local clock.

    Each measurement notes the position of the primary. The replica holds all that was written before the newest note whose
    position it has replayed. The clocks of the servers do not matter, nor how often something is written.
    """

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int]] = deque(maxlen=4096)

    def behind(self, now: float, *, written: int, replayed: int) -> float:
        """The lag; infinite as long as it is not known."""
        self._notes.append((now, written))
        while len(self._notes) > 1 and self._notes[1][1] <= replayed:
            self._notes.popleft()
        at, position = self._notes[0]
        return now - at if position <= replayed else float("inf")


class ReplicaWatch:
    """The monitor of one process. Its thread starts with the first page, after the server has forked, and ends when idle."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: set[Any] = set()  # Django's connections to the replica that are in use now
        self._thread: threading.Thread | None = None
        self._asked_at = self._avoid_until = 0.0
        self._state: ReplicaState | None = None

    def position(self) -> int | None:
        """A position that the replica has replayed; None while it must not be read. No statement."""
        now = self._asked_at = time.monotonic()
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="replica-watch", daemon=True)
                self._thread.start()
        state = self._state
        if state is None or now - state.at > ANSWER_TIMEOUT or now < self._avoid_until:
            return None
        return state.replayed if state.behind <= settings.READ_REPLICA_MAX_LAG else None

    def add_reader(self, reader: Any) -> None:
        """Register a connection of Django from which a page reads, until `remove_reader`."""
        with self._lock:
            self._readers.add(reader)

    def remove_reader(self, reader: Any) -> None:
        with self._lock:
            self._readers.discard(reader)

    def page_failed(self, error: BaseException) -> None:
        """Avoid the replica for a while after a page failed on it. A conflict with replay (SQLSTATE 40…) does not count."""
        if not str(getattr(error.__cause__, "sqlstate", None)).startswith("40"):
            self._avoid_until = time.monotonic() + AVOID_FOR

    def _run(self) -> None:
        last_fault = ""
        links: dict[str, psycopg.Connection] = {}
        lag = LagEstimate()
        while True:
            with self._lock:
                if time.monotonic() - self._asked_at > IDLE_AFTER:
                    self._thread = self._state = None
                    break
            try:
                self._state = state = _measure(links, lag)
                fault = "" if state.behind <= settings.READ_REPLICA_MAX_LAG else "it lags too far behind"
            except (psycopg.Error, OSError, QueryRefused) as error:
                self._state, fault = None, str(error).strip() or type(error).__name__
                if isinstance(error, TimeoutError):
                    self._cut_off_readers()
                _close(links)
            if bool(fault) != bool(last_fault):
                logger.warning("Reads go to the primary: %s" if fault else "Reads go to the replica again%s", fault)
            last_fault = fault
            time.sleep(POLL_INTERVAL)
        _close(links)

    def _cut_off_readers(self) -> None:
        """Shut down the sockets of readers that a frozen replica keeps waiting; they then read from the primary."""
        with self._lock:
            readers = list(self._readers)
        for reader in readers:
            link = reader.connection
            if link is not None and not link.closed:
                with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(link.fileno())) as sock:
                    sock.shutdown(socket.SHUT_RDWR)


def _measure(links: dict[str, psycopg.Connection], lag: LagEstimate) -> ReplicaState:
    now = time.monotonic()  # taken before the queries, so that the lag is not underestimated
    written = _query(links, DEFAULT_DB_ALIAS, WRITTEN)
    replayed = _query(links, REPLICA, REPLAYED)
    if written is None or replayed is None:
        raise QueryRefused("READ_REPLICA_URL names a server that replicates nothing")
    return ReplicaState(now, replayed, lag.behind(now, written=written, replayed=replayed))


def _query(links: dict[str, psycopg.Connection], alias: str, statement: bytes) -> int | None:
    if alias not in links:
        parameters = connections[alias].get_connection_params() | {"connect_timeout": int(ANSWER_TIMEOUT)}
        links[alias] = psycopg.connect(autocommit=True, **parameters)
    return query_number(links[alias], statement, seconds=ANSWER_TIMEOUT)


def _close(links: dict[str, psycopg.Connection]) -> None:
    for link in links.values():
        with suppress(psycopg.Error):
            link.close()
    links.clear()
