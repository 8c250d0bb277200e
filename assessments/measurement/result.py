"""Position and level of a response and of a round, on a cumulative scale. Plain Python: values in, frozen dataclasses out.

Miller and Heiman describe the levels as positions along a continuum that the customer decides, each
containing those below it (*The New Successful Large Account Management*). So the whole level serves
decisions, the fraction shows movement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor, fsum
from statistics import fmean

from assessments.measurement.agreement import ConfidenceReading, agreement, confidence

LEVELS = (1, 2, 3, 4, 5)
LOWEST_ANSWER, HIGHEST_ANSWER = 1, 5
DECIMALS = 4
FLOAT_ERROR = 1e-9  # relative


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
        """Whether the position lies below level 1; it is shown as level 1 with a warning."""
        return self.position is not None and self.position < 1


@dataclass(frozen=True, slots=True)
class WeightedResponse:
    """One response that counts: its position 0..5, its weight, and the buying role of who gave it."""

    position: float
    weight: float
    buying_role: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a closed assessment; positions and agreement with four decimals."""

    customer_position: float | None
    customer_level: int | None
    team_position: float | None
    team_level: int | None
    gap: int | None  # team level minus customer level: positive when we see it rosier
    agreement: float | None  # 0..1 among the customer's people
    confidence: str  # none, low, medium, high
    confidence_reasons: tuple[str, ...]
    respondents: int  # responses of the customer side that count


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


def level_at(position: float) -> int:
    """The level 1..5 of a position 0..5; below 1 is still shown as 1."""
    return max(1, floor(position))


def lower_weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    """The first value, sorted upward, whose cumulated weight reaches half of the total.

    The lower one, because where people are split we do not claim the better half. Weights are above 0; a
    share that misses the half by float error alone (0.7 + 0.1 beside 0.8) has reached it. Raises ValueError
    without values.
    """
    half = fsum(weights) / 2 * (1 - FLOAT_ERROR)
    cumulated = 0.0
    for value, weight in sorted(zip(values, weights, strict=True)):
        cumulated += weight
        if cumulated >= half:
            return value
    raise ValueError("no values")


def measure_assessment(customer: Sequence[WeightedResponse], team: Sequence[WeightedResponse]) -> Result:
    """The result of a round from the responses that count on each side; either side may be empty."""
    shared = agreement([level_at(response.position) for response in customer], [response.weight for response in customer])
    if shared is not None:
        # Rounded before it is judged, so that the confidence follows from the stored agreement.
        shared = round(shared, DECIMALS)
    sure = confidence(len(customer), shared, [response.buying_role for response in customer])
    return _result(customer, team, shared, sure, len(customer))


def recorded_result(customer: float | None, team: float | None, respondents: int | None) -> Result:
    """The result that was found elsewhere: positions 0..5 as they were given, of which at least one is known.

    How far the customer's people agreed is not known. Without their number (`respondents` None) nothing tells how far
    their level can be trusted, and 0 is stored.
    """
    theirs, ours = ([] if position is None else [WeightedResponse(position, 1)] for position in (customer, team))
    sure = confidence(0 if customer is None else respondents, None, ())
    return _result(theirs, ours, None, replace(sure, reasons=("recorded", *sure.reasons)), respondents or 0)


def _result(
    customer: Sequence[WeightedResponse],
    team: Sequence[WeightedResponse],
    shared: float | None,
    sure: ConfidenceReading,
    respondents: int,
) -> Result:
    customer_position, customer_level = _side(customer)
    team_position, team_level = _side(team)
    return Result(
        customer_position=customer_position,
        customer_level=customer_level,
        team_position=team_position,
        team_level=team_level,
        gap=None if customer_level is None or team_level is None else team_level - customer_level,
        agreement=shared,
        confidence=sure.level,
        confidence_reasons=sure.reasons,
        respondents=respondents,
    )


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
