"""Actions: the dated tasks of an action plan."""

from datetime import date, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from core import days
from core.versions import Versioned
from hierarchy.models import Play
from plans.models.action_plans import ActionPlan


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(plan__account__in=Account.objects.visible_to(user))

    def with_comment_count(self) -> Self:
        """With `comment_count`, in the same statement."""
        relation: Any = self.model._meta.get_field("comments")
        comments = relation.related_model._default_manager.filter(action=OuterRef("pk"))
        counted = comments.order_by().values("action").annotate(n=Count("pk")).values("n")
        return self.annotate(comment_count=Coalesce(Subquery(counted), 0))

    def pending(self) -> Self:
        """To do or under way, in a plan that is open and an account that is not archived."""
        return self.filter(self._is_pending(), plan__account__status=Account.Status.ACTIVE)

    def _is_pending(self) -> Q:
        return Q(state__in=[Action.State.TODO, Action.State.DOING], plan__state=ActionPlan.State.OPEN)

    def overdue(self, today: date) -> Self:
        return self.pending().filter(due_on__lt=today)

    def grouped(self, today: date) -> models.QuerySet[Any]:
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
    """One dated task of a plan."""

    class State(models.TextChoices):
        TODO = "todo", _("to do")
        DOING = "doing", _("under way")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    class Group(models.IntegerChoices):
        """The groups of the list of actions, in the list's order."""

        OVERDUE = 1, _("overdue")
        WEEK = 2, _("next 7 days")
        LATER = 3, _("later")
        DONE = 4, _("done within 30 days")

    #: As `with_comment_count` annotates it.
    comment_count = 0

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
        """Whether it can no longer be changed: its plan ended, or its account is archived."""
        return self.plan.state != ActionPlan.State.OPEN or self.plan.account.is_archived

    @property
    def days_late(self) -> int:
        """How many days a pending action is past its date; 0 when it is not."""
        return max(0, (days.today() - self.due_on).days) if self.is_pending else 0
