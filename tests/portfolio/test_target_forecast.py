"""The forecasts of many targets in words."""

import pytest

from plans.forecast.expected import Expected
from portfolio.target_forecast import expected_sentence


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        (Expected(0, 0, 0, 0, 3), ""),
        (Expected(0.6, 0, 1, 1, 0), "Of 1 target 1 will probably be met; nine times out of ten it is 0 to 1."),
        (Expected(23.4, 17, 30, 51, 2), "Of 51 targets 23 will probably be met; nine times out of ten it is 17 to 30."),
        (
            Expected(1234.6, 1100, 1390, 4000, 0),
            "Of 4,000 targets 1,235 will probably be met; nine times out of ten it is 1,100 to 1,390.",
        ),
    ],
)
def test_how_many_targets_are_expected_to_be_reached(expected, told):
    assert expected_sentence(expected) == told
