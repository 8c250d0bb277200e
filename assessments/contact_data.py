"""What assessments hold of a contact: what is told in an export, and what goes when the person is erased."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Prefetch
from django.utils.translation import gettext as _

from accounts.erasure import Keeper, Texts, Traces
from accounts.models import Account, Contact, User
from accounts.outbox_models import Letter
from assessments.invitations import INVITATION, REMINDER
from assessments.models import Answer, Assessment, Evidence, Invitation, Response, SurveyLink
from assessments.rating import open_round, rates_first_in

ABOUT_INVITATIONS = (INVITATION, REMINDER)  # kinds of letters whose subject is an invitation


def export(contact: Contact, by: User) -> dict[str, Any]:
    """Rounds with what the person answered, as far as `by` may read it, and how they were invited."""
    answers = Prefetch("answers", Answer.objects.select_related("indicator").order_by("indicator__order", "pk"))
    given = contact.responses.select_related("assessment__edition").prefetch_related(answers, "evidence")
    own_view_first = rates_first_in(open_round(contact.account), by)
    rounds = [_round(response, own_view_first=own_view_first) for response in given.order_by("pk")]
    left_out = {told["left_out"] for told in rounds if "left_out" in told}
    invitations = list(contact.invitations.select_related("assessment"))
    letters = _letters(invitations)
    return {
        "rounds": rounds,
        "invitations": [_invitation(invitation, letters.get(invitation.pk, [])) for invitation in invitations],
        "left_out": sorted(left_out),
    }


def traces(contact: Contact) -> list[Traces]:
    return [
        Traces(Response._meta.label_lower, _ids(contact.responses), ("comment", "evidence")),
        Traces(Invitation._meta.label_lower, _ids(contact.invitations), ("subject", "message")),
    ]


def texts(account: Account) -> list[Texts]:
    return [
        Texts(Response.objects.filter(assessment__account=account), ["comment"]),
        Texts(Evidence.objects.filter(response__assessment__account=account), ["text"]),
        Texts(Invitation.objects.filter(assessment__account=account), ["subject", "message"]),
    ]


def hold(contact: Contact) -> None:
    """Nobody answers, invites or closes meanwhile."""
    rounds = Assessment.objects.select_for_update().filter(account=contact.account_id).order_by("pk")
    list(rounds.values_list("pk"))


def erase(contact: Contact) -> dict[str, int]:
    """What they wrote, what they had not sent yet, and the way to answer. Submitted answers stay as numbers."""
    drafts = contact.responses.filter(submitted_at=None)
    removed = {"drafts": drafts.count(), "responses": contact.responses.count(), "invitations": contact.invitations.count()}
    drafts.delete()
    Evidence.objects.filter(response__contact=contact).delete()
    contact.responses.exclude(comment="").update(comment="", version=F("version") + 1)
    SurveyLink.objects.filter(invitation__contact=contact).delete()
    contact.invitations.update(address="", subject="", message="")
    contact.invitations.exclude(state=Invitation.State.ANSWERED).update(state=Invitation.State.REVOKED, trouble="")
    return removed


KEEPER = Keeper(texts=texts, export=export, traces=traces, hold=hold, erase=erase)


def _round(response: Response, *, own_view_first: bool) -> dict[str, Any]:
    assessment = response.assessment
    told = {
        "held_on": assessment.held_on,
        "edition": str(assessment.edition),
        "visibility": assessment.visibility,
        "state": assessment.state,
        "started_at": response.started_at,
        "submitted_at": response.submitted_at,
        "buying_role": response.buying_role,
        "weight": response.weight,
    }
    if assessment.is_confidential:
        return told | {
            "left_out": _(
                "Answers in confidential rounds: they are the person's own, and nobody on our side learns whose is which."
            )
        }
    if not response.is_submitted:
        return told | {"left_out": _("Answers that the person has not sent yet.")}
    if assessment.is_open and own_view_first:
        return told | {
            "left_out": _("Answers in the open round: whoever made this export still has to give a view of their own.")
        }
    return told | {
        "level": response.level,
        "position": response.position,
        "strength": response.strength,
        "comment": response.comment,
        "answers": [
            {"code": answer.indicator.code, "statement": answer.indicator.customer, "answer": answer.value}
            for answer in response.answers.all()
        ],
        "evidence": [{"level": note.level, "text": note.text} for note in response.evidence.all()],
    }


def _invitation(invitation: Invitation, letters: Iterable[Letter]) -> dict[str, Any]:
    columns = (
        "state", "by_mail", "address", "language", "subject", "message", "invited_at", "expires_on", "opened_at", "answered_at",
        "reminded_on",
    )  # fmt: skip
    return {
        "round_held_on": invitation.assessment.held_on,
        **{name: getattr(invitation, name) for name in columns},
        "letters": [
            {"kind": letter.kind, "state": letter.state, "written_at": letter.created_at, "settled_at": letter.settled_at}
            for letter in letters
        ],
    }


def _letters(invitations: Iterable[Invitation]) -> dict[int, list[Letter]]:
    about = [invitation.pk for invitation in invitations]
    found: dict[int, list[Letter]] = {}
    for letter in Letter.objects.filter(kind__in=ABOUT_INVITATIONS, subject_id__in=about).order_by("pk"):
        found.setdefault(letter.subject_id, []).append(letter)
    return found


def _ids(rows) -> list[int]:
    return list(rows.values_list("pk", flat=True))
