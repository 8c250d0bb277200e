"""Invitations of contacts to a round, and their survey links, of which only the hash is stored."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, User
from assessments.models import Assessment
from core import days
from mailing.models import failure_in_words


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(assessment__account__in=Account.objects.visible_to(user))


class Invitation(models.Model):
    """One contact invited to one round. Whether it has expired follows from `expires_on`, not from its state."""

    class State(models.TextChoices):
        QUEUED = "queued", _("on its way")
        SENT = "sent", _("sent")
        UNSURE = "unsure", _("may have been sent")
        FAILED = "failed", _("could not be sent")
        OPENED = "opened", _("opened")
        ANSWERED = "answered", _("answered")
        REVOKED = "revoked", _("withdrawn")

    #: What `trouble` holds besides what the mail server says.
    OVER, NO_ADDRESS, MOVED = "over", "no address", "moved"

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="invitations")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="invitations")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    by_mail = models.BooleanField(default=True)  # else its link is copied and given by hand
    address = models.EmailField(blank=True)  # that the last mail was written to, or is going to be
    language = models.CharField(_("language"), max_length=5)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    message = models.TextField(_("message"), blank=True)
    letters = models.PositiveSmallIntegerField(default=0)  # how many times an invitation was written, sent or not
    trouble = models.CharField(max_length=60, blank=True)  # why the last one failed, see `trouble_in_words`
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_on = models.DateField(_("can be answered until"))
    opened_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    reminded_on = models.DateField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "contact"], name="invitation_once_a_round",
                violation_error_message=_("This contact is invited to this round already."),
            ),
            models.CheckConstraint(
                condition=Q(state="answered", answered_at__isnull=False) | (~Q(state="answered") & Q(answered_at=None)),
                name="invitation_answered_at_exactly_when_answered",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["contact", "-invited_at"], name="invitation_of_contact")]

    def __str__(self) -> str:
        return f"{self.contact} {self.assessment.held_on}"

    @property
    def account_id(self) -> int:
        return self.assessment.account_id

    @property
    def is_usable(self) -> bool:
        """Whether its links still open the survey."""
        over = self.state == self.State.REVOKED or self.expires_on < days.today() or self.is_moved
        return self.assessment.is_open and not over and self.contact.erased_on is None

    @property
    def may_be_repeated(self) -> bool:
        """Whether it may be sent again; a contact who opened it has it, and one who answered is done."""
        return self.is_usable and self.state in {self.State.SENT, self.State.UNSURE, self.State.FAILED}

    @property
    def may_have_link(self) -> bool:
        """Whether one of us may be given a link of it. Whoever has a link can answer as the contact."""
        return self.is_usable and not self.assessment.is_confidential

    @property
    def is_moved(self) -> bool:
        """Whether the contact of a confidential round has another address than was asked: no link goes along with it."""
        return self.assessment.is_confidential and self.address.casefold() != self.contact.email.casefold()

    @property
    def may_be_asked_anew(self) -> bool:
        """Whether a fresh invitation may take its place: it was withdrawn, or is of an address that the contact no longer has."""
        return self.state == self.State.REVOKED or (self.is_moved and self.state != self.State.ANSWERED)

    @property
    def may_be_withdrawn(self) -> bool:
        return self.state not in {self.State.ANSWERED, self.State.REVOKED}

    @property
    def trouble_in_words(self) -> str:
        if self.trouble == self.OVER:
            return gettext("It was too late: the round was over before the mail went out.")
        if self.trouble == self.NO_ADDRESS:
            return gettext("There is no e-mail address any more.")
        if self.trouble == self.MOVED:
            return moved_in_words()
        if self.state == self.State.UNSURE:
            return gettext("It was being sent when the connection broke off. Ask whether it arrived before you send it again.")
        told = failure_in_words(self.trouble)
        if told and self.state != self.State.FAILED:  # the invitation went out
            return gettext("The reminder could not be sent. %(why)s") % {"why": told}
        return told


def moved_in_words() -> str:
    return gettext(
        "The e-mail address was changed after this person was asked in confidence, so the link leads nowhere any more, and none "
        "goes to the new address. You may ask this person anew: the survey begins blank."
    )


class SurveyLink(models.Model):
    """One link of an invitation: each mail and each copy has its own, so that the earlier ones go on working."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the token, hexadecimal
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("survey link")
        verbose_name_plural = _("survey links")
