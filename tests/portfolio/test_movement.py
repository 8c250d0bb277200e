"""Who stood where then and now."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.figures.histories import NEVER, Histories
from portfolio.figures.movement import migration, tally

steady = settings(max_examples=150, derandomize=True, deadline=None)

DAY = date(2024, 1, 1)


def lives(given_rows):
    return Histories.of([(account, DAY + timedelta(days=day), level) for account, day, level in given_rows])


class TestTheMigrationMatrix:
    def test_rows_are_shares_and_empty_rows_empty(self):
        found = migration([[3, 1, 0, 0, 0], [0] * 5, [1, 1, 1, 1, 0], [0] * 5, [0, 0, 0, 0, 2]])
        assert found.shares == ((0.75, 0.25, 0, 0, 0), (), (0.25, 0.25, 0.25, 0.25, 0), (), (0, 0, 0, 0, 1))
        assert found.accounts == 10

    def test_groups_of_a_query_are_counted(self):
        counts = tally([(1, 2, 4), (5, 5, 2), (1, 2, 3)])
        assert (counts[0][1], counts[4][4], sum(map(sum, counts))) == (7, 2, 9)

    @steady
    @given(st.lists(st.lists(st.integers(0, 10**6), min_size=5, max_size=5), min_size=5, max_size=5))
    def test_a_row_sums_to_one_or_is_empty(self, counts):
        found = migration(counts)
        for row, shares in zip(counts, found.shares, strict=True):
            assert len(shares) == (5 if any(row) else 0)
            assert not shares or sum(shares) == pytest.approx(1)
            assert all(0 <= share <= 1 for share in shares)


class TestHistories:
    LIVES = lives([(7, 0, 2), (7, 100, 3), (9, 50, 4), (7, 200, 1)])

    @pytest.mark.parametrize(
        ("day", "levels"), [(-1, [None, None]), (0, [2, None]), (49, [2, None]), (99, [2, 4]), (100, [3, 4]), (500, [1, 4])]
    )
    def test_the_level_that_stood_on_a_day(self, day, levels):
        found = self.LIVES.as_of(np.array([0, 1]), DAY.toordinal() + day)
        assert [int(self.LIVES.levels[index]) if index >= 0 else None for index in found] == levels

    def test_accounts_are_found_by_id(self):
        assert self.LIVES.place_of(np.array([9, 8, 7, 100])).tolist() == [1, -1, 0, -1]

    def test_an_account_without_results_stood_nowhere(self):
        assert self.LIVES.as_of(np.array([-1]), DAY.toordinal() + 500).tolist() == [-1]

    def test_the_day_of_the_next_climb(self):
        assert self.LIVES.next_climb.tolist() == [DAY.toordinal() + 100, NEVER, NEVER, NEVER]

    def test_without_results_there_is_nobody(self):
        empty = lives([])
        assert empty.place_of(np.array([1])).tolist() == [-1]
        assert empty.as_of(np.array([-1]), 0).tolist() == [-1]
        assert empty.next_climb.tolist() == []

    @pytest.mark.parametrize(("last", "levels"), [(8, [2]), (9, [2, 3])])
    def test_results_after_a_day_are_left_out_when_asked(self, last, levels):
        found = Histories.of([(1, DAY, 2), (1, DAY + timedelta(days=9), 3)], until=DAY + timedelta(days=last))
        assert found.levels.tolist() == levels

    @pytest.mark.parametrize("level", [0, 6, -1])
    def test_a_level_that_is_none_is_refused(self, level):
        with pytest.raises(ValueError, match="levels"):
            lives([(1, 0, level)])
