"""Read and check environment variables, for settings.py, which names them.

A malformed value stops the start with one line that says what to write instead.
"""

import os
import re
import sys
import zoneinfo
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, quote, urlsplit

import environ
import psycopg
import pycountry
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import make_conninfo

try:
    import redis
except ImportError:  # optional
    redis = None  # type: ignore[assignment]


def stop(message: str) -> NoReturn:
    sys.exit(f"Standing cannot start: {message}")


def read_env_file(path: Path) -> None:
    """Set the variables of the file that are not set yet; the file may be missing."""
    try:
        environ.Env.read_env(path)
    except UnicodeDecodeError:
        stop(f"{path} is not UTF-8 text.")


def text(name: str, *, default: str = "") -> str:
    """The variable, stripped; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or default


def line(name: str, *, default: str = "", most: int) -> str:
    """One line of text for pages and mail headers, at most `most` characters."""
    value = text(name, default=default)
    if len(value) > most:
        stop(f"{name} has {len(value)} characters. Write at most {most}.")
    if not value.isprintable():
        stop(f"{name}={value!r} is not one line of text. Write it without line breaks.")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """A boolean variable. An unknown value stops the start, since a guess could switch off a protection."""
    value = text(name).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if value:
        stop(f"{name}={value!r} is not a yes or a no. Write 1 or 0.")
    return default


def whole_number(name: str, *, default: int, low: int, high: int) -> int:
    value = text(name, default=str(default))
    if not value.isdecimal() or not low <= int(value) <= high:
        stop(f"{name}={value!r} is not a whole number from {low} to {high}.")
    return int(value)


def hosts(name: str, *, default: list[str]) -> list[str]:
    """Host names separated by commas; a leading dot includes all subdomains."""
    names = [host.strip() for host in text(name).split(",") if host.strip()]
    for host in names:
        if host != "*" and not re.fullmatch(r"\.?[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]", host):
            stop(f"{name}: {host!r} is no machine's name. Write standing.example.com, without https:// or port.")
    return names or default


def mail_domains(name: str) -> list[str]:
    """Domains of e-mail addresses in lower case, separated by commas; empty when not set."""
    names = [domain.strip().lower() for domain in text(name).split(",") if domain.strip()]
    for domain in names:
        if not re.fullmatch(r"([a-z0-9-]+\.)+[a-z0-9-]{2,}", domain):
            stop(f"{name}: {domain!r} is no domain of mail. Write example.com, without @ or a name before it.")
    return names


def site_address(name: str, *, default: str) -> str:
    """A URL with http or https that has no path, query or user."""
    value = text(name, default=default)
    try:
        parts = urlsplit(value)
        fine = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
        fine = fine and parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        fine = False
    if not fine or re.search(r"\s", value):
        stop(f"{name}={value!r} is not an address such as https://standing.example.com.")
    return value.rstrip("/")


def database(name: str, *, default: str) -> dict[str, Any]:
    """The URL of a SQLite file or of a PostgreSQL database; query parameters, such as sslmode, go to the client library."""
    url = text(name, default=default)
    if _parts(url) is None:
        stop(f"{name} is not an address. Write postgres://user:password@machine:5432/name or sqlite:////path.")
    try:
        config = environ.Env.db_url_config(url)
        make_conninfo(**config.get("OPTIONS", {}))
    except (ValueError, ImproperlyConfigured, psycopg.ProgrammingError) as error:
        stop(f"{name} cannot be read: {str(error).strip()}.")
    kind, database_name = config.get("ENGINE", ""), config.get("NAME", "")
    if kind == "django.db.backends.sqlite3":
        if config.pop("OPTIONS", None) or urlsplit(url).netloc or database_name in {"", ":memory:"}:
            stop(f"{name}: SQLite needs the path of a file and nothing else: sqlite:////path/to/file.")
        if not Path(database_name).parent.is_dir():
            stop(f"{name}: there is no folder {Path(database_name).parent}.")
    elif kind != "django.db.backends.postgresql":
        stop(f"{name} must name SQLite or PostgreSQL.")
    elif not database_name:
        stop(f"{name} names no database: postgres://user:password@machine:5432/name.")
    return config


def replica(name: str, *, of: dict[str, Any]) -> dict[str, Any] | None:
    """The URL of a PostgreSQL server that replicates the primary `of`; None when not set."""
    if not text(name):
        return None
    config = database(name, default="")
    if not config["ENGINE"].endswith("postgresql"):
        stop(f"{name} must name a PostgreSQL server that replicates the one of DATABASE_URL.")
    if not of["ENGINE"].endswith("postgresql"):
        stop(f"{name} is set and DATABASE_URL names SQLite, which cannot be replicated. Leave one of them out.")
    if all(config.get(part) == of.get(part) for part in ("HOST", "PORT", "NAME")):
        stop(f"{name} names the same server as DATABASE_URL. Name its replica, or leave it out.")
    return config


def shared_cache(name: str) -> dict[str, Any]:
    """The cache that all processes share, for rate limits: Redis, or a table of the database when not set."""
    url = text(name)
    if not url:
        return {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
            # Many new keys must not evict the counters of other clients.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    parts = _parts(url)
    if parts is None or parts.scheme not in {"redis", "rediss"} or not parts.hostname or not re.fullmatch(r"(/\d*)?", parts.path):
        stop(f"{name} must name Redis: redis://machine:6379/0.")
    if redis is None:
        stop(f"{name} names Redis, and the Python package “redis” is not installed: pip install redis.")
    try:
        redis.ConnectionPool.from_url(url).make_connection()  # checks the URL; it does not connect yet
    except (ValueError, TypeError, redis.RedisError) as error:
        stop(f"{name} cannot be read: {error}.")
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},  # seconds; query parameters override these
    }


def error_reports(name: str) -> str:
    """The DSN of a Sentry project; empty when not set."""
    dsn = text(name)
    if not dsn:
        return ""
    parts = _parts(dsn)
    whole = parts is not None and parts.scheme in {"http", "https"} and parts.username and parts.hostname
    if parts is None or not whole or not re.fullmatch(r"(/[\w.-]+)*/\d+", parts.path):
        stop(f"{name} is not an address of Sentry. Write https://key@sentry.example.com/1.")
    if find_spec("sentry_sdk") is None:
        stop(f"{name} is set, and the Python package “sentry-sdk” is not installed: pip install 'sentry-sdk[django]'.")
    return dsn


def mailer(name: str, *, default: Path) -> dict[str, Any]:
    """The URL of the mail backend: smtp:// smtps:// (STARTTLS) smtp+ssl:// consolemail:// filemail:///folder dummymail://

    Without one, each mail is a file in the folder `default`.
    """
    url = text(name, default=f"filemail:///{quote(str(default))}")
    try:
        config = environ.Env.email_url_config(url)
    except (ValueError, ImproperlyConfigured):
        stop(f"{name} is not an address for mail. Write smtps://user:password@machine:587 or consolemail://.")
    backend = config["EMAIL_BACKEND"]
    if backend.endswith("smtp.EmailBackend"):
        if not config["EMAIL_HOST"]:
            stop(f"{name} names no machine: smtps://user:password@machine:587.")
        tls, ssl = config.get("EMAIL_USE_TLS", False), config.get("EMAIL_USE_SSL", False)
        options = {
            "host": config["EMAIL_HOST"],
            "port": config["EMAIL_PORT"] or (465 if ssl else 587 if tls else 25),
            "username": config["EMAIL_HOST_USER"],
            "password": config["EMAIL_HOST_PASSWORD"],
            "use_tls": tls,
            "use_ssl": ssl,
            "timeout": 20,
        }
        return {"BACKEND": backend, "OPTIONS": options}
    if backend.endswith("filebased.EmailBackend"):
        if not config["EMAIL_FILE_PATH"]:
            stop(f"{name} names no folder: filemail:////path/to/folder.")
        return {"BACKEND": backend, "OPTIONS": {"file_path": config["EMAIL_FILE_PATH"]}}
    return {"BACKEND": backend}


def _parts(url: str) -> SplitResult | None:
    """The parts of a URL; None without a scheme or with a malformed port."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme else None


def currency(name: str, *, default: str) -> str:
    code = text(name, default=default).upper()
    if pycountry.currencies.get(alpha_3=code) is None:
        stop(f"{name}={code!r} is not a currency. Write its three letters, for example EUR.")
    return code


def time_zone(name: str, *, default: str) -> str:
    zone = text(name, default=default)
    if zone not in zoneinfo.available_timezones():
        stop(f"{name}={zone!r} is not a time zone. Write one such as Europe/Amsterdam.")
    return zone


def mail_address(name: str, *, default: str) -> str:
    address = text(name, default=default)
    if "@" not in parseaddr(address)[1] or re.search(r"[\r\n]", address):
        stop(f"{name}={address!r} is not an e-mail address. Write Standing <standing@example.com>.")
    return address
