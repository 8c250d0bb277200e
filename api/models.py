"""What the API keeps: keys, and for a day what it answered to writes that may be sent again."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from core.versions import Versioned

KEPT = timedelta(hours=24)


class ApiKey(Versioned):
    """Opens the API for a program, as the person it belongs to. Of the key itself only the hash is kept."""

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


class IdempotencyQuerySet(models.QuerySet):
    def outdated(self):
        return self.filter(begun_at__lt=timezone.now() - KEPT)


class IdempotencyRecord(models.Model):
    """A write that was sent with an `Idempotency-Key`: under way, or done with the answer that it got."""

    EMPTIED = 410  # as status: it was done, and its answer was taken out, since it may have named an erased person

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of what was asked
    begun_at = models.DateTimeField(default=timezone.now, db_index=True)
    status = models.PositiveSmallIntegerField(null=True)  # None: under way
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    objects = IdempotencyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_a_person")]
