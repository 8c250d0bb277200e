"""All that the page of one round shows, gathered in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Contact, User
from accounts.permissions import may
from assessments import words
from assessments.models import Assessment, Evidence, Response
from assessments.rating.acts import may_rate, rates_first
from assessments.rating.outcome import nothing_known, warnings_of
from assessments.rating.questionnaire import Questionnaire, questionnaire_of
from assessments.rounds.closing import CONFIDENTIAL_FROM, least_to_tell, result_of, stands_for_good, tells_of_them, with_result
from assessments.rounds.contacts import roles_not_heard
from assessments.rounds.figures import answers_of, both_sides, differences, reliability_of, scale_x, strengths_of
from core import days
from hierarchy.models import Level
from mailing.mail import written_to
from surveys.invitation_state import Asking, asking_of, invitations_of
from surveys.models import Invitation
from surveys.round.trail import trail_of


@dataclass(frozen=True, slots=True)
class Person:
    """One respondent, or who was asked and has not begun; of whose figures may not be shown, only that they answered."""

    name: str
    is_ours: bool
    role: str
    weight: int
    state: str  # submitted, draft, waiting, over
    entered_by: str
    level: int | None
    position: float | None
    counts: bool  # True where it may not be told
    strength: float | None = None
    scores: tuple[float | None, ...] = ()
    warnings: tuple[str, ...] = ()
    asking: Asking | None = None  # how it stands with the invitation


@dataclass(frozen=True, slots=True)
class Note:
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Notes:
    """Why they think so, of one level."""

    rank: int
    name: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Unnamed:
    """What the customer's people wrote in confidence: for whoever may see the result, and nobody learns who wrote what."""

    texts: tuple[str, ...] = ()
    one_is_gone: bool = False  # erased since: no text is shown


def round_context(assessment: Assessment, account: Account, user: User, today: date | None = None) -> dict[str, Any]:
    """The context of `surveys/round.html`: at most eight statements, whatever the number of respondents.

    Who still has to give a view sees who answered, not what (`rating.rates_first`). Named answers are for who
    may read them; a confidential round names none of the customer's, and shows no figure of theirs while it
    is open, since each new answer would show by what it changes.
    """
    today = today or days.today()
    responses = list(assessment.responses.select_related("contact", "user", "entered_by").order_by("pk"))
    raters = list(assessment.raters.all()) if assessment.is_open else []
    invitations = invitations_of(assessment)
    blind = assessment.is_open and rates_first(user, raters, responses)
    named = may(user, "customer.answers", account)
    context: dict[str, Any] = {
        "section": "accounts",
        "account": account,
        "assessment": assessment,
        "today": today,
        "blind": blind,
        "named": named and not blind,
        "may_change": may(user, "assessment.close", account),
        "may_rate": assessment.is_open and (any(rater.pk == user.pk for rater in raters) or may_rate(user, account, None)),
        "own": next((response for response in responses if response.user_id == user.pk), None),
        "trail": trail_of(assessment, figures=not blind),
    }
    if assessment.is_open:
        return context | _open(assessment, responses, invitations, raters, blind=blind, named=named, today=today)
    return context | _closed(assessment, responses, invitations, named=named, today=today)


def _open(
    assessment: Assessment,
    responses: list[Response],
    invitations: list[Invitation],
    raters: list[User],
    *,
    blind: bool,
    named: bool,
    today: date,
) -> dict[str, Any]:
    preview = with_result(assessment, result_of(assessment, responses))
    hide_theirs = assessment.is_confidential
    begun = {response.contact_id for response in responses}
    asked = {
        one.contact_id: asking_of(one, is_open=True, answered=False, today=today, begun=one.contact_id in begun)
        for one in invitations
    }
    theirs = [
        _person(response, shown=named and not blind and not hide_theirs, asking=asked.get(response.contact_id or 0))
        for response in responses
        if not _is_ours(response)
    ]
    theirs += [
        _invited(invitation, asked[invitation.contact_id]) for invitation in invitations if invitation.contact_id not in begun
    ]
    ours = [_person(response, shown=named and not blind) for response in responses if _is_ours(response)]
    rated = {response.user_id for response in responses}
    ours += [_waiting(rater) for rater in raters if rater.pk not in rated]
    levels = {level.rank: level for level in assessment.edition.levels.all()}
    has_level = _has_level(preview, theirs)
    shown = has_level and not blind and not hide_theirs
    return {
        "theirs": theirs,
        "ours": ours,
        "asks": bool(invitations),
        "mail_folder": written_to(),
        "preview": preview if shown else None,
        "headline": _headline(preview, levels) if shown else "",
        "sureness": words.sureness(preview, today)[:-1] if shown else [],
        "has_level": has_level,
        "warnings": _warnings(
            theirs,
            ours,
            [response.buying_role for response in responses if response.is_submitted],
            confidential=hide_theirs,
        ),
    }


def _has_level(preview: Assessment, theirs: Sequence[Person]) -> bool:
    """Whether closing would fix a level; in a confidential round as far as one can tell from who answered."""
    if preview.is_confidential:
        answered = sum(person.state == "submitted" for person in theirs)
        return preview.team_level is not None or answered >= CONFIDENTIAL_FROM
    return preview.customer_level is not None or preview.team_level is not None


def _closed(
    assessment: Assessment, responses: list[Response], invitations: list[Invitation], *, named: bool, today: date
) -> dict[str, Any]:
    questionnaire = questionnaire_of(assessment.edition)
    submitted = [response for response in responses if response.is_submitted]
    answers = answers_of(submitted)
    counting = [response for response in submitted if response.position is not None]
    theirs = [response for response in counting if not _is_ours(response)]
    ours = [response for response in counting if _is_ours(response)]
    least = least_to_tell(assessment)
    sides = both_sides(questionnaire, theirs, ours, answers, least)
    answered = {response.contact_id for response in submitted}
    asked = [
        _invited(invitation, asking_of(invitation, is_open=False, answered=invitation.contact_id in answered, today=today))
        for invitation in invitations
        if invitation.state != Invitation.State.REVOKED or invitation.contact_id in answered
    ]
    context: dict[str, Any] = {
        "headline": _headline(assessment, questionnaire.by_rank),
        "sureness": words.sureness(assessment, today),
        "withheld": "too_few_to_tell" in assessment.confidence_reasons,
        "for_good": stands_for_good(assessment),
        "held_at": questionnaire.held_at,
        "x_held": scale_x(questionnaire.held_at),
        "sides": sides,
        "strengths": strengths_of(sides),
        "differences": differences(questionnaire, theirs, ours, answers, least),
        "reliability": reliability_of(questionnaire, theirs, answers, least),
        "unnamed": _unnamed(assessment, submitted),
        "asked": asked if named else [],
        "asked_count": len(asked),
        "answered_count": sum(person.state == "submitted" for person in asked),
    }
    if named:
        shown = [response for response in submitted if _is_ours(response) or not assessment.is_confidential]
        people = [_read(response, questionnaire, answers[response.pk]) for response in shown]
        context |= {
            # Answers that are not cumulative are leads, so they come first; then theirs, by weight.
            "people": sorted(people, key=lambda person: (not person.warnings, person.is_ours, -person.weight)),
            "notes": _notes(shown, questionnaire.by_rank),
            "comments": [Note(_name(response), response.comment) for response in shown if response.comment],
        }
    return context


def _unnamed(assessment: Assessment, submitted: Sequence[Response]) -> Unnamed:
    """Under the rule that hides the figures, and in the order of the alphabet, which tells nothing of who.

    No text once one of the people was erased: the one that is missing since would be theirs.
    """
    if not assessment.is_confidential or not tells_of_them(assessment):
        return Unnamed()
    theirs = [response for response in submitted if not _is_ours(response)]
    if any(response.contact and response.contact.erased_on for response in theirs):
        return Unnamed(one_is_gone=True)
    written = [response.comment for response in theirs if response.comment]
    return Unnamed(tuple(sorted(written, key=lambda text: (text.casefold(), text))))


def _headline(assessment: Assessment, levels: Mapping[int, Level]) -> str:
    """What the round found, in a sentence; an account says "never asked", a round only that nobody was heard in it."""
    if "too_few_to_tell" in assessment.confidence_reasons:
        return words.level_sentence(assessment, levels, silence=words.too_few_sentence())
    return words.level_sentence(assessment, levels, silence=_("None of their people was heard."))


def _is_ours(response: Response) -> bool:
    return response.side == Response.Side.TEAM


def _name(response: Response) -> str:
    if response.who:
        return response.who
    return _("someone of our team") if _is_ours(response) else _("someone at the customer")


def _person(response: Response, *, shown: bool, asking: Asking | None = None) -> Person:
    """A respondent of an open round; the level only when it may be `shown`, and whether there is one at all."""
    return Person(
        name=_name(response),
        is_ours=_is_ours(response),
        role=_role(response.buying_role),
        weight=response.weight,
        state="submitted" if response.is_submitted else "draft",
        entered_by=_entered_by(response),
        level=response.level if shown else None,
        position=response.position if shown else None,
        counts=response.position is not None or not shown,
        asking=asking,
    )


def _invited(invitation: Invitation, asking: Asking) -> Person:
    """Someone of the customer who was asked; whether an answer came is told by the invitation."""
    state = "submitted" if asking.tone == "good" else "waiting" if asking.waits else "over"
    contact = invitation.contact
    return Person(
        str(contact), False, _role(contact.buying_role), contact.influence, state, "", None, None, counts=True, asking=asking
    )  # fmt: skip


def _entered_by(response: Response) -> str:
    """Who entered it, when that is not the respondent."""
    return "" if response.entered_by_id in {None, response.user_id} else str(response.entered_by)


def _waiting(rater: User) -> Person:
    return Person(str(rater), True, "", 1, "waiting", "", None, None, counts=False)


def _read(response: Response, questionnaire: Questionnaire, answers: Mapping[int, int | None]) -> Person:
    """A respondent of a closed round with the five level scores."""
    reading = questionnaire.read({asked.code: answers[asked.pk] for asked in questionnaire.indicators if asked.pk in answers})
    return Person(
        name=_name(response),
        is_ours=_is_ours(response),
        role=_role(response.buying_role),
        weight=response.weight,
        state="submitted",
        entered_by=_entered_by(response),
        level=response.level,
        position=response.position,
        counts=response.position is not None,
        strength=response.strength,
        scores=reading.level_scores,
        warnings=tuple(warnings_of(reading)),
    )


def _role(value: str) -> str:
    return str(dict(Contact.BuyingRole.choices).get(value, ""))


def _notes(responses: Sequence[Response], levels: Mapping[int, Level]) -> list[Notes]:
    """One statement."""
    names = {response.pk: _name(response) for response in responses}
    by_level: dict[int, list[Note]] = {}
    for note in Evidence.objects.filter(response__in=list(names)).order_by("level", "pk"):
        by_level.setdefault(note.level, []).append(Note(names[note.response_id], note.text))
    return [Notes(rank, levels[rank].name if rank in levels else "", tuple(notes)) for rank, notes in by_level.items()]


def _warnings(theirs: Sequence[Person], ours: Sequence[Person], roles: list[str], *, confidential: bool) -> list[str]:
    """What the result would lack if it were closed now."""
    found = []
    heard = [person for person in theirs if person.state == "submitted" and person.counts]
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
    return found + [f"{person.name}: {nothing_known()}" for person in idle]


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
