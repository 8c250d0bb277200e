"""What webhooks are told: signed, only what their owner sees, tried again, given up, never twice at once."""

import hashlib
import hmac
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Event
from core.versions import StaleEdit
from tests.factories import make_account, make_user, make_webhook
from tests.webhooks.receiver import Receiver, to_loopback
from webhooks import endpoints
from webhooks.client import Undelivered
from webhooks.deliveries import BACK_OFF, KEPT, LOST_AFTER, deliver_due, forget_deliveries
from webhooks.endpoints import Told
from webhooks.models import Webhook, WebhookDelivery

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0)
CLIMBED = "level.climbed"


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def mila():
    return make_user(name="Mila Vermeer")


@pytest.fixture
def account(mila):
    return make_account(owner=mila, name="Zilverberg", external_id="Z-1")


class Wire:
    """A stand-in for the client: keeps what is sent, answers with a status, or raises."""

    def __init__(self, answer: int | BaseException = 200) -> None:
        self.answer = answer
        self.sent: list[tuple[str, dict, dict]] = []

    def __call__(self, url, body, headers) -> int:
        self.sent.append((url, json.loads(body), dict(headers)))
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def climb(account, **more) -> None:
    endpoints.tell([Told(CLIMBED, account.pk, {"from": 2, "to": 3}, **more)])


def only() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def test_a_message_arrives_and_its_signature_fits(receiver, mila, account):
    hook = make_webhook(mila, CLIMBED, url=receiver.url, secret="s3cret")
    climb(account, key="e1")
    assert deliver_due(send=to_loopback) == 1
    ((headers, body),) = receiver.seen
    stamp = headers["Standing-Timestamp"]
    expected = hmac.new(b"s3cret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Standing-Signature"] == f"v1={expected}"
    assert abs(int(stamp) - timezone.now().timestamp()) < 60
    assert (headers["Standing-Event"], headers["Standing-Delivery"]) == (CLIMBED, str(only().pk))
    told = json.loads(body)
    assert told.pop("at")
    assert told == {
        "id": "e1",
        "kind": CLIMBED,
        "account": {"id": account.pk, "name": "Zilverberg", "external_id": "Z-1"},
        "data": {"from": 2, "to": 3},
    }
    assert (only().state, only().status, only().webhook) == ("sent", 204, hook)


def test_the_snippet_of_the_docs_verifies_a_signature(receiver, mila, account):
    text = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    space: dict = {}
    exec(code, space)
    make_webhook(mila, url=receiver.url, secret="s3cret")
    climb(account)
    deliver_due(send=to_loopback)
    ((headers, body),) = receiver.seen
    assert space["comes_from_standing"]("s3cret", headers, body)
    assert not space["comes_from_standing"]("another", headers, body)
    assert not space["comes_from_standing"]("s3cret", headers, body + b" ")
    late = headers | {"Standing-Timestamp": str(int(headers["Standing-Timestamp"]) - 3600)}
    assert not space["comes_from_standing"]("s3cret", late, body)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert not space["comes_from_standing"]("s3cret", headers, body)


def test_the_docs_name_every_kind():
    text = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    assert [name for name, _label in endpoints.kinds() if f"`{name}`" not in text] == []


def test_only_who_listens_to_that_kind_is_told(mila, account):
    make_webhook(mila, "target.set")
    make_webhook(mila, CLIMBED, is_active=False)
    make_webhook(make_user(is_active=False), CLIMBED)
    climb(account)
    assert not WebhookDelivery.objects.exists()


def test_without_listeners_telling_costs_one_statement(account, django_assert_num_queries):
    with django_assert_num_queries(1):
        climb(account)


@pytest.mark.parametrize("hooks", [1, 20])
def test_telling_costs_the_same_for_many_listeners(account, mila, hooks, django_assert_num_queries):
    for _ in range(hooks):
        make_webhook(mila, CLIMBED)
    with django_assert_num_queries(2):
        endpoints.tell([Told(CLIMBED, account.pk, {}), Told("target.set", account.pk, {})])
    assert WebhookDelivery.objects.count() == hooks


def test_the_same_event_is_told_once(mila, account):
    make_webhook(mila, CLIMBED)
    climb(account, key="e1")
    climb(account, key="e1")
    assert WebhookDelivery.objects.count() == 1
    with pytest.raises(IntegrityError, match=r"delivery_once_an_event|UNIQUE"), transaction.atomic():
        WebhookDelivery.objects.create(webhook=only().webhook, kind=CLIMBED, event="e1")


def test_what_the_owner_does_not_see_is_never_sent_and_leaves_nothing(account):
    make_webhook(make_user(), CLIMBED)
    climb(account)
    wire = Wire()
    deliver_due(send=wire)
    assert wire.sent == [] and not WebhookDelivery.objects.exists()


def test_visibility_counts_at_the_time_of_sending(mila, account):
    make_webhook(mila, CLIMBED)
    climb(account)
    account.owner = make_user()
    account.save()
    wire = Wire()
    deliver_due(send=wire)
    assert wire.sent == []
    assert not WebhookDelivery.objects.visible_to(mila).exists()


def test_who_may_no_longer_sign_in_is_told_nothing(mila, account):
    make_webhook(mila, CLIMBED)
    climb(account)
    WebhookDelivery.objects.create(webhook=Webhook.objects.get(), kind=endpoints.TEST, event="test")
    mila.is_active = False
    mila.save()
    wire = Wire()
    deliver_due(send=wire)
    assert wire.sent == []


@pytest.mark.parametrize(("answer", "error", "status"), [(500, "status", 500), (302, "status", 302), (Undelivered("slow"), "slow", None)])  # fmt: skip
def test_what_fails_is_tried_again_by_the_table_and_then_given_up(mila, account, answer, error, status):
    make_webhook(mila, CLIMBED)
    wire = Wire(answer)
    with time_machine.travel(NOW, tick=False) as clock:
        climb(account)
        for number, wait in enumerate(BACK_OFF, start=1):
            assert deliver_due(send=wire) == 1
            assert (only().state, only().attempts, only().due_at) == ("queued", number, timezone.now() + wait)
            clock.shift(wait - timedelta(seconds=1))
            assert deliver_due(send=wire) == 0
            clock.shift(timedelta(seconds=1))
        deliver_due(send=wire)
        assert (only().state, only().error, only().status) == ("failed", error, status)
        clock.shift(timedelta(days=2))
        assert deliver_due(send=wire) == 0
    assert len(wire.sent) == 6
    assert len({headers["Standing-Delivery"] for _url, _body, headers in wire.sent}) == 1
    assert len({headers["Standing-Signature"] for _url, _body, headers in wire.sent}) == 6  # each with its own time


def test_a_later_attempt_arrives(mila, account):
    make_webhook(mila, CLIMBED)
    with time_machine.travel(NOW, tick=False) as clock:
        climb(account)
        deliver_due(send=Wire(503))
        clock.shift(BACK_OFF[0])
        deliver_due(send=Wire())
    assert (only().state, only().attempts, only().error, only().status) == ("sent", 2, "", 200)


def test_one_that_is_away_is_left_alone_for_the_run_and_others_are_told(mila, account):
    away, there = make_webhook(mila, url="https://away.example.com/"), make_webhook(mila, url="https://there.example.com/")
    for _ in range(3):
        climb(account)

    def send(url, body, headers) -> int:
        if url == away.url:
            raise Undelivered("slow")
        return 200

    assert deliver_due(send=send) == 4
    assert there.deliveries.filter(state="sent").count() == 3
    assert sorted(away.deliveries.values_list("state", flat=True)) == ["queued"] * 3


def test_a_mistake_of_ours_with_one_message_does_not_hold_up_the_others(mila, account):
    make_webhook(mila)
    make_webhook(mila)
    climb(account)
    wire = Wire(RuntimeError("of ours"))
    assert deliver_due(send=wire) == 2
    assert set(WebhookDelivery.objects.values_list("state", "error")) == {("queued", "lost")}


def test_a_message_whose_worker_was_killed_is_sent_again(mila, account):
    make_webhook(mila, CLIMBED)

    class Killed(BaseException):
        pass

    with time_machine.travel(NOW, tick=False) as clock:
        climb(account)
        with pytest.raises(Killed):
            deliver_due(send=Wire(Killed()))
        assert only().state == "sending"
        wire = Wire()
        assert deliver_due(send=wire) == 0  # the worker may still be at it
        clock.shift(LOST_AFTER + timedelta(seconds=1))
        deliver_due(send=wire)
        clock.shift(BACK_OFF[0])
        deliver_due(send=wire)
    assert (only().state, len(wire.sent)) == ("sent", 1)


def test_old_messages_are_forgotten_and_waiting_ones_are_not(mila, account):
    make_webhook(mila, CLIMBED)
    with time_machine.travel(NOW, tick=False) as clock:
        climb(account, key="sent")
        deliver_due(send=Wire())
        clock.shift(KEPT)
        climb(account, key="waiting")
        assert forget_deliveries.call() == 0
        clock.shift(timedelta(seconds=1))
        assert forget_deliveries.call() == 1
    assert only().event == "waiting"


def test_the_trail_and_a_printed_webhook_hold_neither_secret_nor_path(mila):
    hook = endpoints.make_webhook(mila, url="https://hooks.example.com/T0/path-secret?key=query-secret", kinds=[CLIMBED])
    endpoints.switch(hook, by=mila, on=False, seen=1)
    endpoints.switch(hook, by=mila, on=True, seen=2)
    endpoints.send_test(hook, by=mila)
    deliver_due(send=Wire())
    endpoints.send_again(only(), by=mila)
    known = hook.secret
    endpoints.remove(hook, by=mila, seen=3)
    events = list(Event.objects.order_by("pk"))
    assert [event.act for event in events] == [
        "webhook.made",
        "webhook.switched_off",
        "webhook.switched_on",
        "webhook.tested",
        "webhook.sent_again",
        "webhook.removed",
    ]
    assert events[0].after == {"server": "https://hooks.example.com", "kinds": [CLIMBED], "is_active": True}
    assert len(known) == 43
    assert not any(hidden in str(vars(event)) for event in events for hidden in (known, "path-secret", "query-secret"))
    assert known not in repr(hook) + str(hook)


def test_removed_it_has_no_secret_and_no_messages_and_its_address_is_free(mila, account):
    hook = endpoints.make_webhook(mila, url="https://hooks.example.com/", kinds=[CLIMBED])
    climb(account)
    endpoints.remove(hook, by=mila, seen=1)
    hook.refresh_from_db()
    assert (hook.secret, hook.is_active) == ("", False)
    # Written by an act that ran at the same time: it goes nowhere.
    WebhookDelivery.objects.create(webhook=hook, account=account, kind=CLIMBED, event="late")
    wire = Wire()
    deliver_due(send=wire)
    assert wire.sent == []
    assert endpoints.make_webhook(mila, url=hook.url, kinds=[CLIMBED]).secret


def test_a_webhook_without_secret_is_refused_by_the_database(mila):
    with pytest.raises(IntegrityError, match="webhook_has_a_secret_until_removed"), transaction.atomic():
        make_webhook(mila, secret="")


def test_a_settled_message_has_its_moment(mila):
    with pytest.raises(IntegrityError, match="delivery_settled_exactly_when_over"), transaction.atomic():
        WebhookDelivery.objects.create(webhook=make_webhook(mila), kind=CLIMBED, event="1", state="sent")


def test_switched_off_what_waits_goes_out_when_it_is_on_again(mila, account):
    hook = make_webhook(mila, CLIMBED)
    climb(account)
    endpoints.switch(hook, by=mila, on=False, seen=1)
    wire = Wire()
    assert deliver_due(send=wire) == 0
    endpoints.switch(hook, by=mila, on=True, seen=2)
    assert deliver_due(send=wire) == 1


def test_a_stale_page_changes_nothing(mila):
    hook = make_webhook(mila)
    endpoints.switch(hook, by=mila, on=False, seen=1)
    for act in (lambda: endpoints.switch(hook, by=mila, on=True, seen=1), lambda: endpoints.remove(hook, by=mila, seen=1)):
        with pytest.raises(StaleEdit):
            act()
        hook.refresh_from_db()
        assert (hook.is_active, hook.removed_at) == (False, None)


def test_ten_are_enough(mila):
    for _ in range(endpoints.MOST):
        make_webhook(mila)
    with pytest.raises(ValidationError, match="no more are possible"):
        endpoints.make_webhook(mila, url="https://hooks.example.com/11", kinds=[CLIMBED])


def test_sent_again_it_has_the_same_number_and_all_attempts(mila, account):
    make_webhook(mila, CLIMBED)
    climb(account)
    first, second = Wire(), Wire(500)
    deliver_due(send=first)
    assert endpoints.send_again(only(), by=mila)
    assert not endpoints.send_again(only(), by=mila)  # a second click
    deliver_due(send=second)
    assert (only().state, only().attempts) == ("queued", 1)
    assert first.sent[0][2]["Standing-Delivery"] == second.sent[0][2]["Standing-Delivery"]
