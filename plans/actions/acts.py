"""Add actions to a plan, change them, tick them off; who may do that and who may own one."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, QuerySet, Value, When
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.palette import PaletteLine
from accounts.permissions import may
from assessments.rating.raters import colleagues_for
from audit import trail
from audit.figure_cache import cached_figures
from core import days
from core.versions import StaleEdit
from hierarchy.models import Play
from plans.actions.comments import add_comment, tell_new_owner
from plans.models import Action, ActionPlan, must_be_open
from plans.models.actions import ActionQuerySet

ACTION_FIELDS = ("title", "play", "owner", "due_on", "state", "done_on", "outcome")
START_WITHIN = timedelta(days=366)  # before or after today
WEEK = timedelta(days=7)
DUE_SINCE, DUE_UNTIL = timedelta(days=366), timedelta(days=5 * 366)  # a play's last action is due within four years


def people_on(account: Account) -> QuerySet[User]:
    """Who may own a plan or action of `account`: all who see it and do more than read. One statement."""
    return colleagues_for(account, with_administrators=True)


def may_put_off(user: User, action: Action) -> bool:
    """Whether `user` may give `action` another date now: one that is pending, for whoever may change its plan."""
    return action.is_pending and not action.rests and may(user, "plan.change", action.plan.account)


def may_tick(user: User, action: Action) -> bool:
    """Whether `user`, who sees the account, may tick `action` off: users who may change the plan, and the action's owner."""
    if may(user, "plan.change", action.plan.account):
        return True
    return action.owner_id == user.pk and user.is_active and user.role != User.Role.VIEWER


@transaction.atomic
def add_play(plan: ActionPlan, play: Play, *, by: User, start: date | None = None, owner: User | None = None) -> list[Action]:
    """The actions of `play`, dated from `start` by its template. A play that is there adds nothing."""
    if play.from_rank != plan.from_rank:
        raise ValidationError(_("“%(play)s” is a play for another step."), params={"play": play.title})
    plan = ActionPlan.objects.locked(plan.pk)
    must_be_open(plan)
    if plan.actions.filter(play__code=play.code).exists():
        return []
    start = check_start(start or days.today())
    actions = Action.objects.bulk_create(
        Action(
            plan=plan,
            title=step.title,
            play=play,
            owner=owner or plan.owner,
            due_on=start + timedelta(days=step.days),
            order=order,
        )
        for order, step in enumerate(play.actions.all())
    )
    trail.record_many(
        [trail.Change("action.added", action, after=trail.snapshot(action, *ACTION_FIELDS)) for action in actions],
        by=by,
    )
    return actions


@transaction.atomic
def add_action(plan: ActionPlan, *, by: User, title: str, owner: User, due_on: date, play: Play | None = None) -> Action:
    """A new action; when the plan has the very same one pending (a second click), that one."""
    plan = ActionPlan.objects.locked(plan.pk)
    must_be_open(plan)
    action = Action(plan=plan, title=title.strip(), owner=owner, due_on=due_on, play=play)
    action.full_clean()
    _check_due(due_on)
    twin = plan.actions.pending().filter(title=action.title, owner=owner, due_on=due_on, play=play).first()
    if twin:
        return twin
    action.save()
    trail.record("action.added", action, by=by, after=trail.snapshot(action, *ACTION_FIELDS))
    return action


@transaction.atomic
def change_action(action: Action, *, by: User, seen: int, fields: Sequence[str], word: str = "") -> Action:
    """Store what was typed into `action`; `done_on` follows the state. Raises StaleEdit, ValidationError.

    A new owner gets a letter, with the `word`, which stays as a comment.
    """
    stored = Action.objects.select_related("plan__account").get(pk=action.pk)
    before = trail.snapshot(stored, *ACTION_FIELDS)
    if action.state == Action.State.DONE:
        action.done_on = stored.done_on or days.today()
    else:
        action.done_on = None
    action.full_clean()
    if action.due_on != stored.due_on:
        _check_due(action.due_on)
    action.save_version(seen, [*fields, "done_on"])
    must_be_open(stored.plan)  # after the version: a stale page is reported as stale
    old, new = trail.difference(before, trail.snapshot(action, *ACTION_FIELDS))
    trail.record("action.changed", action, by=by, before=old, after=new)
    comment = add_comment(action, by=by, text=word) if word.strip() else None
    if "owner" in new:
        tell_new_owner(action, by=by, word=comment)
    return action


def move_action(action: Action, *, by: User, seen: int, state: str) -> Action:
    """Tick an action off, take the tick back, or drop it. Already there: nothing changes.

    Raises StaleEdit, ValidationError.
    """
    if action.state == state:
        return action
    action.state = state
    try:
        return change_action(action, by=by, seen=seen, fields=["state"])
    except StaleEdit as stale:
        current = stale.current
        if isinstance(current, Action) and current.state == state:  # a double click, or the same wish of two
            return current
        raise


def put_off(action: Action, *, by: User, seen: int, until: date | None = None) -> Action:
    """Move the due date to `until`; without it to a week after the present one, or after today when that has passed.

    Raises StaleEdit, ValidationError.
    """
    action.due_on = until or max(action.due_on, days.today()) + WEEK
    return change_action(action, by=by, seen=seen, fields=["due_on"])


def check_start(start: date) -> date:
    """`start`, when a plan may start then. Raises ValidationError."""
    if abs(start - days.today()) > START_WITHIN:
        raise ValidationError(_("Start within a year from now."), code="out_of_range")
    return start


def _check_due(due_on: date) -> None:
    today = days.today()
    first, last = today - DUE_SINCE, today + DUE_UNTIL
    if not first <= due_on <= last:
        raise ValidationError(
            {"due_on": ValidationError(
                _("Choose a date from %(first)s to %(last)s."), code="out_of_range",
                params={"first": date_format(first, "j F Y"), "last": date_format(last, "j F Y")},
            )}
        )  # fmt: skip


def my_actions_this_week(user: User) -> QuerySet[Action]:
    """The pending actions of `user` that are due within seven days or late, the oldest date first."""
    return due_this_week(Action.objects.visible_to(user).filter(owner=user))


def due_this_week(actions: ActionQuerySet) -> ActionQuerySet:
    """Those of the actions that are pending, and due within seven days or late, the oldest date first."""
    due = actions.pending().filter(due_on__lte=days.today() + WEEK).with_comment_count()
    return due.select_related("plan__account", "play", "owner").order_by("due_on", "pk")


def actions_called(user: User, text: str, most: int) -> list[PaletteLine]:
    """The pending actions with this text in their title that `user` sees, their own first. One statement."""
    found = Action.objects.visible_to(user).pending().filter(title__icontains=text)
    own_first = Case(When(owner=user, then=Value(0)), default=Value(1))
    actions = found.select_related("plan__account").order_by(own_first, "due_on", "pk")[:most]
    return [PaletteLine(one.title, reverse("plans:action", args=[one.pk]), one.plan.account.name) for one in actions]


def my_overdue_actions(user: User, state: int, today: date) -> int:
    """How many overdue actions `user` has, cached for this state of the data. One statement if not cached."""
    mine = Action.objects.visible_to(user).overdue(today).filter(owner=user)
    return cached_figures("overdue actions", f"actions of user {user.pk}", today, make=mine.count, state=state)
