"""The levels of an edition in words: in the customer's, which are quoted, and in ours."""

from typing import Protocol

from django.utils.translation import gettext as _


class HasSeenAs(Protocol):
    """An object with both wordings of how the customer sees us: a `Level`, or a copy of its values."""

    @property
    def seen_as(self) -> str: ...

    @property
    def seen_as_ours(self) -> str: ...


def quoted(text: str) -> str:
    """Somebody's own words, in the quotation marks of the language of the page."""
    return _("“%(words)s”") % {"words": text} if text else ""


def in_our_words(level: HasSeenAs | None) -> str:
    """What follows “They see us as”; the customer's own sentence in quotation marks where the edition lacks ours."""
    if level is None:
        return ""
    return (level.seen_as_ours or "").rstrip(" .") or quoted((level.seen_as or "").rstrip(" ."))
