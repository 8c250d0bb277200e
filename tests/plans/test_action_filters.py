"""Actions in words, and which of them a card shows: nothing is stored."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from accounts.models import Account
from plans.models import Action, ActionPlan, Target
from plans.templatetags.plans import beyond_next_open, done_count, due, kept, next_open, pending
from plans.words import due_words, short_day, way_sentence

TODAY = date(2026, 11, 25)  # a Wednesday
STATES = ["todo", "doing", "done", "dropped"]


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("core.days.today", lambda: TODAY)


def action(state="todo", *, due_in=5, **fields) -> Action:
    plan = ActionPlan(account=Account(name="Northwind"), from_rank=2, to_rank=3, **fields.pop("plan", {}))
    done_on = TODAY if state == "done" else None
    return Action(
        **{"plan": plan, "title": "Call", "state": state, "due_on": TODAY + timedelta(days=due_in), "done_on": done_on} | fields
    )


class TestDueInWords:
    @pytest.mark.parametrize(
        ("due_in", "words"),
        [
            (-6, "6 days late"), (-1, "1 day late"), (0, "today"), (1, "tomorrow"), (2, "Fri 27 Nov"),
            (8, "Thu 3 Dec"), (36, "Thu 31 Dec"), (37, "1 Jan 2027"),
        ],
    )  # fmt: skip
    def test_what_is_to_be_done(self, due_in, words):
        assert due_words(action(due_in=due_in), TODAY) == words
        assert due(action("doing", due_in=due_in)) == words

    def test_what_was_done_says_when_and_not_how_late(self):
        assert due_words(action("done", due_in=-9, done_on=date(2026, 11, 24)), TODAY) == "done Tue 24 Nov"
        assert due_words(action("done", done_on=date(2025, 11, 24)), TODAY) == "done 24 Nov 2025"

    def test_what_was_dropped_is_never_late(self):
        assert due_words(action("dropped", due_in=-9), TODAY) == "dropped"

    def test_in_dutch(self):
        with translation.override("nl"):
            assert due_words(action(due_in=-6), TODAY) == "6 dagen te laat"
            assert due_words(action(due_in=2), TODAY) == "vr 27 nov"

    def test_a_day_of_last_year_has_its_year(self):
        assert (short_day(date(2025, 12, 31), TODAY), short_day(date(2026, 1, 1), TODAY)) == ("31 Dec 2025", "Thu 1 Jan")


class TestDaysLate:
    @pytest.mark.parametrize(("due_in", "late"), [(-6, 6), (-1, 1), (0, 0), (3, 0)])
    def test_of_what_is_to_be_done(self, due_in, late):
        assert [action(state, due_in=due_in).days_late for state in STATES] == [late, late, 0, 0]


class TestRests:
    def test_in_an_open_plan_of_an_active_account_it_does_not(self):
        assert not action().rests

    @pytest.mark.parametrize("state", ["achieved", "dropped"])
    def test_with_its_plan(self, state):
        assert action(plan={"state": state}).rests

    def test_with_its_account(self):
        resting = action()
        resting.plan.account.status = "archived"
        assert resting.rests


class TestACard:
    def test_counts_what_is_kept_and_done_and_lists_what_is_to_do(self):
        actions = [action(state) for state in STATES]
        assert [one.state for one in kept(actions)] == ["todo", "doing", "done"]
        assert [one.state for one in pending(actions)] == ["todo", "doing"]
        assert done_count(actions) == 1

    @pytest.mark.parametrize(("number", "shown", "beyond"), [(0, 0, 0), (2, 2, 0), (3, 3, 0), (4, 3, 1), (12, 3, 9)])
    def test_shows_the_first_three_and_says_how_many_there_are_besides(self, number, shown, beyond):
        actions = [action("done"), *[action() for _ in range(number)], action("dropped")]
        assert next_open(actions) == pending(actions)[:shown]
        assert len(next_open(actions)) == shown
        assert beyond_next_open(actions) == beyond


class TestTheWayInWords:
    def way(self, target=None, **levels) -> str:
        level = levels.get("customer_level") or levels.get("team_level")
        return way_sentence(
            Account(level=level, **levels), target and Target(level=target, due_on=date(2028, 6, 30), baseline=1.5)
        )

    def test_nobody_knows(self):
        assert self.way() == "Nobody knows yet how they see us."
        assert self.way(4) == "Nobody knows yet how they see us."

    def test_whose_level_it_is(self):
        assert self.way(customer_level=2, team_level=4) == "They see us at level 2. There is no target yet."
        assert self.way(team_level=4) == "We see ourselves at level 4. There is no target yet."

    @pytest.mark.parametrize("level", [4, 5])
    def test_our_own_view_reaches_no_target(self, level):
        assert self.way(4, team_level=level) == (
            f"We see ourselves at level {level}. The target is level 4 by June 2028: the customer has not said yet that it is reached."
        )

    @pytest.mark.parametrize(
        ("level", "words"),
        [(1, "3 steps."), (2, "2 steps."), (3, "one step."), (4, "it is reached."), (5, "it is reached.")],
    )
    def test_how_many_steps_are_left(self, level, words):
        assert self.way(4, customer_level=level) == f"They see us at level {level}. The target is level 4 by June 2028: {words}"

    def test_a_level_to_hold(self):
        assert self.way(1, customer_level=1).endswith("The target is to stay on level 1 until June 2028.")
