"""Simulate the history of a relationship for the demo portfolio. Pure: the same random numbers give the same history.

The view of the customer drifts from half-year to half-year and sometimes falls sharply. Each contact has a constant bias,
economic buyers a slightly stricter one. Our own team mostly rates higher than the customer.

The levels of real answers form a scale, but not a perfect one (Loevinger's H of 0.47 to 0.53 on a survey of business customers).
So each customer, and each person there, thinks better of some levels and worse of others than the one view says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

HELD = 3.5  # the mean answer on a level that is just held
ABOVE, BELOW = 0.6, 1.7  # by how much the mean answer rises (falls) for each level that the view lies above (below)
BY_LEVEL = (0.5, 0.75, 1.0, 1.0, 1.0)  # people see alike whether deliveries meet the specification, less so what else we are
OF_THE_ROUND = 0.15  # standard deviation of a level from one round to the next, in points of the mean answer
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
    #: Standard deviation of how a customer, and each person there, sees the levels apart from the view, in points of the mean answer.
    uneven: float = 0.95
    yearly: bool = False  # assessed in every second half-year only


@dataclass(frozen=True, slots=True)
class Beholder:
    """How one person sees us: the constant bias, in levels, and how much better each level is seen than the view says, in points."""

    bias: float
    apart: tuple[float, ...]


def character(chance: Random) -> Character:
    return Character(
        start=min(5.4, max(1.2, chance.gauss(3.35, 0.85))),
        drift=chance.gauss(0.075, 0.08),
        optimism=chance.gauss(0.55, 0.45),
        spread=chance.choice([0.2, 0.4, 0.7, 1.0, 1.4]),
        asked=chance.random() < 0.9,
        quiet=chance.choice([2, 3, 4]) if chance.random() < 0.12 else 0,
        skipped=0.0 if chance.random() < 0.7 else chance.random() * 0.9,
        assessed=chance.random() >= 0.035,
        underway=chance.random() < 0.03,
        yearly=chance.random() < 0.2,
    )


def unevenness(nature: Character, chance: Random) -> tuple[float, ...]:
    """How much better each level is seen than the view says, in points of the mean answer."""
    return tuple(chance.gauss(0, nature.uneven * part) for part in BY_LEVEL)


def beholder(nature: Character, common: Sequence[float], bias: float, chance: Random) -> Beholder:
    """A person of a customer whose people have the unevenness `common`, and some of their own."""
    own = unevenness(nature, chance)
    return Beholder(bias, tuple(shared + apart for shared, apart in zip(common, own, strict=True)))


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


def answers(
    view: float, apart: Sequence[float], ease: Mapping[int, Sequence[float]], chance: Random, *, doubt: float = 0.03
) -> dict[int, list[int | None]]:
    """The answers, 1 to 5 or None for “don't know”, of a person with this `view` who sees the levels so much better (`apart`).

    `ease` is how much higher each statement of a level is answered than the mean of its level. `doubt` is the share of “don't know”
    on level 1; it grows with the level.
    """
    given: dict[int, list[int | None]] = {}
    for level, easier in ease.items():
        distance = view - level
        mean = HELD + (ABOVE if distance > 0 else BELOW) * distance + apart[level - 1] + chance.gauss(0, OF_THE_ROUND)
        given[level] = [
            None if chance.random() < doubt * level else min(5, max(1, round(chance.gauss(max(1.2, mean + easy), 0.6))))
            for easy in easier
        ]
    return given


def clicked_through(ease: Mapping[int, Sequence[float]], chance: Random) -> dict[int, list[int | None]]:
    """The answers of a person who gives the same one everywhere."""
    value = chance.choice([3, 4, 4, 5])
    return {level: [value for _ in easier] for level, easier in ease.items()}


def unanswered(ease: Mapping[int, Sequence[float]]) -> dict[int, list[int | None]]:
    """*Don't know* everywhere: of a person who writes instead."""
    return {level: [None for _ in easier] for level, easier in ease.items()}
