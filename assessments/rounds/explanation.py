"""Explanation of a result: low statements, differences between the sides, and answers that are not cumulative."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import floor
from statistics import fmean

from django.utils.translation import gettext as _
from modeltranslation.settings import DEFAULT_LANGUAGE
from modeltranslation.utils import get_language

from assessments import words
from assessments.measurement.result import LEVELS, read_response
from assessments.models import Answer, Assessment, Response
from assessments.rounds.closing import least_to_tell
from assessments.rounds.figures import StatementDifference, furthest_apart, gap_class, in_confidence, level_mean

HOLDING_BACK, DIFFERENCES, PATTERNS = 3, 3, 3  # so many are shown of each
THEIRS, OURS = str(Response.Side.CUSTOMER), str(Response.Side.TEAM)


@dataclass(frozen=True, slots=True)
class StatementMean:
    """A statement with the mean of its answers on one side."""

    text: str
    mean: float  # 1..5


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

    rank: int
    order: int
    code: str
    texts: dict[str, str]  # by side
    values: dict[str, list[int]] = field(default_factory=lambda: {THEIRS: [], OURS: []})

    def mean(self, side: str, least: Mapping[str, int]) -> float | None:
        values = self.values[side]
        return fmean(values) if values and len(values) >= least[side] else None


def leads_of(latest: Assessment, asked: Mapping[int, int]) -> Leads:
    """The explanation of a closed round; empty for a recorded one, which has no answers. One statement.

    `asked` is how many statements the edition asks for each level. Of a confidential round only the means of its levels are
    shown, made of statements that at least five of the customer's people answered.

    The scores are means over all responses that count on that side, but the level is that of the median response. So
    the level that stopped the side comes from its position: the first above the held one that anybody answered.
    """
    statements, views = _read(latest)
    least = {THEIRS: least_to_tell(latest), OURS: 1}
    side = THEIRS if latest.customer_level is not None else OURS
    explanation = _explain(latest, side, list(statements.values()), least, asked)
    if explanation is None:
        return Leads()
    if latest.is_confidential and side == THEIRS:
        return Leads(explanation)
    return Leads(
        explanation,
        _differences(list(statements.values()), least, explanation.held_at) if latest.customer_level is not None else (),
        _patterns(side, views[side], asked, explanation.held_at, least[side]),
    )


type _AnswersByLevel = dict[int, list[int | None]]  # the answers of one person by level


def _read(latest: Assessment) -> tuple[dict[int, _AnsweredStatement], dict[str, list[_AnswersByLevel]]]:
    """The statements that anybody answered or did not know, and the views of each side."""
    # Named in full, since modeltranslation finds the language of a model's own fields only.
    texts = [f"indicator__{side}_{language}" for side in (THEIRS, OURS) for language in (get_language(), DEFAULT_LANGUAGE)]
    rows = Answer.objects.filter(
        response__assessment=latest, response__counted=True
    ).values_list(
        "response_id", "response__side", "value", "indicator_id", "indicator__rank", "indicator__order", "indicator__code", *texts
    )  # fmt: skip
    statements: dict[int, _AnsweredStatement] = {}
    views: dict[str, dict[int, _AnswersByLevel]] = {THEIRS: {}, OURS: {}}
    for response, side, value, indicator, rank, order, code, theirs, theirs_else, ours, ours_else in rows:
        if indicator not in statements:
            statements[indicator] = _AnsweredStatement(
                rank, order, code, {THEIRS: theirs or theirs_else, OURS: ours or ours_else}
            )
        if value is not None:
            statements[indicator].values[side].append(value)
        views[side].setdefault(response, defaultdict(list))[rank].append(value)
    return statements, {side: list(found.values()) for side, found in views.items()}


def _explain(
    latest: Assessment, side: str, statements: list[_AnsweredStatement], least: Mapping[str, int], asked: Mapping[int, int]
) -> Explanation | None:
    level: int | None = getattr(latest, f"{side}_level")
    position = latest.customer_stands_at if side == THEIRS else latest.team_position
    known = [(mean, one) for one in statements if (mean := one.mean(side, least)) is not None]
    hidden, held_at = latest.is_confidential and side == THEIRS, float(latest.edition.held_at)
    if level is None or position is None or not (known or hidden):
        return None
    known.sort(key=lambda pair: (pair[0], pair[1].rank, pair[1].order, pair[1].code))
    means = {rank: [mean for mean, one in known if one.rank == rank] for rank in LEVELS}
    scores = {rank: level_mean(means[rank], asked.get(rank, 0)) for rank in reversed(LEVELS)}
    if hidden:
        # Which level stopped the median, and which statements are low, only the answers of few would tell.
        scores = {rank: in_confidence(score, held_at) for rank, score in scores.items()}
        return Explanation(side, tuple(scores.items()), held_at, level, level + 1 if level < LEVELS[-1] else None, ())
    above = range(floor(position) + 1, 6)
    stopped_at = next((rank for rank in above if means[rank]), next(iter(above), None))
    holding = [StatementMean(one.texts[side], mean) for mean, one in known if one.rank == stopped_at]
    return Explanation(side, tuple(scores.items()), held_at, level, stopped_at, tuple(holding[:HOLDING_BACK]))


def _differences(
    statements: list[_AnsweredStatement], least: Mapping[str, int], held_at: float
) -> tuple[StatementDifference, ...]:
    found = []
    for one in sorted(statements, key=lambda one: (one.rank, one.order, one.code)):
        theirs, ours = one.mean(THEIRS, least), one.mean(OURS, least)
        if theirs is not None and ours is not None and theirs != ours:
            kind = gap_class(theirs, ours, held_at)
            found.append(StatementDifference(one.rank, one.texts[THEIRS], theirs, ours, kind))
    return tuple(furthest_apart(found, DIFFERENCES))


def _patterns(
    side: str, views: list[_AnswersByLevel], asked: Mapping[int, int], held_at: float, least: int
) -> tuple[Pattern, ...]:
    found: Counter[tuple[tuple[int, ...], int]] = Counter()
    for view in views:
        by_level = {rank: _whole(view.get(rank, []), asked.get(rank, 0)) for rank in LEVELS}
        reading = read_response(by_level, held_at)
        if reading.pattern_error and reading.stopped_at is not None:
            found[reading.strong_above, reading.stopped_at] += 1
    shared = sorted((-people, stop, strong) for (strong, stop), people in found.items() if people >= least)
    return tuple(Pattern(side, strong, stop, -people, len(views)) for people, stop, strong in shared[:PATTERNS])


def _whole(given: list[int | None], asked: int) -> list[int | None]:
    """The answers with a gap for each statement that was left open: a level counts once half of it is answered."""
    return given + [None] * (asked - len(given))
