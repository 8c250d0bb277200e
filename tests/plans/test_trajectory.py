"""The straight way to a target: what it expects on a day, and its milestones."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plans.trajectory import Milestone, Trajectory, three_years_after

steady = settings(max_examples=200, derandomize=True, deadline=None)

SET_ON, DUE_ON = date(2026, 1, 15), date(2029, 1, 15)
FROM_2_9 = Trajectory(SET_ON, 2.9, DUE_ON, 4)
FROM_1_6 = Trajectory(SET_ON, 1.6, DUE_ON, 4)


def test_the_worked_example_takes_1096_days():
    assert (DUE_ON - SET_ON).days == 1096


@pytest.mark.parametrize(
    ("way", "milestones"),
    [
        (FROM_2_9, [(date(2026, 4, 25), 3), (date(2029, 1, 15), 4)]),
        (FROM_1_6, [(date(2026, 7, 17), 2), (date(2027, 10, 17), 3), (date(2029, 1, 15), 4)]),
    ],
)
def test_milestones_as_worked_out_by_hand(way, milestones):
    assert [(milestone.due_on, milestone.level) for milestone in way.milestones()] == milestones


@pytest.mark.parametrize(
    ("way", "day", "expected"),
    [
        (FROM_2_9, date(2026, 7, 15), 3.0817),
        (FROM_2_9, date(2027, 1, 15), 3.2663),
        (FROM_2_9, date(2028, 1, 15), 3.6327),
        (FROM_1_6, date(2026, 7, 15), 1.9964),
        (FROM_1_6, date(2027, 1, 15), 2.3993),
        (FROM_1_6, date(2028, 1, 15), 3.1985),
    ],
)
def test_expected_position_as_worked_out_by_hand(way, day, expected):
    assert round(way.expected(day), 4) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (SET_ON - timedelta(days=1), 2.9),
        (SET_ON, 2.9),
        (DUE_ON, 4.0),
        (DUE_ON + timedelta(days=1), 4.0),
        (date(2040, 1, 1), 4.0),
    ],
)
def test_the_way_is_flat_before_it_starts_and_after_it_ends(day, expected):
    assert FROM_2_9.expected(day) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("way", "day", "level"),
    [
        (FROM_2_9, SET_ON, 2),
        (FROM_2_9, date(2026, 4, 24), 2),
        (FROM_2_9, date(2026, 4, 25), 3),
        (FROM_2_9, date(2029, 1, 14), 3),
        (FROM_2_9, DUE_ON, 4),
        (FROM_2_9, date(2030, 1, 1), 4),
        (Trajectory(SET_ON, 0.4, DUE_ON, 2), SET_ON, 1),
    ],
)
def test_the_expected_level_is_the_whole_part_and_at_least_1(way, day, level):
    assert way.expected_level(day) == level


@pytest.mark.parametrize("baseline", [4.0, 4.2, 5.0])
def test_a_target_that_holds_the_level_has_one_milestone(baseline):
    assert Trajectory(SET_ON, baseline, DUE_ON, 4).milestones() == (Milestone(DUE_ON, 4),)


def test_a_whole_baseline_is_not_a_milestone_itself():
    assert [m.level for m in Trajectory(SET_ON, 3.0, DUE_ON, 5).milestones()] == [4, 5]


def test_a_baseline_below_the_specifications_has_level_1_to_reach_first():
    assert [m.level for m in Trajectory(SET_ON, 0.6, DUE_ON, 3).milestones()] == [1, 2, 3]


def test_a_target_for_tomorrow_has_all_its_milestones_tomorrow():
    tomorrow = SET_ON + timedelta(days=1)
    assert [m.due_on for m in Trajectory(SET_ON, 1.0, tomorrow, 3).milestones()] == [tomorrow, tomorrow]


@pytest.mark.parametrize(
    ("day", "latest"),
    [
        (date(2026, 1, 15), date(2029, 1, 15)),
        (date(2028, 2, 29), date(2031, 2, 28)),
        (date(2028, 2, 28), date(2031, 2, 28)),
        (date(2025, 2, 28), date(2028, 2, 28)),
        (date(2025, 3, 1), date(2028, 3, 1)),
        (date(2026, 12, 31), date(2029, 12, 31)),
    ],
)
def test_three_years_later_is_the_same_day_and_29_february_counts_as_28(day, latest):
    assert three_years_after(day) == latest


# --- Whatever the target


@st.composite
def ways(draw):
    """A target that climbs: positions are stored with four decimals."""
    set_on = draw(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
    due_on = draw(st.dates(set_on + timedelta(days=1), three_years_after(set_on)))
    level = draw(st.integers(1, 5))
    baseline = draw(st.integers(0, level * 10_000 - 1)) / 10_000
    return Trajectory(set_on, baseline, due_on, level)


@steady
@given(ways())
def test_milestones_lie_after_the_start_and_not_after_the_end(way):
    assert all(way.set_on < milestone.due_on <= way.due_on for milestone in way.milestones())


@steady
@given(ways())
def test_milestones_climb_level_by_level(way):
    milestones = way.milestones()
    assert [m.level for m in milestones] == list(range(milestones[0].level, way.level + 1))
    assert [m.due_on for m in milestones] == sorted(m.due_on for m in milestones)


@steady
@given(ways())
def test_the_last_milestone_is_the_target(way):
    assert way.milestones()[-1] == Milestone(way.due_on, way.level)


@steady
@given(ways())
def test_a_milestone_is_the_first_day_that_expects_its_level(way):
    for milestone in way.milestones():
        assert way.expected(milestone.due_on) >= milestone.level - 1e-9
        assert way.expected(milestone.due_on - timedelta(days=1)) < milestone.level


@steady
@given(ways())
def test_the_expected_level_changes_on_the_days_of_the_milestones(way):
    for milestone in way.milestones():
        assert way.expected_level(milestone.due_on) >= milestone.level
        assert way.expected_level(milestone.due_on - timedelta(days=1)) < max(2, milestone.level)


@steady
@given(ways(), st.integers(0, 1500), st.integers(0, 1500))
def test_a_way_up_never_goes_down(way, one, other):
    assume(one <= other)
    earlier, later = (way.expected(way.set_on + timedelta(days=days)) for days in (one, other))
    assert earlier <= later
