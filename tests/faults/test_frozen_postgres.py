"""A PostgreSQL server that takes connections and never answers, and a table that somebody else has locked: a page soon, all the same."""

import os
import signal
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.config.site import Site, served
from tests.config.test_database_away import api_says_so, probes_say_so, says_so
from tests.migrated import migrated_server

VISITORS = 60


@pytest.fixture(scope="module")
def pair():
    with migrated_server() as address, served(address) as site:
        site.sign_in()
        yield site, address


@pytest.fixture
def site(pair) -> Site:
    site = pair[0]
    assert site.comes_back("/accounts/", within=15)
    return site


@contextmanager
def frozen(address: str, *, entirely: bool) -> Generator[None]:
    """The processes of the server stand still: those that serve the connections there are, or all of them."""
    with psycopg.connect(address) as link:
        mine = link.info.backend_pid
        found = link.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> %s", [mine])
        pids = [pid for (pid,) in found]
        if entirely:
            (line,) = (line for line in Path(f"/proc/{mine}/status").read_text().splitlines() if line.startswith("PPid:"))
            pids.append(int(line.split()[1]))
        assert pids
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)


@contextmanager
def locked(address: str, table: str) -> Generator[None]:
    with psycopg.connect(address) as link:
        link.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        link.rollback()


def everywhere(site: Site) -> None:
    says_so(site.get("/accounts/"))
    api_says_so(site)
    says_so(site.post("/settings/", name="Mila"))
    probes_say_so(site)


def all_at_once(site: Site, path: str) -> None:
    with ThreadPoolExecutor(VISITORS) as pool:
        answers = list(pool.map(lambda _: Site(site.port, dict(site.cookies)).get(path), range(VISITORS)))
    for answer in answers:
        says_so(answer)


def test_a_frozen_server_costs_a_moment_and_the_page_comes_back(pair, site):
    with frozen(pair[1], entirely=True):
        everywhere(site)
    assert site.comes_back("/accounts/", within=15)
    assert site.get("/ready").status == 200


def test_frozen_connections_are_replaced(pair, site):
    with frozen(pair[1], entirely=False):
        assert site.comes_back("/accounts/", within=15), "the server makes new connections"


def test_sixty_visitors_of_a_frozen_server(pair, site):
    with frozen(pair[1], entirely=True):
        all_at_once(site, "/accounts/")


@pytest.mark.parametrize("table", ["accounts_account", "accounts_user", "django_session"])
def test_a_locked_table_costs_a_moment(pair, site, table):
    with locked(pair[1], table):
        for _ in range(2):
            says_so(site.get("/accounts/"))
        assert site.get("/live").status == 200
    assert site.comes_back("/accounts/", within=15)


def test_sixty_visitors_of_a_locked_table(pair, site):
    with locked(pair[1], "accounts_account"):
        all_at_once(site, "/accounts/")


def test_a_locked_table_of_the_keys_of_programs(pair, site):
    with locked(pair[1], "api_apikey"):
        api_says_so(site)
