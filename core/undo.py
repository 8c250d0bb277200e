"""A message with a button that takes back what it tells."""

from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

TAG = "undo:"


def offer_undo(request: HttpRequest, text: str, url: str, **fields: object) -> None:
    """Tell what happened, with a button that posts `fields` to `url`, a path of this site that takes it back."""
    messages.success(request, text, extra_tags=f"{TAG}{url}?{urlencode(fields)}")


def undo_of(message: Message) -> tuple[str, list[tuple[str, str]]] | None:
    """The address of the button of a message and what it posts; None for a message without one."""
    if not (message.extra_tags or "").startswith(TAG):
        return None
    url, _mark, query = message.extra_tags.removeprefix(TAG).partition("?")
    return url, parse_qsl(query, keep_blank_values=True)
