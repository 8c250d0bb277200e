"""The database goes away under a running site: a page that says so, and the site comes back by itself."""

import json
import socket
import sqlite3
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.config.site import Site, served
from tests.migrated import migrated_server

pytestmark = pytest.mark.own_server

PAGES = ["/", "/accounts/", "/accounts/1/", "/settings/", "/hierarchy/", "/admin/"]


class Wire:
    """A connection to a server that a test can cut: what is open breaks, and nobody gets through any more."""

    def __init__(self, port: int) -> None:
        self._target, self._open = port, set()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._door: socket.socket | None = None

    def mend(self) -> None:
        self._door = socket.create_server(("127.0.0.1", self.port), reuse_port=True)
        threading.Thread(target=self._let_in, args=[self._door], daemon=True).start()

    def cut(self) -> None:
        for end in (self._door, *self._open):
            with suppress(OSError):  # the other end was first
                end.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._open.clear()

    def _let_in(self, door: socket.socket) -> None:
        while True:
            try:
                here, _ = door.accept()
            except OSError:
                return
            try:
                there = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # the server behind is down
                here.close()
                continue
            self._open |= {here, there}
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=[one, other], daemon=True).start()

    @staticmethod
    def _carry(one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            other.close()


@pytest.fixture(scope="module")
def on_postgres():
    with migrated_server() as address:
        wire = Wire(urlsplit(address).port)
        wire.mend()
        through = address.replace(f":{urlsplit(address).port}/", f":{wire.port}/")
        with served(through, prepared_on=address) as site:
            site.sign_in()
            yield site, wire


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory):
    file = tmp_path_factory.mktemp("away") / "standing.sqlite3"
    with served(f"sqlite:///{file}") as site:
        site.sign_in()
        yield site, file


def says_so(answer) -> None:
    """The page for it: 503, soon, with when to try again, in our look, under our policy."""
    assert answer.status == 503, (answer.status, answer.text[:500])
    assert answer.seconds <= 5
    assert answer.headers["Retry-After"] == "5"
    assert "Back in a moment" in answer.text and "css/base.css" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy


def api_says_so(site: Site) -> None:
    """The same for programs, as a problem in JSON."""
    answer = site.get("/api/v1/accounts", Authorization="Bearer some-key")
    assert (answer.status, answer.headers["Retry-After"], answer.headers["Content-Type"]) == (
        503,
        "5",
        "application/problem+json",
    )
    assert answer.seconds <= 5
    assert json.loads(answer.text)["title"] == "Service Unavailable"


def probes_say_so(site: Site) -> None:
    assert site.get("/live").status == 200  # with a session's cookie
    ready = site.get("/ready")
    assert (ready.status, ready.headers["Retry-After"]) == (503, "5")
    assert ready.seconds <= 5


@contextmanager
def taken_away(file: Path) -> Generator[None]:
    """The database file is elsewhere for a while; what stands in its place then goes again."""
    beside = [Path(f"{file}{end}") for end in ("-wal", "-shm")]
    for _ in range(100):  # the last request closes its connection after its answer, and SQLite tidies up
        if not any(part.exists() for part in beside):
            break
        time.sleep(0.05)
    kept = file.with_name("kept")
    file.rename(kept)
    try:
        yield
    finally:
        if file.is_dir():
            file.rmdir()
        for part in (file, *beside):
            part.unlink(missing_ok=True)
        kept.rename(file)


def test_postgres_away_and_back(on_postgres):
    site, wire = on_postgres
    assert site.get("/accounts/").status == 200
    for _ in range(2):
        wire.cut()
        says_so(site.get("/accounts/"))
        says_so(site.get("/settings/"))
        api_says_so(site)
        says_so(site.post("/settings/", name="Mila"))
        says_so(Site(site.port, {"csrftoken": site.cookies["csrftoken"]}).post("/login/", login="a@example.com", password="x"))
        probes_say_so(site)
        wire.mend()
        assert site.comes_back("/accounts/", within=10)
        assert site.get("/ready").status == 200


def test_sqlite_file_away_and_back(on_sqlite):
    site, file = on_sqlite
    with taken_away(file):
        file.mkdir()  # root may read and write every file, but opens no folder as one
        for path in PAGES:
            says_so(site.get(path))
        says_so(site.post("/settings/", name="Mila"))
        api_says_so(site)
        probes_say_so(site)
    assert site.comes_back("/accounts/", within=10)


def test_an_empty_file_in_the_place_of_the_right_one(on_sqlite):
    site, file = on_sqlite
    with taken_away(file):
        says_so(site.get("/accounts/"))
        probes_say_so(site)
    assert site.comes_back("/accounts/", within=10)


def test_a_file_that_is_no_database(on_sqlite):
    site, file = on_sqlite
    with taken_away(file):
        file.write_bytes(b"this is not a database " * 200)
        says_so(site.get("/accounts/"))
        probes_say_so(site)
    assert site.comes_back("/accounts/", within=10)


def test_sqlite_locked_by_a_long_writer(on_sqlite):
    site, file = on_sqlite
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        assert site.get("/accounts/").status == 200  # who only reads does not wait
        says_so(site.post("/settings/", name="Mila"))
        says_so(site.post("/language/", language="nl"))
    finally:
        writer.execute("ROLLBACK")
        writer.close()
    assert site.post("/language/", language="en", next="/").status == 302
