"""How likely a climb is from each level."""

import numpy as np
import pytest
from scipy.linalg import expm

from plans.forecast.chain import NO_PACE, STATES, Pace, rates_of
from plans.forecast.climbs import climbs_of

PACE = Pace(
    tuple(1.0 + state % 7 for state in range(STATES)),
    tuple((state, state + step, 3) for state in range(STATES) for step in (-3, -1, 1, 2) if 0 <= state + step < STATES),
)


def passage(first, years):
    """For each state the probability of having been in `first` or above, by SciPy."""
    q = np.array(rates_of(PACE))
    np.fill_diagonal(q, -q.sum(axis=1))
    q[first:] = 0
    return expm(q * years)[:, first:].sum(axis=1)


def test_from_each_level_by_how_long_accounts_stood_in_each_quarter_of_it():
    found = climbs_of(PACE)
    assert [one.level for one in found.levels] == [1, 2, 3, 4]
    for one in found.levels:
        here = slice(0 if one.level == 1 else 4 * one.level, 4 * one.level + 4)
        spent = np.array(PACE.years[here])
        for years, told in ((1, one.within_a_year), (3, one.within_three)):
            assert told == pytest.approx(passage(4 * one.level + 4, years)[here] @ spent / spent.sum())
        assert one.by_quarter == pytest.approx(tuple(passage(4 * one.level + 4, 1)[4 * one.level : 4 * one.level + 4]))
        assert one.years == pytest.approx(spent.sum())


def test_moves_up_and_down_are_those_across_the_edge_of_the_level():
    pace = Pace((20.0,) * STATES, ((8, 9, 4), (9, 12, 3), (11, 13, 2), (9, 7, 5), (13, 9, 1), (2, 4, 9)))
    second = climbs_of(pace).levels[1]
    assert (second.level, second.up, second.down) == (2, 5, 5)


def test_what_lies_below_level_1_counts_as_level_1():
    pace = Pace((20.0, *(0.0,) * (STATES - 1)), ((0, 9, 12),))
    (first,) = climbs_of(pace).levels
    assert (first.level, first.years, first.up) == (1, 20, 12)
    assert first.by_quarter == (None, None, None, None)


def test_a_segment_is_that_much_faster():
    slow, fast = (climbs_of(PACE, "Oil", factor).levels[1].within_a_year for factor in (0.5, 2.0))
    assert slow < climbs_of(PACE).levels[1].within_a_year < fast
    assert fast == pytest.approx(float(passage(12, 2.0)[8:12] @ np.array(PACE.years[8:12]) / sum(PACE.years[8:12])))


def test_without_enough_history_there_is_no_answer():
    assert climbs_of(NO_PACE).levels == ()
