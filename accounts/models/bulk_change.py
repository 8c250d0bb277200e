"""One change of many accounts: what was asked for, what became of each account, and how to take it back."""

from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from core.jobs import Job, JobQuerySet


class BulkChangeQuerySet(JobQuerySet):
    def recent(self) -> Self:
        """Changes that can still be taken back, or were."""
        return self.filter(started_at__gt=timezone.now() - BulkChange.UNDO_WITHIN)


class BulkChange(Job):
    """One act on many accounts, by one person; its accounts are in the batches. `total` and `done` count accounts."""

    class Act(models.TextChoices):
        OWNER = "owner", _("give to an owner")
        TEAM = "team", _("give to a team")
        TAG = "tag", _("add a tag")
        UNTAG = "untag", _("remove a tag")
        ARCHIVE = "archive", _("archive")
        RESTORE = "restore", _("bring back from the archive")

    UNDO_WITHIN: ClassVar = timedelta(days=7)

    act = models.CharField(_("what"), max_length=8, choices=Act)
    value = models.BigIntegerField(null=True)  # the owner, team or tag; None for no team, and where there is nothing to name
    value_name = models.CharField(max_length=200, blank=True)  # as it was called then
    # Numbers of accounts: asked for but out of reach, changed, left as they were, taken back, not taken back.
    not_theirs = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)

    objects: ClassVar = BulkChangeQuerySet.as_manager()

    @property
    def title(self) -> str:
        act = capfirst(self.Act(self.act).label)
        return f"{act}: {self.value_name}" if self.value_name else str(act)

    def get_absolute_url(self) -> str:
        return reverse("accounts:bulk_change", args=[self.pk])

    @property
    def changed_anything(self) -> bool:
        return self.changed > 0


class BulkBatch(models.Model):
    """Some accounts of a change, which are changed in one transaction.

    `accounts` holds their ids until then. Afterwards `changed` has for each account that was changed its id, the version that
    it got, and the value that it had before; `left` the id and the reason of each that stayed as it was. Once the change is
    taken back, `kept` has the id and the reason of each account that was not.
    """

    class Why(models.TextChoices):
        SAME = "same", _("it was so already")
        FULL = "full", _("it has as many tags as an account can have")
        OUT_OF_REACH = "reach", _("it is not yours to change")
        FAILED = "failed", _("it could not be done; change it on its own page")
        CHANGED = "changed", _("someone changed it since")
        GONE = "gone", _("what it had before is no longer there")
        OWNED = "owned", _("the system that it comes from owns this; change it there")
        MERGED = "merged", _("it was merged into another account")
        IN_USE = "in_use", _("something hangs on it since: a round, a target, a plan, a contact or an account below it")

        def in_words(self, account: Account) -> str:
            return f"{self.label} ({account.source})" if self == self.OWNED and account.source else str(self.label)

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    accounts = models.JSONField(default=list)
    changed = models.JSONField(null=True)
    left = models.JSONField(default=list)
    kept = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "number"], name="bulk_batch_once"),
            models.CheckConstraint(condition=Q(kept__isnull=True) | Q(changed__isnull=False), name="bulk_batch_undone_when_done"),
        ]
