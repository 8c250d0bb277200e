"""Notes and comments on the page of a round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.models import Assessment, Evidence, Response
from assessments.rounds.closing import shows_customer_answers
from hierarchy.models import Level
from surveys.models import Invitation
from surveys.round.people import is_ours, name_of


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


@dataclass(frozen=True, slots=True)
class UnnamedComments:
    """Comments of a confidential round, without names; for everybody who may see the result."""

    texts: tuple[str, ...] = ()
    one_is_gone: bool = False  # erased since: no text is shown


def notes_of(responses: Sequence[Response], levels: Mapping[int, Level]) -> list[LevelNotes]:
    """The notes of `responses` by level. One statement."""
    names = {response.pk: name_of(response) for response in responses}
    by_level: dict[int, list[Note]] = {}
    for note in Evidence.objects.filter(response__in=list(names)).order_by("level", "pk"):
        by_level.setdefault(note.level, []).append(Note(names[note.response_id], note.text))
    return [LevelNotes(rank, levels[rank].name if rank in levels else "", tuple(notes)) for rank, notes in by_level.items()]


def unnamed_comments(assessment: Assessment, submitted: Sequence[Response], invitations: Sequence[Invitation]) -> UnnamedComments:
    """The comments of a confidential round in alphabetical order, shown under the same rule as its figures.

    None once one of the people was erased: the comment that disappears would be theirs. Where the comments came from an archive,
    without names, the invitations tell who answered.
    """
    if not assessment.is_confidential or not shows_customer_answers(assessment):
        return UnnamedComments()
    theirs = [response for response in submitted if not is_ours(response)]
    people = [response.contact for response in theirs if response.contact]
    people += [one.contact for one in invitations if one.state == Invitation.State.ANSWERED]
    if any(person.erased_on for person in people):
        return UnnamedComments(one_is_gone=True)
    written = [response.comment for response in theirs if response.comment]
    return UnnamedComments(tuple(sorted(written, key=lambda text: (text.casefold(), text))))
