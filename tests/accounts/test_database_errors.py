"""What the database says while a form is stored: only the rule that is meant becomes a sentence about what was typed."""

import json

import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client
from django.urls import reverse

from accounts.forms import AccountForm, ContactForm
from accounts.models import CrmSource
from accounts.pages.crm_forms import CrmSourceForm
from api.keys import make_key
from plans.action_plans.acts import start_plan
from plans.calendar.keys import renew
from plans.models import ActionPlan
from tests.factories import make_account, make_administrator, make_contact, make_user

pytestmark = pytest.mark.django_db

OTHERWISE = IntegrityError("event_chain_does_not_fork")  # another rule than the one that the form tells


@pytest.fixture
def manager():
    return make_user()


@pytest.fixture
def visitor(manager):
    visitor = Client(raise_request_exception=False)
    visitor.force_login(manager)
    return visitor


def failing(error):
    def act(*args, **kwargs):
        # Meanwhile somebody took the external id: what was typed is taken, and that is not what went wrong.
        make_account(external_id="C1")
        raise error

    return act


def stored_while(monkeypatch, visitor, manager, error, path="accounts.pages.accounts.create_account"):
    monkeypatch.setattr(path, failing(error))
    data = {"name": "A", "currency": "EUR", "owner": manager.pk, "external_id": "C1"}
    return visitor.post(reverse("accounts:new"), data)


def test_a_connection_that_breaks_while_an_account_is_stored(monkeypatch, visitor, manager):
    answer = stored_while(monkeypatch, visitor, manager, OperationalError("the connection is lost"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_another_rule_is_not_told_as_an_external_id_that_is_taken(monkeypatch, visitor, manager):
    assert stored_while(monkeypatch, visitor, manager, OTHERWISE).status_code == 500


@pytest.mark.parametrize(("error", "status"), [(OperationalError("the connection is lost"), 503), (OTHERWISE, 500)])
def test_the_same_of_the_api(monkeypatch, manager, error, status):
    secret = make_key(manager, by=manager, name="Tests", scope="write")[1]
    monkeypatch.setattr("accounts.api.create_account", failing(error))
    answer = Client(raise_request_exception=False).post(
        "/api/v1/accounts",
        json.dumps({"name": "A", "external_id": "C1"}),
        "application/json",
        HTTP_AUTHORIZATION=f"Bearer {secret}",
    )
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_account_refuses_only_its_own_rule(manager):
    form = AccountForm({"name": "A", "currency": "EUR", "owner": manager.pk, "external_id": "C1"}, user=manager)
    assert form.is_valid()
    make_account(external_id="C1")
    with pytest.raises(IntegrityError):
        form.refuse(OTHERWISE)


def test_a_contact_refuses_only_its_own_rule(manager):
    account = make_account(owner=manager)
    form = ContactForm(
        {"name": "I", "email": "i@example.com", "buying_role": "user", "influence": 2, "part_of_decision": True}, account=account
    )
    assert form.is_valid()
    make_contact(account, email="i@example.com")
    with pytest.raises(IntegrityError):
        form.refuse(OTHERWISE)


def test_a_system_refuses_only_its_own_rule():
    form = CrmSourceForm({"source": "A", "owned": []})
    assert form.is_valid()
    CrmSource.objects.create(source="A", key="a")
    with pytest.raises(IntegrityError):
        form.refuse(OTHERWISE)


def test_a_plan_that_breaks_another_rule_is_no_double_click(monkeypatch, manager):
    account = make_account(owner=manager)

    def save(self, *args, **kwargs):
        raise OTHERWISE

    monkeypatch.setattr(ActionPlan, "save", save)
    with pytest.raises(IntegrityError):
        start_plan(account, from_rank=2, by=manager, owner=manager)


def test_a_calendar_that_breaks_another_rule_is_not_one_that_is_there(monkeypatch):
    user = make_administrator()

    def create(**kwargs):
        raise OTHERWISE

    monkeypatch.setattr("plans.calendar.keys.CalendarFeed.objects.create", create)
    with pytest.raises(IntegrityError):
        renew(user, seen=0)
