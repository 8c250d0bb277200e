"""Two PostgreSQL servers in real streaming replication: pages are read from the replica, and nobody notices when it breaks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.config.site import Answer, Site, served
from tests.config.test_database_away import Wire
from tests.faults.replication import Replica, ask, replicated
from tests.migrated import migrated_server

pytestmark = pytest.mark.on_postgres

MAX_LAG = 5  # seconds: longer than a test takes to look at what is not replayed yet


@contextmanager
def replicated_site() -> Iterator[tuple[Site, Replica, Wire]]:
    with migrated_server() as primary, replicated(primary) as replica:
        wire = Wire(replica.port)
        wire.mend()
        through = replica.address.replace(f":{replica.port}/", f":{wire.port}/")
        variables = {"READ_REPLICA_URL": through, "READ_REPLICA_MAX_LAG": str(MAX_LAG)}
        with served(primary, **variables) as site:
            site.sign_in()
            yield site, replica, wire


@pytest.fixture(scope="module")
def pair():
    with replicated_site() as running:
        yield running


@pytest.fixture
def site(pair) -> Site:
    """The site, reading from the replica again after whatever a test before did."""
    site, replica, _ = pair
    site.cookies.pop("written", None)
    assert reads_from(replica, site, within=15), "pages do not reach the replica"
    return site


@pytest.fixture
def replica(pair) -> Replica:
    return pair[1]


@pytest.fixture
def wire(pair) -> Wire:
    return pair[2]


def reaches(replica: Replica, site: Site, path: str = "/accounts/") -> bool:
    """Whether this page is read from the replica. It has to answer in any case, and soon."""
    before = replica.reads_of("accounts_account")
    answer = site.get(path)
    assert answer.status == 200, answer.text[:500]
    assert answer.seconds < 5
    return replica.reads_of("accounts_account") > before


def reads_from(replica: Replica, site: Site, *, within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if reaches(replica, site):
            return True
        time.sleep(0.1)
    return False


def fine_without(answers: list[Answer]) -> None:
    """All are pages, none late, and not each of them waited for the replica."""
    assert {answer.status for answer in answers} == {200}
    assert max(answer.seconds for answer in answers) < 5
    assert sum(answer.seconds for answer in answers) < len(answers)


def new_account(site: Site, replica: Replica, name: str) -> None:
    mila = ask(replica.primary, "SELECT id::text FROM accounts_user")
    answer = site.post("/accounts/new/", name=name, currency="EUR", owner=mila)
    assert answer.status == 302, answer.text
    assert "written" in site.cookies


def shown(site: Site, name: str) -> bool:
    return name in site.get("/accounts/").text


def test_pages_are_read_from_the_replica(site, replica):
    assert reaches(replica, site, "/accounts/")
    assert reaches(replica, site, "/")


def test_who_asks_is_read_from_the_primary(site, replica):
    site.get("/accounts/")
    assert replica.reads_of("django_session") == 0


@pytest.mark.parametrize("path", ["/settings/", "/login/", "/ready"])
def test_signing_in_settings_and_probes_stay_with_the_primary(site, replica, path):
    before = replica.reads_of()
    site.get(path)
    assert replica.reads_of() == before


def test_what_one_wrote_one_sees_though_the_replica_does_not_show_it_yet(site, replica):
    stranger = Site(site.port, {"sessionid": site.cookies["sessionid"]})  # another browser, that wrote nothing
    with replica.paused():
        new_account(site, replica, "Northwind")
        assert shown(site, "Northwind")
        assert not shown(stranger, "Northwind"), "the page was not read from the replica"
    assert ask(replica.primary, "SELECT count(*) FROM accounts_account WHERE name = 'Northwind'") == 1
    replica.catches_up()
    assert reads_from(replica, site, within=5), "with the cookie still there, and the replica past it"
    assert shown(stranger, "Northwind")


def test_a_forged_position_is_worth_nothing(site, replica):
    site.cookies["written"] = "9223372036854775808:1tabcd:forged"
    assert reaches(replica, site)


def test_a_form_and_its_refusal_are_read_from_the_primary(site, replica):
    before = replica.reads_of()
    assert site.post("/accounts/new/", name="").status in {200, 422}
    assert replica.reads_of() == before


def test_a_replica_that_lags_too_far_is_not_read(site, replica):
    with replica.paused():
        ask(replica.primary, "INSERT INTO accounts_team (name, version) VALUES ('Benelux', 1)")
        time.sleep(MAX_LAG + 0.5)  # nothing but time makes a lag
        assert not reaches(replica, site)
    assert reads_from(replica, site, within=5)


def test_a_quiet_site_is_no_lagging_one(site, replica):
    time.sleep(MAX_LAG + 1)
    assert reads_from(replica, site, within=2)


def test_the_replica_stopped_and_back(site, replica):
    replica.stop()
    try:
        answers = [site.get(path) for path in ["/accounts/", "/", "/hierarchy/"] * 5]
        fine_without(answers)
        assert site.get("/ready").status == 200
        new_account(site, replica, "Contoso")
        assert shown(site, "Contoso")
    finally:
        replica.start()
    assert reads_from(replica, site, within=15)
    assert shown(site, "Contoso")


def test_the_line_cut_and_mended(site, replica, wire):
    wire.cut()
    try:
        fine_without([site.get(path) for path in ["/accounts/", "/"] * 7])
    finally:
        wire.mend()
    assert reads_from(replica, site, within=15)


def test_a_replica_that_takes_questions_and_answers_none(site, replica):
    with replica.frozen():
        fine_without([site.get(path) for path in ["/accounts/", "/"] * 7])
    assert reads_from(replica, site, within=15)


def test_connections_ended_by_the_replica(site, replica):
    mine = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    assert ask(replica.address, f"SELECT count(pg_terminate_backend(pid)) {mine}") >= 2
    assert site.get("/accounts/").status == 200
    assert reads_from(replica, site, within=15)


def test_a_promoted_replica_is_a_primary_of_its_own_and_is_not_read():
    """With servers of its own, since there is no way back from it."""
    with replicated_site() as (site, replica, _):
        replica.promote()
        time.sleep(0.5)
        assert not reaches(replica, site)
