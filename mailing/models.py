"""Letters: each mail that is to be sent, or was."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.delivery import Delivery

#: First words of the error of a letter that failed before a mail server was called.
MALFORMED, UNWRITTEN = "malformed", "unwritten"


def failure_in_words(error: str) -> str:
    """Why a letter failed, for the person who sent it; "" when it did not. `error` is as `mailing.outbox` stores it."""
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
    def about(self, kind: str, subject_id: int) -> Self:
        return self.filter(kind=kind, subject_id=subject_id)


class Letter(Delivery):
    """One mail on its way; the row is written in the transaction of the act that asks for it.

    It holds neither the address nor the text: both are looked up when it is sent (`mailing.outbox`). So no link with a secret
    is ever stored, and nobody who was erased gets mail.
    """

    kind = models.CharField(max_length=60)  # names a `LetterKind`, see `mailing.outbox.register_letter`
    subject_id = models.BigIntegerField()  # of the object that it is about
    key = models.CharField(max_length=120, unique=True)  # the same letter is never written twice

    objects = LetterQuerySet.as_manager()

    class Meta(Delivery.Meta):
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes: ClassVar = [*Delivery.Meta.indexes, models.Index(fields=["kind", "subject_id"], name="letter_about")]

    def __str__(self) -> str:
        return self.key
