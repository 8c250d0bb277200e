"""The lower weighted median of positions, and the level of a position. Plain Python."""

from collections.abc import Sequence
from math import floor, fsum

FLOAT_ERROR = 1e-9  # relative


def level_at(position: float) -> int:
    """The level 1..5 of a position 0..5; below 1 is still shown as 1."""
    return max(1, floor(position))


def lower_weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    """The first value, sorted upward, whose cumulated weight reaches half of the total.

    The lower one, because where people are split we do not claim the better half. Weights are above 0; a
    share that misses the half by float error alone (0.7 + 0.1 beside 0.8) has reached it. Raises ValueError
    without values.
    """
    half = fsum(weights) / 2 * (1 - FLOAT_ERROR)
    cumulated = 0.0
    for value, weight in sorted(zip(values, weights, strict=True)):
        cumulated += weight
        if cumulated >= half:
            return value
    raise ValueError("no values")
