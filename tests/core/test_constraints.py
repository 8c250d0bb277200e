"""Which rule of the database was broken, told apart on both databases."""

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, transaction

from accounts.models import Account, Contact
from core.constraints import violates
from tests.factories import make_account, make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken():
    """The error of an act that breaks a rule."""

    def error_of(act) -> IntegrityError:
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            act()
        return caught.value

    return error_of


def test_a_rule_on_columns(broken):
    one = make_account(source="crm", external_id="1")
    error = broken(lambda: make_account(source="crm", external_id="1", owner=one.owner))
    assert violates(error, Account, "account_external_id_once")
    assert not violates(error, Account, "account_has_a_name", "account_not_its_own_parent")


def test_a_rule_on_an_expression(broken):
    one = make_contact(email="ines@example.com")
    error = broken(lambda: make_contact(one.account, email="INES@example.com"))
    assert violates(error, Contact, "contact_email_once_an_account")
    assert not violates(error, Account, "account_external_id_once")


def test_a_rule_on_values(broken):
    one = make_account()
    error = broken(lambda: Account.objects.filter(pk=one.pk).update(name=""))
    assert violates(error, Account, "account_external_id_once", "account_has_a_name")
    assert not violates(error, Account, "account_external_id_once")


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError, DatabaseError])
def test_a_connection_that_breaks_breaks_no_rule(kind):
    assert not violates(kind("account_external_id_once"), Account, "account_external_id_once")
