"""Helpers of the forms of targets, plans and actions."""

from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Show the errors of an act beside the fields that they name, else above the form."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for field, errors in by_field.items():
        form.add_error(field if field in form.fields else None, errors)


NOT_A_DATE = _("This is not a date. Write it as year-month-day, for example 2028-06-30.")


def of_model(form: forms.BaseForm, name: str) -> forms.ModelChoiceField:
    return cast("forms.ModelChoiceField", form.fields[name])


def date_input(**attrs: str) -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", **attrs}, format="%Y-%m-%d")


def limit(field: forms.Field, characters: int) -> None:
    """Set the most characters of a text field: a text column has no limit of its own."""
    field.validators.append(MaxLengthValidator(characters))
    field.widget.attrs["maxlength"] = characters
