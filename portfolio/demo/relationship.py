"""How a relationship might go: a simulated history for the demo portfolio. Pure; the same chance gives the same life.

A customer's view drifts from half-year to half-year, sometimes falls by a broken promise; each of its people sees it a
little differently, and our own team mostly sees it rosier.
"""

from dataclasses import dataclass
from random import Random

NEIGHBOUR = 0.95  # by how much the mean answer falls from one level to the next


@dataclass(frozen=True, slots=True)
class Character:
    """What stays the same about a relationship: steps are in levels a half-year, biases in levels."""

    start: float
    drift: float
    optimism: float


def character(chance: Random) -> Character:
    return Character(
        start=min(4.6, max(0.7, chance.gauss(2.1, 0.9))), drift=chance.gauss(0.10, 0.12), optimism=chance.gauss(0.55, 0.45)
    )


def life(nature: Character, rounds: int, chance: Random) -> list[float]:
    """The true position 0..5 at each round, oldest first."""
    positions, now = [], nature.start
    for _ in range(rounds):
        positions.append(now)
        now += nature.drift + chance.gauss(0, 0.22)
        if chance.random() < 0.05:  # a broken promise, a new buyer
            now -= chance.uniform(0.6, 1.4)
        now = min(4.95, max(0.5, now))
    return positions


def answers(position: float, per_level: dict[int, int], chance: Random, *, doubt: float = 0.04) -> dict[int, list[int | None]]:
    """Answers 1..5 or don't know of someone who sees us at `position`, for each level as many as it has indicators.

    `doubt` is the share of don't know on level 1; it grows with the level.
    """
    given: dict[int, list[int | None]] = {}
    for level, count in per_level.items():
        mean = 3.75 + NEIGHBOUR * (position - level)
        given[level] = [
            None if chance.random() < doubt * level else min(5, max(1, round(chance.gauss(mean, 0.55)))) for _ in range(count)
        ]
    return given
