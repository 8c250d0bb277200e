"""Errors told to Sentry, where `SENTRY_DSN` says so: where it broke, and nothing of whom or what it was about.

The package is optional and imported here alone. That it is there is checked where `SENTRY_DSN` is read.
"""

from typing import Any

from config.logs import without_keys

try:
    import sentry_sdk
except ImportError:  # optional
    sentry_sdk = None

NEVER_SENT = ("data", "cookies", "query_string", "env")  # of a request: what people typed and searched for, and who they are
KEPT_HEADERS = frozenset({"accept", "accept-language", "content-length", "content-type", "host", "user-agent"})


def start(dsn: str) -> None:
    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,  # they hold passwords, tokens, and what customers said
        max_request_body_size="never",
        max_breadcrumbs=0,  # statements and log lines on the way there
        before_send=without_secrets,
    )


def without_secrets(event: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    """The event as it may leave: keys in addresses masked everywhere, as in the log."""
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
