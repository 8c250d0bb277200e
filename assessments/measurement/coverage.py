"""How much of the customer was heard, and what those who were not heard could have changed. Plain Python."""

from collections.abc import Sequence
from math import fsum

from assessments.measurement.median import level_at, lower_weighted_median

LOWEST_POSITION, HIGHEST_POSITION = 0.0, 5.0

#: The lowest and the highest level that a result could have had.
type Band = tuple[int, int]


def coverage(heard: Sequence[float], unheard: Sequence[float]) -> float | None:
    """The share of the weight that was heard, 0..1: heard / (heard + unheard); None where there is nobody to hear.

    heard, unheard: the weight of each response that counts, and of each voice of the account that does not.
    """
    total = fsum([*heard, *unheard])
    return fsum(heard) / total if total else None


def band(
    positions: Sequence[float], weights: Sequence[float], unheard: Sequence[float], *, hide_ends: bool = False
) -> Band | None:
    """The lowest and the highest level of the round if all who were not heard stood at position 0, or all at 5.

    The same lower weighted median with the unheard added; since it never falls when a position rises, no other answers of
    theirs lead out of the band. positions 0..5 and weights of the responses that count; None without any.

    `hide_ends` is for confidential rounds of at least three: where a bound would be the level of the lowest or the highest
    person, the bound is 1 or 5. The lowest and the highest level together would tell what everybody said if they were the
    same.
    """
    if not positions:
        return None
    ordered = sorted(zip(positions, weights, strict=True))
    from_below, from_above = list(ordered), list(ordered)
    if hide_ends:
        from_below[0] = (LOWEST_POSITION, ordered[0][1])
        from_above[-1] = (HIGHEST_POSITION, ordered[-1][1])
    low = [*from_below, *((LOWEST_POSITION, weight) for weight in unheard)]
    high = [*from_above, *((HIGHEST_POSITION, weight) for weight in unheard)]
    return _level(low), _level(high)


def _level(voices: Sequence[tuple[float, float]]) -> int:
    positions, weights = zip(*voices, strict=True)
    return level_at(lower_weighted_median(positions, weights))
