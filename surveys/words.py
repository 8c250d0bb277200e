"""The state of an invitation in words, with its days; never an answer."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from surveys.models import Invitation
from surveys.models.invitations import moved_in_words

State = Invitation.State
#: An answer may still come, as long as the invitation has not expired.
WAITING = frozenset({State.QUEUED, State.SENT, State.UNSURE, State.OPENED})


@dataclass(frozen=True, slots=True)
class InvitationStatus:
    """The state of one invitation for a page: a word, the tone of its tag, and the days."""

    word: str
    tone: str  # good, warn, bad or empty
    days: str
    waits: bool  # an answer may still come
    trouble: str  # why no mail went out, or goes out any more
    invitation: Invitation


def invitation_status(invitation: Invitation, *, is_open: bool, answered: bool, today: date) -> InvitationStatus:
    """The status of `invitation`. `is_open` is of the round; `answered` also when we entered the answers. No statement."""
    days = [_("asked %(day)s") % {"day": _day(invitation.invited_at)}]
    if invitation.reminded_on:
        days.append(_("reminded %(day)s") % {"day": _day(invitation.reminded_on)})
    if invitation.opened_at:
        days.append(_("opened %(day)s") % {"day": _day(invitation.opened_at)})
    if invitation.answered_at:
        days.append(_("answered %(day)s") % {"day": _day(invitation.answered_at)})
    over = not is_open or invitation.expires_on < today
    answered = answered or invitation.state == State.ANSWERED
    moved = not over and not answered and invitation.state != State.REVOKED and invitation.is_moved
    word, tone = _word(State.REVOKED if moved else invitation.state, over=over, answered=answered)
    waits = not over and not answered and not moved and invitation.state in WAITING
    trouble = moved_in_words() if moved else invitation.trouble_in_words
    return InvitationStatus(word, tone, ", ".join(days), waits=waits, trouble=trouble, invitation=invitation)


def _word(state: str, *, over: bool, answered: bool) -> tuple[str, str]:
    if answered:
        return _("answered"), "good"
    if state == State.REVOKED:
        return _("withdrawn"), ""
    if state == State.FAILED:
        return _("could not be sent"), "bad"
    if over:
        return _("did not answer"), ""
    return {
        State.QUEUED: (_("on its way"), ""),
        State.UNSURE: (_("may have been sent"), "warn"),
        State.OPENED: (_("opened"), "warn"),
    }.get(State(state), (_("no answer yet"), ""))


def _day(moment: date | datetime) -> str:
    """A moment as a day in the reader's time zone; a date is the organisation's and stays."""
    day = localtime(moment) if isinstance(moment, datetime) else moment
    return date_format(day, "j M Y")
