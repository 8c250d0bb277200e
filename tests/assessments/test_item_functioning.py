"""Differential item functioning: the fit by SciPy and by a published table, and which statements are named."""

import random
from collections import Counter
from math import log

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import chi2

from assessments.measurement.item_functioning import differing_items, ordinal_fit


def by_scipy(answers: np.ndarray, x: np.ndarray, times: np.ndarray) -> tuple[float, np.ndarray]:
    """The largest log likelihood of a proportional-odds model, and its coefficients, without derivatives of our own."""
    kinds, category = np.unique(answers, return_inverse=True)
    cuts = len(kinds) - 1

    def loss(parameters: np.ndarray) -> float:
        # The first cut point and the logarithms of the steps to the next ones, so that they stay in order.
        points = np.cumsum(np.concatenate([parameters[:1], np.exp(parameters[1:cuts])]))
        padded = np.concatenate([[-np.inf], points, [np.inf]])
        shift = x @ parameters[cuts:]
        share = expit(padded[category + 1] - shift) - expit(padded[category] - shift)
        return -float(times @ np.log(np.maximum(share, 1e-300)))

    start = np.concatenate([[-1.0], np.zeros(cuts - 1), np.zeros(x.shape[1])])
    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-7, "maxiter": 2000})
    return -found.fun, found.x[cuts:]


def people(seed: int, number: int, *, otherwise: float = 0.0, better: float = 0.0) -> dict[int, Counter]:
    """Answers to five levels of four statements; the second of level 3 is shifted by `otherwise`, in log odds."""
    chance = np.random.default_rng(seed)
    liking = chance.normal(better, 1, size=(number, 1)) + chance.normal(0, 0.7, size=(number, 5))
    found = {}
    for rank in range(1, 6):
        shifts = np.array([0, otherwise if rank == 3 else 0, 0, 0]) - 0.3 * rank
        latent = 1.5 * liking[:, [rank - 1]] + shifts + chance.logistic(0, 1, size=(number, 4))
        found[rank] = Counter(map(tuple, (np.digitize(latent, [-3, -1.2, 0.3, 2]) + 1).tolist()))
    return found


class TestTheFit:
    @pytest.mark.parametrize("seed", range(4))
    def test_is_that_of_scipy(self, seed):
        chance = np.random.default_rng(seed)
        x = np.column_stack([chance.normal(3, 1, 150), chance.integers(0, 2, 150)])
        answers = np.digitize(x @ [0.9, -0.7] + chance.logistic(0, 1, 150), [0.5, 1.5, 2.8, 4]) + 1
        times = chance.integers(1, 4, 150).astype(float)
        found, (likelihood, coefficients) = ordinal_fit(answers, x, times), by_scipy(answers, x, times)
        assert found.log_likelihood == pytest.approx(likelihood, abs=1e-6)
        assert found.coefficients == pytest.approx(coefficients, abs=1e-4)

    def test_of_two_answers_is_the_log_odds_of_the_table(self):
        """Logistic regression on one binary variable: 30 of 40 beside 10 of 40 are odds of 9."""
        answers, x = np.array([1, 2, 1, 2]), np.array([[0.0], [0.0], [1.0], [1.0]])
        found = ordinal_fit(answers, x, np.array([30.0, 10.0, 10.0, 30.0]))
        assert found.coefficients == pytest.approx((log(9),))
        assert found.log_likelihood == pytest.approx(2 * (30 * log(0.75) + 10 * log(0.25)))

    def test_without_an_effect_is_the_shares(self):
        answers, times = np.array([1, 3, 4]), np.array([2.0, 5.0, 3.0])
        found = ordinal_fit(answers, np.zeros((3, 1)), times)
        assert found.log_likelihood == pytest.approx(2 * log(0.2) + 5 * log(0.5) + 3 * log(0.3))

    def test_where_a_column_separates_the_answers_it_ends_at_the_limit(self):
        answers, x = np.array([1, 2]), np.array([[0.0], [1.0]])
        found = ordinal_fit(answers, x, np.array([40.0, 40.0]))
        assert found.log_likelihood == pytest.approx(0, abs=1e-6)
        assert found.coefficients[0] > 10


class TestDifferingItems:
    def test_names_the_statement_and_how_much_it_differs(self):
        (found,) = differing_items(people(1, 300), people(2, 200, otherwise=-1.2))
        assert (found.rank, found.place) == (3, 1)
        assert found.log_odds == pytest.approx(-1.2, abs=0.45)
        assert found.p < 1e-4

    def test_p_is_that_of_twice_the_difference_of_the_likelihoods(self):
        first, second = people(1, 300), people(2, 200, otherwise=-1.2)
        (found,) = differing_items(first, second)
        rows = [
            (answers[1], np.mean([answers[0], *answers[2:]]), group)
            for group, given in enumerate((first, second))
            for answers in given[3].elements()
        ]
        answers, x, times = np.array([row[0] for row in rows]), np.array([row[1:] for row in rows]), np.ones(len(rows))
        apart, coefficients = by_scipy(answers, x, times)
        alike, _ = by_scipy(answers, x[:, :1], times)
        assert found.p == pytest.approx(chi2.sf(2 * (apart - alike), 1), rel=1e-3)
        assert found.log_odds == pytest.approx(coefficients[1], abs=1e-4)

    def test_people_who_think_better_of_us_are_no_difference(self):
        """Matched on the rest of the level: a language in which all answer higher asks nothing else."""
        assert differing_items(people(3, 300), people(4, 200, better=0.5)) == []

    def test_is_named_alone_though_it_is_part_of_the_rest_of_the_others(self):
        found = differing_items(people(5, 400), people(6, 300, otherwise=2.5))
        assert [(one.rank, one.place) for one in found] == [(3, 1)]

    def test_a_difference_that_is_sure_but_small_is_not_named(self):
        assert differing_items(people(7, 6000), people(8, 6000, otherwise=0.4)) == []

    def test_seldom_names_one_where_there_is_none(self):
        """5 % over all twenty statements together."""
        named = [bool(differing_items(people(1000 + time, 80), people(2000 + time, 60))) for time in range(20)]
        assert sum(named) <= 3

    @pytest.mark.parametrize(("first", "second"), [(29, 100), (100, 29)])
    def test_below_thirty_answers_in_a_language_nothing_is_compared(self, first, second):
        assert differing_items(people(1, first), people(2, second, otherwise=-3)) == []

    def test_dont_know_and_a_rest_that_nobody_knows_are_left_out(self):
        chance = random.Random(1)
        alone = Counter((chance.randint(1, 5), None, None, None) for _person in range(200))
        assert differing_items({1: alone}, {1: Counter({(5, None, None, None): 200})}) == []

    def test_a_level_of_one_statement_has_no_rest(self):
        assert differing_items({1: Counter({(1,): 50})}, {1: Counter({(5,): 50})}) == []

    def test_all_answers_alike_are_no_difference(self):
        assert differing_items({1: Counter({(4, 4): 50})}, {1: Counter({(4, 4): 50})}) == []
