"""Widgets rendered in Python read as Django's templates render them."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils.safestring import mark_safe

from core.form_rendering import INPUTS, WIDGETS, PythonWidgets

ATTRS = {
    "class": "form-control",
    "data-x": '"quoted" & <b>',
    "required": True,
    "disabled": False,
    "rows": 3,
    "safe": mark_safe("&amp;"),
}
CHOICES = [
    ("", "any"),
    (1, "One & only"),
    ("two", '"Two" <b>'),
    (3, 12345),
    ("Group <i>", [("a", "A"), ("b", mark_safe("<b>B</b>"))]),
]
VALUES = [None, "", 0, "1", 1, "two", "gone", "a", '"><script>', "two\nlines", 1234567, "é", mark_safe("&amp;")]
KINDS = [
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.HiddenInput, forms.CheckboxInput,
    forms.FileInput, forms.DateInput, forms.Textarea,
]  # fmt: skip


def both(widget, value):
    return [widget.render("na<me>", value, {"id": "id_name"}, renderer) for renderer in (PythonWidgets(), DjangoTemplates())]


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_a_field_reads_as_that_of_django(kind, value):
    ours, theirs = both(kind(attrs=ATTRS), value)
    assert ours == theirs
    assert hasattr(ours, "__html__")


@pytest.mark.parametrize("value", [*VALUES, ("1", "a")], ids=repr)
@pytest.mark.parametrize("kind", [forms.Select, forms.SelectMultiple, forms.NullBooleanSelect])
def test_a_select_reads_as_that_of_django(kind, value):
    widget = kind(attrs=ATTRS) if kind is forms.NullBooleanSelect else kind(attrs=ATTRS, choices=CHOICES)
    ours, theirs = both(widget, value)
    assert ours.split("\n") == [line for line in theirs.split("\n") if line.strip()]


@pytest.mark.parametrize("widget", [forms.RadioSelect(choices=CHOICES), forms.SplitDateTimeWidget(), forms.ClearableFileInput()])
def test_other_widgets_are_left_to_django(widget):
    ours, theirs = both(widget, None)
    assert ours == theirs


def test_an_option_with_a_template_of_its_own_is_left_to_django():
    widget = forms.Select(choices=CHOICES)
    widget.option_template_name = f"{WIDGETS}/input_option.html"
    ours, theirs = both(widget, "1")
    assert ours == theirs


def test_the_templates_are_those_of_djangos_widgets():
    assert {kind.template_name for kind in KINDS} - INPUTS == {forms.Textarea.template_name}


def test_all_forms_are_rendered_so():
    assert isinstance(get_default_renderer(), PythonWidgets)
