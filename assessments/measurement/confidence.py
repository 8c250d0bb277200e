"""How far the customer's level of a round can be trusted, with the reasons. Plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.measurement.agreement import SHARED_FROM, SPLIT_BELOW
from assessments.measurement.coverage import Band

ENOUGH_PEOPLE, ENOUGH_ROLES, ECONOMIC_BUYER = 3, 2, "economic"
HALF_HEARD = 0.5
FAR_APART = 2  # levels

#: Reasons that speak for the level; all others say what it lacks.
SPEAKS_FOR = frozenset({"three_with_economic_buyer", "views_shared", "band_single"})


@dataclass(frozen=True, slots=True)
class ConfidenceReading:
    """How far a level can be trusted, with the reasons."""

    level: str  # none, low, medium, high
    reasons: tuple[str, ...]  # codes, what is lacking first; the words are in assessments/words.py


@dataclass(frozen=True, slots=True)
class ConfidenceFacts:
    """What is known of the customer's responses that count. A figure is None where nobody knows it."""

    respondents: int | None
    agreement: float | None = None  # 0..1
    roles: Sequence[str | None] = ()  # the buying role of each respondent
    levels: Sequence[int] = ()  # of the respondents
    coverage: float | None = None  # 0..1
    band: Band | None = None
    level: int | None = None  # of the round
    known_levels: int | None = None  # how many of the levels 1..level are known in the response that is the median
    told: int = 0  # responses that were told to us
    unsound: int = 0  # uniform or hasty responses
    pattern_errors: int = 0  # responses that are not cumulative


def confidence(facts: ConfidenceFacts) -> ConfidenceReading:
    """How far the customer's level can be trusted, with the reasons: what is lacking first, then what speaks for it.

    none without customer response, or where their number is not known (a result recorded elsewhere).
    low with one respondent, agreement below 0.5, two respondents two or more levels apart, coverage below 0.5, or fewer known
    levels than min(2, level).
    high with at least three respondents of at least two buying roles including the economic buyer, agreement from 0.7, a band
    of one single level, all responses by link or API and sound, known levels from min(3, level) on, and pattern errors in fewer
    than half of the responses; otherwise medium.
    """
    if facts.respondents is None:
        return ConfidenceReading("none", ("respondents_unknown",))
    if facts.respondents == 0:
        return ConfidenceReading("none", ("no_customer_response",))
    low, doubts = _low(facts), _doubts(facts)
    level = "low" if low else "medium" if doubts else "high"
    return ConfidenceReading(level, (*low, *doubts, *_speaking_for(facts)))


def _low(facts: ConfidenceFacts) -> list[str]:
    found = []
    if facts.respondents == 1:
        found.append("one_respondent")
    if facts.agreement is not None and facts.agreement < SPLIT_BELOW:
        found.append("views_split")
    elif len(facts.levels) == 2 and max(facts.levels) - min(facts.levels) >= FAR_APART:
        found.append("two_far_apart")
    if facts.coverage is not None and facts.coverage < HALF_HEARD:
        found.append("coverage_below_half")
    if not _knows(facts, 2):
        found.append("levels_unknown")
    return found


def _doubts(facts: ConfidenceFacts) -> list[str]:
    """What keeps the level from *high*, but for what makes it *low* and says the same."""
    people = facts.respondents or 0
    of_roles = [code for code in _role_doubts(facts.roles) if people > 1 or code != "one_buying_role"]
    of_agreement = _agreement_doubts(facts) if people > 1 else []
    checks = [
        (people == 2, "fewer_than_three"),
        *((True, code) for code in of_roles),
        *((True, code) for code in of_agreement),
        (facts.band is None, "unheard_unknown"),
        (_is_wide(facts.band) and not _hears_too_little(facts), "band_wide"),
        (facts.told > 0, "told_to_us"),
        (facts.unsound > 0, "unsound_responses"),
        (_knows(facts, 2) and not _knows(facts, 3), "few_levels_known"),
        (2 * facts.pattern_errors >= people, "not_cumulative"),
    ]
    return [code for lacking, code in checks if lacking]


def _role_doubts(roles: Sequence[str | None]) -> list[str]:
    known = {role for role in roles if role}
    if not known:
        return ["buying_roles_unknown"]
    found = [] if ECONOMIC_BUYER in known else ["no_economic_buyer"]
    return found if len(known) >= ENOUGH_ROLES else [*found, "one_buying_role"]


def _agreement_doubts(facts: ConfidenceFacts) -> list[str]:
    if facts.agreement is None:
        return ["agreement_unknown"]
    mixed = SPLIT_BELOW <= facts.agreement < SHARED_FROM
    return ["views_mixed"] if mixed and "two_far_apart" not in _low(facts) else []


def _speaking_for(facts: ConfidenceFacts) -> list[str]:
    found = []
    if (facts.respondents or 0) >= ENOUGH_PEOPLE and not _role_doubts(facts.roles):
        found.append("three_with_economic_buyer")
    if facts.agreement is not None and facts.agreement >= SHARED_FROM:
        found.append("views_shared")
    if facts.band is not None and not _is_wide(facts.band):
        found.append("band_single")
    return found


def _knows(facts: ConfidenceFacts, most: int) -> bool:
    """Whether as many levels are known as the level asks for, up to `most`; True where neither is known."""
    if facts.known_levels is None or facts.level is None:
        return True
    return facts.known_levels >= min(most, facts.level)


def _is_wide(band: Band | None) -> bool:
    return band is not None and band[0] != band[1]


def _hears_too_little(facts: ConfidenceFacts) -> bool:
    return facts.coverage is not None and facts.coverage < HALF_HEARD
