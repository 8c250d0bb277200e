"""A PostgreSQL server that replicates another by streaming, in the hands of a test."""

import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.databases import as_unprivileged, free_port, programs, run


def ask(address: str, statement: str, *values: Any) -> Any:
    """The first value of the first row, straight from the server."""
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement, values)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


class Replica:
    """Writes every statement that it is given into its log."""

    def __init__(self, folder: Path, primary: str) -> None:
        self._data, self._log = folder / "data", folder / "log"
        self._as_who, self._binaries = as_unprivileged(folder), programs()
        self._folder, self.port, self.primary = folder, free_port(), primary
        self.address = f"postgres://standing@127.0.0.1:{self.port}/postgres"
        source = urlsplit(primary)
        copy = ["-h", "127.0.0.1", "-p", source.port, "-U", source.username, "-D", self._data, "-R", "-c", "fast", "--no-sync"]
        run(*self._as_who, self._binaries / "pg_basebackup", *copy)

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k '{self._folder}' -c fsync=off -c log_statement=all"
        self._control("start", "-l", self._log, "-o", options)

    def stop(self) -> None:
        self._control("stop", "-m", "immediate")

    def promote(self) -> None:
        self._control("promote")

    @contextmanager
    def frozen(self) -> Generator[None]:
        """The machine takes what it is sent and answers nothing. (One process of a server may not be stopped without the rest.)"""
        mother = int((self._data / "postmaster.pid").read_text().split()[0])
        found = [mother, *(int(child) for child in _children(mother))]
        for process in found:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in found:
                os.kill(process, signal.SIGCONT)

    @contextmanager
    def paused(self) -> Generator[None]:
        """It receives what the primary writes, and shows none of it."""
        ask(self.address, "SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            ask(self.address, "SELECT pg_wal_replay_resume()")

    def catches_up(self) -> None:
        written = ask(self.primary, "SELECT pg_current_wal_insert_lsn()::text")
        for _ in range(200):
            if ask(self.address, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written):
                return
            time.sleep(0.05)
        raise AssertionError("the replica does not catch up")

    def reads_of(self, table: str = "") -> int:
        """How many statements on tables that begin so it was given so far."""
        return len(re.findall(rf'FROM "{table}', self._log.read_text(errors="replace")))

    def _control(self, *what: Any) -> None:
        run(*self._as_who, self._binaries / "pg_ctl", "-w", "-D", self._data, *what)


def _children(process: int) -> list[str]:
    return [
        entry.name
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and f"PPid:\t{process}\n" in _read(entry / "status")
    ]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it ended in the meantime
        return ""


@contextmanager
def replicated(primary: str) -> Generator[Replica]:
    """A running replica, thrown away afterwards, whatever state the test left it in."""
    folder = Path(tempfile.mkdtemp(prefix="standing-replica-"))
    try:
        replica = Replica(folder, primary)
        replica.start()
        try:
            yield replica
        finally:
            if (replica._data / "postmaster.pid").exists():
                replica.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
