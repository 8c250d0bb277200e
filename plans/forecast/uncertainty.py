"""How sure a forecast is: intervals from draws of the rates. Pure, with NumPy."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from plans.forecast.chain import OWN_YEARS, Pace, poisson, shapes_of, uniformised

DRAWS = 2000
INTERVAL = (0.05, 0.95)
NEAR = 1e-7  # terms that are left off: no bound of an interval is as sure as that


@dataclass(frozen=True, slots=True, eq=False)
class Aims:
    """Targets that are neither reached nor due, as arrays of one length; one row may stand for several alike."""

    states: np.ndarray  # 0..20: where the account stands
    firsts: np.ndarray  # the lowest state of the level aimed at
    holds: np.ndarray  # whether to stand there on the day, rather than to get there once
    years: np.ndarray  # left, times the factor of the segment
    chances: np.ndarray  # by the mean rates


@lru_cache(maxsize=2)
def jumps(pace: Pace, seed: int) -> tuple[float, np.ndarray]:
    """The draws as `uniformised` gives them. They are kept, since every account of a day is judged by the same ones: do not change
    the array.
    """
    fastest, jump = uniformised(draw(pace, seed), absorbing=None)
    jump.flags.writeable = False
    return fastest, jump


def draw(pace: Pace, seed: int, draws: int = DRAWS) -> np.ndarray:
    """So many draws of the rates from their posterior, Gamma(N_ij + m·r_(j−i), T_i + m), as 21 × 21 × draws."""
    shapes = shapes_of(pace)
    before, after = np.nonzero(shapes)
    found = np.zeros((*shapes.shape, draws))
    found[before, after] = np.random.default_rng(seed).standard_gamma(shapes[before, after][:, None], (before.size, draws))
    return found / (np.array(pace.years) + OWN_YEARS)[:, None, None]


def interval(pace: Pace, seed: int, state: int, first: int, years: float, *, hold: bool) -> tuple[float, float]:
    """Between which bounds the chance lies with 90 % certainty, as far as the history is thin; it tells how sure the rates are,
    not how one account will do.
    """
    one = Aims(np.array([state]), np.array([first]), np.array([hold]), np.array([years]), np.zeros(1))
    low, high = np.quantile(_sums(pace, seed, one), INTERVAL)
    return float(low), float(high)


def interval_of_sum(pace: Pace, seed: int, aims: Aims) -> tuple[int, int]:
    """Between which bounds the number of targets that are reached lies with 90 % certainty.

    Two things make the number uncertain, and the interval holds both:
    - The rates are not known. Each draw takes one set of rates for everybody, so that targets are too high or too low together;
      independent errors would cancel out and make the interval far too narrow.
    - Given the rates each target is reached or not. That sum is Poisson-binomial with mean Σp and variance Σp(1 − p); each draw
      takes it as binomial of n = (Σp)²/Σp² (rounded, by the mean rates) with its own mean: exact for equal probabilities, and
      with the same variance otherwise (Ehm, "Binomial approximation to the Poisson binomial distribution", 1991).
    What links accounts beyond the shared rates (an owner who leaves, a bad year) is not in it.
    """
    total, squares = float(aims.chances.sum()), float((aims.chances**2).sum())
    if total <= 0:
        return 0, 0
    n = max(1, round(total**2 / squares))
    sums = _sums(pace, seed, aims)
    reached = np.random.default_rng(seed + 1).binomial(n, np.clip(sums / n, 0.0, 1.0))
    low, high = np.quantile(reached, INTERVAL, method="inverted_cdf")
    return int(low), int(high)


def _sums(pace: Pace, seed: int, aims: Aims) -> np.ndarray:
    """For each draw the sum of the chances of all aims.

    Aims at one level differ by state and by time alone: Σ_k R^k·there, weighed by how often k jumps happen in their times. Of a climb
    the states below the level are enough: what is not there any more has got there.
    """
    fastest, whole = jumps(pace, seed)
    sums = np.zeros(whole.shape[2])
    for first, hold in sorted(set(zip(aims.firsts.tolist(), aims.holds.tolist(), strict=True))):
        chosen = (aims.firsts == first) & (aims.holds == hold)
        jump = whole if hold else np.ascontiguousarray(whole[:first, :first])
        weights = _by_state(poisson(fastest * aims.years[chosen], NEAR), aims.states[chosen], len(jump))
        sums += _weighed(jump, first, weights) if hold else chosen.sum() - _weighed(jump, 0, weights)
    return sums


def _by_state(weights: np.ndarray, states: np.ndarray, size: int) -> np.ndarray:
    """The weights of 0, 1, 2, … jumps (columns), summed over the aims of each state (rows)."""
    found = np.zeros((size, weights.shape[1]))
    np.add.at(found, states, weights)
    return found


def _weighed(jump: np.ndarray, first: int, weights: np.ndarray) -> np.ndarray:
    """Σ over states and jumps of the weight times R^k·there, `there` being the states from `first` on; for each draw."""
    there = np.zeros((len(jump), jump.shape[2]))
    there[first:] = 1.0
    sums = np.zeros(jump.shape[2])
    for of_jumps in weights.T:
        sums += of_jumps @ there
        there = np.einsum("ijd,jd->id", jump, there)
    return sums


def seed_of(day: int) -> int:
    """The seed of all forecasts of a day (an ordinal): the same account gets the same interval all day long."""
    return day
