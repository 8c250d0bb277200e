"""The statements of an edition, and what answers to them come to: a position, and a summary in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments import words
from assessments.measurement.result import LEVELS, Reading, read_response
from hierarchy.models import Edition, Indicator, Level
from hierarchy.words import in_our_words

#: Answers by indicator code: 1..5, or None for *don't know*. A statement not in it is not answered yet.
type Answers = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """An edition with its levels and active statements, loaded."""

    edition: Edition
    levels: tuple[Level, ...]
    indicators: tuple[Indicator, ...]  # the active ones, in the order in which they are asked

    @property
    def held_at(self) -> float:
        return float(self.edition.held_at)

    @property
    def by_rank(self) -> dict[int, Level]:
        return {level.rank: level for level in self.levels}

    def asked_at(self, rank: int) -> list[Indicator]:
        return [indicator for indicator in self.indicators if indicator.rank == rank]

    def read(self, answers: Answers) -> Reading:
        """The position and level that `answers` give; statements without an answer count as *don't know*."""
        return read_response(self.by_level(answers), self.held_at)

    def by_level(self, answers: Answers) -> dict[int, list[int | None]]:
        """The answers by level, None for a statement without one."""
        return {rank: [answers.get(asked.code) for asked in self.asked_at(rank)] for rank in LEVELS}


def questionnaire_of(edition: Edition) -> Questionnaire:
    """The questionnaire of `edition`. Two statements."""
    return Questionnaire(
        edition,
        tuple(edition.levels.order_by("rank")),
        tuple(edition.indicators.filter(active=True).order_by("rank", "order", "pk")),
    )


@dataclass(frozen=True, slots=True)
class LevelReading:
    """One level in the summary of a response: its score, and whether it is held."""

    rank: int
    name: str
    score: float | None  # 1..5; None when fewer than half of its statements were answered
    held: bool
    word: str


@dataclass(frozen=True, slots=True)
class ResponseSummary:
    """Level, position and warnings of one response."""

    level: int | None
    position: float | None
    strength: float | None
    seen_as: str  # in our words: "They see us as" what
    rungs: tuple[LevelReading, ...]  # the highest level first
    warnings: tuple[str, ...]


def summary_of(reading: Reading, questionnaire: Questionnaire) -> ResponseSummary:
    """What one response comes to, for the preview beside its form."""
    levels, held_at = questionnaire.by_rank, questionnaire.held_at
    rungs = []
    for rank, score in zip(LEVELS, reading.level_scores, strict=True):
        held = score is not None and score >= held_at and rank not in reading.strong_above
        name = levels[rank].name if rank in levels else str(rank)
        rungs.append(LevelReading(rank, name, score, held, _rung_word(rank, score, held, reading)))
    return ResponseSummary(
        level=reading.level,
        position=reading.position,
        strength=reading.strength,
        seen_as=in_our_words(levels.get(reading.level)) if reading.level is not None else "",
        rungs=tuple(reversed(rungs)),
        warnings=tuple(words.warnings_of(reading)),
    )


def _rung_word(rank: int, score: float | None, held: bool, reading: Reading) -> str:
    if score is None:
        return _("too few answers")
    if held:
        return _("held")
    if rank in reading.strong_above:
        return _("strong, but level %(level)s comes first") % {"level": reading.stopped_at}
    return _("not held")
