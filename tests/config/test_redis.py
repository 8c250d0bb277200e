"""A real Redis as the shared cache: all processes count together, and when it is away nobody is let past a limit uncounted."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from tests.config.site import PASSWORD, Site, served
from tests.config.test_database_away import says_so
from tests.databases import free_port

pytestmark = pytest.mark.own_server


class RedisServer:
    """In the hands of a test. Keeps nothing when it stops."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder, self.port = program, folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = Redis.from_url(self.url)

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([self._program, *options], cwd=self._folder, stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                self.client.ping()
                return
            except RedisAway:
                time.sleep(0.05)
        raise AssertionError("Redis does not start")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    @contextmanager
    def away(self) -> Generator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self) -> Generator[None]:
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def redis(tmp_path_factory) -> Generator[RedisServer]:
    program = shutil.which("redis-server")
    if program is None:
        why = "no Redis: apt-get install -y --no-install-recommends redis-server"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    server = RedisServer(program, tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def two_sites(redis, tmp_path_factory) -> Generator[list[Site]]:
    """Each with a database of its own, so that Redis is all they share."""
    folder = tmp_path_factory.mktemp("sites")
    one, other = (f"sqlite:///{folder / name}" for name in ("one.sqlite3", "other.sqlite3"))
    with served(one, CACHE_URL=redis.url) as first, served(other, CACHE_URL=redis.url) as second:
        yield [first, second]


def sign_in(site: Site, password: str):
    browser = Site(site.port)
    browser.get("/login/")
    return browser.post("/login/", login="mila@example.com", password=password)


def test_wrong_passwords_are_counted_across_processes(redis, two_sites):
    redis.client.flushall()
    for site in two_sites * 5:
        assert sign_in(site, "wrong").status == 422
    assert [sign_in(site, PASSWORD).status for site in two_sites] == [429, 429]


def test_pages_go_on_while_redis_is_away_and_signing_in_waits(redis, two_sites):
    redis.client.flushall()
    site, _ = two_sites
    site.sign_in()
    with redis.away():
        for path in ["/", "/accounts/", "/settings/", "/hierarchy/"]:
            answer = site.get(path)
            assert (answer.status, answer.seconds < 5) == (200, True)
        assert site.post("/accounts/new/", name="").status == 422
        assert site.get("/ready").status == 200
        says_so(sign_in(site, "wrong"))
        says_so(sign_in(site, PASSWORD))
    assert sign_in(site, PASSWORD).status == 302


def test_a_redis_that_takes_nothing_more(redis, two_sites):
    redis.client.flushall()
    redis.client.config_set("maxmemory", "1")
    try:
        says_so(sign_in(two_sites[0], "wrong"))
    finally:
        redis.client.config_set("maxmemory", "0")
    assert sign_in(two_sites[0], PASSWORD).status == 302


def test_a_redis_that_answers_nothing(redis, two_sites):
    redis.client.flushall()
    with redis.frozen():
        says_so(sign_in(two_sites[0], "wrong"))
    assert sign_in(two_sites[0], PASSWORD).status == 302
