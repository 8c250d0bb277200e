"""How a target stands: every status, and the days and shortfalls at which it changes."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import derived
from plans.models import Target
from plans.targets.status import kind_of, status_from, target_columns, trajectory_of
from plans.trajectory import LatestResult, Trajectory, judge
from tests.factories import make_account, make_result, make_target

SET_ON, DUE_ON = date(2026, 1, 15), date(2029, 1, 15)
WAY = Trajectory(SET_ON, 2.9, DUE_ON, 4)
TODAY = date(2027, 1, 15)  # the way expects 3.2663


def days(number):
    return timedelta(days=number)


def standing(position, *, level=None, held_on=TODAY, today=TODAY, way=WAY, heard="then"):
    """The status with a result of `position`; unless told otherwise, it is the customer's."""
    latest = LatestResult(position, level or max(1, int(position)), held_on)
    return judge(way, latest, today=today, last_heard_on=held_on if heard == "then" else heard)


def code_and_reason(status):
    return status.code, status.reason


# --- Each branch


def test_no_target():
    assert code_and_reason(judge(None, None, today=TODAY, last_heard_on=None)) == ("no_target", "no_target")


@pytest.mark.parametrize("position", [4.0, 4.3, 5.0])
def test_the_level_of_the_target_or_above_is_reached(position):
    assert code_and_reason(standing(position)) == ("reached", "reached")


def test_a_level_just_missed_is_not_reached():
    assert standing(3.9999).code != "reached"


@pytest.mark.parametrize("today", [SET_ON, DUE_ON, DUE_ON + days(400)])
def test_reached_is_reached_early_in_time_or_late(today):
    assert standing(4.2, held_on=today, today=today).code == "reached"


def test_reached_counts_even_where_the_result_is_older_than_the_target():
    assert standing(4.2, held_on=SET_ON - days(30), today=SET_ON).code == "reached"


def test_reached_counts_though_the_customer_was_not_heard_for_long():
    assert standing(4.2, held_on=SET_ON - days(500), heard=None).code == "reached"


def test_a_target_to_hold_the_level_is_reached_as_long_as_it_holds():
    hold = Trajectory(SET_ON, 4.2, DUE_ON, 4)
    assert standing(4.2, held_on=SET_ON, today=SET_ON, way=hold).code == "reached"
    assert standing(4.0, way=hold).code == "reached"


def test_a_target_to_hold_the_level_is_missed_by_how_far_it_slid():
    hold = Trajectory(SET_ON, 4.0, DUE_ON, 4)
    assert [standing(position, way=hold).code for position in (3.75, 3.25, 3.2)] == [
        "on_track",
        "at_risk",
        "off_track",
    ]


def test_on_the_due_day_a_target_is_not_past_due():
    assert code_and_reason(standing(3.9, held_on=DUE_ON, today=DUE_ON)) == ("on_track", "keeping_up")


def test_the_day_after_a_target_that_is_not_reached_is_off_track():
    tomorrow = DUE_ON + days(1)
    assert code_and_reason(standing(3.9, held_on=DUE_ON, today=tomorrow)) == ("off_track", "past_due")


def test_past_due_goes_before_too_early():
    short = Trajectory(SET_ON, 2.9, SET_ON + days(30), 4)
    status = standing(2.9, held_on=SET_ON, today=SET_ON + days(31), way=short)
    assert code_and_reason(status) == ("off_track", "past_due")


@pytest.mark.parametrize(("passed", "code"), [(0, "too_early"), (182, "too_early"), (183, "on_track"), (184, "on_track")])
def test_without_a_newer_result_it_is_too_early_for_183_days(passed, code):
    assert standing(2.9, held_on=SET_ON - days(1), today=SET_ON + days(passed)).code == code


def test_a_result_on_the_day_the_target_was_set_does_not_lie_after_it():
    assert code_and_reason(standing(2.0, held_on=SET_ON, today=SET_ON + days(90))) == (
        "too_early",
        "no_result_yet",
    )


def test_a_result_on_the_next_day_counts():
    assert standing(2.0, held_on=SET_ON + days(1), today=SET_ON + days(90)).code == "off_track"


# A way of 1000 days from 2 to 4: after 500 days it expects exactly 3.
EVEN = Trajectory(SET_ON, 2.0, SET_ON + days(1000), 4)
HALF = SET_ON + days(500)


@pytest.mark.parametrize(
    ("position", "code", "reason"),
    [
        (3.5, "on_track", "keeping_up"),
        (3.0, "on_track", "keeping_up"),
        (2.75, "on_track", "keeping_up"),
        (2.7499, "at_risk", "behind"),
        (2.5, "at_risk", "behind"),
        (2.25, "at_risk", "behind"),
        (2.2499, "off_track", "far_behind"),
        (0.5, "off_track", "far_behind"),
    ],
)
def test_the_shortfall_decides(position, code, reason):
    assert code_and_reason(standing(position, held_on=HALF, today=HALF, way=EVEN)) == (code, reason)


@pytest.mark.parametrize("baseline", [0.1, 0.7, 1.3, 2.9])
@pytest.mark.parametrize(("shortfall", "code"), [(0.25, "on_track"), (0.75, "at_risk")])
def test_float_error_does_not_push_a_shortfall_over_its_bound(baseline, shortfall, code):
    way = Trajectory(SET_ON, baseline, SET_ON + days(1000), 4)
    position = round((baseline + 4) / 2 - shortfall, 4)
    assert standing(position, held_on=HALF, today=HALF, way=way).code == code


@pytest.mark.parametrize(
    ("ago", "code", "reason"),
    [(365, "on_track", "keeping_up"), (366, "at_risk", "not_heard_for_a_year")],
)
def test_a_voice_older_than_365_days_caps_on_track(ago, code, reason):
    assert code_and_reason(standing(3.9, held_on=TODAY - days(ago), today=TODAY, way=EVEN)) == (code, reason)


def test_a_customer_who_was_never_heard_caps_on_track():
    assert code_and_reason(standing(3.3, heard=None)) == ("at_risk", "never_heard")


@pytest.mark.parametrize(("position", "code"), [(2.9, "at_risk"), (2.4, "off_track")])
def test_an_old_voice_makes_no_shortfall_better(position, code):
    assert standing(position, heard=TODAY - days(500)).code == code


# --- Where no result stands


def test_without_any_result_it_is_too_early_for_183_days():
    status = judge(WAY, None, today=SET_ON + days(182), last_heard_on=None)
    assert code_and_reason(status) == ("too_early", "no_result_yet")


def test_without_any_result_the_baseline_counts_afterwards():
    codes = [judge(WAY, None, today=SET_ON + days(passed), last_heard_on=None).code for passed in (183, 500, 1000, 1097)]
    assert codes == ["at_risk", "at_risk", "off_track", "off_track"]


def test_without_any_result_nothing_is_reached():
    hold = Trajectory(SET_ON, 4.2, DUE_ON, 4)
    assert judge(hold, None, today=SET_ON + days(200), last_heard_on=None).code == "at_risk"


# --- The values that the words are made of


def test_a_status_carries_its_figures():
    assert standing(3.0, held_on=date(2026, 12, 1)).values == {
        "level": 4,
        "due_on": DUE_ON,
        "expected": 3.2663,
        "position": 3.0,
        "shortfall": 0.2663,
        "last_heard_on": date(2026, 12, 1),
        "measured": True,
    }


# --- From an account's results


@pytest.fixture
def account(db):
    return make_account()


@pytest.fixture
def target(account):
    return make_target(account, set_on=SET_ON)


def status_of(target, today=TODAY):
    return status_from(target, target.account.assessments.closed().in_time(), today)


def test_a_target_knows_its_way(target):
    assert trajectory_of(target) == WAY


def test_the_customers_older_result_goes_before_the_teams_newer_one(account, target):
    make_result(account, date(2026, 8, 1), customer=2.2)
    make_result(account, date(2026, 12, 1), team=4.4)
    status = status_of(target)
    assert (status.code, status.values["position"]) == ("off_track", 2.2)


def test_the_teams_result_counts_while_the_customer_was_never_heard(account, target):
    make_result(account, date(2026, 12, 1), team=3.3)
    assert code_and_reason(status_of(target)) == ("at_risk", "never_heard")


def test_a_newer_result_of_the_team_does_not_end_too_early_where_the_customer_was_heard(account, target):
    # It does not tell how the customer's view moves.
    make_result(account, date(2026, 1, 10), customer=2.9)
    make_result(account, date(2026, 5, 1), team=2.0)
    assert status_of(target, today=date(2026, 6, 1)).code == "too_early"


def test_a_newer_result_of_the_team_ends_too_early_where_the_customer_was_never_heard(account, target):
    make_result(account, date(2026, 1, 10), team=2.9)
    make_result(account, date(2026, 5, 1), team=2.0)
    assert status_of(target, today=date(2026, 6, 1)).code == "off_track"


def test_of_several_results_the_latest_counts(account, target):
    make_result(account, date(2026, 12, 1), customer=4.1)
    make_result(account, date(2026, 6, 1), customer=2.0)
    assert status_of(target).code == "reached"


def test_of_two_results_on_one_day_the_later_closed_counts(account, target):
    now = timezone.now()
    make_result(account, date(2026, 12, 1), customer=4.1, closed_at=now)
    make_result(account, date(2026, 12, 1), customer=2.0, closed_at=now - days(1))
    assert status_of(target).code == "reached"


def test_a_result_later_than_today_is_ignored(account, target):
    make_result(account, date(2026, 12, 1), customer=3.3)
    make_result(account, TODAY + days(1), customer=4.5)
    assert status_of(target).code == "on_track"
    assert status_of(target, today=TODAY + days(1)).code == "reached"


def test_a_round_with_both_sides_hears_the_customer(account, target):
    make_result(account, date(2026, 12, 1), customer=3.3, team=4.0)
    status = status_of(target)
    assert (status.code, status.values["position"]) == ("on_track", 3.3)


def test_without_a_target_there_is_no_status(account):
    make_result(account, date(2026, 12, 1), customer=3.3)
    assert status_from(None, account.assessments.closed().in_time(), TODAY).code == "no_target"


# --- The columns of many accounts


def test_target_columns_of_an_account(account, target):
    make_result(account, date(2026, 12, 1), customer=2.2)
    assert target_columns([account.pk], TODAY) == {
        account.pk: {"target_level": 4, "target_due_on": DUE_ON, "target_status": "off_track", "target_kind": "climb"}
    }


def test_target_columns_without_a_target(account):
    make_result(account, date(2026, 12, 1), customer=2.2)
    assert target_columns([account.pk], TODAY) == {
        account.pk: {"target_level": None, "target_due_on": None, "target_status": "no_target", "target_kind": ""}
    }


@pytest.mark.parametrize(
    ("level", "baseline", "kind"),
    [
        (4, 3.9, "climb"),
        (4, 4.0, "hold"),
        (3, 4.2, "hold"),
        (1, 0.4, "hold"),
        (2, 0.4, "climb"),
        (2, 1.0, "climb"),
        (5, 5.0, "hold"),
    ],
)
def test_a_target_is_to_climb_above_the_level_it_was_set_on_and_else_to_hold(level, baseline, kind):
    assert kind_of(Target(level=level, baseline=baseline)) == kind


def test_a_superseded_target_does_not_count(account):
    make_target(account, set_on=SET_ON, level=2, superseded_on=date(2026, 6, 1))
    assert target_columns([account.pk], TODAY)[account.pk]["target_level"] is None


def test_each_account_has_its_own_results(account, target):
    other = make_account()
    make_target(other, set_on=SET_ON)
    make_result(account, date(2026, 12, 1), customer=4.0)
    make_result(other, date(2026, 12, 1), customer=2.0)
    columns = target_columns([account.pk, other.pk], TODAY)
    assert [columns[pk]["target_status"] for pk in (account.pk, other.pk)] == ["reached", "off_track"]


@pytest.mark.parametrize("number", [1, 40])
def test_target_columns_cost_two_statements_whatever_the_number(db, number, django_assert_num_queries):
    owner = make_account().owner
    accounts = [make_account(owner=owner) for _ in range(number)]
    for account in accounts:
        make_target(account, set_on=SET_ON)
        make_result(account, date(2026, 12, 1), customer=3.0)
    ids = [account.pk for account in accounts]
    with django_assert_num_queries(2):
        target_columns(ids, TODAY)


def test_the_status_on_the_account_changes_with_the_day(account, target):
    make_result(account, date(2026, 12, 1), customer=3.9)
    derived.refresh([account.pk], today=date(2027, 1, 15))
    account.refresh_from_db()
    before = account.target_status
    derived.refresh([account.pk], today=DUE_ON + days(1))
    account.refresh_from_db()
    assert (before, account.target_status) == ("on_track", "off_track")
