"""Sentences about cells: the same few for each of 100 000 wrong rows, translated once.

To look one up in the catalogue takes longer than to find out that a cell is wrong.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.translation import gettext as translated

_at_hand: ContextVar[dict[str, str] | None] = ContextVar("sentences at hand", default=None)


def gettext(sentence: str) -> str:
    """The sentence in the language of whoever imports."""
    kept = _at_hand.get()
    if kept is None:
        return translated(sentence)
    if sentence not in kept:
        kept[sentence] = translated(sentence)
    return kept[sentence]


@contextmanager
def at_hand() -> Iterator[None]:
    """Within this each sentence is looked up once, in the language that is active when it is first needed."""
    token = _at_hand.set({})
    try:
        yield
    finally:
        _at_hand.reset(token)
