"""How far a level can be trusted: each rule alone, with its reason."""

from dataclasses import replace

import pytest

from assessments.measurement.confidence import SPEAKS_FOR, ConfidenceFacts, confidence

#: Everything that *high* asks for.
SURE = ConfidenceFacts(
    respondents=3, agreement=1.0, roles=("economic", "user", "user"), levels=(3, 3, 3), coverage=0.9, band=(3, 3), level=3,
    known_levels=3,
)  # fmt: skip
HELD = ("three_with_economic_buyer", "views_shared", "band_single")


def of(**fields) -> tuple[str, tuple[str, ...]]:
    """The confidence, and what is lacking."""
    reading = confidence(replace(SURE, **fields))
    lacking = tuple(reason for reason in reading.reasons if reason not in SPEAKS_FOR)
    assert reading.reasons[: len(lacking)] == lacking  # what is lacking comes first
    return reading.level, lacking


def test_high_with_everything_it_asks_for():
    assert (confidence(SURE).level, confidence(SURE).reasons) == ("high", HELD)


@pytest.mark.parametrize(
    ("respondents", "reason"), [(None, "respondents_unknown"), (0, "no_customer_response")], ids=["not recorded", "nobody"]
)
def test_none_without_a_customer(respondents, reason):
    assert of(respondents=respondents) == ("none", (reason,))


TWO = {"respondents": 2, "roles": ("economic", "user"), "levels": (3, 3)}


@pytest.mark.parametrize(
    ("fields", "lacking"),
    [
        ({"respondents": 1, "agreement": None, "roles": ("economic",), "levels": (3,)}, ("one_respondent",)),
        ({"respondents": 1, "agreement": None, "roles": ("user",), "levels": (3,)}, ("one_respondent", "no_economic_buyer")),
        ({"agreement": 0.4999}, ("views_split",)),
        (TWO | {"levels": (2, 4), "agreement": 0.585}, ("two_far_apart", "fewer_than_three")),
        ({"coverage": 0.4999}, ("coverage_below_half",)),
        ({"coverage": 0.4999, "band": (1, 5)}, ("coverage_below_half",)),
        ({"known_levels": 1}, ("levels_unknown",)),
        ({"level": 1, "known_levels": 0}, ("levels_unknown",)),
        ({"coverage": 0.1, "agreement": 0.1, "known_levels": 0}, ("views_split", "coverage_below_half", "levels_unknown")),
    ],
)
def test_low(fields, lacking):
    assert of(**fields) == ("low", lacking)


@pytest.mark.parametrize(
    ("fields", "lacking"),
    [
        (TWO, ("fewer_than_three",)),
        (TWO | {"levels": (2, 3), "agreement": 0.8074}, ("fewer_than_three",)),
        ({"roles": ("user",) * 3}, ("no_economic_buyer", "one_buying_role")),
        ({"roles": ("economic",) * 3}, ("one_buying_role",)),
        ({"roles": ("user", "coach", "technical")}, ("no_economic_buyer",)),
        ({"roles": (None, "", None)}, ("buying_roles_unknown",)),
        ({"agreement": 0.6999}, ("views_mixed",)),
        ({"agreement": 0.5}, ("views_mixed",)),
        ({"agreement": None}, ("agreement_unknown",)),
        ({"band": (3, 4)}, ("band_wide",)),
        ({"band": None}, ("unheard_unknown",)),
        ({"told": 1}, ("told_to_us",)),
        ({"unsound": 1}, ("unsound_responses",)),
        ({"known_levels": 2}, ("few_levels_known",)),
        ({"pattern_errors": 2}, ("not_cumulative",)),
    ],
)
def test_medium(fields, lacking):
    assert of(**fields) == ("medium", lacking)


@pytest.mark.parametrize(
    "fields",
    [
        {"agreement": 0.7},
        {"coverage": 0.5},
        {"level": 2, "known_levels": 2, "band": (2, 2)},
        {"level": 5, "known_levels": 3, "band": (5, 5)},
        {"level": 1, "known_levels": 1, "band": (1, 1)},
        {"pattern_errors": 1},
        {"respondents": 8, "roles": ("economic", "user", *[None] * 6), "levels": (3,) * 8},
    ],
)
def test_just_enough_for_high(fields):
    assert of(**fields) == ("high", ())
