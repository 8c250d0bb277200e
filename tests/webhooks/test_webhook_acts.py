"""Acts on webhooks and the run that sends messages: what is stored, what is recorded, and what stays as it was."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Event
from core.versions import StaleEdit
from tests.factories import make_account, make_user, make_webhook
from webhooks import deliveries, endpoints
from webhooks.deliveries import LOST_AFTER, WebhookRunner, deliver_due, signature
from webhooks.endpoints import Told
from webhooks.forms import KindsForm
from webhooks.models import Webhook, WebhookDelivery

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0)
CLIMBED = "level.climbed"


@pytest.fixture
def mila():
    return make_user(name="Mila Vermeer")


@pytest.fixture
def account(mila):
    return make_account(owner=mila, name="Zoë & Zn", external_id="")


def answering(status: int, sent: list | None = None):
    def send(url, body, headers) -> int:
        if sent is not None:
            sent.append((url, body, headers))
        return status

    return send


def message(hook, event="one", **fields) -> WebhookDelivery:
    return WebhookDelivery.objects.create(webhook=hook, event=event, **{"kind": CLIMBED} | fields)


@pytest.mark.parametrize(
    ("status", "state"),
    [(199, "queued"), (200, "sent"), (202, "sent"), (299, "sent"), (300, "queued"), (404, "queued"), (410, "queued")],
)
def test_only_a_status_of_success_counts_as_received(mila, status, state):
    stored = message(make_webhook(mila))
    deliver_due(send=answering(status))
    stored.refresh_from_db()
    assert (stored.state, stored.status, stored.attempts) == (state, status, 1)


def test_the_body_is_readable_text_with_names_as_they_are_written(mila, account):
    make_webhook(mila, CLIMBED)
    endpoints.tell([Told(CLIMBED, account.pk, {"from": 2, "to": None})])
    sent: list = []
    deliver_due(send=answering(200, sent))
    body = sent[0][1]
    assert "Zoë & Zn" in body.decode()
    assert json.loads(body)["account"] == {"id": account.pk, "name": "Zoë & Zn", "external_id": ""}
    assert json.loads(body)["data"] == {"from": 2, "to": None}
    assert sent[0][2]["Content-Type"] == "application/json"


def test_a_test_message_is_about_no_account(mila):
    endpoints.send_test(make_webhook(mila), by=mila)
    sent: list = []
    deliver_due(send=answering(200, sent))
    told = json.loads(sent[0][1])
    assert (told["kind"], told["account"], told["data"]) == ("webhook.test", None, {})
    assert told["id"] == WebhookDelivery.objects.get().event


def test_a_signature_depends_on_secret_time_and_body():
    made = signature("secret", "1700000000", b"{}")
    assert made.startswith("v1=") and len(made) == 3 + 64
    others = [
        signature("other", "1700000000", b"{}"),
        signature("secret", "1700000001", b"{}"),
        signature("secret", "1700000000", b"[]"),
    ]
    assert len({made, *others}) == 4


def test_a_run_sends_no_more_than_it_may(mila):
    hook = make_webhook(mila)
    for n in range(3):
        message(hook, str(n))
    assert deliver_due(send=answering(200), most=2) == 2
    assert WebhookDelivery.objects.filter(state="queued").count() == 1


def test_a_run_ends_when_its_time_is_over(mila, monkeypatch):
    message(make_webhook(mila))
    monkeypatch.setattr(WebhookRunner, "seconds", 0)
    assert deliver_due(send=answering(200)) == 0


def test_the_longest_waiting_message_goes_first(mila):
    hook = make_webhook(mila)
    for n, minutes in enumerate([1, 3, 2]):
        message(hook, str(n), due_at=timezone.now() - timedelta(minutes=minutes))
    sent: list = []
    deliver_due(send=answering(200, sent))
    assert [json.loads(body)["id"] for _url, body, _headers in sent] == ["1", "2", "0"]


def test_each_message_goes_to_the_address_of_its_webhook_signed_with_its_secret(mila, account):
    hooks = [make_webhook(mila, CLIMBED), make_webhook(mila, CLIMBED)]
    endpoints.tell([Told(CLIMBED, account.pk, {})])
    sent: list = []
    deliver_due(send=answering(200, sent))
    assert {url for url, _body, _headers in sent} == {hook.url for hook in hooks}
    secrets = {hook.url: hook.secret for hook in hooks}
    for url, body, headers in sent:
        assert headers["Standing-Signature"] == signature(secrets[url], headers["Standing-Timestamp"], body)


def test_one_event_has_the_same_id_at_every_listener_and_two_events_have_two(mila, account):
    make_webhook(mila, CLIMBED)
    make_webhook(mila, CLIMBED)
    assert endpoints.tell([Told(CLIMBED, account.pk, {}), Told(CLIMBED, account.pk, {})]) == 4
    ids = list(WebhookDelivery.objects.values_list("event", flat=True))
    assert sorted(map(ids.count, set(ids))) == [2, 2]


def test_one_key_may_be_used_for_another_kind_and_by_another_webhook(mila, account):
    hook = make_webhook(mila, CLIMBED, "target.set")
    endpoints.tell([Told(CLIMBED, account.pk, {}, "k"), Told("target.set", account.pk, {}, "k")])
    make_webhook(mila, CLIMBED)
    endpoints.tell([Told(CLIMBED, account.pk, {}, "k")])
    assert hook.deliveries.count() == 2 and WebhookDelivery.objects.count() == 3


def test_nothing_to_tell_asks_the_database_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert endpoints.tell([]) == 0


def test_the_worker_is_called_once_the_act_is_stored(mila, account, django_capture_on_commit_callbacks):
    hook = make_webhook(mila, CLIMBED)

    def calls(act) -> int:
        with django_capture_on_commit_callbacks() as called:
            act()
        return called.count(endpoints.deliver_webhooks.enqueue)

    assert calls(lambda: endpoints.tell([Told(CLIMBED, account.pk, {}), Told(CLIMBED, account.pk, {})])) == 1
    assert calls(lambda: endpoints.tell([Told("target.set", account.pk, {})])) == 0
    assert calls(lambda: endpoints.send_test(hook, by=mila)) == 1
    assert calls(lambda: endpoints.send_test(hook, by=mila)) == 0  # the first one still waits
    assert calls(lambda: endpoints.switch(hook, by=mila, on=False, seen=1)) == 0
    assert calls(lambda: endpoints.switch(hook, by=mila, on=True, seen=2)) == 1
    stored = message(hook, "again", state="failed", settled_at=timezone.now(), attempts=6)
    assert calls(lambda: endpoints.send_again(stored, by=mila)) == 1


def test_a_worker_that_cannot_be_called_fails_no_act(mila, account, monkeypatch, django_capture_on_commit_callbacks):
    make_webhook(mila, CLIMBED)

    class Away:
        @staticmethod
        def enqueue():
            raise RuntimeError("the queue is away")

    monkeypatch.setattr(endpoints, "deliver_webhooks", Away)
    with django_capture_on_commit_callbacks(execute=True):
        endpoints.tell([Told(CLIMBED, account.pk, {})])
    assert WebhookDelivery.objects.count() == 1


class TestSendingAgain:
    def test_now_and_with_all_attempts(self, mila):
        hook = make_webhook(mila)
        with time_machine.travel(NOW, tick=False) as clock:
            stored = message(hook, state="failed", settled_at=NOW, attempts=6, error="slow")
            clock.shift(timedelta(hours=1))
            assert endpoints.send_again(stored, by=mila)
            stored.refresh_from_db()
            assert (stored.state, stored.attempts, stored.due_at, stored.settled_at) == ("queued", 0, timezone.now(), None)
        event = Event.objects.get()
        assert (event.act, event.object_id, event.after) == (
            "webhook.sent_again",
            hook.pk,
            {"delivery": stored.pk, "kind": CLIMBED},
        )

    def test_without_waiting_for_the_next_attempt(self, mila):
        hook = make_webhook(mila)
        stored = message(hook, attempts=2, error="slow", due_at=timezone.now() + timedelta(hours=2))
        assert deliver_due(send=answering(200)) == 0
        assert endpoints.send_again(stored, by=mila)
        assert deliver_due(send=answering(200)) == 1

    @pytest.mark.parametrize("fields", [{}, {"state": "sending", "attempts": 1, "taken_at": NOW}])
    def test_not_while_it_is_on_its_way(self, mila, fields):
        stored = message(make_webhook(mila), **fields)
        assert not endpoints.send_again(stored, by=mila)
        assert not Event.objects.exists()

    def test_not_to_a_webhook_that_is_off(self, mila):
        stored = message(make_webhook(mila, is_active=False), state="failed", settled_at=NOW, attempts=6)
        with pytest.raises(ValidationError, match="switched off"):
            endpoints.send_again(stored, by=mila)
        stored.refresh_from_db()
        assert stored.state == "failed" and not Event.objects.exists()


class TestTesting:
    def test_a_second_test_waits_for_the_first(self, mila):
        hook = make_webhook(mila)
        first = endpoints.send_test(hook, by=mila)
        assert endpoints.send_test(hook, by=mila) == first
        deliver_due(send=answering(200))
        assert endpoints.send_test(hook, by=mila) != first
        assert Event.objects.filter(act="webhook.tested", object_id=hook.pk).count() == 2

    def test_a_test_that_failed_once_holds_up_no_other(self, mila):
        hook = make_webhook(mila)
        first = endpoints.send_test(hook, by=mila)
        deliver_due(send=answering(500))
        assert endpoints.send_test(hook, by=mila) != first

    def test_another_message_that_waits_is_no_test(self, mila):
        hook = make_webhook(mila)
        waiting = message(hook)
        assert endpoints.send_test(hook, by=mila) != waiting


class TestMaking:
    def test_kinds_are_stored_in_order_and_secrets_differ(self, mila):
        made = [
            endpoints.make_webhook(mila, url=f"https://hooks.example.com/{n}", kinds=["target.set", "level.climbed"])
            for n in range(2)
        ]
        assert made[0].kinds == ["level.climbed", "target.set"]
        assert made[0].secret != made[1].secret

    def test_one_that_was_removed_makes_room(self, mila):
        hooks = [make_webhook(mila) for _ in range(endpoints.MOST)]
        endpoints.remove(hooks[0], by=mila, seen=1)
        endpoints.make_webhook(mila, url="https://hooks.example.com/new", kinds=[CLIMBED])
        with pytest.raises(ValidationError) as refused:
            endpoints.make_webhook(mila, url="https://hooks.example.com/newer", kinds=[CLIMBED])
        assert refused.value.code == "most"

    def test_those_of_others_do_not_count(self, mila):
        other = make_user()
        for _ in range(endpoints.MOST):
            make_webhook(other)
        assert endpoints.make_webhook(mila, url="https://hooks.example.com/mine", kinds=[CLIMBED])

    def test_an_address_is_used_once_a_person_also_by_two_requests_at_once(self, mila):
        hook = make_webhook(mila)
        with pytest.raises(IntegrityError), transaction.atomic():
            make_webhook(mila, url=hook.url)
        with pytest.raises(ValidationError, match="You have a webhook to this address already"):
            endpoints.make_webhook(mila, url=hook.url, kinds=[CLIMBED])


class TestChanging:
    def form(self, hook, *kinds: str, version: int = 1) -> KindsForm:
        form = KindsForm({"kinds": kinds, "version": version}, instance=Webhook.objects.get(pk=hook.pk))
        assert form.is_valid(), form.errors
        return form

    def test_what_was_written_before_is_sent_all_the_same(self, mila, account):
        hook = make_webhook(mila, CLIMBED)
        endpoints.tell([Told(CLIMBED, account.pk, {})])
        endpoints.choose_kinds(self.form(hook, "target.set"), by=mila)
        assert deliver_due(send=answering(200)) == 1
        assert endpoints.tell([Told(CLIMBED, account.pk, {})]) == 0

    def test_a_stale_choice_stores_and_records_nothing(self, mila):
        hook = make_webhook(mila, CLIMBED, version=2)
        with pytest.raises(StaleEdit), transaction.atomic():
            endpoints.choose_kinds(self.form(hook, "target.set", version=1), by=mila)
        hook.refresh_from_db()
        assert hook.kinds == [CLIMBED] and not Event.objects.exists()

    def test_removing_it_notes_when_and_what_it_was(self, mila):
        hook = make_webhook(mila, CLIMBED, url="https://hooks.example.com/x")
        with time_machine.travel(NOW, tick=False):
            endpoints.remove(hook, by=mila, seen=1)
        hook.refresh_from_db()
        assert (hook.removed_at, hook.version) == (NOW, 2)
        assert Event.objects.get().before == {"server": "https://hooks.example.com", "kinds": [CLIMBED], "is_active": True}


class TestSettling:
    def test_an_attempt_that_another_worker_took_up_counts_no_more(self, mila):
        hook = make_webhook(mila)
        stored = message(hook)

        def slow(url, body, headers) -> int:
            WebhookDelivery.objects.update(attempts=2)  # another worker took it up meanwhile
            return 200

        deliver_due(send=slow)
        stored.refresh_from_db()
        assert (stored.state, stored.settled_at, stored.status) == ("sending", None, None)

    def test_an_attempt_that_was_taken_for_lost_counts_no_more(self, mila):
        hook = make_webhook(mila)
        stored = message(hook)

        def slow(url, body, headers) -> int:
            WebhookDelivery.objects.update(state="queued")
            return 200

        deliver_due(send=slow, most=1)
        stored.refresh_from_db()
        assert (stored.state, stored.settled_at) == ("queued", None)

    def test_a_message_that_was_deleted_while_it_was_sent_breaks_nothing(self, mila):
        message(make_webhook(mila))
        later = message(make_webhook(mila))

        def send(url, body, headers) -> int:
            WebhookDelivery.objects.exclude(pk=later.pk).delete()
            return 200

        assert deliver_due(send=send) == 2
        later.refresh_from_db()
        assert later.state == "sent"

    def test_a_lost_attempt_is_known_by_its_age_and_says_so(self, mila):
        with time_machine.travel(NOW, tick=False) as clock:
            stored = message(make_webhook(mila), state="sending", attempts=1, taken_at=NOW)
            clock.shift(LOST_AFTER)
            deliver_due(send=answering(200))
            stored.refresh_from_db()
            assert stored.state == "sending"
            clock.shift(timedelta(seconds=1))
            deliver_due(send=answering(200))
        stored.refresh_from_db()
        assert (stored.state, stored.error, stored.status) == ("queued", "lost", None)

    def test_failed_messages_are_forgotten_after_thirty_days_too(self, mila):
        hook = make_webhook(mila)
        message(hook, "old", state="failed", attempts=6, settled_at=timezone.now() - timedelta(days=30, seconds=1))
        message(hook, "new", state="failed", attempts=6, settled_at=timezone.now() - timedelta(days=29, hours=23))
        assert deliveries.forget_deliveries.call() == 1
        assert WebhookDelivery.objects.get().event == "new"
