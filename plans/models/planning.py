"""Where to stand, and the work for it."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import ExtractDay, ExtractMonth, ExtractYear
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from core import days
from core.versions import Versioned
from hierarchy.models import Play

LEVEL = [MinValueValidator(1), MaxValueValidator(5)]


def must_be_active(account: Account) -> None:
    """Raises ValidationError for an archived account: its targets and plans rest, to read, not to change."""
    if account.is_archived:
        raise ValidationError(
            _("This account is archived: its target and plans rest. Take it back from the archive to go on."),
            code="archived",
        )


def _day_number(field: str, *, years: int = 0):
    """A date as year·10000 + month·100 + day: comparable in every database, `years` later on the same day."""
    return (ExtractYear(field) + years) * 10000 + ExtractMonth(field) * 100 + ExtractDay(field)


class TargetQuerySet(models.QuerySet):
    def active(self):
        return self.filter(superseded_on=None)

    def visible_to(self, user: User):
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


class ActionPlanQuerySet(models.QuerySet):
    def visible_to(self, user: User):
        return self.filter(account__in=Account.objects.visible_to(user))

    def open(self):
        return self.filter(state=ActionPlan.State.OPEN)


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


class ActionQuerySet(models.QuerySet):
    def visible_to(self, user: User):
        return self.filter(plan__account__in=Account.objects.visible_to(user))

    def pending(self):
        """To do or under way, in a plan that is open and an account that is not archived."""
        return self.filter(self._is_pending(), plan__account__status=Account.Status.ACTIVE)

    def _is_pending(self) -> Q:
        return Q(state__in=[Action.State.TODO, Action.State.DOING], plan__state=ActionPlan.State.OPEN)

    def overdue(self, today: date):
        return self.pending().filter(due_on__lt=today)

    def grouped(self, today: date):
        """What a list of actions shows: the pending ones and those done within 30 days; no archived accounts.

        Adds `group`, one of Action.Group. In the order of the groups: pending ones by date, done ones the
        latest first.
        """
        group = Action.Group
        lately_done = Q(state=Action.State.DONE, done_on__gte=today - timedelta(days=30))
        # One filter: of two querysets joined by | the database would look in both for who may see the account.
        listed = self.filter(self._is_pending() | lately_done, plan__account__status=Account.Status.ACTIVE)
        return listed.annotate(
            group=Case(
                When(state=Action.State.DONE, then=Value(group.DONE)),
                When(due_on__lt=today, then=Value(group.OVERDUE)),
                When(due_on__lte=today + timedelta(days=7), then=Value(group.WEEK)),
                default=Value(group.LATER),
                output_field=models.PositiveSmallIntegerField(),
            )
        ).order_by("group", *Action.IN_GROUP)


class Action(Versioned):
    class State(models.TextChoices):
        TODO = "todo", _("to do")
        DOING = "doing", _("under way")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    class Group(models.IntegerChoices):
        """The part of a list that an action stands in, in the list's order."""

        OVERDUE = 1, _("overdue")
        WEEK = 2, _("this week")
        LATER = 3, _("later")
        DONE = 4, _("done within 30 days")

    #: The order within a group: `done_on` is empty for all but the done ones.
    IN_GROUP = (F("done_on").desc(), "due_on", "pk")

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="actions")
    title = models.CharField(_("action"), max_length=300)
    play = models.ForeignKey(Play, verbose_name=_("play"), on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(User, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="actions")
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.TODO)
    done_on = models.DateField(_("done on"), null=True, blank=True, editable=False)
    outcome = models.TextField(_("outcome"), blank=True)
    order = models.PositiveIntegerField(default=0, editable=False)

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["due_on", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False) | (~Q(state="done") & Q(done_on=None)),
                name="action_done_on_exactly_when_done",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="action_has_a_title"),
            models.CheckConstraint(
                condition=Q(state__in=["todo", "doing", "done", "dropped"]), name="action_state_known"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["owner", "state", "due_on"], name="action_of_owner")]

    def __str__(self) -> str:
        return self.title

    @property
    def account_id(self) -> int:
        return self.plan.account_id

    @property
    def is_pending(self) -> bool:
        return self.state in {self.State.TODO, self.State.DOING}

    @property
    def rests(self) -> bool:
        """Whether nothing changes here any more: its plan is closed, or its account archived."""
        return self.plan.state != ActionPlan.State.OPEN or self.plan.account.is_archived

    @property
    def days_late(self) -> int:
        """How many days a pending action is past its date; 0 when it is not."""
        return max(0, (days.today() - self.due_on).days) if self.is_pending else 0
