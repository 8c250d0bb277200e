"""How a level looks. Tags instead of included templates: a page holds a hundred of them."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def level_badge(level: int | None, kind: str = "theirs", size: str = "") -> SafeString:
    """The badge of a level: the customer's (`theirs`), `ours`, or a `target`; a dash without one."""
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
