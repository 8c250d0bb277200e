"""Will the target be reached? The worked example, published matrices, SciPy, and properties that always hold."""

import csv
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.linalg import expm, logm

from portfolio.figures.forecast import (
    Aim,
    Forecast,
    ForecastBasis,
    basis_for,
    draw,
    enough,
    expected_reached,
    first_passage,
    forecast,
    months_left,
    rates,
    seed_for,
    years_left,
)
from portfolio.figures.histories import Histories
from portfolio.figures.movement import NO_MOVES, Moves, exposure

steady = settings(max_examples=100, derandomize=True, deadline=None)
TODAY = date(2026, 1, 15)
SEED = seed_for(1, TODAY)

WORKED = Moves(
    ((0, 14, 1, 0, 0), (6, 0, 18, 1, 0), (0, 9, 0, 11, 0), (0, 1, 7, 0, 4), (0, 0, 0, 3, 0)),
    (40, 62, 55, 31, 12),
)


def generator(moves_a_year, target=None):
    """Q with its diagonal; rows from `target` on absorb."""
    q = np.array(moves_a_year, float)
    np.fill_diagonal(q, 0)
    np.fill_diagonal(q, -q.sum(axis=1))
    if target:
        q[target - 1 :] = 0
    return q


def by_scipy(moves_a_year, level, target, years):
    return expm(generator(moves_a_year, target) * years)[level - 1, target - 1 :].sum()


def moves(pace=1.0):
    """Histories with enough in them, of any shape."""
    count = st.integers(0, 40)
    row = st.lists(count, min_size=5, max_size=5)
    years = st.lists(st.floats(0.1, 200), min_size=5, max_size=5)

    def build(drawn):
        counts, spent = drawn
        return Moves(
            tuple(tuple(0 if i == j else n for j, n in enumerate(row)) for i, row in enumerate(counts)),
            tuple(year * pace for year in spent),
        )

    return st.tuples(st.lists(row, min_size=5, max_size=5), years).map(build).filter(enough)


levels = st.integers(1, 5)
spans = st.floats(0, 3.1)


class TestTheWorkedExample:
    @pytest.mark.parametrize(
        ("before", "after", "rate"),
        [(1, 2, 0.322222), (2, 3, 0.276119), (3, 4, 0.191667), (4, 5, 0.125), (2, 4, 0.014925), (1, 4, 0), (5, 1, 0)],
    )
    def test_moves_a_year(self, before, after, rate):
        assert rates(WORKED)[before - 1, after - 1] == pytest.approx(rate, abs=5e-7)

    @pytest.mark.parametrize(
        ("level", "target", "years", "probability"),
        [(2, 4, 3, 0.153388), (3, 4, 3, 0.379211), (1, 5, 3, 0.005630), (2, 3, 1, 0.243222)],
    )
    def test_probabilities(self, level, target, years, probability):
        assert first_passage(rates(WORKED), level, target, years) == pytest.approx(probability, abs=5e-7)
        assert forecast(WORKED, level, target, years, SEED).probability == pytest.approx(probability, abs=5e-7)

    def test_the_interval(self):
        found = forecast(WORKED, 2, 4, 3, SEED)
        assert (found.low, found.high) == (pytest.approx(0.085, abs=0.006), pytest.approx(0.230, abs=0.006))


class TestAgainstPublishedMatrices:
    """Rating migration: eight states from AAA to default, of which first passage to default has a known answer."""

    @pytest.fixture
    def yearly(self, input_folder):
        """Jarrow, Lando & Turnbull, "A Markov model for the term structure of credit risk spreads" (1997), table 3."""
        with (input_folder / "matrix_jlt.csv").open(encoding="utf-8") as lines:
            matrix = np.array([[float(cell) for cell in row] for row in list(csv.reader(lines))[1:]])
        return matrix / matrix.sum(axis=1, keepdims=True)  # as printed, rows miss 1 by rounding

    @pytest.fixture
    def moves_a_year(self, yearly):
        found = logm(yearly).real
        np.fill_diagonal(found, 0)
        return np.maximum(found, 0)  # no true generator has a negative rate; the matrix misses one by rounding

    def test_default_within_years_is_the_power_of_the_matrix(self, yearly, moves_a_year):
        for years in (1, 2, 5, 10):
            powered = np.linalg.matrix_power(yearly, years)[:, 7]
            found = [first_passage(moves_a_year, state, 8, years) for state in range(1, 8)]
            assert found == pytest.approx(powered[:7], abs=2e-3)

    def test_every_passage_is_scipys(self, moves_a_year):
        for target in range(2, 9):
            for level in range(1, target):
                found = first_passage(moves_a_year, level, target, 3)
                assert found == pytest.approx(by_scipy(moves_a_year, level, target, 3), abs=1e-11)

    def test_the_estimator_finds_the_rates_that_made_a_history(self, input_folder):
        """Five grades of Standard & Poor's yearly matrix (1981-2016), from B to AA: 3 000 lives of eight years each."""
        with (input_folder / "matrix_sp_1981-2016.csv").open(encoding="utf-8") as lines:
            printed = np.array([[float(cell) for cell in row[1:6]] for row in list(csv.reader(lines))[3:8]])
        yearly = (printed / printed.sum(axis=1, keepdims=True))[::-1, ::-1]
        truth = np.maximum(logm(yearly).real * (1 - np.eye(5)), 0)
        found = exposure(Histories.of(simulated(truth, lives=3000, years=8, seed=4)), TODAY)
        estimate, spent = rates(found), np.array(found.years)
        assert spent.sum() == pytest.approx(24_000, rel=1e-2)
        error = np.sqrt((truth + 0.001) / spent[:, None])  # of a Poisson rate
        assert np.all(np.abs(estimate - truth) < 4 * error)


def simulated(truth, *, lives, years, seed):
    """Results on the day of each move, beginning so many years before TODAY."""
    chance = np.random.default_rng(seed)
    rows = []
    for account in range(lives):
        level, day = account % 5, 0.0
        while day < years * 365.25:
            rows.append((account, TODAY - timedelta(days=round(years * 365.25 - day)), level + 1))
            pace = truth[level].sum()
            day += chance.exponential(365.25 / pace)
            level = int(chance.choice(5, p=truth[level] / pace))
    return rows


@steady
@given(moves(), levels, levels, st.floats(0.01, 5))
def test_first_passage_is_what_scipy_computes(history, level, target, years):
    assume(level < target)
    found = rates(history)
    assert first_passage(found, level, target, years) == pytest.approx(by_scipy(found, level, target, years), abs=1e-9)


def test_moves_by_the_thousand_a_year_are_summed_without_running_out_of_numbers():
    fast = np.array([[0, 900.0, 0], [900, 0, 5], [0, 0, 0]])
    assert first_passage(fast, 1, 3, 1) == pytest.approx(by_scipy(fast, 1, 3, 1), abs=1e-9)


def test_without_any_rate_nobody_moves():
    assert first_passage(np.zeros((5, 5)), 1, 3, 10) == pytest.approx(0, abs=1e-12)


@steady
@given(moves(), levels, levels, spans, spans)
def test_probabilities_lie_within_0_and_1_and_more_time_never_lowers_them(history, level, target, some, more):
    some, more = sorted([some, more])
    sooner, later = (forecast(history, level, target, years, SEED) for years in (some, more))
    for value in (sooner, later):
        assert 0 <= value.low <= value.high <= 1
        assert 0 <= value.probability <= 1
    assert later.probability >= sooner.probability - 1e-12
    assert later.low >= sooner.low - 1e-12
    assert later.high >= sooner.high - 1e-12


@steady
@given(moves(), levels, levels, spans)
def test_a_higher_target_is_never_likelier(history, level, target, years):
    chances = [first_passage(rates(history), level, target, years) for target in range(1, 6)]
    assert all(higher <= lower + 1e-12 for lower, higher in pairwise(chances))


@steady
@given(moves())
def test_rates_are_not_below_zero_and_each_row_of_the_chain_sums_to_one(history):
    found = rates(history)
    assert np.all(found >= 0)
    assert np.all(np.diag(found) == 0)
    assert expm(generator(found)).sum(axis=1) == pytest.approx(np.ones(5))


class TestNotEnoughHistory:
    @pytest.mark.parametrize(
        ("years", "counts", "known"),
        [((20, 0, 0, 0, 0), 10, True), ((4, 4, 4, 4, 3.99), 10, False), ((4, 4, 4, 4, 4), 9, False)],
    )
    def test_twenty_account_years_and_ten_moves_are_needed(self, years, counts, known):
        thin = Moves(((0, counts, 0, 0, 0), *NO_MOVES.counts[1:]), years)
        assert (forecast(thin, 1, 3, 2, SEED) is not None) == known
        assert enough(thin) == known

    def test_what_is_reached_is_reached_whatever_the_history(self):
        assert forecast(NO_MOVES, 4, 4, 2, SEED) == Forecast(1, 1, 1)
        assert forecast(NO_MOVES, 5, 4, 0, SEED) == Forecast(1, 1, 1)

    @pytest.mark.parametrize("years", [0, -0.5])
    def test_what_is_due_is_not_reached_any_more(self, years):
        assert forecast(WORKED, 3, 4, years, SEED) == Forecast(0, 0, 0)
        assert first_passage(rates(WORKED), 3, 4, years) == 0

    def test_the_segment_counts_when_it_has_enough_and_everyone_otherwise(self):
        thin = Moves(WORKED.counts, (1, 1, 1, 1, 1))
        assert basis_for("Paper", WORKED, WORKED + thin) == ForecastBasis("Paper", WORKED)
        assert basis_for("Paper", thin, WORKED) == ForecastBasis(None, WORKED)
        assert basis_for("", WORKED, WORKED) == ForecastBasis(None, WORKED)
        assert basis_for("Paper", thin, thin) is None


class TestDraws:
    def test_the_same_account_on_the_same_day_gives_the_same_interval(self):
        assert forecast(WORKED, 2, 4, 3, seed_for(7, TODAY)) == forecast(WORKED, 2, 4, 3, seed_for(7, TODAY))

    def test_accounts_and_days_have_seeds_of_their_own(self):
        days = [date(1, 1, 1), date(9999, 12, 31), TODAY, *(TODAY + timedelta(days=10**power) for power in range(6))]
        assert len({seed_for(account, day) for account in (0, 1, 2, 10**9) for day in days}) == 4 * len(days)

    def test_the_mean_and_the_spread_of_the_draws_are_those_of_the_posterior(self):
        found = draw(WORKED, np.random.default_rng(3), 40_000)
        assert found.mean(axis=2) == pytest.approx(rates(WORKED), abs=2e-3)
        assert found.var(axis=2)[1, 2] == pytest.approx(18.5 / 67**2, rel=0.05)  # shape / rate²
        assert np.all(found[4, 0] == 0)  # neither seen nor neighbours

    def test_more_history_at_the_same_pace_is_surer(self):
        more = Moves(tuple(tuple(n * 9 for n in row) for row in WORKED.counts), tuple(year * 9 for year in WORKED.years))
        thin, thick = forecast(WORKED, 2, 4, 3, SEED), forecast(more, 2, 4, 3, SEED)
        assert thick.high - thick.low < 0.5 * (thin.high - thin.low)


class TestTimeLeft:
    @pytest.mark.parametrize(
        ("due_on", "months"),
        [(TODAY, 0), (TODAY - timedelta(days=40), 0), (date(2026, 2, 15), 1), (date(2027, 1, 15), 12), (date(2029, 1, 15), 36)],
    )
    def test_in_months(self, due_on, months):
        assert months_left(TODAY, np.array([due_on.toordinal()])).tolist() == [months]

    def test_in_years(self):
        assert years_left(TODAY, date(2029, 1, 15)) == 1096 / 365.25
        assert years_left(TODAY, date(2026, 1, 14)) == 0


def poisson_binomial(chances):
    """The exact distribution of how many of independent events happen."""
    found = np.ones(1)
    for chance in chances:
        found = np.convolve(found, [1 - chance, chance])
    return found


# So long a history that its rates are as good as known.
KNOWN = Moves(tuple(tuple(n * 100_000 for n in row) for row in WORKED.counts), tuple(year * 100_000 for year in WORKED.years))


class TestTheSumOverAPortfolio:
    def aims(self, *given_aims, basis="all"):
        return [Aim(level, target, months, basis) for level, target, months, times in given_aims for _time in range(times)]

    MIXED = ((2, 4, 36, 20), (3, 4, 18, 24), (1, 2, 6, 15), (4, 5, 30, 15), (2, 3, 12, 10))  # 84 targets

    def test_it_expects_the_sum_of_the_single_probabilities(self):
        aims = self.aims(*self.MIXED)
        found = expected_reached(aims, {"all": WORKED}, SEED)
        single = sum(first_passage(rates(WORKED), aim.level, aim.target, aim.months / 12) for aim in aims)
        assert found.expected == pytest.approx(single)
        assert (found.of, found.unknown) == (84, 0)
        assert found.low < found.expected < found.high

    def test_with_known_rates_the_interval_is_that_of_the_exact_distribution(self):
        aims = self.aims(*self.MIXED)
        exact = poisson_binomial([first_passage(rates(KNOWN), aim.level, aim.target, aim.months / 12) for aim in aims])
        low, high = (int(np.searchsorted(exact.cumsum(), share)) for share in (0.05, 0.95))
        found = expected_reached(aims, {"all": KNOWN}, SEED)
        assert (found.low, found.high) == (pytest.approx(low, abs=1), pytest.approx(high, abs=1))

    @pytest.mark.parametrize("times", [1, 2, 5])
    def test_a_handful_is_exact_when_all_are_alike(self, times):
        exact = poisson_binomial([first_passage(rates(KNOWN), 3, 4, 3)] * times)
        found = expected_reached(self.aims((3, 4, 36, times)), {"all": KNOWN}, SEED)
        low, high = (int(np.searchsorted(exact.cumsum(), share)) for share in (0.05, 0.95))
        assert (found.low, found.high) == (low, high)

    def test_rates_that_are_not_known_err_for_all_targets_together(self):
        known, unsure = (expected_reached(self.aims((2, 4, 36, 2000)), {"all": history}, SEED) for history in (KNOWN, WORKED))
        alone = forecast(WORKED, 2, 4, 3, SEED)
        assert unsure.high - unsure.low > 3 * (known.high - known.low)
        assert unsure.high - unsure.low == pytest.approx(2000 * (alone.high - alone.low), rel=0.15)

    def test_bases_err_each_on_its_own(self):
        together = expected_reached(self.aims((2, 4, 36, 2000)), {"all": WORKED}, SEED)
        halves = self.aims((2, 4, 36, 1000), basis="a") + self.aims((2, 4, 36, 1000), basis="b")
        apart = expected_reached(halves, {"a": WORKED, "b": WORKED}, SEED)
        assert apart.expected == pytest.approx(together.expected)
        assert apart.high - apart.low < 0.9 * (together.high - together.low)

    def test_the_order_in_which_the_bases_come_does_not_matter(self):
        aims = self.aims((2, 4, 36, 3000), basis="a") + self.aims((1, 2, 9, 2000), basis="b")
        bases = {"a": WORKED, "b": WORKED + WORKED}
        assert expected_reached(aims, bases, SEED) == expected_reached(aims[::-1], bases, SEED)

    def test_what_is_reached_counts_and_what_is_due_does_not(self):
        found = expected_reached(self.aims((4, 4, 10, 3), (5, 4, 0, 2), (2, 4, 0, 6)), {}, SEED)
        assert (found.expected, found.low, found.high, found.of, found.unknown) == (5, 5, 5, 11, 0)

    def test_targets_without_enough_history_are_told_apart(self):
        thin = Moves(WORKED.counts, (1, 1, 1, 1, 1))
        aims = self.aims((2, 3, 12, 4), basis="thin") + self.aims((2, 3, 12, 2), basis="none") + self.aims((2, 3, 12, 5))
        found = expected_reached(aims, {"thin": thin, "all": WORKED}, SEED)
        assert (found.of, found.unknown) == (5, 6)

    def test_without_targets_nothing_is_expected(self):
        found = expected_reached([], {"all": WORKED}, SEED)
        assert (found.expected, found.low, found.high, found.of, found.unknown) == (0, 0, 0, 0, 0)

    @settings(max_examples=40, derandomize=True, deadline=None)
    @given(
        st.lists(st.builds(Aim, levels, levels, st.integers(0, 36), st.sampled_from(["a", "b", "c"])), max_size=30),
        st.randoms(use_true_random=False),
    )
    def test_the_order_of_the_targets_does_not_matter_and_they_may_be_counted_before(self, aims, chance):
        bases = {"b": WORKED, "a": WORKED + WORKED}
        found = expected_reached(aims, bases, SEED)
        shuffled = chance.sample(aims, len(aims))
        others = [
            expected_reached(shuffled, bases, SEED),
            expected_reached(Counter(shuffled), dict(reversed(bases.items())), SEED),
        ]
        for other in others:
            assert (other.low, other.high, other.of, other.unknown) == (found.low, found.high, found.of, found.unknown)
            assert other.expected == pytest.approx(found.expected)
        assert 0 <= found.low <= found.high <= found.of
        assert found.of + found.unknown == len(aims)
