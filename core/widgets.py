"""Form widgets that render fast."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe


class PlainSelect(forms.Select):
    """A select without option groups, rendered in Python. Django renders three templates for each option, which is slow for
    hundreds of options.
    """

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        choices: Any = self.choices
        options = "\n".join(
            f'<option value="{escape(key)}"{" selected" if str(key) in chosen else ""}>{conditional_escape(label)}</option>'
            for key, label in choices
        )
        own = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return mark_safe(f"<select{own}>\n{options}\n</select>")  # noqa: S308 each piece is escaped above
