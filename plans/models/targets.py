"""Targets: the level that an account is to reach by a date."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import ExtractDay, ExtractMonth, ExtractYear
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from core.versions import Versioned
from plans.models.shared import LEVEL
from plans.trajectory import Trajectory


def _day_number(field: str, *, years: int = 0) -> Combinable:
    """A date as year·10000 + month·100 + day: comparable in every database, `years` later on the same day."""
    return (ExtractYear(field) + years) * 10000 + ExtractMonth(field) * 100 + ExtractDay(field)


class TargetQuerySet(models.QuerySet["Target"]):
    def active(self) -> Self:
        return self.filter(superseded_on=None)

    def visible_to(self, user: User) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class Target(Versioned):
    """The level to reach by a date, from where the account stood on the day it was set."""

    class Basis(models.TextChoices):
        CUSTOMER = "customer", _("the customer's view")
        TEAM = "team", _("our own view")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="targets")
    level = models.PositiveSmallIntegerField(_("level"), validators=LEVEL)
    set_on = models.DateField(_("set on"))
    due_on = models.DateField(_("by"))
    baseline = models.FloatField(_("position on the day it was set"))
    basis = models.CharField(_("according to"), max_length=10, choices=Basis)
    rationale = models.TextField(_("why"), blank=True)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    superseded_on = models.DateField(null=True, blank=True)
    superseded_why = models.TextField(_("why it was revised"), blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["-set_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(superseded_on=None), name="target_one_active",
                violation_error_message=_("This account already has a target."),
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=F("set_on")), name="target_due_after_set",
                violation_error_message=_("The target date lies after the day it is set."),
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(_day_number("due_on"), _day_number("set_on", years=3)),
                name="target_within_three_years",
                violation_error_message=_("A target lies at most three years ahead."),
            ),
            models.CheckConstraint(
                condition=Q(level__range=(1, 5)), name="target_level_1_to_5",
                violation_error_message=_("A level is a number from 1 to 5."),
            ),
            models.CheckConstraint(condition=Q(baseline__range=(0, 5)), name="target_baseline_0_to_5"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.account}: {self.level} {self.due_on}"

    @property
    def trajectory(self) -> Trajectory:
        return Trajectory(self.set_on, self.baseline, self.due_on, self.level)

    @property
    def kind(self) -> str:
        """Whether the target is to climb above the level of the baseline, or to hold a level."""
        return self.trajectory.kind
