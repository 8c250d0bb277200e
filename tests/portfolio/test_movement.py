"""Who stood where then and now, and the pace of a history: by hand, from real data, and by another way of computing."""

import csv
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.figures.histories import NEVER, Histories
from portfolio.figures.movement import NO_MOVES, Moves, exposure, exposure_of, migration, tally

steady = settings(max_examples=150, derandomize=True, deadline=None)

DAY = date(2024, 1, 1)
rows = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 900), st.integers(1, 5)), max_size=40)


def lives(given_rows):
    return Histories.of([(account, DAY + timedelta(days=day), level) for account, day, level in given_rows])


def moved(*pairs):
    counts = [[0] * 5 for _level in range(5)]
    for before, after in pairs:
        counts[before - 1][after - 1] += 1
    return tuple(map(tuple, counts))


def walk(given_rows, last):
    """Moves and years by plain loops."""
    kept = {(account, day): level for account, day, level in given_rows}
    pairs, days = [], [0] * 5
    for account in {row[0] for row in given_rows}:
        life = sorted((day, level) for (owner, day), level in kept.items() if owner == account and day <= last)
        for (day, level), (following, after) in zip(life, [*life[1:], (last, None)][: len(life)], strict=True):
            days[level - 1] += following - day
            if after not in (None, level):
                pairs.append((level, after))
    return Moves(moved(*pairs), tuple(spent / 365.25 for spent in days))


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


class TestExposureByHand:
    UNTIL = DAY + timedelta(days=1461)  # four years of 365.25 days

    def of(self, *given_rows, until=UNTIL):
        return exposure(lives(given_rows), until)

    def test_a_level_lasts_until_the_next_result_and_the_last_until_the_end(self):
        found = self.of((1, 0, 2), (1, 487, 3))
        assert found.counts == moved((2, 3))
        assert found.years == pytest.approx((0, 487 / 365.25, 974 / 365.25, 0, 0))
        assert (found.total, found.exposure) == (1, pytest.approx(4))

    def test_a_result_that_confirms_the_level_is_no_move(self):
        found = self.of((1, 0, 2), (1, 300, 2), (1, 600, 2))
        assert (found.counts, found.years) == (NO_MOVES.counts, pytest.approx((0, 4, 0, 0, 0)))

    def test_a_jump_is_one_move(self):
        assert self.of((1, 0, 2), (1, 300, 5), (1, 600, 1)).counts == moved((2, 5), (5, 1))

    def test_one_accounts_last_level_and_anothers_first_are_no_move(self):
        assert self.of((1, 0, 2), (2, 0, 5)).counts == NO_MOVES.counts

    def test_of_two_results_on_a_day_the_later_given_counts(self):
        found = self.of((1, 0, 2), (1, 100, 4), (1, 100, 3), (1, 100, 3))
        assert found.counts == moved((2, 3))

    def test_the_order_of_the_rows_does_not_matter(self):
        given_rows = [(1, 0, 2), (2, 50, 1), (1, 400, 3), (2, 700, 4), (1, 900, 1)]
        assert self.of(*reversed(given_rows)) == self.of(*given_rows)

    def test_what_lies_after_the_last_day_counts_for_nothing(self):
        given_rows = [(1, 0, 2), (1, 100, 3), (1, 200, 4), (2, 150, 1)]
        assert self.of(*given_rows, until=DAY + timedelta(days=120)) == self.of(*given_rows[:2], until=DAY + timedelta(days=120))

    def test_nothing_is_nothing(self):
        assert self.of() == NO_MOVES

    @pytest.mark.parametrize("level", [0, 6, -1])
    def test_a_level_that_is_none_is_refused(self, level):
        with pytest.raises(ValueError, match="levels"):
            self.of((1, 0, level))


@steady
@given(rows, st.integers(0, 900))
def test_exposure_is_what_walking_through_each_life_gives(given_rows, last):
    found, expected = exposure(lives(given_rows), DAY + timedelta(days=last)), walk(given_rows, last)
    assert found.counts == expected.counts
    assert found.years == pytest.approx(expected.years)


@steady
@given(rows)
def test_the_groups_of_a_portfolio_pool_to_the_whole(given_rows):
    until = DAY + timedelta(days=900)
    histories = lives(given_rows)
    steel, others = exposure_of(histories, np.where(np.isin(histories.accounts, [1, 3]), 0, 1), 2, until)
    pooled = steel + others
    whole = exposure(lives(given_rows), until)
    assert pooled.counts == whole.counts
    assert pooled.years == pytest.approx(whole.years)
    assert steel == exposure(lives([row for row in given_rows if row[0] in {1, 3}]), until)


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


def test_rating_histories_give_what_walking_through_them_gives(input_folder):
    """Entities with days of two ratings among them; eight ratings made five, from the worst up: 8 7, 6, 5, 4 3, 2 1."""
    made = {8: 1, 7: 1, 6: 2, 5: 3, 4: 4, 3: 4, 2: 5, 1: 5}
    found = []
    with (input_folder / "levels_openrisk_rating_actions.csv").open(encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            if int(line["RatingNum"]):
                day = datetime.strptime(line["Date"], "%d-%m-%Y").date()
                found.append((int(line["CustomerId"]), day, made[int(line["RatingNum"])]))
    days = [row[1] for row in found]
    start, end = min(days), max(days)
    expected = walk([(account, (day - start).days, level) for account, day, level in found], (end - start).days)
    moves = exposure(Histories.of(found), end)
    assert len({row[:2] for row in found}) < len(found) and moves.total > len(found) / 10
    assert moves.counts == expected.counts
    assert moves.years == pytest.approx(expected.years)
