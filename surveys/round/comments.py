"""LevelNotes and comments on the page of a round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.models import Assessment, Evidence, Response
from assessments.rounds.closing import tells_of_them
from hierarchy.models import Level
from surveys.round.people import is_ours, name_of


@dataclass(frozen=True, slots=True)
class Note:
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class LevelNotes:
    """Why they think so, of one level."""

    rank: int
    name: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class UnnamedComments:
    """What the customer's people wrote in confidence: for whoever may see the result, and nobody learns who wrote what."""

    texts: tuple[str, ...] = ()
    one_is_gone: bool = False  # erased since: no text is shown


def notes_of(responses: Sequence[Response], levels: Mapping[int, Level]) -> list[LevelNotes]:
    """One statement."""
    names = {response.pk: name_of(response) for response in responses}
    by_level: dict[int, list[Note]] = {}
    for note in Evidence.objects.filter(response__in=list(names)).order_by("level", "pk"):
        by_level.setdefault(note.level, []).append(Note(names[note.response_id], note.text))
    return [LevelNotes(rank, levels[rank].name if rank in levels else "", tuple(notes)) for rank, notes in by_level.items()]


def unnamed_comments(assessment: Assessment, submitted: Sequence[Response]) -> UnnamedComments:
    """Under the rule that hides the figures, and in the order of the alphabet, which tells nothing of who.

    No text once one of the people was erased: the one that is missing since would be theirs.
    """
    if not assessment.is_confidential or not tells_of_them(assessment):
        return UnnamedComments()
    theirs = [response for response in submitted if not is_ours(response)]
    if any(response.contact and response.contact.erased_on for response in theirs):
        return UnnamedComments(one_is_gone=True)
    written = [response.comment for response in theirs if response.comment]
    return UnnamedComments(tuple(sorted(written, key=lambda text: (text.casefold(), text))))
