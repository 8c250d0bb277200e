"""A message with a button that takes back what it tells."""

from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

TAG = "undo:"


class Undo(NamedTuple):
    """The button of a message."""

    url: str  # a path of this site
    fields: list[tuple[str, str]]  # what it posts there
    at: str  # the id of the element that was changed, beside which the button stands while that is seen; "" for none


def offer_undo(request: HttpRequest, text: str, url: str, *, at: str = "", **fields: object) -> None:
    """Tell what happened, with a button that posts `fields` to `url`, a path of this site that takes it back."""
    messages.success(request, text, extra_tags=f"{TAG}{url}?{urlencode(fields)}#{at}")


def undo_of(message: Message) -> Undo | None:
    """The button of a message; None for a message without one."""
    if not (message.extra_tags or "").startswith(TAG):
        return None
    address, _mark, at = message.extra_tags.removeprefix(TAG).partition("#")
    url, _mark, query = address.partition("?")
    return Undo(url, parse_qsl(query, keep_blank_values=True), at)
