"""What holds for every call: problems, versions, the same write sent again, and how often one may call."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError, transaction
from django.test import Client, RequestFactory
from django.urls import resolve
from django.utils import timezone

from accounts.acts.changing import save_contact
from accounts.acts.erasure import erase_contact
from accounts.models import Account, Contact
from api import access, idempotency
from api.models import IdempotencyRecord
from config.tasks import tidy
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


def told(answer, status: int) -> dict:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    problem = json.loads(answer.content)
    assert problem["status"] == status
    assert {"type", "title", "detail"} <= set(problem)
    return problem


class TestProblems:
    @pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v2/accounts", "/api/v1/accounts/"])
    def test_an_unknown_address_is_a_problem(self, client, path, fresh_cache):
        told(client.get(path), 404)

    def test_a_method_that_is_not_there_says_which_are(self, api, account):
        answer = api.put("/accounts", {})
        told(answer, 405)
        assert answer["Allow"] == "GET, HEAD, POST"
        assert api.post(f"/accounts/{account.pk}/history", {})["Allow"] == "GET, HEAD"
        assert api.get("/assessments/1/close")["Allow"] == "POST"

    def test_without_a_key_it_says_how_to_send_one(self, caller, fresh_cache):
        answer = caller(None).get("/accounts")
        told(answer, 401)
        assert answer["WWW-Authenticate"].startswith("Bearer")

    @pytest.mark.parametrize("id_", ["0", "-1", "x", "1.5", "99999999999999999999", "%00", "%F0%9F%98%80"])
    def test_an_id_that_is_none_is_not_found(self, api, id_):
        told(api.get(f"/accounts/{id_}"), 404)

    @pytest.mark.parametrize(
        "body", ["{", "[]", '"x"', "nul", '{"name": NaN}', '{"name": "\\ud800"}', '{"\\ud800": 1}', '{"name": "a\\u0000"}', ""]
    )
    def test_a_body_that_is_not_as_described_breaks_nothing(self, api, body):
        answer = api.post("/accounts", body)
        told(answer, answer.status_code)
        assert answer.status_code in {400, 422}
        assert not Account.objects.exists()

    def test_every_wrong_field_is_named(self, api):
        problem = told(api.post("/accounts", {"name": "", "revenue": -1, "colour": "red", "customer_since": "31-12-2020"}), 422)
        assert {one["pointer"] for one in problem["errors"]} == {"#/name", "#/revenue", "#/colour", "#/customer_since"}

    @pytest.mark.parametrize(
        ("query", "name"), [("limit=201", "limit"), ("limit=0", "limit"), ("limit=x", "limit"), ("cursor=x", "cursor")]
    )
    def test_a_list_names_the_parameter_that_is_wrong(self, api, query, name):
        problem = told(api.get(f"/accounts?{query}"), 422)
        assert [one["parameter"] for one in problem["errors"]] == [name]

    def test_while_the_database_is_away_it_says_when_to_try_again(self, api, monkeypatch):
        def away(secret):
            raise OperationalError("could not connect")

        monkeypatch.setattr("api.access.key_of", away)
        answer = api.get("/accounts")
        told(answer, 503)
        assert answer["Retry-After"]

    def test_an_error_of_ours_is_a_problem_too(self, api, monkeypatch):
        monkeypatch.setattr("accounts.api.accounts_shown", lambda *_: 1 / 0)
        told(api.get("/accounts"), 500)

    def test_it_is_said_in_the_language_that_is_asked_for(self, api):
        english, dutch = (
            api.post("/accounts", {"name": "A", "country": "XX"}, accept_language=language).json() for language in ("en", "nl")
        )
        assert english["errors"][0]["pointer"] == dutch["errors"][0]["pointer"] == "#/country"
        assert english["detail"] != dutch["detail"]


class TestHead:
    @pytest.mark.parametrize("path", ["/catalogue", "/accounts", "/accounts/{id}", "/accounts/{id}/contacts", "/portfolio", "/events",
                                      "/accounts/987654", "/accounts?limit=x", "/openapi.json", "/docs"])  # fmt: skip
    def test_answers_as_get_does_without_the_body(self, api, account, path):
        path = path.format(id=account.pk)
        got, head = api.get(path), api("HEAD", path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert int(head["Content-Length"]) == len(got.content) > 0
        for name in ("Content-Type", "ETag", "Cache-Control"):
            assert head.get(name) == got.get(name)

    def test_is_subject_to_the_same_access_control(self, api, account, caller, stranger):
        assert caller(None)("HEAD", "/accounts").status_code == 401
        assert stranger("HEAD", f"/accounts/{account.pk}").status_code == 404
        before = int(api.get("/accounts")["RateLimit-Remaining"])
        assert int(api("HEAD", "/accounts")["RateLimit-Remaining"]) == before - 1

    def test_is_not_there_where_nothing_is_read(self, api, account):
        answer = api("HEAD", "/assessments/1/close")
        assert (answer.status_code, answer["Allow"]) == (405, "POST")

    def test_makes_no_body_to_begin_with(self, api):
        """The test client takes a body away by itself, so the view is asked."""
        request = RequestFactory().head("/api/v1/accounts", headers={"Authorization": f"Bearer {api.secret}"})
        answer = resolve("/api/v1/accounts").func(request)
        assert (answer.status_code, answer.content, request.method) == (200, b"", "HEAD")


class TestVersions:
    def test_a_change_names_the_version_that_was_seen(self, api, account):
        path = f"/accounts/{account.pk}"
        first = api.get(path)["ETag"]
        told(api.patch(path, {"city": "Delft"}), 428)
        changed = api.patch(path, {"city": "Delft"}, if_match=first)
        assert (changed.status_code, changed.json()["city"]) == (200, "Delft")
        assert changed["ETag"] == api.get(path)["ETag"] != first
        told(api.patch(path, {"city": "Leiden"}, if_match=first), 412)
        told(api.delete(path, if_match=first), 412)
        told(api.delete(path), 428)
        account.refresh_from_db()
        assert (account.city, account.status) == ("Delft", "active")

    @pytest.mark.parametrize(("tags", "status"), [("*", 200), ('"v9", "v1"', 200), ('W/"v1"', 412), ('"v9"', 412), ("v1", 412)])
    def test_if_match_is_read_as_http_says(self, api, account, tags, status):
        assert api.patch(f"/accounts/{account.pk}", {"city": "Delft"}, if_match=tags).status_code == status


class TestTheSameWriteSentAgain:
    CONTACT = {"name": "Ines", "buying_role": "user"}

    @pytest.fixture
    def path(self, account):
        return f"/accounts/{account.pk}/contacts"

    def test_is_done_once_and_gets_the_first_answer(self, api, path):
        first, second = (api.post(path, self.CONTACT, idempotency_key="one") for _ in range(2))
        assert (first.status_code, second.status_code, Contact.objects.count()) == (201, 201, 1)
        assert (first.content, first["ETag"]) == (second.content, second["ETag"])
        assert second["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first

    def test_with_another_body_is_refused(self, api, path):
        api.post(path, self.CONTACT, idempotency_key="one")
        problem = told(api.post(path, self.CONTACT | {"name": "Omar"}, idempotency_key="one"), 422)
        assert problem["errors"][0]["header"] == "Idempotency-Key"
        assert Contact.objects.count() == 1

    def test_is_another_persons_own(self, api, caller, team, path):
        lead = make_user()
        team.leads.add(lead)
        api.post(path, self.CONTACT, idempotency_key="one")
        assert caller(lead).post(path, self.CONTACT, idempotency_key="one").status_code == 201
        assert Contact.objects.count() == 2

    def test_while_the_first_is_under_way_waits(self, api, path, monkeypatch):
        answers = []

        def save(form, *, by):
            answers.append(api.post(path, self.CONTACT, idempotency_key="one"))
            return save_contact(form, by=by)

        monkeypatch.setattr("accounts.api.save_contact", save)
        assert api.post(path, self.CONTACT, idempotency_key="one").status_code == 201
        told(answers[0], 409)
        assert Contact.objects.count() == 1

    def test_may_be_tried_again_after_it_was_refused(self, api, path):
        told(api.post(path, self.CONTACT | {"email": "x"}, idempotency_key="one"), 422)
        assert api.post(path, self.CONTACT, idempotency_key="one").status_code == 201

    def test_may_be_tried_again_after_it_broke(self, api, path, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr("accounts.api.contact_shown", lambda _contact: 1 / 0)
            told(api.post(path, self.CONTACT, idempotency_key="one"), 500)
        assert not Contact.objects.exists()
        assert api.post(path, self.CONTACT, idempotency_key="one").status_code == 201

    def test_is_taken_up_when_the_first_was_killed(self, api, manager, path):
        api.post(path, self.CONTACT, idempotency_key="one")
        Contact.objects.all().delete()
        begun = timezone.now() - idempotency.IN_PROGRESS - timedelta(seconds=1)
        IdempotencyRecord.objects.update(status=None, begun_at=begun)
        assert api.post(path, self.CONTACT, idempotency_key="one").status_code == 201
        assert Contact.objects.count() == 1

    def test_keeps_no_answer_that_may_name_an_erased_person(self, api, manager, path):
        api.post(path, self.CONTACT, idempotency_key="one")
        erase_contact(Contact.objects.get(), by=manager)
        assert "Ines" not in str(list(IdempotencyRecord.objects.values()))
        told(api.post(path, self.CONTACT, idempotency_key="one"), 409)
        assert Contact.objects.count() == 1

    def test_is_forgotten_after_a_day(self, api, path):
        api.post(path, self.CONTACT, idempotency_key="one")
        IdempotencyRecord.objects.update(begun_at=timezone.now() - timedelta(hours=25))
        assert api.post(path, self.CONTACT, idempotency_key="one").status_code == 201
        assert Contact.objects.count() == 2
        IdempotencyRecord.objects.update(begun_at=timezone.now() - timedelta(hours=25))
        tidy.func()
        assert not IdempotencyRecord.objects.exists()

    @pytest.mark.parametrize("key", [" ", "x" * 201, "é"])
    def test_needs_a_key_that_can_be_kept(self, api, path, key):
        told(api.post(path, self.CONTACT, idempotency_key=key), 422)


class TestLimits:
    def test_calls_are_counted_down_and_too_many_wait(self, api, monkeypatch):
        monkeypatch.setattr(access, "CALLS", 2)
        with time_machine.travel(datetime(2026, 11, 25, 12, 0, 10, tzinfo=UTC), tick=False):
            answers = [api.get("/accounts") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
        assert [(answer["RateLimit-Limit"], answer["RateLimit-Reset"]) for answer in answers] == [("2", "50")] * 3
        told(answers[2], 429)
        assert answers[2]["Retry-After"] == "50"

    def test_each_key_has_its_own_count(self, api, caller, manager, monkeypatch):
        monkeypatch.setattr(access, "CALLS", 1)
        assert [api.get("/accounts").status_code for _ in range(2)] == [200, 429]
        assert caller(manager).get("/accounts").status_code == 200

    def test_who_tries_many_keys_waits_and_a_good_key_still_opens(self, api, monkeypatch):
        monkeypatch.setattr(access, "BAD_KEYS", 1)
        bad = [Client().get("/api/v1/accounts", headers={"Authorization": f"Bearer {n}"}) for n in range(2)]
        assert [answer.status_code for answer in bad] == [401, 429]
        assert api.get("/accounts").status_code == 200


def test_a_call_costs_the_same_whatever_the_rows(api, manager, django_assert_max_num_queries):
    Account.objects.bulk_create(Account(name=f"Account {n}", owner=manager, parent=None) for n in range(60))
    make_account(owner=manager)
    api.get("/accounts")
    with django_assert_max_num_queries(12), transaction.atomic():
        assert len(api.get("/accounts?limit=60").json()["items"]) == 60
