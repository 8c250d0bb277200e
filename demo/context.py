"""The data that the modules of the demo share: the settings of a run, and one invented account."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cached_property
from random import Random
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts.models import Account, Contact, Tag, Team, User
from assessments.models import Answer, Assessment, Evidence, Response
from audit.trail import Change
from demo.names import Region
from demo.relationship import Character
from demo.stories import Story
from hierarchy.models import Edition, Indicator, Play
from notes.models import Note, NoteMention
from plans.models import Action, ActionComment, ActionPlan, CommentMention, Target
from reviews.models import AccountReview
from surveys.models import Invitation

HALF_YEAR = 182  # days
LATEST = 115  # days since the latest round, so that the same people may be asked again and the results are recent
SATURDAY = 5


class Way(Enum):
    """How the people of a customer give their answers, since there are links."""

    LINK = "by link"
    TOLD = "in interviews"
    MIXED = "some by link, some in interviews"


@dataclass
class DemoContext:
    """The settings of a run, with the rows that all accounts refer to."""

    today: date
    years: int
    seed: int
    detailed: bool  # all rounds have answers, and all acts events; else only the latest round has answers
    edition: Edition
    indicators: dict[int, list[Indicator]]
    plays: dict[int, list[Play]]
    staff: dict[str, list[User]]  # account managers by the name of their team
    teams: dict[str, Team]
    tags: list[Tag]

    @property
    def rounds(self) -> list[date]:
        """The dates of the half-yearly rounds, oldest first."""
        return [self.today - timedelta(days=LATEST + HALF_YEAR * back) for back in reversed(range(self.years * 2))]

    @property
    def held_at(self) -> float:
        return float(self.edition.held_at)

    @cached_property
    def ease(self) -> dict[int, list[float]]:
        """How much higher each statement is answered than the mean of its level, by level; 0 on average."""
        found = {}
        for rank, indicators in self.indicators.items():
            easy = [Random(f"{self.seed}/{one.code}").gauss(0, 0.25) for one in indicators]  # noqa: S311 - plausible, not secret
            found[rank] = [one - sum(easy) / len(easy) for one in easy]
        return found


@dataclass(slots=True)
class Dossier:
    """An invented account with all its unsaved rows, which are stored in batches."""

    account: Account
    region: Region
    index: int  # its number within the team
    chance: Random
    asking: Random  # the random numbers of invitations, so that these do not change all else
    nature: Character
    way: Way
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
    notes: list[Note] = field(default_factory=list)
    with_whom: list[tuple[Note, Contact]] = field(default_factory=list)
    note_mentions: list[NoteMention] = field(default_factory=list)
    comments: list[ActionComment] = field(default_factory=list)
    comment_mentions: list[CommentMention] = field(default_factory=list)
    reviews: list[AccountReview] = field(default_factory=list)
    events: list[Change] = field(default_factory=list)

    def tell(
        self,
        act: str,
        obj: Model,
        when: date | datetime,
        after: dict[str, Any] | None = None,
        before: dict[str, Any] | None = None,
        *,
        by_us: bool = True,
    ) -> None:
        """Add an audit event by the owner, or by nobody; a date stands for its afternoon."""
        moment = when if isinstance(when, datetime) else moment_on(when)
        self.events.append(Change(act, obj, before, after, at=moment, by=self.account.owner if by_us else None))


def moment_on(day: date, hour: int = 16) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, 30)))


def workday(day: date) -> date:
    """The date itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - SATURDAY + 1))


def workday_from(day: date) -> date:
    """The date itself, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() >= SATURDAY else 0)
