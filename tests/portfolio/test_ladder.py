"""The ladder as plain values: no database."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.figures.ladder import LadderGroup, build_ladder, sum_figures, whole_percents

steady = settings(max_examples=200, derandomize=True, deadline=None)


def group(now, *, ago=None, goal=None, accounts=1, worth=100, **fields):
    return LadderGroup(now, ago, goal, accounts, Decimal(worth), **fields)


def rung(ladder, level):
    return next(rung for rung in ladder.rungs if rung.level == level)


def test_without_accounts_every_rung_is_empty():
    ladder = build_ladder([])
    assert [rung.level for rung in ladder.rungs] == [5, 4, 3, 2, 1]
    assert {(rung.now.accounts, rung.now.width, rung.goal.width) for rung in ladder.rungs} == {(0, 0.0, 0.0)}
    assert ladder.shares is None


def test_accounts_and_revenue_are_added_on_their_rungs():
    ladder = build_ladder([group(3, ago=2, goal=4, accounts=2, worth=50), group(3, ago=3, goal=4, worth=7)])
    assert (rung(ladder, 3).now.accounts, rung(ladder, 3).now.worth) == (3, 57)
    assert (rung(ladder, 2).ago.accounts, rung(ladder, 3).ago.accounts) == (2, 1)
    assert (rung(ladder, 4).goal.accounts, rung(ladder, 4).goal.worth) == (3, 57)
    assert (ladder.accounts, ladder.worth) == (3, 57)


def test_without_the_customers_level_an_account_stands_beside_the_ladder():
    ladder = build_ladder([group(None, accounts=4), group(None, ours=True, accounts=2, worth=30), group(2, ours=True)])
    assert (ladder.accounts, ladder.heard) == (7, 1)
    assert (ladder.not_assessed.accounts, ladder.not_assessed.worth) == (4, 100)
    assert (ladder.only_our_view.accounts, ladder.only_our_view.worth) == (2, 30)
    assert sum(rung.now.accounts for rung in ladder.rungs) == 1


@pytest.mark.parametrize(
    ("now", "ago", "climbed", "slid"),
    [(3, 2, 1, 0), (2, 3, 0, 1), (3, 3, 0, 0), (3, None, 0, 0), (None, 3, 0, 0)],
)
def test_climbed_and_slid_compare_the_customers_word_with_that_of_a_year_ago(now, ago, climbed, slid):
    ladder = build_ladder([group(now, ago=ago, ours=True)])
    assert (ladder.climbed, ladder.slid) == (climbed, slid)


def test_bars_and_markers_are_measured_against_the_fullest_count():
    ladder = build_ladder([group(1, ago=2, goal=4, accounts=5), group(2, ago=2, goal=4, accounts=3), group(None, accounts=2)])
    assert rung(ladder, 4).goal.width == 100
    assert rung(ladder, 2).ago.width == 100
    assert rung(ladder, 1).now.width == 62.5
    assert rung(ladder, 2).now.width == 37.5
    assert ladder.not_assessed.width == 25
    assert build_ladder([group(2), group(None, ours=True, accounts=4)]).only_our_view.width == 100


class TestShares:
    def test_the_high_share_is_a_part_of_all_revenue_and_the_rest_stands_beside_it(self):
        groups = [group(4, worth=30), group(5, worth=10), group(1, worth=40), group(None, ours=True, worth=20), group(None)]
        shares = build_ladder(groups).shares
        assert (shares.high, shares.low, shares.only_our_view, shares.not_assessed) == (20, 20, 10, 50)

    def test_points_are_the_difference_of_the_two_percentages_as_shown(self):
        # 14.6 % is shown as 15 %, 12.4 % as 12 %: three points, though the shares differ by 2.2.
        ladder = build_ladder([group(4, ago=4, worth=124), group(4, ago=1, worth=22), group(1, ago=1, worth=854)])
        assert (ladder.shares.high, ladder.shares.high_points, ladder.shares.points) == (15, 3, 3)

    def test_points_are_unknown_when_nobody_was_heard_a_year_ago(self):
        assert build_ladder([group(4)]).shares.high_points is None

    def test_accounts_without_revenue_have_no_share(self):
        assert build_ladder([group(4, worth=0)]).shares is None

    @steady
    @given(st.lists(st.tuples(st.sampled_from([None, 1, 2, 3, 4, 5]), st.booleans(), st.integers(0, 10**9)), min_size=1))
    def test_shares_add_up_to_their_whole(self, accounts):
        ladder = build_ladder([group(level, ours=ours, worth=Decimal(cents) / 100) for level, ours, cents in accounts])
        assert ladder.shares is None or sum(ladder.shares.parts) == 100
        beside = ladder.only_our_view.accounts + ladder.not_assessed.accounts
        assert ladder.heard + beside == ladder.accounts == len(accounts)


@pytest.mark.parametrize(
    ("parts", "percents"),
    [([1, 1, 1], [34, 33, 33]), ([0, 0], [0, 0]), ([], []), ([1, 199], [1, 99]), ([7, 0, 0], [100, 0, 0]), ([2, 3, 3], [25, 38, 37])],
)  # fmt: skip
def test_whole_percents_round_the_largest_remainders_up(parts, percents):
    assert whole_percents(parts) == percents


@steady
@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=8))
def test_whole_percents_are_within_one_of_their_share(parts):
    found = whole_percents(parts)
    total = sum(parts)
    assert sum(found) == (100 if total else 0)
    assert not total or all(abs(one - 100 * part / total) < 1 for one, part in zip(found, parts, strict=True))


def test_targets_that_are_reached_are_told_as_climbs_and_as_holds():
    figures = sum_figures([group(3, targets=4, targets_on_track=1, reached=3, climbs_reached=1), group(2, targets=1, reached=1)])
    assert (figures.targets, figures.targets_on_track, figures.reached) == (5, 1, 4)
    assert (figures.climbs_reached, figures.holds_reached) == (1, 3)
