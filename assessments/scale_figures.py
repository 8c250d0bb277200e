"""The figures of the scale check of an edition, from the responses to all editions of its measure, cached.

It counts the submitted responses of closed, measured rounds. A response in which some level is unknown has no full pattern:
it counts for its statements, not for the order of levels, and the page says how many there are.

The customer's answers of confidential rounds stay out. Whoever looks before and after such a round closes would learn the sum of
its answers by the difference, and where all answered alike also what each of them did.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from operator import attrgetter, itemgetter

from django.db.models import Count, Q, QuerySet

from assessments.measurement.item_functioning import FEWEST_IN_GROUP, ItemDifference, differing_items
from assessments.measurement.result import LEVELS, read_response
from assessments.measurement.scale import (
    Item,
    Pattern,
    Scalability,
    items,
    marginal_reproducibility,
    out_of_order,
    reproducibility,
    scalability,
    shares_held,
)
from assessments.measurement.scale_interval import AccountPatterns, ScalabilityInterval, scalability_interval
from assessments.models import Answer, Assessment, Response
from assessments.rating.questionnaire import Questionnaire
from audit.figure_cache import cached_figures
from core import days

type LevelAnswersOf = dict[int, Counter[tuple[int | None, ...]]]  # by level


@dataclass(frozen=True, slots=True)
class Respondent:
    """One response with what the tally reads of it."""

    account: int
    language: str
    uniform: bool
    hasty: bool
    told: bool
    answers: dict[str, int | None]  # by the code of the statement


@dataclass(slots=True)
class Tally:
    """Counts over all responses that take part."""

    ranks: tuple[int, ...]  # the levels that the edition asks about
    respondents: int = 0
    incomplete: int = 0  # some level unknown
    uniform: int = 0
    hasty: int = 0
    told: int = 0
    accounts: Counter[AccountPatterns] = field(default_factory=Counter)  # how many accounts hold exactly these patterns
    by_language: dict[str, LevelAnswersOf] = field(default_factory=dict)
    in_language: Counter[str] = field(default_factory=Counter)  # responses

    @property
    def patterns(self) -> Counter[Pattern]:
        found: Counter[Pattern] = Counter()
        for held, accounts in self.accounts.items():
            for pattern, times in held:
                found[pattern] += times * accounts
        return found

    def of_level(self, rank: int) -> Counter[tuple[int | None, ...]]:
        """The answers to the statements of one level, in whatever language."""
        return sum((found[rank] for found in self.by_language.values()), Counter())


@dataclass(frozen=True, slots=True)
class Soundness:
    """How responses were given."""

    uniform: int
    hasty: int
    told: int


@dataclass(frozen=True, slots=True)
class LanguageFigures:
    """The languages with 30 responses or more, the most frequent first; and the statements that differ from it in another one."""

    responses: tuple[tuple[str, int], ...]
    differing: tuple[tuple[str, ItemDifference], ...]


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """Rounds in which customers were heard and whose confidence was found by the rule of today, and those with high confidence."""

    heard: int
    high: int
    confidential: int  # closed ones, whose answers stay out


@dataclass(frozen=True, slots=True)
class ScaleFigures:
    """What the scale check shows, as numbers."""

    ranks: tuple[int, ...]
    respondents: int
    complete: int  # responses with a full pattern
    incomplete: int
    accounts: int  # with a full pattern
    reproducibility: float | None
    floor: float | None
    scalability: Scalability
    interval: ScalabilityInterval | None
    turned: tuple[tuple[int, int], ...]  # places of levels that are out of order
    shares: tuple[float, ...]
    items: tuple[tuple[Item, ...], ...]  # by level
    soundness: Soundness
    languages: LanguageFigures
    rounds: RoundFigures


def scale_figures(questionnaire: Questionnaire, editions: Sequence[int], side: str, *, state: int) -> ScaleFigures:
    """The figures of one side for the `editions` of one measure; `state` is the version of the data.

    No statement when they are cached, else two.
    """

    def make() -> ScaleFigures:
        return figures_of(tally_of(questionnaire, editions, side), rounds_of(editions))

    return cached_figures("scale", "all", days.today(), questionnaire.edition.pk, tuple(editions), side, state=state, make=make)


def figures_of(tally: Tally, rounds: RoundFigures) -> ScaleFigures:
    patterns = tally.patterns
    return ScaleFigures(
        ranks=tally.ranks,
        respondents=tally.respondents,
        complete=patterns.total(),
        incomplete=tally.incomplete,
        accounts=tally.accounts.total(),
        reproducibility=reproducibility(patterns),
        floor=marginal_reproducibility(patterns),
        scalability=scalability(patterns),
        interval=scalability_interval(tally.accounts),
        turned=tuple(out_of_order(patterns)),
        shares=shares_held(patterns),
        items=tuple(tuple(items(tally.of_level(rank))) for rank in tally.ranks),
        soundness=Soundness(tally.uniform, tally.hasty, tally.told),
        languages=_languages(tally),
        rounds=rounds,
    )


def tally_of(questionnaire: Questionnaire, editions: Sequence[int], side: str) -> Tally:
    """One statement, which is streamed: memory does not grow with the responses."""
    asked = {rank: tuple(one.code for one in questionnaire.asked_at(rank)) for rank in LEVELS}
    tally = Tally(tuple(rank for rank in LEVELS if asked[rank]))

    @cache
    def holds(answers: tuple[int | None, ...]) -> bool | None:
        position = read_response({1: answers}, questionnaire.held_at).position
        return None if position is None else position >= 1

    for _account, of_account in groupby(_respondents(editions, side), key=attrgetter("account")):
        held: Counter[Pattern] = Counter()
        for person in of_account:
            given = {rank: tuple(person.answers.get(code) for code in asked[rank]) for rank in tally.ranks}
            _count(tally, person, given)
            pattern = tuple(map(holds, given.values()))
            if None in pattern:
                tally.incomplete += 1
            else:
                held[pattern] += 1  # type: ignore[index]
        if held:
            tally.accounts[tuple(sorted(held.items()))] += 1
    return tally


def rounds_of(editions: Sequence[int]) -> RoundFigures:
    """One statement."""
    now = Q(customer_level__isnull=False, former_rule=False)
    found = _closed(editions).aggregate(
        heard=Count("pk", filter=now),
        high=Count("pk", filter=now & Q(confidence=Assessment.Confidence.HIGH)),
        confidential=Count("pk", filter=Q(visibility=Assessment.Visibility.CONFIDENTIAL)),
    )
    return RoundFigures(**found)


def _count(tally: Tally, person: Respondent, given: dict[int, tuple[int | None, ...]]) -> None:
    tally.respondents += 1
    tally.uniform += person.uniform
    tally.hasty += person.hasty
    tally.told += person.told
    tally.in_language[person.language] += 1
    found = tally.by_language.setdefault(person.language, {rank: Counter() for rank in tally.ranks})
    for rank, answers in given.items():
        found[rank][answers] += 1


def _languages(tally: Tally) -> LanguageFigures:
    spoken = sorted(tally.in_language.items(), key=lambda one: (-one[1], one[0]))
    enough = [(language, n) for language, n in spoken if language and n >= FEWEST_IN_GROUP]
    differing = [
        (language, one)
        for language, _n in enough[1:]
        for one in differing_items(tally.by_language[enough[0][0]], tally.by_language[language])
    ]
    return LanguageFigures(tuple(enough), tuple(differing))


def _closed(editions: Sequence[int]) -> QuerySet[Assessment]:
    return Assessment.objects.closed().filter(edition__in=editions, origin=Assessment.Origin.MEASURED)


def _respondents(editions: Sequence[int], side: str) -> Iterator[Respondent]:
    """The responses that count, by account, each with its answers."""
    rounds = _closed(editions)
    if side == Response.Side.CUSTOMER:
        rounds = rounds.exclude(visibility=Assessment.Visibility.CONFIDENTIAL)
    rows = (
        Answer.objects.filter(response__side=side, response__submitted_at__isnull=False, response__assessment__in=rounds)
        .order_by("response__assessment__account_id", "response_id")
        .values_list(
            "response__assessment__account_id",
            "response_id",
            "response__language",
            "response__uniform",
            "response__hasty",
            "response__origin",
            "indicator__code",
            "value",
        )
    )
    for _pk, given in groupby(rows.iterator(chunk_size=5000), key=itemgetter(1)):
        (account, _response, language, uniform, hasty, origin, code, value), *others = given
        answers = {code: value} | {row[6]: row[7] for row in others}
        yield Respondent(account, language, uniform, hasty, origin == Response.Origin.TOLD, answers)
