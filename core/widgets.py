"""Form fields that are quick to write."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe


class PlainSelect(forms.Select):
    """A select without groups, written in Python: Django renders three templates for each option, which shows where a page
    has hundreds.
    """

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        chosen = set(self.format_value(value))
        choices: Any = self.choices
        options = "\n".join(
            f'<option value="{escape(key)}"{" selected" if str(key) in chosen else ""}>{conditional_escape(label)}</option>'
            for key, label in choices
        )
        own = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return mark_safe(f"<select{own}>\n{options}\n</select>")  # noqa: S308 each piece is escaped above
