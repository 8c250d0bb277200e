"""Figures of a closed round: level scores of both sides, statements where they differ, reliability of the answers.

`least` is the number of answers that a figure of the customer needs: one in a named round, three in a confidential one.
Figures use only statements with so many answers, so that no figure reveals what another one withholds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from django.utils.translation import gettext as _

from assessments.measurement.agreement import reliability
from assessments.models import Answer, Response
from assessments.rating.questionnaire import Questionnaire

MOST_DIFFERENCES = 5
#: Krippendorff's own advice: rely on α from 0.8, draw tentative conclusions from 0.667.
RELIABLE_FROM, TENTATIVE_FROM = 0.8, 0.667

#: Answers by response and indicator; a missing indicator was not answered, None is *don't know*.
type Given = Mapping[int, Mapping[int, int | None]]


@dataclass(frozen=True, slots=True)
class LevelScores:
    """One level as both sides score it: means 1..5, None when unknown or withheld; x on the drawn scale."""

    rank: int
    name: str
    theirs: float | None
    ours: float | None

    @property
    def x_theirs(self) -> float:
        return scale_x(self.theirs)

    @property
    def x_ours(self) -> float:
        return scale_x(self.ours)


@dataclass(frozen=True, slots=True)
class StatementDifference:
    """A statement that the two sides answer differently; means 1..5, `by` is ours minus theirs."""

    rank: int
    text: str
    theirs: float
    ours: float

    @property
    def by(self) -> float:
        return self.ours - self.theirs


@dataclass(frozen=True, slots=True)
class Reliability:
    """Krippendorff's α of the customer's answers, with its verdict in words."""

    alpha: float
    word: str


def scale_x(score: float | None) -> float:
    """The x of a score 1..5 on a scale drawn from x = 8 to x = 192."""
    return 8.0 if score is None else round(8 + (score - 1) / 4 * 184, 1)


def answers_of(responses: Sequence[Response]) -> dict[int, dict[int, int | None]]:
    """The answers of `responses`, by response and indicator. One statement."""
    given: dict[int, dict[int, int | None]] = {response.pk: {} for response in responses}
    rows = Answer.objects.filter(response__in=list(given)).values_list("response_id", "indicator_id", "value")
    for response_id, indicator_id, value in rows:
        given[response_id][indicator_id] = value
    return given


def both_sides(
    questionnaire: Questionnaire,
    theirs: Sequence[Response],
    ours: Sequence[Response],
    given: Given,
    least: int,
) -> list[LevelScores]:
    """Each level, the highest first: the mean of the means of its statements. Empty when nobody answered."""
    found = []
    for level in reversed(questionnaire.levels):
        asked = [indicator.pk for indicator in questionnaire.asked_at(level.rank)]
        they = [mean for pk in asked if (mean := _mean_of(pk, theirs, given, least)) is not None]
        we = [mean for pk in asked if (mean := _mean_of(pk, ours, given, 1)) is not None]
        found.append(LevelScores(level.rank, level.name, level_mean(they, len(asked)), level_mean(we, len(asked))))
    return found if any(side.theirs is not None or side.ours is not None for side in found) else []


def differences(
    questionnaire: Questionnaire,
    theirs: Sequence[Response],
    ours: Sequence[Response],
    given: Given,
    least: int,
) -> list[StatementDifference]:
    """The statements where the views lie furthest apart, in the customer's wording; at most five."""
    found = []
    for asked in questionnaire.indicators:
        they, we = _mean_of(asked.pk, theirs, given, least), _mean_of(asked.pk, ours, given, 1)
        if they is not None and we is not None and they != we:
            found.append(StatementDifference(asked.rank, asked.customer, they, we))
    return furthest_apart(found, MOST_DIFFERENCES)


def furthest_apart(found: Iterable[StatementDifference], most: int) -> list[StatementDifference]:
    """The largest differences; of equal ones (to six decimals) the first."""
    return sorted(found, key=lambda difference: -round(abs(difference.by), 6))[:most]


def reliability_of(questionnaire: Questionnaire, theirs: Sequence[Response], given: Given, least: int) -> Reliability | None:
    """Krippendorff's α over the customer's responses and the statements; None below two responses."""
    if len(theirs) < max(2, least):
        return None
    told = [asked.pk for asked in questionnaire.indicators if _mean_of(asked.pk, theirs, given, least) is not None]
    alpha = reliability([[given[response.pk].get(pk) for pk in told] for response in theirs]) if told else None
    if alpha is None:
        return None
    if alpha >= RELIABLE_FROM:
        return Reliability(alpha, _("reliable: they read the statements alike"))
    if alpha >= TENTATIVE_FROM:
        return Reliability(alpha, _("tentative: they read most statements alike"))
    return Reliability(alpha, _("low: they answer the single statements differently"))


def _mean_of(indicator_id: int, responses: Sequence[Response], given: Given, least: int) -> float | None:
    values = [value for response in responses if (value := given[response.pk].get(indicator_id)) is not None]
    return fmean(values) if len(values) >= least else None


def level_mean(means: Sequence[float], asked: int) -> float | None:
    """The level score of a side from the means of its statements; as for one person, unknown below half of them."""
    return fmean(means) if means and 2 * len(means) >= asked else None


def strengths_of(sides: Sequence[LevelScores]) -> tuple[float | None, float | None]:
    """The strength of both sides, the customer's first: the mean of the known level scores, 1..5.

    It uses the level scores that are shown: each person's own strength may contain answers that are withheld.
    """
    both = ([side.theirs for side in sides], [side.ours for side in sides])
    theirs, ours = ([score for score in scores if score is not None] for scores in both)
    return fmean(theirs) if theirs else None, fmean(ours) if ours else None
