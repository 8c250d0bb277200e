"""The first accounts of the demo account manager: each shows a typical situation of a portfolio. Pure."""

from dataclasses import dataclass, field
from typing import Any

OWN = 50  # the manager owns accounts among the first 50 of the team


@dataclass(frozen=True, slots=True)
class Story:
    """What is set instead of random: traits of the character, the target and the revenue."""

    traits: dict[str, Any] = field(default_factory=dict)
    target: tuple[int, int] | None = None  # how many rounds ago it was set, and its level
    due_in: int | None = None  # days until the next action
    revenue: int | None = None
    sheet: bool = False


_CALM = {
    "unrest": 0.03,
    "asked": True,
    "quiet": 0,
    "skipped": 0.0,
    "assessed": True,
    "underway": False,
    "discreet": False,
    "lately": False,
    "uneven": 0.1,
    "yearly": False,
}

STORIES = (
    # Climbs steadily: on its way to level 4, the work up to date.
    Story(_CALM | {"start": 1.9, "drift": 0.24, "optimism": 0.45, "spread": 0.25}, (4, 4), 2, 4_200_000, sheet=True),
    # A broken promise: fell from 3 to 2, far behind its target, an action late.
    Story(_CALM | {"start": 3.5, "drift": 0.0, "turn": -1.05, "optimism": 0.9, "spread": 0.35}, (5, 4), -6, 3_100_000, sheet=True),
    # We see it two levels rosier than they do.
    Story(_CALM | {"start": 2.4, "drift": 0.02, "optimism": 2.5, "spread": 0.2}, (2, 3), 5, 2_400_000, sheet=True),
    # Nobody ever asked them.
    Story(_CALM | {"start": 2.5, "drift": 0.05, "optimism": 0.6, "spread": 0.2, "asked": False}, (2, 3), None, 1_700_000),
    # A round is under way: some have answered, one was never reached, our own view is half typed.
    Story(_CALM | {"start": 2.6, "drift": 0.06, "optimism": 0.6, "spread": 0.5, "underway": True}, (3, 3), 1, 1_300_000, sheet=True),
    # A confidential round is under way: two have answered, and nothing of it shows before the third.
    Story(_CALM | {"start": 2.9, "drift": 0.05, "optimism": 0.5, "spread": 0.4, "underway": True, "discreet": True}, (3, 4), 9, 1_100_000),
    # New: not assessed yet.
    Story({"assessed": False, "underway": False}, None, None, 900_000),
    # Their people disagree.
    Story(_CALM | {"start": 2.6, "drift": 0.05, "optimism": 0.4, "spread": 1.3}, (3, 4), -2, 800_000),
    # Not heard for over a year.
    Story(_CALM | {"start": 3.6, "drift": 0.0, "optimism": 0.1, "spread": 0.1, "quiet": 3}, (5, 3), None, 650_000),
    # There: the target is reached, as they said lately.
    Story(_CALM | {"start": 2.5, "drift": 0.26, "optimism": 0.1, "spread": 0.2, "lately": True}, (6, 4), 6, 600_000),
)  # fmt: skip


def story_of(index: int) -> Story | None:
    """The story of the account `index` of the team; None without one."""
    own = [number for number in range(OWN) if is_own(number)]
    if not is_own(index) or (place := own.index(index)) >= len(STORIES):
        return None
    return STORIES[place]


def is_own(index: int) -> bool:
    """Whether the manager owns the account `index` of the team: three of each five, from 15 on two."""
    return index < OWN and index % 5 in ({0, 1, 3} if index < 15 else {0, 3})
