"""The background worker killed (`kill -9`) at many moments: nothing is lost, and nothing is sent or asked twice.

On a real SQLite file, and on a PostgreSQL server of its own, whatever database the other tests run on.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.databases import throwaway_postgres
from tests.faults.worker import ACCOUNTS

pytestmark = pytest.mark.own_server

ROOT = Path(__file__).resolve().parent.parent.parent
#: Seconds after the worker began: while rounds are made, and while mail goes out.
MOMENTS = (0.05, 0.4, 0.8, 1.3, 0.3, 0.6)


@contextmanager
def sqlite_file(folder: Path):
    yield f"sqlite:///{folder / 'standing.sqlite3'}"


def run(what: str, book: Path, database: str) -> subprocess.Popen:
    environment = os.environ | {"DEMO": "1", "DEBUG": "0", "DATABASE_URL": database}
    command = [sys.executable, "-m", "tests.faults.worker", what, str(book)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def done(what: str, book: Path, database: str) -> str:
    process = run(what, book, database)
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    return output


def killed_after(seconds: float, book: Path, database: str) -> bool:
    """Start a worker and kill it; whether there was still something to kill."""
    process = run("work", book, database)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(seconds)
    process.kill()
    return process.wait() == -9


@pytest.mark.parametrize("on", ["sqlite", "postgres"])
def test_a_worker_killed_again_and_again_asks_everyone_once_and_sends_nothing_twice(on, tmp_path):
    book = tmp_path / "book"
    with sqlite_file(tmp_path) if on == "sqlite" else throwaway_postgres() as database:
        done("prepare", book, database)
        kills = sum(killed_after(seconds, book, database) for seconds in MOMENTS)
        assert kills >= 3, "the worker was through before it could be killed"
        done("work", book, database)
        found = json.loads(done("report", book, database))

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
