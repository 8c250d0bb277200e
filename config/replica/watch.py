"""How far the replica is, known before a page asks: a thread of each process looks, and no request ever waits for it."""

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
from config.replica.server_answer import Refused, answer

LOOK_EVERY = 0.2  # seconds
PATIENCE = 2.0  # seconds that a look may take, and that its result counts
REST_AFTER = 60.0  # seconds without a page: the thread ends
AVOID_FOR = 5.0  # seconds, after a page failed on a replica that answers the look

WRITTEN = b"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
# NULL where it is no replica: promoted, or another database altogether. That must not be read.
REPLAYED = b"SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint WHERE pg_is_in_recovery()"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sight:
    at: float  # of time.monotonic()
    replayed: int  # bytes of the log
    behind: float  # seconds


class Lag:
    """How old what the replica shows may be, in seconds of our own clock.

    Each look notes how far the primary was. The newest note that the replica has reached tells: whatever was written before
    that note is there. The servers' clocks do not matter, nor whether anything is written at all.
    """

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int]] = deque(maxlen=4096)

    def behind(self, now: float, *, written: int, replayed: int) -> float:
        """Infinite as long as it is not known."""
        self._notes.append((now, written))
        while len(self._notes) > 1 and self._notes[1][1] <= replayed:
            self._notes.popleft()
        at, position = self._notes[0]
        return now - at if position <= replayed else float("inf")


class ReplicaWatch:
    """One a process. The thread starts with the first page, after the server has forked, and rests when nobody asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: set[Any] = set()  # Django's connections to the replica that are in use now
        self._thread: threading.Thread | None = None
        self._asked = self._avoid_until = 0.0
        self._sight: Sight | None = None

    def position(self) -> int | None:
        """Up to where the replica has replayed at least; None while it must not be read. Costs no statement."""
        now = self._asked = time.monotonic()
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="replica-watch", daemon=True)
                self._thread.start()
        sight = self._sight
        if sight is None or now - sight.at > PATIENCE or now < self._avoid_until:
            return None
        return sight.replayed if sight.behind <= settings.READ_REPLICA_MAX_LAG else None

    def begins(self, reader: Any) -> None:
        """A page may read by this connection of Django's, until it `ends`."""
        with self._lock:
            self._readers.add(reader)

    def ends(self, reader: Any) -> None:
        with self._lock:
            self._readers.discard(reader)

    def failed(self, error: BaseException) -> None:
        """A page could not be read there. A statement that stood in the way of replay says nothing about the next."""
        if not str(getattr(error.__cause__, "sqlstate", None)).startswith("40"):
            self._avoid_until = time.monotonic() + AVOID_FOR

    def _run(self) -> None:
        said = ""
        links: dict[str, psycopg.Connection] = {}
        lag = Lag()
        while True:
            with self._lock:
                if time.monotonic() - self._asked > REST_AFTER:
                    self._thread = self._sight = None
                    break
            try:
                self._sight = sight = _look(links, lag)
                fault = "" if sight.behind <= settings.READ_REPLICA_MAX_LAG else "it lags too far behind"
            except (psycopg.Error, OSError, Refused) as error:
                self._sight, fault = None, str(error).strip() or type(error).__name__
                if isinstance(error, TimeoutError):
                    self._cut_off_readers()
                _close(links)
            if bool(fault) != bool(said):
                logger.warning("Reads go to the primary: %s" if fault else "Reads go to the replica again%s", fault)
            said = fault
            time.sleep(LOOK_EVERY)
        _close(links)

    def _cut_off_readers(self) -> None:
        """A replica that stands still keeps whoever reads from it waiting; with the line cut, they read from the primary."""
        with self._lock:
            readers = list(self._readers)
        for reader in readers:
            link = reader.connection
            if link is not None and not link.closed:
                with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(link.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)


def _look(links: dict[str, psycopg.Connection], lag: Lag) -> Sight:
    now = time.monotonic()  # before we ask: what we learn is at least as new
    written = _ask(links, DEFAULT_DB_ALIAS, WRITTEN)
    replayed = _ask(links, REPLICA, REPLAYED)
    if written is None or replayed is None:
        raise Refused("READ_REPLICA_URL names a server that replicates nothing")
    return Sight(now, replayed, lag.behind(now, written=written, replayed=replayed))


def _ask(links: dict[str, psycopg.Connection], alias: str, statement: bytes) -> int | None:
    if alias not in links:
        parameters = connections[alias].get_connection_params() | {"connect_timeout": int(PATIENCE)}
        links[alias] = psycopg.connect(autocommit=True, **parameters)
    return answer(links[alias], statement, seconds=PATIENCE)


def _close(links: dict[str, psycopg.Connection]) -> None:
    for link in links.values():
        with suppress(psycopg.Error):
            link.close()
    links.clear()
