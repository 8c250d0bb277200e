"""Warnings on the page of an open round: what its result would lack if it were closed now."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments import words
from assessments.rounds.closing import CONFIDENTIAL_FROM
from assessments.rounds.contacts import roles_not_heard
from surveys.round.people import RoundPerson


def closing_warnings(
    theirs: Sequence[RoundPerson], ours: Sequence[RoundPerson], roles: list[str], *, confidential: bool
) -> list[str]:
    """Sentences about what the result would lack if the round were closed now."""
    found = []
    heard = [person for person in theirs if person.state == "submitted" and person.counts and not person.left_out]
    if not heard:
        found.append(_("Nobody of the customer has answered: closed now, it holds our own view only."))
    elif confidential and len(heard) < CONFIDENTIAL_FROM:
        found.append(_("Fewer than three of their people have answered: closed now, it says nothing of what they think."))
    elif len(heard) == 1:
        found.append(_("Only one person of the customer has answered: confidence will be low."))
    if heard and (missing := roles_not_heard(roles)):
        found.append(_("Not heard: %(roles)s.") % {"roles": ", ".join(missing)})
    for people, state, one in (
        ([*theirs, *ours], "draft", _drafts),
        (theirs, "waiting", _still_silent),
        (ours, "waiting", _still_asked),
    ):
        names = [person.name for person in people if person.state == state]
        if names:
            found.append(one(names))
    idle = [person for person in [*theirs, *ours] if person.state == "submitted" and not person.counts]
    return found + [f"{person.name}: {words.nothing_known()}" for person in idle]


def _drafts(names: list[str]) -> str:
    return ngettext(
        "A draft does not count until it is submitted: %(names)s.",
        "Drafts do not count until they are submitted: %(names)s.",
        len(names),
    ) % {"names": ", ".join(names)}


def _still_asked(names: list[str]) -> str:
    return _("Asked, and not begun yet: %(names)s.") % {"names": ", ".join(names)}


def _still_silent(names: list[str]) -> str:
    return _("Asked, and no answer yet: %(names)s.") % {"names": ", ".join(names)}
