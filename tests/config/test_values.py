"""Variables of the environment that are accepted: how each value is read, and what holds when it is left out."""

import re

import pytest

from config import environment as env
from config.logs import without_keys


@pytest.fixture
def given(monkeypatch):
    def set_variable(value: str) -> str:
        monkeypatch.setenv("X", value)
        return "X"

    return set_variable


@pytest.mark.parametrize(
    ("value", "read"),
    [("1", True), ("true", True), ("YES", True), (" on ", True), ("0", False), ("False", False), ("no", False), ("OFF", False)],
)
@pytest.mark.parametrize("default", [True, False])
def test_a_yes_or_a_no(given, value, read, default):
    assert env.flag(given(value), default=default) is read


@pytest.mark.parametrize(("value", "number"), [("1", 1), ("8000", 8000), (" 65535 ", 65535), ("007", 7)])
def test_a_number_may_be_either_limit(given, value, number):
    assert env.whole_number(given(value), default=5, low=1, high=65535) == number


@pytest.mark.parametrize("value", ["0", "65536", "1.5", "1e3", "x"])
def test_a_number_beyond_a_limit_is_refused(given, value):
    with pytest.raises(SystemExit):
        env.whole_number(given(value), default=5, low=1, high=65535)


@pytest.mark.parametrize(("length", "fine"), [(119, True), (120, True), (121, False)])
def test_a_line_has_a_longest_length(given, length, fine):
    name = given("é" * length)
    if fine:
        assert len(env.line(name, most=120)) == length
    else:
        with pytest.raises(SystemExit, match="has 121 characters"):
            env.line(name, most=120)


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("standing.example.com", ["standing.example.com"]),
        (" a.example , b.example,", ["a.example", "b.example"]),
        (".example.com", [".example.com"]),
        ("*", ["*"]),
        ("10.0.0.7,[::1]", ["10.0.0.7", "[::1]"]),
        (",", ["default"]),
    ],
)
def test_hosts_are_separated_by_commas(given, value, hosts):
    assert env.hosts(given(value), default=["default"]) == hosts


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("https://standing.example.com", "https://standing.example.com"),
        ("https://standing.example.com/", "https://standing.example.com"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("", "https://default.example"),
    ],
)
def test_an_address_has_no_slash_at_its_end(given, value, address):
    assert env.site_address(given(value), default="https://default.example") == address


@pytest.mark.parametrize(
    ("value", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.com", 25, False, False),
        ("smtps://mail.example.com", 587, True, False),
        ("smtp+tls://mail.example.com", 587, True, False),
        ("smtp+ssl://mail.example.com", 465, False, True),
        ("smtps://mail.example.com:2525", 2525, True, False),
    ],
)
def test_a_mail_server_has_the_usual_port_of_its_encryption(given, value, port, tls, ssl):
    options = env.mailer(given(value), default="")["OPTIONS"]
    assert (options["host"], options["port"], options["use_tls"], options["use_ssl"]) == ("mail.example.com", port, tls, ssl)
    assert options["timeout"] == 20


def test_the_name_and_password_of_a_mail_server_may_hold_any_character(given):
    options = env.mailer(given("smtps://me%40example.com:p%2Fw%3A@mail.example.com"), default="")["OPTIONS"]
    assert (options["username"], options["password"]) == ("me@example.com", "p/w:")


@pytest.mark.parametrize("folder", ["mail", "my mail", "e-mail?", "é#"])
def test_without_a_mail_server_mail_goes_to_a_folder_of_any_name(given, tmp_path, folder):
    config = env.mailer(given(""), default=tmp_path / folder)
    assert config["BACKEND"].endswith("filebased.EmailBackend")
    assert config["OPTIONS"] == {"file_path": str(tmp_path / folder)}


@pytest.mark.parametrize(("value", "code"), [("usd", "USD"), ("Eur", "EUR"), (" GBP ", "GBP"), ("", "CHF")])
def test_a_currency_is_read_in_either_case(given, value, code):
    assert env.currency(given(value), default="CHF") == code


@pytest.mark.parametrize(("value", "zone"), [("Europe/Amsterdam", "Europe/Amsterdam"), ("UTC", "UTC"), ("", "Asia/Tokyo")])
def test_a_time_zone(given, value, zone):
    assert env.time_zone(given(value), default="Asia/Tokyo") == zone


@pytest.mark.parametrize("value", ["a@example.com", "Standing <a@example.com>", '"Zon, Zee" <a@example.com>'])
def test_a_mail_address_may_have_a_name(given, value):
    assert env.mail_address(given(value), default="") == value


def test_without_a_cache_server_limits_are_counted_in_the_database(given):
    cache = env.shared_cache(given(""))
    assert cache["BACKEND"].endswith("DatabaseCache") and cache["OPTIONS"]["MAX_ENTRIES"] == 100_000


def test_without_an_address_there_is_no_replica_and_no_report_of_errors(given):
    assert env.replica(given(""), of={"ENGINE": "django.db.backends.sqlite3"}) is None
    assert env.error_reports(given("")) == ""


def test_another_database_of_the_same_server_is_no_replica_of_itself(given):
    primary = {"ENGINE": "django.db.backends.postgresql", "HOST": "primary", "PORT": 5432, "NAME": "standing"}
    config = env.replica(given("postgres://replica:5432/standing"), of=primary)
    assert (config["HOST"], config["NAME"]) == ("replica", "standing")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("GET /survey/abc123/", "GET /survey/…/"),
        ("/calendar/s3cret.ics?x=1", "/calendar/…"),
        ("/password/reset/key/1-abc-def/", "/password/reset/key/…/"),
        ('"/survey/abc"', '"/survey/…"'),
        ("standing_" + "x" * 43, "standing_…"),
        ("two standing_" + "a" * 20 + " and /survey/b/", "two standing_… and /survey/…/"),
        ("standing_level and /surveys/7/", "standing_level and /surveys/7/"),
        ("/accounts/7/", "/accounts/7/"),
        ("", ""),
    ],
)
def test_keys_are_masked_in_the_log_and_other_text_is_not(text, masked):
    assert re.sub(r"\s+", " ", without_keys(text)) == masked
