"""`manage.py verify_derived`: the stored standing of every account against its history."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import derived
from accounts.models import Account
from tests.factories import make_account, make_contact, make_result

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    account = make_account(name="Northwind")
    make_result(account, timezone.localdate() - timedelta(days=30), customer=3.1)
    derived.refresh([account.pk])
    return account


def test_nothing_deviates_after_every_act(account, capsys):
    call_command("verify_derived")
    assert capsys.readouterr().out == "Every derived column is what its history says.\n"


def test_a_deviation_is_named_and_ends_with_an_error(account, capsys):
    Account.objects.filter(pk=account.pk).update(customer_level=5)
    with pytest.raises(CommandError, match="1 of 1 accounts deviate"):
        call_command("verify_derived")
    assert capsys.readouterr().out == f"{account.pk} Northwind: customer_level 5 → 3\n"


def test_a_wrong_search_key_is_named_without_its_words_and_mended(account, capsys):
    person = make_contact(account, name="Vera van Gogh")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_contact SET search_key = ''")
    with pytest.raises(CommandError, match="1 accounts and contacts have wrong search keys, 0 deviate"):
        call_command("verify_derived")
    assert capsys.readouterr().out == f"contact {person.pk}: search_key\n"
    call_command("verify_derived", fix=True)
    person.refresh_from_db()
    assert person.search_key == " vera van gogh"
    call_command("verify_derived")


def test_fix_mends_what_deviates(account, capsys, monkeypatch):
    monkeypatch.setattr(derived, "BATCH", 1)
    make_account()
    Account.objects.filter(pk=account.pk).update(customer_level=5)
    call_command("verify_derived", fix=True)
    assert capsys.readouterr().out.endswith("1 accounts were mended.\n")
    call_command("verify_derived")
    assert Account.objects.get(pk=account.pk).level == 3
