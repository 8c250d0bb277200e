"""Position and level of a response and of a round, on a cumulative scale. Plain Python: values in, frozen dataclasses out.

Miller and Heiman describe the levels as positions along a continuum that the customer decides, each
containing those below it (*The New Successful Large Account Management*). So the whole level serves
decisions, the fraction shows movement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import floor
from statistics import fmean

from assessments.measurement.agreement import agreement, agreement_word
from assessments.measurement.confidence import ConfidenceFacts, confidence
from assessments.measurement.coverage import band, coverage
from assessments.measurement.median import level_at, lower_weighted_median

LEVELS = (1, 2, 3, 4, 5)
LOWEST_ANSWER, HIGHEST_ANSWER = 1, 5
#: With fewer answering customers a confidential round shows nothing of them, and a mean of a level from so many on.
CONFIDENTIAL_FROM, CONFIDENTIAL_MEANS_FROM = 3, 5
DISAGREES_UP_TO = 2.5  # the score of level 1 up to which they say that we do not meet the specifications
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """The position and level of one response; every figure with four decimals, as it is stored."""

    position: float | None  # 0..5: the highest level held, and how far towards the next; None: no level known
    level: int | None  # 1..5
    level_scores: tuple[float | None, ...]  # five means 1..5; None where fewer than half were answered
    strength: float | None  # the mean of the known level scores, 1..5
    stopped_at: int | None  # the first known level that is not held
    strong_above: tuple[int, ...]  # levels above the stop that would be held

    @property
    def pattern_error(self) -> bool:
        """Whether a level above the stop is strong: the answers are not cumulative."""
        return bool(self.strong_above)

    @property
    def below_specification(self) -> bool:
        """Whether more disagree than agree that we meet the specifications; it is shown as level 1 with a warning."""
        score = self.level_scores[0]
        return self.is_below_one and score is not None and score <= DISAGREES_UP_TO

    @property
    def is_below_one(self) -> bool:
        """Whether the position lies below level 1: they are not yet sure that we meet the specifications, or say we do not."""
        return self.position is not None and self.position < 1

    @property
    def known_levels(self) -> int | None:
        """How many of the levels 1..level have a known score; None without a level."""
        return None if self.level is None else sum(score is not None for score in self.level_scores[: self.level])


@dataclass(frozen=True, slots=True)
class WeightedResponse:
    """One response that counts: its position 0..5, its weight, and what confidence asks of it."""

    position: float
    weight: float
    buying_role: str | None = None
    known_levels: int = len(LEVELS)  # how many of the levels 1..level are known
    told: bool = False  # to us: our side entered it
    unsound: bool = False  # uniform or hasty
    pattern_error: bool = False
    below_specification: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a closed assessment; positions, agreement and coverage with four decimals."""

    customer_position: float | None  # None in a confidential round
    customer_level: int | None
    team_position: float | None
    team_level: int | None
    gap: int | None  # team level minus customer level: positive when we see it rosier
    agreement: float | None  # 0..1 among the customer's people; None in a confidential round
    agreement_word: str  # split, mixed, shared; empty below two
    confidence: str  # none, low, medium, high
    confidence_reasons: tuple[str, ...]
    respondents: int  # responses of the customer side that count
    told: int  # of these, told to us
    unheard: int | None  # voices that do not count; None where that is not known
    coverage: float | None  # the share of the weight that was heard, 0..1
    band_low: int | None  # the lowest level that the result could have had with everybody heard
    band_high: int | None
    below_specification: bool  # of the customer's median response


def read_response(answers: Mapping[int, Sequence[int | None]], held_at: float) -> Reading:
    """Read one response: answers 1..5, or None for *don't know*, by level 1..5.

    Level score: the mean of what was answered, unknown when fewer than half of the level's indicators were.
    Walking up the known levels, a level is held when its score reaches `held_at` (1 < θ ≤ 5); the first that
    does not stops the walk. Position = h + (s − 1)/(θ − 1) when the stop lies right above the highest held
    level h, else h. A higher answer never gives a lower position. An answer in place of *don't know* can: it
    may make a level known that then stops the walk. Raises ValueError for a level or an answer outside 1..5.
    """
    if unknown := set(answers) - set(LEVELS):
        raise ValueError(f"levels run from 1 to 5, not {sorted(unknown)}")
    scores = tuple(_level_score(answers.get(level, ())) for level in LEVELS)
    known = [(level, score) for level, score in zip(LEVELS, scores, strict=True) if score is not None]
    if not known:
        return Reading(None, None, scores, None, None, ())
    held, stop = 0, None
    for level, score in known:
        if score < held_at:
            stop = (level, score)
            break
        held = level
    towards = 0.0
    if stop and stop[0] == held + 1:
        towards = (stop[1] - LOWEST_ANSWER) / (held_at - LOWEST_ANSWER)
    above = tuple(level for level, score in known if stop and level > stop[0] and score >= held_at)
    return Reading(
        position=_stored(held, towards),
        level=max(1, held),
        level_scores=tuple(None if score is None else round(score, DECIMALS) for score in scores),
        strength=round(fmean(score for _, score in known), DECIMALS),
        stopped_at=stop[0] if stop else None,
        strong_above=above,
    )


def measure_assessment(
    customer: Sequence[WeightedResponse],
    team: Sequence[WeightedResponse],
    unheard: Sequence[float] = (),
    *,
    confidential: bool = False,
    roles: Sequence[str | None] | None = None,
) -> Result:
    """The result of a round from the responses that count on each side; either side may be empty.

    `unheard` holds the weight of each voice of the customer whose response does not count. In a confidential round everybody
    weighs 1, and the result has neither the customer's position nor their agreement as a number; at least three respondents
    are required of it, or none. `roles` are the buying roles that were heard, by default those of the customer's responses.
    """
    if confidential:
        customer, unheard = [replace(response, weight=1) for response in customer], [1] * len(unheard)
    weights = [response.weight for response in customer]
    levels = [level_at(response.position) for response in customer]
    shared = agreement(levels, weights)
    if shared is not None:
        # Rounded before it is judged, so that the confidence follows from the stored agreement.
        shared = round(shared, DECIMALS)
    covered = coverage(weights, unheard)
    width = band([response.position for response in customer], weights, unheard, hide_ends=confidential)
    median = _median_response(customer)
    facts = ConfidenceFacts(
        respondents=len(customer),
        agreement=shared,
        roles=[response.buying_role for response in customer] if roles is None else roles,
        levels=levels,
        coverage=covered,
        band=width,
        level=None if median is None else level_at(median.position),
        known_levels=None if median is None else median.known_levels,
        told=sum(response.told for response in customer),
        unsound=sum(response.unsound for response in customer),
        pattern_errors=sum(response.pattern_error for response in customer),
    )
    return _result(customer, team, facts, unheard=len(unheard), confidential=confidential)


@lru_cache(maxsize=10_000, typed=True)  # a list of past levels has few different ones
def recorded_result(customer: float | None, team: float | None, respondents: int | None) -> Result:
    """The result that was found elsewhere: positions 0..5 as they were given, of which at least one is known.

    How far the customer's people agreed, and who was not heard, is not known. Without their number (`respondents` None) nothing
    tells how far their level can be trusted, and 0 is stored.
    """
    theirs, ours = ([] if position is None else [WeightedResponse(position, 1)] for position in (customer, team))
    result = _result(theirs, ours, ConfidenceFacts(0 if customer is None else respondents), unheard=None)
    return replace(result, confidence_reasons=("recorded", *result.confidence_reasons), below_specification=False)


def _result(
    customer: Sequence[WeightedResponse],
    team: Sequence[WeightedResponse],
    facts: ConfidenceFacts,
    *,
    unheard: int | None,
    confidential: bool = False,
) -> Result:
    customer_position, customer_level = _side(customer)
    team_position, team_level = _side(team)
    sure = confidence(facts)
    low, high = facts.band or (None, None)
    median = _median_response(customer)
    return Result(
        customer_position=None if confidential else customer_position,
        customer_level=customer_level,
        team_position=team_position,
        team_level=team_level,
        gap=None if customer_level is None or team_level is None else team_level - customer_level,
        agreement=None if confidential else facts.agreement,
        agreement_word=agreement_word(facts.agreement) or "",
        confidence=sure.level,
        confidence_reasons=sure.reasons,
        respondents=facts.respondents or 0,
        told=facts.told,
        unheard=unheard,
        coverage=None if facts.coverage is None else round(facts.coverage, DECIMALS),
        band_low=low,
        band_high=high,
        below_specification=not confidential and median is not None and median.below_specification,
    )


def _median_response(responses: Sequence[WeightedResponse]) -> WeightedResponse | None:
    """The response that is the weighted median; of several at its position the one with the fewest known levels."""
    if not responses:
        return None
    position = lower_weighted_median([response.position for response in responses], [response.weight for response in responses])
    there = [response for response in responses if response.position == position]
    return min(there, key=lambda response: (response.known_levels, not response.below_specification))


def _level_score(answers: Sequence[int | None]) -> float | None:
    given = [answer for answer in answers if answer is not None]
    if any(not LOWEST_ANSWER <= answer <= HIGHEST_ANSWER for answer in given):
        raise ValueError("answers run from 1 to 5")
    return fmean(given) if given and 2 * len(given) >= len(answers) else None


def _side(responses: Sequence[WeightedResponse]) -> tuple[float | None, int | None]:
    if not responses:
        return None, None
    position = lower_weighted_median([response.position for response in responses], [response.weight for response in responses])
    held = floor(position)
    return _stored(held, position - held), level_at(position)


def _stored(held: int, towards: float) -> float:
    """The position with four decimals. Rounding does not lift it to a level that is not held."""
    return round(held + min(towards, 1 - 10**-DECIMALS), DECIMALS)
