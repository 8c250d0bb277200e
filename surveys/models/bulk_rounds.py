"""Asking many customers at once: what was asked for, and how far the worker is with it."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from assessments.models import Assessment

KEPT = timedelta(days=90)
STILL = timedelta(minutes=10)  # a worker that is at it moves on within seconds


class BulkRoundsQuerySet(models.QuerySet):
    def of(self, user: User):
        """What `user` started; nobody else's."""
        return self.filter(user=user)

    def outdated(self):
        return self.filter(finished_at__lt=timezone.now() - KEPT)

    def standing_still(self):
        """Begun and not finished, and no worker is at it any more."""
        return self.filter(finished_at=None, moved_at__lt=timezone.now() - STILL)


class BulkRounds(models.Model):
    """One order to ask the customers of many accounts; each account is a row that the worker does by itself."""

    user = models.ForeignKey(User, verbose_name=_("who"), on_delete=models.CASCADE, related_name="+")
    closes_on = models.DateField(_("can be answered until"))
    visibility = models.CharField(_("visibility"), max_length=12, choices=Assessment.Visibility)
    wording = models.JSONField(default=dict)  # by language: subject and message
    started_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = BulkRoundsQuerySet.as_manager()

    def get_absolute_url(self) -> str:
        return reverse("surveys:rounds_progress", args=[self.pk])


class BulkAccount(models.Model):
    """One account of the order, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ASKED = "asked", _("asked")
        SKIPPED = "skipped", _("skipped")

    class Why(models.TextChoices):
        """Why an account is passed over."""

        OPEN_ROUND = "open_round", _("an assessment is open already")
        NOBODY = "nobody", _("nobody there can be asked by mail")
        RECENT = "recent", _("everybody there was asked within 90 days")
        NOT_YOURS = "not_yours", _("it is no longer yours to change")
        ARCHIVED = "archived", _("it was archived")
        REFUSED = "refused", _("it could not be done; ask from the account's own page")

    job = models.ForeignKey(BulkRounds, on_delete=models.CASCADE, related_name="rows")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    why = models.CharField(max_length=12, choices=Why, blank=True)
    people = models.PositiveIntegerField(default=0)  # how many were asked

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "account"], name="bulk_account_once"),
            models.CheckConstraint(
                condition=(Q(state="skipped") & ~Q(why="")) | (~Q(state="skipped") & Q(why="")),
                name="bulk_account_skipped_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["job", "state", "id"], name="bulk_account_next")]
