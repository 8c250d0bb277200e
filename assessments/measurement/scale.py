"""Scale analysis: reproducibility, scalability and item statistics over many responses. Plain Python.

A *pattern* is one response as held (True) or not held (False) for each level, the lowest first. Levels of a cumulative
scale give patterns such as 11100: who holds a level holds those below it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import fsum, sqrt

type Pattern = tuple[bool, ...]
#: How often each pattern occurs; all of one length.
type Patterns = Mapping[Pattern, int]
#: How often each set of answers to the statements of one level occurs: 1..5, or None for *don't know*.
type LevelAnswers = Mapping[tuple[int | None, ...], int]


@dataclass(frozen=True, slots=True)
class Scalability:
    """Loevinger's H with what it comes from: Guttman errors seen, and expected if the levels had nothing in common."""

    observed: int
    expected: float
    h: float | None  # at most 1; 0 as by chance; None when nothing could go wrong: all hold a level, or nobody does


@dataclass(frozen=True, slots=True)
class Item:
    """One statement in figures."""

    answered: int
    unknown: int  # don't know
    mean: float | None  # 1..5, of those who answered
    item_rest: float | None  # -1..1

    @property
    def unknown_share(self) -> float | None:
        """0..1, None when nobody was asked."""
        asked = self.answered + self.unknown
        return self.unknown / asked if asked else None


def errors_in(pattern: Pattern) -> int:
    """The places that differ from the ideal pattern with the same total: 11010 is 11100 with two errors."""
    total = sum(pattern)
    return sum(held != (place < total) for place, held in enumerate(pattern))


def reproducibility(patterns: Patterns) -> float | None:
    """1 − errors / (n · levels), 0..1: how much of who holds what follows from the number of levels held alone.

    Errors as Goodenough and Edwards count them, against the order of the levels. None without responses. Good from 0.90
    (Guttman). It is high by itself where nearly all or hardly anyone hold a level: `marginal_reproducibility` says how high.
    Source: Edwards, "On Guttman's scale analysis", Educational and Psychological Measurement 8 (1948).
    """
    places = sum(len(pattern) * times for pattern, times in patterns.items())
    if not places:
        return None
    return 1 - sum(errors_in(pattern) * times for pattern, times in patterns.items()) / places


def marginal_reproducibility(patterns: Patterns) -> float | None:
    """The mean over levels of max(p, 1 − p), 0.5..1: the reproducibility that the shares p of those who hold each level give alone.

    None without responses. Source: Edwards, *Techniques of Attitude Scale Construction* (1957), section 7.6: minimal marginal
    reproducibility (MMR).
    """
    shares = shares_held(patterns)
    return fsum(max(share, 1 - share) for share in shares) / len(shares) if shares else None


def shares_held(patterns: Patterns) -> tuple[float, ...]:
    """For each level the share of the responses that hold it, 0..1; empty without responses."""
    n = sum(patterns.values())
    return tuple(count / n for count in _held(patterns)) if n else ()


def scalability(patterns: Patterns) -> Scalability:
    """Loevinger's H = 1 − Σ F / Σ E over pairs of levels: F hold the harder and not the easier, E = n(1 − p_easier)p_harder.

    The easier of two is the one that more hold, as in Mokken's analysis; whether that is the lower level is another
    question (`out_of_order`). Weak from 0.3, medium from 0.4, strong from 0.5.
    Source: Mokken, *A Theory and Procedure of Scale Analysis* (1971), section 5.
    """
    n, held = sum(patterns.values()), _held(patterns)
    observed, expected = 0, []
    for low, high in combinations(range(len(held)), 2):
        easier, harder = (low, high) if held[low] >= held[high] else (high, low)
        observed += sum(times for pattern, times in patterns.items() if pattern[harder] and not pattern[easier])
        expected.append((n - held[easier]) * held[harder] / n)
    by_chance = fsum(expected)
    return Scalability(observed, by_chance, 1 - observed / by_chance if by_chance else None)


def out_of_order(patterns: Patterns) -> list[tuple[int, int]]:
    """Pairs of places (lower, higher) where the higher level is held by clearly more than the lower one.

    Clearly: of those who hold just one of the two, the majority for the higher exceeds twice its standard error, √(b + c)
    for b and c of them (McNemar). A handful of responses more or less is no reversal.
    """
    found = []
    for low, high in combinations(range(_length(patterns)), 2):
        only_high = sum(times for pattern, times in patterns.items() if pattern[high] and not pattern[low])
        only_low = sum(times for pattern, times in patterns.items() if pattern[low] and not pattern[high])
        if only_high - only_low > 2 * sqrt(only_high + only_low):
            found.append((low, high))
    return found


def items(given: LevelAnswers) -> list[Item]:
    """The statements of one level in figures, in their order.

    The correlation of a statement with the rest of its level is Pearson's, between the answer and the mean of the other
    statements that the same person answered; over those who answered it and at least one other. None when either side
    does not vary. The statement itself stays out of the rest, else each would go along with itself.
    Source: Nunnally & Bernstein, *Psychometric Theory* (1994), chapter 8: corrected item-total correlation.
    """
    return [_item(given, place) for place in range(_length(given))]


def correlation(pairs: Iterable[tuple[float, float, int]]) -> float | None:
    """Pearson's r of (x, y, how often), -1..1; None when x or y does not vary."""
    found = list(pairs)
    n = sum(times for _x, _y, times in found)
    if not n:
        return None
    mean_x = fsum(x * times for x, _y, times in found) / n
    mean_y = fsum(y * times for _x, y, times in found) / n
    both = fsum((x - mean_x) * (y - mean_y) * times for x, y, times in found)
    spread_x = fsum((x - mean_x) ** 2 * times for x, _y, times in found)
    spread_y = fsum((y - mean_y) ** 2 * times for _x, y, times in found)
    if spread_x <= _NO_SPREAD * n or spread_y <= _NO_SPREAD * n:
        return None
    return max(-1.0, min(1.0, both / sqrt(spread_x * spread_y)))


_NO_SPREAD = 1e-12  # of values around 1..5: what rounding leaves of no difference at all


def _item(given: LevelAnswers, place: int) -> Item:
    answered = [(answers, times) for answers, times in given.items() if answers[place] is not None]
    n = sum(times for _answers, times in answered)
    pairs = []
    for answers, times in answered:
        others = [value for index, value in enumerate(answers) if index != place and value is not None]
        if others:
            pairs.append((answers[place] or 0, sum(others) / len(others), times))
    total = sum((answers[place] or 0) * times for answers, times in answered)
    return Item(n, sum(given.values()) - n, total / n if n else None, correlation(pairs))


def _held(patterns: Patterns) -> list[int]:
    """How many responses hold each level."""
    return [sum(times for pattern, times in patterns.items() if pattern[place]) for place in range(_length(patterns))]


def _length(rows: Iterable[tuple[object, ...]]) -> int:
    return len(next(iter(rows), ()))
