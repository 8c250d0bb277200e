"""What webhooks are told of targets and actions."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import derived
from plans.models import Action
from plans.targets.acts import set_target
from plans.webhook_events import tell_overdue
from tests.factories import make_account, make_action, make_plan, make_target, make_webhook, place
from webhooks.models import WebhookDelivery

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-06-01 10:00", tick=False) as clock:
        yield clock


@pytest.fixture
def account(db):
    account = make_account()
    make_webhook(account.owner)
    return account


def told(kind: str) -> list[dict]:
    return list(WebhookDelivery.objects.filter(kind=kind).order_by("pk").values_list("data", flat=True))


def test_a_target_set_and_revised_is_told_without_the_reason(account):
    place(account, team=2.2)
    target = set_target(account, by=account.owner, level=3, due_on=date(2028, 6, 1), rationale="Because of Anna")
    set_target(account, by=account.owner, level=4, due_on=date(2028, 6, 1), revision_reason="Anna left", seen=target.version)
    first, second = told("target.set")
    assert (first["level"], first["due_on"], first["revised"], first["before"]) == (3, "2028-06-01", False, None)
    assert (second["level"], second["revised"], second["before"]) == (4, True, {"level": 3, "due_on": "2028-06-01"})
    assert "Anna" not in str([first, second])


def test_that_there_is_a_target_is_no_change_of_status(account):
    place(account, team=2.2)
    set_target(account, by=account.owner, level=3, due_on=date(2028, 6, 1))
    assert told("target.status_changed") == []


def test_an_act_that_changes_the_status_is_told(account):
    place(account, customer=2.2)
    set_target(account, by=account.owner, level=3, due_on=date(2028, 6, 1))
    place(account, customer=3.4)
    ((change),) = told("target.status_changed")
    assert (change["from"], change["to"], change["target_level"]) == ("too_early", "reached", 3)


def test_the_night_that_changes_a_status_tells_it_once(account):
    place(account, customer=2.2, held_on=TODAY)
    make_target(account, set_on=TODAY, baseline=2.2)
    derived.refresh([account.pk])
    with time_machine.travel("2028-05-01 00:05", tick=False):
        derived.refresh_all()
        derived.refresh_all()
    ((change),) = told("target.status_changed")
    assert (change["from"], change["to"]) == ("too_early", "off_track")


def test_what_is_mended_is_told_nobody(account):
    place(account, customer=2.2, held_on=TODAY)
    make_target(account, set_on=TODAY, baseline=2.2)
    derived.refresh([account.pk])
    derived.refresh([account.pk], today=date(2028, 5, 1), occasion=derived.Occasion.MEND)
    assert told("target.status_changed") == []


def test_an_overdue_action_is_told_once_for_each_date(account):
    action = make_action(make_plan(account), due_in=-1, title="Ask Anna")
    assert tell_overdue(TODAY) == 1
    tell_overdue(TODAY)
    tell_overdue(TODAY + timedelta(days=1))
    (told_,) = told("action.overdue")
    assert (told_["action"], told_["due_on"], told_["owner"]) == (action.pk, "2026-05-31", action.owner_id)
    assert "Anna" not in str(told_)
    Action.objects.filter(pk=action.pk).update(due_on=TODAY + timedelta(days=1))
    tell_overdue(TODAY + timedelta(days=2))
    assert [one["due_on"] for one in told("action.overdue")] == ["2026-05-31", "2026-06-02"]


@pytest.mark.parametrize(("due_in", "late"), [(0, False), (-1, True), (-7, True), (-8, False)])
def test_late_is_what_was_due_in_the_last_week(account, due_in, late):
    make_action(make_plan(account), due_in=due_in)
    assert tell_overdue(timezone.localdate()) == int(late)


def test_what_is_done_is_not_overdue(account):
    make_action(make_plan(account), due_in=-1, state=Action.State.DONE)
    assert tell_overdue(TODAY) == 0
