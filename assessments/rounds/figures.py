"""Figures of a closed round: level scores of both sides, statements where they differ, reliability of the answers.

`least` is the number of answers that a mean of the customer needs: one in a named round, five in a confidential one.
Means use only statements with so many answers, so that no figure reveals what another one withholds. Of a confidential round the
means of its levels are shown and nothing finer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, floor
from statistics import fmean

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.measurement.agreement import reliability
from assessments.measurement.result import CONFIDENTIAL_MEANS_FROM, HIGHEST_ANSWER, LOWEST_ANSWER
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


class GapClass(StrEnum):
    """What the views of both sides of a statement come to; *high* is a mean from the threshold on."""

    AGREED_STRENGTH = "agreed_strength"
    AGREED_WEAKNESS = "agreed_weakness"
    BLIND_SPOT = "blind_spot"  # we high, they low
    UNDERVALUED = "undervalued"  # they high, we low

    @property
    def label(self) -> str:
        return str(_GAP_LABELS[self][0])

    @property
    def meaning(self) -> str:
        return str(_GAP_LABELS[self][1])


_GAP_LABELS = {
    GapClass.AGREED_STRENGTH: (gettext_lazy("agreed strength"), gettext_lazy("both high")),
    GapClass.AGREED_WEAKNESS: (gettext_lazy("agreed weakness"), gettext_lazy("both low")),
    GapClass.BLIND_SPOT: (gettext_lazy("blind spot"), gettext_lazy("we high, they low")),
    GapClass.UNDERVALUED: (gettext_lazy("undervalued"), gettext_lazy("they high, we low")),
}


def gap_class(theirs: float, ours: float, held_at: float) -> GapClass:
    """The class of a statement from the means 1..5 of both sides."""
    if theirs >= held_at:
        return GapClass.AGREED_STRENGTH if ours >= held_at else GapClass.UNDERVALUED
    return GapClass.BLIND_SPOT if ours >= held_at else GapClass.AGREED_WEAKNESS


@dataclass(frozen=True, slots=True)
class StatementDifference:
    """A statement as the two sides answer it; means 1..5, `by` is ours minus theirs."""

    rank: int
    text: str
    theirs: float
    ours: float
    kind: GapClass

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
    *,
    confidential: bool = False,
) -> list[LevelScores]:
    """Each level, the highest first: the mean of the means of its statements. Empty when nobody answered.

    `confidential`: the means of the customer are shown as `in_confidence` has them.
    """
    found = []
    for level in reversed(questionnaire.levels):
        asked = [indicator.pk for indicator in questionnaire.asked_at(level.rank)]
        they = [mean for pk in asked if (mean := _mean_of(pk, theirs, given, least)) is not None]
        we = [mean for pk in asked if (mean := _mean_of(pk, ours, given, 1)) is not None]
        scores = LevelScores(level.rank, level.name, level_mean(they, len(asked)), level_mean(we, len(asked)))
        if confidential:
            scores = replace(scores, theirs=in_confidence(scores.theirs, questionnaire.held_at))
        found.append(scores)
    return found if any(side.theirs is not None or side.ours is not None for side in found) else []


def both_answered(
    questionnaire: Questionnaire, theirs: Sequence[Response], ours: Sequence[Response], given: Given
) -> list[StatementDifference]:
    """The statements of a named round that both sides answered, in the customer's wording and in the order of the edition."""
    found = []
    for asked in questionnaire.indicators:
        they, we = _mean_of(asked.pk, theirs, given, 1), _mean_of(asked.pk, ours, given, 1)
        if they is not None and we is not None:
            kind = gap_class(they, we, questionnaire.held_at)
            found.append(StatementDifference(asked.rank, asked.customer, they, we, kind))
    return found


def differences(statements: Iterable[StatementDifference]) -> list[StatementDifference]:
    """The statements where the views lie furthest apart; at most five."""
    return furthest_apart((one for one in statements if one.theirs != one.ours), MOST_DIFFERENCES)


def of_each_kind(statements: Iterable[StatementDifference]) -> list[tuple[GapClass, list[StatementDifference]]]:
    """The statements by class, those without a statement left out; within a class the furthest apart first."""
    ordered = sorted(statements, key=lambda one: -round(abs(one.by), 6))
    found = [(kind, [one for one in ordered if one.kind == kind]) for kind in GapClass]
    return [(kind, some) for kind, some in found if some]


def furthest_apart(found: Iterable[StatementDifference], most: int) -> list[StatementDifference]:
    """The largest differences; of equal ones (to six decimals) the first."""
    return sorted(found, key=lambda difference: -round(abs(difference.by), 6))[:most]


def reliability_of(questionnaire: Questionnaire, theirs: Sequence[Response], given: Given) -> Reliability | None:
    """Krippendorff's α over the customer's responses and the statements; None below two responses."""
    if len(theirs) < 2:
        return None
    told = [asked.pk for asked in questionnaire.indicators if _mean_of(asked.pk, theirs, given, 1) is not None]
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


def in_confidence(mean: float | None, held_at: float) -> float | None:
    """A mean of a level as a confidential round shows it: one decimal, and no further up or down than two bounds.

    Beyond the bounds the mean would tell that every one of the least number of people holds the level, or that nobody does:
    (θ + 5(n − 1))/n and (θ + n − 1)/n for n people. They lie one tenth further in, for the decimals that are cut off.
    """
    if mean is None:
        return None
    low, high = bounds_in_confidence(held_at)
    return min(high, max(low, round(mean, 1)))


def bounds_in_confidence(held_at: float) -> tuple[float, float]:
    """The lowest and the highest mean of a level that a confidential round shows."""
    people = CONFIDENTIAL_MEANS_FROM
    nobody = (held_at + LOWEST_ANSWER * (people - 1)) / people
    everybody = (held_at + HIGHEST_ANSWER * (people - 1)) / people
    return round(ceil(round(nobody * 10, 6)) / 10 + 0.1, 1), round(floor(round(everybody * 10, 6)) / 10 - 0.1, 1)


def strengths_of(sides: Sequence[LevelScores]) -> tuple[float | None, float | None]:
    """The strength of both sides, the customer's first: the mean of the known level scores, 1..5.

    It uses the level scores that are shown: each person's own strength may contain answers that are withheld.
    """
    both = ([side.theirs for side in sides], [side.ours for side in sides])
    theirs, ours = ([score for score in scores if score is not None] for scores in both)
    return fmean(theirs) if theirs else None, fmean(ours) if ours else None
