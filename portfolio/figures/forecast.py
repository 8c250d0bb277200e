"""The probability of reaching a target: a Markov chain over the five levels, from the portfolio's history. Pure, with NumPy.

Rates are moves a year from level (first axis) to level (second axis), nothing on the diagonal; a third axis holds draws.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np

from portfolio.figures.histories import LEVELS
from portfolio.figures.movement import DAYS_A_YEAR, Moves

PRIOR_MOVES, PRIOR_YEARS = 0.5, 5.0  # of the Gamma prior on moves to a neighbouring level
ENOUGH_YEARS, ENOUGH_MOVES = 20, 10
DRAWS = 2000
INTERVAL = (0.05, 0.95)
_TAIL = 1e-13  # of the Poisson sum that is left off
_LONGEST = 16.0  # moves expected in one step of uniformisation: e^-16 is far from what a float cannot hold

_NEIGHBOURS = np.abs(np.subtract.outer(np.arange(LEVELS), np.arange(LEVELS))) == 1


@dataclass(frozen=True, slots=True)
class Forecast:
    """The probability 0..1, and between which bounds it lies with 90 % certainty as far as the history is thin."""

    probability: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ForecastBasis:
    """The history that a forecast is based on: that of a segment, or of all accounts (None)."""

    segment: str | None
    moves: Moves


@dataclass(frozen=True, slots=True)
class Aim:
    """A target as the sum over many sees it. `basis` is the key of its Moves; `months` of time left, as `months_left` counts."""

    level: int
    target: int
    months: int
    basis: Hashable


@dataclass(frozen=True, slots=True)
class Expected:
    """Of `of` targets so many are expected to be reached, with a 90 % interval; `unknown` more have too thin a history."""

    expected: float
    low: int
    high: int
    of: int
    unknown: int


def enough(moves: Moves) -> bool:
    """Whether a history is enough for a forecast: 20 account-years and 10 moves."""
    return moves.exposure >= ENOUGH_YEARS and moves.total >= ENOUGH_MOVES


def basis_for(segment: str, own: Moves, everyone: Moves) -> ForecastBasis | None:
    """The segment's history when it has enough, else everyone's, else None. The empty segment is none."""
    if segment and enough(own):
        return ForecastBasis(segment, own)
    return ForecastBasis(None, everyone) if enough(everyone) else None


def seed_for(account_id: int, day: date) -> int:
    """The same forecast for the same account all day long; 0 for the portfolio."""
    return account_id * 10_000_000 + day.toordinal()


def years_left(today: date, due_on: date) -> float:
    """Of 365.25 days; 0 on the day itself and after."""
    return max(0, (due_on - today).days) / DAYS_A_YEAR


def months_left(today: date, due: np.ndarray) -> np.ndarray:
    """`years_left` of many (days as ordinals) in whole months, rounded to the nearest: the grain of sums over many targets."""
    return np.rint(np.maximum(0, due - today.toordinal()) / DAYS_A_YEAR * 12).astype(np.int64)


def rates(moves: Moves) -> np.ndarray:
    """λ_ij = (N_ij + 0.5·[|i − j| = 1]) / (T_i + 5): moves a year, the mean of the Gamma posterior.

    The duration (generator) estimator N/T of Lando & Skødeberg (2002), with a Gamma prior of shape 0.5 and rate 5 years on
    moves to a neighbouring level, so that a thin history neither forbids a step nor promises it.
    """
    shapes, years = _posterior(moves)
    return shapes / years[:, None]


def first_passage(rates: np.ndarray, level: int, target: int, years: float) -> float:
    """The probability of being on `target` or above at any time within `years`, from `level`.

    Rows from `target` on are absorbing: P = exp(Qt), the sum of row `level` over columns ≥ target. By uniformisation:
    with q the fastest leaving rate and R = I + Q/q, exp(Qt) = Σ e^-qt (qt)^k/k! R^k; all terms are positive, so that rounding
    never leaves 0..1. Works for any number of levels.
    Source: Jensen, "Markoff chains as an aid in the study of Markoff processes" (1953); Moler & Van Loan (2003) on exp.
    """
    if level >= target:
        return 1.0
    if years <= 0:
        return 0.0
    return float(1 - _waiting(np.asarray(rates, float), target, years)[level - 1])


def forecast(moves: Moves, level: int, target: int, years: float, seed: int) -> Forecast | None:
    """Will an account on `level` be on `target` or above at some time within `years`? None without enough history.

    The probability is that of the mean rates; the interval holds the middle 90 % of it over 2 000 draws of the rates from
    their Gamma posterior. It tells how sure the rates are, not how one account will do. What is reached is 1, and what is
    due is not reached any more, whatever the history.
    """
    if level >= target:
        return Forecast(1.0, 1.0, 1.0)
    if years <= 0:
        return Forecast(0.0, 0.0, 0.0)
    if not enough(moves):
        return None
    drawn = 1 - _waiting(draw(moves, np.random.default_rng(seed)), target, years)[level - 1]
    low, high = np.quantile(drawn, INTERVAL)
    return Forecast(first_passage(rates(moves), level, target, years), float(low), float(high))


def draw(moves: Moves, chance: np.random.Generator, draws: int = DRAWS) -> np.ndarray:
    """So many draws of the rates from their posterior, Gamma(N + prior, T + 5), as 5 × 5 × draws."""
    shapes, years = _posterior(moves)
    return chance.standard_gamma(shapes[:, :, None], (LEVELS, LEVELS, draws)) / years[:, None, None]


def expected_reached(aims: Mapping[Aim, int] | Iterable[Aim], bases: Mapping[Hashable, Moves], seed: int) -> Expected:
    """How many of the targets will be reached, with a 90 % interval; aims may be counted beforehand.

    `expected` is the sum of the single probabilities. Two things make the number uncertain, and the interval holds both:
    - The rates are not known. Each of 2 000 draws takes one set of rates for a whole basis, so that its targets are too high
      or too low together; independent errors would cancel out and make the interval far too narrow.
    - Given the rates each target is reached or not. That sum is Poisson-binomial with mean Σp and variance Σp(1 − p); each
      draw takes it as binomial of n = (Σp)²/Σp² (rounded) with the same mean: exact for equal probabilities, and with the
      same variance otherwise (Ehm, "Binomial approximation to the Poisson binomial distribution", 1991).
    What links accounts beyond the shared rates (an owner who leaves, a bad year) is not in it.
    Targets whose basis is missing or too thin are `unknown`, unless they are reached or due already. Time left counts in
    months, so that the work grows with the bases, not with the targets.
    """
    counted = Counter(aims)
    chance = np.random.default_rng(seed)
    settled = sum(n for aim, n in counted.items() if aim.level >= aim.target)
    over = sum(n for aim, n in counted.items() if aim.level < aim.target and aim.months <= 0)
    still = {aim: n for aim, n in counted.items() if aim.level < aim.target and aim.months > 0}
    by_basis: dict[Hashable, dict[Aim, int]] = {}
    for aim, n in still.items():
        if aim.basis in bases and enough(bases[aim.basis]):
            by_basis.setdefault(aim.basis, {})[aim] = n
    expected, sums, squares = 0.0, np.zeros(DRAWS), np.zeros(DRAWS)
    for key in sorted(by_basis, key=repr):  # one stream of chance: its order is fixed
        means, draws = rates(bases[key])[:, :, None], draw(bases[key], chance)
        both = np.concatenate([means, draws], axis=2)
        for aim_chances, n in _chances(both, by_basis[key]):
            expected += n * float(aim_chances[0])
            sums += n * aim_chances[1:]
            squares += n * aim_chances[1:] ** 2
    known = sum(sum(aims.values()) for aims in by_basis.values())
    totals = settled + _spread(sums, squares, chance)
    low, high = np.quantile(totals, INTERVAL, method="inverted_cdf")
    of = settled + over + known
    return Expected(settled + expected, int(low), int(high), of, sum(counted.values()) - of)


def _posterior(moves: Moves) -> tuple[np.ndarray, np.ndarray]:
    """The shapes (5 × 5) and rates (5, in years) of the Gamma posterior of the moves a year."""
    return np.array(moves.counts, float) + PRIOR_MOVES * _NEIGHBOURS, np.array(moves.years) + PRIOR_YEARS


def _waiting(rates: np.ndarray, target: int, years: float, at_end: np.ndarray | None = None) -> np.ndarray:
    """For each level below `target` the probability of not having been there within `years`.

    The rates' third axis, where there is one, is kept. With `at_end`, a weight for each level below `target`: the mean
    weight of where one is then.
    """
    leaving = rates[: target - 1].sum(axis=1)  # also to where one need not return from
    pace = float(leaving.max()) or 1.0
    stay = rates[: target - 1, : target - 1] / pace
    for level in range(target - 1):
        stay[level, level] = 1 - leaving[level] / pace
    waiting = np.ones(leaving.shape)
    if at_end is not None:
        waiting = (waiting.T * at_end).T
    parts = max(1, ceil(pace * years / _LONGEST))
    weights = _poisson(pace * years / parts)
    for _part in range(parts):
        term, total = waiting, weights[0] * waiting
        for weight in weights[1:]:
            term = (stay * term).sum(axis=1)
            total += weight * term
        waiting = np.clip(total, 0.0, 1.0)
    return waiting


def _poisson(mean: float) -> np.ndarray:
    """The probabilities of 0, 1, 2, … up to where next to nothing is left, made to sum to one."""
    term, terms = 1.0, [1.0]
    while len(terms) <= mean or term > _TAIL:
        term *= mean / len(terms)
        terms.append(term)
    return np.array(terms) / sum(terms)


def _chances(rates: np.ndarray, aims: Mapping[Aim, int]) -> Iterator[tuple[np.ndarray, int]]:
    """For each aim of one basis its probability by each of the rates, and how many such targets there are.

    What one month does is computed once for each target level, and then done month after month.
    """
    for target in sorted({aim.target for aim in aims}):
        due: dict[int, list[Aim]] = {}
        for aim in aims:
            if aim.target == target:
                due.setdefault(aim.months, []).append(aim)
        a_month = np.stack([_waiting(rates, target, 1 / 12, level) for level in np.eye(target - 1)], axis=1)
        waiting = np.ones(a_month[:, 0].shape)
        for month in range(1, max(due) + 1):
            waiting = (a_month * waiting).sum(axis=1)
            for aim in due.get(month, ()):
                yield 1 - waiting[aim.level - 1], aims[aim]


def _spread(sums: np.ndarray, squares: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """For each Σp and Σp² a binomial number with that mean and, as near as a whole n allows, that variance."""
    n = np.maximum(1, np.rint(sums**2 / np.maximum(squares, np.finfo(float).tiny)))
    return chance.binomial(n.astype(np.int64), np.minimum(1.0, sums / n))
