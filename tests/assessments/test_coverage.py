"""How much was heard, and what the unheard could have changed: worked cases, and every placement of those who were not heard."""

from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.measurement.coverage import band, coverage
from assessments.measurement.median import level_at, lower_weighted_median
from assessments.measurement.result import WeightedResponse, measure_assessment

steady = settings(max_examples=150, derandomize=True, deadline=None)


@pytest.mark.parametrize(
    ("heard", "unheard", "expected", "level"),
    [
        ([(4.8, 1)] * 3, [3] * 9, (1, 5), 4),
        ([(2.9, 2), (3.6667, 2), (1.9, 2)], [2], (1, 2), 2),
        ([(3.1, 3), (3.4, 3), (3.9, 2)], [1, 1], (3, 3), 3),
        ([(3.1, 3), (3.4, 2), (4.2, 2)], [2, 2], (3, 4), 3),
        ([(3.2, 2), (3.5, 2)], [2, 2], (1, 3), 3),
    ],
)
def test_the_band_as_worked_out_by_hand(heard, unheard, expected, level):
    positions, weights = zip(*heard, strict=True)
    assert band(positions, weights, unheard) == expected
    result = measure_assessment([WeightedResponse(*one) for one in heard], [], unheard)
    assert (result.band_low, result.customer_level, result.band_high) == (expected[0], level, expected[1])


@pytest.mark.parametrize(
    ("heard", "unheard", "share"),
    [([1, 1, 1], [3] * 9, 0.1), ([2, 2, 2], [2], 0.75), ([3], [], 1.0), ([], [2], 0.0), ([], [], None)],
)
def test_coverage_is_the_share_of_the_weight_that_was_heard(heard, unheard, share):
    assert coverage(heard, unheard) == share


def test_without_an_answer_there_is_no_band():
    assert band([], [], [1, 2]) is None


positions = st.floats(0, 5).map(lambda position: round(position, 2))
voices = st.tuples(positions, st.integers(1, 3))


@steady
@given(st.lists(voices, min_size=1, max_size=6), st.lists(st.integers(1, 3), max_size=4))
def test_the_band_is_what_every_placement_of_the_unheard_could_give(heard, unheard):
    values, weights = zip(*heard, strict=True)
    levels = {
        level_at(lower_weighted_median([*values, *placed], [*weights, *unheard]))
        for placed in product((0, 1, 2, 2.5, 3, 4, 5), repeat=len(unheard))
    }
    assert band(values, weights, unheard) == (min(levels), max(levels))


roles = st.sampled_from(["economic", "user", "technical", None])
responses = st.lists(st.builds(WeightedResponse, positions, st.integers(1, 3), roles), min_size=3, max_size=7)


@steady
@given(responses, st.lists(st.integers(1, 3), max_size=3))
def test_no_round_of_high_confidence_can_change_its_level_by_any_answer_of_the_unheard(heard, unheard):
    result = measure_assessment(heard, [], unheard)
    if result.confidence != "high":
        return
    for placed in product((0, 1, 2, 3, 4, 5), repeat=len(unheard)):
        others = [WeightedResponse(float(place), weight) for place, weight in zip(placed, unheard, strict=True)]
        assert measure_assessment([*heard, *others], []).customer_level == result.customer_level


# --- In confidence


def in_confidence(levels, unheard, **fields):
    heard = [WeightedResponse(float(level), 1, **fields) for level in levels]
    return measure_assessment(heard, [], [1] * unheard, confidential=True)


def test_in_confidence_everybody_weighs_one():
    heard = [WeightedResponse(2.9, 3), WeightedResponse(3.6, 1), WeightedResponse(4.4, 1)]
    result = measure_assessment(heard, [], [3, 3, 3], confidential=True)
    assert (result.customer_level, result.coverage) == (3, 0.5)
    named = measure_assessment(heard, [], [3, 3, 3])
    assert (named.customer_level, named.coverage) == (2, 0.3571)


def test_in_confidence_there_is_no_position_and_no_decimal_of_agreement():
    result = in_confidence([2, 3, 4], 0)
    assert (result.customer_position, result.customer_level) == (None, 3)
    assert (result.agreement, result.agreement_word) == (None, "shared")


def test_in_confidence_the_band_never_tells_the_lowest_nor_the_highest_person():
    assert band([3.0, 3.0, 3.0], [1, 1, 1], [1, 1]) == (3, 3)
    assert band([3.0, 3.0, 3.0], [1, 1, 1], [1, 1], hide_ends=True) == (1, 5)
    assert band([3.0] * 5, [1] * 5, [1], hide_ends=True) == (3, 3)


@pytest.mark.parametrize("people", [3, 4, 5, 6])
@pytest.mark.parametrize("unheard", range(5))
def test_in_confidence_the_figures_of_a_result_make_nobody_certain(people, unheard):
    """What one person said is certain when all patterns with the same figures are of one level for everybody."""
    told = {}
    for levels in combinations_with_replacement(range(1, 6), people):
        result = in_confidence(levels, unheard, buying_role="user")
        figures = (
            result.customer_level, result.agreement_word, result.band_low, result.band_high, result.coverage,
            result.confidence, result.confidence_reasons,
        )  # fmt: skip
        told.setdefault(figures, []).append(levels)
    certain = [patterns for patterns in told.values() if all(len(set(levels)) == 1 for levels in patterns)]
    assert certain == []
