"""Form fields for numbers that are written in the format of the language of the page."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats

from core import text_values


class AmountField(forms.DecimalField):
    """An amount in cents: 1.200.000,50 or 1 200 000 in Dutch, 1,200,000.50 in English, 1200000.5 in both.

    An ambiguous text is refused. A value that is a number already, as the API sends it, is accepted as it is.
    """

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip():
            value = _parsed(text_values.written_number, value, formats.get_format("DECIMAL_SEPARATOR"))
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        whole = value == value.to_integral_value()
        return formats.number_format(value, decimal_pos=0 if whole else self.decimal_places, force_grouping=True)


class CountField(forms.IntegerField):
    """A whole number, with or without separators between thousands. It has no fraction, so no separator is ambiguous."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip():
            value = _parsed(text_values.whole_number, value.strip())
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"inputmode": "numeric", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        return formats.number_format(value, force_grouping=True) if isinstance(value, int) else value


def _parsed(parse: Callable[..., Decimal | int], *arguments: str) -> Decimal | int:
    try:
        return parse(*arguments)
    except ValueError as error:
        raise ValidationError(str(error), code="invalid") from None
