"""Action plans: the work for one step between two levels."""

from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from core import days
from core.versions import Versioned
from plans.models.shared import LEVEL, must_be_active


class ActionPlanQuerySet(models.QuerySet["ActionPlan"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(state=ActionPlan.State.OPEN)

    def locked(self, pk: int) -> "ActionPlan":
        """The stored plan with its account; no other transaction writes the plan until this one ends."""
        return self.select_for_update(of=("self",)).select_related("account").get(pk=pk)


class ActionPlan(Versioned):
    """The work for one step between two levels."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACHIEVED = "achieved", _("achieved")
        DROPPED = "dropped", _("dropped")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="plans")
    from_rank = models.PositiveSmallIntegerField(_("from level"), validators=[MinValueValidator(1), MaxValueValidator(4)])
    to_rank = models.PositiveSmallIntegerField(_("to level"), validators=LEVEL)
    goal = models.TextField(_("goal"), blank=True, help_text=_("What will this customer notice when the step is made?"))
    owner = models.ForeignKey(User, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="plans")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    started_on = models.DateField(_("started on"), default=days.today)
    ended_on = models.DateField(null=True, blank=True)

    objects = ActionPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("action plan")
        verbose_name_plural = _("action plans")
        ordering = ["from_rank", "-started_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "from_rank"], condition=Q(state="open"), name="plan_one_open_a_step",
                violation_error_message=_("This account already has an open plan for this step."),
            ),
            models.CheckConstraint(
                condition=Q(from_rank__range=(1, 4)) & Q(to_rank=F("from_rank") + 1),
                name="plan_climbs_one_step",
                violation_error_message=_("A plan climbs exactly one step."),
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_on=None) | (~Q(state="open") & Q(ended_on__isnull=False)),
                name="plan_ended_exactly_when_not_open",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.account} {self.from_rank} → {self.to_rank}"

    def get_absolute_url(self) -> str:
        return reverse("plans:plan", args=[self.account_id]) + f"#step-{self.from_rank}-{self.to_rank}"


def must_be_open(plan: ActionPlan) -> None:
    """Raises ValidationError for a plan that ended, or whose account is archived. Its account should be loaded."""
    must_be_active(plan.account)
    if plan.state != ActionPlan.State.OPEN:
        raise ValidationError(_("This plan is closed. Open one for the step you are working on."), code="closed")
