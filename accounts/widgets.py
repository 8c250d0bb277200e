"""Form fields that are quick to write."""

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class PlainSelect(forms.Select):
    """A select without groups, written in Python: Django renders three templates for each option, which shows where a page
    has hundreds.
    """

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        chosen = set(self.format_value(value))
        options = format_html_join(
            "\n",
            "<option {}>{}</option>",
            ((flatatt({"value": str(key), "selected": str(key) in chosen}), label) for key, label in self.choices),
        )
        return format_html(
            "<select{}>\n{}\n</select>", flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name})), options
        )
