"""The private address of a person's calendar."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from core.versions import Versioned


class CalendarFeed(Versioned):
    """The private address of a person's calendar: a secret of which only the hash is kept.

    A row without one is a feed that was stopped; it stays, so that its version goes on counting.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar_feed")
    key_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 – null, since many may have none
    made_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        constraints = [
            models.CheckConstraint(
                condition=Q(key_hash=None, made_at=None) | Q(key_hash__isnull=False, made_at__isnull=False),
                name="calendar_feed_made_exactly_when_it_answers",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def answers(self) -> bool:
        return self.key_hash is not None
