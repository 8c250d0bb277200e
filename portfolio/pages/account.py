"""What the tabs of the page of an account hold, each read in a fixed number of statements.

Each function takes the frame, which has the account, its rounds and the levels, and returns the rest of the context.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Contact
from accounts.permissions import may
from accounts.templatetags.standing import likelihood
from assessments import words as assessment_words
from assessments.chart.geometry import Chart, TargetLine, draw_history
from assessments.chart.lane import HistoryEvent
from assessments.history import history_points, history_rows
from assessments.rounds.explanation import StatementMean
from hierarchy.words import in_our_words
from plans import words as plan_words
from plans.forecast.fan import FanPoint
from plans.forecast.outlook import fan_sentence
from plans.models import Action, ActionPlan
from plans.targets.standing import TargetStanding, standing_of
from portfolio.pages.about import facts_of
from portfolio.pages.account_frame import AccountFrame
from portfolio.pages.account_next import next_step
from portfolio.pages.activity import KnownNames, activity_of
from portfolio.pages.customer_view import voice_context
from portfolio.pages.family import family_card
from portfolio.pages.people import missing_roles, people_of, silent_roles

RECENT = 12  # results that the table shows at once; the others open below it
VOICES = 4  # people on the overview, the economic buyer who is missing among them
WIDE, NARROW = (760, 316), (360, 280)  # units of the two drawings of the chart
#: Where the means 1 to 5 stand on the line of a statement, in units of its drawing.
DOT_LEFT, DOT_STEP = 8, 19


@dataclass(frozen=True, slots=True)
class HeldStatement:
    """A statement of the level that is not held, with both means and where they stand on its line."""

    statement: StatementMean
    theirs: float | None
    ours: float | None
    need: float

    @property
    def x_theirs(self) -> float | None:
        return _x(self.theirs)

    @property
    def x_ours(self) -> float | None:
        return _x(self.ours)

    @property
    def x_need(self) -> float | None:
        return _x(self.need)


def overview_context(frame: AccountFrame) -> dict[str, Any]:
    """The next step, the chart, what holds us, whose voice, and the open plans.

    Four statements, one more while the forecast is not cached.
    """
    account, user = frame.account, frame.user
    plans = list(
        account.plans.filter(Q(state=ActionPlan.State.OPEN) | Q(state=ActionPlan.State.ACHIEVED))
        .select_related("owner")
        .prefetch_related(_actions())
    )
    running = [plan for plan in plans if plan.state == ActionPlan.State.OPEN]
    people = people_of(account, frame.today, named=frame.may_change, user=user)
    voice = _voice(frame)
    standing = _standing(frame)
    nobody_decides = Contact.BuyingRole.ECONOMIC.label in missing_roles(people)
    present, most = [person for person in people if person.contact.active], VOICES - nobody_decides
    return (
        voice
        | _chart_context(frame, standing, plans)
        | {
            "next": next_step(frame, running, people),
            "plans": running,
            "unplanned": _unplanned(frame, running),
            "held": _held(voice["explanation"]),
            "voices": present[:most],
            "more_voices": max(0, len(present) - most),
            "no_economic_buyer": nobody_decides,
        }
    )


def open_plans(account: Account) -> QuerySet[ActionPlan]:
    """The open plans with their actions. Two statements."""
    return account.plans.open().select_related("owner").prefetch_related(_actions())


def people_context(frame: AccountFrame) -> dict[str, Any]:
    """Who decides and who was heard, why the level is what it is, their words, and what is known of the customer.

    Two statements, one more for an account of a group.
    """
    people = people_of(frame.account, frame.today, named=frame.may_change, user=frame.user)
    return _voice(frame) | {
        "people": people,
        "missing_roles": missing_roles(people),
        "silent_roles": silent_roles(people) if frame.may_change else [],
        "about": facts_of(frame.account),
        "owned": frame.owned,
        "family": family_card(frame.account, frame.user),
    }


def history_context(frame: AccountFrame) -> dict[str, Any]:
    """The results, the target with its forecast, and where both sides differ.

    One statement, one more while the forecast is not cached.
    """
    rows = history_rows(frame.results)
    standing = _standing(frame)
    fan = standing.outlook.fan if standing.outlook else ()
    return _voice(frame) | {
        "recent": rows[:RECENT],
        "older": rows[RECENT:],
        "fan": fan[1:],
        "fan_words": fan_sentence(fan),
        "status_sentence": standing.sentence,
        "outlook": standing.outlook_words,
        "milestones": frame.target.trajectory.milestones() if frame.target else (),
    }


def activity_context(frame: AccountFrame) -> dict[str, Any]:
    """The latest events in sentences. Four statements."""
    people = frame.account.contacts.filter(erased_on=None).values_list("pk", "name")
    actions = Action.objects.filter(plan__account=frame.account.pk, plan__state=ActionPlan.State.OPEN)
    known = KnownNames(
        contacts=dict(people),
        rounds={assessment.pk: assessment.held_on for assessment in frame.rounds},
        actions=dict(actions.values_list("pk", "title")),
        untold={frame.open_round.pk} if frame.blind else set(),
    )
    return {"activity": activity_of(frame.account, known, in_full=frame.may_change)}


def _voice(frame: AccountFrame) -> dict[str, Any]:
    named = may(frame.user, "customer.answers", frame.account)
    return voice_context(frame.account, frame.rounds, frame.today, rungs=frame.rungs, latest=frame.latest, named=named)


def _standing(frame: AccountFrame) -> TargetStanding:
    return standing_of(frame.account, frame.target, frame.results, frame.today)


def _unplanned(frame: AccountFrame, plans: Sequence[ActionPlan]) -> tuple[int, int] | None:
    """The step from the level now for which no plan is open; None on level 5 or without a level."""
    level = frame.account.level
    if level is None or level >= 5 or any(plan.from_rank == level for plan in plans):
        return None
    return level, level + 1


def _held(explanation: Any) -> list[HeldStatement]:
    if explanation is None:
        return []
    theirs = explanation.side == "customer"
    return [
        HeldStatement(one, one.mean if theirs else None, one.ours if theirs else one.mean, explanation.held_at)
        for one in explanation.holding_back
    ]


def _x(mean: float | None) -> float | None:
    return None if mean is None else round(DOT_LEFT + (mean - 1) * DOT_STEP, 1)


def _chart_context(frame: AccountFrame, standing: TargetStanding, plans: Sequence[ActionPlan]) -> dict[str, Any]:
    fan = standing.outlook.fan if standing.outlook else ()
    results = frame.results
    aim = plan_words.target_sentence(frame.target) if frame.target else ""
    events = _events(frame, plans)
    wide, narrow = (_chart(frame, fan, events, width, height) for width, height in (WIDE, NARROW))
    return {
        "chart_wide": wide,
        "chart_narrow": narrow,
        "chart_title": assessment_words.finding(results),
        "chart_description": " ".join(filter(None, (assessment_words.history_sentence(results), aim, fan_sentence(fan)))),
        "chart_levels": {rank: in_our_words(rung) for rank, rung in frame.rungs.items()},
        "chart_chance": likelihood(standing.outlook.chance) if standing.outlook else "",
    }


def _chart(frame: AccountFrame, fan: tuple[FanPoint, ...], events: Sequence[HistoryEvent], width: int, height: int) -> Chart:
    line, target = None, frame.target
    if target:
        milestones = tuple((milestone.due_on, milestone.level) for milestone in target.trajectory.milestones())
        line = TargetLine(target.set_on, target.baseline, target.due_on, target.level, milestones)
    return draw_history(history_points(frame.results), line, frame.today, fan=fan, events=events, width=width, height=height)


def _events(frame: AccountFrame, plans: Sequence[ActionPlan]) -> list[HistoryEvent]:
    """What happened: rounds, the target, plans that began or were achieved."""
    happened = [HistoryEvent(one.held_on, "round", _round_words(one)) for one in frame.results]
    if frame.target:
        happened.append(HistoryEvent(frame.target.set_on, "target", _("target set")))
    for plan in plans:
        ranks = {"low": plan.from_rank, "high": plan.to_rank}
        happened.append(HistoryEvent(plan.started_on, "plan", _("plan %(low)s → %(high)s") % ranks))
        if plan.state == ActionPlan.State.ACHIEVED and plan.ended_on:
            happened.append(HistoryEvent(plan.ended_on, "plan", _("step %(low)s → %(high)s made") % ranks))
    return happened


def _round_words(result: Any) -> str:
    if not (people := result.respondents_shown):
        return _("our view") if result.customer_level is None else _("recorded")
    return ngettext("%(n)s answered", "%(n)s answered", people) % {"n": people}


def _actions() -> Prefetch:
    running = Action.objects.with_comment_count().filter(plan__state=ActionPlan.State.OPEN)
    return Prefetch("actions", running.select_related("owner", "play"))
