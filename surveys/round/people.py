"""The people on the page of a round: respondents, invited contacts and raters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import Contact, User
from assessments import words
from assessments.models import Correction, Response
from assessments.rating.questionnaire import Questionnaire
from surveys.models import Invitation
from surveys.words import InvitationStatus

if TYPE_CHECKING:
    from assessments.measurement.result import Reading


@dataclass(frozen=True, slots=True)
class RoundPerson:
    """A respondent, an invited contact or a rater of the round; without figures where they may not be shown."""

    name: str
    is_ours: bool
    role: str
    weight: int
    state: str  # submitted, draft, waiting, over
    origin: str  # told to us, and by whom entered; by API; empty when they answered themselves
    level: int | None
    position: float | None
    counts: bool  # True where it may not be shown
    in_words: bool = False  # alone: it has a text and no level
    marks: tuple[str, ...] = ()  # what to know of the answers: all alike, too fast
    unblinded: bool = False  # a view of ours that was not given blind
    left_out: bool = False  # of a confidential round, which does not count these answers (`rounds/voices.py`)
    corrections: tuple[str, ...] = ()  # of a fixed view of ours
    strength: float | None = None
    scores: tuple[float | None, ...] = ()
    warnings: tuple[str, ...] = ()
    asking: InvitationStatus | None = None  # the status of the invitation


def is_ours(response: Response) -> bool:
    return response.side == Response.Side.TEAM


def name_of(response: Response) -> str:
    if response.who:
        return response.who
    return _("someone of our team") if is_ours(response) else _("someone at the customer")


def respondent(
    response: Response,
    *,
    shown: bool,
    asking: InvitationStatus | None = None,
    left_out: bool = False,
    corrections: Sequence[Correction] = (),
) -> RoundPerson:
    """A respondent of an open round; level, marks, corrections and `counts` only when they may be `shown`."""
    return RoundPerson(
        name=name_of(response),
        is_ours=is_ours(response),
        role=_role(response.buying_role),
        weight=response.weight,
        state="submitted" if response.is_submitted else "draft",
        origin=_origin(response),
        level=response.level if shown else None,
        position=response.position if shown else None,
        counts=response.position is not None or not shown,
        in_words=shown and response.is_in_words,
        marks=marks_of(response) if shown else (),
        unblinded=shown and response.unblinded,
        left_out=left_out,
        corrections=_corrected(response, corrections) if shown else (),
        asking=asking,
    )


def invited_person(invitation: Invitation, asking: InvitationStatus, *, left_out: bool = False) -> RoundPerson:
    """An invited contact without a response to show; the state comes from the invitation."""
    state = "submitted" if asking.tone == "good" else "waiting" if asking.waits else "over"
    contact = invitation.contact
    return RoundPerson(
        str(contact), False, _role(contact.buying_role), contact.influence, state, "", None, None, counts=True, asking=asking,
        left_out=left_out,
    )  # fmt: skip


def waiting_rater(rater: User) -> RoundPerson:
    return RoundPerson(str(rater), True, "", 1, "waiting", "", None, None, counts=False)


def respondent_with_scores(
    response: Response,
    questionnaire: Questionnaire,
    answers: Mapping[int, int | None],
    corrections: Sequence[Correction] = (),
) -> RoundPerson:
    """A respondent of a closed round with the five level scores."""
    reading: Reading = questionnaire.read(
        {asked.code: answers[asked.pk] for asked in questionnaire.indicators if asked.pk in answers}
    )
    return RoundPerson(
        name=name_of(response),
        is_ours=is_ours(response),
        role=_role(response.buying_role),
        weight=response.weight,
        state="submitted",
        origin=_origin(response),
        level=response.level,
        position=response.position,
        counts=response.counted,
        in_words=response.is_in_words,
        marks=marks_of(response),
        unblinded=response.unblinded,
        corrections=_corrected(response, corrections),
        strength=response.strength,
        scores=reading.level_scores,
        warnings=() if response.is_in_words else tuple(words.warnings_of(reading)),
    )


def marks_of(response: Response) -> tuple[str, ...]:
    """What keeps a response from being sound or blind, in words, and whether it does not count for it."""
    found = []
    if response.uniform:
        found.append(_("all answers alike"))
    if response.hasty:
        found.append(_("answered in under two seconds a statement"))
    if response.unblinded:
        found.append(_("given after the customer's answers could be read, so it does not count"))
    elif found and response.is_submitted and not (response.counts or response.counted):
        found.append(_("does not count"))
    return tuple(found)


def _origin(response: Response) -> str:
    if response.origin == Response.Origin.API:
        return _("by API")
    if response.origin == Response.Origin.TOLD:
        return _("told to us, entered by %(who)s") % {"who": response.entered_by} if response.entered_by else _("told to us")
    return ""


def _corrected(response: Response, corrections: Sequence[Correction]) -> tuple[str, ...]:
    """The corrections of a fixed view, in words; of one that was not given blind neither it nor they count."""
    if response.unblinded:
        line = _("corrected by %(who)s on %(day)s to level %(level)s")
    else:
        line = _("corrected by %(who)s on %(day)s to level %(level)s, after they had answered: the first view counts")
    return tuple(
        line % {"who": one.made_by, "day": date_format(localtime(one.made_at), "j M Y"), "level": one.level or "–"}
        for one in corrections
    )


def _role(value: str) -> str:
    return str(dict(Contact.BuyingRole.choices).get(value, ""))
