"""Figures beside those of statsmodels, which computes them in its own way; where SciPy has a figure, its tests compare with SciPy.

statsmodels takes a second to import, so it is imported when the first of these tests runs, not when tests are collected.
"""

from importlib import import_module

import numpy as np
import pytest
from scipy.stats import chi2

from assessments.measurement.item_functioning import differing_items, ordinal_fit
from assessments.measurement.median import lower_weighted_median
from plans.forecast.counting import SegmentPace, factors_of
from portfolio.figures.benchmarks import wilson
from portfolio.figures.survival import kaplan_meier
from tests.assessments.test_item_functioning import people


def of(module: str):
    return import_module(f"statsmodels.{module}")


def ordered_model(answers: np.ndarray, x: np.ndarray):
    """A proportional-odds model, fitted by BFGS on the logarithms of the distances between its cut points."""
    model = of("miscmodels.ordinal_model").OrderedModel(answers, x, distr="logit")
    return model.fit(method="bfgs", gtol=1e-8, maxiter=500, disp=False)


class TestDifferentialItemFunctioning:
    @pytest.mark.parametrize("seed", range(2))
    def test_the_ordinal_model(self, seed):
        chance = np.random.default_rng(seed)
        x = np.column_stack([chance.normal(3, 1, 400), chance.integers(0, 2, 400)])
        answers = np.digitize(x @ [0.9, -0.7] + chance.logistic(0, 1, 400), [0.5, 1.5, 2.8, 4]) + 1
        found, other = ordinal_fit(answers, x, np.ones(400)), ordered_model(answers, x)
        assert found.log_likelihood == pytest.approx(other.llf, abs=1e-6)
        assert found.coefficients == pytest.approx(other.params[:2], abs=1e-4)

    def test_the_log_odds_and_the_p_of_a_statement_that_differs(self):
        first, second = people(1, 120), people(2, 120, otherwise=-1.6)
        named = next(one for one in differing_items(first, second) if (one.rank, one.place) == (3, 1))
        rows = [
            (answers[1], np.mean([*answers[:1], *answers[2:]]), group)
            for group, given in enumerate((first[3], second[3]))
            for answers in given.elements()
        ]
        answers, x = np.array([row[0] for row in rows]), np.array([row[1:] for row in rows], float)
        apart, alike = ordered_model(answers, x), ordered_model(answers, x[:, :1])
        assert named.log_odds == pytest.approx(apart.params[1], abs=1e-4)
        # Twice the difference of the log likelihoods is chi-squared with one degree of freedom.
        assert named.p == pytest.approx(chi2(1).sf(2 * (apart.llf - alike.llf)), rel=1e-3)


@pytest.mark.parametrize("n", [5, 10, 37, 1000])
def test_the_interval_of_a_share(n):
    confint = of("stats.proportion").proportion_confint
    for successes in range(0, n + 1, max(1, n // 7)):
        found, other = wilson(successes, n), confint(successes, n, alpha=0.05, method="wilson")
        assert (found.low, found.high) == pytest.approx(other, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_curve_of_those_who_wait_and_its_median(seed):
    chance = np.random.default_rng(seed)
    waited, happened = chance.integers(1, 40, 60).astype(float), chance.random(60) < 0.6
    found, other = kaplan_meier(waited, happened), of("duration.survfunc").SurvfuncRight(waited, happened)
    assert [found.at(time) for time in other.surv_times] == pytest.approx(other.surv_prob)
    assert [found.at_risk_at(time) for time in other.surv_times] == list(other.n_risk)
    assert found.median == other.quantile(0.5)


class TestSegments:
    """Their moves are Poisson with a rate that spreads by v: Cameron and Trivedi's regression, the moments' way of finding v."""

    @staticmethod
    def spread(moves: np.ndarray, expected: np.ndarray) -> float:
        """The slope of (N − E)² − E on E², through the origin, each row weighted by 1/E²."""
        y, x = (moves - expected) ** 2 - expected, expected**2
        return float(of("regression.linear_model").WLS(y, x, weights=1 / x).fit().params[0])

    def factors(self, moves, expected):
        return factors_of({str(n): SegmentPace(int(m), float(e)) for n, (m, e) in enumerate(zip(moves, expected, strict=True))})

    def test_the_worked_factors(self):
        moves, expected = np.array([30.0, 12, 8]), np.array([20.0, 18, 12])
        k = 1 / self.spread(moves, expected)
        assert k == pytest.approx(8.509804, abs=1e-6)
        assert list(self.factors(moves, expected).values()) == pytest.approx((moves + k) / (expected + k))

    def test_the_spread_is_that_of_the_most_likely_negative_binomial(self):
        chance = np.random.default_rng(3)
        expected = chance.uniform(10, 30, 3000)
        moves = chance.poisson(expected * chance.gamma(4, 1 / 4, 3000))
        model = of("discrete.discrete_model").NegativeBinomial(moves, np.ones(3000), offset=np.log(expected))
        likely = model.fit(disp=False).params[-1]
        assert self.spread(moves, expected) == pytest.approx(likely, rel=0.1)
        k = 1 / self.spread(moves, expected)
        assert list(self.factors(moves, expected).values()) == pytest.approx((moves + k) / (expected + k))


@pytest.mark.parametrize("seed", range(20))
def test_the_position_of_a_customer_is_the_weighted_median_and_of_two_the_lower(seed):
    """statsmodels has the middle of two where the weight is split in halves; ours is then the lower of them."""
    chance = np.random.default_rng(seed)
    n = int(chance.integers(1, 9))
    positions, weights = np.round(chance.uniform(0, 5, n), 4), chance.integers(1, 4, n)
    other = float(of("stats.weightstats").DescrStatsW(positions, weights).quantile(0.5, return_pandas=False)[0])
    found = lower_weighted_median(positions.tolist(), weights.tolist())
    split = 2 * weights[positions <= found].sum() == weights.sum()
    assert (found < other) if split else found == pytest.approx(other)
