"""A select written in Python says what Django's own says."""

import pytest
from django import forms
from django.test import SimpleTestCase

from core.widgets import PlainSelect

CHOICES = [("", "any"), (1, "One & only"), ("two", '"Two" <b>')]


@pytest.mark.parametrize("value", [None, "", "1", 1, "two", "gone", '"><script>'])
def test_reads_as_the_select_of_django(value):
    attrs = {"class": "form-select", "data-x": '"quoted"'}
    ours, theirs = (
        kind(attrs=attrs, choices=CHOICES).render("team", value, {"id": "id_team"}) for kind in (PlainSelect, forms.Select)
    )
    SimpleTestCase().assertHTMLEqual(ours, theirs)
