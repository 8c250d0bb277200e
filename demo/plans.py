"""Targets, action plans and actions of the demo portfolio."""

from datetime import date, timedelta

from assessments.models import Assessment
from audit.trail import snapshot
from demo.context import DemoContext, Dossier, moment_on, workday, workday_from
from hierarchy.models import Play, PlayAction
from plans.models import Action, ActionPlan, Target
from plans.targets.acts import FIELDS as TARGET_FIELDS
from plans.trajectory import three_years_after

GOALS = (
    "They notice that we know what they need before they ask.",
    "They name us first when a colleague asks whom to call.",
    "They can point to what working with us earned them.",
    "Their people find ours without looking for them.",
)
OUTCOMES = ("Went well, they want to go on.", "Done; their budget holder joined in.", "Useful, two new contacts.", "")
RATIONALES = (
    "Their new plant needs more than deliveries; we want to be at the table when they plan it.",
    "Two of their three sites see us there already.",
    "At the next tender a level higher is worth more than two percent of price.",
    "",
)


def set_target(dossier: Dossier, context: DemoContext) -> None:
    """Set a target after one of the earlier rounds; some accounts have none."""
    chance, history = dossier.chance, dossier.results
    wish = dossier.story.target if dossier.story else None
    if not history or (not wish and chance.random() < 0.2):
        return
    back = wish[0] if wish else chance.choice([1, 1, 2, 2, 3, 4, 5])
    base = history[-min(back, len(history))]
    position = base.customer_stands_at if base.customer_level else base.team_position
    if position is None:  # for mypy: a closed round has a position on one side
        return
    level = wish[1] if wish else max(1, min(5, round(position + chance.choice([0.3, 0.6, 0.8, 1.0, 1.3]))))
    set_on = workday(min(context.today - timedelta(days=1), base.held_on + timedelta(days=chance.randrange(3, 25))))
    due_on = three_years_after(set_on)
    if not wish and chance.random() < 0.35:
        due_on = workday(set_on + timedelta(days=chance.randrange(600, 1000)))
    dossier.target = Target(
        account=dossier.account,
        level=level,
        set_on=set_on,
        due_on=due_on,
        baseline=position,
        basis="customer" if base.customer_level else "team",
        rationale=chance.choice(RATIONALES),
        set_by=dossier.account.owner,
    )
    dossier.tell("target.set", dossier.target, set_on, snapshot(dossier.target, *TARGET_FIELDS))


def plan(dossier: Dossier, context: DemoContext) -> None:
    """The plan for the next step, and an achieved plan where the account climbed."""
    chance, history, target = dossier.chance, dossier.results, dossier.target
    if not history:
        return
    level, first = _level(history[-1]), _level(history[0])
    if first < level and chance.random() < 0.6:
        reached = next(result for result in history if _level(result) > first)
        _achieved(dossier, context, first, reached.held_on)
    story = dossier.story
    wanted = story.due_in is not None if story else chance.random() < 0.7
    if wanted and target and level < min(5, target.level):
        due_in = story.due_in if story and story.due_in is not None else chance.randrange(-6, 25)
        next_due = context.today + timedelta(days=due_in)
        _running(dossier, context, level, workday(next_due) if due_in < 0 else workday_from(next_due))


def _running(dossier: Dossier, context: DemoContext, rank: int, next_due: date) -> None:
    """An open plan with one action that is due on `next_due`; earlier actions are done, later ones are not."""
    chance, today = dossier.chance, context.today
    steps = _steps(dossier, context.plays[rank])
    now = chance.randrange(min(3, len(steps)))
    start = min(next_due - timedelta(days=steps[now][1].days), today - timedelta(days=2))
    running = _open(dossier, rank, start)
    for place, (play, step, order) in enumerate(steps):
        action = Action(
            plan=running, title=step.title, play=play, owner=dossier.account.owner, order=order,
            due_on=next_due if place == now else max(workday(start + timedelta(days=step.days)), start),
        )  # fmt: skip
        if place < now:
            _tick(dossier, action, min(today, action.due_on + timedelta(days=chance.randrange(-5, 6))))
        elif place == now:
            action.state = chance.choice(["todo", "doing"])
        elif action.due_on < next_due:  # later actions are not due before the current one
            action.due_on = workday(next_due + timedelta(days=7 * (place - now)))
        dossier.actions.append(action)


def _achieved(dossier: Dossier, context: DemoContext, rank: int, ended_on: date) -> None:
    plan = _open(dossier, rank, ended_on - timedelta(days=dossier.chance.randrange(150, 340)))
    plan.state, plan.ended_on = ActionPlan.State.ACHIEVED, ended_on
    for play, step, order in _steps(dossier, context.plays[rank]):
        due_on = min(workday(plan.started_on + timedelta(days=step.days)), ended_on)
        action = Action(plan=plan, title=step.title, play=play, owner=plan.owner, order=order, due_on=due_on)
        _tick(dossier, action, min(ended_on, due_on + timedelta(days=dossier.chance.randrange(-5, 9))))
        dossier.actions.append(action)
    dossier.tell("plan.achieved", plan, moment_on(ended_on, 17), {"state": "achieved"}, {"state": "open"})


def _open(dossier: Dossier, rank: int, started_on: date) -> ActionPlan:
    started_on = workday(started_on)
    plan = ActionPlan(
        account=dossier.account,
        from_rank=rank,
        to_rank=rank + 1,
        goal=dossier.chance.choice(GOALS),
        owner=dossier.account.owner,
        started_on=started_on,
    )
    dossier.plans.append(plan)
    dossier.tell("plan.started", plan, started_on, snapshot(plan, "from_rank", "goal", "started_on"))
    return plan


def _steps(dossier: Dossier, plays: list[Play]) -> list[tuple[Play, PlayAction, int]]:
    """The actions of one or two plays, ordered by due date."""
    chosen = dossier.chance.sample(plays, k=min(len(plays), dossier.chance.choice([1, 2, 2])))
    steps = [(play, step, order) for play in chosen for order, step in enumerate(play.actions.all())]
    return sorted(steps, key=lambda entry: entry[1].days)


def _tick(dossier: Dossier, action: Action, done_on: date) -> None:
    action.state, action.done_on = Action.State.DONE, done_on
    action.outcome = dossier.chance.choice(OUTCOMES)
    dossier.tell("action.changed", action, done_on, {"state": "done"}, {"state": "todo"})


def _level(result: Assessment) -> int:
    return result.customer_level or result.team_level or 0
