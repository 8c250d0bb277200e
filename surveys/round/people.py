"""The people on the page of a round: respondents, invited contacts and raters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.models import Contact, User
from assessments import words
from assessments.models import Response
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
    entered_by: str
    level: int | None
    position: float | None
    counts: bool  # True where it may not be shown
    strength: float | None = None
    scores: tuple[float | None, ...] = ()
    warnings: tuple[str, ...] = ()
    asking: InvitationStatus | None = None  # the status of the invitation
    left_out: bool = False  # of a confidential round: see `rounds/voices.py`


def is_ours(response: Response) -> bool:
    return response.side == Response.Side.TEAM


def name_of(response: Response) -> str:
    if response.who:
        return response.who
    return _("someone of our team") if is_ours(response) else _("someone at the customer")


def respondent(response: Response, *, shown: bool, asking: InvitationStatus | None = None, left_out: bool = False) -> RoundPerson:
    """A respondent of an open round; `level` and `counts` only when they may be `shown`."""
    return RoundPerson(
        name=name_of(response),
        is_ours=is_ours(response),
        role=_role(response.buying_role),
        weight=response.weight,
        state="submitted" if response.is_submitted else "draft",
        entered_by=_entered_by(response),
        level=response.level if shown else None,
        position=response.position if shown else None,
        counts=response.position is not None or not shown,
        asking=asking,
        left_out=left_out,
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


def respondent_with_scores(response: Response, questionnaire: Questionnaire, answers: Mapping[int, int | None]) -> RoundPerson:
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
        entered_by=_entered_by(response),
        level=response.level,
        position=response.position,
        counts=response.position is not None,
        strength=response.strength,
        scores=reading.level_scores,
        warnings=tuple(words.warnings_of(reading)),
    )


def _entered_by(response: Response) -> str:
    """Who entered it, when that is not the respondent."""
    return "" if response.entered_by_id in {None, response.user_id} else str(response.entered_by)


def _role(value: str) -> str:
    return str(dict(Contact.BuyingRole.choices).get(value, ""))
