"""What an edition asks: its levels and active statements, and how answers to them are read."""

from collections.abc import Mapping
from dataclasses import dataclass

from assessments.measurement.result import LEVELS, Reading, read_response
from hierarchy.models import Edition, Indicator, Level

#: Answers by indicator code: 1..5, or None for *don't know*. A statement not in it is not answered yet.
type Answers = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Questionnaire:
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
        """What the answers come to; statements without an answer count as *don't know* here."""
        by_level = {rank: [answers.get(asked.code) for asked in self.asked_at(rank)] for rank in LEVELS}
        return read_response(by_level, self.held_at)


def questionnaire_of(edition: Edition) -> Questionnaire:
    """Two statements."""
    return Questionnaire(
        edition,
        tuple(edition.levels.order_by("rank")),
        tuple(edition.indicators.filter(active=True).order_by("rank", "order", "pk")),
    )
