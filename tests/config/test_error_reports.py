"""What Sentry is told about an error, and above all what it is not. The package itself is the outside world."""

from types import SimpleNamespace

import pytest

from config import error_reports

KEY = "kJ3x8-secret-of-the-link"


@pytest.fixture
def given(monkeypatch) -> dict:
    """What the package was started with."""
    found: dict = {}
    monkeypatch.setattr(error_reports, "sentry_sdk", SimpleNamespace(init=found.update))
    error_reports.start("https://key@sentry.example.com/1")
    return found


@pytest.fixture
def event() -> dict:
    return {
        "transaction": "/survey/{token}/",
        "message": f"Not Found: /survey/{KEY}/",
        "exception": {"values": [{"type": "ValueError", "value": f"no such link /survey/{KEY}/", "stacktrace": {"frames": [{"lineno": 3}]}}]},
        "request": {
            "method": "POST",
            "url": f"https://standing.example.com/survey/{KEY}/",
            "query_string": "q=Jansen",
            "data": {"password": "hunter2"},
            "cookies": {"sessionid": "abc"},
            "env": {"REMOTE_ADDR": "192.0.2.7"},
            "headers": {"Host": "standing.example.com", "Authorization": "Bearer k", "Cookie": "sessionid=abc", "Referer": f"/survey/{KEY}/"},
        },
    }  # fmt: skip


def test_nothing_about_people_is_collected(given):
    assert given["dsn"] == "https://key@sentry.example.com/1"
    assert given["send_default_pii"] is False
    assert given["include_local_variables"] is False
    assert given["max_request_body_size"] == "never"
    assert given["max_breadcrumbs"] == 0


def test_keys_in_addresses_do_not_leave_wherever_they_stand(given, event):
    assert KEY not in str(given["before_send"](event, {}))


def test_what_was_typed_and_who_it_was_does_not_leave(given, event):
    sent = str(given["before_send"](event, {}))
    assert not [secret for secret in ("hunter2", "sessionid", "Jansen", "192.0.2.7", "Bearer") if secret in sent]


def test_what_helps_to_find_the_fault_does(given, event):
    sent = given["before_send"](event, {})
    assert sent["request"]["url"] == "https://standing.example.com/survey/…/"
    assert sent["request"]["headers"] == {"Host": "standing.example.com"}
    assert sent["exception"]["values"][0]["stacktrace"] == {"frames": [{"lineno": 3}]}


def test_an_error_outside_a_request_passes(given):
    assert given["before_send"]({"level": "error", "extra": {"tries": 3}}, {}) == {"level": "error", "extra": {"tries": 3}}
