from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One change: who did what to which object, with the values before and after.

    Events form a hash chain: each holds the hash of the one before it, so `manage.py verify_audit` finds events that were
    altered or removed. Only `audit.trail` adds events. The hash covers the fields of `CONTENT` by a salted fingerprint, so
    that content can be removed when a person asks for it (`audit.redaction`) and the chain stays valid.
    """

    #: Fields that may hold personal data, and can be redacted.
    CONTENT = ("origin", "before", "after", "note")

    at = models.DateTimeField(_("when"), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    origin = models.CharField(_("from where"), max_length=64, blank=True)
    act = models.CharField(_("act"), max_length=60)
    object_type = models.CharField(_("kind of object"), max_length=60)
    object_id = models.BigIntegerField(_("object"), null=True)
    account_id = models.BigIntegerField(_("account"), null=True)
    before = models.JSONField(_("before"), null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), null=True, encoder=DjangoJSONEncoder)
    note = models.TextField(_("reason"), blank=True)
    content_salt = models.CharField(max_length=32, editable=False)  # without it names cannot be tried against the fingerprint
    content_hash = models.CharField(max_length=64, editable=False)  # fingerprint of the content as it was written
    redacted_on = models.DateField(_("content removed on"), null=True, editable=False)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-pk"]
        constraints = [
            # Two events with the same predecessor would fork the chain.
            models.UniqueConstraint(fields=["previous_hash"], name="event_chain_does_not_fork"),
        ]
        indexes = [
            models.Index(fields=["account_id", "-id"], name="event_of_account"),
            models.Index(fields=["object_type", "object_id"], name="event_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.object_type} {self.object_id or ''}".strip()
