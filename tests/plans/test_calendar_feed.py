"""The calendar that others' programs fetch: what stands in it, who gets it, and that its address stays a secret."""

import hashlib
import io
import logging
from datetime import UTC, date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from icalendar import Calendar

from accounts.acts.changing import set_archived
from accounts.models import Account, User
from audit.models import Event
from core import rate_limits
from plans.actions.acts import add_action, change_action, move_action
from plans.calendar import keys
from plans.calendar.feed import calendar_of
from plans.models import Action, ActionPlan, CalendarFeed
from plans.targets.acts import set_target
from tests.factories import (
    make_account,
    make_action,
    make_assessment,
    make_plan,
    make_result,
    make_target,
    make_team,
    make_user,
    make_viewer,
    place,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 3)


@pytest.fixture
def mila():
    return make_user(name="Mila Vermeer")


@pytest.fixture
def northwind(mila):
    return make_account(owner=mila, name="Northwind")


def address_of(user: User) -> str:
    feed = keys.feed_of(user)
    return reverse("plans:calendar", args=[keys.renew(user, seen=feed.version if feed else 0)])


def parsed(user: User) -> Calendar:
    return Calendar.from_ical(calendar_of(user))


def days(user: User) -> dict[str, date]:
    """The entries, by what they are called."""
    return {str(event["summary"]): event["dtstart"].dt for event in parsed(user).events}


def translated(text: str, language: str) -> str:
    with translation.override(language):
        return translation.gettext(text)


def entry(user: User):
    (found,) = parsed(user).events
    return found


class TestWhatStandsInIt:
    def test_own_pending_actions_on_the_day_that_they_are_due(self, mila, northwind):
        plan = make_plan(northwind)
        make_action(plan, title="Map the journey", due_on=DAY)
        make_action(plan, title="Under way", due_on=DAY, state=Action.State.DOING)
        make_action(plan, title="Done", due_on=DAY, state=Action.State.DONE)
        make_action(plan, title="Dropped", due_on=DAY, state=Action.State.DROPPED)
        make_action(plan, title="Of a colleague", due_on=DAY, owner=make_user())
        ended = make_plan(northwind, from_rank=3, state=ActionPlan.State.DROPPED)
        make_action(ended, title="In a plan that was dropped", due_on=DAY)
        assert days(mila) == {"Map the journey · Northwind": DAY, "Under way · Northwind": DAY}

    def test_milestones_of_the_active_targets_of_own_accounts(self, mila, northwind):
        make_target(northwind, set_on=date(2024, 1, 1), level=5, superseded_on=date(2025, 1, 1))
        make_target(northwind, set_on=date(2025, 1, 1), due_on=date(2026, 1, 1), baseline=2.0, level=4)
        make_target(make_account(team=make_team(members=[mila])), set_on=date(2025, 1, 1))
        assert days(mila) == {
            "Milestone: Northwind on level 3": date(2025, 7, 3),
            "Target: Northwind on level 4": date(2026, 1, 1),
        }

    def test_last_days_of_open_rounds_of_own_accounts(self, mila, northwind, edition):
        make_assessment(northwind, closes_on=DAY)
        make_assessment(make_account(owner=mila, name="Without a last day"))
        make_assessment(make_account(team=make_team(leads=[mila])), closes_on=DAY)
        make_result(make_account(owner=mila), timezone.localdate(), team=2.5, closes_on=DAY)
        assert days(mila) == {"Round closes: Northwind": DAY}

    def test_archived_accounts_are_left_out(self, mila, northwind, edition):
        make_action(make_plan(northwind))
        make_target(northwind, set_on=date(2025, 1, 1))
        make_assessment(northwind, closes_on=DAY)
        assert len(days(mila)) >= 3
        set_archived(northwind, by=mila, seen=1, archived=True)
        assert days(mila) == {}

    def test_an_action_in_an_account_that_one_no_longer_sees_is_left_out(self, mila):
        team = make_team(members=[mila])
        make_action(make_plan(make_account(team=team)), owner=mila)
        assert len(days(mila)) == 1
        team.members.clear()
        assert days(mila) == {}

    def test_each_leads_to_its_page(self, mila, northwind, edition, client, settings):
        settings.BASE_URL = "http://testserver"
        make_action(make_plan(northwind))
        make_target(northwind, set_on=date(2025, 1, 1))
        make_assessment(northwind, closes_on=DAY)
        client.force_login(mila)
        assert {client.get(event["url"]).status_code for event in parsed(mila).events} == {200}

    def test_who_only_reads_is_led_to_a_page_that_opens(self, client, settings):
        settings.BASE_URL = "http://testserver"
        viewer = make_viewer()
        make_action(make_plan(), owner=viewer)
        client.force_login(viewer)
        assert client.get(entry(viewer)["url"]).status_code == 200

    def test_in_the_language_of_the_person(self, mila, northwind, edition):
        User.objects.filter(pk=mila.pk).update(language="nl")
        mila.refresh_from_db()
        make_assessment(northwind, closes_on=DAY)
        with translation.override("en"):
            assert days(mila).keys() == {translated("Round closes: %(account)s", "nl") % {"account": "Northwind"}}

    def test_an_empty_one_is_a_calendar_too(self, mila):
        calendar = parsed(mila)
        assert (calendar["version"], calendar.events) == ("2.0", [])
        assert str(calendar["x-wr-calname"]) == "Standing: Mila Vermeer"

    @pytest.mark.parametrize("number", [1, 25])
    def test_costs_the_same_whatever_the_entries(self, mila, edition, number, django_assert_num_queries, client):
        for _ in range(number):
            account = make_account(owner=mila)
            make_action(make_plan(account))
            make_target(account, set_on=date(2025, 1, 1))
            make_assessment(account, closes_on=DAY)
        address = address_of(mila)
        with django_assert_num_queries(4):  # whose it is; actions, targets, rounds
            client.get(address)


class TestTheFormat:
    def test_an_entry_is_a_whole_day_that_takes_no_time(self, mila, northwind):
        make_action(make_plan(northwind), due_on=DAY)
        found = entry(mila)
        assert (found["dtstart"].dt, found["dtend"].dt) == (DAY, DAY + timedelta(days=1))
        assert found["transp"] == "TRANSPARENT"

    @pytest.mark.parametrize(
        "name",
        ["Lee, Kim; Sons", "two\nlines", "🎉 Fête \\ ” 株式会社", "x" * 200, "é🎉" * 60, "BEGIN:VEVENT"],
    )
    def test_names_survive(self, mila, name):
        make_action(make_plan(make_account(owner=mila, name=name)), title="A, B")
        assert str(entry(mila)["summary"]) == f"A, B · {name}"

    @pytest.mark.parametrize("sign", ["\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\x07"])
    def test_no_line_end_or_control_character_breaks_a_line(self, mila, sign):
        make_action(make_plan(make_account(owner=mila, name=f"One{sign}END:VEVENT")))
        content = calendar_of(mila).decode()
        assert content.splitlines().count("END:VEVENT") == 1
        assert content.replace("\r\n", "").isprintable()

    def test_lines_end_as_the_format_says_and_none_is_longer_than_75_octets(self, mila):
        make_action(make_plan(make_account(owner=mila, name="é🎉" * 100)), title="y" * 300)
        content = calendar_of(mila)
        assert content.endswith(b"END:VCALENDAR\r\n")
        assert max(len(line) for line in content.split(b"\r\n")) <= 75

    def test_an_entry_keeps_its_id_when_it_moves_and_counts_on(self, mila, northwind):
        action = add_action(make_plan(northwind), by=mila, title="Map", owner=mila, due_on=DAY)
        before = entry(mila)
        action.due_on = DAY + timedelta(days=9)
        change_action(action, by=mila, seen=action.version, fields=["due_on"])
        after = entry(mila)
        assert after["uid"] == before["uid"]
        assert after["sequence"] > before["sequence"]
        assert after["dtstart"].dt == DAY + timedelta(days=9)

    def test_milestones_keep_their_ids_when_the_target_is_revised(self, mila, northwind):
        place(northwind, customer=2.0)
        today = timezone.localdate()
        set_target(northwind, by=mila, level=4, due_on=today + timedelta(days=400))
        before = {str(event["uid"]): event["sequence"] for event in parsed(mila).events}
        set_target(northwind, by=mila, level=4, due_on=today + timedelta(days=700), revision_reason="Later")
        after = {str(event["uid"]): event["sequence"] for event in parsed(mila).events}
        assert after.keys() == before.keys() and len(after) == 2
        assert all(after[uid] > before[uid] for uid in after)

    def test_ids_are_unlike_and_those_of_this_site(self, mila, northwind, edition, settings):
        settings.BASE_URL = "https://standing.example.com:8443"
        make_action(make_plan(northwind))
        make_target(northwind, set_on=date(2025, 1, 1))
        make_assessment(northwind, closes_on=DAY)
        ids = [str(event["uid"]) for event in parsed(mila).events]
        assert len(ids) == len(set(ids))
        assert all(one.endswith("@standing.example.com") for one in ids)

    def test_tells_when_it_was_last_changed_by_the_trail(self, mila, northwind):
        action = add_action(make_plan(northwind), by=mila, title="Map", owner=mila, due_on=DAY)
        at = Event.objects.get(object_type="plans.action", object_id=action.pk).at.replace(microsecond=0)
        assert entry(mila)["last-modified"].dt == entry(mila)["dtstamp"].dt == at

    def test_what_the_trail_does_not_know_was_changed_when_its_plan_began(self, mila, northwind):
        make_action(make_plan(northwind, started_on=date(2026, 3, 1)))
        assert entry(mila)["dtstamp"].dt.astimezone(UTC).date() == date(2026, 3, 1)


class TestFetching:
    def test_without_signing_in_as_a_calendar_that_others_do_not_keep(self, client, mila, northwind):
        make_action(make_plan(northwind))
        response = client.get(address_of(mila))
        assert response.status_code == 200
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert response["Cache-Control"] == "private, no-cache"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]
        assert len(Calendar.from_ical(response.content).events) == 1
        assert not response.cookies

    def test_what_did_not_change_is_not_sent_again(self, client, mila, northwind):
        make_action(make_plan(northwind))
        address = address_of(mila)
        first = client.get(address)
        again = client.get(address, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        Account.objects.filter(pk=northwind.pk).update(name="Renamed")
        assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 200

    def test_head_tells_the_same_without_the_content(self, client, mila):
        address = address_of(mila)
        head = client.head(address)
        assert (head.status_code, head.content, head["ETag"]) == (200, b"", client.get(address)["ETag"])

    @pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
    def test_it_is_only_read(self, client, mila, method):
        assert getattr(client, method)(address_of(mila)).status_code == 405

    def test_who_is_signed_in_reads_the_calendar_whose_address_it_is(self, client, mila, northwind):
        make_action(make_plan(northwind))
        address = address_of(mila)
        client.force_login(make_user())
        assert len(Calendar.from_ical(client.get(address).content).events) == 1

    def test_a_ticked_action_is_gone(self, client, mila, northwind):
        action = make_action(make_plan(northwind))
        address = address_of(mila)
        move_action(action, by=mila, seen=action.version, state=Action.State.DONE)
        assert Calendar.from_ical(client.get(address).content).events == []

    def test_unknown_renewed_stopped_and_of_who_left_answer_alike(self, mila):
        renewed = address_of(mila)
        current = address_of(mila)
        stopped, left = make_user(), make_user()
        addresses = [renewed, address_of(stopped), address_of(left), "/calendar/unknown.ics"]
        keys.stop(stopped, seen=1)
        User.objects.filter(pk=left.pk).update(is_active=False)
        answers = [Client().get(address) for address in addresses]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
        assert Client().get(current).status_code == 200

    def test_who_may_sign_in_again_gets_it_again(self, client, mila):
        address = address_of(mila)
        for active, status in ((False, 404), (True, 200)):
            User.objects.filter(pk=mila.pk).update(is_active=active)
            assert client.get(address).status_code == status

    def test_many_guesses_are_slowed_down_and_a_good_address_is_not(self, fresh_cache, mila):
        address = address_of(mila)
        for n in range(rate_limits.UNKNOWN_LINKS):
            assert Client().get(f"/calendar/guess{n}.ics").status_code == 404
        refused = Client().get("/calendar/another.ics")
        assert (refused.status_code, refused["Retry-After"]) == (429, str(rate_limits.WINDOW))
        assert Client().get(address).status_code == 200


class TestTheSecret:
    def test_is_long_and_only_its_hash_is_stored(self, mila):
        secret = keys.renew(mila, seen=0)
        assert len(secret) >= 43
        assert CalendarFeed.objects.get().key_hash == hashlib.sha256(secret.encode()).hexdigest()
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                assert secret not in str(cursor.fetchall()), table

    def test_is_not_logged(self, client, mila, monkeypatch):
        secret = keys.renew(mila, seen=0)
        stream = io.StringIO()
        listener, names = logging.StreamHandler(stream), ("", "django_structlog")
        levels = {name: logging.getLogger(name).level for name in names}
        for name in names:
            logging.getLogger(name).setLevel(logging.INFO)
        logging.getLogger().handlers.insert(0, listener)
        try:
            address = reverse("plans:calendar", args=[secret])
            client.get(address)
            client.post(address)
            client.get(address.removesuffix(".ics"))
            client.get(f"{address}/")
            User.objects.update(is_active=False)
            client.get(address)
            monkeypatch.setattr("plans.calendar.pages.keys.reader_of", lambda secret: 1 / 0)
            Client(raise_request_exception=False).get(address)
        finally:
            logging.getLogger().removeHandler(listener)
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
        logged = stream.getvalue()
        assert "/calendar/…" in logged and "ZeroDivisionError" in logged
        assert secret not in logged
