"""What templates ask about actions."""

from django import template

from accounts.models import User
from plans.actions import may_tick
from plans.models import Action

register = template.Library()


@register.filter
def tickable_by(action: Action, user: User) -> bool:
    """Whether `user`, who sees the action, may tick it off. No statement when plan and account are loaded."""
    return may_tick(user, action)


@register.filter
def done_count(actions) -> int:
    """How many of these actions are done."""
    return sum(action.state == Action.State.DONE for action in actions)


@register.filter
def kept(actions) -> list[Action]:
    """The actions that were not dropped: what there is to do."""
    return [action for action in actions if action.state != Action.State.DROPPED]


@register.filter
def dropped(actions) -> list[Action]:
    return [action for action in actions if action.state == Action.State.DROPPED]
