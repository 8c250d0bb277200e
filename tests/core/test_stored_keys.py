"""Stored keys: every way to write a row sets them."""

import pytest
from django.core import serializers
from django.db import connection

from accounts.models import Account, Contact
from core.bulk_insert import COPY_FROM, insert_many
from core.folding import search_key
from core.stored_keys import keys_of, wrong_keys
from tests.factories import make_account, make_contact, make_user

pytestmark = pytest.mark.django_db


def stored(row):
    return type(row).objects.values_list("search_key", flat=True).get(pk=row.pk)


def all_right():
    return [row for model in (Account, Contact) for row, _wrong in wrong_keys(model.objects.all())] == []


def test_the_models_have_their_keys():
    assert {key.name: key.of for key in keys_of(Account)} == {
        "search_key": ("name", "external_id", "city"),
        "name_key": ("name",),
        "domain_key": ("website",),
    }
    assert {key.name: key.of for key in keys_of(Contact)} == {
        "search_key": ("name", "email"),
        "domain_key": ("email",),
        "address_mark": ("email",),
    }
    assert [key.name for key in keys_of(Account, ["city"])] == ["search_key"]
    assert keys_of(Account, ["segment"]) == []


class TestWriters:
    def test_save(self):
        account = make_account(name="Söderås", external_id="C-1", city="Lund")
        assert stored(account) == account.search_key == search_key("Söderås", "C-1", "Lund")
        account.name = "Norrås"
        account.save()
        assert stored(account) == search_key("Norrås", "C-1", "Lund")

    def test_save_of_some_fields(self):
        account = make_account(name="Söderås")
        account.name, account.city = "Norrås", "Lund"
        account.save(update_fields=["name"])
        assert "norras" in stored(account)

    def test_save_version(self):
        account, person = make_account(name="Before"), make_contact(name="Before")
        account.name = person.name = "Äfter"
        account.save_version(1, ["name"])
        person.save_version(1, ["name"])
        assert stored(account) == stored(person) == " after aefter"
        assert Account.objects.get(pk=account.pk).name_key == "after"

    def test_bulk_create(self):
        owner = make_user()
        Account.objects.bulk_create([Account(name="Één", owner=owner), Account(name="Twee", owner=owner)])
        assert sorted(Account.objects.values_list("search_key", flat=True)) == [" een", " twee"]

    @pytest.mark.parametrize("rows", [3, COPY_FROM + 1])
    def test_insert_many(self, rows):
        owner = make_user()
        insert_many([Account(name=f"Één {n}", owner=owner) for n in range(rows)])
        assert Account.objects.filter(search_key__startswith=" een").count() == rows
        assert all_right()

    def test_bulk_update(self):
        account, other = make_account(name="Before"), make_account(name="Other")
        account.name, other.city = "Äfter", "Gouda"
        Account.objects.bulk_update([account, other], ["name"])
        assert (stored(account), stored(other)) == (" after aefter", " other gouda")

    def test_update(self):
        account, person = make_account(name="Before"), make_contact(name="Before")
        assert Account.objects.filter(name="Before").update(name="Äfter") == 1
        assert Contact.objects.filter(name="Before").update(name="Äfter", email="a@b.example") == 1
        assert stored(account) == " after aefter"
        assert all_right() and stored(person).startswith(" after aefter a b example")

    def test_a_change_of_something_else_costs_no_more(self, django_assert_num_queries):
        make_account()
        with django_assert_num_queries(1):
            Account.objects.update(segment="Trade")

    def test_update_or_create(self):
        account = make_account(name="Before")
        Account.objects.update_or_create(pk=account.pk, defaults={"name": "After"})
        assert stored(account) == " after"


def test_a_row_that_was_written_past_them_is_told():
    account = make_account(name="Northwind")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_account SET search_key = 'wrong'")
    assert [(row.pk, wrong) for row, wrong in wrong_keys(Account.objects.all())] == [(account.pk, {"search_key": " northwind"})]
    Account.objects.all().renew_keys([account.pk])
    assert all_right()


def test_migrations_and_records_know_a_text():
    account = make_account(name="Northwind")
    assert Account._meta.get_field("search_key").deconstruct()[1] == "django.db.models.TextField"
    (item,) = serializers.deserialize("python", serializers.serialize("python", [account]))
    assert item.object.name == "Northwind"
