"""Taking a person out of the trail: what named them is gone, and the trail still proves itself."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from audit import trail
from audit.models import Event
from audit.redaction import redact
from tests.factories import make_account, make_administrator

pytestmark = pytest.mark.django_db

EMPTY = {"before": None, "after": None, "note": "", "origin": ""}


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def events(account):
    """Three, of which the second names a person."""
    trail.record("account.changed", account, by=account.owner, after={"n": 1})
    trail.record("account.changed", account, by=account.owner, after={"notes": "Call Ines"}, note="Ines said so")
    trail.record("account.changed", account, by=account.owner, after={"n": 2})
    return list(Event.objects.order_by("pk"))


def empty(account, *events):
    return redact(Event.objects.filter(pk__in=[event.pk for event in events]), account, by=None, clean=lambda event: EMPTY)


def test_the_content_is_gone_and_the_rest_stands(account, events):
    assert empty(account, events[1]) == [events[1].pk]
    now = Event.objects.get(pk=events[1].pk)
    assert (now.before, now.after, now.note, now.origin) == (None, None, "", "")
    assert (now.act, now.at, now.actor_id, now.hash) == (events[1].act, events[1].at, events[1].actor_id, events[1].hash)
    assert now.redacted_on


def test_a_redacted_trail_is_in_order_and_says_how_much_was_removed(account, events, capsys):
    empty(account, events[1])
    call_command("verify_audit")
    assert "1 of them had content removed on request" in capsys.readouterr().out


def test_a_trail_that_nothing_was_taken_from_says_nothing_of_it(events, capsys):
    call_command("verify_audit")
    assert "removed" not in capsys.readouterr().out


def test_what_is_left_can_be_part_of_what_was_there(account, events):
    redact([events[1]], account, by=None, clean=lambda event: {"note": "… said so"})
    now = Event.objects.get(pk=events[1].pk)
    assert (now.after, now.note) == ({"notes": "Call Ines"}, "… said so")
    assert list(trail.broken_links()) == []


def test_what_holds_nothing_to_remove_is_not_touched(account, events):
    assert redact(events, account, by=None, clean=lambda event: {"note": event.note}) == []
    assert not Event.objects.exclude(redacted_on=None).exists()
    assert Event.objects.count() == 3


def test_the_salt_goes_so_that_nobody_can_try_names(account, events):
    empty(account, events[1])
    assert Event.objects.get(pk=events[1].pk).content_salt != events[1].content_salt


def test_one_event_can_be_redacted_twice(account, events):
    redact([events[1]], account, by=None, clean=lambda event: {"note": "… said so"})
    empty(account, events[1])
    assert list(trail.broken_links()) == []


def test_the_announcement_itself_is_never_redacted(account, events):
    empty(account, events[1])
    announcement = Event.objects.get(act=trail.REDACTED)
    assert empty(account, announcement) == []


@pytest.mark.parametrize("change", [{"note": "Nothing"}, {"after": {"n": 9}}, {"redacted_on": None}, {"origin": "192.0.2.7"}])
def test_a_redacted_event_that_is_altered_is_found(account, events, change):
    empty(account, events[1])
    Event.objects.filter(pk=events[1].pk).update(**change)
    assert [event.pk for event in trail.broken_links()] == [events[1].pk]


def test_content_that_was_removed_without_saying_so_is_found(events):
    Event.objects.filter(pk=events[1].pk).update(**EMPTY, redacted_on="2026-01-01")
    assert [event.pk for event in trail.broken_links()] == [events[1].pk]
    with pytest.raises(CommandError, match="1 of 3"):
        call_command("verify_audit")


def test_an_announcement_that_is_altered_does_not_count(account, events):
    empty(account, events[1])
    announcement = Event.objects.get(act=trail.REDACTED)
    Event.objects.filter(pk=announcement.pk).update(after={"events": {str(events[0].pk): "0" * 64}})
    assert [event.pk for event in trail.broken_links()] == [events[1].pk, announcement.pk]


def test_an_announcement_cannot_be_hidden_by_calling_it_redacted(account, events):
    empty(account, events[1])
    announcement = Event.objects.get(act=trail.REDACTED)
    Event.objects.filter(pk=announcement.pk).update(redacted_on="2026-01-01")
    assert [event.pk for event in trail.broken_links()] == [events[1].pk, announcement.pk]


def test_the_back_office_shows_that_content_was_removed(client, account, events):
    empty(account, events[1])
    client.force_login(make_administrator())
    listed = client.get(reverse("admin:audit_event_changelist")).content.decode()
    assert listed.count("content removed on request") == 1
    for event, told in ((events[0], False), (events[1], True)):
        page = client.get(reverse("admin:audit_event_change", args=[event.pk])).content.decode()
        assert ("taken out of this event on" in page) is told


@pytest.mark.parametrize(("query", "rows"), [("", 4), ("?content=removed", 1), ("?content=x", 4)])
def test_the_back_office_lists_what_content_was_removed_from(client, account, events, query, rows):
    empty(account, events[1])
    client.force_login(make_administrator())
    page = client.get(reverse("admin:audit_event_changelist") + query)
    assert len(page.context["cl"].result_list) == rows
