"""What histories tell about the pace: exposure, moves, and the factor of a segment."""

import csv
from collections import Counter
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import logm
from scipy.stats import gamma

from plans.forecast.chain import NO_PACE, STATES, Pace, rates_of, state_of
from plans.forecast.counting import SegmentPace, count, factors_of
from tests.plans.pace import WORKED_UNTIL, counted, positions, worked, worked_rows

DAY = date(2020, 1, 1)
YEAR = 365.25


def after(years):
    return DAY + timedelta(days=round(years * YEAR))


class TestExposureAndMoves:
    def test_of_the_worked_example(self):
        pace = worked()
        assert pace.moves == ((6, 4, 1), (8, 10, 1), (10, 12, 1), (13, 15, 1), (15, 16, 1))
        assert pace.years[8] == 366 / YEAR  # A from 2.10, in a leap year
        assert pace.years[12] == 730 / YEAR  # heard again in the same state, and to the end
        assert pace.exposure == pytest.approx(3 * (WORKED_UNTIL - DAY).days / YEAR)

    def test_a_result_after_the_day_counts_for_nothing(self):
        earlier, _segments = counted(worked_rows(), date(2021, 6, 30))
        assert earlier.moves == ((8, 10, 1),)
        assert earlier.exposure == pytest.approx(3 * (date(2021, 6, 30) - DAY).days / YEAR)

    def test_of_two_results_of_one_day_the_later_counts(self):
        pace, _segments = counted([(1, DAY, 2.0), (1, after(1), 3.5), (1, after(1), 2.0)], after(2))
        assert (pace.moves, pace.years[8]) == ((), pytest.approx(2, abs=0.01))

    def test_a_jump_is_one_move(self):
        pace, _segments = counted([(1, DAY, 1.0), (1, after(1), 4.0)], after(1))
        assert pace.moves == ((4, 16, 1),)

    def test_an_archived_accounts_exposure_ends_with_its_last_result(self):
        rows = [(1, DAY, 2.0), (1, after(1), 3.0)]
        there, _segments = counted(rows, after(5))
        archived, _segments = counted(rows, after(5), archived={1})
        assert there.exposure == pytest.approx(5, abs=0.01)
        assert archived.exposure == pytest.approx(1, abs=0.01)
        assert archived.moves == there.moves

    def test_one_result_of_an_archived_account_is_no_time_at_all(self):
        assert counted([(1, DAY, 2.0)], after(3), archived={1}) == (NO_PACE, [SegmentPace(0, 0.0)])

    def test_nothing_is_no_pace(self):
        assert counted([], DAY)[0] == NO_PACE

    @pytest.mark.parametrize(
        ("years", "moves", "known"), [((20,), 10, True), ((4, 4, 4, 4, 3.99), 10, False), ((4, 4, 4, 4, 4), 9, False)]
    )
    def test_twenty_account_years_and_ten_moves_are_enough(self, years, moves, known):
        assert Pace((*years, *(0.0,) * (STATES - len(years))), ((0, 1, moves),)).is_enough == known


def walk(rows, until):
    """Moves and years by plain loops."""
    kept = {(account, day): state_of(position) for account, day, position in rows}
    moves, spent = Counter(), [0] * STATES
    for account in {row[0] for row in rows}:
        life = sorted((day, state) for (owner, day), state in kept.items() if owner == account and day <= until)
        for (day, state), (following, then) in zip(life, [*life[1:], (until, None)][: len(life)], strict=True):
            spent[state] += (following - day).days
            if then not in (None, state):
                moves[state, then] += 1
    return sorted((*move, n) for move, n in moves.items()), [days / YEAR for days in spent]


histories = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 900), st.integers(0, 200)), max_size=40)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(histories, st.integers(0, 900))
def test_it_is_what_walking_through_each_life_gives(given_rows, last):
    rows = sorted((account, DAY + timedelta(days=day), place / 40) for account, day, place in given_rows)
    until = DAY + timedelta(days=last)
    pace, _segments = counted(rows, until)
    moves, years = walk(rows, until)
    assert list(pace.moves) == moves
    assert pace.years == pytest.approx(years)


def test_rating_histories_give_what_walking_through_them_gives(input_folder):
    """Entities with days of two ratings among them; eight ratings made five whole levels, from the worst up: 8 7, 6, 5, 4 3, 2 1."""
    made = {8: 1, 7: 1, 6: 2, 5: 3, 4: 4, 3: 4, 2: 5, 1: 5}
    with (input_folder / "levels_openrisk_rating_actions.csv").open(encoding="utf-8") as lines:
        rows = [
            (int(line["CustomerId"]), datetime.strptime(line["Date"], "%d-%m-%Y").date(), float(made[int(line["RatingNum"])]))
            for line in csv.DictReader(lines)
            if int(line["RatingNum"])
        ]
    rows.sort(key=lambda row: row[:2])  # keeps the order given within a day
    until = max(row[1] for row in rows)
    pace, _segments = counted(rows, until)
    moves, years = walk(rows, until)
    assert len({row[:2] for row in rows}) < len(rows) and pace.total > len(rows) / 10
    assert list(pace.moves) == moves
    assert pace.years == pytest.approx(years)


class TestSegments:
    def test_the_worked_example(self):
        found = factors_of({"one": SegmentPace(30, 20), "two": SegmentPace(12, 18), "three": SegmentPace(8, 12)})
        assert [round(factor, 6) for factor in found.values()] == [1.350757, 0.773669, 0.804971]

    def test_the_steps_of_the_worked_example(self):
        """v = 102 / 868 and κ = 1 / v, of which the factors are made."""
        v = ((30 - 20) ** 2 - 20 + (12 - 18) ** 2 - 18 + (8 - 12) ** 2 - 12) / (20**2 + 18**2 + 12**2)
        assert (round(v, 6), round(1 / v, 6)) == (0.117512, 8.509804)
        assert round((30 + 1 / v) / (20 + 1 / v), 6) == 1.350757

    @pytest.mark.parametrize(
        "segments", [{}, {"one": SegmentPace(0, 0.0)}, {"one": SegmentPace(20, 20), "two": SegmentPace(11, 10)}]
    )
    def test_what_chance_explains_makes_no_segment_faster(self, segments):
        assert factors_of(segments) == dict.fromkeys(segments, 1.0)

    def test_expected_moves_are_those_of_everybodys_rates_in_its_own_exposure(self):
        pace, segments = counted(worked_rows(), WORKED_UNTIL, groups={1: 1, 2: 2})
        leaving = rates_of(pace).sum(axis=1)
        own, _segments = counted([row for row in worked_rows() if row[0] == 2], WORKED_UNTIL)
        assert (segments[2].moves, segments[2].expected) == (2, pytest.approx(np.array(own.years) @ leaving))
        assert [one.moves for one in segments] == [1, 2, 2]

    def test_the_factor_is_the_mean_of_the_gamma_posterior_and_finds_the_spread_that_made_it(self):
        """By SciPy: 4 000 segments whose true factors have the variance 0.25, each with some twenty expected moves."""
        chance = np.random.default_rng(7)
        expected = chance.uniform(10, 30, 4000)
        truth = gamma(4, scale=1 / 4).rvs(4000, random_state=chance)
        seen = chance.poisson(expected * truth)
        segments = {str(n): SegmentPace(int(moves), float(e)) for n, (moves, e) in enumerate(zip(seen, expected, strict=True))}
        found = np.array(list(factors_of(segments).values()))
        v = ((seen - expected) ** 2 - expected).sum() / (expected**2).sum()
        assert v == pytest.approx(0.25, rel=0.1)
        assert found == pytest.approx(gamma(seen + 1 / v, scale=1 / (expected + 1 / v)).mean())
        # Nearer to the truth than what was seen, and than no factor at all.
        errors = [np.mean((told - truth) ** 2) for told in (found, seen / expected, 1.0)]
        assert errors[0] < min(errors[1:])

    def test_who_has_no_segment_is_in_none(self):
        _pace, segments = counted(worked_rows(), WORKED_UNTIL, groups={1: 1})
        assert segments[0].moves == 3
        assert len(segments) == 2


def test_the_estimator_finds_the_rates_that_made_a_history(input_folder):
    """Five grades of Standard & Poor's yearly matrix (1981-2016), from B to AA: 3 000 lives of eight years each."""
    with (input_folder / "matrix_sp_1981-2016.csv").open(encoding="utf-8") as lines:
        printed = np.array([[float(cell) for cell in line.split(",")[1:6]] for line in lines.read().splitlines()[3:8]])
    yearly = (printed / printed.sum(axis=1, keepdims=True))[::-1, ::-1]
    truth = np.maximum(logm(yearly).real * (1 - np.eye(5)), 0)
    accounts, days, grades = simulated(truth, lives=3000, years=8, seed=4)
    whole = positions([(account, day, grade) for account, day, grade in zip(accounts, days, grades, strict=True)])
    pace, _segments = count(whole, after(8).toordinal())
    found, spent = rates_of(pace)[4::4, 4::4], np.array(pace.years)[4::4]
    assert spent.sum() == pytest.approx(24_000, rel=1e-2)
    error = np.sqrt((truth + 0.001) / spent[:, None])  # of a Poisson rate
    # Drawn to the mean of its step by ten years of some thousands.
    drawn = 10 / (spent[:, None] + 10) * truth.max()
    assert np.all(np.abs(found - truth) < 4 * error + drawn)


def simulated(truth, *, lives, years, seed):
    """Results on the day of each move, each grade a whole level."""
    chance, rows = np.random.default_rng(seed), []
    for account in range(lives):
        grade, year = account % 5, 0.0
        while year < years:
            rows.append((account, after(year), grade + 1.0))
            pace = truth[grade].sum()
            year += chance.exponential(1 / pace)
            grade = int(chance.choice(5, p=truth[grade] / pace))
    return zip(*rows, strict=True)


def test_the_worked_positions_lie_where_they_should():
    assert [state_of(position) for _account, _day, position in worked_rows()] == [8, 10, 12, 12, 13, 15, 16, 6, 4]
