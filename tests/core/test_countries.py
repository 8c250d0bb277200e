"""Countries by their names in the language of the page."""

import csv
import io

import pycountry
import pytest
from django.urls import reverse
from django.utils import translation

from core import text_values
from core.countries import all_countries, countries_by_name, country_name
from tests.factories import make_account, make_user


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", {"DE": "Germany", "NL": "Netherlands", "BO": "Bolivia", "VN": "Vietnam", "XX": "XX", "": ""}),
        ("nl", {"DE": "Duitsland", "NL": "Nederland", "BO": "Bolivia", "VN": "Vietnam", "XX": "XX", "": ""}),
        ("xx", {"DE": "Germany"}),
    ],
)
def test_names_are_those_of_the_language(language, names):
    with translation.override(language):
        assert {code: country_name(code) for code in names} == names


def test_each_language_has_its_own_order():
    with translation.override("en"):
        assert [code for code, _name in countries_by_name(["DE", "FR", "AX", "AL"])] == ["AX", "AL", "FR", "DE"]
    with translation.override("nl"):  # Duitsland before Frankrijk
        assert [code for code, _name in countries_by_name(["DE", "FR", "AX", "AL"])] == ["AX", "AL", "DE", "FR"]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_country_is_offered_once_and_its_shown_name_is_imported(language):
    with translation.override(language):
        offered = all_countries()
    assert len({code for code, _name in offered}) == len({name for _code, name in offered}) == len(pycountry.countries)
    assert {code: text_values.country(name) for code, name in offered} == {code: code for code, _name in offered}


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def account(self, client):
        user = make_user()
        client.force_login(user)
        client.cookies["django_language"] = "nl"
        return make_account(name="Adler", country="DE", segment="Food", owner=user)

    def test_the_list_its_filter_the_form_and_the_groups_speak_dutch(self, client, account, edition):
        for address in (
            reverse("accounts:list"),
            reverse("accounts:edit", args=[account.pk]),
            account.get_absolute_url(),
            reverse("portfolio:groups") + "?by=country",
        ):
            page = client.get(address).text
            assert "Duitsland" in page and "Germany" not in page, address
        form = client.get(reverse("accounts:list")).context["filter"].form
        assert ("DE", "Duitsland") in list(form.fields["country"].widget.choices)

    def test_the_export_keeps_the_code(self, client, account):
        answer = client.get(reverse("accounts:export", args=["csv"]))
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
        assert row["Country"] == "DE"
