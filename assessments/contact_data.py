"""Personal data that assessments hold of a contact: what an export contains, and what erasing removes."""

from typing import Any

from django.db.models import F, Prefetch
from django.utils.translation import gettext as _

from accounts.acts.erasure import ContactData, PersonalEvents, Texts
from accounts.models import Account, Contact, User
from assessments.models import Answer, Assessment, Correction, Evidence, Response
from assessments.rating.raters import rates_first_in


def export(contact: Contact, by: User) -> dict[str, Any]:
    """Rounds with what the person answered, as far as `by` may read it."""
    answers = Prefetch("answers", Answer.objects.select_related("indicator").order_by("indicator__order", "pk"))
    given = contact.responses.select_related("assessment__edition").prefetch_related(answers, "evidence")
    own_view_first = rates_first_in(contact.account.assessments.open_round(), by)
    rounds = [_round(response, own_view_first=own_view_first) for response in given.order_by("pk")]
    left_out = {told["left_out"] for told in rounds if "left_out" in told}
    return {"rounds": rounds, "left_out": sorted(left_out)}


def events(contact: Contact) -> list[PersonalEvents]:
    return [PersonalEvents(Response, list(contact.responses.values_list("pk", flat=True)), ("comment", "evidence"))]


def texts(account: Account) -> list[Texts]:
    return [
        Texts(Response.objects.filter(assessment__account=account), ["comment"]),
        Texts(Evidence.objects.filter(response__assessment__account=account), ["text"]),
        Texts(Correction.objects.filter(response__assessment__account=account), ["comment", "evidence"]),
    ]


def lock(contact: Contact) -> None:
    """Lock the account's rounds, so that nobody answers, invites or closes one during the erasure."""
    rounds = Assessment.objects.select_for_update().filter(account=contact.account_id).order_by("pk")
    list(rounds.values_list("pk"))


def erase(contact: Contact) -> dict[str, int]:
    """Remove drafts, notes and comments of the contact. Submitted answers stay as numbers."""
    drafts = contact.responses.filter(submitted_at=None)
    removed = {"drafts": drafts.count(), "responses": contact.responses.count()}
    drafts.delete()
    Evidence.objects.filter(response__contact=contact).delete()
    contact.responses.exclude(comment="").update(comment="", version=F("version") + 1)
    return removed


CONTACT_DATA = ContactData(texts=texts, export=export, events=events, lock=lock, erase=erase)


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
        "language": response.language,
        "origin": response.origin,
        "uniform": response.uniform,
        "hasty": response.hasty,
        "comment": response.comment,
        "answers": [
            {"code": answer.indicator.code, "statement": answer.indicator.customer, "answer": answer.value}
            for answer in response.answers.all()
        ],
        "evidence": [{"level": note.level, "text": note.text} for note in response.evidence.all()],
    }
