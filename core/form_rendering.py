"""The widgets of forms, rendered in Python: the same HTML as that of Django's templates.

Django renders a template for each option of a select and another for its attributes, which is most of what a form with a list of
countries takes.
"""

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

WIDGETS = "django/forms/widgets"
OPTION = f"{WIDGETS}/select_option.html"
INPUTS = {
    f"{WIDGETS}/{name}.html" for name in ("text", "number", "email", "url", "password", "hidden", "checkbox", "file", "date")
}


class PythonWidgets(DjangoTemplates):
    """Renders inputs, selects and text areas in Python, all else by Django's templates."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        widget = context.get("widget", {})
        if template_name in INPUTS:
            return mark_safe(_input(widget))  # noqa: S308 each piece is escaped
        if template_name == f"{WIDGETS}/textarea.html":
            return mark_safe(_text_area(widget))  # noqa: S308
        if template_name == f"{WIDGETS}/select.html" and _has_plain_options(widget):
            return mark_safe(_select(widget))  # noqa: S308
        return mark_safe(super().render(template_name, context, request))  # noqa: S308 of a template


def _attributes(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {conditional_escape(name)}" if value is True else f' {conditional_escape(name)}="{conditional_escape(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: Mapping[str, Any]) -> str:
    value = widget["value"]
    written = "" if value is None else f' value="{conditional_escape(value)}"'
    name = conditional_escape(widget["name"])
    return f'<input type="{conditional_escape(widget["type"])}" name="{name}"{written}{_attributes(widget["attrs"])}>'


def _text_area(widget: Mapping[str, Any]) -> str:
    text = conditional_escape(localize(widget["value"])) if widget["value"] else ""
    return f'<textarea name="{conditional_escape(widget["name"])}"{_attributes(widget["attrs"])}>\n{text}</textarea>'


def _has_plain_options(widget: Mapping[str, Any]) -> bool:
    return all(option["template_name"] == OPTION for _name, options, _index in widget["optgroups"] for option in options)


def _select(widget: Mapping[str, Any]) -> str:
    lines = [f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget["attrs"])}>']
    for name, options, _index in widget["optgroups"]:
        if name:
            lines.append(f'  <optgroup label="{conditional_escape(name)}">')
        lines += [f"  {_option(option)}" for option in options]
        if name:
            lines.append("  </optgroup>")
    return "\n".join([*lines, "</select>"])


def _option(option: Mapping[str, Any]) -> str:
    label = conditional_escape(localize(option["label"]))
    return f'<option value="{conditional_escape(option["value"])}"{_attributes(option["attrs"])}>{label}</option>'
