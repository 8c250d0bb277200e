"""Which calls are the same write, what is kept of the answer, and how a key is read."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contact
from api import access
from api.contact_data import erase
from api.models import KEPT, IdempotencyRecord

pytestmark = pytest.mark.django_db
CONTACT = {"name": "Ines", "buying_role": "user"}


@pytest.fixture
def path(account):
    return f"/accounts/{account.pk}/contacts"


def status(answer) -> int:
    return answer.status_code


class TestFingerprint:
    def test_another_address_is_another_call(self, api, account, path):
        assert status(api.post(path, CONTACT, idempotency_key="one")) == 201
        assert status(api.post("/accounts", CONTACT, idempotency_key="one")) == 422
        assert status(api.post(f"{path}?x=1", CONTACT, idempotency_key="one")) == 422
        assert Contact.objects.count() == 1

    def test_another_method_is_another_call(self, api, account):
        path = f"/accounts/{account.pk}"
        assert status(api.patch(path, {"city": "Delft"}, if_match="*", idempotency_key="one")) == 200
        refused = api("DELETE", path, {"city": "Delft"}, if_match="*", idempotency_key="one")
        assert status(refused) == 422 and "Choose a new one for each" in refused.json()["detail"]
        assert Account.objects.filter(pk=account.pk).exists()

    def test_another_version_is_another_call(self, api, account):
        path = f"/accounts/{account.pk}"
        assert status(api.patch(path, {"city": "Delft"}, if_match='"v1"', idempotency_key="one")) == 200
        assert status(api.patch(path, {"city": "Delft"}, if_match='"v2"', idempotency_key="one")) == 422

    def test_the_same_change_sent_again_is_no_conflict(self, api, account):
        sent = {"if_match": '"v1"', "idempotency_key": "one"}
        first, again = (api.patch(f"/accounts/{account.pk}", {"city": "Delft"}, **sent) for _ in range(2))
        assert (status(first), status(again)) == (200, 200)
        assert first["ETag"] == again["ETag"] == '"v2"'
        assert first["Content-Type"] == again["Content-Type"]
        account.refresh_from_db()
        assert account.version == 2

    def test_two_keys_are_two_writes(self, api, path):
        for key in ("one", "two", "ONE"):
            assert status(api.post(path, CONTACT, idempotency_key=key)) == 201
        assert Contact.objects.count() == 3

    def test_without_a_key_each_is_a_write(self, api, path):
        for _ in range(2):
            assert status(api.post(path, CONTACT)) == 201
        assert Contact.objects.count() == 2 and not IdempotencyRecord.objects.exists()


class TestKey:
    @pytest.mark.parametrize("key", ["x", "x" * 200, "a b", "~!@#", "8e03978e-40d5-43e8-bc93-6894a57f9324"])
    def test_one_to_two_hundred_printable_characters_will_do(self, api, path, key):
        assert status(api.post(path, CONTACT, idempotency_key=key)) == 201
        assert IdempotencyRecord.objects.get().key == key

    @pytest.mark.parametrize("key", ["", "   ", "x" * 201, "é", "a\x7fb"])
    def test_others_are_refused_by_name_and_nothing_is_done(self, api, path, key):
        refused = api.post(path, CONTACT, idempotency_key=key)
        assert status(refused) == 422
        assert refused.json()["errors"][0]["header"] == "Idempotency-Key"
        assert not Contact.objects.exists() and not IdempotencyRecord.objects.exists()

    def test_spaces_around_it_do_not_count(self, api, path):
        api.post(path, CONTACT, idempotency_key=" one ")
        assert api.post(path, CONTACT, idempotency_key="one")["Idempotent-Replayed"] == "true"

    def test_a_reading_pays_no_heed_to_it(self, api, account):
        for _ in range(2):
            assert "Idempotent-Replayed" not in api.get("/accounts", idempotency_key="one")
        assert status(api.get("/accounts", idempotency_key="")) == 200


class TestStoredAnswer:
    def test_a_refused_call_is_not_kept_and_changes_nothing(self, api, path):
        for body in (CONTACT | {"email": "x"}, {}, []):
            assert status(api.post(path, body, idempotency_key="one")) == 422
        assert not IdempotencyRecord.objects.exists()
        assert status(api.post("/accounts/999999/contacts", CONTACT, idempotency_key="one")) == 404
        assert not IdempotencyRecord.objects.exists()

    def test_an_answer_without_a_body_is_kept_too(self, api, account):
        path = f"/accounts/{account.pk}"
        first, again = (api("DELETE", path, if_match="*", idempotency_key="one") for _ in range(2))
        assert status(first) == status(again) == 204
        assert first.content == again.content == b""
        assert again["Idempotent-Replayed"] == "true"

    def test_one_that_is_under_way_says_when_to_ask_again(self, api, manager, path):
        api.post(path, CONTACT, idempotency_key="one")
        IdempotencyRecord.objects.update(status=None)
        waits = api.post(path, CONTACT, idempotency_key="one")
        assert (status(waits), waits["Retry-After"]) == (409, "1")
        assert status(api.post(path, CONTACT | {"name": "Omar"}, idempotency_key="one")) == 422

    @pytest.mark.parametrize(("age", "count"), [(timedelta(seconds=110), 1), (timedelta(seconds=130), 2)])
    def test_one_that_was_broken_off_is_done_anew_after_two_minutes(self, api, path, age, count):
        api.post(path, CONTACT, idempotency_key="one")
        IdempotencyRecord.objects.update(status=None, begun_at=timezone.now() - age)
        api.post(path, CONTACT, idempotency_key="one")
        assert Contact.objects.count() == count

    @pytest.mark.parametrize(("more", "count"), [(timedelta(minutes=-1), 1), (timedelta(minutes=1), 2)])
    def test_an_answer_is_kept_for_a_day(self, api, path, more, count):
        assert KEPT / timedelta(hours=1) == 24
        api.post(path, CONTACT, idempotency_key="one")
        IdempotencyRecord.objects.update(begun_at=timezone.now() - KEPT - more)
        api.post(path, CONTACT, idempotency_key="one")
        assert Contact.objects.count() == count

    def test_of_an_erased_person_nothing_is_kept_and_a_call_under_way_goes_on(self, api, path):
        api.post(path, CONTACT, idempotency_key="done")
        api.post(path, CONTACT, idempotency_key="under way")
        IdempotencyRecord.objects.filter(key="under way").update(status=None, body="")
        erase(Contact.objects.first())
        assert dict(IdempotencyRecord.objects.values_list("key", "status")) == {"done": 410, "under way": None}
        done = IdempotencyRecord.objects.get(key="done")
        assert (done.body, done.headers) == ("", {})
        told = api.post(path, CONTACT, idempotency_key="done")
        assert status(told) == 409 and "was done before" in told.json()["detail"]


class TestAuthorization:
    def call(self, header: str | None, **more) -> int:
        headers = {"Authorization": header} if header is not None else {}
        return status(Client().get("/api/v1/accounts", headers=headers | more))

    @pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer   {}"])
    def test_a_key_is_read_however_the_scheme_is_written(self, api, form):
        assert self.call(form.format(api.secret)) == 200

    @pytest.mark.parametrize(
        "form", ["{}", "Basic {}", "Token {}", "Bearer", "Bearer ", "Bearer{}", "Bearer {}x", "Bearer {} {}", ""]
    )
    def test_anything_else_is_no_key(self, api, form):
        assert self.call(form.format(api.secret, api.secret)) == 401

    def test_a_key_in_the_address_or_a_cookie_opens_nothing(self, api):
        assert self.call(None) == 401
        assert self.call(None, Cookie=f"key={api.secret}") == 401
        assert status(Client().get(f"/api/v1/accounts?key={api.secret}")) == 401

    def test_the_limit_of_bad_keys_counts_networks_apart_and_says_when_to_try_again(self, api, monkeypatch):
        monkeypatch.setattr(access, "BAD_KEYS", 1)

        def attempt(address: str):
            return Client().get("/api/v1/accounts", headers={"Authorization": "Bearer x"}, REMOTE_ADDR=address)

        assert [status(attempt(f"2001:db8::{n}")) for n in (1, 2)] == [401, 429]  # one network
        assert status(attempt("2001:db8:0:1::1")) == 401
        assert [status(attempt(f"192.0.2.{n}")) for n in (1, 2)] == [401, 401]
        assert 0 < int(attempt("192.0.2.1")["Retry-After"]) <= access.WINDOW

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/accounts/{}/contacts"),
            ("PUT", "/accounts/{}/target"),
            ("PATCH", "/accounts/{}"),
            ("DELETE", "/accounts/{}"),
        ],
    )
    def test_no_method_that_writes_is_open_to_a_key_that_may_read(self, caller, manager, account, fresh_cache, method, path):
        refused = caller(manager, "read")(method, path.format(account.pk), {"city": "Delft"}, if_match="*")
        assert status(refused) == 403
        assert json.loads(refused.content)["detail"] == "This key may only read. Make one that may write."
        assert refused["RateLimit-Limit"] == str(access.CALLS)


def test_an_answer_is_kept_by_no_cache_and_varies_by_key_and_language(api):
    for answer in (api.get("/accounts"), api.get("/no-such-thing"), Client().get("/api/v1/accounts")):
        assert "no-store" in answer["Cache-Control"]
    for answer in (api.get("/accounts"), Client().get("/api/v1/accounts")):
        assert {"Accept-Language", "Authorization"} <= {name.strip() for name in answer["Vary"].split(",")}


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_list_that_ends_with_its_page_names_no_next_one(api, account, manager, limit):
    answer = api.get(f"/accounts?limit={limit}").json()
    assert len(answer["items"]) == 1 and answer["next"] is None


@pytest.mark.parametrize("cursor", ["x", "W10", "e30", "WyJ4Il0", "WzBd"])
def test_a_cursor_that_no_list_gave_is_named(api, cursor):
    refused = api.get(f"/accounts?cursor={cursor}")
    assert status(refused) == 422
    assert refused.json()["errors"] == [{"parameter": "cursor", "detail": refused.json()["detail"]}]
