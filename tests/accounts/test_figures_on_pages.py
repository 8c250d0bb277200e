"""How figures are written on pages: rounded, but for a position and an agreement."""

from decimal import Decimal

import pytest

from accounts.models import Account
from accounts.templatetags.standing import agreement, money, percent, position, revenue, signed

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("3190000", "€ 3.2 M"),
        ("999999", "€ 1.0 M"),
        ("99960000", "€ 100 M"),
        ("1250", "€ 1.3 k"),
        ("999.99", "€ 1.0 k"),
        ("820.50", "€ 821"),
    ],
)
def test_money_is_rounded_to_what_is_shown(amount, written):
    assert money(Decimal(amount), "EUR") == written


@pytest.mark.parametrize(("number", "written"), [(0.96, "+1.0"), (-0.28, "−0.3"), (0.04, "0.0"), (2, "+2"), (0, "0")])
def test_a_signed_number_is_rounded_to_one_decimal(number, written):
    assert signed(number) == written


def test_a_share_is_rounded_to_whole_percents():
    assert percent(0.996) == "100 %"


@pytest.mark.parametrize(("value", "written"), [(2.6667, "2.6"), (2.96, "2.9"), (3.0, "3.0"), (None, "")])
def test_a_position_is_cut_off_so_that_it_is_never_on_a_level_that_is_not_held(value, written):
    assert position(value) == written


@pytest.mark.parametrize(("value", "written"), [(0.6996, "0.69"), (0.7, "0.70"), (1.0, "1.00"), (None, "")])
def test_an_agreement_is_cut_off_so_that_it_is_never_in_a_word_that_is_not_reached(value, written):
    assert agreement(value) == written


@pytest.mark.parametrize(
    ("amount", "currency", "worth", "written"),
    [
        (2000, "EUR", 2000, "€ 2.0 k"),
        (2000, "USD", 1840, "€ 1.8 k ($ 2.0 k)"),
        (2000, "JPY", None, "JPY 2.0 k, no exchange rate"),
        (0, "JPY", None, "JPY 0"),
    ],
)
def test_revenue_is_in_the_reporting_currency_and_says_what_it_was(amount, currency, worth, written):
    account = Account(revenue=Decimal(amount), currency=currency, worth=None if worth is None else Decimal(worth))
    assert revenue(account) == written
