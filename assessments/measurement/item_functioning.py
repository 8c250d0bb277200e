"""Whether a statement asks the same in two languages: differential item functioning. Plain Python with NumPy.

The proportional-odds model is fitted here: SciPy and statsmodels, which have it, would be 150 MB for one small fit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from assessments.measurement.scale import LevelAnswers

SIGNIFICANCE = 0.05  # over all statements together
LARGE = 0.64  # log odds: 1.5 on the delta scale of ETS, category C (Zieky, in Holland & Wainer, *Differential Item Functioning*, 1993)
FEWEST_IN_GROUP = 30  # answers to a statement in each language

_ITERATIONS, _HALVINGS = 50, 30
_ENOUGH = 1e-13  # of the log likelihood: a step that promises less is the last one
_RIDGE = 1e-9  # keeps the matrix invertible where the rest score does not vary
_LEAST_PROBABILITY = 1e-300

type ByLevel = Mapping[int, LevelAnswers]


@dataclass(frozen=True, slots=True)
class ItemDifference:
    """A statement that the second language answers otherwise than the first at the same rest score."""

    rank: int
    place: int  # within its level
    log_odds: float  # of a higher answer in the second language beside the first
    p: float


@dataclass(frozen=True, slots=True)
class OrdinalFit:
    """A fitted proportional-odds model."""

    log_likelihood: float
    coefficients: tuple[float, ...]  # of the columns of x


def differing_items(first: ByLevel, second: ByLevel) -> list[ItemDifference]:
    """The statements with uniform differential item functioning between two languages, the surest first.

    Of each statement: a proportional-odds model of the answer by the rest score (the mean of the other statements of its
    level that the person answered), with the language and without it; twice the difference of their log likelihoods is
    chi-squared with one degree of freedom. A statement differs when p is significant at 5 % after Holm's correction for all
    statements and the log odds are at least 0.64: the rest score is no exact measure, so where people of one language think
    better of us, smaller differences arise by themselves. The rest is that of the level, since a language whose people think
    better of us on one level would make all its statements differ from a rest over all levels. The surest is taken out of the rest scores of the others before these are
    looked at again, since it would make them differ, too. Statements with fewer than 30 answers in a language are left out.
    Source: Swaminathan & Rogers (Journal of Educational Measurement 27, 1990); Zumbo, *A Handbook on the Theory and Methods
    of Differential Item Functioning* (1999); purification as in Crane et al. (Medical Care 44, 2006).
    """
    found: list[ItemDifference] = []
    tested = {rank: _tested(first[rank], second[rank], rank, frozenset()) for rank in first if rank in second}
    while left := [one for of_level in tested.values() for one in of_level]:
        surest = min((one for one in left if abs(one.log_odds) >= LARGE), key=lambda one: one.p, default=None)
        if surest is None or surest.p > SIGNIFICANCE / len(left):
            break
        found.append(surest)
        rank = surest.rank
        differing = frozenset(one.place for one in found if one.rank == rank)
        tested[rank] = _tested(first[rank], second[rank], rank, differing)
    return found


def ordinal_fit(answers: np.ndarray, x: np.ndarray, times: np.ndarray) -> OrdinalFit:
    """The proportional-odds model logit P(answer ≤ k) = α_k − x·β by maximum likelihood.

    `answers` are whole numbers, `x` has a row for each and a column for each coefficient, `times` is how often each row
    occurs. Newton's method, with steps halved until the likelihood grows; the log likelihood is concave (Pratt 1981), so
    this is its one maximum. Where a column separates the answers, coefficients grow without end: the likelihood is then
    within rounding of its limit, and the coefficients are large. Source: McCullagh, Journal of the Royal Statistical Society B
    42 (1980).
    """
    kinds, category = np.unique(answers, return_inverse=True)
    cuts = len(kinds) - 1
    shares = np.cumsum(np.bincount(category, weights=times))[:-1] / times.sum()
    parameters = np.concatenate([np.log(shares / (1 - shares)), np.zeros(x.shape[1])])
    likelihood, gradient, hessian = _derivatives(parameters, category, x, times, cuts)
    for _iteration in range(_ITERATIONS):
        step = np.linalg.solve(hessian + _RIDGE * np.eye(len(parameters)), gradient)
        if gradient @ step < _ENOUGH:
            break
        for halving in range(_HALVINGS):
            tried = parameters + step / 2**halving
            further = _derivatives(tried, category, x, times, cuts)
            if further[0] > likelihood:
                break
        else:
            break
        parameters, (likelihood, gradient, hessian) = tried, further
    return OrdinalFit(likelihood, tuple(parameters[cuts:].tolist()))


def _tested(first: LevelAnswers, second: LevelAnswers, rank: int, differing: frozenset[int]) -> list[ItemDifference]:
    """The statements of a level that do not differ yet and have enough answers in both languages, with how much they differ."""
    length = len(next(iter(first), ()))
    found = (_difference(first, second, rank, place, differing) for place in range(length) if place not in differing)
    return [one for one in found if one is not None]


def _difference(
    first: LevelAnswers, second: LevelAnswers, rank: int, place: int, differing: frozenset[int]
) -> ItemDifference | None:
    counted: dict[tuple[int, float, int], int] = {}
    for group, given in enumerate((first, second)):
        for answer, rest, number in _with_rest(given, place, differing):
            counted[answer, rest, group] = counted.get((answer, rest, group), 0) + number
    rows, times = np.array(list(counted), float).reshape(-1, 3), np.array(list(counted.values()), float)
    answers, x = rows[:, 0], rows[:, 1:]
    in_group = np.bincount(x[:, 1].astype(int), weights=times, minlength=2)
    if in_group.min() < FEWEST_IN_GROUP or np.unique(answers).size < 2:
        return None
    alike, apart = ordinal_fit(answers, x[:, :1], times), ordinal_fit(answers, x, times)
    ratio = max(0.0, 2 * (apart.log_likelihood - alike.log_likelihood))
    return ItemDifference(rank, place, apart.coefficients[1], erfc(sqrt(ratio / 2)))


def _with_rest(given: LevelAnswers, place: int, differing: frozenset[int]) -> Iterator[tuple[int, float, int]]:
    """(answer, rest score, how often) of those who answered the statement and another one of the level that does not differ."""
    for answers, times in given.items():
        answer = answers[place]
        others = [value for index, value in enumerate(answers) if value is not None and index != place and index not in differing]
        if answer is not None and others:
            yield answer, sum(others) / len(others), times


def _derivatives(
    parameters: np.ndarray, category: np.ndarray, x: np.ndarray, times: np.ndarray, cuts: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """The log likelihood with its gradient and negative matrix of second derivatives."""
    shift = x @ parameters[cuts:]
    padded = np.concatenate([[-np.inf], parameters[:cuts], [np.inf]])
    upper, lower = _logistic(padded[category + 1] - shift), _logistic(padded[category] - shift)
    share = upper - lower
    if (share <= 0).any():  # cut points out of order, which no step may lead to
        return -np.inf, np.zeros(0), np.zeros((0, 0))
    share = np.maximum(share, _LEAST_PROBABILITY)
    slope_up, slope_low = upper * (1 - upper) / share, lower * (1 - lower) / share
    up = np.concatenate([np.eye(cuts + 1)[category][:, :cuts], -x], axis=1)
    low = np.concatenate([np.eye(cuts + 1)[category - 1][:, :cuts], -x], axis=1)
    low[category == 0, :cuts] = 0
    gradient = (times * slope_up) @ up - (times * slope_low) @ low
    curve_up = slope_up * (1 - 2 * upper) - slope_up**2
    curve_low = -slope_low * (1 - 2 * lower) - slope_low**2
    across = (up * (times * slope_up * slope_low)[:, None]).T @ low
    hessian = (up * (times * curve_up)[:, None]).T @ up + (low * (times * curve_low)[:, None]).T @ low + across + across.T
    return float(times @ np.log(share)), gradient, -hessian


def _logistic(values: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0, -values))
