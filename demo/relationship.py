"""Simulate the history of a relationship for the demo portfolio. Pure: the same random numbers give the same history.

The view of the customer drifts from half-year to half-year and sometimes falls sharply. Each contact has a constant bias,
economic buyers a slightly stricter one. Our own team mostly rates higher than the customer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

HELD = 3.5  # the mean answer on a level that is just held
ABOVE, BELOW = 0.7, 1.7  # by how much the mean answer rises (falls) for each level that the view lies above (below)
ROLE_BIAS = {"economic": -0.12, "user": 0.1, "technical": -0.02, "coach": 0.15}  # in levels


@dataclass(frozen=True, slots=True)
class Character:
    """The constant traits of a relationship; views and biases in levels, drift in levels per half-year."""

    start: float
    drift: float
    optimism: float  # how much higher our team rates
    spread: float  # standard deviation of the biases of contacts
    unrest: float = 0.12  # standard deviation of the drift
    turn: float = 0.0  # an extra change in the last half-year
    asked: bool = True  # whether the customer was ever asked
    quiet: int = 0  # the number of latest rounds without the customer
    skipped: float = 0.0  # share of the rounds before the account was first assessed
    assessed: bool = True
    underway: bool = False  # an assessment is open now
    discreet: bool = False  # the contacts answer confidentially
    lately: bool = False  # answered within the last 90 days


def character(chance: Random) -> Character:
    return Character(
        start=min(5.2, max(1.0, chance.gauss(2.75, 0.85))),
        drift=chance.gauss(0.075, 0.08),
        optimism=chance.gauss(0.55, 0.45),
        spread=chance.choice([0.2, 0.4, 0.7, 1.0, 1.4]),
        asked=chance.random() < 0.9,
        quiet=chance.choice([2, 3, 4]) if chance.random() < 0.12 else 0,
        skipped=0.0 if chance.random() < 0.7 else chance.random() * 0.9,
        assessed=chance.random() >= 0.035,
        underway=chance.random() < 0.03,
    )


def life(nature: Character, rounds: int, chance: Random) -> list[float]:
    """The customer's view at each round, oldest first."""
    views, now = [], nature.start
    for index in range(rounds):
        if index == rounds - 1:
            now += nature.turn
        views.append(min(5.6, max(0.8, now)))
        now = views[-1] + nature.drift + chance.gauss(0, nature.unrest)
        if nature.unrest > 0.1 and chance.random() < 0.025:  # a broken promise, a new buyer
            now -= chance.uniform(0.5, 1.2)
    return views


def answers(view: float, per_level: Mapping[int, int], chance: Random, *, doubt: float = 0.03) -> dict[int, list[int | None]]:
    """The answers, 1 to 5 or None for “don't know”, of a person with this `view`: for each level as many as it has indicators.

    `doubt` is the share of “don't know” on level 1; it grows with the level.
    """
    given: dict[int, list[int | None]] = {}
    for level, count in per_level.items():
        distance = view - level
        mean = HELD + (ABOVE if distance > 0 else BELOW) * distance
        given[level] = [
            None if chance.random() < doubt * level else min(5, max(1, round(chance.gauss(max(1.2, mean), 0.6))))
            for _ in range(count)
        ]
    return given
