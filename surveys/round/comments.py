"""Notes on the page of a round."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assessments.models import Assessment, Evidence, Response
from assessments.rounds.closing import shows_customer_answers
from assessments.rounds.responses import ClosedResponse
from hierarchy.models import Level
from surveys.models import Invitation
from surveys.round.people import name_of


@dataclass(frozen=True, slots=True)
class EvidenceNote:
    """A note or comment with its author."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class LevelNotes:
    """The notes on one level."""

    rank: int
    name: str
    notes: tuple[EvidenceNote, ...]


@dataclass(frozen=True, slots=True)
class UnnamedComments:
    """Comments of a confidential round, without names; for everybody who may see the result."""

    texts: tuple[str, ...] = ()
    one_is_gone: bool = False  # erased since: no text is shown


@dataclass(frozen=True, slots=True)
class Quote:
    """A comment of one of the customer's people; of nobody in particular where the round is confidential."""

    text: str
    who: str = ""
    role: str = ""
    entered_by: str = ""  # the colleague who wrote it down


@dataclass(frozen=True, slots=True)
class RoundWords:
    """The customer's own words in one round; who weighs most comes first."""

    assessment: Assessment
    quotes: tuple[Quote, ...]


def notes_of(responses: Sequence[Response], levels: Mapping[int, Level]) -> list[LevelNotes]:
    """The notes of `responses` by level. One statement."""
    names = {response.pk: name_of(response) for response in responses}
    by_level: dict[int, list[EvidenceNote]] = {}
    for note in Evidence.objects.filter(response__in=list(names)).order_by("level", "pk"):
        by_level.setdefault(note.level, []).append(EvidenceNote(names[note.response_id], note.text))
    return [LevelNotes(rank, levels[rank].name if rank in levels else "", tuple(notes)) for rank, notes in by_level.items()]


def unnamed_comments(assessment: Assessment, voices: Iterable[ClosedResponse]) -> UnnamedComments:
    """The comments of a confidential round in alphabetical order, shown under the same rule as its figures.

    None once one of the people was erased: the comment that disappears would be theirs. No statement; one where a response has no
    name, as those that came from an archive.
    """
    if not assessment.is_confidential or not shows_customer_answers(assessment):
        return UnnamedComments()
    theirs = [voice for voice in voices if voice.round == assessment.pk and not voice.is_ours]
    if _one_is_gone(assessment, theirs):
        return UnnamedComments(one_is_gone=True)
    written = [voice.comment for voice in theirs if voice.comment]
    return UnnamedComments(tuple(sorted(written, key=lambda text: (text.casefold(), text))))


def _one_is_gone(assessment: Assessment, theirs: Sequence[ClosedResponse]) -> bool:
    """Whether one of the people who answered was erased. Where a response names nobody, the invitations tell who answered."""
    if any(voice.is_erased for voice in theirs):
        return True
    answered = Invitation.objects.filter(
        assessment=assessment, state=Invitation.State.ANSWERED, contact__erased_on__isnull=False
    )  # fmt: skip
    return not all(voice.name for voice in theirs) and answered.exists()


def words_of(
    assessment: Assessment, voices: Iterable[ClosedResponse], unnamed: UnnamedComments, *, named: bool
) -> RoundWords | None:
    """What the customer's people wrote in a closed round, by position or not; None where nothing was written or may be shown.

    Of a named round only for readers who may know who said what (`named`), of a confidential one its `unnamed` comments.
    """
    if assessment.is_confidential:
        quotes = tuple(Quote(text) for text in unnamed.texts)
    else:
        theirs = [voice for voice in voices if named and voice.round == assessment.pk and not voice.is_ours and voice.comment]
        theirs.sort(key=lambda voice: -voice.weight)
        quotes = tuple(Quote(voice.comment, voice.name, voice.role_label, voice.entered_by) for voice in theirs)
    return RoundWords(assessment, quotes) if quotes and not assessment.is_open else None
