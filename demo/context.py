"""What all accounts of the demo portfolio share."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from accounts.models import Account, Contact, Tag, Team, User
from assessments.models import Answer, Assessment, Evidence, Response
from audit.trail import Change
from demo.names import Region
from demo.relationship import Character
from demo.stories import Story
from hierarchy.models import Edition, Indicator, Play
from plans.models import Action, ActionPlan, Target
from surveys.models import Invitation

HALF_YEAR = 182  # days
LATEST = 115  # days since the latest round: long enough to ask the same people again, short enough to be fresh
SATURDAY = 5


@dataclass(slots=True)
class DemoContext:
    today: date
    years: int
    seed: int
    detailed: bool  # every round keeps its answers, every act its event; else only the latest round has answers
    edition: Edition
    indicators: dict[int, list[Indicator]]
    plays: dict[int, list[Play]]
    staff: dict[str, list[User]]  # by team name: those who own accounts there
    teams: dict[str, Team]
    tags: list[Tag]

    @property
    def rounds(self) -> list[date]:
        """The half-yearly days, oldest first; the latest a season ago."""
        return [self.today - timedelta(days=LATEST + HALF_YEAR * back) for back in reversed(range(self.years * 2))]

    @property
    def held_at(self) -> float:
        return float(self.edition.held_at)

    @property
    def per_level(self) -> dict[int, int]:
        return {rank: len(found) for rank, found in self.indicators.items()}


@dataclass(slots=True)
class Dossier:
    """One account with all that is invented about it; rows are stored a batch at a time."""

    account: Account
    region: Region
    index: int  # within its team
    chance: Random
    asking: Random  # for the invitations alone
    nature: Character
    story: Story | None
    tags: list[Tag]
    contacts: list[Contact] = field(default_factory=list)
    results: list[Assessment] = field(default_factory=list)  # closed, oldest first
    underway: Assessment | None = None
    responses: list[Response] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)
    target: Target | None = None
    plans: list[ActionPlan] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    events: list[Change] = field(default_factory=list)

    def tell(
        self, act: str, obj, when: date | datetime, after: dict | None = None, before: dict | None = None, *, by_us: bool = True
    ) -> None:
        """Something for the trail, done by the owner, or else by the customer or by itself; a day counts as its afternoon."""
        moment = when if isinstance(when, datetime) else moment_on(when)
        self.events.append(Change(act, obj, before, after, at=moment, by=self.account.owner if by_us else None))


def moment_on(day: date, hour: int = 16) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, 30)))


def workday(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - SATURDAY + 1))


def workday_from(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() >= SATURDAY else 0)
