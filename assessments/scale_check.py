"""The scale check of an edition: whether people's answers put its levels in one order; figures of `scale`, and a verdict.

It counts the submitted responses of closed, measured rounds. A response in which some level is unknown has no full
pattern: it counts for its statements, not for the order of levels, and the page says how many there are.

Confidential rounds are added only where nobody's answers can be derived, not even by subtracting the page before a
round closes from the page after: rounds with three respondents or more; their patterns when at least three are
complete; the statements of a level when each was answered by three people or by nobody. Each difference is then the
sum of three people or more.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from math import floor
from operator import itemgetter

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.measurement.result import LEVELS, read_response
from assessments.measurement.scale import Item, items, out_of_order, reproducibility, scalability, shares_held
from assessments.models import Answer, Assessment
from assessments.rating.questionnaire import Questionnaire
from assessments.rounds.closing import CONFIDENTIAL_FROM

LEAST = 30  # responses: below it the figures move too much with the next one
SHOWN_FROM = CONFIDENTIAL_FROM  # respondents; with fewer no figure is shown
GOOD_REPRODUCIBILITY = 0.90
STRONG, MEDIUM, WEAK = 0.5, 0.4, 0.3  # H, after Mokken
SELDOM = 0.3  # share of don't know
_FLOAT_ERROR = 1e-9
ITEM_REST = 0.2  # a statement that goes with the others of its level lies above

type Answers = dict[int, int | None]  # by indicator id


@dataclass(slots=True)
class Tally:
    """Counts over all responses that take part."""

    ranks: tuple[int, ...]  # the levels that the edition asks about
    respondents: int = 0
    incomplete: int = 0  # some level unknown
    withheld: int = 0  # of confidential rounds with too few respondents
    patterns: Counter[tuple[bool, ...]] = field(default_factory=Counter)
    by_level: dict[int, Counter[tuple[int | None, ...]]] = field(default_factory=dict)

    @property
    def complete(self) -> int:
        return self.patterns.total()


@dataclass(frozen=True, slots=True)
class Verdict:
    tone: str  # good, warn, bad, or plain where nothing can be said
    headline: str
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementRow:
    code: str
    text: str
    item: Item
    unknown: str
    mean: str
    item_rest: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LevelRow:
    rank: int
    name: str
    held: str
    statements: tuple[StatementRow, ...]


@dataclass(frozen=True, slots=True)
class ScaleCheck:
    verdict: Verdict
    basis: tuple[str, ...]
    levels: tuple[LevelRow, ...]  # empty below `SHOWN_FROM`


def scale_check(questionnaire: Questionnaire, side: str) -> ScaleCheck:
    """The scale check for one side. One statement, which is streamed: memory does not grow with the responses."""
    tally = tally_of(questionnaire, side)
    shown = tally.respondents >= SHOWN_FROM
    return ScaleCheck(
        verdict=verdict_on(tally) if shown else _nothing(tally),
        basis=tuple(_basis(tally)) if shown else (),
        levels=tuple(_levels(questionnaire, tally)) if shown else (),
    )


def tally_of(questionnaire: Questionnaire, side: str) -> Tally:
    asked = {rank: tuple(one.pk for one in questionnaire.asked_at(rank)) for rank in LEVELS}
    tally = Tally(tuple(rank for rank in LEVELS if asked[rank]))
    tally.by_level = {rank: Counter() for rank in tally.ranks}

    @cache
    def holds(answers: tuple[int | None, ...]) -> bool | None:
        position = read_response({1: answers}, questionnaire.held_at).position
        return None if position is None else position >= 1

    for visibility, people in _rounds(questionnaire, side):
        least = CONFIDENTIAL_FROM if visibility == Assessment.Visibility.CONFIDENTIAL and side == "customer" else 1
        if len(people) < least:
            tally.withheld += len(people)
            continue
        tally.respondents += len(people)
        given = {rank: [tuple(person.get(pk) for pk in asked[rank]) for person in people] for rank in tally.ranks}
        for rank, answers in given.items():
            if _can_be_shown(answers, least):
                tally.by_level[rank].update(answers)
        patterns = [tuple(map(holds, levels)) for levels in zip(*given.values(), strict=True)]
        complete = [pattern for pattern in patterns if None not in pattern]
        if len(complete) < least:
            tally.withheld += len(complete)
            complete = []
        tally.incomplete += sum(None in pattern for pattern in patterns)
        tally.patterns.update(complete)  # type: ignore[arg-type]
    return tally


def verdict_on(tally: Tally) -> Verdict:
    n = tally.complete
    if n < LEAST:
        return Verdict(
            "plain",
            _("Too few responses to say: %(n)s of at least %(least)s.") % {"n": n, "least": LEAST},
            (_("Until then only the statements themselves are shown, and those figures move with every answer."),),
        )
    fits, found = reproducibility(tally.patterns), scalability(tally.patterns)
    if fits is None or found.h is None:
        return Verdict("plain", _("It cannot be told: all who answered hold the same levels."), (_alike(),))
    figures = _("%(share)s of what people hold fits the order of the levels (good from 90%%), and H is %(h)s: %(word)s.") % {
        "share": percent(fits, down=True),
        "h": hundredths(found.h),
        "word": _strength(found.h),
    }
    turned = [_turned(tally, low, high) for low, high in out_of_order(tally.patterns)]
    tone, headline, meaning = _judged(fits, found.h, in_order=not turned)
    return Verdict(tone, headline, (figures, meaning, *turned))


def percent(share: float, *, down: bool = False) -> str:
    """A share in whole percents. `down` rounds down, for a share that has a threshold: 89.6% is not shown as 90%."""
    return f"{number_format(floor(100 * share + _FLOAT_ERROR) if down else round(100 * share), 0)}%"


def hundredths(figure: float) -> str:
    """A figure with two decimals, rounded down, so that it is not shown as a threshold that it misses."""
    return number_format(floor(100 * figure + _FLOAT_ERROR) / 100, 2)


def _judged(fits: float, h: float, *, in_order: bool) -> tuple[str, str, str]:
    if h < WEAK:
        return (
            "bad",
            _("The levels do not form a ladder."),
            _("Who holds a level need not hold those below it. Read the levels one by one, and the strength beside them; "
              "then rewrite in a new draft the statements that stand out below."),
        )  # fmt: skip
    if not in_order:
        return (
            "bad",
            _("The levels form a ladder, but not in this order."),
            _("A level above is easier to reach than one below it, so the position can stop too early."),
        )
    if h < MEDIUM:
        return (
            "warn",
            _("The levels hardly form a ladder."),
            _("Many who hold a level do not hold one below it. Take a level as a hint, and look at the scores of each."),
        )
    if h < STRONG or fits < GOOD_REPRODUCIBILITY:
        return (
            "warn",
            _("The levels form a scale, with a reservation."),
            _("Most who hold a level hold those below it, but not all: the exceptions are marked “not cumulative” with the "
              "results, and are worth a talk."),
        )  # fmt: skip
    return (
        "good",
        _("The levels form a scale."),
        _("Who holds a level nearly always holds those below it: a level says what it promises."),
    )


def _strength(h: float) -> str:
    if h >= STRONG:
        return _("strong (from 0.5)")
    if h >= MEDIUM:
        return _("medium (strong from 0.5)")
    return _("weak (medium from 0.4)") if h >= WEAK else _("no scale (weak from 0.3)")


def _turned(tally: Tally, low: int, high: int) -> str:
    shares = shares_held(tally.patterns)
    return _("Level %(high)s is held by more people (%(more)s) than level %(low)s (%(fewer)s).") % {
        "high": tally.ranks[high],
        "low": tally.ranks[low],
        "more": percent(shares[high]),
        "fewer": percent(shares[low]),
    }


def _alike() -> str:
    return _("Nobody holds a level without another that would be harder or easier, so there is no order to check.")


def _nothing(tally: Tally) -> Verdict:
    if not tally.respondents and not tally.withheld:
        return Verdict("plain", _("Nothing to check yet: nobody answered in a round that is closed."))
    return Verdict("plain", _("Nothing to check yet: below three respondents no figure is shown."))


def _basis(tally: Tally) -> Iterator[str]:
    n = tally.complete
    yield ngettext("From %(n)s response.", "From %(n)s responses.", n) % {"n": number_format(n, 0, force_grouping=True)}
    if n := tally.incomplete:
        yield ngettext(
            "%(n)s more knows too little of some level to have a place on the ladder; it counts for the statements alone.",
            "%(n)s more know too little of some level to have a place on the ladder; they count for the statements alone.",
            n,
        ) % {"n": number_format(n, 0, force_grouping=True)}
    if n := tally.withheld:
        yield ngettext(
            "%(n)s of a confidential round stays out: too few answered there to be added up.",
            "%(n)s of confidential rounds stay out: too few answered there to be added up.",
            n,
        ) % {"n": number_format(n, 0, force_grouping=True)}


def _levels(questionnaire: Questionnaire, tally: Tally) -> Iterator[LevelRow]:
    shares = dict(zip(tally.ranks, shares_held(tally.patterns), strict=False)) if tally.complete >= SHOWN_FROM else {}
    for rank in tally.ranks:
        level = questionnaire.by_rank.get(rank)
        figures = items(tally.by_level[rank])
        rows = [
            _statement(indicator.code, indicator.customer, item)
            for indicator, item in zip(questionnaire.asked_at(rank), figures, strict=False)
        ]
        yield LevelRow(rank, level.name if level else "", percent(shares[rank]) if rank in shares else "–", tuple(rows))


def _statement(code: str, text: str, item: Item) -> StatementRow:
    share = item.unknown_share
    enough = item.answered >= LEAST
    flags = []
    if share is not None and share > SELDOM and item.answered + item.unknown >= LEAST:
        flags.append(_("seldom answered"))
    if enough and item.item_rest is not None and item.item_rest < ITEM_REST:
        flags.append(_("does not go with the rest of its level"))
    return StatementRow(
        code=code,
        text=text,
        item=item,
        unknown="–" if share is None else percent(share),
        mean="–" if item.mean is None else number_format(round(item.mean, 2), 2),
        item_rest=hundredths(item.item_rest) if enough and item.item_rest is not None else "–",
        flags=tuple(flags),
    )


def _rounds(questionnaire: Questionnaire, side: str) -> Iterator[tuple[str, list[Answers]]]:
    """For each round its visibility, and the answers of each person."""
    rows = (
        Answer.objects.filter(
            response__side=side,
            response__submitted_at__isnull=False,
            response__assessment__edition=questionnaire.edition,
            response__assessment__state=Assessment.State.CLOSED,
            response__assessment__origin=Assessment.Origin.MEASURED,
        )
        .order_by("response__assessment_id", "response_id")
        .values_list("response__assessment_id", "response__assessment__visibility", "response_id", "indicator_id", "value")
    )
    for (_pk, visibility), of_round in groupby(rows.iterator(chunk_size=5000), key=itemgetter(0, 1)):
        people = groupby(of_round, key=itemgetter(2))
        yield visibility, [{row[3]: row[4] for row in given} for _response, given in people]


def _can_be_shown(answers: Iterable[tuple[int | None, ...]], least: int) -> bool:
    """Whether each statement of the level was answered by `least` people or by nobody."""
    return all(not 0 < sum(value is not None for value in column) < least for column in zip(*answers, strict=True))
