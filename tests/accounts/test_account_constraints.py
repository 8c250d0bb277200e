import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F

from accounts.models import Account, Contact, ExchangeRate, User
from tests.factories import make_account, make_contact, make_user

pytestmark = pytest.mark.django_db


def test_an_external_id_occurs_once_a_source():
    make_account(external_id="7", source="crm")
    make_account(external_id="7", source="erp")
    with pytest.raises(IntegrityError):
        make_account(external_id="7", source="crm")


def test_many_accounts_have_no_external_id():
    make_account(external_id="")
    make_account(external_id="")


@pytest.mark.parametrize(
    "wrong",
    [{"revenue": -1}, {"name": ""}, {"status": "gone"}, {"customer_level": 6}, {"team_level": 0}, {"target_level": 9}],
)
def test_the_database_refuses_what_cannot_be(wrong):
    with pytest.raises(IntegrityError):
        make_account(**wrong)


def test_an_account_is_not_its_own_parent():
    account = make_account()
    with pytest.raises(IntegrityError):
        Account.objects.filter(pk=account.pk).update(parent=F("pk"))


def test_parents_make_no_circle():
    top = make_account(name="top")
    middle = make_account(name="middle", parent=top)
    top.parent = make_account(name="bottom", parent=middle)
    with pytest.raises(ValidationError, match="circle"):
        top.clean()


def test_email_addresses_differ_by_more_than_case():
    make_user(email="mila@example.com")
    with pytest.raises(IntegrityError):
        User.objects.bulk_create([User(email="MILA@example.com", name="Mila")])


def test_a_contact_has_an_email_once_an_account():
    account = make_account()
    make_contact(account, email="ines@example.net")
    make_contact(make_account(), email="ines@example.net")
    with pytest.raises(IntegrityError):
        make_contact(account, email="INES@example.net")


@pytest.mark.parametrize("wrong", [{"influence": 4}, {"influence": 0}, {"buying_role": "boss"}])
def test_a_contact_has_a_known_role_and_influence(wrong):
    with pytest.raises(IntegrityError):
        make_contact(**wrong)


def test_a_rate_is_above_zero():
    with pytest.raises(IntegrityError):
        ExchangeRate.objects.create(currency="USD", rate=0, as_of="2026-01-01")


def test_contacts_go_with_a_removed_account_but_not_with_an_archived_one():
    account = make_account()
    make_contact(account)
    Account.objects.filter(pk=account.pk).update(status=Account.Status.ARCHIVED)
    assert Contact.objects.count() == 1
