"""The organisation, which `core.organisation` reads, and the table of form keys, which `core.form_keys` uses."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.messages.storage.cookie import MessageDecoder, MessageEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.versions import Versioned

KEPT = timedelta(days=7)  # a page that stayed open longer can create the same object again


class FormKeyQuerySet(models.QuerySet["FormKey"]):
    def outdated(self) -> Self:
        return self.filter(made_at__lt=timezone.now() - KEPT)


class FormKey(models.Model):
    """A form that created something, and the answer that its sender got."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=40)
    content = models.CharField(max_length=64)  # SHA-256 of what was sent, hexadecimal
    leads_to = models.TextField(blank=True)  # the URL of the answer; empty only until the view returns
    messages = models.JSONField(default=list, encoder=MessageEncoder, decoder=MessageDecoder)  # the messages of the answer
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = FormKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="form_key_once_a_person")]


class Organisation(Versioned):
    """The organisation that uses this installation: one row, made by the set-up. Read it by `core.organisation`."""

    THE_ONE = 1  # its id

    name = models.CharField(_("name of the organisation"), max_length=120)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    time_zone = models.CharField(_("time zone"), max_length=60)
    reporting_currency = models.CharField(_("reporting currency"), max_length=3)
    mail_worked_at = models.DateTimeField(null=True, editable=False)  # when the mail server last took a test mail
    first_hour_over_on = models.DateField(null=True, editable=False)  # when an administrator closed the checklist

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pk=1), name="organisation_only_one",
                violation_error_message=_("There is one organisation in an installation."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name
