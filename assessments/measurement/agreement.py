"""Agreement and reliability of the customer's answers, and the age of a level. Plain Python."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from math import fsum, log2
from typing import Literal

import krippendorff
import numpy

WIDTH = 4  # of the scale of levels 1..5
SPLIT_BELOW, SHARED_FROM = 0.5, 0.7
FRESH_MONTHS, AGEING_MONTHS = 6, 12


def agreement(levels: Sequence[int], weights: Sequence[float]) -> float | None:
    """How far raters share one level: 0 (half at each end) to 1 (all the same); None below two raters.

    1 + Σ p·log2(1 − |x − μ| / 4), with p = share of the weight, μ = Σ p·x, 4 = width of levels 1..5.
    levels and weights have the same length; weights > 0.
    Source: Tastle & Wierman, "Consensus and dissention: a measure of ordinal dispersion" (2007).
    """
    if len(levels) < 2:
        return None
    total = fsum(weights)  # exact sums: the order of the raters does not matter, not even in the last digit
    shares = [weight / total for weight in weights]
    mean = fsum(share * level for share, level in zip(shares, levels, strict=True))
    consensus = 1 + fsum(share * log2(1 - abs(level - mean) / WIDTH) for share, level in zip(shares, levels, strict=True))
    return min(1.0, max(0.0, consensus))


def agreement_word(value: float | None) -> str | None:
    """split, mixed or shared; None below two respondents."""
    if value is None:
        return None
    if value < SPLIT_BELOW:
        return "split"
    return "mixed" if value < SHARED_FROM else "shared"


def reliability(
    coders: Sequence[Sequence[int | None]],
    *,
    level: Literal["nominal", "ordinal", "interval"] = "ordinal",
) -> float | None:
    """Krippendorff's α: respondents as coders (rows), indicators as units (columns), answers 1..5 or None.

    1 is perfect, 0 is chance. None below two respondents, or where no answers can be compared or none vary.
    Source: Krippendorff, *Content Analysis* (2004), computed by the `krippendorff` package.
    """
    if len(coders) < 2:
        return None
    data = numpy.array([[numpy.nan if answer is None else answer for answer in row] for row in coders], dtype=float)
    given = ~numpy.isnan(data)
    data = data[:, given.sum(axis=0) >= 2]  # a statement with one answer has none to compare it with
    if len(numpy.unique(data[~numpy.isnan(data)])) < 2:
        return None
    return float(krippendorff.alpha(reliability_data=data, level_of_measurement=level))


def age_word(held_on: date, today: date) -> str:
    """fresh up to six months, ageing up to twelve, stale after."""
    if today <= months_after(held_on, FRESH_MONTHS):
        return "fresh"
    return "ageing" if today <= months_after(held_on, AGEING_MONTHS) else "stale"


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
