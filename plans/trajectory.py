"""The trajectory of a target: expected position on a day, milestones, and status. Plain Python."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil, floor

from accounts.chances import LIKELY_ABOVE, UNLIKELY_BELOW
from assessments.measurement.median import level_at

CLIMB, HOLD = "climb", "hold"
LINE, CHANCE, CUSTOMER = "line", "chance", "customer"
ON_TRACK_UP_TO, AT_RISK_UP_TO = 0.25, 0.75  # shortfall in levels
EARLY_DAYS, HEARD_DAYS = 183, 365
TOLERANCE = 1e-9  # a position that misses a level by less than this is on it


@dataclass(frozen=True, slots=True)
class Milestone:
    due_on: date
    level: int


@dataclass(frozen=True, slots=True)
class LatestResult:
    """The latest closed result: position 0..5, level 1..5, and when.

    Not `exact`: only the level is known, as of a confidential round, and `position` is that of the level itself.
    """

    position: float
    level: int
    held_on: date
    exact: bool = True


@dataclass(frozen=True, slots=True)
class TrajectoryStatus:
    """The status of a target: a code, and a reason code with its values (plans/words.py has the sentences).

    `decided_by` is the line, the chance or the customer's word (also where it is missing); None while nothing is decided.
    """

    code: str  # no_target, reached, too_early, on_track, at_risk, off_track
    reason: str
    decided_by: str | None = None
    values: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Straight from (set_on, baseline) to (due_on, level), by days."""

    set_on: date
    baseline: float  # position 0..5 on the day the target was set
    due_on: date
    level: int  # 1..5

    @property
    def kind(self) -> str:
        """Whether the target is to climb above the level of the baseline, or to hold a level."""
        return CLIMB if self.level > level_at(self.baseline) else HOLD

    def expected(self, day: date) -> float:
        """The expected position 0..5 on `day`; constant before the first and after the last day."""
        days = (self.due_on - self.set_on).days
        passed = min(max((day - self.set_on).days, 0), days)
        return self.baseline + (self.level - self.baseline) * passed / days

    def expected_level(self, day: date) -> int:
        return max(1, floor(self.expected(day) + TOLERANCE))

    def milestones(self) -> tuple[Milestone, ...]:
        """Each whole level above the baseline's up to the target, on the first day the way reaches it.

        Only the target itself when it is to hold the level.
        """
        if self.level <= self.baseline:
            return (Milestone(self.due_on, self.level),)
        days = (self.due_on - self.set_on).days
        per_level = days / (self.level - self.baseline)
        return tuple(
            Milestone(self.set_on + timedelta(days=ceil((level - self.baseline) * per_level - TOLERANCE)), level)
            for level in range(floor(self.baseline) + 1, self.level + 1)
        )


def three_years_after(day: date) -> date:
    """The same day of the month three years later; 29 February counts as 28."""
    try:
        return day.replace(year=day.year + 3)
    except ValueError:
        return day.replace(year=day.year + 3, day=28)


def judge(
    trajectory: Trajectory | None,
    latest: LatestResult | None,
    *,
    today: date,
    last_heard_on: date | None,
    chance: float | None = None,
) -> TrajectoryStatus:
    """The status of a target on `today`.

    `latest` is the customer's latest closed result at or before today, or the team's where the customer was never heard;
    `last_heard_on` is when the customer was heard. `chance` is the forecast 0..1, None where there is none.

    A climb is reached when the customer's level is the target's or above, whatever the day; a level that is held is reached on its
    date. Past due and not reached is off track. Too early when no result lies after the day the target was set and fewer than 183
    days have passed: a newer result of the team does not change that where the customer was heard. A level that is held is on track
    until its date. Otherwise the shortfall d = e(today) − p decides: on track up to 0.25 levels, at risk up to 0.75, off track
    beyond. Where there is no result (the last one was reopened), the baseline counts as p, and nothing is reached.

    Two things correct that. A customer's result that is missing or older than 365 days allows at risk at most. And a line is not a
    likelihood: on track needs a chance of 0.25, and what has a chance above 0.60 is not off track.
    """
    if trajectory is None:
        return TrajectoryStatus("no_target", "no_target")
    position = latest.position if latest else trajectory.baseline
    shortfall = trajectory.expected(today) - position
    values = {
        "kind": trajectory.kind,
        "level": trajectory.level,
        "due_on": trajectory.due_on,
        "expected": round(trajectory.expected(today), 4),
        "position": position,
        "standing": latest.level if latest else level_at(trajectory.baseline),
        "exact": latest is None or latest.exact,
        "shortfall": round(shortfall, 4),
        "last_heard_on": last_heard_on,
        "measured": latest is not None,
        "chance": chance,
    }

    def status(code: str, reason: str, decided_by: str | None) -> TrajectoryStatus:
        return TrajectoryStatus(code, reason, decided_by, values)

    there = latest is not None and latest.level >= trajectory.level
    silence = _silence(last_heard_on, today)
    if there and (today >= trajectory.due_on if trajectory.kind == HOLD else last_heard_on is not None):
        return status("at_risk", f"there_but_{silence}", CUSTOMER) if silence else status("reached", "reached", CUSTOMER)
    if today > trajectory.due_on:
        return status("off_track", "past_due", LINE)
    measured_since = latest is not None and latest.held_on > trajectory.set_on
    if not measured_since and (today - trajectory.set_on).days < EARLY_DAYS:
        return status("too_early", "no_result_yet", None)
    holds = there and trajectory.kind == HOLD
    if not holds and shortfall - TOLERANCE > AT_RISK_UP_TO:
        if chance is not None and chance > LIKELY_ABOVE:
            return status("at_risk", "behind_but_likely", CHANCE)
        return status("off_track", "far_behind", LINE)
    if not holds and shortfall - TOLERANCE > ON_TRACK_UP_TO:
        return status("at_risk", "behind", LINE)
    if silence:
        return status("at_risk", silence, CUSTOMER)
    if chance is not None and chance < UNLIKELY_BELOW:
        return status("at_risk", "on_the_line_but_unlikely", CHANCE)
    return status("on_track", "holding" if holds else "keeping_up", LINE)


def _silence(last_heard_on: date | None, today: date) -> str:
    """Why the customer's word does not carry a better status than at risk; empty when it does."""
    if last_heard_on is None:
        return "never_heard"
    return "not_heard_for_a_year" if (today - last_heard_on).days > HEARD_DAYS else ""
