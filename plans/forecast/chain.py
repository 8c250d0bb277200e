"""Where positions go: a Markov chain in continuous time over quarter levels. Pure, with NumPy.

A state is a quarter of a level: i = ⌊4p⌋ of a position p = 0..5, so that there are 21. Rates are moves a year from state (first
axis) to state (second axis), nothing on the diagonal; a third axis, where there is one, holds draws. Times are in years of
365.25 days, already multiplied by the factor of a segment where it has one: rates that are all φ times as high do in t years what
the others do in φ·t.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, sqrt

import numpy as np

DAYS_A_YEAR = 365.25
QUARTERS = 4  # of a level
STATES = 5 * QUARTERS + 1
OWN_YEARS = 10.0  # m: what a state's own history is weighed against
PRIOR_MOVES, PRIOR_YEARS = 0.5, 20.0  # of a step to a neighbouring state
ENOUGH_YEARS, ENOUGH_MOVES = 20, 10
EXACT = 1e-14  # terms of a Poisson sum that are left off
_ALIKE = 1e-9  # a position that misses a state by less than this is in it


@dataclass(frozen=True, slots=True)
class Pace:
    """What a history tells about how fast accounts move: counts of all accounts together, nobody named.

    `years` are the account-years in each state, `moves` the moves seen as (from, to, how many), ascending.
    """

    years: tuple[float, ...]
    moves: tuple[tuple[int, int, int], ...]

    @property
    def exposure(self) -> float:
        """Account-years in all states together."""
        return sum(self.years)

    @property
    def total(self) -> int:
        return sum(count for _before, _after, count in self.moves)

    @property
    def is_enough(self) -> bool:
        """Whether the history is enough for a forecast: 20 account-years and 10 moves."""
        return self.exposure >= ENOUGH_YEARS and self.total >= ENOUGH_MOVES

    @property
    def counts(self) -> np.ndarray:
        """The moves as 21 × 21."""
        found = np.zeros((STATES, STATES))
        for before, after, count in self.moves:
            found[before, after] = count
        return found


NO_PACE = Pace((0.0,) * STATES, ())


def state_of(position: float) -> int:
    """The quarter of a level, 0..20, that a position 0..5 lies in."""
    return floor(position * QUARTERS + _ALIKE)


def first_state(level: int) -> int:
    """The lowest state on `level`. Whatever lies below level 2 is level 1, as `level_at` says."""
    return QUARTERS * level if level > 1 else 0


@lru_cache(maxsize=64)
def shapes_of(pace: Pace) -> np.ndarray:
    """N_ij + m·r_(j−i) as 21 × 21: the shapes of the Gamma posterior of the moves a year; its rates are T_i + m.

    r_k = (Σ_i N_(i,i+k) + ½·[|k| = 1]) / (Σ_i T_i + 20·[|k| = 1]), over the i for which i + k is a state: the pace of a step
    of k quarters, from wherever. Do not change the array: it is shared.
    """
    counts, years = pace.counts, np.array(pace.years)
    shapes = counts.copy()
    for step in range(1 - STATES, STATES):
        if step == 0:
            continue
        near = abs(step) == 1
        begin = np.arange(max(0, -step), min(STATES, STATES - step))
        spent = years[begin].sum() + PRIOR_YEARS * near
        moved = counts[begin, begin + step].sum() + PRIOR_MOVES * near
        if spent > 0:
            shapes[begin, begin + step] += OWN_YEARS * moved / spent
    shapes.flags.writeable = False
    return shapes


@lru_cache(maxsize=64)
def rates_of(pace: Pace) -> np.ndarray:
    """λ_ij = (N_ij + m·r_(j−i)) / (T_i + m): moves a year, each drawn to those of a step of the same length.

    The duration (generator) estimator N/T of Lando & Skødeberg, "Analyzing rating transitions and rating drift with continuous
    observations", Journal of Banking & Finance 26 (2002), with what is known of the step as a Gamma prior of m = 10 years, so
    that twelve accounts are enough to start with. Do not change the array: it is shared.
    """
    rates = shapes_of(pace) / (np.array(pace.years) + OWN_YEARS)[:, None]
    rates.flags.writeable = False
    return rates


def chances(rates: np.ndarray, first: int, years: Iterable[float], *, hold: bool) -> np.ndarray:
    """For each of `years` (rows) and each state (columns) the probability of `first` or a higher state.

    At some time until then (first passage: rows from `first` on are set to zero), or on that day with `hold`. P = exp(Qt), the sum
    of a row over the columns from `first` on, by uniformisation: with q the fastest leaving rate and R = I + Q/q,
    exp(Qt) = Σ e^-qt (qt)^k/k! R^k. All terms are positive, so that rounding never leaves 0..1. Any number of states.
    Source: Jensen, "Markoff chains as an aid in the study of Markoff processes" (1953); Moler & Van Loan (2003) on exp.
    """
    span = np.maximum(np.fromiter(years, float), 0.0)
    pace, jump = uniformised(np.asarray(rates, float), absorbing=None if hold else first)
    weights = poisson(pace * span)
    there = np.zeros(len(jump))
    there[first:] = 1.0
    powers = np.empty((weights.shape[1], len(jump)))
    for step in range(len(powers)):
        powers[step] = there
        there = jump @ there
    return np.clip(weights @ powers, 0.0, 1.0)


def spread(rates: np.ndarray, state: int, years: Iterable[float]) -> np.ndarray:
    """For each of `years` (rows) the probability of each state (columns) on that day, from `state`."""
    pace, jump = uniformised(np.asarray(rates, float), absorbing=None)
    weights = poisson(pace * np.maximum(np.fromiter(years, float), 0.0))
    here = np.zeros(len(jump))
    here[state] = 1.0
    powers = np.empty((weights.shape[1], len(jump)))
    for step in range(len(powers)):
        powers[step] = here
        here = here @ jump
    return weights @ powers


def quantiles(states: np.ndarray, shares: Iterable[float]) -> list[float]:
    """The positions 0..5 below which these shares of a distribution over the states lie.

    Within a quarter of a level all positions are equally likely; the highest state is position 5 itself.
    """
    edges = np.arange(STATES) / QUARTERS
    below = np.append(0.0, np.cumsum(states[:-1]))
    return [float(np.interp(share, below, edges)) for share in shares]


def uniformised(rates: np.ndarray, *, absorbing: int | None) -> tuple[float, np.ndarray]:
    """The fastest leaving rate q, and R = I + Q/q; states from `absorbing` on are not left. A third axis is kept."""
    rates = rates.copy()
    if absorbing is not None:
        rates[absorbing:] = 0.0
    leaving = rates.sum(axis=1)
    pace = float(leaving.max()) or 1.0
    jump = rates / pace
    states = np.arange(len(jump))
    jump[states, states] = 1.0 - leaving / pace
    return pace, jump


def poisson(means: np.ndarray, tail: float = EXACT) -> np.ndarray:
    """For each mean (rows) the probabilities of 0, 1, 2, … (columns), up to where none is above `tail`; each row sums to one."""
    highest = float(means.max(initial=0.0))
    terms = np.arange(ceil(highest + 9 * sqrt(highest)) + 24)
    logs = np.append(0.0, np.cumsum(np.log(terms[1:])))
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = np.where(terms == 0, 0.0, terms * np.log(means)[:, None])
    found = np.exp(powers - logs - means[:, None])
    found = found[:, : int(np.flatnonzero(found.max(axis=0) > tail)[-1]) + 1]
    return found / found.sum(axis=1, keepdims=True)
