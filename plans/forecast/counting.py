"""What histories tell about the pace: time in each state, moves between them, and how fast each segment is. Pure, with NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from plans.forecast.chain import DAYS_A_YEAR, STATES, Pace, rates_of


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Closed results with the customer's position, by account and then in time; of two on one day the later one counts.

    Four arrays of one length. `groups` is the number of the account's segment from 1 on, 0 for none; `ongoing` whether its last
    state lasts until today: that of an archived account ended with its last result.
    """

    accounts: np.ndarray
    days: np.ndarray  # ordinals
    states: np.ndarray  # 0..20
    groups: np.ndarray
    ongoing: np.ndarray


@dataclass(frozen=True, slots=True)
class SegmentPace:
    """The moves seen in a segment, and those that everybody's rates would have given in its exposure."""

    moves: int
    expected: float


def count(positions: Positions, until: int) -> tuple[Pace, list[SegmentPace]]:
    """The pace of all together up to a day (an ordinal), and that of each segment, by its number.

    A state lasts from its result to the account's next one, the last one to `until`. A result in the same state is no move, and a
    jump over states is one move from where it began to where it ended. E = Σ_i T_i Σ_j λ_ij over the segment's own exposure.
    """
    groups = int(positions.groups.max(initial=0)) + 1
    kept = positions.days <= until
    accounts, days, states, group, ongoing = (
        column[kept] for column in (positions.accounts, positions.days, positions.states, positions.groups, positions.ongoing)
    )
    last_of_day = np.ones(days.shape, bool)
    last_of_day[:-1] = (accounts[1:] != accounts[:-1]) | (days[1:] != days[:-1])
    accounts, days, states, group, ongoing = (column[last_of_day] for column in (accounts, days, states, group, ongoing))
    last = np.ones(days.shape, bool)
    last[:-1] = accounts[1:] != accounts[:-1]
    ends = np.where(last, np.where(ongoing, until, days), np.append(days[1:], until)[: days.size])
    spent = (
        np.bincount(group * STATES + states, weights=ends - days, minlength=groups * STATES).reshape(groups, STATES) / DAYS_A_YEAR
    )
    moved = np.flatnonzero(~last[:-1] & (states[1:] != states[:-1])) if days.size else np.zeros(0, np.int64)
    kinds, times = np.unique(states[moved] * STATES + states[moved + 1], return_counts=True)
    pace = Pace(
        tuple(spent.sum(axis=0).tolist()),
        tuple((kind // STATES, kind % STATES, n) for kind, n in zip(kinds.tolist(), times.tolist(), strict=True)),
    )
    seen = np.bincount(group[moved], minlength=groups)
    expected = spent @ rates_of(pace).sum(axis=1)
    return pace, [SegmentPace(int(seen[number]), float(expected[number])) for number in range(groups)]


def factors_of(segments: Mapping[str, SegmentPace]) -> dict[str, float]:
    """How many times as fast as everybody each segment moves.

    φ_s = (N_s + κ) / (E_s + κ) with κ = 1/v and v = max(0, Σ_s((N_s − E_s)² − E_s) / Σ_s E_s²); 1 for all when v = 0. A segment
    with a short history stays near 1, so that no threshold is needed. An empirical Bayes estimate of a Gamma-Poisson rate ratio,
    v by the method of moments: Clayton & Kaldor, "Empirical Bayes estimates of age-standardized relative risks", Biometrics 43 (1987).
    """
    squares = sum(one.expected**2 for one in segments.values())
    excess = sum((one.moves - one.expected) ** 2 - one.expected for one in segments.values())
    if squares <= 0 or excess <= 0:
        return dict.fromkeys(segments, 1.0)
    kappa = squares / excess
    return {name: (one.moves + kappa) / (one.expected + kappa) for name, one in segments.items()}
