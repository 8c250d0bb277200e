"""The limits of pages on PostgreSQL, and the longer ones of files that are made while they are sent."""

from types import SimpleNamespace

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from core.database_limits import (
    ANSWER_TIMEOUT,
    AnswerTimeout,
    TimeLimitedConnection,
    apply_page_limits,
    longer_limits,
    with_longer_limits,
)


def limits_of(link) -> tuple:
    return tuple(link.execute(f"SHOW {name}").fetchone()[0] for name in ("lock_timeout", "statement_timeout"))


@pytest.fixture
def link(monkeypatch, db):
    """A connection as a page has it, to the database of the tests."""
    of_pages = {"ENGINE": settings.DATABASES["default"]["ENGINE"], "OPTIONS": {"pool": {}}}
    apply_page_limits(of_pages)
    params = connection.get_connection_params() | {"options": of_pages["OPTIONS"]["options"], "autocommit": True}
    with TimeLimitedConnection.connect(
        **{name: value for name, value in params.items() if name not in {"pool", "context"}}
    ) as link:
        there = SimpleNamespace(ensure_connection=lambda: None, connection=link)
        monkeypatch.setattr("core.database_limits.connections", {"default": there})
        yield link


def test_what_an_installation_says_itself_comes_last():
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": {"options": "-c statement_timeout=1", "pool": {"timeout": 3}},
    }
    apply_page_limits(database)
    assert database["OPTIONS"]["options"].startswith("-c lock_timeout=")
    assert database["OPTIONS"]["options"].endswith("-c statement_timeout=1")
    assert database["OPTIONS"]["pool"] == {"timeout": 3, "connection_class": TimeLimitedConnection}


def test_sqlite_has_its_own():
    database = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}
    apply_page_limits(database)
    assert database["OPTIONS"] == {}


@pytest.mark.on_postgres
def test_the_client_gives_up_and_the_connection_is_closed(link):
    link.execute("SET statement_timeout = 0")  # as of a server that cannot end it
    link.answer_timeout = 0.2
    with pytest.raises(AnswerTimeout):
        link.execute("SELECT pg_sleep(30)")
    assert link.closed


@pytest.mark.on_postgres
def test_a_file_has_longer_and_the_next_page_not(link):
    before = limits_of(link)
    assert before == ("2s", "3s")
    assert list(with_longer_limits(limits_of(link) for _ in range(1))) == [("2s", "5min")]
    assert limits_of(link) == before
    assert link.answer_timeout == ANSWER_TIMEOUT


@pytest.mark.on_postgres
def test_a_file_that_breaks_off_leaves_no_longer_limits(link):
    with pytest.raises(psycopg.errors.SyntaxError), longer_limits():
        link.execute("SELEC")
    assert (limits_of(link), link.answer_timeout) == (("2s", "3s"), ANSWER_TIMEOUT)


def test_elsewhere_nothing_changes(db):
    with longer_limits():
        assert connection.is_usable()
