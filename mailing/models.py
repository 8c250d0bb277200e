from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

#: How the error of a letter begins that failed before any mail server was asked.
MALFORMED, UNWRITTEN = "malformed", "unwritten"


def failure_in_words(error: str) -> str:
    """Why a letter failed, for whoever asked for it; "" when it did not. `error` is as `mailing.outbox` stores it."""
    kind, _space, detail = error.partition(" ")
    if not kind:
        return ""
    if kind == MALFORMED:
        return gettext("No mail can be written to this address or name: correct it, then send again.")
    if kind == UNWRITTEN:
        return gettext("The mail could not be written, though we tried for hours. Tell whoever runs this site.")
    if detail.startswith("5") and kind == "SMTPSenderRefused":
        return gettext("The mail server does not take mail from our own address. Tell whoever runs this site.")
    if detail.startswith("5") and kind == "SMTPRecipientsRefused":
        return gettext("The mail server refused it: is the address right?")
    if detail.startswith("5"):
        return gettext("The mail server refused the mail (%(code)s).") % {"code": detail}
    if detail.startswith("4"):
        return gettext("The mail server put it off again and again (%(code)s), though we tried for hours.") % {"code": detail}
    return gettext("The mail server could not be reached, though we tried for hours.")


class LetterQuerySet(models.QuerySet):
    def due(self, now):
        """What waits to be sent and may be sent by now, the longest waiting first."""
        return self.filter(state=Letter.State.QUEUED, due_at__lte=now).order_by("due_at", "pk")

    def about(self, kind: str, subject_id: int):
        return self.filter(kind=kind, subject_id=subject_id)


class Letter(models.Model):
    """One mail on its way; its row is written in the transaction of the act that asks for it.

    It holds neither the address nor the text: both are looked up when it is sent (`mailing.outbox`), so that no
    link with a secret is ever stored, and who was erased is not written to.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not be sent")
        UNSURE = "unsure", _("may have been sent")
        CANCELLED = "cancelled", _("not sent: no longer wanted")

    kind = models.CharField(max_length=60)  # what knows how to write it, see `mailing.outbox.kind`
    subject_id = models.BigIntegerField()  # of the object that it is about
    key = models.CharField(max_length=120, unique=True)  # the same letter is never written twice
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="queued"), name="letter_waiting"),
            models.Index(fields=["kind", "subject_id"], name="letter_about"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending"], settled_at=None)
                | Q(state__in=["sent", "failed", "unsure", "cancelled"], settled_at__isnull=False),
                name="letter_settled_exactly_when_over",
            ),
        ]

    def __str__(self) -> str:
        return self.key
