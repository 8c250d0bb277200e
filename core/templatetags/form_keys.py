from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.form_keys import FIELD, new_key

register = template.Library()


@register.simple_tag
def form_key() -> SafeString:
    """The hidden field with a new form key; the view of the form has the decorator `sent_once`."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_key())
