"""One change of many accounts: what was asked for, what became of each account, and how to take it back."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

UNDO = timedelta(days=7)  # how long a change can be taken back
KEPT = timedelta(days=90)
STILL = timedelta(minutes=10)  # a worker that is at it moves on within seconds


class BulkChangeQuerySet(models.QuerySet):
    def of(self, user):
        """What `user` did; nobody else's."""
        return self.filter(user=user)

    def lately(self):
        """What can still be taken back, or was."""
        return self.filter(started_at__gt=timezone.now() - UNDO)

    def outdated(self):
        return self.filter(started_at__lt=timezone.now() - KEPT)

    def standing_still(self):
        """Begun and not finished, and no worker is at it any more."""
        unfinished = Q(finished_at=None) | Q(undo_started_at__isnull=False, undone_at=None)
        return self.filter(unfinished, moved_at__lt=timezone.now() - STILL)


class BulkChange(models.Model):
    """One act on many accounts, by one person; its accounts are in the batches."""

    class Act(models.TextChoices):
        OWNER = "owner", _("give to an owner")
        TEAM = "team", _("give to a team")
        TAG = "tag", _("add a tag")
        UNTAG = "untag", _("remove a tag")
        ARCHIVE = "archive", _("archive")
        RESTORE = "restore", _("bring back from the archive")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.CASCADE, related_name="+")
    act = models.CharField(_("what"), max_length=8, choices=Act)
    value = models.BigIntegerField(null=True)  # the owner, team or tag; None for no team, and where there is nothing to name
    value_name = models.CharField(max_length=200, blank=True)  # as it was called then
    # How many accounts: asked for and within reach, asked for and not, done, left as they were, taken back, not taken back.
    accounts = models.PositiveIntegerField()
    not_theirs = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    undo_started_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = BulkChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undo_started_at=None) | Q(finished_at__isnull=False), name="bulk_change_undone_when_finished"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(undo_started_at__isnull=False), name="bulk_change_undo_begins_first"
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("accounts:bulk_change", args=[self.pk])

    @property
    def may_be_undone(self) -> bool:
        return self.finished_at is not None and self.undo_started_at is None and self.started_at > timezone.now() - UNDO

    @property
    def is_under_way(self) -> bool:
        return self.finished_at is None or (self.undo_started_at is not None and self.undone_at is None)

    @property
    def undo_until(self):
        return self.started_at + UNDO

    @property
    def done(self) -> int:
        """Of how many accounts it is settled what became of them, on the way there or back."""
        return self.restored + self.kept if self.undo_started_at else self.changed + self.left

    @property
    def to_do(self) -> int:
        return self.changed if self.undo_started_at else self.accounts


class BulkBatch(models.Model):
    """Some accounts of a change, which are done in one go.

    `accounts` holds their ids until they are done; then `changed` has for each account that was changed its id, the version
    it got, and what it had before; `left` the id and the reason of each that stayed as it was. Once it is taken back, `kept`
    has those that were not, in the same way.
    """

    class Why(models.TextChoices):
        SAME = "same", _("it was so already")
        FULL = "full", _("it has as many tags as an account can have")
        OUT_OF_REACH = "reach", _("it is not yours to change")
        FAILED = "failed", _("it could not be done; change it on its own page")
        CHANGED = "changed", _("someone changed it since")
        GONE = "gone", _("what it had before is no longer there")
        OWNED = "owned", _("the system that it comes from owns this; change it there")
        IN_USE = "in_use", _("something hangs on it since: a round, a target, a plan, a contact or an account below it")

        def told(self, account) -> str:
            """The reason in words."""
            return f"{self.label} ({account.source})" if self == self.OWNED and account.source else str(self.label)

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    accounts = models.JSONField(default=list)
    changed = models.JSONField(null=True)
    left = models.JSONField(default=list)
    kept = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "number"], name="bulk_batch_once"),
            models.CheckConstraint(condition=Q(kept__isnull=True) | Q(changed__isnull=False), name="bulk_batch_undone_when_done"),
        ]
