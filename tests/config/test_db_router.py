"""Which database a statement is sent to, decided without a second server; with two it is tried in tests/faults/."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import DEFAULT_DB_ALIAS, OperationalError, router, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve
from psycopg.errors import SerializationFailure

from accounts.models import Account, User
from config.replica import middleware as replica
from config.replica.router import REPLICA, ReplicaRouter, RequestRouting, current_routing
from config.replica.watch import AVOID_FOR, LagEstimate, ReplicaState, ReplicaWatch

route = ReplicaRouter()


@pytest.fixture
def routing():
    """A request whose reads may go to the replica."""
    routing = RequestRouting(may_read_replica=True)
    token = current_routing.set(routing)
    yield routing
    current_routing.reset(token)


class TestRouter:
    def test_outside_a_request_all_goes_to_the_primary(self):
        assert route.db_for_read(Account) == route.db_for_write(Account) == DEFAULT_DB_ALIAS

    def test_a_page_reads_from_the_replica_and_writes_to_the_primary(self, routing):
        assert route.db_for_read(Account) == REPLICA
        assert route.db_for_write(Account) == DEFAULT_DB_ALIAS

    def test_what_it_wrote_it_reads_where_it_wrote(self, routing):
        route.db_for_write(Account)
        assert route.db_for_read(Account) == DEFAULT_DB_ALIAS

    def test_sessions_are_asked_where_they_are_written(self, routing):
        assert route.db_for_read(Session) == DEFAULT_DB_ALIAS
        route.db_for_write(Session)
        assert route.db_for_read(Account) == REPLICA

    def test_a_row_that_came_from_the_replica_is_followed_to_where_the_page_reads(self, routing):
        account = Account(name="Northwind")
        account._state.db = REPLICA
        routing.wrote = True
        assert route.db_for_read(User, instance=account) == route.db_for_write(Account, instance=account) == DEFAULT_DB_ALIAS
        assert route.allow_relation(account, User())

    @pytest.mark.django_db(transaction=True)
    def test_inside_a_transaction_the_primary_is_asked(self, routing):
        with transaction.atomic():
            assert route.db_for_read(Account) == DEFAULT_DB_ALIAS
        assert route.db_for_read(Account) == REPLICA

    def test_rows_to_be_changed_are_locked_on_the_primary(self, routing, monkeypatch):
        monkeypatch.setattr(router, "_routers", [route], raising=False)
        monkeypatch.setitem(router.__dict__, "routers", [route])
        assert Account.objects.all().db == REPLICA
        assert Account.objects.select_for_update().db == DEFAULT_DB_ALIAS

    def test_the_replica_is_never_migrated(self):
        assert not route.allow_migrate(REPLICA, "accounts")
        assert route.allow_migrate(DEFAULT_DB_ALIAS, "accounts")


class FakeWatch:
    """Stands for the other server."""

    def __init__(self, replayed: int | None) -> None:
        self.replayed, self.failures = replayed, []

    def position(self) -> int | None:
        return self.replayed

    def add_reader(self, reader) -> None:
        pass

    remove_reader = add_reader

    def page_failed(self, error) -> None:
        self.failures.append(error)


@pytest.fixture
def ask(monkeypatch):
    """Ask a page; gives the response, and for each time the view ran whether it read from the replica."""

    def ask(path: str, *, method: str = "get", person=None, replayed: int | None = 1000, cookies=(), view=None):
        watch = FakeWatch(replayed)
        monkeypatch.setattr(replica, "watch", watch)
        connection = SimpleNamespace(errors_occurred=False)
        monkeypatch.setattr(replica, "connections", {REPLICA: connection})
        monkeypatch.setattr(replica, "_remember_write", lambda response: response.headers.__setitem__("Remembered", "1"))
        request = getattr(RequestFactory(), method)(path)
        request.user = User(pk=1, email="mila@example.com") if person is None else person
        request.COOKIES |= dict(cookies)
        runs: list[bool] = []

        def get_response(request):
            request.resolver_match = resolve(path)
            middleware.process_view(request, None, (), {})
            runs.append(current_routing.get().reads_replica)
            try:
                return (view or (lambda connection: HttpResponse("fine")))(connection)
            except Exception as error:
                return middleware.process_exception(request, error) or HttpResponse("broken", status=500)

        middleware = replica.ReplicaMiddleware(get_response)
        response = middleware(request)
        assert current_routing.get() is None
        return response, runs, watch

    return ask


def written(position: int) -> list[tuple[str, str]]:
    response = HttpResponse()
    response.set_signed_cookie(replica.COOKIE, str(position), salt=replica.COOKIE)
    return [(replica.COOKIE, response.cookies[replica.COOKIE].value)]


class TestMiddleware:
    @pytest.mark.parametrize("path", ["/", "/accounts/", "/accounts/1/", "/accounts/1/edit/", "/actions/", "/hierarchy/"])
    def test_pages(self, ask, path):
        assert ask(path)[1] == [True]

    @pytest.mark.parametrize(
        "path", ["/login/", "/settings/", "/survey/", "/survey/abc/", "/admin/", "/language/", "/password/reset/"]
    )
    def test_what_is_no_page_of_the_portfolio(self, ask, path):
        assert ask(path)[1] == [False]

    def test_who_is_not_signed_in(self, ask):
        assert ask("/accounts/", person=AnonymousUser())[1] == [False]

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
    def test_what_is_no_mere_reading(self, ask, method):
        assert ask("/accounts/", method=method)[1] == [False]

    @pytest.mark.parametrize(("position", "from_replica"), [(999, True), (1000, True), (1001, False)])
    def test_until_the_replica_is_past_what_one_wrote(self, ask, position, from_replica):
        assert ask("/accounts/", cookies=written(position))[1] == [from_replica]

    def test_a_replica_that_is_away(self, ask):
        assert ask("/accounts/", replayed=None)[1] == [False]

    def test_a_write_is_remembered_and_a_reading_is_not(self, ask):
        assert "Remembered" in ask("/accounts/1/edit/", method="post")[0].headers
        assert "Remembered" not in ask("/accounts/1/edit/")[0].headers

    def test_a_reading_that_writes_is_remembered_too(self, ask):
        def view(connection):
            route.db_for_write(Account)
            return HttpResponse("noted")

        assert "Remembered" in ask("/accounts/", view=view)[0].headers

    def test_nothing_is_remembered_of_who_is_not_signed_in(self, ask):
        assert "Remembered" not in ask("/survey/", method="post", person=AnonymousUser())[0].headers

    def test_a_page_that_breaks_off_on_the_replica_is_made_from_the_primary(self, ask):
        def view(connection):
            if current_routing.get().reads_replica:
                raise OperationalError("server closed the connection unexpectedly")
            return HttpResponse("fine")

        response, runs, watch = ask("/accounts/", view=view)
        assert (response.status_code, response.content, runs) == (200, b"fine", [True, False])
        assert len(watch.failures) == 1

    def test_an_error_that_a_template_swallowed_shows_at_the_connection(self, ask):
        def view(connection):
            if not current_routing.get().reads_replica:
                return HttpResponse("whole")
            connection.errors_occurred = True
            return HttpResponse("half")

        response, runs, _ = ask("/accounts/", view=view)
        assert (response.content, runs) == (b"whole", [True, False])

    def test_a_mistake_of_ours_is_not_tried_again(self, ask):
        def view(connection):
            raise ValueError("ours")

        response, runs, watch = ask("/accounts/", view=view)
        assert (response.status_code, runs, watch.failures) == (500, [True], [])

    def test_what_was_written_is_not_written_again(self, ask):
        def view(connection):
            route.db_for_write(Account)
            raise OperationalError("the primary went away")

        assert ask("/accounts/", view=view)[1] == [True]


class Primary:
    """Answers with where its log stands, or is away."""

    def __init__(self, position: int | None) -> None:
        self.position, self.asked = position, 0

    def __getitem__(self, alias):
        assert alias == DEFAULT_DB_ALIAS
        return self

    def cursor(self):
        self.asked += 1
        if self.position is None:
            raise OperationalError("away")
        return nullcontext(self)

    def execute(self, statement):
        pass

    def fetchone(self):
        return [self.position]


class TestRemembering:
    @pytest.mark.parametrize(
        ("status", "position", "kept", "asked"),
        [(302, 1234, 1234, 1), (302, None, replica.NEVER_REACHED, 1), (503, 1234, replica.NEVER_REACHED, 0)],
        ids=["the position", "the primary went away after it", "the primary went away in it: it is not waited for again"],
    )
    def test_what_the_browser_is_given(self, monkeypatch, status, position, kept, asked):
        primary = Primary(position)
        monkeypatch.setattr(replica, "connections", primary)
        response = HttpResponse(status=status)
        replica._remember_write(response)
        cookie = response.cookies[replica.COOKIE]
        request = RequestFactory().get("/")
        request.COOKIES[replica.COOKIE] = cookie.value
        assert (replica._written(request), primary.asked) == (kept, asked)
        assert cookie["httponly"] and cookie["samesite"] == "Lax"

    def test_it_lasts_longer_than_a_replica_in_use_may_lag(self, settings):
        settings.READ_REPLICA_MAX_LAG = 600
        assert replica._cookie_age() > 600


class TestLag:
    """Times in seconds, positions in bytes of the log."""

    def test_it_is_unknown_until_the_replica_reaches_what_we_have_seen(self):
        lag = LagEstimate()
        assert lag.behind(0.0, written=100, replayed=50) == float("inf")
        assert lag.behind(1.0, written=200, replayed=100) == 1.0

    def test_a_replica_that_has_all_is_not_behind_however_long_nothing_is_written(self):
        lag = LagEstimate()
        assert [lag.behind(at, written=100, replayed=100) for at in (0.0, 60.0, 3600.0)] == [0.0, 0.0, 0.0]

    def test_a_replica_that_stands_still_falls_behind_with_the_clock(self):
        lag = LagEstimate()
        lag.behind(0.0, written=100, replayed=100)
        assert [lag.behind(at, written=100 + 10 * at, replayed=100) for at in (1.0, 2.0, 30.0)] == [1.0, 2.0, 30.0]
        assert lag.behind(31.0, written=500, replayed=500) == 0.0


class TestWatch:
    @pytest.fixture
    def watch(self, monkeypatch):
        watch = ReplicaWatch()
        monkeypatch.setattr(watch, "_run", lambda: None)
        return watch

    def see(self, watch, monkeypatch, *, ago: float = 0.0, behind: float = 0.0):
        monkeypatch.setattr("config.replica.watch.time.monotonic", lambda: 1000.0)
        watch._state = ReplicaState(1000.0 - ago, 77, behind)
        return watch.position()

    def test_nothing_is_known_at_first(self, watch):
        assert watch.position() is None

    def test_what_was_seen_counts_for_a_while(self, watch, monkeypatch):
        assert self.see(watch, monkeypatch, ago=1.0) == 77
        assert self.see(watch, monkeypatch, ago=3.0) is None

    def test_a_lag_beyond_the_limit(self, watch, monkeypatch, settings):
        settings.READ_REPLICA_MAX_LAG = 10
        assert self.see(watch, monkeypatch, behind=10.0) == 77
        assert self.see(watch, monkeypatch, behind=10.1) is None

    def test_after_a_page_failed_there_it_is_left_alone_for_a_while(self, watch, monkeypatch):
        assert self.see(watch, monkeypatch) == 77
        watch.page_failed(OperationalError())
        assert watch.position() is None
        monkeypatch.setattr("config.replica.watch.time.monotonic", lambda: 1000.0 + AVOID_FOR)
        watch._state = ReplicaState(1000.0 + AVOID_FOR, 77, 0.0)
        assert watch.position() == 77

    def test_a_statement_that_stood_in_the_way_of_replay_says_nothing_about_the_next(self, watch, monkeypatch):
        error = OperationalError()
        error.__cause__ = SerializationFailure("canceling statement due to conflict with recovery")
        assert self.see(watch, monkeypatch) == 77
        watch.page_failed(error)
        assert watch.position() == 77
