"""Find the plan or action that a user asks for: 404 when they do not see its account, 403 when they may not change it."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.permissions import may
from plans.actions.acts import may_tick
from plans.models import Action, ActionPlan


def plan_to_change(user: User, pk: int) -> ActionPlan:
    plans = ActionPlan.objects.visible_to(user).select_related("account__owner", "account__team", "owner")
    plan = get_object_or_404(plans, pk=pk)
    if not may(user, "plan.change", plan.account):
        raise PermissionDenied
    return plan


def action_to_read(user: User, pk: int) -> Action:
    actions = Action.objects.visible_to(user).select_related("plan__account__owner", "plan__account__team", "play", "owner")
    return get_object_or_404(actions, pk=pk)


def action_to_tick(user: User, pk: int) -> Action:
    action = action_to_read(user, pk)
    if not may_tick(user, action):
        raise PermissionDenied
    return action
