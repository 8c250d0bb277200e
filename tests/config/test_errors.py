"""What an error becomes: a page in our look, with our policy, and 503 where it is the database that cannot serve."""

import sqlite3

import pytest
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import DatabaseError, IntegrityError, InterfaceError, InternalError, OperationalError, ProgrammingError
from django.template.loader import render_to_string
from django.test import Client
from psycopg import errors as postgres
from psycopg_pool import PoolTimeout

from config.logs import without_keys
from core.database_errors import is_away
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


def raised(error, *, cause=None):
    try:
        raise error from cause
    except Exception as caught:
        return caught


def of_sqlite(code, message="", kind=sqlite3.OperationalError):
    cause = kind(message)
    cause.sqlite_errorcode = code
    return cause


class TestIsAway:
    @pytest.mark.parametrize(
        "error",
        [
            OperationalError("connection refused"),
            InterfaceError("connection already closed"),
            PoolTimeout("couldn't get a connection after 4.00 sec"),
            raised(OperationalError(), cause=of_sqlite(sqlite3.SQLITE_BUSY, "database is locked")),
            raised(OperationalError(), cause=of_sqlite(sqlite3.SQLITE_READONLY | 4 << 8, "attempt to write a readonly database")),
            raised(OperationalError(), cause=of_sqlite(sqlite3.SQLITE_FULL, "database or disk is full")),
            raised(OperationalError(), cause=of_sqlite(sqlite3.SQLITE_ERROR, "no such table: django_session")),
            raised(DatabaseError(), cause=of_sqlite(sqlite3.SQLITE_NOTADB, "file is not a database", sqlite3.DatabaseError)),
            raised(InternalError(), cause=postgres.ReadOnlySqlTransaction("cannot execute UPDATE in a read-only transaction")),
            raised(ProgrammingError(), cause=postgres.UndefinedTable("relation does not exist")),
            raised(OperationalError(), cause=postgres.DiskFull("no space left on device")),
            raised(SessionInterrupted("the session was deleted"), cause=OperationalError("gone")),
        ],
        ids=lambda error: f"{type(error).__name__} {error.__cause__ or error}",
    )
    def test_so_it_is(self, error):
        assert is_away(error)

    @pytest.mark.parametrize(
        "error",
        [
            None,
            ValueError("no"),
            raised(OperationalError(), cause=of_sqlite(sqlite3.SQLITE_ERROR, "no such column: nmae")),
            raised(IntegrityError(), cause=of_sqlite(sqlite3.SQLITE_CONSTRAINT, "UNIQUE", sqlite3.IntegrityError)),
            raised(ProgrammingError(), cause=postgres.UndefinedColumn("column does not exist")),
            raised(InternalError(), cause=postgres.InFailedSqlTransaction("current transaction is aborted")),
        ],
        ids=lambda error: f"{type(error).__name__} {getattr(error, '__cause__', '')}",
    )
    def test_a_mistake_of_ours_is_not(self, error):
        assert not is_away(error)

    def test_a_circle_of_causes_ends(self):
        one, other = ValueError(), ValueError()
        one.__context__, other.__context__ = other, one
        assert not is_away(one)


@pytest.fixture
def browser():
    """Sees what a person sees, where the test client would raise."""
    return Client(raise_request_exception=False)


def styled(answer) -> bool:
    policy = answer.headers["Content-Security-Policy"]
    return "css/base.css" in answer.text and "default-src 'none'" in policy and "unsafe" not in policy


class TestPages:
    def test_a_mistake_of_ours(self, browser, monkeypatch):
        monkeypatch.setattr("accounts.pages.account_list.AccountListFilter", lambda *args, **kwargs: 1 / 0)
        browser.force_login(make_user())
        answer = browser.get("/accounts/")
        assert answer.status_code == 500
        assert styled(answer) and "went wrong on our side" in answer.text

    def test_the_database_goes_away_in_the_middle_of_a_page(self, browser, monkeypatch):
        def gone(*args, **kwargs):
            raise OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr("accounts.pages.account_list.AccountListFilter", gone)
        browser.force_login(make_user())
        answer = browser.get("/accounts/")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert styled(answer)

    def test_an_address_with_nothing_at_it(self, browser):
        answer = browser.get("/no/such/page/")
        assert answer.status_code == 404
        assert styled(answer) and "Not found" in answer.text

    def test_the_way_back_from_signing_in_to_where_only_a_button_leads(self, browser):
        account = make_account(name="Acme")
        browser.force_login(account.owner)
        answer = browser.get(f"/accounts/{account.pk}/archive/")
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
        assert styled(answer) and "press it again" in answer.text

    def test_a_form_without_its_token(self):
        answer = Client(enforce_csrf_checks=True).post("/login/", {"login": "a@example.com", "password": "x"})
        assert answer.status_code == 403
        assert styled(answer) and "open too long" in answer.text

    def test_what_may_be_seen_but_not_done(self, browser):
        browser.force_login(make_user(role="viewer"))
        answer = browser.get("/accounts/new/")
        assert answer.status_code == 403
        assert styled(answer)

    def test_a_name_that_is_not_ours(self, browser):
        assert browser.get("/login/", headers={"host": "evil.example"}).status_code == 400

    @pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "405", "429", "500", "503"])
    def test_no_page_for_an_error_asks_the_database(self, name, django_assert_num_queries, rf):
        with django_assert_num_queries(0):
            assert "Standing" in render_to_string(f"{name}.html")

    def test_in_the_language_of_the_browser(self, browser):
        page = browser.get("/no/such/page/", headers={"accept-language": "nl"}).text
        assert '<html lang="nl">' in page


@pytest.mark.parametrize("path", ["/password/reset/key/1-abc-def/", "/survey/abc_DEF-123/"])
def test_keys_in_addresses_stay_out_of_the_log(path):
    assert without_keys(f"Not Found: {path}") == "Not Found: " + "/".join([*path.split("/")[:-2], "…", ""])


def test_the_key_of_a_calendar_stays_out_of_the_log():
    assert without_keys("GET /calendar/abc_DEF-123.ics") == "GET /calendar/…"


@pytest.mark.parametrize("path", ["/accounts/12/edit/", "/settings/calendar/"])
def test_other_addresses_stand_in_the_log(path):
    assert without_keys(f"GET {path} HTTP/1.1") == f"GET {path} HTTP/1.1"
