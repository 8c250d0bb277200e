"""An account made by hand that looks like one that is here: said once, with nothing that was typed lost."""

import pytest
from django.urls import reverse

from accounts import duplicates
from accounts.models import Account
from tests.factories import make_account, make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    manager = make_user()
    client.force_login(manager)
    return manager


def make(client, by, **fields):
    return client.post(reverse("accounts:new"), {"currency": "EUR", "owner": by.pk} | fields)


def test_it_is_named_with_a_link_and_what_was_typed_stays(client, manager):
    acme = make_account(name="Acme", owner=manager)
    answer = make(client, manager, name="ACME B.V.", city="Breda", notes="Met at the fair.")
    assert answer.status_code == 422
    assert f'<a href="{acme.get_absolute_url()}">Acme</a>: the same name but for “B.V.”' in answer.text
    assert answer.context["form"]["city"].value() == "Breda"
    assert "Met at the fair." in answer.text
    assert Account.objects.count() == 1


def test_it_is_made_nevertheless(client, manager):
    make_account(name="Acme", owner=manager)
    seen = make(client, manager, name="Acme B.V.").context["seen"]
    assert make(client, manager, name="Acme B.V.", seen=seen).status_code == 302
    assert Account.objects.filter(name="Acme B.V.").exists()


def test_a_name_that_is_corrected_needs_no_button(client, manager):
    make_account(name="Acme", owner=manager)
    make(client, manager, name="Acme B.V.")
    assert make(client, manager, name="Acme Nederland").status_code == 302


def test_another_one_is_named_although_the_first_was_seen(client, manager):
    acme, bravo = make_account(name="Acme", owner=manager), make_account(name="Bravo", owner=manager)
    answer = make(client, manager, name="Bravo B.V.", seen=str(acme.pk))
    assert answer.status_code == 422
    assert answer.context["seen"] == f"{acme.pk}-{bravo.pk}"


def test_by_the_domain_of_the_website_or_of_a_contacts_address(client, manager):
    make_account(name="Acme", owner=manager, website="https://www.acme.nl")
    make_contact(make_account(name="Bravo", owner=manager), email="jo@bravo.nl")
    for site, name in (("https://acme.nl/contact", "Acme"), ("https://www.bravo.nl", "Bravo")):
        answer = make(client, manager, name="Another", website=site)
        assert [(account.name, why) for account, why in answer.context["alike"]] == [(name, f"the same domain {name.lower()}.nl")]


def test_an_international_domain_in_either_spelling(client, manager):
    make_account(name="Acme", owner=manager, website="https://bücher.de")
    make_account(name="Bravo", owner=manager, website="https://xn--zrich-kva.ch")
    assert make(client, manager, name="Another", website="https://xn--bcher-kva.de").context["alike"][0][0].name == "Acme"
    assert make(client, manager, name="Another", website="https://zürich.ch").context["alike"][0][0].name == "Bravo"


def test_a_domain_that_only_holds_the_other_is_another(client, manager):
    make_account(name="Acme", owner=manager, website="https://notacme.nl")
    make_contact(make_account(name="Bravo", owner=manager), email="jo@notacme.nl")
    make_contact(make_account(name="Delta", owner=manager, website="https://delta.nl"), email="jo@acme.nl")
    assert make(client, manager, name="Another", website="https://acme.nl").status_code == 302


def test_what_one_does_not_see_is_not_named(client, manager):
    make_account(name="Acme", website="https://acme.nl")
    assert make(client, manager, name="Acme B.V.", website="https://acme.nl").status_code == 302


def test_the_parent_is_not_taken_for_it(client, manager):
    make_account(name="Acme", owner=manager, website="https://acme.nl")
    assert make(client, manager, name="Acme Shop", website="https://acme.nl", parent="Acme").status_code == 302


def test_a_form_with_an_error_says_that_first(client, manager):
    make_account(name="Acme", owner=manager)
    answer = make(client, manager, name="Acme B.V.", currency="")
    assert "currency" in answer.context["form"].errors
    assert answer.context["alike"] == []


def test_an_account_that_is_changed_is_not_compared(client, manager):
    make_account(name="Acme", owner=manager)
    other = make_account(name="Bravo", owner=manager)
    data = {"name": "Acme B.V.", "currency": "EUR", "owner": manager.pk, "version": other.version}
    assert client.post(reverse("accounts:edit", args=[other.pk]), data).status_code == 302


@pytest.mark.parametrize("seen", ["x", "-", "9" * 40, "١", "1--2"])
def test_a_seen_that_is_none_is_as_if_not_sent(client, manager, seen):
    make_account(name="Acme", owner=manager)
    assert make(client, manager, name="Acme B.V.", seen=seen).status_code in {302, 422}


@pytest.mark.parametrize("accounts", [1, 60])
def test_looking_costs_four_statements_whatever_the_accounts(manager, accounts, django_assert_num_queries):
    Account.objects.bulk_create(Account(name="Acme", owner=manager) for _ in range(accounts))
    with django_assert_num_queries(4):
        found = duplicates.accounts_like(manager, "Acme B.V.", "https://acme.nl")
    assert len(found) == min(accounts, duplicates.MAX_SHOWN)
