"""API keys, and the stored answers of idempotent calls."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from core.versions import Versioned

KEPT = timedelta(hours=24)


class ApiKey(Versioned):
    """A key by which a program uses the API as the user. Only its hash is stored."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("read and write")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    key_hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the key, hexadecimal
    scope = models.CharField(_("may"), max_length=5, choices=Scope, default=Scope.READ)
    made_at = models.DateTimeField(default=timezone.now)
    last_used_on = models.DateField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="api_key_has_a_name"),
            models.CheckConstraint(condition=Q(scope__in=["read", "write"]), name="api_key_scope_known"),
        ]

    def __str__(self) -> str:
        return self.name


class IdempotencyQuerySet(models.QuerySet["IdempotencyRecord"]):
    def outdated(self) -> Self:
        return self.filter(begun_at__lt=timezone.now() - KEPT)


class IdempotencyRecord(models.Model):
    """A call with an `Idempotency-Key`: in progress, or done and with its answer."""

    EMPTIED = 410  # a status: the call was done, and its answer was removed because it may have named an erased person

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of the request
    begun_at = models.DateTimeField(default=timezone.now, db_index=True)
    status = models.PositiveSmallIntegerField(null=True)  # None: in progress
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    objects = IdempotencyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_a_person")]
