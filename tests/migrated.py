"""Databases with all tables and no rows, to be copied: the migrations run once a run, not once in each process."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from tests.databases import ROOT, SHARED, throwaway_postgres

TEMPLATE = "migrated"


def migrated_file() -> Path:
    """The SQLite file that others copy."""
    with _one_at_a_time() as folder:
        file, making = folder / f"{TEMPLATE}.sqlite3", folder / "making.sqlite3"
        if not file.exists():
            _migrate(f"sqlite:///{making}")
            with closing(sqlite3.connect(making)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE")  # a database in memory knows no other kind
            making.rename(file)
    return file


def migrated_copy(path: Path) -> str:
    """A new SQLite file with all tables; gives its address."""
    shutil.copy(migrated_file(), path)
    return f"sqlite:///{path}"


def copy_prepared(setup: list[str], path: Path) -> None:
    """A new SQLite file as the command `setup` makes it, which is run once."""
    migrated = migrated_file()
    with _one_at_a_time() as folder:
        file, making = folder / "prepared.sqlite3", folder / "preparing.sqlite3"
        if not file.exists():
            shutil.copy(migrated, making)
            subprocess.run(setup, cwd=ROOT, env=os.environ | {"DATABASE_URL": f"sqlite:///{making}"}, check=True)
            making.rename(file)
    shutil.copy(file, path)


def fill_memory(name: str) -> sqlite3.Connection:
    """All tables in the memory that `name` stands for; they stay while the connection does."""
    memory = sqlite3.connect(name, uri=True, check_same_thread=False)
    with closing(sqlite3.connect(migrated_file())) as source:
        source.backup(memory)
    return memory


def migrated_template() -> str:
    """The name of a database with all tables on the PostgreSQL server of this run."""
    server, making = os.environ["DATABASE_URL"], "making"
    with _one_at_a_time(), psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
            connection.execute(f"CREATE DATABASE {making}")
            _migrate(f"{server.rpartition('/')[0]}/{making}")
            connection.execute(f"ALTER DATABASE {making} RENAME TO {TEMPLATE}")
    return TEMPLATE


@contextmanager
def migrated_server() -> Generator[str]:
    """A PostgreSQL server of its own whose database has all tables; gives its address."""
    with _one_at_a_time() as folder:
        files = folder / "cluster"
        if not files.exists():
            with throwaway_postgres(kept=files) as address:
                _migrate(address)
    with throwaway_postgres(copied=files) as address:
        yield address


@contextmanager
def _one_at_a_time() -> Generator[Path]:
    folder = Path(os.environ[SHARED])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _migrate(address: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": address}, check=True)
