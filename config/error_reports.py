"""Send errors to Sentry when `SENTRY_DSN` is set, without personal data and secrets.

The package sentry-sdk is optional; only this module imports it. `config.environment` checks that it is installed.
"""

from typing import Any

from config.logs import without_keys

try:
    import sentry_sdk
except ImportError:  # optional
    sentry_sdk = None

NEVER_SENT = ("data", "cookies", "query_string", "env")  # parts of a request with input, searches and identities
KEPT_HEADERS = frozenset({"accept", "accept-language", "content-length", "content-type", "host", "user-agent"})


def start(dsn: str) -> None:
    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,  # they may hold passwords, tokens and answers of customers
        max_request_body_size="never",
        max_breadcrumbs=0,  # SQL statements and log lines
        before_send=without_secrets,
    )


def without_secrets(event: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    """The event without input, cookies and most headers; keys in URLs are masked, as in the log."""
    request = event.get("request", {})
    for part in NEVER_SENT:
        request.pop(part, None)
    if "headers" in request:
        request["headers"] = {name: value for name, value in request["headers"].items() if name.lower() in KEPT_HEADERS}
    return _masked(event)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return without_keys(value)
    if isinstance(value, dict):
        return {name: _masked(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(part) for part in value]
    return value
