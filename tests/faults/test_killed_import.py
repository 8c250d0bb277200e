"""The worker killed (`kill -9`) at ten moments of an import: what is stored are whole batches,
and the next worker stores the others.

On a real SQLite file, and on a PostgreSQL server of its own, whatever database the other tests run on.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.databases import throwaway_postgres
from tests.faults.importer import KNOWN, ROWS

pytestmark = pytest.mark.own_server

ROOT = Path(__file__).resolve().parent.parent.parent
KILLS = 10
EVENTS = {"account.created": ROWS - KNOWN, "account.changed": KNOWN, "contact.created": ROWS}
COMPLETE = {
    "accounts": ROWS, "in_oslo": ROWS, "with_parent": ROWS // 50, "with_tag": ROWS - ROWS // 3, "contacts": ROWS, "acts": EVENTS,
}  # fmt: skip


class SQLiteStates:
    """Databases that are alike: as they were when the import waited for its worker."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number = folder, 0
        self.prepared = f"sqlite:///{folder / 'prepared.sqlite3'}"

    def fresh(self) -> str:
        self.number += 1
        return f"sqlite:///{shutil.copy(self.folder / 'prepared.sqlite3', self.folder / f'{self.number}.sqlite3')}"


class PostgresStates:
    def __init__(self, server: str) -> None:
        self.server, self.number = server, 0
        self.prepared = self._made("prepared", "template1")

    def fresh(self) -> str:
        self.number += 1
        return self._made(f"fresh{self.number}", "prepared")

    def _made(self, name: str, template: str) -> str:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return f"{self.server.rpartition('/')[0]}/{name}"


@contextmanager
def states(on: str, folder: Path):
    if on == "sqlite":
        yield SQLiteStates(folder)
    else:
        with throwaway_postgres() as server:
            yield PostgresStates(server)


def run(what: str, database: str) -> subprocess.Popen:
    environment = os.environ | {"DEMO": "1", "DEBUG": "0", "DATABASE_URL": database}
    command = [sys.executable, "-m", "tests.faults.importer", what]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def done(what: str, database: str) -> str:
    process = run(what, database)
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0
    return output


def worked(database: str, *, killed_after: float | None = None) -> tuple[dict, float, bool]:
    """Let a worker work: what was stored before, for how long it was at it, and whether it was killed."""
    process = run("work", database)
    assert process.stdout is not None
    found, begin = json.loads(process.stdout.readline()), time.monotonic()
    try:
        process.wait(killed_after)
    except subprocess.TimeoutExpired:
        process.kill()
    return found, time.monotonic() - begin, process.wait() == -9


def is_complete(found: dict) -> bool:
    """Whether all is stored; what is stored is told by the trail, the batches and the job alike."""
    things = {name: found[name] for name in COMPLETE}
    assert found["broken_links"] == 0
    assert found["kept_is_what_happened"] and found["kept_versions_are_stored"]
    state, report, stored = found["jobs"][0]
    created, updated = found["counted"] or (0, 0)
    assert stored == created + updated
    assert found["accounts"] == KNOWN + created and found["contacts"] == found["acts"]["contact.created"] == stored
    assert (found["acts"]["account.created"], found["acts"]["account.changed"]) == (created, updated)
    assert found["in_oslo"] == stored
    if state != "done":
        assert report is None
        return False
    assert report == {"created": ROWS - KNOWN, "updated": KNOWN, "unchanged": 0, "rejected": 0}
    assert things == COMPLETE
    return True


@pytest.mark.parametrize("on", ["sqlite", "postgres"])
def test_killed_at_ten_moments_an_import_goes_on_and_is_complete_and_a_second_one_changes_nothing(on, tmp_path):
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # shown when it fails
    chance = random.Random(seed)
    with states(on, tmp_path) as state:
        done("prepare", state.prepared)
        _before, seconds, _killed = worked(state.fresh())
        moments = [seconds * (n + chance.random()) / KILLS for n in range(KILLS)]
        chance.shuffle(moments)
        database, kills = state.fresh(), 0
        for moment in moments:
            found, _seconds, killed = worked(database, killed_after=moment)
            if is_complete(found):  # the one before was killed when it had stored all
                database = state.fresh()
                found, _seconds, killed = worked(database, killed_after=moment)
                assert not is_complete(found)
            kills += killed
        assert kills >= KILLS // 2, "the worker was through before it could be killed"

        worked(database)
        after = json.loads(done("report", database))
        assert is_complete(after)
        done("order", database)
        worked(database)
        again = json.loads(done("report", database))
        assert again.pop("jobs")[1] == ["done", {"created": 0, "updated": 0, "unchanged": ROWS, "rejected": 0}, 0]
        assert again == {name: value for name, value in after.items() if name != "jobs"}
