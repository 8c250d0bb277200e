"""The messages to webhooks on the page: which are listed, in what words, and who may act on them."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from tests.factories import make_account, make_administrator, make_user, make_webhook
from webhooks import endpoints
from webhooks.models import Webhook, WebhookDelivery
from webhooks.pages import LATEST

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGE = "/settings/webhooks/"
NOW = datetime(2026, 3, 10, 14, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))


@pytest.fixture
def mila(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def hook(mila):
    return make_webhook(mila, url="https://hooks.example.com/T0/path")


def message(hook, event: str = "one", **fields) -> WebhookDelivery:
    over = fields.get("state") in {"sent", "failed", "unsure", "cancelled"}
    settled = {"settled_at": timezone.now()} if over else {}
    return WebhookDelivery.objects.create(webhook=hook, event=event, **{"kind": "level.climbed"} | settled | fields)


def rows(client) -> list[str]:
    """The listed messages, each as text."""
    part = client.get(PAGE).text.partition("Latest messages")[2].partition("</section>")[0]
    return [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in part.split("<li>")[1:]]


def press(client, what: str, thing, **fields):
    return client.post(reverse(f"webhooks:{what}", args=[thing.pk]), fields)


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize(
    ("fields", "words", "again"),
    [
        ({}, "waiting to be sent", False),
        ({"state": "sending", "attempts": 1, "taken_at": NOW}, "being sent", False),
        ({"state": "sent", "attempts": 1, "status": 204}, "answered 204 delivered", True),
        ({"attempts": 1, "error": "slow"}, "failed, will be tried again", True),
        ({"state": "failed", "attempts": 6, "error": "status", "status": 500}, "answered 500 · 6 attempts given up", True),
    ],
)
def test_a_message_says_how_far_it_is_and_offers_what_can_be_done(client, hook, fields, words, again):
    message(hook, **fields)
    (row,) = rows(client)
    assert words in row
    assert ("Send again" in row) is again


@pytest.mark.parametrize(("attempts", "shown"), [(1, None), (2, "2 attempts")])
def test_attempts_are_counted_from_the_second(client, hook, attempts, shown):
    message(hook, state="sent", attempts=attempts, status=200)
    (row,) = rows(client)
    assert (shown in row) if shown else ("attempt" not in row)


@pytest.mark.parametrize("error", WebhookDelivery.Error.values)
def test_why_the_last_attempt_failed_is_said_in_words(client, hook, error):
    message(hook, attempts=1, error=error)
    (row,) = rows(client)
    assert str(WebhookDelivery.Error(error).label) in row


def test_the_next_attempt_has_its_moment(client, hook):
    with time_machine.travel(NOW, tick=False):
        message(hook, attempts=1, error="slow", due_at=timezone.now() + timedelta(minutes=5))
        (row,) = rows(client)
        assert re.search(r"next attempt .*(14:35|2:35 p\.m\.)", row)
        WebhookDelivery.objects.update(attempts=0, error="")
        assert "next attempt" not in rows(client)[0]


def test_a_message_names_the_server_and_never_the_path(client, hook):
    message(hook)
    (row,) = rows(client)
    assert "https://hooks.example.com" in row and "path" not in row


def test_the_newest_message_is_first_and_only_the_latest_are_listed(client, hook, mila):
    account = make_account(owner=mila)
    kinds = ["level.slid"] + ["level.climbed"] * (LATEST - 1) + ["target.set"]
    for n, kind in enumerate(kinds):
        message(hook, str(n), kind=kind, account=account)
    found = rows(client)
    assert len(found) == LATEST
    assert found[0].startswith("A target was set or revised") and not any("slid" in row for row in found)


def test_the_newest_webhook_is_first(client, mila):
    for n in range(3):
        make_webhook(mila, url=f"https://hooks.example.com/{n}")
    found = re.findall(r'<b class="address">https://hooks.example.com/(\d)</b>', client.get(PAGE).text)
    assert found == ["2", "1", "0"]


def test_a_kind_that_no_room_has_any_more_is_listed_by_its_name(client, hook):
    message(hook, kind="level.vanished")
    assert rows(client)[0].startswith("level.vanished")
    assert endpoints.label_of("level.vanished") == "level.vanished"


def test_a_test_is_listed_as_one_and_names_no_account(client, hook):
    press(client, "test", hook)
    assert rows(client)[0].startswith("Test ")


def test_before_the_first_message_the_page_says_what_to_do(client, hook):
    assert "Nothing was told yet. Send a test, to see whether a message arrives." in client.get(PAGE).text
    message(hook)
    assert "Nothing was told yet" not in client.get(PAGE).text


def test_each_act_says_what_was_done(client, hook):
    assert told(press(client, "test", hook)) == ["A test is on its way. Load this page again in a moment to see how it went."]
    delivery = WebhookDelivery.objects.get()
    assert told(press(client, "again", delivery))[-1] == "The message is on its way already."
    WebhookDelivery.objects.update(state="sent", settled_at=timezone.now(), attempts=1)
    assert told(press(client, "again", delivery))[-1] == "The message is sent again."
    assert (
        told(press(client, "switch", hook, version=1, on="no"))[-1]
        == f"The webhook to {hook.url} is switched off: it is told nothing."
    )
    assert told(press(client, "switch", hook, version=2, on="yes"))[-1] == f"The webhook to {hook.url} is switched on."
    change = client.post(reverse("webhooks:change", args=[hook.pk]), {"kinds": ["level.slid"], "version": 3})
    assert (change.status_code, change.url, told(change)[-1]) == (302, PAGE, f"{hook.url}: what it is told changed")
    assert (
        told(press(client, "delete", hook, version=4))[-1]
        == f"The webhook to {hook.url} is deleted, with its secret and its messages."
    )


@pytest.mark.parametrize("what", ["change", "test", "switch", "delete"])
@pytest.mark.parametrize("who", [make_user, make_administrator])
def test_the_webhook_of_somebody_else_is_not_there(client, mila, what, who):
    theirs = make_webhook(who(), "level.slid")
    assert press(client, what, theirs, version=1, on="no", kinds=["target.set"]).status_code == 404
    theirs.refresh_from_db()
    assert (theirs.version, theirs.is_active, theirs.kinds) == (1, True, ["level.slid"])
    assert not Event.objects.exists() and not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("what", ["change", "test", "switch", "delete"])
def test_a_webhook_that_was_deleted_is_not_there(client, mila, what):
    gone = endpoints.make_webhook(mila, url="https://hooks.example.com/gone", kinds=["level.slid"])
    endpoints.remove(gone, by=mila, seen=1)
    assert press(client, what, gone, version=2, on="yes", kinds=["target.set"]).status_code == 404
    assert not Webhook.objects.get().is_active


def test_a_message_of_somebody_else_is_neither_listed_nor_sent_again(client, mila):
    make_webhook(mila)
    theirs = message(make_webhook(make_user()), state="failed", attempts=6)
    assert rows(client) == []
    assert press(client, "again", theirs).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == "failed"


@pytest.mark.parametrize("what", ["test", "switch", "delete"])
def test_an_act_is_no_mere_reading(client, hook, what):
    assert client.get(reverse(f"webhooks:{what}", args=[hook.pk])).status_code == 405
    hook.refresh_from_db()
    assert (hook.version, hook.is_active, hook.removed_at) == (1, True, None)


def test_switched_off_twice_from_the_same_page_is_no_conflict(client, hook):
    for _ in range(2):
        assert press(client, "switch", hook, version=1, on="no").status_code == 302
    hook.refresh_from_db()
    assert (hook.version, hook.is_active) == (2, False)
    assert Event.objects.count() == 1


def test_choices_saved_unchanged_leave_no_event(client, hook):
    sent = {"kinds": hook.kinds, "version": 1}
    assert client.post(reverse("webhooks:change", args=[hook.pk]), sent).status_code == 302
    assert not Event.objects.exists()


def test_the_page_of_one_shows_whether_it_is_off_and_offers_the_other(client, hook):
    url = reverse("webhooks:change", args=[hook.pk])
    page = client.get(url).text
    assert "switched off" not in page and 'name="on" value="no"' in page and ">Switch off</button>" in page
    Webhook.objects.update(is_active=False)
    page = client.get(url).text
    assert "switched off" in page and 'name="on" value="yes"' in page and ">Switch on</button>" in page


def test_no_page_of_webhooks_tells_another_site_where_it_came_from(client, hook):
    assert client.get(PAGE)["Referrer-Policy"] == "same-origin"


def test_the_address_of_a_colleague_is_free_to_others_and_a_deleted_one_too(client, mila):
    make_webhook(make_user(), url="https://hooks.example.com/one")
    sent = {"url": "https://hooks.example.com/one", "kinds": ["level.slid"]}
    assert client.post(PAGE, sent).status_code == 200
    mine = Webhook.objects.get(user=mila)
    press(client, "delete", mine, version=1)
    assert client.post(PAGE, sent).status_code == 200
    assert Webhook.objects.filter(url=sent["url"]).count() == 3


@pytest.mark.parametrize(("length", "status"), [(500, 200), (501, 422)])
def test_an_address_has_at_most_500_characters(client, mila, length, status):
    start = "https://hooks.example.com/"
    assert client.post(PAGE, {"url": start + "a" * (length - len(start)), "kinds": ["level.slid"]}).status_code == status


def test_a_plain_http_address_is_possible(client, mila):
    assert client.post(PAGE, {"url": "http://hooks.example.com/", "kinds": ["level.slid"]}).status_code == 200


def test_the_page_speaks_dutch(client, hook):
    client.cookies["django_language"] = "nl"
    message(hook, state="failed", attempts=6, status=500, error="status")
    page = client.get(PAGE).text
    assert "given up" not in page and "Latest messages" not in page and "Send again" not in page
