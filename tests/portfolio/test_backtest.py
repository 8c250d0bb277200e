"""The back-test of the forecast, small: its arithmetic, and that it forecasts from the first half alone."""

import csv
import sys
from datetime import date, timedelta

import numpy as np
import pytest

from bench import backtest
from portfolio.figures.benchmarks import wilson


def entries(outcomes, name):
    return np.concatenate([getattr(one, name) for one in outcomes])


class TestBrier:
    @pytest.mark.parametrize(
        ("chance", "seen", "score"),
        [([1, 0, 1], [1, 0, 1], 0), ([0, 1], [1, 0], 1), ([0.5, 0.5], [1, 0], 0.25), ([0.8, 0.4], [1, 1], 0.2)],
    )
    def test_the_mean_squared_difference(self, chance, seen, score):
        assert backtest.brier(chance, seen) == pytest.approx(score)

    def test_a_constant_forecast_scores_best_at_the_base_rate(self):
        seen = np.array([1, 0, 0, 0])
        scores = {share: backtest.brier(np.full(4, share), seen) for share in (0.15, 0.25, 0.35)}
        assert min(scores, key=scores.get) == 0.25
        assert scores[0.25] == pytest.approx(0.25 * 0.75)


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


@pytest.fixture(scope="module")
def outcomes():
    _moves, outcomes = backtest.backtest(backtest.control(4000, 12, seed=5))
    return outcomes


class TestOnAChainThatIsMarkov:
    def test_what_is_forecast_comes_true(self, outcomes):
        for group in backtest.calibration(entries(outcomes, "chance"), entries(outcomes, "seen")):
            assert group.seen == pytest.approx(group.predicted, abs=0.03)

    def test_it_beats_forecasts_that_know_nothing_of_levels(self, outcomes):
        seen = entries(outcomes, "seen")
        scores = {name: backtest.brier(np.concatenate([one.naive[name] for one in outcomes]), seen) for name in outcomes[0].naive}
        ours = backtest.brier(entries(outcomes, "chance"), seen)
        assert ours < scores["base rate"] < scores["stays where it is"]

    def test_what_was_seen_of_the_whole_lies_near_what_was_expected(self, outcomes):
        for one in outcomes:
            assert one.next_seen == pytest.approx(one.expected.expected, rel=0.1)

    def test_one_two_and_three_years_ahead(self, outcomes):
        assert [one.years for one in outcomes] == [1, 2, 3]


DAY = date(2010, 1, 1)


def test_an_outcome_by_hand():
    """Ten years: 40 accounts climb from 1 to 2 in the first half; in the year after the middle ten climb on, five by two."""
    rows = [(account, DAY, 1) for account in range(40)]
    rows += [(account, DAY + timedelta(days=1000), 2) for account in range(40)]
    rows += [(account, DAY + timedelta(days=2000), 4 if account < 5 else 3) for account in range(10)]
    rows += [(99, DAY, 5), (99, DAY + timedelta(days=3652), 5)]
    moves, outcomes = backtest.backtest(rows)
    assert moves.counts[0][1] == moves.total == 40
    first = outcomes[0]
    reached = {target: int(first.seen[first.target == target].sum()) for target in (3, 4, 5)}
    assert reached == {3: 10, 4: 5, 5: 0}
    assert (first.next_seen, first.expected.of, len(first.seen)) == (10, 40, 120)
    assert set(first.level) == {2}


def test_the_second_half_is_not_known_to_the_forecast():
    rows = backtest.control(200, 12, seed=6)
    middle = min(row[1] for row in rows) + (max(row[1] for row in rows) - min(row[1] for row in rows)) / 2
    last = max(row[1] for row in rows)
    else_known, told = (
        backtest.backtest(rows),
        backtest.backtest([row if row[1] in {last} or row[1] <= middle else (row[0], row[1], 1) for row in rows]),
    )
    assert told[0] == else_known[0]
    assert np.array_equal(told[1][0].chance, else_known[1][0].chance)
    assert told[1][0].seen.sum() < else_known[1][0].seen.sum()


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["backtest", "--accounts", "150", "--years", "8", *arguments])
    backtest.main()
    return capsys.readouterr().out


def test_it_prints_calibration_and_scores_and_says_what_is_missing(monkeypatch, capsys, tmp_path):
    printed = run(monkeypatch, capsys, "--data", str(tmp_path))
    assert printed.count("Brier score") == printed.count("base rate of level and target") == 2
    assert f"left out: there is no levels_openrisk_panel_50x11.csv in {tmp_path}" in printed
    assert "left out: there is no levels_openrisk_rating_actions.csv" in printed


def test_it_reads_the_public_histories(monkeypatch, capsys, input_folder):
    """The results of an entity that is not rated do not count."""
    printed = run(monkeypatch, capsys, "--data", str(input_folder))
    assert printed.count("Brier score") == 4
    panel, actions = (list(csv.DictReader((input_folder / name).open(encoding="utf-8"))) for name in backtest.PUBLIC)
    assert f"{len(panel)} results in all" in printed
    rated = [row for row in actions if row["RatingNum"] != "0"]
    assert len(rated) < len(actions) and f"{len(rated)} results in all" in printed


def test_too_short_a_history_is_said_to_be(capsys):
    backtest.tell("short", [(1, DAY, 2), (1, DAY + timedelta(days=400), 3)], seed=0)
    assert "not enough history" in capsys.readouterr().out
