"""How a relationship might go: a simulated history for the demo portfolio. Pure; the same chance gives the same life.

A customer's view drifts from half-year to half-year and sometimes falls by a broken promise; each of its people sees it in
an own way that lasts, the one who pays a little more strictly; and our own team mostly sees it rosier.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

HELD = 3.5  # the mean answer on a level that is just held
ABOVE, BELOW = 0.7, 1.7  # by how much the mean answer rises (falls) for each level that the view lies above (below)
ROLE_BIAS = {"economic": -0.12, "user": 0.1, "technical": -0.02, "coach": 0.15}  # in levels


@dataclass(frozen=True, slots=True)
class Character:
    """What stays the same about a relationship; views and biases in levels, drift in levels a half-year."""

    start: float
    drift: float
    optimism: float  # by how much our team sees it rosier
    spread: float  # how far apart the customer's people are
    unrest: float = 0.12  # of the view from half-year to half-year
    turn: float = 0.0  # what the last half-year brought on top
    asked: bool = True  # whether the customer was ever asked
    quiet: int = 0  # so many of the latest rounds did without the customer
    skipped: float = 0.0  # share of the rounds before the account was first assessed
    assessed: bool = True
    underway: bool = False  # an assessment is open now
    discreet: bool = False  # their people answer in confidence
    lately: bool = False  # heard within 90 days, so rather not asked again


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
    """Answers 1..5 or don't know of someone who sees us at `view`, for each level as many as it has indicators.

    `doubt` is the share of don't know on level 1; it grows with the level.
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
