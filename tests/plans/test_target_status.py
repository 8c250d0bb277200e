"""How a target stands: every status, and the days and shortfalls at which it changes."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import derived
from accounts.derived import AccountBatch
from plans.targets.status import latest_of, status_of, target_columns
from plans.trajectory import LatestResult, Trajectory, judge
from plans.words import status_sentence
from tests.factories import make_account, make_basis, make_result, make_target

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


HOLD = Trajectory(SET_ON, 4.2, DUE_ON, 4)


# --- Each branch


def test_no_target():
    assert code_and_reason(judge(None, None, today=TODAY, last_heard_on=None)) == ("no_target", "no_target")


@pytest.mark.parametrize(
    ("baseline", "level", "kind"),
    [(2.9, 3, "climb"), (2.9, 2, "hold"), (2.0, 2, "hold"), (3.9999, 4, "climb"), (4.2, 4, "hold"), (4.2, 2, "hold"), (0.6, 1, "hold"),
     (0.6, 2, "climb")],
)  # fmt: skip
def test_a_target_above_the_level_of_the_baseline_is_a_climb_any_other_a_hold(baseline, level, kind):
    assert Trajectory(SET_ON, baseline, DUE_ON, level).kind == kind


@pytest.mark.parametrize("position", [4.0, 4.3, 5.0])
def test_a_climb_is_reached_when_the_customers_level_is_the_targets_or_above(position):
    status = standing(position)
    assert (*code_and_reason(status), status.decided_by) == ("reached", "reached", "customer")


def test_a_level_just_missed_is_not_reached():
    assert standing(3.9999).code != "reached"


@pytest.mark.parametrize("today", [SET_ON, DUE_ON, DUE_ON + days(400)])
def test_a_climb_is_reached_early_in_time_or_late(today):
    assert standing(4.2, held_on=today, today=today).code == "reached"


def test_reached_counts_even_where_the_result_is_older_than_the_target():
    assert standing(4.2, held_on=SET_ON - days(30), today=SET_ON).code == "reached"


@pytest.mark.parametrize(("ago", "code"), [(365, "reached"), (366, "at_risk")])
def test_a_word_older_than_a_year_reaches_nothing(ago, code):
    status = standing(4.2, held_on=TODAY - days(ago))
    assert (status.code, status.decided_by) == (code, "customer")
    assert (status.reason == "there_but_not_heard_for_a_year") == (code == "at_risk")


@pytest.mark.parametrize(("today", "found"), [(TODAY, ("at_risk", "never_heard")), (DUE_ON + days(1), ("off_track", "past_due"))])
def test_our_own_view_alone_reaches_nothing(today, found):
    assert code_and_reason(standing(4.2, held_on=today, today=today, heard=None)) == found


def test_a_level_that_is_held_is_on_track_until_its_date_and_then_reached():
    found = [standing(4.2, held_on=day, today=day, way=HOLD) for day in (TODAY, DUE_ON - days(1), DUE_ON, DUE_ON + days(200))]
    assert [status.code for status in found] == ["on_track", "on_track", "reached", "reached"]
    assert [status.decided_by for status in found] == ["line", "line", "customer", "customer"]


def test_a_level_that_is_held_is_on_track_however_far_the_line_lies_above_it():
    # On the level, 0.9 below where it started.
    high = Trajectory(SET_ON, 4.95, DUE_ON, 4)
    assert code_and_reason(standing(4.0, held_on=SET_ON + days(190), today=SET_ON + days(190), way=high)) == (
        "on_track",
        "holding",
    )


def test_a_level_to_hold_is_too_early_to_tell_at_first_too():
    assert standing(4.2, held_on=SET_ON, today=SET_ON, way=HOLD).code == "too_early"


def test_a_level_that_only_we_see_held_is_not_reached_on_its_date():
    found = [standing(4.2, held_on=day, today=day, way=HOLD, heard=None) for day in (TODAY, DUE_ON)]
    assert [code_and_reason(status) for status in found] == [("at_risk", "never_heard"), ("at_risk", "there_but_never_heard")]


def test_a_level_that_was_not_held_is_judged_by_how_far_it_slid():
    hold = Trajectory(SET_ON, 4.0, DUE_ON, 4)
    assert [standing(position, way=hold).code for position in (3.75, 3.25, 3.2)] == [
        "on_track",
        "at_risk",
        "off_track",
    ]


# --- The chance beside the line


def judged(position, chance, *, way=WAY, today=TODAY, held_on=TODAY):
    latest = LatestResult(position, max(1, int(position)), held_on)
    return judge(way, latest, today=today, last_heard_on=held_on, chance=chance)


@pytest.mark.parametrize(
    ("chance", "code", "decided_by"),
    [(None, "on_track", "line"), (0.9, "on_track", "line"), (0.25, "on_track", "line"), (0.249999, "at_risk", "chance"), (0.0, "at_risk", "chance")],
)  # fmt: skip
def test_a_line_is_not_a_likelihood(chance, code, decided_by):
    status = judged(3.3, chance)
    assert (status.code, status.decided_by) == (code, decided_by)


@pytest.mark.parametrize(
    ("chance", "code", "decided_by"),
    [(None, "off_track", "line"), (0.1, "off_track", "line"), (0.60, "off_track", "line"), (0.600001, "at_risk", "chance")],
)
def test_what_is_likely_is_not_off_track(chance, code, decided_by):
    status = judged(2.2, chance)
    assert (status.code, status.decided_by) == (code, decided_by)


@pytest.mark.parametrize("chance", [None, 0.01, 0.5, 0.99])
def test_what_is_behind_is_at_risk_whatever_the_chance(chance):
    assert code_and_reason(judged(2.9, chance)) == ("at_risk", "behind")


@pytest.mark.parametrize(("chance", "code"), [(0.9, "on_track"), (0.2, "at_risk")])
def test_a_level_to_hold_needs_a_chance_too(chance, code):
    assert judged(4.1, chance, way=HOLD).code == code


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_the_chance_decides_nothing_that_is_decided_or_too_early(chance):
    codes = [
        judged(4.2, chance).code,
        judged(2.9, chance, today=DUE_ON + days(1), held_on=DUE_ON).code,
        judged(2.9, chance, today=SET_ON + days(90), held_on=SET_ON).code,
    ]
    assert codes == ["reached", "off_track", "too_early"]


def test_an_old_voice_caps_what_is_likely():
    assert code_and_reason(judged(3.9, 0.9, held_on=TODAY - days(366))) == ("at_risk", "not_heard_for_a_year")


@pytest.mark.parametrize("chance", [None, *(step / 20 for step in range(21))])
@pytest.mark.parametrize("way", [WAY, HOLD, Trajectory(SET_ON, 1.2, DUE_ON, 5)])
@pytest.mark.parametrize("position", [step / 4 for step in range(21)])
def test_no_word_contradicts_its_chance(position, way, chance):
    status = judged(position, chance, way=way)
    assert not (status.code == "on_track" and chance is not None and chance < 0.25)
    assert not (status.code == "off_track" and chance is not None and chance > 0.60)
    assert status.decided_by in {"line", "chance", "customer"}


# --- Days


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
    assert judge(HOLD, None, today=SET_ON + days(200), last_heard_on=None).code == "at_risk"


# --- The values that the words are made of


def test_a_status_carries_its_figures():
    assert standing(3.0, held_on=date(2026, 12, 1)).values == {
        "kind": "climb",
        "level": 4,
        "due_on": DUE_ON,
        "expected": 3.2663,
        "position": 3.0,
        "standing": 3,
        "exact": True,
        "shortfall": 0.2663,
        "last_heard_on": date(2026, 12, 1),
        "measured": True,
        "chance": None,
    }


# --- From an account's results


@pytest.fixture
def account(db):
    return make_account()


@pytest.fixture
def target(account):
    return make_target(account, set_on=SET_ON)


def status_on(target, today=TODAY):
    return status_of(target, latest_of(target.account.assessments.closed().in_time(), today), today, None)


def test_a_target_knows_its_way(target):
    assert (target.trajectory, target.kind) == (WAY, "climb")


def test_the_customers_older_result_goes_before_the_teams_newer_one(account, target):
    make_result(account, date(2026, 8, 1), customer=2.2)
    make_result(account, date(2026, 12, 1), team=4.4)
    status = status_on(target)
    assert (status.code, status.values["position"]) == ("off_track", 2.2)


def test_the_teams_result_counts_while_the_customer_was_never_heard(account, target):
    make_result(account, date(2026, 12, 1), team=3.3)
    assert code_and_reason(status_on(target)) == ("at_risk", "never_heard")


def test_a_newer_result_of_the_team_does_not_end_too_early_where_the_customer_was_heard(account, target):
    # It does not tell how the customer's view moves.
    make_result(account, date(2026, 1, 10), customer=2.9)
    make_result(account, date(2026, 5, 1), team=2.0)
    assert status_on(target, today=date(2026, 6, 1)).code == "too_early"


def test_a_newer_result_of_the_team_ends_too_early_where_the_customer_was_never_heard(account, target):
    make_result(account, date(2026, 1, 10), team=2.9)
    make_result(account, date(2026, 5, 1), team=2.0)
    assert status_on(target, today=date(2026, 6, 1)).code == "off_track"


def test_of_several_results_the_latest_counts(account, target):
    make_result(account, date(2026, 12, 1), customer=4.1)
    make_result(account, date(2026, 6, 1), customer=2.0)
    assert status_on(target).code == "reached"


def test_of_two_results_on_one_day_the_later_closed_counts(account, target):
    now = timezone.now()
    make_result(account, date(2026, 12, 1), customer=4.1, closed_at=now)
    make_result(account, date(2026, 12, 1), customer=2.0, closed_at=now - days(1))
    assert status_on(target).code == "reached"


def test_a_result_later_than_today_is_ignored(account, target):
    make_result(account, date(2026, 12, 1), customer=3.3)
    make_result(account, TODAY + days(1), customer=4.5)
    assert status_on(target).code == "on_track"
    assert status_on(target, today=TODAY + days(1)).code == "reached"


def test_a_round_with_both_sides_hears_the_customer(account, target):
    make_result(account, date(2026, 12, 1), customer=3.3, team=4.0)
    status = status_on(target)
    assert (status.code, status.values["position"]) == ("on_track", 3.3)


def test_without_a_target_there_is_no_status(account):
    make_result(account, date(2026, 12, 1), customer=3.3)
    assert status_of(None, latest_of(account.assessments.closed().in_time(), TODAY), TODAY, None).code == "no_target"


def test_of_a_confidential_round_the_level_alone_counts(account, target):
    make_result(account, date(2026, 12, 1), customer=3.9, visibility="confidential")
    status = status_on(target)
    assert (status.values["position"], status.values["standing"], status.values["exact"]) == (3.0, 3, False)
    assert status_sentence(status) == "The line expects 3.2 by now; they say level 3."


# --- The columns of many accounts


def columns_of(*accounts, today=TODAY):
    return target_columns(AccountBatch([account.pk for account in accounts], today))


def test_target_columns_of_an_account(account, target):
    make_result(account, date(2026, 12, 1), customer=2.2)
    assert columns_of(account) == {
        account.pk: {
            "target_level": 4,
            "target_due_on": DUE_ON,
            "target_status": "off_track",
            "target_kind": "climb",
            "target_chance": None,
        }
    }


def test_target_columns_without_a_target(account):
    make_result(account, date(2026, 12, 1), customer=2.2)
    assert columns_of(account) == {
        account.pk: {
            "target_level": None,
            "target_due_on": None,
            "target_status": "no_target",
            "target_kind": "",
            "target_chance": None,
        }
    }


def test_a_superseded_target_does_not_count(account):
    make_target(account, set_on=SET_ON, level=2, superseded_on=date(2026, 6, 1))
    assert columns_of(account)[account.pk]["target_level"] is None


def test_each_account_has_its_own_results(account, target):
    other = make_account()
    make_target(other, set_on=SET_ON)
    make_result(account, date(2026, 12, 1), customer=4.0)
    make_result(other, date(2026, 12, 1), customer=2.0)
    columns = columns_of(account, other)
    assert [columns[pk]["target_status"] for pk in (account.pk, other.pk)] == ["reached", "off_track"]


@pytest.mark.parametrize("number", [1, 40])
def test_target_columns_cost_three_statements_whatever_the_number(db, number, django_assert_num_queries):
    make_basis(TODAY)
    owner = make_account().owner
    accounts = [make_account(owner=owner) for _ in range(number)]
    for account in accounts:
        make_target(account, set_on=SET_ON)
        make_result(account, date(2026, 12, 1), customer=3.0)
    with django_assert_num_queries(3):  # targets, results, history of all
        assert all(one["target_chance"] for one in columns_of(*accounts).values())


def test_the_status_on_the_account_changes_with_the_day(account, target):
    make_result(account, date(2026, 12, 1), customer=3.9)
    derived.refresh([account.pk], today=date(2027, 1, 15))
    account.refresh_from_db()
    before = account.target_status
    derived.refresh([account.pk], today=DUE_ON + days(1))
    account.refresh_from_db()
    assert (before, account.target_status) == ("on_track", "off_track")
