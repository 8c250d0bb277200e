"""What one response comes to, in words: the preview while one answers, and the line per person afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments import words
from assessments.measurement.result import LEVELS, Reading
from hierarchy.models import Level


@dataclass(frozen=True, slots=True)
class Rung:
    """One level as the answers see it."""

    rank: int
    name: str
    score: float | None  # 1..5; None when fewer than half of its statements were answered
    held: bool
    word: str


@dataclass(frozen=True, slots=True)
class Outcome:
    level: int | None
    position: float | None
    strength: float | None
    seen_as: str
    rungs: tuple[Rung, ...]  # the highest level first, as on the ladder
    warnings: tuple[str, ...]


def outcome_of(reading: Reading, levels: Mapping[int, Level], held_at: float) -> Outcome:
    rungs = []
    for rank, score in zip(LEVELS, reading.level_scores, strict=True):
        held = score is not None and score >= held_at and rank not in reading.strong_above
        name = levels[rank].name if rank in levels else str(rank)
        rungs.append(Rung(rank, name, score, held, _rung_word(rank, score, held, reading)))
    return Outcome(
        level=reading.level,
        position=reading.position,
        strength=reading.strength,
        seen_as=levels[reading.level].seen_as if reading.level is not None and reading.level in levels else "",
        rungs=tuple(reversed(rungs)),
        warnings=tuple(warnings_of(reading)),
    )


def warnings_of(reading: Reading) -> list[str]:
    """What to look at twice in a response, in words."""
    if reading.level is None:
        return [nothing_known()]
    found = []
    if reading.below_specification:
        found.append(_("Below level 1: what we deliver does not meet the specifications yet. It is shown as level 1."))
    if reading.stopped_at is not None and reading.pattern_error:
        found.append(words.not_cumulative(reading.strong_above, reading.stopped_at))
    return found


def nothing_known() -> str:
    return _("No level: fewer than half of each level's statements were answered, so this counts for nothing.")


def _rung_word(rank: int, score: float | None, held: bool, reading: Reading) -> str:
    if score is None:
        return _("too few answers")
    if held:
        return _("held")
    if rank in reading.strong_above:
        return _("strong, but level %(level)s comes first") % {"level": reading.stopped_at}
    return _("not held")
