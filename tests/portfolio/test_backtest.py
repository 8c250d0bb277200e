"""The back-test of the forecast: its arithmetic, that it forecasts from the past alone, and the scores that are to be met."""

import csv
import math
import sys
from datetime import date, timedelta

import numpy as np
import pytest

from bench import backtest
from bench.backtest import CHAIN, FORECAST, TABLE, Lives
from plans.forecast.chain import STATES, chances, rates_of
from portfolio.figures.benchmarks import wilson
from tests.inputs import PUBLIC

DAY = date(2010, 1, 1)


def after(years):
    return DAY + timedelta(days=round(years * 365.25))


class TestScores:
    @pytest.mark.parametrize(
        ("chance", "seen", "score"),
        [([1, 0, 1], [1, 0, 1], 0), ([0, 1], [1, 0], 1), ([0.5, 0.5], [1, 0], 0.25), ([0.8, 0.4], [1, 1], 0.2)],
    )
    def test_brier_is_the_mean_squared_difference(self, chance, seen, score):
        assert backtest.brier(chance, seen) == pytest.approx(score)

    @pytest.mark.parametrize("score", [backtest.brier, backtest.log_score])
    def test_a_constant_forecast_scores_best_at_the_base_rate(self, score):
        seen = np.array([1, 0, 0, 0])
        scores = {share: score(np.full(4, share), seen) for share in (0.15, 0.25, 0.35)}
        assert min(scores, key=scores.get) == 0.25

    @pytest.mark.parametrize(
        ("chance", "seen", "score"),
        [([0.5], [1], math.log(2)), ([0.8, 0.2], [1, 0], -math.log(0.8)), ([0], [1], -math.log(0.001))],
    )
    def test_the_log_score(self, chance, seen, score):
        assert backtest.log_score(chance, seen) == pytest.approx(score)


class TestCalibration:
    def test_the_groups_add_up_to_the_whole(self):
        chance = np.random.default_rng(1).random(1003)
        seen = np.random.default_rng(2).random(1003) < chance
        found = backtest.calibration(chance, seen)
        assert [one.n for one in found] == pytest.approx([200.6] * 5, abs=1)
        assert sum(one.n * one.predicted for one in found) == pytest.approx(chance.sum())
        assert sum(one.n * one.seen for one in found) == pytest.approx(seen.sum())
        assert [one.predicted for one in found] == sorted(one.predicted for one in found)

    def test_equal_forecasts_stay_together(self):
        (low, high) = backtest.calibration(np.array([0.2] * 6 + [0.7] * 4), np.array([1, 1, 0, 0, 0, 0, 1, 1, 1, 0]))
        assert (low.n, low.predicted, low.seen) == (6, pytest.approx(0.2), pytest.approx(1 / 3))
        assert (high.n, high.predicted, high.seen, high.interval) == (4, pytest.approx(0.7), 0.75, wilson(3, 4))


class TestCasesByHand:
    """Ten years: 40 accounts climb from 1 to 2.5 in the first half; in the year after the middle ten climb on, five of them by two."""

    ROWS = [
        *((account, DAY, 1.0) for account in range(40)),
        *((account, after(2.7), 2.5) for account in range(40)),
        *((account, after(5.5), 4.0 if account < 5 else 3.0) for account in range(10)),
        (99, DAY, 5.0),
        (99, after(10), 5.0),
    ]  # fmt: skip

    @pytest.fixture
    def lives(self):
        return Lives(self.ROWS)

    def test_every_account_and_level_above_its_own(self, lives):
        cases = backtest.at_middle(lives)
        first = cases.where(cases.years == 1)
        reached = {target: int(first.seen[first.targets == target].sum()) for target in (3, 4, 5)}
        assert reached == {3: 10, 4: 5, 5: 0}
        assert (len(first.seen), int(first.next_level.sum()), set(first.states.tolist())) == (120, 40, {10})
        assert set(cases.years.tolist()) == {1, 2, 3}

    def test_the_forecast_is_that_of_the_chain_by_the_first_half(self, lives):
        cases = backtest.at_middle(lives)
        pace = lives.pace((lives.days.min() + lives.days.max()) // 2)
        assert pace.moves == ((4, 10, 40),)
        one = cases.where((cases.years == 2) & (cases.targets == 3))
        assert one.chances[FORECAST][0] == pytest.approx(chances(rates_of(pace), 12, [2.0], hold=False)[0, 10])

    def test_the_chain_of_levels_knows_no_place_within_a_level(self, lives):
        levels = backtest.chain_of_levels(lives, after(5).toordinal())
        assert levels[0, 1] == pytest.approx((40 + 0.5) / (40 * 2.7 + 5), rel=1e-3)
        assert levels[1, 2] == pytest.approx(0.5 / (40 * 2.3 + 5), rel=1e-3)

    def test_past_shares_are_of_starts_that_ended_before_the_day(self, lives):
        shares = backtest.past_shares(lives, after(5).toordinal(), 2)
        # Six starts half a year apart, the last three years in: from 0.5 and 1 nobody, from 1.5 on all climb until they did.
        assert shares[0, 1] == pytest.approx(3 / 5, abs=0.21)
        assert shares[1, 2] == 0

    def test_of_two_results_on_a_day_the_later_given_counts(self):
        lives = Lives([(1, DAY, 2.0), (1, after(1), 4.0), (1, after(1), 3.0)])
        assert lives.states.tolist() == [8, 12]

    def test_a_level_is_held_when_it_stands_on_the_day(self, lives):
        chance, stood = backtest.holds_of(lives, after(5).toordinal(), 3)
        assert (len(stood), int(stood.sum())) == (41, 41)
        assert np.all((chance > 0) & (chance <= 1))


def test_what_came_after_is_not_known_to_the_forecast():
    rows = backtest.simulated(60, 12, seed=6)
    middle = min(row[1] for row in rows) + (max(row[1] for row in rows) - min(row[1] for row in rows)) / 2
    last = max(row[1] for row in rows)
    changed = [row if row[1] == last or row[1] <= middle else (row[0], row[1], 1.0) for row in rows]
    known, other = backtest.at_middle(Lives(rows)), backtest.at_middle(Lives(changed))
    for method in (FORECAST, CHAIN, TABLE):
        assert np.array_equal(known.chances[method], other.chances[method])
    assert other.seen.sum() < known.seen.sum()


class TestWhatIsToBeMet:
    """The Brier scores of the specification on cases that the forecast has not seen."""

    @pytest.mark.parametrize(("accounts", "most"), [(300, 0.082), (2000, 0.071)])
    def test_on_the_simulated_life(self, accounts, most):
        cases = backtest.at_middle(Lives(backtest.simulated(accounts, 12, seed=1)))
        scores = {method: backtest.brier(chance, cases.seen) for method, chance in cases.chances.items()}
        assert scores[FORECAST] <= most
        assert scores[FORECAST] < scores[TABLE] < scores[CHAIN]

    def test_on_public_rating_actions(self, input_folder):
        cases = backtest.at_anniversaries(Lives(backtest.rating_actions(input_folder / "levels_openrisk_rating_actions.csv")))
        scores = {method: backtest.brier(chance, cases.seen) for method, chance in cases.chances.items()}
        # Our own file is small and invented: it shows that the reading works.
        assert scores[FORECAST] <= (0.0293 if input_folder == PUBLIC else 0.1)
        if input_folder == PUBLIC:
            assert scores[FORECAST] < min(scores[CHAIN], scores[TABLE])


def test_the_interval_of_a_sum_holds_what_comes_true_in_most_portfolios():
    """Of 30 portfolios by known rates; 200 are simulated by the bench, which says 85 to 95 %."""
    rates = np.zeros((STATES, STATES))
    for state in range(STATES):
        for step, rate in ((-2, 0.1), (-1, 0.4), (1, 0.5), (2, 0.2)):
            if 0 <= state + step < STATES:
                rates[state, state + step] = rate
    assert backtest.coverage(rates, 30, seed=3, accounts=80) >= 0.75


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["backtest", "--accounts", "150", "--years", "8", "--portfolios", "0", *arguments])
    backtest.main()
    return capsys.readouterr().out


def test_it_prints_scores_and_calibration_and_says_what_is_missing(monkeypatch, capsys, tmp_path):
    printed = run(monkeypatch, capsys, "--data", str(tmp_path))
    assert printed.count(f"\n  {FORECAST} ") == printed.count(f"\n  {CHAIN} ") == printed.count(f"\n  {TABLE} ") == 2
    for part in ("Brier", "log", "fifths", "by horizon", "next level, by quarter of the level", "to hold theirs"):
        assert part in printed
    assert f"left out: there is no levels_openrisk_panel_50x11.csv in {tmp_path}" in printed
    assert "left out: there is no levels_openrisk_rating_actions.csv" in printed


def test_it_reads_the_public_histories(monkeypatch, capsys, input_folder):
    """The results of an entity that is not rated do not count."""
    printed = run(monkeypatch, capsys, "--data", str(input_folder))
    panel, actions = (list(csv.DictReader((input_folder / name).open(encoding="utf-8"))) for name in backtest.PUBLIC)
    assert f"{len(panel)} results in all" in printed
    rated = [row for row in actions if row["RatingNum"] != "0"]
    assert len(rated) < len(actions) and f"{len(rated)} results in all" in printed


def test_too_short_a_history_is_said_to_be(capsys):
    backtest.tell("short", [(1, DAY, 2.0), (1, after(1.1), 3.0)], seed=0)
    assert "not enough history" in capsys.readouterr().out
