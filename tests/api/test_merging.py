"""Mergers and moves by the API."""

import pytest

from accounts.models import Account, Contact
from tests.factories import make_account, make_assessment, make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return make_user()


@pytest.fixture
def call(manager, caller):
    return caller(manager)


@pytest.fixture
def pair(manager) -> tuple[Account, Account]:
    kept = make_account(owner=manager, name="Adler BV", source="crm", external_id="1", city="Gouda")
    return kept, make_account(owner=manager, name="Adler B.V.", source="crm", external_id="2", city="Delft", segment="Steel")


def merge(call, pair, **more):
    kept, merged = (call.get(f"/accounts/{one.pk}")["ETag"] for one in pair)
    return call.post(f"/accounts/{pair[0].pk}/merge", {"account": pair[1].pk, "etag": merged} | more, If_Match=kept)


class TestAccounts:
    def test_one_is_merged_into_the_other(self, call, pair):
        person = make_contact(pair[1])
        answer = merge(call, pair, take=["city"])
        assert (answer.status_code, answer.json()["city"], answer.json()["segment"]) == (200, "Delft", "Steel")
        assert answer["ETag"] == call.get(f"/accounts/{pair[0].pk}")["ETag"]
        person.refresh_from_db()
        assert person.account == pair[0]
        found = call.get(f"/accounts/{pair[1].pk}").json()
        assert (found["state"], found["merged_into"]) == ("archived", pair[0].pk)

    def test_the_former_id_leads_there(self, call, pair):
        merge(call, pair)
        assert call.get("/accounts/by-external-id/crm/2").json()["id"] == pair[0].pk
        answer = call.put("/accounts/by-external-id/crm/2", {"name": "Adler BV", "city": "Utrecht"})
        assert (answer.status_code, answer.json()["id"], answer.json()["city"]) == (200, pair[0].pk, "Utrecht")
        assert answer.json()["external_id"] == "1"
        assert Account.objects.count() == 2

    def test_a_former_id_archives_nothing(self, call, pair):
        merge(call, pair)
        answer = call.put("/accounts/by-external-id/crm/2", {"name": "Adler BV", "city": "Utrecht", "state": "archived"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/state")
        assert Account.objects.get(pk=pair[0].pk).city == "Gouda"

    def test_nobody_gets_a_former_id_and_a_merged_account_is_not_taken_back(self, call, pair):
        merge(call, pair)
        assert call.post("/accounts", {"name": "New", "source": "crm", "external_id": "2"}).status_code == 422
        answer = call.patch(f"/accounts/{pair[1].pk}", {"state": "active"}, If_Match="*")
        assert (answer.status_code, "merged" in answer.json()["detail"]) == (422, True)

    def test_it_is_taken_back(self, call, pair):
        before = [call.get(f"/accounts/{one.pk}").json() for one in pair]
        merge(call, pair, take=["external_id"])
        answer = call.post(f"/accounts/{pair[0].pk}/unmerge", {"account": pair[1].pk, "etag": "*"}, If_Match="*")
        assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (200, pair[1].pk, "active")
        after = [call.get(f"/accounts/{one.pk}").json() for one in pair]
        assert [one | {"version": 0} for one in after] == [one | {"version": 0} for one in before]

    def test_both_versions_are_named(self, call, pair):
        body = {"account": pair[1].pk, "etag": '"v1"'}
        path = f"/accounts/{pair[0].pk}/merge"
        assert call.post(path, body).status_code == 428
        assert call.post(path, body, If_Match='"v7"').status_code == 412
        assert call.post(path, body | {"etag": '"v7"'}, If_Match='"v1"').status_code == 412

    def test_reasons_against_it_are_told(self, call, pair, edition):
        for account in pair:
            make_assessment(account)
        answer = merge(call, pair)
        assert answer.status_code == 422
        assert "Both have an open assessment" in answer.json()["detail"]

    def test_a_call_that_is_sent_twice_is_done_once(self, call, pair):
        body, path = {"account": pair[1].pk, "etag": '"v1"'}, f"/accounts/{pair[0].pk}/merge"
        first, second = (call.post(path, body, If_Match='"v1"', Idempotency_Key="once") for _ in range(2))
        assert (first.status_code, second.status_code, second["Idempotent-Replayed"]) == (200, 200, "true")

    def test_an_account_out_of_sight_is_not_there(self, call, pair):
        assert merge_with(call, pair[0], make_account()).status_code == 404

    def test_events_tell_of_it_without_what_one_may_not_see(self, call, pair):
        child = make_account(name="Secret", parent=pair[1])
        merge(call, pair)
        told = {one["act"]: one for one in call.get("/events").json()["items"]}
        assert {"account.merged", "account.merged_away"} <= told.keys()
        assert "undo" not in told["account.merged"]["after"]
        assert child.pk not in told["account.merged"]["after"].values()


def merge_with(call, kept: Account, other: Account):
    return call.post(f"/accounts/{kept.pk}/merge", {"account": other.pk, "etag": "*"}, If_Match="*")


class TestContacts:
    def test_one_is_read_and_merged_into_another(self, call, pair):
        kept, other = make_contact(pair[0], name="Ines", email="ines@a.example"), make_contact(pair[0], name="I.", phone="010")
        etag = call.get(f"/contacts/{kept.pk}")["ETag"]
        answer = call.post(f"/contacts/{kept.pk}/merge", {"contact": other.pk, "etag": '"v1"', "take": ["name"]}, If_Match=etag)
        assert (answer.status_code, answer.json()["name"], answer.json()["phone"]) == (200, "I.", "010")
        assert call.get(f"/contacts/{other.pk}").status_code == 404

    def test_one_goes_to_another_account(self, call, pair):
        noor = make_contact(pair[0], name="Noor", email="noor@a.example", do_not_ask=True)
        body = {"account": pair[1].pk, "email": "noor@b.example"}
        answer = call.post(f"/contacts/{noor.pk}/move", body, If_Match='"v1"')
        assert answer.status_code == 201
        assert (answer.json()["account"], answer.json()["email"], answer.json()["do_not_ask"]) == (
            pair[1].pk,
            "noor@b.example",
            True,
        )
        assert call.get(f"/contacts/{noor.pk}").json()["active"] is False
        assert Contact.objects.get(pk=answer.json()["id"]).former == noor

    def test_an_address_that_is_none_is_named(self, call, pair):
        answer = call.post(f"/contacts/{make_contact(pair[0]).pk}/move", {"account": pair[1].pk, "email": "noor"}, If_Match="*")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/email")

    def test_of_an_account_out_of_sight_nobody_is_there(self, call):
        assert call.get(f"/contacts/{make_contact().pk}").status_code == 404
