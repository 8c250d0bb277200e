"""Notes on the page of a round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.models import Evidence, Response
from hierarchy.models import Level
from surveys.round.people import name_of


@dataclass(frozen=True, slots=True)
class Note:
    """A note or comment with its author."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class LevelNotes:
    """The notes on one level."""

    rank: int
    name: str
    notes: tuple[Note, ...]


def notes_of(responses: Sequence[Response], levels: Mapping[int, Level]) -> list[LevelNotes]:
    """The notes of `responses` by level. One statement."""
    names = {response.pk: name_of(response) for response in responses}
    by_level: dict[int, list[Note]] = {}
    for note in Evidence.objects.filter(response__in=list(names)).order_by("level", "pk"):
        by_level.setdefault(note.level, []).append(Note(names[note.response_id], note.text))
    return [LevelNotes(rank, levels[rank].name if rank in levels else "", tuple(notes)) for rank, notes in by_level.items()]
