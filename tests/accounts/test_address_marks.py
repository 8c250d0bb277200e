"""Since when a contact has its address, whatever writes it; and which addresses are ours."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.acts.erasure import erase_contact
from accounts.address_mark import LONG_AGO, mark_of, since_of
from accounts.models import Contact, User
from accounts.our_mail import our_mail
from core.bulk_insert import insert_many
from core.bulk_update import update_many
from tests.factories import make_account, make_contact, make_user

THEN = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def since(contact: Contact) -> datetime:
    return Contact.objects.get(pk=contact.pk).address_since


def by_saving(contact: Contact, email: str) -> None:
    contact.email = email
    contact.save()


def by_saving_the_column(contact: Contact, email: str) -> None:
    contact.email = email
    contact.save(update_fields=["email"])


def by_a_version(contact: Contact, email: str) -> None:
    contact.email = email
    contact.save_version(contact.version, ["email"])


def by_a_query(contact: Contact, email: str) -> None:
    Contact.objects.filter(pk=contact.pk).update(email=email)


def by_bulk_update(contact: Contact, email: str) -> None:
    contact.email = email
    Contact.objects.bulk_update([contact], ["email"])


def by_many(contact: Contact, email: str) -> None:
    contact.email = email
    update_many([contact], ["email"])


WAYS = [by_saving, by_saving_the_column, by_a_version, by_a_query, by_bulk_update, by_many]


@pytest.mark.django_db
class TestSince:
    @pytest.fixture
    def anna(self):
        return make_contact(email="anna@acme.test", since=THEN)

    @pytest.mark.parametrize("write", WAYS)
    def test_a_new_address_begins_now(self, anna, write):
        with time_machine.travel(NOW, tick=False):
            write(Contact.objects.get(pk=anna.pk), "me@elsewhere.test")
        assert since(anna) == NOW

    @pytest.mark.parametrize("write", WAYS)
    @pytest.mark.parametrize("email", ["anna@acme.test", "Anna@ACME.test"])
    def test_the_same_one_goes_on(self, anna, write, email):
        write(Contact.objects.get(pk=anna.pk), email)
        assert since(anna) == THEN

    @pytest.mark.parametrize("write", WAYS)
    def test_one_that_comes_back_begins_anew(self, anna, write):
        write(Contact.objects.get(pk=anna.pk), "me@elsewhere.test")
        with time_machine.travel(NOW, tick=False):
            write(Contact.objects.get(pk=anna.pk), "anna@acme.test")
        assert since(anna) == NOW

    def test_other_columns_leave_it(self, anna):
        anna.title = "Buyer"
        anna.save_version(anna.version, ["title"])
        Contact.objects.update(title="Head buyer")
        assert since(anna) == THEN

    @pytest.mark.parametrize("rows", [1, 150])
    def test_who_is_made_begins_now(self, rows):
        account = make_account()
        with time_machine.travel(NOW, tick=False):
            insert_many([Contact(account=account, name=f"P{n}", buying_role="user") for n in range(rows)])
        assert {one.address_since for one in Contact.objects.all()} == {NOW}

    def test_who_is_erased_has_none_any_more(self, anna):
        before = timezone.now()
        erase_contact(anna, by=anna.account.owner)
        assert since(anna) >= before

    def test_a_row_without_a_mark_had_it_for_long(self):
        assert Contact(email="anna@acme.test").address_since == LONG_AGO


def test_a_mark_is_read_back():
    moment = THEN + timedelta(microseconds=7)
    assert since_of(mark_of("anna@acme.test", moment)) == moment
    assert mark_of("ANNA@acme.test", THEN) == mark_of("anna@acme.test", THEN) != mark_of("ann@acme.test", THEN)


@pytest.mark.django_db
class TestOurMail:
    @pytest.fixture(autouse=True)
    def people(self, settings):
        settings.DEFAULT_FROM_EMAIL = "Standing <standing@mail.vermeer.test>"
        make_user(email="mila@vermeer.test")
        make_user(email="Ada@gmail.com")
        make_user(email="gone@former.test", is_active=False)

    @pytest.mark.parametrize(
        "address",
        ["x@vermeer.test", "X@Vermeer.Test", "x@sales.vermeer.test", "x@mail.vermeer.test", "ada@gmail.com", "mila@vermeer.test"],
    )
    def test_is_at_a_domain_of_our_people_or_of_the_sender_or_one_of_theirs(self, address):
        assert our_mail().has(address)

    @pytest.mark.parametrize(
        "address", ["x@gmail.com", "x@former.test", "x@notvermeer.test", "x@vermeer.test.acme.test", "", "x"]
    )
    def test_others_are_not(self, address):
        assert not our_mail().has(address)

    def test_the_setting_says_it_otherwise(self, settings):
        settings.OUR_MAIL_DOMAINS = ["vermeer-partners.test"]
        assert our_mail().has("x@vermeer-partners.test") and our_mail().has("mila@vermeer.test")
        assert not our_mail().has("x@vermeer.test")

    def test_a_domain_with_an_accent_is_known_in_both_spellings(self, settings):
        settings.OUR_MAIL_DOMAINS = ["xn--mller-kva.test"]
        assert our_mail().has("x@müller.test") and our_mail().has("x@xn--mller-kva.test")

    def test_costs_one_statement(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            our_mail()
        assert User.objects.count() == 3
