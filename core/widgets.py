"""Form widgets that render fast."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe


class PlainSelect(forms.Select):
    """A select without option groups, rendered in Python. Django renders three templates for each option, which is slow for
    hundreds of options. `written` are its options where many selects share them (`options_written`).
    """

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = (), *, written: str = "") -> None:
        super().__init__(attrs, choices)
        self.written = written

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        options = self.written or options_written(self.choices)
        for chosen in self.format_value(value):
            option = f'<option value="{escape(chosen)}">'
            options = options.replace(option, f"{option.removesuffix('>')} selected>", 1)
        own = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return mark_safe(f"<select{own}>\n{options}\n</select>")  # noqa: S308 each piece is escaped


def options_written(choices: Any) -> str:
    """The options of a select, none of them chosen."""
    return "\n".join(f'<option value="{escape(key)}">{conditional_escape(label)}</option>' for key, label in choices)
