"""Levels on pages: their badges, and how the customer sees us in words.

Badges are tags, not included templates, because a page can have a hundred of them.
"""

from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hierarchy import words

register = template.Library()
register.filter("quoted", words.quoted)
register.filter("in_our_words", words.in_our_words)

UNKNOWN = mark_safe('<span class="lv unknown" aria-hidden="true">?</span>')


@register.simple_tag
def level_badge(level: int | None, kind: str = "theirs", size: str = "") -> SafeString:
    """The badge of a level: the customer's (`theirs`), `ours`, or a `target`; a dash without one."""
    return _badge(level, kind, size, get_language())


@register.simple_tag
def stand_badge(level: int | None, by_customer: object) -> SafeString:
    """The badge of the level of an account: the customer's view if there is one, else our view; a question mark without a level."""
    return _badge(level, "theirs" if by_customer else "ours", "", get_language()) if level else UNKNOWN


@lru_cache(maxsize=256)  # five levels in a few kinds, sizes and languages
def _badge(level: int | None, kind: str, size: str, _language: str | None) -> SafeString:
    """The badge in the active language, which is an argument only as part of the key of the cache."""
    if not level:
        return format_html('<span class="muted">{}</span>', "–")
    if kind == "ours":
        css, words = "our", _("our view: level")
    elif kind == "target":
        css, words = "goal", _("target: level")
    else:
        css, words = f"lv{level}", _("level")
    badge = '<span class="lv {} {}"><span class="visually-hidden">{} </span>{}</span>'
    return format_html(badge, css, size, words, level)
