"""Template filters for targets and actions."""

from collections.abc import Iterable

from django import template

from accounts.models import User
from core import days
from plans import words
from plans.actions.acts import may_put_off, may_tick
from plans.models import Action, Target

register = template.Library()

NEXT_OPEN = 3  # how many open actions a card shows


@register.filter
def tickable_by(action: Action, user: User) -> bool:
    """Whether `user`, who sees the action, may tick it off now. Plan and account should be loaded."""
    return not action.rests and may_tick(user, action)


@register.filter
def put_off_by(action: Action, user: User) -> bool:
    """Whether `user`, who sees the action, may give it another date now. Plan and account should be loaded."""
    return may_put_off(user, action)


@register.filter
def due(action: Action) -> str:
    """When the action is due or was done, in words."""
    return words.due_words(action, days.today())


@register.filter
def asks(target: Target) -> str:
    """What the target asks, in words."""
    return words.target_sentence(target)


@register.filter
def kept(actions: Iterable[Action]) -> list[Action]:
    """The actions that were not dropped: what there is to do."""
    return [action for action in actions if action.state != Action.State.DROPPED]


@register.filter
def done_count(actions: Iterable[Action]) -> int:
    """How many of these actions are done."""
    return sum(action.state == Action.State.DONE for action in actions)


@register.filter
def pending(actions: Iterable[Action]) -> list[Action]:
    """Those to do or under way."""
    return [action for action in actions if action.is_pending]


@register.filter
def next_open(actions: Iterable[Action]) -> list[Action]:
    """The first few to do or under way."""
    return pending(actions)[:NEXT_OPEN]


@register.filter
def beyond_next_open(actions: Iterable[Action]) -> int:
    """How many to do or under way there are besides those few."""
    return max(0, len(pending(actions)) - NEXT_OPEN)
