"""The ladder as plain values: no database."""

from decimal import Decimal

import pytest

from portfolio.figures.ladder import LadderGroup, build_ladder


def group(now, *, ago=None, moved_from=None, goal=None, accounts=1, worth=100):
    return LadderGroup(now, ago, moved_from, goal, accounts, Decimal(worth))


def rung(ladder, level):
    return next(rung for rung in ladder.rungs if rung.level == level)


def test_without_accounts_every_rung_is_empty():
    ladder = build_ladder([])
    assert [rung.level for rung in ladder.rungs] == [5, 4, 3, 2, 1]
    assert {(rung.now.accounts, rung.width, rung.goal_at) for rung in ladder.rungs} == {(0, 0.0, 0.0)}
    assert ladder.high_share is None


def test_accounts_and_revenue_are_added_on_their_rungs():
    ladder = build_ladder([group(3, ago=2, goal=4, accounts=2, worth=50), group(3, ago=3, goal=4, worth=7)])
    assert (rung(ladder, 3).now.accounts, rung(ladder, 3).now.worth) == (3, 57)
    assert (rung(ladder, 2).ago.accounts, rung(ladder, 3).ago.accounts) == (2, 1)
    assert (rung(ladder, 4).goal.accounts, rung(ladder, 4).goal.worth) == (3, 57)
    assert (ladder.accounts, ladder.worth) == (3, 57)


def test_without_a_level_an_account_stands_on_no_rung_but_counts():
    ladder = build_ladder([group(None, accounts=4), group(2)])
    assert (ladder.accounts, ladder.unassessed) == (5, 4)
    assert sum(rung.now.accounts for rung in ladder.rungs) == 1


@pytest.mark.parametrize(
    ("now", "moved_from", "climbed", "slid"),
    [(3, 2, 1, 0), (2, 3, 0, 1), (3, 3, 0, 0), (3, None, 0, 0), (None, 3, 0, 0)],
)
def test_climbed_and_slid_compare_with_the_same_side_a_year_ago(now, moved_from, climbed, slid):
    ladder = build_ladder([group(now, ago=5, moved_from=moved_from)])
    assert (ladder.climbed, ladder.slid) == (climbed, slid)


def test_bars_and_markers_are_measured_against_the_fullest_stand():
    ladder = build_ladder([group(1, ago=2, goal=4, accounts=5), group(2, ago=2, goal=4, accounts=3)])
    assert rung(ladder, 4).goal_at == 100
    assert rung(ladder, 2).ago_at == 100
    assert rung(ladder, 1).width == 62.5
    assert rung(ladder, 2).width == 37.5


def test_high_share_is_the_part_of_assessed_revenue_on_four_and_five():
    ladder = build_ladder([group(4, worth=30), group(5, worth=10), group(1, worth=40), group(None, worth=900)])
    assert ladder.high_share == 0.5


def test_points_are_the_difference_of_the_two_percentages_as_shown():
    # 14.6 % is shown as 15 %, 12.4 % as 12 %: three points, though the shares differ by 2.2.
    ladder = build_ladder([group(4, ago=4, worth=124), group(4, ago=1, worth=22), group(1, ago=1, worth=854)])
    assert ladder.high_share == pytest.approx(0.146)
    assert ladder.high_points == 3


def test_points_are_unknown_when_nobody_was_assessed_a_year_ago():
    assert build_ladder([group(4)]).high_points is None


def test_accounts_without_revenue_have_no_share():
    assert build_ladder([group(4, worth=0)]).high_share is None
