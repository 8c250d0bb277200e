"""The template context of the page that invites contacts, in a fixed number of statements."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms.boundfield import BoundField
from django.utils import timezone

from accounts.models import Account, Contact, User
from assessments.models import Assessment, Response
from assessments.rounds.contacts import roles_not_heard
from assessments.rounds.voices import left_out
from core import days
from hierarchy.models import Edition
from mailing.mail import written_to
from surveys.invitations import RECENT, last_asked, may_be_asked, visibility_is_fixed
from surveys.inviting.forms import InviteForm
from surveys.letters import compose
from surveys.models import Invitation
from surveys.words import InvitationStatus, invitation_status


@dataclass(frozen=True, slots=True)
class InvitableContact:
    """One contact on the list, with what was asked of them before."""

    contact: Contact
    language: BoundField
    checked: bool
    can_be_asked: bool
    asked_at: datetime | None  # within 90 days
    asking: InvitationStatus | None  # the status of the invitation of this round
    answered: bool  # we entered it
    left_out: bool  # would not count in a confidential round


@dataclass(frozen=True, slots=True)
class MailPreview:
    """One mail as it would go out."""

    to: str
    sender: str
    subject: str
    text: str


class InvitePage:
    """The invite page of one account. Eight statements, besides those of the act."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.assessment = account.assessments.open_round()
        self.contacts = list(account.contacts.filter(erased_on=None, active=True))
        invitations = self.assessment.invitations.select_related("contact") if self.assessment else Invitation.objects.none()
        self.invited = {invitation.contact_id: invitation for invitation in invitations}
        since = timezone.now() - RECENT
        self.recent = {pk: moment for pk, moment in last_asked(self.contacts).items() if moment > since}
        self.answered = self._answered()
        self.fixed = visibility_is_fixed(self.assessment)
        self.edition = self.assessment.edition if self.assessment else Edition.objects.published()
        named = self.fixed and self.assessment is not None and not self.assessment.is_confidential
        self.left_out = frozenset[int]() if named else left_out(self.assessment or Assessment(), self.contacts)

    @property
    def _is_confidential(self) -> bool:
        return self.assessment is not None and self.assessment.is_confidential

    @property
    def may_ask(self) -> bool:
        """Whether anybody can be invited: an edition is published, and the account is not archived."""
        return self.edition is not None and not self.account.is_archived

    def form(self, data: Any = None) -> InviteForm:
        return InviteForm(
            data,
            contacts=self.contacts,
            assessment=self.assessment,
            invited=self.invited,
            rather_not=set(self.recent) | self.answered | (self.left_out if self._is_confidential else set()),
            fixed=self.fixed,
        )

    def context(self, form: InviteForm, **more: Any) -> dict[str, Any]:
        able = [contact for contact in self.contacts if may_be_asked(contact)]
        used = set(self._languages(form))
        return {
            "section": "accounts",
            "account": self.account,
            "assessment": self.assessment,
            "may_ask": self.may_ask,
            "form": form,
            "rows": [self._row(contact, form) for contact in self.contacts],
            "free": form.free,
            "fixed": self.fixed,
            "recent": any(contact.pk in self.recent for contact in form.free),
            "missing": roles_not_heard(contact.buying_role for contact in able),
            "words": [
                (code, name, subject, message, code in used or subject.errors or message.errors)
                for code, name, subject, message in form.words()
            ],
            "mail_folder": written_to(),
        } | more

    def previews(self, form: InviteForm, by: User) -> list[MailPreview]:
        """The mail to the first who was chosen in each language."""
        ask, people = form.ask(), form.people
        assessment = self.assessment or Assessment(account=self.account, edition=self.edition)
        assessment.visibility = ask.visibility  # never stored
        first: dict[str, Contact] = {}
        for contact in form.chosen:
            if contact.email:
                first.setdefault(people[contact.pk], contact)
        found = []
        for language, contact in first.items():
            words = ask.words_in(language)
            invitation = Invitation(
                assessment=assessment, contact=contact, language=language, subject=words.subject, message=words.message,
                invited_by=by, expires_on=ask.closes_on,
            )  # fmt: skip
            mail = compose(invitation, "https://…")
            found.append(MailPreview(mail.to[0], mail.from_email, str(mail.subject), str(mail.body)))
        return found

    def _answered(self) -> set[int]:
        if self.assessment is None:
            return set()
        given = self.assessment.responses.filter(side=Response.Side.CUSTOMER, submitted_at__isnull=False)
        return set(given.filter(contact__isnull=False).values_list("contact", flat=True))

    def _row(self, contact: Contact, form: InviteForm) -> InvitableContact:
        invitation = self.invited.get(contact.pk)
        over = invitation is not None and invitation.may_be_asked_anew
        answered = contact.pk in self.answered
        today = days.today()
        asking = invitation_status(invitation, is_open=True, answered=answered, today=today) if invitation and not over else None
        return InvitableContact(
            contact=contact,
            language=form[f"language-{contact.pk}"],
            checked=str(contact.pk) in (form["contacts"].value() or []),
            can_be_asked=contact in form.free,
            asked_at=self.recent.get(contact.pk) if asking is None else None,
            asking=asking,
            answered=answered and asking is None,
            left_out=contact.pk in self.left_out,
        )

    def _languages(self, form: InviteForm) -> list[str]:
        picked = form["contacts"].value() or []
        return [str(form[f"language-{contact.pk}"].value()) for contact in self.contacts if str(contact.pk) in picked]
