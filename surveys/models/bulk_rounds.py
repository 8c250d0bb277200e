"""Asking the customers of many accounts at once."""

from typing import Any, ClassVar

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Account
from assessments.models import Assessment
from core.jobs import Job


class BulkRounds(Job):
    """One order to ask the customers of many accounts; each account is a batch of its own."""

    closes_on = models.DateField(_("can be answered until"))
    visibility = models.CharField(_("visibility"), max_length=12, choices=Assessment.Visibility)
    wording = models.JSONField(default=dict)  # by language: subject and message; emptied when the job is over

    @property
    def title(self) -> str:
        words = ngettext("%(shown)s account", "%(shown)s accounts", self.total)
        return words % {"shown": intcomma(self.total)}

    def get_absolute_url(self) -> str:
        return reverse("surveys:rounds_progress", args=[self.pk])

    def columns_when_over(self, state: str) -> dict[str, Any]:
        return {"wording": {}}


class BulkAccount(models.Model):
    """One account of the order, and its outcome."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ASKED = "asked", _("asked")
        SKIPPED = "skipped", _("skipped")

    class SkipReason(models.TextChoices):
        OPEN_ROUND = "open_round", _("an assessment is open already")
        NOBODY = "nobody", _("nobody there can be asked by mail")
        RECENT = "recent", _("everybody there was asked within 90 days")
        NOT_YOURS = "not_yours", _("it is no longer yours to change")
        ARCHIVED = "archived", _("it was archived")
        REFUSED = "refused", _("it could not be done; ask from the account's own page")

    job = models.ForeignKey(BulkRounds, on_delete=models.CASCADE, related_name="rows")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    why = models.CharField(max_length=12, choices=SkipReason, blank=True)
    people = models.PositiveIntegerField(default=0)  # that were asked

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "account"], name="bulk_account_once"),
            models.CheckConstraint(
                condition=(Q(state="skipped") & ~Q(why="")) | (~Q(state="skipped") & Q(why="")),
                name="bulk_account_skipped_with_a_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["job", "state", "id"], name="bulk_account_next")]
