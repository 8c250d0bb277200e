"""How sure a forecast is: of one target, and of the sum over many."""

from datetime import date, timedelta

import numpy as np
import pytest

from plans.forecast.chain import STATES, Pace, chances, rates_of
from plans.forecast.uncertainty import Aims, draw, interval, interval_of_sum, seed_of
from tests.plans.pace import worked

TODAY = date(2026, 1, 15)
SEED = seed_of(TODAY.toordinal())


def times(pace, factor):
    """The same pace, seen for so many times as long."""
    return Pace(tuple(year * factor for year in pace.years), tuple((*move[:2], round(move[2] * factor)) for move in pace.moves))


#: Some thousands of account-years of small steps and a few long ones.
KNOWN = Pace(
    tuple(40.0 + state for state in range(STATES)),
    tuple((state, state + step, 9 - step) for state in range(STATES) for step in (-2, -1, 1, 2, 5) if 0 <= state + step < STATES),
)
SURE = times(KNOWN, 10_000)  # rates that are as good as known


class TestDraws:
    def test_the_same_day_gives_the_same_draws(self):
        assert interval(KNOWN, SEED, 8, 12, 2.0, hold=False) == interval(KNOWN, SEED, 8, 12, 2.0, hold=False)
        assert interval(KNOWN, SEED, 8, 12, 2.0, hold=False) != interval(KNOWN, SEED + 1, 8, 12, 2.0, hold=False)

    def test_each_day_has_a_seed_of_its_own(self):
        days = [TODAY + timedelta(days=n) for n in range(400)]
        assert len({seed_of(day.toordinal()) for day in days}) == len(days)

    def test_their_mean_and_spread_are_those_of_the_posterior(self):
        found, years = draw(worked(), 3, 40_000), np.array(worked().years)
        shapes = rates_of(worked()) * (years + 10)[:, None]
        assert found.mean(axis=2) == pytest.approx(rates_of(worked()), abs=2e-3)
        assert found.var(axis=2)[8, 10] == pytest.approx(shapes[8, 10] / (years[8] + 10) ** 2, rel=0.05)  # shape / rate²
        assert np.all(found[rates_of(worked()) == 0] == 0)


class TestOneTarget:
    @pytest.mark.parametrize(("state", "first", "hold"), [(8, 12, False), (13, 16, False), (17, 16, True), (11, 12, True)])
    def test_the_interval_holds_the_chance(self, state, first, hold):
        low, high = interval(KNOWN, SEED, state, first, 2.0, hold=hold)
        assert 0 <= low < chances(rates_of(KNOWN), first, [2.0], hold=hold)[0, state] < high <= 1

    def test_it_is_that_of_each_draw_on_its_own(self):
        drawn = draw(KNOWN, SEED)
        single = [chances(drawn[:, :, one], 12, [2.0], hold=False)[0, 8] for one in range(0, 2000, 10)]
        low, high = interval(KNOWN, SEED, 8, 12, 2.0, hold=False)
        assert np.quantile(single, (0.05, 0.95)) == pytest.approx((low, high), abs=0.012)

    def test_more_history_at_the_same_pace_is_surer(self):
        widths = [np.diff(interval(times(KNOWN, factor), SEED, 8, 12, 2.0, hold=False))[0] for factor in (1, 9, 10_000)]
        assert widths[1] < 0.6 * widths[0]
        assert widths[2] < 0.01

    def test_more_time_never_lowers_the_bounds_of_a_climb(self):
        found = [interval(KNOWN, SEED, 8, 12, years, hold=False) for years in (0.5, 1.0, 2.0, 3.0)]
        assert found == sorted(found)


def aims(pace, *kinds):
    """From (state, first, hold, years, how many)."""
    rows = [row[:4] for row in kinds for _time in range(row[4])]
    states, firsts, holds, years = (np.array(column) for column in zip(*rows, strict=True))
    found = [
        chances(rates_of(pace), first, [left], hold=bool(hold))[0, state]
        for state, first, hold, left in zip(states, firsts, holds, years, strict=True)
    ]
    return Aims(states, firsts, holds, years, np.array(found))


def poisson_binomial(chances_):
    """The exact distribution of how many of independent events happen."""
    found = np.ones(1)
    for one in chances_:
        found = np.convolve(found, [1 - one, one])
    return found


def bounds(chances_):
    return tuple(int(np.searchsorted(poisson_binomial(chances_).cumsum(), share)) for share in (0.05, 0.95))


MIXED = (
    (9, 12, False, 3.0, 20),
    (13, 16, False, 1.5, 24),
    (5, 8, False, 0.5, 15),
    (17, 16, True, 2.5, 15),
    (8, 12, False, 1.0, 10),
)


class TestTheSumOverAPortfolio:
    def test_with_known_rates_the_interval_is_that_of_the_exact_distribution(self):
        of = aims(SURE, *MIXED)
        low, high = bounds(of.chances)
        assert interval_of_sum(SURE, SEED, of) == (pytest.approx(low, abs=1), pytest.approx(high, abs=1))

    @pytest.mark.parametrize("number", [1, 2, 5])
    def test_a_handful_is_exact_when_all_are_alike(self, number):
        of = aims(SURE, (13, 16, False, 3.0, number))
        assert interval_of_sum(SURE, SEED, of) == bounds(of.chances)

    def test_rates_that_are_not_known_err_for_all_targets_together(self):
        kind = (9, 12, False, 3.0, 2000)
        known, unsure = (np.diff(interval_of_sum(pace, SEED, aims(pace, kind)))[0] for pace in (SURE, KNOWN))
        assert unsure > 2 * known
        low, high = interval(KNOWN, SEED, 9, 12, 3.0, hold=False)
        assert unsure == pytest.approx(np.hypot(2000 * (high - low), known), rel=0.15)

    def test_the_order_of_the_targets_does_not_matter(self):
        assert interval_of_sum(KNOWN, SEED, aims(KNOWN, *MIXED)) == interval_of_sum(KNOWN, SEED, aims(KNOWN, *MIXED[::-1]))

    def test_what_cannot_happen_is_not_expected(self):
        nobody = Aims(np.array([3]), np.array([20]), np.array([False]), np.array([0.0]), np.array([0.0]))
        assert interval_of_sum(KNOWN, SEED, nobody) == (0, 0)
