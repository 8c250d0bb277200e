"""Each variable of the environment: what it does, and that a malformed value stops the start with one clear line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from config import environment as env

ROOT = Path(__file__).resolve().parent.parent.parent
PRIMARY = {"ENGINE": "django.db.backends.postgresql", "HOST": "primary", "PORT": 5432, "NAME": "standing"}
LONG = "a-long-and-random-text-of-more-than-fifty-characters-0123456789"


@pytest.fixture
def given(monkeypatch):
    def set_variable(value, name="X"):
        monkeypatch.setenv(name, value)
        return name

    return set_variable


def start(**variables):
    """Start Django in a process of its own with nothing but these variables."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, "manage.py", *variables.pop("command", "check").split()]
    return subprocess.run(command, cwd=ROOT, env=kept | variables, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("read", "value", "says"),
    [
        (env.flag, "maybe", "Write 1 or 0"),
        (env.flag, "2", "Write 1 or 0"),
        (lambda name: env.whole_number(name, default=8000, low=1, high=65535), "80a", "from 1 to 65535"),
        (lambda name: env.whole_number(name, default=8000, low=1, high=65535), "0", "from 1 to 65535"),
        (lambda name: env.whole_number(name, default=8000, low=1, high=65535), "-1", "from 1 to 65535"),
        (lambda name: env.whole_number(name, default=8000, low=1, high=65535), "70000", "from 1 to 65535"),
        *(
            (lambda name: env.site_address(name, default=""), value, "https://standing.example.com")
            for value in (
                "standing.example.com", "ftp://standing.example.com", "https://", "https://a b", "https://[::1",
                "https://a:port", "https://a.example/path", "https://a.example/?q=1", "https://me@a.example",
            )
        ),
        *(
            (lambda name: env.hosts(name, default=[]), value, "machine's name")
            for value in ("https://a.example", "a.example:8000", "a.example, b c")
        ),
        *(
            (lambda name: env.database(name, default=""), value, says)
            for value, says in (
                ("standing", "is not an address"),
                ("mysql://me@localhost/standing", "must name SQLite or PostgreSQL"),
                ("nonsense://x/y", "must name SQLite or PostgreSQL"),
                ("postgres://localhost:port/standing", "is not an address"),
                ("postgres://localhost", "names no database"),
                ("postgres://localhost/standing?sslmod=require", "cannot be read"),
                ("sqlite://", "path of a file"),
                ("sqlite://:memory:", "is not an address"),
                ("sqlite://standing.sqlite3", "path of a file"),
                ("sqlite:////no/such/folder/standing.sqlite3", "no folder /no/such/folder"),
            )
        ),
        *(
            (lambda name: env.mailer(name, default=""), value, says)
            for value, says in (
                ("mail.example.com", "not an address for mail"),
                ("pigeon://loft", "not an address for mail"),
                ("smtp://mail.example.com:post", "not an address for mail"),
                ("smtps://", "names no machine"),
                ("filemail://", "names no folder"),
            )
        ),
        *(
            (lambda name: env.line(name, most=120), value, says)
            for value, says in (
                ("Northwind\nTraders", "without line breaks"), ("Northwind\rTraders", "without line breaks"),
                ("Northwind\u2028Traders", "without line breaks"), ("x" * 121, "Write at most 120"),
            )
        ),
        *((env.shared_cache, value, "must name Redis") for value in ("redis", "locmemcache://", "redis://", "redis://a:b", "redis://a/one")),
        *((env.shared_cache, f"redis://a?{odd}", "cannot be read") for odd in ("socket_timeout=soon", "patience=1")),
        *(
            (lambda name: env.replica(name, of=PRIMARY), value, says)
            for value, says in (
                ("replica", "is not an address"),
                ("mysql://a/standing", "must name SQLite or PostgreSQL"),
                (f"sqlite:///{ROOT / 'x.sqlite3'}", "must name a PostgreSQL server"),
                ("postgres://primary:5432/standing", "the same server as DATABASE_URL"),
            )
        ),
        (lambda name: env.replica(name, of={"ENGINE": "django.db.backends.sqlite3"}), "postgres://a/b", "cannot be replicated"),
        *((env.error_reports, value, "https://key@") for value in ("yes", "https://sentry.example.com/1", "https://k@a/", "ftp://k@a/1")),
        (lambda name: env.currency(name, default="EUR"), "EURO", "three letters"),
        (lambda name: env.time_zone(name, default="UTC"), "Amsterdam", "Europe/Amsterdam"),
        (lambda name: env.mail_address(name, default=""), "standing", "e-mail address"),
        (lambda name: env.mail_address(name, default=""), "a@example.com\nBcc: b@example.com", "e-mail address"),
    ],
)  # fmt: skip
def test_a_malformed_value_stops_the_start_and_says_what_to_write(given, read, value, says):
    with pytest.raises(SystemExit) as stopped:
        read(given(value))
    line = str(stopped.value)
    assert line.startswith("Standing cannot start: X") and says in line and len(line.splitlines()) == 1


@pytest.mark.parametrize("blank", ["", "  "])
def test_an_empty_value_counts_as_not_set(given, blank):
    assert env.flag(given(blank), default=True) is True
    assert env.whole_number("X", default=8000, low=1, high=65535) == 8000
    assert env.currency("X", default="EUR") == "EUR"
    assert env.hosts("X", default=["a"]) == ["a"]


def test_a_value_with_a_dollar_sign_is_taken_as_it_is(given):
    assert env.text(given("$ecret")) == "$ecret"


def test_a_line_of_text_is_taken_as_it_is_written(given):
    assert env.line(given(" Café & Zonen “Zuid”\n"), most=120) == "Café & Zonen “Zuid”"
    assert env.line(given("x" * 120), most=120) == "x" * 120


def test_what_follows_the_database_goes_to_its_client(given):
    config = env.database(given("postgres://me:pa%24s@db.example:6432/standing?sslmode=require"), default="")
    assert (config["NAME"], config["USER"], config["PASSWORD"]) == ("standing", "me", "pa$s")
    assert (config["HOST"], config["PORT"], config["OPTIONS"]) == ("db.example", 6432, {"sslmode": "require"})


def test_mail_by_starttls_by_tls_and_to_a_folder(given):
    starttls = env.mailer(given("smtps://me%40a:secret@mail.example.com"), default="")["OPTIONS"]
    assert (starttls["port"], starttls["use_tls"], starttls["username"]) == (587, True, "me@a")
    assert env.mailer(given("smtp+ssl://mail.example.com"), default="")["OPTIONS"]["port"] == 465
    assert env.mailer(given("filemail:////tmp/mail"), default="")["OPTIONS"] == {"file_path": "/tmp/mail"}
    assert "OPTIONS" not in env.mailer(given("consolemail://"), default="")


def test_mail_goes_to_a_folder_by_default_where_that_is_asked_for(given, tmp_path):
    folder = tmp_path / "a folder" / "mail#1?"
    config = env.mailer(given(""), default=folder)
    assert config["BACKEND"].endswith("filebased.EmailBackend")
    assert config["OPTIONS"] == {"file_path": str(folder)}
    assert env.mailer(given("smtp://mail.example.com"), default=folder)["OPTIONS"]["host"] == "mail.example.com"


def test_a_replica_is_a_choice(given):
    assert env.replica(given(""), of=PRIMARY) is None
    assert env.replica(given("postgres://replica/standing"), of=PRIMARY)["HOST"] == "replica"


def test_redis_waits_no_longer_than_a_second_unless_its_address_says_so(given):
    assert env.shared_cache(given("rediss://:secret@cache.example:6380/2"))["OPTIONS"]["socket_timeout"] == 1
    with_time = env.shared_cache(given("redis://cache.example?socket_timeout=3"))
    client = import_string(with_time["BACKEND"])(with_time["LOCATION"], with_time)._cache.get_client()
    assert client.connection_pool.connection_kwargs["socket_timeout"] == 3


@pytest.mark.parametrize(
    ("read", "value", "package"),
    [
        (env.shared_cache, "redis://cache.example", "pip install redis"),
        (env.error_reports, "https://key@sentry.example.com/1", "pip install 'sentry-sdk[django]'"),
    ],
)
def test_a_package_by_choice_that_is_asked_for_and_not_there(given, monkeypatch, read, value, package):
    monkeypatch.setattr(env, "redis", None)
    monkeypatch.setattr(env, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=re.escape(package)):
        read(given(value))


def test_without_redis_the_database_keeps_the_counts(given):
    assert env.shared_cache(given(""))["BACKEND"].endswith("DatabaseCache")


class TestStart:
    """In a process of its own: a start costs seconds, so each does much."""

    def test_a_production_site_passes_all_checks(self):
        done = start(
            SECRET_KEY=LONG, BASE_URL="https://standing.example.com", BEHIND_PROXY="1", EMAIL_URL="smtp://mail.example.com",
            command="check --deploy --fail-level WARNING",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "no issues" in done.stdout

    @pytest.mark.parametrize(
        ("variables", "says"),
        [
            ({}, "SECRET_KEY is not set. Give a long random one, or DEMO=1"),
            ({"DEMO": "1", "PORT": "eighty"}, "PORT='eighty' is not a whole number from 1 to 65535."),
            ({"DEMO": "1", "ORGANISATION": "x" * 121}, "ORGANISATION has 121 characters. Write at most 120."),
            ({"DEMO": "1", "DATABASE_URL": "mysql://a/b"}, "DATABASE_URL must name SQLite or PostgreSQL."),
            ({"DEMO": "1", "READ_REPLICA_URL": "postgres://a/b"}, "READ_REPLICA_URL is set and DATABASE_URL names SQLite"),
        ],
    )
    def test_stops_with_one_line_and_no_traceback(self, variables, says):
        done = start(**variables)
        assert done.returncode == 1
        assert done.stderr.startswith("Standing cannot start: ") and says in done.stderr
        assert len(done.stderr.splitlines()) == 1

    def test_a_database_that_cannot_be_opened_is_told_in_one_line(self, tmp_path):
        (tmp_path / "folder").mkdir()
        done = start(DEMO="1", DATABASE_URL=f"sqlite:///{tmp_path / 'folder'}", command="prepare")
        assert done.returncode == 1
        assert "DATABASE_URL names a database that cannot be opened" in done.stderr
        assert "Traceback" not in done.stderr

    def test_migrations_say_all_that_the_models_say(self):
        assert start(DEMO="1", command="makemigrations --check --dry-run").returncode == 0


def test_the_env_file_speaks_where_the_environment_is_silent(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text('# ours\nSTANDING_A=from the file\nSTANDING_B="quoted"\n')
    monkeypatch.setenv("STANDING_A", "from outside")
    env.read_env_file(file)
    try:
        assert (env.text("STANDING_A"), env.text("STANDING_B")) == ("from outside", "quoted")
    finally:
        os.environ.pop("STANDING_B", None)


def test_an_env_file_that_is_no_text_stops_the_start(tmp_path):
    file = tmp_path / ".env"
    file.write_bytes(b"SECRET_KEY=\xff\xfe")
    with pytest.raises(SystemExit, match="not UTF-8"):
        env.read_env_file(file)


def test_no_env_file_is_fine(tmp_path):
    env.read_env_file(tmp_path / "absent")
