"""The four steps above the plans, the step that is suggested next, and what a plan section holds."""

from datetime import date, timedelta

import pytest

from accounts.models import Account
from plans.action_plans.context import PlanSection, suggested_step
from plans.models import Action, ActionPlan

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("level", "running", "step"),
    [
        (None, [], None), (None, [2], None), (1, [], (1, 2)), (4, [], (4, 5)), (5, [], None), (2, [2], (3, 4)), (2, [2, 3], (4, 5)),
        (2, [3], (2, 3)), (2, [2, 3, 4], None), (3, [1], (3, 4)), (4, [4], None),
    ],
)  # fmt: skip
def test_the_next_step_without_a_plan_from_the_level_on_is_suggested(level, running, step):
    assert suggested_step(Account(level=level), {rank: ActionPlan(from_rank=rank) for rank in running}) == step


def actions(number: int, *, state: str = "todo", first: int = 0) -> list[Action]:
    return [
        Action(pk=first + n, title=f"{state} {n}", state=state, due_on=TODAY + timedelta(days=first + n)) for n in range(number)
    ]


def section(*, pending=(), done_today=(), done_before=(), dropped=()) -> PlanSection:
    return PlanSection(ActionPlan(), False, list(pending), list(done_today), list(done_before), list(dropped), [], None)


@pytest.mark.parametrize(("number", "near", "far"), [(0, 0, 0), (10, 10, 0), (11, 10, 1), (25, 10, 15)])
def test_ten_open_ones_stand_first_and_the_later_ones_are_folded(number, near, far):
    found = section(pending=actions(number))
    assert (len(found.near), len(found.far)) == (near, far)
    assert [*found.near, *found.far] == found.pending


def test_what_was_ticked_off_today_stays_at_its_date_beyond_the_ten():
    done = Action(pk=99, title="done", state="done", due_on=TODAY + timedelta(days=3), order=7)
    found = section(pending=actions(12), done_today=[done])
    assert len(found.near) == 11
    assert found.near.index(done) == 4  # after the open one of the same day, whose place in the play is earlier


def test_progress_counts_done_and_open_ones_and_no_dropped_ones():
    found = section(
        pending=actions(3),
        done_today=actions(1, state="done"),
        done_before=actions(2, state="done"),
        dropped=actions(4, state="dropped"),
    )
    assert (found.done, found.kept) == (3, 6)


def test_without_plays_none_is_left_to_add():
    assert not section().plays_left
