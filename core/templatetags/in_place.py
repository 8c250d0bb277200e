"""A value that is changed where it stands. Drawn in Python: a list of actions has a hundred of them."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django import template
from django.db import models
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.in_place import field_of

register = template.Library()


@register.simple_tag(takes_context=True)
def in_place(
    context: Context, obj: models.Model, name: str, may_change: bool = False, text: Any = None, css: str = ""
) -> SafeString:
    """The value of the registered field `name` of `obj`: a button that opens a small form where it stands, for whoever
    `may_change` it; else the value alone. `text` is shown in place of the value, `css` is a class of it. No statement.

    Without JavaScript the button is a link to a page with the same form.
    """
    field = field_of(obj, name)
    shown = field.shown(obj) if text is None else text
    empty = shown in (None, "")
    value = format_html('<span class="{}">{}</span>', "muted" if empty else css, field.nothing if empty else shown)
    if not may_change:
        return value
    spot, label = field.spot(obj), str(field.label)
    request = context.get("request")
    url = f"{field.url(obj)}?next={quote(request.get_full_path() if request else '', safe='')}"
    return format_html(
        '<span class="in-place" id="{spot}"><a class="value" role="button" href="{url}" hx-get="{url}" hx-target="#{spot}" '
        'hx-swap="innerHTML" title="{title}"><span class="visually-hidden">{title}: </span>{value}</a></span>',
        spot=spot, url=url, value=value, title=_("Edit %(field)s") % {"field": label},
    )  # fmt: skip


@register.filter
def chips(names: Iterable[str]) -> SafeString:
    """Each name in a tag of its own."""
    return format_html_join("", '<span class="tag plain">{}</span>', ((name,) for name in names))
