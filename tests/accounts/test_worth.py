"""The revenue in the reporting currency, which lists sort by and sums are made of."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts import derived
from accounts.models import Account, ExchangeRate
from tests.factories import make_account, make_administrator, make_user

pytestmark = pytest.mark.django_db

RATES = {"EUR": Decimal(1), "USD": Decimal("0.9215"), "JPY": Decimal("0.00612345")}


@pytest.mark.parametrize(
    ("revenue", "currency", "worth"),
    [
        ("100", "EUR", "100.00"),
        ("100.10", "USD", "92.24"),  # 92.24215
        ("1000", "JPY", "6.12"),  # 6.12345
        ("0", "USD", "0.00"),
        ("3", "CHF", None),
        (None, "EUR", None),
    ],
)
def test_worth_is_revenue_by_rate_in_cents(revenue, currency, worth):
    found = derived.worth_of(revenue and Decimal(revenue), currency, RATES)
    assert found == (worth and Decimal(worth))


def worth_of(account: Account) -> Decimal | None:
    return Account.objects.values_list("worth", flat=True).get(pk=account.pk)


def test_more_digits_than_sqlite_keeps_do_not_deviate():
    ExchangeRate.objects.create(currency="KWD", rate="3.00000007", as_of=date(2026, 1, 1))
    account = make_account(revenue=Decimal("9999999999999.99"), currency="KWD")
    assert list(derived.deviations([account.pk], date(2026, 1, 1))) == []


class TestTheRateInTheBackOffice:
    @pytest.fixture
    def dollars(self, client):
        client.force_login(make_administrator())
        return make_account(revenue=100, currency="USD")

    def test_a_new_rate_values_the_accounts_in_its_currency(self, client, dollars):
        euros = make_account(revenue=100)
        answer = client.post(
            reverse("admin:accounts_exchangerate_add"), {"currency": "USD", "rate": "0.5", "as_of": "2026-01-01"}
        )
        assert answer.status_code == 302
        assert (worth_of(dollars), worth_of(euros)) == (50, 100)

    def test_a_changed_rate_values_both_the_old_and_the_new_currency(self, client, dollars):
        rate = ExchangeRate.objects.create(currency="USD", rate="0.5", as_of=date(2026, 1, 1))
        pounds = make_account(revenue=100, currency="GBP")
        derived.refresh([dollars.pk])
        changed = {"currency": "GBP", "rate": "1.2", "as_of": "2026-02-01", "seen": rate.version}
        assert client.post(reverse("admin:accounts_exchangerate_change", args=[rate.pk]), changed).status_code == 302
        assert (worth_of(dollars), worth_of(pounds)) == (None, 120)

    def test_without_the_rate_nothing_is_known(self, client, dollars):
        rate = ExchangeRate.objects.create(currency="USD", rate="0.5", as_of=date(2026, 1, 1))
        derived.refresh([dollars.pk])
        answer = client.post(reverse("admin:accounts_exchangerate_delete", args=[rate.pk]), {"post": "yes"})
        assert answer.status_code == 302
        assert worth_of(dollars) is None


class TestTheAccount:
    def test_a_new_account_is_valued(self, client):
        client.force_login(owner := make_user())
        data = {"name": "Adventure Works", "revenue": "250", "currency": "EUR", "owner": owner.pk}
        assert client.post(reverse("accounts:new"), data).status_code == 302
        assert worth_of(Account.objects.get()) == 250

    def test_a_changed_revenue_is_valued_anew(self, client):
        account = make_account(revenue=100)
        client.force_login(account.owner)
        data = {"name": "Northwind", "revenue": "300", "currency": "EUR", "owner": account.owner_id, "version": 1}
        assert client.post(reverse("accounts:edit", args=[account.pk]), data).status_code == 302
        assert worth_of(account) == 300
