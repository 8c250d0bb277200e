"""A select written in Python says what Django's own says."""

import pytest
from django import forms
from django.test import SimpleTestCase

from core.widgets import PlainSelect, options_written

CHOICES = [("", "any"), (1, "One & only"), ("two", '"Two" <b>')]


@pytest.mark.parametrize("value", [None, "", "1", 1, "two", "gone", '"><script>'])
def test_reads_as_the_select_of_django(value):
    attrs = {"class": "form-select", "data-x": '"quoted"'}
    ours, theirs = (
        kind(attrs=attrs, choices=CHOICES).render("team", value, {"id": "id_team"}) for kind in (PlainSelect, forms.Select)
    )
    SimpleTestCase().assertHTMLEqual(ours, theirs)


def test_options_that_many_selects_share_are_written_once():
    written = options_written(CHOICES)
    own, shared = (PlainSelect(choices=CHOICES), PlainSelect(written=written))
    assert shared.render("team", "two", {"id": "id_team"}) == own.render("team", "two", {"id": "id_team"})
    assert written.count("selected") == 0
