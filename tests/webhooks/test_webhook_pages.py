"""The page of one's webhooks."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from tests.factories import make_account, make_user, make_webhook
from webhooks import endpoints
from webhooks.models import Webhook, WebhookDelivery

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGE = "/settings/webhooks/"
URL = "https://hooks.example.com/standing"


@pytest.fixture
def mila(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


def make(client, **fields):
    return client.post(PAGE, {"url": URL, "kinds": ["level.climbed", "target.set"]} | fields)


def press(client, what: str, thing, **fields):
    return client.post(reverse(f"webhooks:{what}", args=[thing.pk]), fields)


def test_made_its_secret_is_shown_once(client, mila):
    response = make(client)
    hook = Webhook.objects.get()
    assert response.status_code == 200
    assert f'value="{hook.secret}"' in response.text
    assert "no-store" in response["Cache-Control"]
    assert (hook.user, hook.url, hook.kinds, hook.is_active) == (mila, URL, ["level.climbed", "target.set"], True)
    again = client.get(PAGE).text
    assert hook.secret not in again and URL in again and "The level climbed · A target was set or revised" in again


def test_loading_the_answer_again_makes_no_second_one(client, mila):
    make(client)
    response = make(client)
    assert response.status_code == 422
    assert "You have a webhook to this address already." in response.text
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"url": "hooks.example.com"}, "Write a whole address such as https://example.com/standing."),
        ({"url": "ftp://hooks.example.com/"}, "Write a whole address"),
        ({"url": "http://localhost:8000/"}, "Choose an address of the open internet"),
        ({"url": "http://192.168.1.4/"}, "Choose an address of the open internet"),
        ({"url": "https://me:word@hooks.example.com/"}, "Choose an address of the open internet"),
        ({"kinds": []}, "Choose at least one"),
        ({"kinds": ["no.such"]}, "no.such"),
    ],
)
def test_what_cannot_be_is_refused_and_stays_in_the_fields(client, mila, fields, problem):
    response = make(client, **fields)
    assert response.status_code == 422
    assert problem in response.text
    assert f'value="{fields.get("url", URL)}"' in response.text
    assert not Webhook.objects.exists()


def test_the_eleventh_is_refused_in_words(client, mila):
    for _ in range(endpoints.MOST):
        make_webhook(mila)
    response = make(client)
    assert response.status_code == 422 and "You have 10 webhooks, and no more are possible." in response.text
    assert f'value="{URL}"' in response.text


def test_what_it_is_told_can_be_changed(client, mila):
    hook = make_webhook(mila, "level.slid")
    url = reverse("webhooks:change", args=[hook.pk])
    assert hook.url in client.get(url).text
    client.post(url, {"kinds": ["target.set", "level.climbed"], "version": 1})
    hook.refresh_from_db()
    assert (hook.kinds, hook.version) == (["level.climbed", "target.set"], 2)
    event = Event.objects.get()
    assert (event.act, event.before, event.after) == (
        "webhook.changed",
        {"kinds": ["level.slid"]},
        {"kinds": ["level.climbed", "target.set"]},
    )


def test_told_nothing_at_all_is_refused(client, mila):
    hook = make_webhook(mila, "level.slid")
    response = client.post(reverse("webhooks:change", args=[hook.pk]), {"version": 1})
    assert response.status_code == 422 and "Choose at least one" in response.text
    hook.refresh_from_db()
    assert hook.kinds == ["level.slid"]


def test_a_stale_choice_is_shown_beside_what_is_stored_and_can_be_sent_again(client, mila):
    hook = make_webhook(mila, "level.slid", version=2)
    url = reverse("webhooks:change", args=[hook.pk])
    response = client.post(url, {"kinds": ["target.set"], "version": 1})
    assert response.status_code == 409
    assert "<td>The level slid</td><td>A target was set or revised</td>" in response.text
    seen = re.search(r'name="version" value="(\d+)"', response.text)[1]
    client.post(url, {"kinds": ["target.set"], "version": seen})
    hook.refresh_from_db()
    assert hook.kinds == ["target.set"]


def test_switching_off_and_on(client, mila):
    hook = make_webhook(mila)
    press(client, "switch", hook, version=1, on="no")
    page = client.get(PAGE).text
    assert "switched off" in page and "Send a test<" not in page
    press(client, "switch", hook, version=2, on="yes")
    hook.refresh_from_db()
    assert hook.is_active


@pytest.mark.parametrize(("what", "fields"), [("switch", {"on": "no"}), ("delete", {})])
def test_a_page_that_moved_on_is_told_with_409(client, mila, what, fields):
    hook = make_webhook(mila, version=3)
    response = press(client, what, hook, version=2, **fields)
    assert response.status_code == 409 and "Nothing was changed" in response.text
    hook.refresh_from_db()
    assert hook.is_active and hook.removed_at is None


def test_deleted_it_is_gone_from_the_page(client, mila):
    hook = make_webhook(mila)
    response = client.post(reverse("webhooks:delete", args=[hook.pk]), {"version": 1}, follow=True)
    assert f"The webhook to {hook.url} is deleted" in response.text
    assert hook.url not in client.get(reverse("webhooks:list")).text


def test_a_test_is_queued_and_listed(client, mila):
    hook = make_webhook(mila)
    press(client, "test", hook)
    assert (WebhookDelivery.objects.get().kind, WebhookDelivery.objects.get().state) == (endpoints.TEST, "queued")
    assert "waiting to be sent" in client.get(PAGE).text


def test_pressed_twice_it_is_one_test(client, mila):
    hook = make_webhook(mila)
    press(client, "test", hook)
    press(client, "test", hook)
    assert WebhookDelivery.objects.count() == 1


def test_one_that_is_off_is_not_tested(client, mila):
    hook = make_webhook(mila, is_active=False)
    response = press(client, "test", hook)
    assert response.status_code == 422 and "It is switched off. Switch it on first." in response.text
    assert not WebhookDelivery.objects.exists()


def test_a_message_that_was_given_up_is_sent_again(client, mila):
    delivery = given_up(make_webhook(mila), make_account(owner=mila, name="Zilverberg"))
    page = client.get(PAGE).text
    assert "given up" in page and "Zilverberg" in page and "answered 500" in page and "6 attempts" in page
    press(client, "again", delivery)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.settled_at) == ("queued", 0, None)
    assert "Send again" not in client.get(PAGE).text


def test_messages_to_one_that_is_off_are_not_sent_again(client, mila):
    delivery = given_up(make_webhook(mila, is_active=False), make_account(owner=mila))
    assert "Send again" not in client.get(PAGE).text
    response = press(client, "again", delivery)
    assert response.status_code == 422 and "It is switched off." in response.text


def test_messages_of_accounts_that_one_no_longer_sees_are_not_there(client, mila):
    delivery = given_up(make_webhook(mila), make_account(name="Zilverberg"))
    assert "Zilverberg" not in client.get(PAGE).text
    assert press(client, "again", delivery).status_code == 404


@pytest.mark.parametrize("many", [1, 10])
def test_costs_few_statements_whatever_the_rows(client, mila, many, django_assert_num_queries):
    for _ in range(many):
        hook = make_webhook(mila)
        for _again in range(many):
            given_up(hook, make_account(owner=mila))
    with django_assert_num_queries(4):  # session, person, webhooks, messages
        client.get(PAGE)


def test_without_one_there_is_only_the_form(client, mila):
    make_webhook(make_user())
    page = client.get(PAGE).text
    assert "Your webhooks" not in page and "Make the webhook" in page
    assert len(re.findall(r'name="kinds"', page)) == len(endpoints.kinds()) == 8


def test_the_page_of_the_settings_leads_there(client, mila):
    assert f'href="{PAGE}"' in client.get(reverse("accounts:settings")).text


def given_up(hook, account) -> WebhookDelivery:
    settled = {"state": "failed", "settled_at": timezone.now(), "attempts": 6, "status": 500, "error": "status"}
    return WebhookDelivery.objects.create(
        webhook=hook, account=account, kind="level.climbed", event=str(WebhookDelivery.objects.count()), **settled
    )
