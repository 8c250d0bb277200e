"""What lies beside the straight way: hidden parents, circles, two people in the same moment."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from accounts.acts.changing import change_account, create_account
from accounts.forms import AccountForm, ContactForm
from accounts.models import Account, Contact
from tests.factories import make_account, make_contact, make_user
from tests.import_pages import choose, upload


@pytest.fixture
def manager(client, db):
    user = make_user()
    client.force_login(user)
    return user


def typed(account, **fields):
    data = {"name": account.name, "currency": "EUR", "owner": account.owner_id, "version": account.version}
    return data | {"parent": ""} | fields


class TestHiddenParent:
    @pytest.fixture
    def child(self, manager):
        return make_account(name="Child", owner=manager, parent=make_account(name="Secret Holding", external_id="S-1"))

    def test_its_name_stands_on_no_page(self, client, child, edition):
        for path in (child.get_absolute_url(), reverse("accounts:edit", args=[child.pk]), reverse("accounts:list")):
            assert "Secret" not in client.get(path).text

    def test_it_stays_when_something_else_changes(self, client, child):
        client.post(reverse("accounts:edit", args=[child.pk]), typed(child, city="Delft"))
        child.refresh_from_db()
        assert (child.city, child.parent.name) == ("Delft", "Secret Holding")

    @pytest.mark.parametrize("guess", ["Secret Holding", "S-1"])
    def test_guessing_it_gives_nothing_away(self, client, child, guess):
        path = reverse("accounts:edit", args=[child.pk])
        answers = [client.post(path, typed(child, parent=text)) for text in (guess, "Nobody")]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert answers[0].context["form"].errors == answers[1].context["form"].errors

    def test_nor_do_both_versions_of_a_conflict(self, client, child, manager):
        make_account(name="Open Holding", owner=manager)
        stale = typed(child, name="Mine", parent="Open Holding")
        Account.objects.filter(pk=child.pk).update(name="Theirs", version=2)
        answer = client.post(reverse("accounts:edit", args=[child.pk]), stale)
        assert answer.status_code == 409 and "Theirs" in answer.text
        assert "Secret" not in answer.text

    def test_another_one_takes_its_place(self, client, child, manager):
        make_account(name="Open Holding", owner=manager)
        client.post(reverse("accounts:edit", args=[child.pk]), typed(child, parent="Open Holding"))
        child.refresh_from_db()
        assert child.parent.name == "Open Holding"


def test_a_parent_below_the_account_is_refused_beside_the_field(client, manager):
    top = make_account(name="Top", owner=manager)
    below = make_account(name="Below", owner=manager, parent=make_account(name="Middle", owner=manager, parent=top))
    answer = client.post(reverse("accounts:edit", args=[top.pk]), typed(top, parent=below.name))
    assert answer.status_code == 422 and "circle" in str(answer.context["form"].errors["parent"])


def test_an_external_id_is_taken_in_one_source_and_free_in_another(client, manager):
    make_account(external_id="C1", source="crm")
    data = {"name": "A", "currency": "EUR", "owner": manager.pk, "external_id": "C1", "source": "crm"}
    refused = client.post(reverse("accounts:new"), data)
    assert refused.status_code == 422 and refused.context["form"].errors.keys() == {"external_id"}
    assert client.post(reverse("accounts:new"), data | {"source": "erp"}).status_code == 302


def test_an_external_id_that_is_taken_in_the_same_moment_is_told_beside_the_field(client, manager, monkeypatch):
    def someone_was_first(form, *, by):
        make_account(external_id="C1")
        return create_account(form, by=by)

    monkeypatch.setattr("accounts.pages.accounts.create_account", someone_was_first)
    data = {"name": "A", "currency": "EUR", "owner": manager.pk, "external_id": "C1"}
    answer = client.post(reverse("accounts:new"), data)
    assert answer.status_code == 422 and answer.context["form"].errors.keys() == {"external_id"}
    assert Account.objects.count() == 1


def test_an_error_of_the_database_that_is_no_double_is_not_hidden(manager):
    form = AccountForm({"name": "A", "currency": "EUR", "owner": manager.pk}, user=manager)
    assert form.is_valid()
    with pytest.raises(IntegrityError):
        form.refuse(IntegrityError("something else"))


def test_a_circle_that_someone_closed_in_the_same_moment_is_told_beside_the_field(manager):
    one = make_account(name="One", owner=manager)
    make_account(name="Two", owner=manager)
    form = AccountForm(typed(one, parent="Two"), user=manager, instance=one)
    assert form.is_valid()
    Account.objects.filter(name="Two").update(parent=one)
    with pytest.raises(ValidationError) as circle:
        change_account(form, by=manager)
    form.refuse(circle.value)
    assert form.errors.keys() == {"parent"}
    assert Account.objects.get(name="One").parent is None


def test_an_address_that_is_taken_in_the_same_moment_is_told_beside_the_field(manager):
    account = make_account(owner=manager)
    data = {"name": "Ines", "email": "ines@example.com", "buying_role": "user", "influence": 2, "part_of_decision": "on"}
    form = ContactForm(data, account=account, instance=Contact(account=account))
    assert form.is_valid()
    make_contact(account, email="INES@example.com")
    form.refuse(IntegrityError("contact_email_once_an_account"))
    assert form.errors.keys() == {"email"}


@pytest.mark.on_postgres
@pytest.mark.django_db(transaction=True)
def test_of_eight_who_edit_at_once_one_is_stored_and_the_others_keep_their_text():
    owner = make_user()
    account = make_account(name="Before", owner=owner)
    path, data = reverse("accounts:edit", args=[account.pk]), typed(account)
    answers = []

    def edit(number):
        browser = Client()
        browser.force_login(owner)
        answer = browser.post(path, data | {"name": f"Name {number}"})
        answers.append((answer.status_code, f"Name {number}" in answer.text))
        connection.close()

    editors = [threading.Thread(target=edit, args=[number]) for number in range(8)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert sorted(status for status, _ in answers) == [302] + [409] * 7
    assert all(kept for status, kept in answers if status == 409)
    assert Account.objects.get().version == 2


def test_the_preview_of_an_import_does_not_name_a_hidden_parent(client, manager):
    hidden = make_account(name="Secret Holding")
    make_account(name="Child", owner=manager, parent=hidden)
    make_account(name="Open Holding", owner=manager)
    job = upload(client, "name,parent\nChild,Open Holding\n")
    page = client.get(choose(client, job, column_0="name", column_1="parent").url).text
    assert "Open Holding" in page and "Secret" not in page
