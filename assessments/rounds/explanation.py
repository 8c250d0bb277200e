"""Explanation of a result: low statements, differences between the sides, and answers that are not cumulative."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor
from statistics import fmean

from django.utils.translation import gettext as _

from assessments import words
from assessments.measurement.result import LEVELS, read_response
from assessments.models import Assessment, Response
from assessments.rounds.closing import least_to_tell
from assessments.rounds.figures import StatementDifference, furthest_apart, gap_class, in_confidence, level_mean
from assessments.rounds.responses import ClosedResponse

HOLDING_BACK, DIFFERENCES, PATTERNS = 3, 3, 3  # so many are shown of each
THEIRS, OURS = str(Response.Side.CUSTOMER), str(Response.Side.TEAM)


@dataclass(frozen=True, slots=True)
class AskedStatement:
    """A statement of an edition, with both wordings in the language of the page."""

    pk: int
    rank: int
    order: int
    code: str
    customer: str
    team: str

    def text(self, side: str) -> str:
        """The wording that this side was asked with."""
        return self.customer if side == THEIRS else self.team


@dataclass(frozen=True, slots=True)
class StatementMean:
    """A statement with the mean of its answers on one side."""

    code: str
    text: str
    mean: float  # 1..5
    ours: float | None = None  # our mean, beside theirs


@dataclass(frozen=True, slots=True)
class Explanation:
    """The level scores of the side that decides, and the lowest statements of the level that stopped it."""

    side: str  # customer or team
    scores: tuple[tuple[int, float | None], ...]  # level, mean of its statements' means on that side
    held_at: float
    level: int
    stopped_at: int | None
    holding_back: tuple[StatementMean, ...]  # of the level that stopped it, the lowest first


@dataclass(frozen=True, slots=True)
class Pattern:
    """Answers that are not cumulative, and how many people of how many gave them."""

    side: str
    strong: tuple[int, ...]  # levels above the stop that would be held
    stopped_at: int
    people: int
    all: int

    @property
    def text(self) -> str:
        return words.not_cumulative(self.strong, self.stopped_at)

    @property
    def share(self) -> str:
        if self.all == 1:
            return _("the one person who answered") if self.side == THEIRS else _("our one view")
        counts = {"n": self.people, "all": self.all}
        return _("%(n)s of %(all)s people") % counts if self.side == THEIRS else _("%(n)s of our %(all)s views") % counts


@dataclass(frozen=True, slots=True)
class Leads:
    """What the account page shows of the answers behind its level; no person is named."""

    explanation: Explanation | None = None
    differences: tuple[StatementDifference, ...] = ()  # the furthest apart first
    patterns: tuple[Pattern, ...] = ()  # what most people share first


@dataclass(slots=True)
class _AnsweredStatement:
    """One statement, with what each side answered to it."""

    asked: AskedStatement
    values: dict[str, list[int]] = field(default_factory=lambda: {THEIRS: [], OURS: []})

    @property
    def rank(self) -> int:
        return self.asked.rank

    @property
    def place(self) -> tuple[int, int, str]:
        return (self.asked.rank, self.asked.order, self.asked.code)

    def mean(self, side: str, least: Mapping[str, int]) -> float | None:
        values = self.values[side]
        return fmean(values) if values and len(values) >= least[side] else None


def leads_of(latest: Assessment, voices: Iterable[ClosedResponse], statements: Sequence[AskedStatement]) -> Leads:
    """The explanation of a closed round; empty for a recorded one, which has no answers. No statement.

    `voices` are those of the round, with their answers; `statements` are what its edition asks. Of a confidential round only the
    means of its levels are shown, made of statements that at least five of the customer's people answered.

    The scores are means over all responses that count on that side, but the level is that of the median response. So
    the level that stopped the side comes from its position: the first above the held one that anybody answered.
    """
    counting = [voice for voice in voices if voice.round == latest.pk and voice.counts]
    answered = _answered(counting, statements)
    asked = Counter(one.rank for one in statements)
    least = {THEIRS: least_to_tell(latest), OURS: 1}
    side = THEIRS if latest.customer_level is not None else OURS
    explanation = _explain(latest, side, answered, least, asked)
    if explanation is None:
        return Leads()
    if latest.is_confidential and side == THEIRS:
        return Leads(explanation)
    views = [_by_level(voice, statements) for voice in counting if voice.side == side]
    return Leads(
        explanation,
        _differences(answered, least, explanation.held_at) if latest.customer_level is not None else (),
        _patterns(side, views, explanation.held_at, least[side]),
    )


type _AnswersByLevel = dict[int, list[int | None]]  # the answers of one person by level


def _answered(voices: Sequence[ClosedResponse], statements: Sequence[AskedStatement]) -> list[_AnsweredStatement]:
    found = {one.pk: _AnsweredStatement(one) for one in statements}
    for voice in voices:
        for pk, value in voice.answers.items():
            if value is not None and pk in found:
                found[pk].values[voice.side].append(value)
    return list(found.values())


def _by_level(voice: ClosedResponse, statements: Sequence[AskedStatement]) -> _AnswersByLevel:
    """The answers by level, with a gap for each statement that was left open: a level counts once half of it is answered."""
    by_level: _AnswersByLevel = {rank: [] for rank in LEVELS}
    for one in statements:
        by_level[one.rank].append(voice.answers.get(one.pk))
    return by_level


def _explain(
    latest: Assessment, side: str, statements: list[_AnsweredStatement], least: Mapping[str, int], asked: Mapping[int, int]
) -> Explanation | None:
    level: int | None = getattr(latest, f"{side}_level")
    position = latest.customer_stands_at if side == THEIRS else latest.team_position
    known = [(mean, one) for one in statements if (mean := one.mean(side, least)) is not None]
    hidden, held_at = latest.is_confidential and side == THEIRS, float(latest.edition.held_at)
    if level is None or position is None or not (known or hidden):
        return None
    known.sort(key=lambda pair: (pair[0], *pair[1].place))
    means = {rank: [mean for mean, one in known if one.rank == rank] for rank in LEVELS}
    scores = {rank: level_mean(means[rank], asked.get(rank, 0)) for rank in reversed(LEVELS)}
    if hidden:
        # Which level stopped the median, and which statements are low, only the answers of few would tell.
        scores = {rank: in_confidence(score, held_at) for rank, score in scores.items()}
        return Explanation(side, tuple(scores.items()), held_at, level, level + 1 if level < LEVELS[-1] else None, ())
    above = range(floor(position) + 1, 6)
    stopped_at = next((rank for rank in above if means[rank]), next(iter(above), None))
    holding = [
        StatementMean(one.asked.code, one.asked.text(side), mean, one.mean(OURS, least) if side == THEIRS else None)
        for mean, one in known
        if one.rank == stopped_at
    ]
    return Explanation(side, tuple(scores.items()), held_at, level, stopped_at, tuple(holding[:HOLDING_BACK]))


def _differences(
    statements: list[_AnsweredStatement], least: Mapping[str, int], held_at: float
) -> tuple[StatementDifference, ...]:
    found = []
    for one in sorted(statements, key=lambda one: one.place):
        theirs, ours = one.mean(THEIRS, least), one.mean(OURS, least)
        if theirs is not None and ours is not None and theirs != ours:
            kind = gap_class(theirs, ours, held_at)
            found.append(StatementDifference(one.rank, one.asked.customer, theirs, ours, kind))
    return tuple(furthest_apart(found, DIFFERENCES))


def _patterns(side: str, views: list[_AnswersByLevel], held_at: float, least: int) -> tuple[Pattern, ...]:
    found: Counter[tuple[tuple[int, ...], int]] = Counter()
    for view in views:
        reading = read_response(view, held_at)
        if reading.pattern_error and reading.stopped_at is not None:
            found[reading.strong_above, reading.stopped_at] += 1
    shared = sorted((-people, stop, strong) for (strong, stop), people in found.items() if people >= least)
    return tuple(Pattern(side, strong, stop, -people, len(views)) for people, stop, strong in shared[:PATTERNS])
