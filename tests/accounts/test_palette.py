"""The palette finds accounts, people, actions and views, and offers what may be done."""

import pytest
from django.urls import reverse

from hierarchy.loading import load_first_edition
from portfolio.models import SavedView
from tests.factories import make_account, make_action, make_administrator, make_contact, make_plan, make_user, make_viewer

HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(db):
    load_first_edition()
    return make_account(name="Havenbedrijf", owner=make_user(name="Ines"), city="Rotterdam", customer_level=2)


def offered(client, text="", on="/"):
    answer = client.get(reverse("accounts:palette"), {"q": text}, headers=HTMX | {"HX-Current-URL": f"http://testserver{on}"})
    assert answer.status_code == 200
    return {str(group.heading): [line.label for line in group.lines] for group in answer.context["groups"]}


def test_nothing_typed_offers_what_was_opened_lately_and_what_can_be_done(client, account):
    client.force_login(account.owner)
    client.get(account.get_absolute_url())
    client.get(reverse("accounts:side_bar"), headers=HTMX)
    found = offered(client)
    assert next(iter(found)) == "Recent"
    assert found["Recent"] == ["Havenbedrijf"]
    assert {"New account", "Add an action", "Import a list", "Ask many customers", "Export data"} <= set(found["Do and go"])


def test_accounts_people_and_actions_are_found(client, account):
    make_contact(account, name="Vera van Gogh")
    make_action(make_plan(account), title="Call the haven master")
    client.force_login(account.owner)
    found = offered(client, "haven")
    assert found["Accounts"] == ["Havenbedrijf"]
    assert found["Actions"] == ["Call the haven master"]
    assert offered(client, "gogh")["People"] == ["Vera van Gogh"]


def test_views_and_acts_are_found_by_their_words(client, account):
    SavedView.objects.create(user=account.owner, name="Harbours", page="accounts:list", query="q=haven")
    client.force_login(account.owner)
    client.get(reverse("accounts:side_bar"), headers=HTMX)
    assert offered(client, "harb")["Views"] == ["Harbours"]
    assert offered(client, "shortcuts")["Do and go"] == ["See all keys"]


def test_the_page_of_an_account_offers_its_acts_to_who_may_do_them(client, account):
    page = reverse("plans:plan", args=[account.pk])
    client.force_login(account.owner)
    assert set(offered(client, on=page)["This account"]) == {
        "Edit account", "Add a contact", "Assess", "Ask the customer", "Open the plan", "Set a target",
    }  # fmt: skip
    assert "This account" not in offered(client, on="/accounts/")
    client.force_login(make_viewer())
    assert "This account" not in offered(client, on=page)
    client.force_login(make_user())
    assert "This account" not in offered(client, on=page)


def test_what_one_may_not_see_or_do_is_not_offered(client, account):
    make_contact(account, name="Haven Meester")
    make_action(make_plan(account), title="Call the haven master")
    client.force_login(make_user())
    assert offered(client, "haven") == {}
    client.force_login(make_viewer())
    assert "Do and go" not in offered(client, "new account")
    assert offered(client, "back-office") == {}
    client.force_login(make_administrator())
    assert offered(client, "back-office")["Do and go"] == ["Open the back-office"]


@pytest.mark.parametrize("rows", [1, 30])
def test_its_statements_do_not_grow(client, account, rows, django_assert_max_num_queries):
    plan = make_plan(account)
    for number in range(rows):
        make_account(name=f"Haven {number}", owner=account.owner)
        make_contact(account, name=f"Haven {number}")
        make_action(plan, title=f"Haven {number}")
    client.force_login(account.owner)
    with django_assert_max_num_queries(7):  # session, person, the open account, their teams, accounts, people, actions
        offered(client, "haven", on=account.get_absolute_url())


def test_without_htmx_it_is_the_list_with_the_same_search(client, account):
    client.force_login(account.owner)
    assert client.get(reverse("accounts:palette"), {"q": "haven"}).url == f"{reverse('accounts:list')}?q=haven"


def test_the_keys_have_a_page_and_can_be_switched_off(client, account):
    client.force_login(account.owner)
    page = client.get(reverse("accounts:keys"))
    assert "Keys of one letter do nothing while you type." in page.text
    assert 'data-keys="off"' not in page.text
    account.owner.wants_keys = False
    account.owner.save()
    page = client.get(reverse("accounts:keys"))
    assert 'data-keys="off"' in page.text
    assert "switched off in your settings" in page.text
