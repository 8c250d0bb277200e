import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit import trail
from audit.models import Event
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


def write(count=3):
    account = make_account()
    for number in range(count):
        trail.record("account.changed", account, by=account.owner, before={"n": number}, after={"n": number + 1})


def test_an_untouched_trail_is_in_order(capsys):
    write()
    call_command("verify_audit")
    assert "3 events, all in order." in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        {"act": "account.created"},
        {"after": {"n": 99}},
        {"actor": None},
        {"note": "x"},
        {"object_id": 1_000_000},
        {"origin": "192.0.2.7"},
    ],
)
def test_an_altered_event_is_found(change):
    write()
    second = Event.objects.order_by("pk")[1]
    Event.objects.filter(pk=second.pk).update(**change)
    assert [event.pk for event in trail.broken_links()] == [second.pk]
    with pytest.raises(CommandError, match="1 of 3"):
        call_command("verify_audit")


def test_a_removed_event_is_found():
    write()
    _first, second, third = Event.objects.order_by("pk")
    second.delete()
    assert [event.pk for event in trail.broken_links()] == [third.pk]


def test_many_events_in_one_go_are_chained():
    accounts = [make_account() for _ in range(5)]
    trail.record_many([trail.Change("account.created", account) for account in accounts], by=make_user())
    assert list(trail.broken_links()) == []
    assert Event.objects.count() == 5


def test_the_chain_does_not_fork():
    write(1)
    first = Event.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(at=first.at, act="x", object_type="y", previous_hash=first.previous_hash, hash="f" * 64)


def test_an_event_goes_with_its_transaction():
    account = make_account()
    with pytest.raises(RuntimeError), transaction.atomic():
        trail.record("account.changed", account, by=None)
        raise RuntimeError
    assert not Event.objects.exists()


def test_the_origin_is_the_address_of_the_request(client):
    user = make_user()
    client.force_login(user)
    client.post(reverse("accounts:new"), {"name": "A", "currency": "EUR", "owner": user.pk}, REMOTE_ADDR="192.0.2.7")
    assert Event.objects.get().origin == "192.0.2.7"
