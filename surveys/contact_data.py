"""Personal data that surveys hold of a contact: invitations, their letters and links; exported, and removed by erasing."""

from collections.abc import Iterable
from typing import Any

from accounts.acts.erasure import ContactData, PersonalEvents, Texts
from accounts.models import Account, Contact, User
from assessments.models import Assessment, Response
from mailing.models import Letter
from surveys.invitations import INVITATION, REMINDER
from surveys.models import BrowserDraft, Invitation, SurveyCode, SurveyLink

ABOUT_INVITATIONS = (INVITATION, REMINDER)  # kinds of letters whose subject is an invitation


def export(contact: Contact, _by: User) -> dict[str, Any]:
    invitations = list(contact.invitations.select_related("assessment"))
    letters = _letters(invitations)
    return {"invitations": [_invitation(invitation, letters.get(invitation.pk, [])) for invitation in invitations]}


def events(contact: Contact) -> list[PersonalEvents]:
    invitations = list(contact.invitations.values_list("pk", flat=True))
    return [PersonalEvents(Invitation, invitations, ("subject", "message"))]


def texts(account: Account) -> list[Texts]:
    return [Texts(Invitation.objects.filter(assessment__account=account), ["subject", "message"])]


def erase(contact: Contact) -> dict[str, int]:
    """Remove links, addresses, drafts and texts of the contact's invitations, and withdraw those without an answer."""
    for model in (SurveyLink, BrowserDraft, SurveyCode):
        model._base_manager.filter(invitation__contact=contact).delete()
    _forget_unnamed_texts(contact)
    contact.invitations.update(address="", subject="", message="")
    contact.invitations.exclude(state=Invitation.State.ANSWERED).update(state=Invitation.State.REVOKED, trouble="")
    return {"invitations": contact.invitations.count()}


CONTACT_DATA = ContactData(texts=texts, export=export, events=events, erase=erase)


def _forget_unnamed_texts(contact: Contact) -> None:
    """Remove the texts of confidential rounds that an archive brought without names, where the contact was one who answered.

    Nobody knows which is theirs, and none of them is shown any more.
    """
    rounds = contact.invitations.filter(state=Invitation.State.ANSWERED).values("assessment")
    texts = Response.objects.filter(assessment__in=rounds, side=Response.Side.CUSTOMER, contact=None)
    texts.filter(assessment__visibility=Assessment.Visibility.CONFIDENTIAL).update(comment="")


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
