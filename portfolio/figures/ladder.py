"""The ladder: how many accounts and how much revenue stand on each level. Pure: values in, values out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

LEVELS = (1, 2, 3, 4, 5)
HIGH = 4  # from this level on a position is hard to attack


@dataclass(frozen=True, slots=True)
class LadderGroup:
    """Accounts that share where they stand now, stood a year ago, and stand when all targets are met.

    Levels are 1..5 or None. `ago` is the level a year ago by whichever side spoke then, `moved_from` that of the side
    whose level counts now. `worth` is their revenue a year together, in the reporting currency.
    """

    now: int | None
    ago: int | None
    moved_from: int | None
    goal: int | None
    accounts: int
    worth: Decimal
    gaps: int = 0  # so many have both views,
    gap: int = 0  # and so many levels their perception gaps are together
    heard: int = 0  # whose customer was heard within a year
    targets: int = 0
    targets_fine: int = 0  # on track or reached
    targets_foreseen: int = 0  # so many have a chance,
    targets_expected: float = 0.0  # and so many of these are expected to be reached: the sum of their chances
    no_rate: str = ""  # the currency of their revenue where it cannot be added up


@dataclass(slots=True)
class LadderCount:
    accounts: int = 0
    worth: Decimal = Decimal(0)

    def add(self, group: LadderGroup) -> None:
        self.accounts += group.accounts
        self.worth += group.worth


@dataclass(slots=True)
class LadderRung:
    level: int
    now: LadderCount = field(default_factory=LadderCount)
    ago: LadderCount = field(default_factory=LadderCount)
    goal: LadderCount = field(default_factory=LadderCount)
    width: float = 0.0  # of the fullest stand on the ladder, 0..100
    ago_at: float = 0.0
    goal_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Ladder:
    rungs: tuple[LadderRung, ...]  # from level 5 down to 1
    accounts: int
    worth: Decimal
    unassessed: int
    climbed: int
    slid: int

    @property
    def high_share(self) -> float | None:
        """The share of the assessed revenue that stands on level 4 or 5, 0..1; None without revenue."""
        return _high_share(self.rungs, "now")

    @property
    def high_points(self) -> int | None:
        """By how many points of a hundred that share rose in a year; None when either is missing."""
        now, ago = _high_share(self.rungs, "now"), _high_share(self.rungs, "ago")
        return None if now is None or ago is None else round(now * 100) - round(ago * 100)


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The key figures beside the ladder; shares are 0..1 and None when there is nothing to share."""

    mean_gap: float | None
    heard_share: float | None
    targets: int
    targets_on_track: int
    targets_expected: float | None  # of those that have a chance, so many are expected to be reached; None where none has
    no_rate: tuple[str, ...]  # currencies of revenue that is in no sum


def sum_figures(groups: Iterable[LadderGroup]) -> KeyFigures:
    groups = list(groups)
    accounts, gaps = sum(group.accounts for group in groups), sum(group.gaps for group in groups)
    return KeyFigures(
        mean_gap=sum(group.gap for group in groups) / gaps if gaps else None,
        heard_share=sum(group.heard for group in groups) / accounts if accounts else None,
        targets=sum(group.targets for group in groups),
        targets_on_track=sum(group.targets_fine for group in groups),
        targets_expected=sum(group.targets_expected for group in groups)
        if any(group.targets_foreseen for group in groups)
        else None,
        no_rate=tuple(sorted({group.no_rate for group in groups} - {""})),
    )


def build_ladder(groups: Iterable[LadderGroup]) -> Ladder:
    """Put the groups on their rungs. An account climbed (slid) when it stands higher (lower) than where it moved from."""
    rungs = {level: LadderRung(level) for level in LEVELS}
    accounts, worth, unassessed, climbed, slid = 0, Decimal(0), 0, 0, 0
    for group in groups:
        accounts += group.accounts
        worth += group.worth
        if group.now is None:
            unassessed += group.accounts
        for when, level in (("now", group.now), ("ago", group.ago), ("goal", group.goal)):
            if level is not None:
                getattr(rungs[level], when).add(group)
        if group.now is not None and group.moved_from is not None:
            climbed += group.accounts if group.now > group.moved_from else 0
            slid += group.accounts if group.now < group.moved_from else 0
    fullest = max(stand.accounts for rung in rungs.values() for stand in (rung.now, rung.ago, rung.goal))
    for rung in rungs.values():
        scale = 100 / fullest if fullest else 0
        rung.width = round(rung.now.accounts * scale, 2)
        rung.ago_at = round(rung.ago.accounts * scale, 2)
        rung.goal_at = round(rung.goal.accounts * scale, 2)
    return Ladder(tuple(rungs[level] for level in reversed(LEVELS)), accounts, worth, unassessed, climbed, slid)


def middle_by_worth(stands: Iterable[tuple[int, Decimal]]) -> int | None:
    """The level on which half of the revenue stands, or lower: the lower weighted median of levels by revenue.

    `stands` are (level, revenue), revenue zero or more; None where there is no revenue at all.
    """
    found = sorted(stands)
    half, so_far = sum((worth for _level, worth in found), Decimal(0)) / 2, Decimal(0)
    for level, worth in found:
        so_far += worth
        if half and so_far >= half:
            return level
    return None


def _high_share(rungs: Iterable[LadderRung], when: str) -> float | None:
    stands = {rung.level: getattr(rung, when) for rung in rungs}
    total = sum(stand.worth for stand in stands.values())
    return float(sum(stand.worth for level, stand in stands.items() if level >= HIGH) / total) if total else None
