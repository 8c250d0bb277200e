"""The trajectory of a target: expected position on a day, milestones, and status. Plain Python."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil, floor

ON_TRACK_UP_TO, AT_RISK_UP_TO = 0.25, 0.75  # shortfall in levels
EARLY_DAYS, HEARD_DAYS = 183, 365
TOLERANCE = 1e-9  # a position that misses a level by less than this is on it


@dataclass(frozen=True, slots=True)
class Milestone:
    due_on: date
    level: int


@dataclass(frozen=True, slots=True)
class LatestResult:
    """The latest closed result: position 0..5, level 1..5, and when."""

    position: float
    level: int
    held_on: date


@dataclass(frozen=True, slots=True)
class TrajectoryStatus:
    """The status of a target: a code, and a reason code with its values (plans/words.py has the sentences)."""

    code: str  # no_target, reached, too_early, on_track, at_risk, off_track
    reason: str
    values: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Straight from (set_on, baseline) to (due_on, level), by days."""

    set_on: date
    baseline: float  # position 0..5 on the day the target was set
    due_on: date
    level: int  # 1..5

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
    trajectory: Trajectory | None, latest: LatestResult | None, *, today: date, last_heard_on: date | None
) -> TrajectoryStatus:
    """The status of a target on `today`.

    `latest` is the customer's latest closed result at or before today, or the team's where the customer was
    never heard. Reached when its level is the target's or above, whatever the day; past due and not reached
    is off track. Too early when it does not lie after the day the target was set and fewer than 183 days
    have passed: a newer result of the team does not change that, since it does not tell how the customer's
    view moves. Otherwise the shortfall d = e(today) − p decides: on track up to 0.25 levels, at risk up to
    0.75, off track beyond. A customer's result that is missing or older than 365 days caps on_track at
    at_risk. Where there is no result (the last one was reopened), the baseline counts as p, and nothing is
    reached.
    """
    if trajectory is None:
        return TrajectoryStatus("no_target", "no_target")
    position = latest.position if latest else trajectory.baseline
    expected = trajectory.expected(today)
    values = {
        "level": trajectory.level,
        "due_on": trajectory.due_on,
        "expected": round(expected, 4),
        "position": position,
        "shortfall": round(expected - position, 4),
        "last_heard_on": last_heard_on,
        "measured": latest is not None,
    }
    if latest is not None and latest.level >= trajectory.level:
        return TrajectoryStatus("reached", "reached", values)
    if today > trajectory.due_on:
        return TrajectoryStatus("off_track", "past_due", values)
    measured_since = latest is not None and latest.held_on > trajectory.set_on
    if not measured_since and (today - trajectory.set_on).days < EARLY_DAYS:
        return TrajectoryStatus("too_early", "no_result_yet", values)
    shortfall = expected - position - TOLERANCE
    if shortfall > AT_RISK_UP_TO:
        return TrajectoryStatus("off_track", "far_behind", values)
    if shortfall > ON_TRACK_UP_TO:
        return TrajectoryStatus("at_risk", "behind", values)
    if last_heard_on is None:
        return TrajectoryStatus("at_risk", "never_heard", values)
    if (today - last_heard_on).days > HEARD_DAYS:
        return TrajectoryStatus("at_risk", "not_heard_for_a_year", values)
    return TrajectoryStatus("on_track", "keeping_up", values)
