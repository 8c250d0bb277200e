"""At one moment everybody is told the same: dates are the organisation's, wherever the reader is (its zone here: Amsterdam)."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import derived
from accounts.models import User
from assessments.models import Assessment
from audit import trail
from plans.models import Target
from tests.factories import (
    make_account,
    make_action,
    make_assessment,
    make_plan,
    make_result,
    make_target,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db

TODAY, TOMORROW = date(2027, 3, 10), date(2027, 3, 11)
IN_AUCKLAND_TOMORROW = datetime(2027, 3, 10, 22, 30, tzinfo=UTC)
IN_HONOLULU_YESTERDAY = datetime(2027, 3, 10, 5, 0, tzinfo=UTC)
ZONES = ["", "Pacific/Auckland", "Pacific/Honolulu"]


@pytest.fixture(params=[IN_AUCKLAND_TOMORROW, IN_HONOLULU_YESTERDAY], ids=["late in the day", "early in the day"])
def moment(request):
    with time_machine.travel(request.param, tick=False):
        yield request.param


@pytest.fixture
def readers():
    return [make_user(time_zone=zone) for zone in ZONES]


@pytest.fixture
def account(edition, readers):
    return make_account(owner=readers[0], team=make_team(leads=readers))


@pytest.fixture(params=ZONES)
def reader(request, readers):
    return readers[ZONES.index(request.param)]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("due_on", "code"),
    [
        (date(2027, 3, 9), "off_track"),  # past due
        (date(2027, 3, 10), "at_risk"),  # its last day
        (date(2027, 3, 11), "at_risk"),
    ],
)
def test_a_target_stands_the_same_for_every_reader_and_as_it_was_stored(moment, readers, account, due_on, code):
    make_result(account, date(2027, 1, 5), customer=3.4)
    make_target(account, set_on=date(2024, 3, 12), due_on=due_on, baseline=3.4)
    derived.refresh([account.pk])
    account.refresh_from_db()
    told = [signed_in(reader).get(account.get_absolute_url() + "history/").context for reader in readers]
    assert {page["status"].code for page in told} == {account.target_status} == {code}
    # Here is the level that is expected today, too.
    assert all(page["status"].values == told[0]["status"].values for page in told)
    assert len({page["status_sentence"] for page in told}) == 1


def test_an_action_is_late_from_the_day_after_its_own(moment, reader, account):
    plan = make_plan(account, owner=reader)
    for title, day in (("yesterday", date(2027, 3, 9)), ("today", TODAY), ("tomorrow", TOMORROW)):
        make_action(plan, title=title, due_on=day, owner=reader)
    page = signed_in(reader).get(reverse("plans:actions"))
    assert {group.name: [action.title for action in group.actions] for group in page.context["groups"]} == {
        "overdue": ["yesterday"],
        "week": ["today", "tomorrow"],
    }
    assert [action.days_late for action in plan.actions.order_by("due_on")] == [1, 0, 0]


@pytest.mark.parametrize(("held_on", "status"), [(TODAY, 302), (TOMORROW, 422)])
def test_an_assessment_is_held_until_today(moment, reader, account, held_on, status):
    round_ = make_assessment(account, held_on=date(2027, 3, 1))
    address = reverse("surveys:details", args=[account.pk, round_.pk])
    client = signed_in(reader)
    assert f'max="{TODAY}"' in client.get(address).text
    assert client.post(address, {"held_on": held_on.isoformat(), "version": 1}).status_code == status
    assert Assessment.objects.filter(held_on=held_on).exists() == (status == 302)


@pytest.mark.parametrize(("due_on", "status"), [(TODAY, 422), (TOMORROW, 302)])
def test_a_target_lies_after_today(moment, reader, account, due_on, status):
    make_result(account, date(2027, 1, 5), customer=2.4)
    derived.refresh([account.pk])
    sent = {"version": 0, "level": 4, "due_on": due_on.isoformat(), "rationale": "They build a plant."}
    assert signed_in(reader).post(reverse("plans:target", args=[account.pk]), sent).status_code == status
    assert [(target.set_on, target.due_on) for target in Target.objects.all()] == ([(TODAY, TOMORROW)] if status == 302 else [])


def test_what_is_noted_for_today_has_the_same_date_for_all(moment, reader, account):
    action = make_action(make_plan(account), due_on=TODAY)
    moved = signed_in(reader).post(reverse("plans:action_move", args=[action.pk]), {"state": "done", "version": 1})
    action.refresh_from_db()
    assert (moved.status_code, action.done_on, action.plan.started_on) == (302, TODAY, TODAY)


def test_a_moment_is_told_by_the_clock_of_the_reader(account, readers):
    with time_machine.travel(IN_AUCKLAND_TOMORROW, tick=False):
        trail.record("account.changed", account, by=account.owner, before={"city": ""}, after={"city": "Breda"})
        seen = [signed_in(reader).get(account.get_absolute_url() + "activity/").text for reader in readers]
    assert ["11 Mar 2027</time>" in text for text in seen] == [False, True, False]
