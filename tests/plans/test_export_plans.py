"""Targets with their revisions, and plans with their actions, as tables."""

import csv
import io
from datetime import date

import pytest
import time_machine

from accounts.models import Account
from core.tables import csv_lines
from plans.exporting import action_rows, count_of_actions, plans_of, target_rows, targets_of
from tests.factories import make_account, make_action, make_plan, make_target, make_user

pytestmark = pytest.mark.django_db


def lines_of(table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(csv_lines(table)).decode("utf-8-sig"), newline="")))


def targets() -> list[dict[str, str]]:
    return lines_of(target_rows(targets_of(Account.objects.all())))


def actions() -> list[dict[str, str]]:
    return lines_of(action_rows(plans_of(Account.objects.all())))


class TestTargets:
    @time_machine.travel("2027-01-01 12:00:00+00:00")
    def test_the_current_one_tells_where_its_way_stands_today(self):
        account = make_account(
            name="Acme", external_id="C1", source="crm", target_status="at_risk", target_level=4, target_chance=0.1404
        )
        make_target(
            account, set_on=date(2026, 1, 1), due_on=date(2028, 1, 1), level=4, baseline=2.5, rationale="=Because\nof this",
            set_by=make_user(name="Mila"),
        )  # fmt: skip
        assert targets() == [
            {
                "Account name": "Acme", "External id": "C1", "Source": "crm", "Level": "4", "Due on": "2028-01-01",
                "Set on": "2026-01-01", "Set by": "Mila", "Baseline": "2.5", "According to": "customer", "Current": "yes",
                "Kind": "climb", "Status": "at_risk", "Chance": "0.1404", "Expected today": "3.25", "Milestones": "3 by 2026-09-02; 4 by 2028-01-01",
                "Why": "'=Because\nof this", "Revised on": "", "Why it was revised": "",
            }
        ]  # fmt: skip

    def test_those_that_were_revised_stand_before_it_with_the_reason_and_without_a_status(self):
        account = make_account(target_status="on_track", target_level=4)
        make_target(account, set_on=date(2026, 2, 1))
        make_target(account, set_on=date(2025, 1, 1), superseded_on=date(2026, 2, 1), superseded_why="New owner")
        old, current = targets()
        assert (old["Set on"], old["Current"], old["Status"], old["Expected today"]) == ("2025-01-01", "no", "", "")
        assert (old["Revised on"], old["Why it was revised"]) == ("2026-02-01", "New owner")
        assert (current["Current"], current["Status"]) == ("yes", "on_track")
        assert (old["Kind"], old["Chance"]) == ("climb", "")

    @pytest.mark.parametrize("accounts", [1, 40])
    def test_one_statement_whatever_the_number(self, accounts, django_assert_num_queries):
        for _ in range(accounts):
            make_target(make_account(), set_on=date(2026, 2, 1), set_by=make_user())
        with django_assert_num_queries(1):
            assert len(targets()) == accounts


class TestPlans:
    def test_a_row_is_an_action_with_its_plan(self, edition):
        play = edition.plays.filter(from_rank=2).first()
        account = make_account(name="Acme", owner=make_user(name="Mila", email="mila@example.com"))
        plan = make_plan(account, goal="They call us first", started_on=date(2026, 1, 1))
        make_action(
            plan, title="Visit", play=play, owner=make_user(name="Sam", email="sam@example.com"), state="done", due_on=date(2026, 2, 1),
            done_on=date(2026, 2, 3), outcome="-5 % complaints",
        )  # fmt: skip
        assert actions() == [
            {
                "Account name": "Acme", "External id": "", "Source": "", "From level": "2", "To level": "3",
                "Goal": "They call us first", "Plan owner": "Mila", "Plan owner e-mail": "mila@example.com", "Plan state": "open",
                "Plan started on": "2026-01-01", "Plan ended on": "", "Action": "Visit", "Play": str(play), "Action owner": "Sam",
                "Action owner e-mail": "sam@example.com", "Due on": "2026-02-01", "Action state": "done", "Done on": "2026-02-03",
                "Outcome": "'-5 % complaints",
            }
        ]  # fmt: skip

    def test_a_plan_without_actions_has_a_row_and_is_counted(self):
        make_plan(make_account(name="A"))
        full = make_plan(make_account(name="B"), state="achieved")
        for number in (1, 2):
            make_action(full, title=f"Step {number}", due_in=number)
        rows = [(row["Account name"], row["Plan state"], row["Action"]) for row in actions()]
        assert rows == [("A", "open", ""), ("B", "achieved", "Step 1"), ("B", "achieved", "Step 2")]
        assert count_of_actions(plans_of(Account.objects.all())) == 3

    @pytest.mark.parametrize("plans", [1, 40])
    def test_two_statements_whatever_the_number(self, plans, django_assert_num_queries):
        for _ in range(plans):
            make_action(make_plan())
        with django_assert_num_queries(2):
            assert len(actions()) == plans
