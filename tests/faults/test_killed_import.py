"""The worker killed (`kill -9`) at ten moments of an import: what is stored are whole batches,
and the next worker stores the others.

On a real SQLite file, and on a PostgreSQL server of its own, whatever database the other tests run on.
"""

import json
import random
import shutil
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.faults.forking import Host, hosted
from tests.faults.importer import KNOWN, ROWS
from tests.migrated import migrated_copy, migrated_server

pytestmark = pytest.mark.own_server

KILLS = 10
EVENTS = {"account.created": ROWS - KNOWN, "account.changed": KNOWN, "contact.created": ROWS}
COMPLETE = {
    "accounts": ROWS, "in_oslo": ROWS, "with_parent": ROWS // 50, "with_tag": ROWS - ROWS // 3, "contacts": ROWS, "acts": EVENTS,
}  # fmt: skip


class SQLiteStates:
    """Databases that are alike: as they were when the import waited for its worker."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number = folder, 0
        self.prepared = migrated_copy(folder / "prepared.sqlite3")

    def fresh(self) -> str:
        self.number += 1
        return f"sqlite:///{shutil.copy(self.folder / 'prepared.sqlite3', self.folder / f'{self.number}.sqlite3')}"


class PostgresStates:
    def __init__(self, server: str) -> None:
        self.server, self.number = server, 0
        self.prepared = self._made("prepared", "postgres")

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
        with migrated_server() as server:
            yield PostgresStates(server)


def worked(host: Host, database: str, *, killed_after: float | None = None) -> tuple[dict, float, bool]:
    """Let a worker work: what was stored before, for how long it was at it, and whether it was killed."""
    process = host.start("work", database)
    found, begin = json.loads(process.line()), time.monotonic()
    try:
        code = process.wait(killed_after or 240)
    except TimeoutError:
        process.kill()
        code = process.wait()
    return found, time.monotonic() - begin, code == -9


def done(host: Host, what: str, database: str) -> None:
    assert host.start(what, database).wait() == 0


def report(host: Host, database: str) -> dict:
    process = host.start("report", database)
    found = json.loads(process.line())
    assert process.wait() == 0
    return found


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
    with states(on, tmp_path) as state, hosted("tests.faults.importer", state.prepared) as host:
        done(host, "prepare", state.prepared)
        _before, seconds, _killed = worked(host, state.fresh())
        moments = [seconds * (n + chance.random()) / KILLS for n in range(KILLS)]
        chance.shuffle(moments)
        database, kills = state.fresh(), 0
        for moment in moments:
            found, _seconds, killed = worked(host, database, killed_after=moment)
            if is_complete(found):  # the one before was killed when it had stored all
                database = state.fresh()
                found, _seconds, killed = worked(host, database, killed_after=moment)
                assert not is_complete(found)
            kills += killed
        assert kills >= KILLS // 2, "the worker was through before it could be killed"

        worked(host, database)
        after = report(host, database)
        assert is_complete(after)
        done(host, "order", database)
        worked(host, database)
        again = report(host, database)
        assert again.pop("jobs")[1] == ["done", {"created": 0, "updated": 0, "unchanged": ROWS, "rejected": 0}, 0]
        assert again == {name: value for name, value in after.items() if name != "jobs"}
