"""The chain over quarter levels: the worked example, published matrices, SciPy, and properties that always hold."""

import csv
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.linalg import expm, logm

from plans.forecast.chain import NO_PACE, STATES, Pace, chances, first_state, quantiles, rates_of, spread, state_of
from tests.plans.pace import worked

steady = settings(max_examples=60, derandomize=True, deadline=None)


def generator(rates, absorbing=None):
    """Q with its diagonal; rows from `absorbing` on are zero."""
    q = np.array(rates, float)
    np.fill_diagonal(q, 0)
    np.fill_diagonal(q, -q.sum(axis=1))
    if absorbing is not None:
        q[absorbing:] = 0
    return q


def by_scipy(rates, state, first, years, *, hold=False):
    return expm(generator(rates, None if hold else first) * years)[state, first:].sum()


def chance(pace, position, level, years, *, hold=False):
    return chances(rates_of(pace), first_state(level), [years], hold=hold)[0, state_of(position)]


@pytest.mark.parametrize(
    ("position", "state"),
    [(0, 0), (0.2499, 0), (0.25, 1), (0.9999, 3), (1, 4), (2.1, 8), (3.3999, 13), (3.75, 15), (3.9999, 15), (4, 16), (5, 20),
     (2.7499999999999996, 11)],
)  # fmt: skip
def test_a_state_is_a_quarter_of_a_level(position, state):
    assert state_of(position) == state


@pytest.mark.parametrize(("level", "first"), [(1, 0), (2, 8), (3, 12), (4, 16), (5, 20)])
def test_a_level_begins_at_its_first_quarter_and_level_1_at_the_bottom(level, first):
    assert first_state(level) == first


class TestTheWorkedExample:
    def test_rates_of_steps(self):
        """Of steps of one and two quarters up, without any history of their own: r_1 and r_2."""
        pace = worked()
        rates = rates_of(pace)
        # State 2 was never seen: its rates are those of the steps, m·r / m.
        assert rates[2, 3] == pytest.approx(0.046875, abs=5e-7)
        assert rates[2, 4] == pytest.approx(0.25, abs=5e-7)

    @pytest.mark.parametrize(("before", "after", "rate"), [(8, 10, 0.318122), (8, 9, 0.042606), (13, 15, 0.304411)])
    def test_moves_a_year(self, before, after, rate):
        assert rates_of(worked())[before, after] == pytest.approx(rate, abs=5e-7)

    @pytest.mark.parametrize(
        ("position", "level", "years", "probability"),
        [(3.40, 4, 2, 0.140493), (3.80, 4, 2, 0.486292), (3.05, 4, 2, 0.072537), (2.10, 3, 3, 0.215767), (2.10, 4, 3, 0.008301),
         (3.40, 4, 1, 0.045513)],
    )  # fmt: skip
    def test_a_climb(self, position, level, years, probability):
        assert chance(worked(), position, level, years) == pytest.approx(probability, abs=5e-7)
        assert by_scipy(rates_of(worked()), state_of(position), 4 * level, years) == pytest.approx(probability, abs=5e-7)

    @pytest.mark.parametrize(
        ("position", "level", "years", "probability"), [(4.00, 4, 2, 0.899041), (3.40, 3, 2, 0.925191), (3.05, 3, 3, 0.890750)]
    )
    def test_holding_a_level(self, position, level, years, probability):
        assert chance(worked(), position, level, years, hold=True) == pytest.approx(probability, abs=5e-7)
        assert by_scipy(rates_of(worked()), state_of(position), 4 * level, years, hold=True) == pytest.approx(
            probability, abs=5e-7
        )

    def test_three_accounts_are_not_enough(self):
        assert not worked().is_enough


def paces():
    """Histories of any shape."""
    years = st.lists(st.floats(0, 60), min_size=STATES, max_size=STATES)
    state = st.integers(0, STATES - 1)
    moves = st.dictionaries(st.tuples(state, state).filter(lambda move: move[0] != move[1]), st.integers(1, 30), max_size=40)
    return st.builds(lambda spent, seen: Pace(tuple(spent), tuple((*move, n) for move, n in sorted(seen.items()))), years, moves)


levels, states, spans = st.integers(2, 5), st.integers(0, STATES - 1), st.floats(0, 3.1)


@steady
@given(paces(), states, levels, st.floats(0, 5), st.booleans())
def test_every_chance_is_what_scipy_computes(pace, state, level, years, hold):
    found = chances(rates_of(pace), 4 * level, [years], hold=hold)[0, state]
    assert found == pytest.approx(by_scipy(rates_of(pace), state, 4 * level, years, hold=hold), abs=1e-9)


@steady
@given(paces(), states, levels, spans, spans)
def test_a_climb_has_a_probability_and_more_time_never_lowers_it(pace, state, level, some, more):
    sooner, later = chances(rates_of(pace), 4 * level, sorted([some, more]), hold=False)[:, state]
    assert 0 <= sooner <= later + 1e-12 <= 1 + 2e-12


@steady
@given(paces(), states, spans, st.booleans())
def test_a_higher_level_is_never_likelier(pace, state, years, hold):
    found = [chances(rates_of(pace), first_state(level), [years], hold=hold)[0, state] for level in range(1, 6)]
    assert all(higher <= lower + 1e-12 for lower, higher in pairwise(found))
    assert found[0] == pytest.approx(1)  # who is on any level is on 1 or above


@steady
@given(paces(), states, levels, spans)
def test_standing_there_on_the_day_is_no_likelier_than_having_been_there(pace, state, level, years):
    assume(state < 4 * level)
    once, then = (chances(rates_of(pace), 4 * level, [years], hold=hold)[0, state] for hold in (False, True))
    assert then <= once + 1e-9


@steady
@given(paces(), states, spans)
def test_where_one_stands_is_a_distribution(pace, state, years):
    found = spread(rates_of(pace), state, [years])[0]
    assert found == pytest.approx(expm(generator(rates_of(pace)) * years)[state], abs=1e-9)
    assert found.sum() == pytest.approx(1)
    assert np.all(np.diff(quantiles(found, [0.05, 0.25, 0.5, 0.75, 0.95])) >= 0)


@steady
@given(paces())
def test_rates_are_not_below_zero_and_every_step_that_was_seen_somewhere_is_possible(pace):
    rates = rates_of(pace)
    assert np.all(rates >= 0)
    assert np.all(np.diag(rates) == 0)
    for before, after, _count in pace.moves:
        assert rates[before, after] > 0
        assert np.all(np.diagonal(rates, after - before) > 0) or pace.exposure == 0


def test_many_moves_a_year_are_summed_without_running_out_of_numbers():
    fast = np.array([[0, 900.0, 0], [900, 0, 5], [0, 0, 0]])
    assert chances(fast, 2, [1.0], hold=False)[0, 0] == pytest.approx(by_scipy(fast, 0, 2, 1), abs=1e-9)


def test_without_any_rate_nobody_moves():
    still = np.zeros((STATES, STATES))
    assert chances(still, 16, [10.0], hold=False)[0] == pytest.approx([0.0] * 16 + [1.0] * 5)
    assert spread(still, 7, [10.0])[0, 7] == pytest.approx(1)


def test_without_any_history_steps_to_the_neighbour_alone_are_possible():
    rates = rates_of(NO_PACE)
    assert rates[7, 8] == rates[7, 6] == pytest.approx(0.5 / 20)
    assert rates[7, 9] == 0


def test_no_time_left_is_no_way_left():
    assert chances(rates_of(worked()), 16, [0.0, -1.0], hold=False)[:, 15].tolist() == [0, 0]


def test_positions_within_a_quarter_are_equally_likely():
    states = np.zeros(STATES)
    states[8], states[20] = 0.5, 0.5
    assert quantiles(states, [0.25, 0.4, 0.75]) == pytest.approx([2.125, 2.2, 5.0])


class TestAgainstPublishedMatrices:
    """Rating migration: eight states from AAA to default, of which first passage to default has a known answer."""

    @pytest.fixture
    def yearly(self, input_folder):
        """Jarrow, Lando & Turnbull, "A Markov model for the term structure of credit risk spreads" (1997), table 3."""
        with (input_folder / "matrix_jlt.csv").open(encoding="utf-8") as lines:
            matrix = np.array([[float(cell) for cell in row] for row in list(csv.reader(lines))[1:]])
        return matrix / matrix.sum(axis=1, keepdims=True)  # as printed, rows miss 1 by rounding

    @pytest.fixture
    def rates(self, yearly):
        found = logm(yearly).real
        np.fill_diagonal(found, 0)
        return np.maximum(found, 0)  # no true generator has a negative rate; the matrix misses one by rounding

    def test_default_within_years_is_the_power_of_the_matrix(self, yearly, rates):
        for years in (1, 2, 5, 10):
            powered = np.linalg.matrix_power(yearly, years)[:, 7]
            assert chances(rates, 7, [years], hold=False)[0, :7] == pytest.approx(powered[:7], abs=2e-3)

    def test_every_passage_is_scipys(self, rates):
        for first in range(1, 8):
            found = chances(rates, first, [3.0], hold=False)[0]
            assert found[:first] == pytest.approx([by_scipy(rates, state, first, 3) for state in range(first)], abs=1e-11)
