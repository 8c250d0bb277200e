"""The same call several times at the same moment, as a program sends it that did not wait long enough."""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Account, Contact
from api.keys import make_key
from assessments.models import Assessment, Response
from hierarchy.loading import load_first_edition
from tests.assessments.test_rating_races import all_at_once
from tests.factories import make_account, make_contact

TOGETHER = 6

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]


@pytest.fixture
def account(transactional_db):
    load_first_edition()
    return make_account()


@pytest.fixture
def post(account) -> Callable:
    _key, secret = make_key(account.owner, by=account.owner, name="Races", scope="write")

    def send(path: str, body: dict, method: str = "POST", **headers: str) -> int:
        sent = {"Authorization": f"Bearer {secret}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        client = Client(raise_request_exception=False)
        answer = client.generic(method, f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=sent)
        connection.close()
        return answer.status_code

    return send


def test_with_one_idempotency_key_it_is_done_once(account, post):
    body, path = {"name": "Ines", "buying_role": "user"}, f"/accounts/{account.pk}/contacts"
    answers = all_at_once(*[lambda: post(path, body, Idempotency_Key="one")] * TOGETHER)
    assert set(answers) <= {201, 409}, answers
    assert 201 in answers
    assert Contact.objects.count() == 1


def test_one_of_several_changes_of_one_version_is_stored(account, post):
    acts = [lambda city=city: post(f"/accounts/{account.pk}", {"city": city}, "PATCH", If_Match='"v1"') for city in "ABCDEF"]
    answers = all_at_once(*acts)
    assert sorted(answers) == [200] + [412] * (TOGETHER - 1)
    assert Account.objects.get().version == 2


def test_one_assessment_is_opened(account, post):
    answers = all_at_once(*[lambda: post(f"/accounts/{account.pk}/assessments", {})] * TOGETHER)
    assert sorted(answers) == [201] + [409] * (TOGETHER - 1)
    assert Assessment.objects.count() == 1


def test_a_contact_answers_once(account, post):
    post(f"/accounts/{account.pk}/assessments", {})
    path, contact = f"/assessments/{Assessment.objects.get().pk}/responses", make_contact(account)
    acts = [
        lambda mark=mark: post(path, {"side": "customer", "contact": contact.pk, "answers": {"1a": mark}}) for mark in range(1, 6)
    ]
    answers = all_at_once(*acts)
    assert sorted(answers) == [201] + [409] * 4
    assert Response.objects.count() == 1


def test_an_external_id_is_made_once_and_every_call_succeeds(account, post):
    acts = [lambda city=city: post("/accounts/by-external-id/crm/1", {"name": "Adler", "city": city}, "PUT") for city in "ABCDEF"]
    answers = all_at_once(*acts)
    assert sorted(answers) == [200] * (TOGETHER - 1) + [201]
    made = Account.objects.get(external_id="1")
    assert made.version == TOGETHER and made.city in "ABCDEF"


def test_changes_by_an_external_id_wait_for_each_other(account, post):
    Account.objects.filter(pk=account.pk).update(source="crm", external_id="1")
    acts = [lambda city=city: post("/accounts/by-external-id/crm/1", {"name": "Adler", "city": city}, "PUT") for city in "ABCDEF"]
    assert all_at_once(*acts) == [200] * TOGETHER
    assert Account.objects.get().version == 1 + TOGETHER


def test_of_changes_by_an_external_id_that_name_a_version_one_is_stored(account, post):
    Account.objects.filter(pk=account.pk).update(source="crm", external_id="1")
    path = "/accounts/by-external-id/crm/1"
    acts = [lambda city=city: post(path, {"name": "Adler", "city": city}, "PUT", If_Match='"v1"') for city in "ABCDEF"]
    assert sorted(all_at_once(*acts)) == [200] + [412] * (TOGETHER - 1)


def test_an_external_id_that_an_unseen_account_has_is_refused_to_all_at_once(account, post):
    make_account(source="crm", external_id="1")
    acts = [lambda: post("/accounts/by-external-id/crm/1", {"name": "Adler"}, "PUT")] * TOGETHER
    assert all_at_once(*acts) == [422] * TOGETHER
