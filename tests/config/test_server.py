"""`script/server` as a person runs it: it starts, answers, and stops cleanly."""

import fcntl
import os
import signal
import socket
import subprocess
import time
import urllib.request
from itertools import takewhile
from pathlib import Path

import pytest

pytestmark = pytest.mark.own_server

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def alone(tmp_path_factory):
    """One server at a time, also where tests run side by side: each collects the static files of this checkout."""
    with (tmp_path_factory.getbasetemp().parent / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def server(tmp_path, alone):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = os.environ | {
        "PORT": port,
        "DEMO": "0",
        "SECRET_KEY": "only-for-this-test-and-long-enough-to-be-taken-for-a-real-one",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'standing.sqlite3'}",
        "WEB_CONCURRENCY": "1",
    }
    running = subprocess.Popen(
        [ROOT / "script/server"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    running.address = f"http://127.0.0.1:{port}"
    yield running
    running.kill()


def answers(address: str, *, within: float) -> str:
    """The page at `address`, asked for until it comes."""
    until = time.monotonic() + within
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as page:
                return page.read().decode()
        except OSError:
            assert time.monotonic() < until, f"{address} did not answer"
            time.sleep(0.2)


def test_starts_from_any_folder_serves_its_pages_whole_and_stops_when_told(server):
    page = answers(f"{server.address}/login/", within=90)
    assert "Sign in" in page and "manage.py set_up" in page
    style = next(part for part in page.split('"') if "css/base" in part and part.endswith(".css"))
    assert "--ink" in answers(server.address + style, within=5)
    said = list(takewhile(lambda line: "Ctrl-C" not in line, server.stdout))
    assert any(f"{server.address}/setup/" in line for line in said)  # nobody can sign in yet

    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=20) == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{server.address}/live", timeout=5)


def test_stops_when_told_while_it_is_still_starting(server):
    time.sleep(1)
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=20) == 0
