"""How far people agree, how far that can be trusted, and how old it is."""

import csv
import json
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assessments.measurement.agreement import (
    age_word,
    agreement,
    agreement_word,
    months_after,
    reliability,
)
from tests.inputs import OWN, PUBLIC, present

steady = settings(max_examples=150, derandomize=True, deadline=None)


# --- Agreement


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([3, 3, 3], 1),
        ([1, 5], 0),
        ([2, 3], 0.8074),
        ([2, 3, 4], 0.7233),
        ([1, 1, 1, 5], 0.1887),
        ([4, 4, 5], 0.8286),
        ([1, 2, 3, 4, 5], 0.4340),
    ],
)
def test_agreement_of_equal_weights(levels, expected):
    assert round(agreement(levels, [1] * len(levels)), 4) == expected


@pytest.mark.parametrize(("weights", "expected"), [((2, 2, 2, 2), 0.5646), ((1, 2, 1, 3), 0.6200), ((3, 1, 1, 1), 0.6663)])
def test_agreement_of_unequal_weights(weights, expected):
    assert round(agreement([2, 3, 1, 4], weights), 4) == expected


@pytest.mark.parametrize("levels", [[], [3]])
def test_no_agreement_below_two_raters(levels):
    assert agreement(levels, [1] * len(levels)) is None


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (0, "split"),
        (0.4999, "split"),
        (0.5, "mixed"),
        (0.6999, "mixed"),
        (0.7, "shared"),
        (1, "shared"),
        (None, None),
    ],
)
def test_agreement_in_a_word(value, word):
    assert agreement_word(value) == word


raters = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3)), min_size=2, max_size=10)


@steady
@given(raters)
def test_agreement_lies_between_none_and_all(given_raters):
    assert 0 <= agreement(*zip(*given_raters, strict=True)) <= 1


@steady
@given(raters)
def test_only_raters_who_all_say_the_same_agree_wholly(given_raters):
    levels, weights = zip(*given_raters, strict=True)
    wholly = agreement(levels, weights) > 1 - 1e-9
    assert wholly == (len(set(levels)) == 1)


@steady
@given(raters, st.floats(0.01, 100))
def test_agreement_does_not_depend_on_the_scale_of_the_weights(given_raters, scale):
    levels, weights = zip(*given_raters, strict=True)
    scaled = agreement(levels, [weight * scale for weight in weights])
    assert scaled == pytest.approx(agreement(levels, weights), abs=1e-9)


@steady
@given(raters, st.randoms(use_true_random=False))
def test_agreement_does_not_depend_on_the_order_of_the_raters(given_raters, chance):
    mixed = list(given_raters)
    chance.shuffle(mixed)
    assert agreement(*zip(*mixed, strict=True)) == agreement(*zip(*given_raters, strict=True))


@steady
@given(raters)
def test_agreement_does_not_depend_on_which_end_is_up(given_raters):
    levels, weights = zip(*given_raters, strict=True)
    turned = agreement([6 - level for level in levels], weights)
    assert turned == pytest.approx(agreement(levels, weights), abs=1e-9)


# --- Reliability


def coders(*rows: str) -> list[list[int | None]]:
    return [[None if mark == "." else int(mark) for mark in row] for row in rows]


# Krippendorff, "Computing Krippendorff's alpha-reliability" (2011): 4 observers, 12 units, some missing.
PUBLISHED = coders("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


@pytest.mark.parametrize(("measured", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_reliability_of_the_published_example(measured, alpha):
    assert round(reliability(PUBLISHED, level=measured), 3) == alpha


def test_reliability_takes_answers_as_ordinal():
    assert reliability(PUBLISHED) == reliability(PUBLISHED, level="ordinal")


def test_reliability_of_the_collected_examples(input_folder):
    """Krippendorff's and Wikipedia's where they are there; our own are worked out from the definition."""
    examples = json.loads((input_folder / "agreement_krippendorff_examples.json").read_text())
    assert len(examples) == 2
    for content in examples.values():
        for measured in ("nominal", "ordinal", "interval"):
            alpha = reliability(content["rows"], level=measured)
            assert round(alpha, 4) == content["alpha"][measured]


RATERS = present(
    (OWN / "agreement_raters.csv", 0.8341),  # worked out from the definition
    (PUBLIC / "agreement_irr_anxiety.csv", 0.2284),
    (PUBLIC / "agreement_irr_video.csv", 0.1195),
)


@pytest.mark.parametrize(("path", "alpha"), RATERS)
def test_reliability_of_raters(path, alpha):
    with path.open(newline="") as file:
        _heads, *units = csv.reader(file)
    columns = [[int(value) for value in column] for column in zip(*units, strict=True)]
    assert round(reliability(columns), 4) == alpha


def test_raters_who_answer_alike_are_wholly_reliable():
    assert reliability([[1, 2, 3, None], [1, 2, 3, 4]]) == 1


@pytest.mark.parametrize(
    "given_coders",
    [
        pytest.param([], id="nobody"),
        pytest.param([[1, 2, 3]], id="one rater"),
        pytest.param([[3, 3], [3, 3]], id="no variation"),
        pytest.param([[None, None], [None, None]], id="no answer"),
        pytest.param([[1, None], [None, 2]], id="no statement answered twice"),
        pytest.param([[3, 3, None], [3, 3, 5]], id="only an answer by one varies"),
    ],
)
def test_no_reliability_where_there_is_nothing_to_compare(given_coders):
    assert reliability(given_coders) is None


# --- Age


@pytest.mark.parametrize(
    ("held_on", "today", "word"),
    [
        (date(2026, 1, 15), date(2026, 1, 15), "fresh"),
        (date(2026, 1, 15), date(2026, 7, 15), "fresh"),
        (date(2026, 1, 15), date(2026, 7, 16), "ageing"),
        (date(2026, 1, 15), date(2027, 1, 15), "ageing"),
        (date(2026, 1, 15), date(2027, 1, 16), "stale"),
        (date(2026, 8, 31), date(2027, 2, 28), "fresh"),
        (date(2026, 8, 31), date(2027, 3, 1), "ageing"),
        (date(2024, 2, 29), date(2024, 8, 29), "fresh"),
        (date(2024, 2, 29), date(2024, 8, 30), "ageing"),
        (date(2024, 2, 29), date(2025, 2, 28), "ageing"),
        (date(2024, 2, 29), date(2025, 3, 1), "stale"),
    ],
)
def test_age_in_a_word(held_on, today, word):
    assert age_word(held_on, today) == word


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),
        (date(2026, 7, 31), 12, date(2027, 7, 31)),
        (date(2026, 7, 31), 0, date(2026, 7, 31)),
    ],
)
def test_so_many_months_after_a_day(day, months, expected):
    assert months_after(day, months) == expected


@steady
@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 1200), st.integers(0, 1200))
def test_a_result_never_gets_younger(held_on, days, more):
    assume(days <= more)
    order = ["fresh", "ageing", "stale"]
    earlier, later = (age_word(held_on, held_on + timedelta(days=n)) for n in (days, more))
    assert order.index(earlier) <= order.index(later)
