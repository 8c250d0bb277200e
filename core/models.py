"""The table of form keys, which `core.form_keys` uses."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.messages.storage.cookie import MessageDecoder, MessageEncoder
from django.db import models
from django.utils import timezone

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
