"""Targets and plans of the demo portfolio: what an account team would have set, and how far it came."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from accounts.models import Account
from assessments.models import Assessment
from hierarchy.models import Play
from plans.models import Action, ActionPlan, Target
from plans.trajectory import three_years_after

GOALS = (
    "They notice that we know what they need before they ask.",
    "They name us first when a colleague asks whom to call.",
    "They can point to what working with us earned them.",
    "Their people find ours without looking for them.",
)
OUTCOMES = ("Went well, they want to go on.", "Done; their budget holder joined in.", "Useful, two new contacts.", "")


def target_for(account: Account, history: list[Assessment], today: date, chance: Random) -> Target | None:
    """A target that was set at one of the earlier rounds; some accounts have none."""
    if chance.random() < 0.22:
        return None
    base = history[max(0, len(history) - chance.choice([1, 2, 3, 4, 5]))]
    position = base.customer_position if base.customer_level else base.team_position
    level = min(5, int(position) + (2 if chance.random() < 0.3 else 1))
    set_on = min(today - timedelta(days=1), base.held_on + timedelta(days=chance.randrange(3, 25)))
    latest = three_years_after(set_on)
    due_on = latest if chance.random() < 0.6 else set_on + timedelta(days=chance.randrange(500, 1000))
    return Target(
        account=account,
        level=max(1, level),
        set_on=set_on,
        due_on=due_on,
        baseline=position,
        basis="customer" if base.customer_level else "team",
        set_by=account.owner,
    )


def plan_for(
    account: Account, history: list[Assessment], target: Target | None, plays: dict[int, list[Play]], today: date, chance: Random
) -> Iterator[tuple[ActionPlan, list[Action]]]:
    """The plan for the next step, and one achieved earlier where the account climbed."""
    level = history[-1].customer_level or history[-1].team_level
    first = history[0].customer_level or history[0].team_level
    if first < level and chance.random() < 0.6:
        ended = history[-1].held_on
        yield _plan(account, first, ended - timedelta(days=330), plays, today, chance, ended=ended)
    if target and level < 5 and target.level > level and chance.random() < 0.75:
        yield _plan(account, level, today - timedelta(days=chance.randrange(5, 150)), plays, today, chance)


def _plan(
    account: Account,
    rank: int,
    start: date,
    plays: dict[int, list[Play]],
    today: date,
    chance: Random,
    *,
    ended: date | None = None,
) -> tuple[ActionPlan, list[Action]]:
    plan = ActionPlan(
        account=account,
        from_rank=rank,
        to_rank=rank + 1,
        goal=chance.choice(GOALS),
        owner=account.owner,
        started_on=start,
        state="achieved" if ended else "open",
        ended_on=ended,
    )
    actions = []
    for play in chance.sample(plays[rank], k=min(len(plays[rank]), chance.choice([1, 2, 2]))):
        for order, step in enumerate(play.actions.all()):
            due_on = start + timedelta(days=step.days)
            late = (today - due_on).days
            done = bool(ended) or (late > 0 and chance.random() < 0.85) or chance.random() < 0.08
            actions.append(
                Action(
                    plan=plan,
                    title=step.title,
                    play=play,
                    owner=account.owner,
                    due_on=due_on,
                    state="done" if done else chance.choice(["todo", "todo", "doing"]),
                    done_on=min(today, due_on + timedelta(days=chance.randrange(-6, 9))) if done else None,
                    outcome=chance.choice(OUTCOMES) if done else "",
                    order=order,
                )
            )
    return plan, actions
