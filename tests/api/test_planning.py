"""Targets, plans and actions through the API."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import derived
from plans.models import Action, Target
from tests.factories import make_administrator, make_basis, make_plan, make_result, make_target, make_user, make_viewer, place

pytestmark = pytest.mark.django_db


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.fixture
def placed(account):
    return place(account, customer=2.9, team=3.5)


class TestTarget:
    @pytest.fixture
    def path(self, placed):
        return f"/accounts/{placed.pk}/target"

    def test_is_set_read_and_told_as_it_stands(self, api, path):
        assert api.get(path).status_code == 404
        made = api.put(path, {"level": 4, "due_on": in_days(1000), "rationale": "They grow."})
        assert made.status_code == 200
        told = made.json()
        assert {name: told[name] for name in ("level", "due_on", "set_on", "rationale", "baseline_level", "status", "forecast")} == {
            "level": 4, "due_on": in_days(1000), "set_on": in_days(0), "rationale": "They grow.", "baseline_level": 2,
            "status": "too_early", "forecast": None,
        }  # fmt: skip
        assert told["expected_level_today"] == 2
        assert [one["level"] for one in told["milestones"]] == [3, 4]
        read = api.get(path)
        assert (read.json(), read["ETag"]) == (told, made["ETag"])

    @time_machine.travel("2027-01-15 12:00", tick=False)
    def test_milestones_and_the_expected_level_are_those_of_the_worked_table(self, api, account):
        make_result(account, date(2026, 1, 10), customer=2.9)
        make_target(account, set_on=date(2026, 1, 15))
        told = api.get(f"/accounts/{account.pk}/target").json()
        assert told["milestones"] == [{"due_on": "2026-04-25", "level": 3}, {"due_on": "2029-01-15", "level": 4}]
        assert (told["expected_position_today"], told["expected_level_today"]) == (3.2663, 3)

    def test_is_revised_only_by_who_saw_it_and_the_old_one_stays(self, api, path):
        first = api.put(path, {"level": 4, "due_on": in_days(1000)})
        revision = {"level": 3, "due_on": in_days(500), "rationale": "Slower."}
        assert api.put(path, revision).status_code == 428
        assert api.put(path, revision, if_match='"v9"').status_code == 412
        assert api.put(path, revision, if_match=first["ETag"]).json()["level"] == 3
        assert api.put(path, revision | {"level": 5}, if_match=first["ETag"]).status_code == 412
        old = Target.objects.exclude(superseded_on=None).get()
        assert (old.level, old.superseded_why) == (4, "Slower.")

    @pytest.mark.parametrize(("sent", "pointer"), [
        ({"level": 6}, "#/level"), ({"level": "4"}, "#/level"), ({"due_on": in_days(0)}, "#/due_on"),
        ({"due_on": in_days(1200)}, "#/due_on"), ({"due_on": 20280101}, "#/due_on"), ({"due_on": "2028-02-30"}, "#/due_on"),
    ])  # fmt: skip
    def test_that_cannot_be_is_refused_beside_its_field(self, api, path, sent, pointer):
        refused = api.put(path, {"level": 4, "due_on": in_days(900)} | sent)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)

    def test_needs_a_level_to_start_from(self, api, account):
        assert api.put(f"/accounts/{account.pk}/target", {"level": 4, "due_on": in_days(900)}).status_code == 422

    def test_is_forecast_where_there_is_enough_history(self, api, path, placed):
        make_basis(timezone.localdate())
        told = api.put(path, {"level": 4, "due_on": in_days(1095)}).json()
        placed.refresh_from_db()
        forecast = told["forecast"]
        assert 0 < forecast["low"] < forecast["probability"] == placed.target_chance < forecast["high"] < 1
        assert forecast["basis"] == "From 630 account-years."
        assert (told["kind"], told["status"], told["decided_by"]) == ("climb", "too_early", None)

    @time_machine.travel("2027-01-15 12:00", tick=False)
    @pytest.mark.parametrize(
        ("customer", "moves", "status", "decided_by"),
        [(3.3, {1: 60, -1: 1}, "on_track", "line"), (3.3, {1: 1, -1: 9}, "at_risk", "chance"), (2.2, {1: 1}, "off_track", "line"),
         (4.1, {1: 1}, "reached", "customer")],
    )  # fmt: skip
    def test_says_what_decided(self, api, account, customer, moves, status, decided_by):
        make_basis(timezone.localdate(), moves=moves)
        make_target(account, set_on=date(2026, 1, 15))
        place(account, customer=customer)
        told = api.get(f"/accounts/{account.pk}/target").json()
        assert (told["status"], told["decided_by"]) == (status, decided_by)
        assert (told["forecast"] is None) == (status == "reached")

    def test_of_a_level_to_hold(self, api, account):
        make_basis(timezone.localdate())
        place(account, customer=4.2)
        told = api.put(f"/accounts/{account.pk}/target", {"level": 4, "due_on": in_days(1095)}).json()
        assert (told["kind"], told["baseline_level"]) == ("hold", 4)
        assert 0 < told["forecast"]["probability"] < 1

    def test_is_the_same_for_every_reader(self, caller, account):
        """The forecast is made from all accounts of the organisation, whoever sees how many of them."""
        make_basis(timezone.localdate())
        place(account, customer=3.1)
        make_target(account, set_on=timezone.localdate() - timedelta(days=9))
        derived.refresh([account.pk])
        path = f"/accounts/{account.pk}/target"
        told = [caller(person).get(path).json() for person in (account.owner, make_viewer(), make_administrator())]
        assert told[0]["forecast"]
        assert told[0] == told[1] == told[2]


class TestPlans:
    def test_a_plan_is_started_and_listed(self, api, placed):
        path = f"/accounts/{placed.pk}/plans"
        made = api.post(path, {"from_level": 2, "to_level": 3, "goal": "They call us first.", "owner": "mila@example.com"})
        assert made.status_code == 201
        told = made.json()
        assert (told["from_level"], told["to_level"], told["goal"], told["owner"], told["status"]) == (
            2, 3, "They call us first.", "mila@example.com", "open",
        )  # fmt: skip
        assert api.get(path).json() == {"items": [told], "next": None}

    def test_plays_bring_their_actions(self, api, placed):
        play = next(play for play in api.get("/catalogue").json()["plays"] if play["from_level"] == 2)
        made = api.post(f"/accounts/{placed.pk}/plans", {"from_level": 2, "to_level": 3, "goal": "", "plays": [play["code"]]})
        listed = api.get(f"/plans/{made.json()['id']}/actions").json()["items"]
        assert [one["title"] for one in listed] == [step["title"] for step in play["actions"]]
        assert {one["play"] for one in listed} == {play["code"]}

    @pytest.mark.parametrize(("sent", "pointer"), [
        ({"to_level": 4}, "#/to_level"), ({"from_level": 5, "to_level": 5}, "#/from_level"), ({"owner": "x@example.com"}, "#/owner"),
        ({"plays": ["nothing"]}, "#/plays"),
    ])  # fmt: skip
    def test_a_plan_that_cannot_be_is_refused(self, api, placed, sent, pointer):
        refused = api.post(f"/accounts/{placed.pk}/plans", {"from_level": 2, "to_level": 3, "goal": "More"} | sent)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)

    def test_a_step_has_one_open_plan(self, api, placed):
        path, plan = f"/accounts/{placed.pk}/plans", {"from_level": 2, "to_level": 3, "goal": "More"}
        assert api.post(path, plan).json()["id"] == api.post(path, plan).json()["id"]
        assert api.post(path, plan | {"goal": "Other"}).status_code == 422


class TestActions:
    @pytest.fixture
    def plan(self, account):
        return make_plan(account)

    def test_an_action_is_added_listed_and_done(self, api, plan):
        path = f"/plans/{plan.pk}/actions"
        made = api.post(path, {"title": "Call", "owner": "mila@example.com", "due_on": in_days(7), "status": "todo"})
        assert made.status_code == 201
        told = made.json()
        assert (told["title"], told["owner"], told["due_on"], told["status"]) == ("Call", "mila@example.com", in_days(7), "todo")
        assert api.get(path).json()["items"] == [told]
        done = api.patch(f"/actions/{told['id']}", {"status": "done", "outcome": "They agreed."}, if_match=made["ETag"])
        assert done.json() == told | {"status": "done", "outcome": "They agreed.", "done_on": in_days(0), "version": 2}
        assert api.patch(f"/actions/{told['id']}", {"status": "todo"}, if_match=made["ETag"]).status_code == 412
        assert api.patch(f"/actions/{told['id']}", {"status": "todo"}).status_code == 428
        assert Action.objects.get().state == "done"

    def test_an_action_may_come_in_done(self, api, plan):
        sent = {"title": "Call", "due_on": in_days(-7), "status": "done", "outcome": "Good."}
        told = api.post(f"/plans/{plan.pk}/actions", sent).json()
        assert (told["status"], told["done_on"], told["outcome"]) == ("done", in_days(0), "Good.")

    @pytest.mark.parametrize(("sent", "pointer"), [
        ({"status": "later"}, "#/status"), ({"owner": "x@example.com"}, "#/owner"), ({"play": "nothing"}, "#/play"),
        ({"due_on": "1990-01-01"}, "#/due_on"), ({"title": ""}, "#/title"),
    ])  # fmt: skip
    def test_an_action_that_cannot_be_is_refused(self, api, plan, sent, pointer):
        refused = api.post(f"/plans/{plan.pk}/actions", {"title": "Call", "due_on": in_days(7)} | sent)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
        assert not Action.objects.exists()

    def test_its_owner_says_how_it_goes_and_changes_nothing_else(self, api, caller, team, plan):
        mate = make_user(email="mate@example.com")
        team.members.add(mate)
        made = api.post(f"/plans/{plan.pk}/actions", {"title": "Call", "owner": "mate@example.com", "due_on": in_days(7)}).json()
        call, path = caller(mate), f"/actions/{made['id']}"
        assert call.patch(path, {"title": "Mail"}, if_match="*").status_code == 403
        assert call.patch(path, {"status": "doing"}, if_match="*").json()["status"] == "doing"
