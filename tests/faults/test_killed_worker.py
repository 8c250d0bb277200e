"""The background worker killed (`kill -9`) at many moments: nothing is lost, and nothing is sent or asked twice.

On a real SQLite file, and on a PostgreSQL server of its own, whatever database the other tests run on.
"""

import json
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.forking import ENDED, Host, hosted
from tests.faults.worker import ACCOUNTS
from tests.migrated import migrated_copy, migrated_server

pytestmark = pytest.mark.own_server

#: Seconds after the worker began: while rounds are made, and while mail goes out.
MOMENTS = (0.05, 0.4, 0.8, 1.3, 0.3, 0.6)


@contextmanager
def sqlite_file(folder: Path):
    yield migrated_copy(folder / "standing.sqlite3")


def done(host: Host, what: str, database: str) -> list[str]:
    """What a process wrote that came to its end."""
    process, lines = host.start(what, database), []
    while not (line := process.line()).startswith(ENDED):
        lines.append(line)
    assert line == f"{ENDED}0"
    return lines


def killed_after(seconds: float, host: Host, database: str) -> bool:
    """Start a worker and kill it; whether there was still something to kill."""
    process = host.start("work", database)
    assert process.line() == "ready"
    try:
        code = process.wait(seconds)
    except TimeoutError:
        process.kill()
        code = process.wait()
    return code == -9


@pytest.mark.parametrize("on", ["sqlite", "postgres"])
def test_a_worker_killed_again_and_again_asks_everyone_once_and_sends_nothing_twice(on, tmp_path):
    book = tmp_path / "book"
    with (
        sqlite_file(tmp_path) if on == "sqlite" else migrated_server() as database,
        hosted("tests.faults.worker", database, BOOK=str(book)) as host,
    ):
        done(host, "prepare", database)
        kills = sum(killed_after(seconds, host, database) for seconds in MOMENTS)
        assert kills >= 3, "the worker was through before it could be killed"
        done(host, "work", database)
        found = json.loads(done(host, "report", database)[0])

    sent = Counter(book.read_text().split())
    letters = found["letters"]
    assert max(sent.values()) == 1
    assert len(letters) == found["letter_count"] == ACCOUNTS
    assert set(letters.values()) <= {"sent", "unsure"}
    assert [who for who, state in letters.items() if state == "sent" and who not in sent] == []
    assert list(letters.values()).count("unsure") <= kills

    assert dict(found["invitations"]) == letters  # each says how its mail went
    assert len(found["invitations"]) == len(set(found["rounds"])) == ACCOUNTS
    assert set(found["accounts"]) == {"asked"}
    assert (found["finished"], found["tasks_left"]) == (1, 0)
