"""Warnings on the page of an open round: what its result would lack if it were closed now."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments import words
from assessments.measurement.result import CONFIDENTIAL_FROM
from assessments.rounds.contacts import roles_not_heard
from surveys.round.people import RoundPerson


def closing_warnings(
    theirs: Sequence[RoundPerson], ours: Sequence[RoundPerson], roles: list[str], *, confidential: bool
) -> list[str]:
    """Sentences about what the result would lack if the round were closed now."""
    found = []
    answered = [person for person in theirs if person.state == "submitted"]
    heard = [person for person in answered if person.counts and not person.left_out]
    in_words = [person for person in answered if person.in_words]
    if not heard and not in_words and not (confidential and answered):
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
    if left_out := [person.name for person in answered if person.left_out]:
        found.append(_left_out(left_out))
    if late := [person.name for person in ours if person.unblinded]:
        found.append(_not_blind(late))
    if in_words:
        found.append(_in_words([person.name for person in in_words]))
    idle = [person for person in [*theirs, *ours] if person.state == "submitted" and not (person.counts or person.in_words)]
    return found + [f"{person.name}: {words.nothing_known()}" for person in idle]


def _left_out(names: list[str]) -> str:
    return ngettext(
        "These answers do not count in confidence, since the contact was made or the address changed after the round was opened, "
        "or is one of ours: %(names)s.",
        "These answers do not count in confidence, since the contacts were made or the addresses changed after the round was "
        "opened, or are ours: %(names)s.",
        len(names),
    ) % {"names": ", ".join(names)}


def _not_blind(names: list[str]) -> str:
    return ngettext(
        "This view of ours does not count, since the customer's answers could be read before it was given: %(names)s.",
        "These views of ours do not count, since the customer's answers could be read before they were given: %(names)s.",
        len(names),
    ) % {"names": ", ".join(names)}


def _in_words(names: list[str]) -> str:
    return _("Answered in words alone, which gives no level: %(names)s.") % {"names": ", ".join(names)}


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
