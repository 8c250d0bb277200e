"""The ladder: how many accounts and how much revenue stand on each level by the customer's word. Pure: values in, values out.

Every account is counted once: on the level of its customer, as one of which only we have a view, or as not assessed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import floor

LEVELS = (1, 2, 3, 4, 5)
HIGH = 4  # from this level on a position is hard to attack


@dataclass(frozen=True, slots=True)
class LadderGroup:
    """Accounts that share where they stand now, stood a year ago, and stand when all targets are met.

    Levels are the customer's, 1..5 or None; `ours` says that we have a view. `worth` is their revenue a year together, in the
    reporting currency.
    """

    now: int | None
    ago: int | None
    goal: int | None
    accounts: int
    worth: Decimal
    ours: bool = False
    gaps: int = 0  # so many have both views,
    gap: int = 0  # and so many levels their perception gaps are together
    heard: int = 0  # whose customer was heard within a year,
    never_heard: int = 0  # and never
    rosy: int = 0  # of which we think two levels more than the customer, or more
    pressing: int = 0  # that need attention for some reason
    targets: int = 0
    targets_on_track: int = 0
    reached: int = 0  # targets that are reached,
    climbs_reached: int = 0  # and those of them that asked for a climb
    targets_at_risk: int = 0
    targets_off_track: int = 0
    targets_foreseen: int = 0  # so many have a chance,
    targets_expected: float = 0.0  # and so many of these are expected to be reached: the sum of their chances
    no_rate: str = ""  # the currency of their revenue where it cannot be added up

    @property
    def moved(self) -> int:
        """1 for a climb, -1 for a slide, 0 for neither: a customer who was not heard by both days did not move."""
        return 0 if self.now is None or self.ago is None else (self.now > self.ago) - (self.now < self.ago)


@dataclass(slots=True)
class LadderCount:
    accounts: int = 0
    worth: Decimal = Decimal(0)
    width: float = 0.0  # accounts, of the fullest count of the ladder, 0..100
    worth_width: float = 0.0  # revenue, of the largest, 0..100

    def add(self, group: LadderGroup) -> None:
        self.accounts += group.accounts
        self.worth += group.worth


@dataclass(slots=True)
class LadderRung:
    level: int
    now: LadderCount = field(default_factory=LadderCount)
    ago: LadderCount = field(default_factory=LadderCount)
    goal: LadderCount = field(default_factory=LadderCount)


@dataclass(frozen=True, slots=True)
class LevelFlow:
    """Accounts whose customer had them on one level a year ago, and has them on the same or another one now."""

    then: int
    now: int
    accounts: int
    worth: Decimal

    @property
    def direction(self) -> str:
        return "climbed" if self.now > self.then else "slid" if self.now < self.then else "stayed"


@dataclass(frozen=True, slots=True)
class RevenueShares:
    """The revenue of all accounts by the customer's word, in whole percents that add up to 100."""

    high: int  # level 4 or 5
    low: int  # level 1 to 3
    only_our_view: int
    not_assessed: int
    high_points: int | None  # by how many points of a hundred `high` rose in a year; None where nobody was heard by then

    @property
    def points(self) -> int:
        """`high_points` without its sign: the number that its words are about."""
        return abs(self.high_points or 0)

    @property
    def parts(self) -> tuple[int, ...]:
        return self.high, self.low, self.only_our_view, self.not_assessed


@dataclass(frozen=True, slots=True)
class Ladder:
    rungs: tuple[LadderRung, ...]  # from level 5 down to 1
    only_our_view: LadderCount
    not_assessed: LadderCount
    accounts: int  # on the rungs and in the two counts beside them
    worth: Decimal
    climbed: int
    slid: int
    flows: tuple[LevelFlow, ...]  # from level 5 down, then by the level of today, from 5 down

    @property
    def known_then(self) -> int:
        """Accounts with the customer's level on the earlier day."""
        return sum(rung.ago.accounts for rung in self.rungs)

    @property
    def heard(self) -> int:
        """Accounts with the customer's level."""
        return sum(rung.now.accounts for rung in self.rungs)

    @property
    def shares(self) -> RevenueShares | None:
        """None without revenue."""
        if not self.worth:
            return None
        high, ago = (_high_worth(self.rungs, when) for when in ("now", "ago"))
        low = sum((rung.now.worth for rung in self.rungs), Decimal(0)) - high
        shown, low_shown, ours, nobody = whole_percents([high, low, self.only_our_view.worth, self.not_assessed.worth])
        points = shown - round(100 * ago / self.worth) if self.known_then else None
        return RevenueShares(shown, low_shown, ours, nobody, points)


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The key figures beside the ladder; shares are 0..1 and None when there is nothing to share."""

    mean_gap: float | None
    gaps: int  # accounts with both views, over which that is the mean
    heard: int  # accounts whose customer was heard within a year
    heard_share: float | None  # of all accounts
    never_heard: int
    rosy: int
    pressing: int
    targets: int
    targets_on_track: int
    targets_at_risk: int
    targets_off_track: int
    reached: int
    climbs_reached: int
    targets_foreseen: int  # so many have a chance,
    targets_expected: float | None  # and so many of these are expected to be reached; None where none has one
    no_rate: tuple[str, ...]  # currencies of revenue that is in no sum

    @property
    def holds_reached(self) -> int:
        return self.reached - self.climbs_reached


def sum_figures(groups: Iterable[LadderGroup]) -> KeyFigures:
    groups = list(groups)

    def total(name: str) -> int:
        return sum(getattr(group, name) for group in groups)

    accounts, gaps, heard, foreseen = (total(name) for name in ("accounts", "gaps", "heard", "targets_foreseen"))
    return KeyFigures(
        mean_gap=total("gap") / gaps if gaps else None,
        gaps=gaps,
        heard=heard,
        heard_share=heard / accounts if accounts else None,
        never_heard=total("never_heard"),
        rosy=total("rosy"),
        pressing=total("pressing"),
        targets=total("targets"),
        targets_on_track=total("targets_on_track"),
        targets_at_risk=total("targets_at_risk"),
        targets_off_track=total("targets_off_track"),
        reached=total("reached"),
        climbs_reached=total("climbs_reached"),
        targets_foreseen=foreseen,
        targets_expected=sum(group.targets_expected for group in groups) if foreseen else None,
        no_rate=tuple(sorted({group.no_rate for group in groups} - {""})),
    )


def build_ladder(groups: Iterable[LadderGroup]) -> Ladder:
    """Put the groups on their rungs, and those without the customer's level beside them."""
    rungs = {level: LadderRung(level) for level in LEVELS}
    ours, nobody = LadderCount(), LadderCount()
    accounts, worth, climbed, slid = 0, Decimal(0), 0, 0
    groups = list(groups)
    for group in groups:
        accounts += group.accounts
        worth += group.worth
        for when, level in (("now", group.now), ("ago", group.ago), ("goal", group.goal)):
            if level is not None:
                getattr(rungs[level], when).add(group)
        if group.now is None:
            (ours if group.ours else nobody).add(group)
        climbed += group.accounts if group.moved > 0 else 0
        slid += group.accounts if group.moved < 0 else 0
    _measure([count for rung in rungs.values() for count in (rung.now, rung.ago, rung.goal)] + [ours, nobody])
    steps = tuple(rungs[level] for level in reversed(LEVELS))
    return Ladder(steps, ours, nobody, accounts, worth, climbed, slid, _flows(groups))


def _flows(groups: Iterable[LadderGroup]) -> tuple[LevelFlow, ...]:
    counts: dict[tuple[int, int], LadderCount] = {}
    for group in groups:
        if group.ago is not None and group.now is not None:
            counts.setdefault((group.ago, group.now), LadderCount()).add(group)
    found = sorted(counts.items(), reverse=True)
    return tuple(LevelFlow(then, now, count.accounts, count.worth) for (then, now), count in found)


def whole_percents(parts: Sequence[Decimal | int]) -> list[int]:
    """The parts of their sum in whole percents that add up to 100: the largest remainders are rounded up.

    All 0 without a sum. Parts are zero or more. Source: Hamilton's method of apportionment (Balinski & Young, "Fair
    Representation", 1982).
    """
    total = sum(parts)
    if not total:
        return [0] * len(parts)
    exact = [100 * part / total for part in parts]
    whole = [floor(one) for one in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (whole[place] - exact[place], place))
    for place in by_remainder[: 100 - sum(whole)]:
        whole[place] += 1
    return whole


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


def _measure(counts: Sequence[LadderCount]) -> None:
    fullest, largest = max(count.accounts for count in counts), max(count.worth for count in counts)
    for count in counts:
        count.width = round(100 * count.accounts / fullest, 2) if fullest else 0.0
        count.worth_width = round(float(100 * count.worth / largest), 2) if largest else 0.0


def _high_worth(rungs: Iterable[LadderRung], when: str) -> Decimal:
    return sum((getattr(rung, when).worth for rung in rungs if rung.level >= HIGH), Decimal(0))
