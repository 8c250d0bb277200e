"""The figures of the scale check: the worked example, published ones, and the same by another way of computing."""

import random
from collections import Counter

import numpy as np
import pytest

from assessments.measurement.scale import (
    Item,
    correlation,
    errors_in,
    items,
    out_of_order,
    reproducibility,
    scalability,
    shares_held,
)

WORKED = "11100 11000 10100 11110 11111 10000 11101 00000 11110 11010"
# Stouffer and Toby's 216 students in four situations of role conflict (American Journal of Sociology 56, 1951), from the
# most to the least often chosen answer.
STOUFFER_TOBY = {
    "1111": 42, "1110": 23, "1101": 6, "1100": 25, "1011": 6, "1010": 24, "1001": 7, "1000": 38,
    "0111": 1, "0110": 4, "0101": 1, "0100": 6, "0011": 2, "0010": 9, "0001": 2, "0000": 20,
}  # fmt: skip


def pattern(text: str) -> tuple[bool, ...]:
    return tuple(mark == "1" for mark in text)


def counted(patterns: str) -> Counter:
    return Counter(map(pattern, patterns.split()))


def invented(seed: int, n: int = 300, levels: int = 5) -> Counter:
    """People of different kinds, so that levels go together more or less."""
    chance = random.Random(seed)
    found = Counter()
    for _number in range(n):
        ability = chance.gauss(0, 1.2)
        found[tuple(ability + chance.gauss(0, 1) > (place - 2) * 0.6 for place in range(levels))] += 1
    return found


def matrix(patterns: Counter) -> np.ndarray:
    return np.array([pattern for pattern, times in patterns.items() for _time in range(times)], dtype=float)


@pytest.mark.parametrize(
    ("held", "errors"),
    [("00000", 0), ("11111", 0), ("11000", 0), ("10100", 2), ("11010", 2), ("11101", 2), ("00001", 2), ("00111", 4), ("01", 2)],
)
def test_errors_are_the_places_that_differ_from_the_ideal_pattern(held, errors):
    assert errors_in(pattern(held)) == errors


class TestTheWorkedExample:
    def test_six_errors_in_fifty_places(self):
        assert sum(errors_in(held) * times for held, times in counted(WORKED).items()) == 6
        assert reproducibility(counted(WORKED)) == pytest.approx(0.88)

    def test_three_guttman_errors_where_nine_were_to_be_expected(self):
        found = scalability(counted(WORKED))
        assert found.observed == 3
        assert found.expected == pytest.approx(9.1)
        assert found.h == pytest.approx(0.6703, abs=5e-5)

    def test_its_levels_are_in_order(self):
        assert out_of_order(counted(WORKED)) == []
        assert shares_held(counted(WORKED)) == (0.9, 0.7, 0.6, 0.4, 0.2)


class TestPublishedAndKnown:
    def test_two_items_with_two_errors_where_eight_were_expected(self):
        """A table that courses on Mokken scaling print: of 100 people 60 hold one item, 20 the other, 2 only the harder."""
        found = scalability({(True, True): 18, (True, False): 42, (False, True): 2, (False, False): 38})
        assert (found.observed, found.expected, found.h) == (2, pytest.approx(8), pytest.approx(0.75))

    def test_as_many_errors_as_by_chance_is_none_at_all(self):
        found = scalability({(True, True): 12, (True, False): 48, (False, True): 8, (False, False): 32})
        assert found.h == pytest.approx(0)

    def test_a_perfect_ladder(self):
        perfect = counted("00000 10000 11000 11100 11110 11111")
        assert (reproducibility(perfect), scalability(perfect).h) == (1, 1)

    def test_a_ladder_upside_down_is_one_in_another_order(self):
        upside_down = dict.fromkeys(counted("00000 00001 00011 00111 01111 11111"), 100)
        assert scalability(upside_down).h == 1
        assert reproducibility(upside_down) < 0.7
        assert (0, 4) in out_of_order(upside_down)

    def test_stouffer_and_toby(self):
        students = {pattern(held): times for held, times in STOUFFER_TOBY.items()}
        assert sum(students.values()) == 216
        # 66 of them with two errors, and the two of 0011 with four.
        assert reproducibility(students) == pytest.approx(1 - (66 * 2 + 2 * 4) / (216 * 4))
        h, _observed, _expected = h_by_covariances(students)
        assert scalability(students).h == pytest.approx(h)


def h_by_covariances(patterns) -> tuple[float, float, float]:
    """H another way: the covariances of all pairs over the largest ones that their shares allow (Mokken 1971, 4.4)."""
    answers = matrix(Counter(patterns))
    covariance = np.cov(answers, rowvar=False, bias=True)
    shares = answers.mean(axis=0)
    rows, columns = np.triu_indices(len(shares), k=1)
    seen = covariance[rows, columns].sum()
    low, high = np.minimum(shares[rows], shares[columns]), np.maximum(shares[rows], shares[columns])
    largest = (low * (1 - high)).sum()
    return seen / largest, seen, largest


@pytest.mark.parametrize("seed", range(6))
def test_h_is_the_same_by_covariances(seed):
    patterns = invented(seed)
    assert scalability(patterns).h == pytest.approx(h_by_covariances(patterns)[0])


@pytest.mark.parametrize("seed", range(3))
def test_reproducibility_is_the_same_by_sorting(seed):
    patterns = invented(seed)
    answers = matrix(patterns)
    ideal = -np.sort(-answers, axis=1)
    assert reproducibility(patterns) == pytest.approx((answers == ideal).mean())


@pytest.mark.parametrize("patterns", [{}, {(True, True): 9}, {(False, False): 4}, {(True, False): 5}])
def test_where_nothing_could_go_wrong_there_is_no_h(patterns):
    assert scalability(patterns).h is None


def test_without_responses_there_is_nothing_to_say():
    assert reproducibility({}) is None
    assert shares_held({}) == ()
    assert out_of_order({}) == []


@pytest.mark.parametrize(
    ("only_low", "only_high", "turned"), [(0, 4, False), (0, 5, True), (8, 16, False), (8, 19, True), (9, 3, False)]
)
def test_levels_are_out_of_order_only_when_it_is_clear(only_low, only_high, turned):
    patterns = {(True, True): 50, (False, False): 20, (True, False): only_low, (False, True): only_high}
    assert bool(out_of_order(patterns)) is turned


class TestItems:
    def test_a_statement_in_figures(self):
        given = {(5, 4): 2, (3, None): 1, (None, 2): 1, (1, 1): 1}
        first, second = items(given)
        assert (first.answered, first.unknown, first.mean) == (4, 1, 3.5)
        assert (second.answered, second.unknown, second.mean) == (4, 1, 2.75)
        assert first.unknown_share == 0.2

    @pytest.mark.parametrize("seed", range(4))
    def test_the_correlation_with_the_rest_is_that_of_numpy(self, seed):
        chance = random.Random(seed)
        people = []
        for _number in range(200):
            liking = chance.gauss(3.3, 1)
            people.append(tuple(min(5, max(1, round(liking + chance.gauss(0, 0.9)))) for _item in range(4)))
        answers = np.array(people, dtype=float)
        for place, item in enumerate(items(Counter(people))):
            rest = np.delete(answers, place, axis=1).mean(axis=1)
            assert item.item_rest == pytest.approx(np.corrcoef(answers[:, place], rest)[0, 1])
            assert item.mean == pytest.approx(answers[:, place].mean())

    def test_who_answered_only_this_one_says_nothing_of_the_rest(self):
        alone = {(5, None): 50, (1, 1): 1, (3, 3): 1, (5, 5): 1}
        assert items(alone)[0].item_rest == pytest.approx(1)

    @pytest.mark.parametrize("given", [{(3, 4): 9}, {(3,): 5, (4,): 5}, {(3, 3): 5, (3, 4): 5}])
    def test_without_variation_there_is_no_correlation(self, given):
        assert items(given)[0].item_rest is None

    def test_nobody_asked(self):
        assert items({}) == []
        assert Item(0, 0, None, None).unknown_share is None

    def test_a_correlation_never_leaves_its_range(self):
        assert correlation([(1 / 3, 1 / 3, 7), (0.1, 0.1, 3), (0.7, 0.7, 11)]) == 1
        assert correlation([(1, 5, 1), (5, 1, 1)]) == -1
        assert correlation([]) is None
