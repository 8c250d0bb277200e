"""The page that makes, renews and stops the address of one's calendar."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Event
from core.versions import StaleEdit
from plans.calendar import keys
from plans.models import CalendarFeed
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PAGE = "/settings/calendar/"


@pytest.fixture
def mila(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


def press(client, what: str, version: int | None = None):
    """What the button sends, with the version that the page shows unless another is given."""
    if version is None:
        version = int(re.search(r'name="version" value="(\d+)"', client.get(PAGE).text)[1])
    return client.post(PAGE, {"do": what, "version": version})


def address_in(response) -> str | None:
    found = re.search(r'value="http[^"]*?(/calendar/[\w-]+\.ics)"', response.text)
    return found[1] if found else None


def test_made_it_is_shown_once_and_works(client, mila):
    response = press(client, "renew")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert Client().get(address_in(response)).status_code == 200
    again = client.get(PAGE)
    assert address_in(again) is None and "There is an address" in again.text


def test_the_address_is_that_of_the_site(client, mila, settings):
    settings.BASE_URL = "https://standing.example.com"
    assert 'value="https://standing.example.com/calendar/' in press(client, "renew").text


def test_renewed_the_old_one_leads_nowhere(client, mila):
    old, new = address_in(press(client, "renew")), address_in(press(client, "renew"))
    assert old != new
    assert [Client().get(address).status_code for address in (old, new)] == [404, 200]


def test_stopped_it_leads_nowhere_and_a_new_one_can_be_made(client, mila):
    old = address_in(press(client, "renew"))
    assert press(client, "stop").url == PAGE
    assert "No address yet" in client.get(PAGE).text
    assert Client().get(old).status_code == 404
    assert Client().get(address_in(press(client, "renew"))).status_code == 200


@pytest.mark.parametrize("there", [False, True])
def test_sent_again_by_loading_the_page_anew_it_leaves_the_first_address_alone(client, mila, there):
    if there:
        press(client, "renew")
    seen = 1 if there else 0
    address = address_in(press(client, "renew", seen))
    again = press(client, "renew", seen)
    assert again.status_code == 409 and address_in(again) is None
    assert "Nothing was changed" in again.text
    assert Client().get(address).status_code == 200


def test_stopping_what_was_renewed_meanwhile_changes_nothing(client, mila):
    press(client, "renew")
    address = address_in(press(client, "renew"))
    assert press(client, "stop", 1).status_code == 409
    assert Client().get(address).status_code == 200


def test_stopping_what_is_not_there_does_no_harm(client, mila):
    assert press(client, "stop", 0).status_code == 302
    assert not Event.objects.exists()


def test_an_unknown_wish_changes_nothing_and_says_so(client, mila):
    response = press(client, "explode", 0)
    assert response.status_code == 422 and "Nothing was changed" in response.text
    assert not CalendarFeed.objects.exists()


def test_two_windows_in_the_same_moment_make_one(mila, monkeypatch):
    keys.renew(mila, seen=0)
    monkeypatch.setattr(keys, "feed_of", lambda user: None)
    with pytest.raises(StaleEdit):
        keys.renew(mila, seen=0)
    assert Event.objects.count() == CalendarFeed.objects.count() == 1


def test_each_act_leaves_a_trail_without_the_secret(client, mila):
    secrets = [address_in(press(client, "renew")).split("/")[2].removesuffix(".ics") for _ in range(2)]
    press(client, "stop")
    press(client, "renew")
    events = Event.objects.order_by("pk")
    assert [event.act for event in events] == ["calendar.made", "calendar.renewed", "calendar.stopped", "calendar.made"]
    assert {event.actor for event in events} == {mila}
    hashes = CalendarFeed.objects.values_list("key_hash", flat=True)
    assert not any(known in str(vars(event)) for event in events for known in [*secrets, *hashes])


def test_each_has_an_own_one(client, mila):
    press(client, "renew")
    other = Client()
    other.force_login(make_user())
    assert "No address yet" in other.get(PAGE).text
    press(other, "stop", 1)
    assert CalendarFeed.objects.get().user == mila and CalendarFeed.objects.get().answers


def test_costs_few_statements(client, mila, django_assert_num_queries):
    press(client, "renew")
    with django_assert_num_queries(3):  # session, person, feed
        client.get(PAGE)


def test_the_page_of_the_settings_leads_there(client, mila):
    assert reverse("plans:calendar_settings") == PAGE
    assert f'href="{PAGE}"' in client.get(reverse("accounts:settings")).text
