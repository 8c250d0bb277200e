"""Numbers as people write them in the account form."""

import html
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from core.number_fields import AmountField, CountField
from tests.factories import make_account, make_user

AMOUNT = AmountField(max_digits=15, decimal_places=2, min_value=0)
COUNT = CountField(min_value=0)
NBSP = "\u00a0"


def amount(text, language):
    with translation.override(language):
        return AMOUNT.clean(text)


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("1.200.000,50", "nl", "1200000.50"),
        ("1 200 000", "nl", "1200000"),
        (f"1{NBSP}200{NBSP}000,5", "nl", "1200000.5"),
        ("1.234", "nl", "1234"),
        ("1.234.567", "nl", "1234567"),
        ("12,5", "nl", "12.5"),
        ("0,125", "en", None),
        ("1,200,000.50", "en", "1200000.50"),
        ("1,234", "en", "1234"),
        ("1'234.50", "en", "1234.50"),
        ("12.5", "en", "12.5"),
        (" 1200 ", "en", "1200"),
        # what only the other language writes so can be read in one way
        ("1,200,000.50", "nl", "1200000.50"),
        ("1,234,567", "nl", "1234567"),
        ("1200.50", "nl", "1200.50"),
        ("1.200.000,50", "en", "1200000.50"),
        ("1.234.567", "en", "1234567"),
        ("12,50", "en", "12.50"),
    ],
)
def test_an_amount_is_taken_as_it_is_meant(text, language, number):
    if number is None:
        with pytest.raises(ValidationError):
            amount(text, language)
    else:
        assert amount(text, language) == Decimal(number)


@pytest.mark.parametrize(("text", "language"), [("1,234", "nl"), ("1.234", "en"), ("12.345", "en"), ("999,000", "nl")])
def test_what_can_be_read_in_two_ways_is_refused_with_the_way_out(text, language):
    with pytest.raises(ValidationError) as refused, translation.override("en" if language == "en" else "nl"):
        AMOUNT.clean(text)
    whole = text.replace(",", "").replace(".", "")
    assert whole in refused.value.messages[0]
    assert amount(whole, language) == Decimal(whole)


@pytest.mark.parametrize(
    "text", ["x", "€ 12", "12 €", "1e5", "1.2.3", "1,2,3", "12 34", "1 2", "1..2", ",", "-", "--1", "٣", "1,234.567,8", "NaN"]
)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_what_is_no_amount_is_refused(text, language):
    with pytest.raises(ValidationError):
        amount(text, language)


def test_less_than_nothing_and_parts_of_a_cent_are_refused():
    for text in ("-5", "-1.200,00", "1,005.125", "0.125"):
        with pytest.raises(ValidationError):
            amount(text, "en")


@given(st.decimals(min_value=0, max_value=Decimal("9999999999999.99"), places=2), st.sampled_from(["en", "nl"]))
def test_what_is_shown_is_read_back_to_the_cent(number, language):
    with translation.override(language):
        assert AMOUNT.clean(AMOUNT.prepare_value(number)) == number


@given(st.integers(min_value=0, max_value=2**31 - 1), st.sampled_from(["en", "nl"]))
def test_a_count_is_read_back(number, language):
    with translation.override(language):
        assert COUNT.clean(COUNT.prepare_value(number)) == number


@pytest.mark.parametrize("text", ["1200", "1.200", "1,200", "1 200", f"1{NBSP}200", "1200,0"])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_count_has_no_fraction_to_take_a_mark_for(text, language):
    with translation.override(language):
        assert COUNT.clean(text) == 1200


@pytest.mark.parametrize("text", ["1,5", "1.2.3", "x", "-3", "9999999999", "1e3"])
def test_what_is_no_count_is_refused(text):
    with pytest.raises(ValidationError):
        COUNT.clean(text)


@pytest.mark.django_db
class TestForm:
    @pytest.fixture
    def account(self, client):
        user = make_user()
        client.force_login(user)
        return make_account(name="Adler", revenue=Decimal("1200000.50"), employees=1200, owner=user)

    def send(self, client, account, **fields):
        sent = {"name": account.name, "currency": "EUR", "owner": account.owner_id, "version": account.version}
        return client.post(reverse("accounts:edit", args=[account.pk]), sent | fields)

    @pytest.mark.parametrize(
        ("language", "revenue", "people"), [("nl", "1.200.000,50", "1.200"), ("en", "1,200,000.50", "1,200")]
    )
    def test_shows_what_is_stored_in_the_language_and_saves_it_unchanged(self, client, account, language, revenue, people):
        client.cookies["django_language"] = language
        page = client.get(reverse("accounts:edit", args=[account.pk])).text
        assert f'value="{revenue}"' in page and f'value="{people}"' in page
        assert self.send(client, account, revenue=revenue, employees=people).status_code == 302
        stored = Account.objects.get()
        assert (stored.revenue, stored.employees) == (Decimal("1200000.50"), 1200)

    def test_what_is_refused_stays_in_the_field(self, client, account):
        client.cookies["django_language"] = "en"
        response = self.send(client, account, revenue="1.234", employees="many")
        page = html.unescape(response.text)
        assert response.status_code == 422
        assert "“1.234” can be read as two numbers. If it is a whole one, write 1234." in page and 'value="1.234"' in page
        assert "“many” is not a whole number. Write 1200." in page and 'value="many"' in page
