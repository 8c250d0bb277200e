"""The template context of the plan page, in a fixed number of statements."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Account, User
from accounts.permissions import may
from core import days
from hierarchy.models import Level, Play
from plans import words
from plans.action_plans.forms import StartPlanForm, playbook
from plans.actions.acts import people_on
from plans.actions.forms import NewActionForm
from plans.forms import of_model
from plans.models import Action, ActionPlan, Target

STEPS = range(1, 5)  # the level that a step starts from
AT_ONCE = 10  # open actions of a plan that are shown; the later ones are folded


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One of the four steps between levels, for the strip above the plans."""

    from_rank: int
    to_rank: int
    state: str  # running, made, next, ahead (on the way to the target), later
    words: str
    plan: ActionPlan | None  # the open one


@dataclass(frozen=True, slots=True)
class OfferedPlay:
    """A play of the step, with the dates that its actions would get."""

    play: Play
    in_plan: bool
    picked: bool  # in the form that was refused
    actions: list[tuple[str, date]]  # title, and the date when the play starts on the day asked for


@dataclass(frozen=True, slots=True)
class PlanSection:
    """One plan with its actions by state, the plays that can be added, and the form for a new action."""

    plan: ActionPlan
    reached: bool  # the account's level is the plan's, or above
    pending: list[Action]
    done_today: list[Action]
    done_before: list[Action]  # the latest first
    dropped: list[Action]
    plays: list[OfferedPlay]
    form: NewActionForm | None

    @property
    def near(self) -> list[Action]:
        """The first open ones by date; what was ticked off today keeps its place until tomorrow."""
        shown = [*self.pending[:AT_ONCE], *self.done_today]
        return sorted(shown, key=lambda action: (action.due_on, action.order, action.pk))

    @property
    def far(self) -> list[Action]:
        return self.pending[AT_ONCE:]

    @property
    def done(self) -> int:
        return len(self.done_today) + len(self.done_before)

    @property
    def kept(self) -> int:
        return len(self.pending) + self.done

    @property
    def plays_left(self) -> bool:
        return any(not offer.in_plan for offer in self.plays)


def plan_context(
    account: Account,
    *,
    user: User,
    step: int | None = None,
    start_form: StartPlanForm | None = None,
    action_form: NewActionForm | None = None,
    problem: str = "",
) -> dict[str, Any]:
    """The context of `plans/plan.html`; at most seven statements more than the account cost.

    `step` is the level that the step to start begins at; a form that was refused takes the place of an
    empty one.
    `problem` says why something else was refused.
    """
    may_change = may(user, "plan.change", account)
    may_work = may_change and not account.is_archived
    plans = list(account.plans.select_related("owner").prefetch_related(_actions()))
    running = {plan.from_rank: plan for plan in plans if plan.state == ActionPlan.State.OPEN}
    target = account.targets.active().first()
    plays: dict[int, list[Play]] = {rank: [] for rank in STEPS}
    people: list[User] = []
    if may_work:
        for play in playbook():
            plays[play.from_rank].append(play)
        people = list(people_on(account))
    # A form that was refused stays, even where a colleague's plan for the step came first.
    chosen = (step if start_form else _chosen(account, running, step)) if may_work else None
    if chosen and start_form is None:
        start_form = StartPlanForm(account=account, from_rank=chosen)
    if start_form:
        offer_people(start_form, people)
    sections = [
        _section(
            plan,
            account,
            _offer(plays[rank], plan=plan),
            _new_action(plan, action_form, people) if may_work else None,
        )
        for rank, plan in sorted(running.items())
    ]
    return {
        "section": "accounts",
        "here": "plan",
        "account": account,
        "may_change": may_change,
        "may_work": may_work,
        "problem": problem,
        "target": target,
        "headline": words.way_sentence(account, target),
        "levels": {level.rank: level for level in Level.objects.filter(edition__state="published")},
        "steps": [_step(rank, account, target, running.get(rank), plans) for rank in STEPS],
        "sections": sections,
        "reached": [section for section in sections if section.reached],
        "chosen": chosen,
        "next_rank": chosen + 1 if chosen else None,
        "offered": _offer(plays[chosen], form=start_form) if chosen else [],
        "start_form": start_form if chosen else None,
        "suggested": suggested_step(account, running),
        "ended": [_section(plan, account, [], None) for plan in plans if plan.state != ActionPlan.State.OPEN],
    }


def suggested_step(account: Account, running: dict[int, ActionPlan]) -> tuple[int, int] | None:
    """The next step without a plan, at or above the level now; None on level 5, and without a level."""
    if account.level is None:
        return None
    rank = next((rank for rank in range(account.level, 5) if rank not in running), None)
    return (rank, rank + 1) if rank else None


def offer_people(form: StartPlanForm | NewActionForm, people: list[User]) -> None:
    """Set the choices of the owner field; `people` are loaded once for all forms of the page."""
    of_model(form, "owner").choices = [(person.pk, person.name) for person in people]


def _chosen(account: Account, running: dict[int, ActionPlan], step: int | None) -> int | None:
    """The step to start a plan for: the one asked for, else the one from the level now without a plan."""
    if step is not None:
        return step if step in STEPS and step not in running else None
    suggested = suggested_step(account, running)
    return suggested[0] if suggested and suggested[0] == account.level else None


def _step(rank: int, account: Account, target: Target | None, running: ActionPlan | None, plans: list[ActionPlan]) -> PlanStep:
    level, heard = account.level, account.customer_level
    ended = [plan.ended_on for plan in plans if plan.from_rank == rank and plan.state == ActionPlan.State.ACHIEVED]
    made = level > rank if level is not None else bool(ended)
    if running:
        done, kept = _progress(running)
        state, text = (
            "running",
            _("level %(level)s is reached") % {"level": rank + 1} if heard and heard > rank else _progress_words(done, kept),
        )
    elif made and ended:
        day = max(day for day in ended if day)
        state, text = "made", _("achieved in %(month)s") % {"month": date_format(day, "F Y")}
    elif made:
        state, text = "made", _("they are past it") if heard and heard > rank else _("we think they are past it")
    elif level == rank:
        state, text = "next", _("the next step")
    elif target and rank < target.level:
        state, text = "ahead", _("on the way to the target")
    else:
        state, text = "later", _("later")
    return PlanStep(rank, rank + 1, state, text, running)


def _progress(plan: ActionPlan) -> tuple[int, int]:
    states = [action.state for action in plan.actions.all() if action.state != Action.State.DROPPED]
    return states.count(Action.State.DONE), len(states)


def _progress_words(done: int, kept: int) -> str:
    return _("%(done)s of %(kept)s done") % {"done": done, "kept": kept} if kept else _("no actions yet")


def _section(plan: ActionPlan, account: Account, plays: list[OfferedPlay], form: NewActionForm | None) -> PlanSection:
    actions, today = list(plan.actions.all()), days.today()
    done = [action for action in actions if action.done_on]
    return PlanSection(
        plan=plan,
        reached=account.customer_level is not None and account.customer_level >= plan.to_rank,
        pending=[action for action in actions if action.is_pending],
        done_today=[action for action in done if action.done_on == today],
        done_before=sorted(
            (action for action in done if action.done_on != today),
            key=lambda action: (action.done_on, action.pk),
            reverse=True,
        ),
        dropped=[action for action in actions if action.state == Action.State.DROPPED],
        plays=plays,
        form=form,
    )


def _new_action(plan: ActionPlan, refused: NewActionForm | None, people: list[User]) -> NewActionForm:
    mine = refused is not None and refused.plan.pk == plan.pk
    form = refused if refused and mine else NewActionForm(plan=plan)
    offer_people(form, people)
    return form


def _offer(plays: list[Play], *, plan: ActionPlan | None = None, form: StartPlanForm | None = None) -> list[OfferedPlay]:
    taken = {action.play.code for action in plan.actions.all() if action.play} if plan else set()
    picked = {str(value) for value in form["plays"].value() or []} if form else set()
    start = (form.cleaned_data.get("start") if form and form.is_bound else None) or days.today()
    return [
        OfferedPlay(
            play,
            in_plan=play.code in taken,
            picked=str(play.pk) in picked,
            actions=[(step.title, start + timedelta(days=step.days)) for step in play.actions.all()],
        )
        for play in plays
    ]


def _actions() -> Prefetch:
    return Prefetch("actions", Action.objects.with_comment_count().select_related("owner", "play"))
