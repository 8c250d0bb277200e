"""The icons of the site, drawn into the page: a strict CSP and a first visit without further requests."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

#: Shapes on a grid of 24 units, stroked in the colour of the text beside them.
SHAPES = {
    "find": '<circle cx="11" cy="11" r="7"/><path d="m20 20-4-4"/>',
    "portfolio": '<path d="M4 13h4v7H4zM10 8h4v12h-4zM16 3h4v17h-4z"/>',
    "accounts": '<path d="M4 21V5l8-2v18M12 8h8v13M3 21h18M8 8v0M8 12v0M8 16v0M16 12v0M16 16v0"/>',
    "actions": '<rect x="4" y="4" width="16" height="16" rx="4"/><path d="m8.5 12 2.5 2.5 4.5-5"/>',
    "benchmarks": '<path d="M4 4v16h16M8 16l4-5 3 3 5-7"/>',
    "hierarchy": '<path d="M7 3v18M17 3v18M7 7h10M7 12h10M7 17h10"/>',
    "view": '<path d="m12 4 2.5 5.2 5.5.8-4 4 1 5.6-5-2.7-5 2.7 1-5.6-4-4 5.5-.8z"/>',
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """The icon `name` of `SHAPES`, hidden from screen readers: the words stand beside it."""
    return format_html(
        '<svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.6" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>',
        mark_safe(SHAPES[name]),  # noqa: S308 a constant of this module
    )
