"""The context of the account page, read in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Exists, FilteredRelation, OuterRef, Prefetch, Q, StringAgg, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account, Tag, User
from accounts.owned_fields import owned_of
from accounts.permissions import may
from accounts.querysets import AccountQuerySet
from assessments import words as assessment_words
from assessments.chart.geometry import Chart, HistoryPoint, TargetLine, draw_history
from assessments.history import deciding, history_points, history_rows
from assessments.models import Assessment
from audit.models import Event
from core import days, organisation
from plans import words as plan_words
from plans.forecast.fan import FanPoint
from plans.forecast.outlook import fan_sentence
from plans.models import Action, ActionPlan, Target
from plans.targets.standing import standing_of
from plans.trajectory import Milestone
from portfolio.catalogue import SEPARATOR, rungs_of
from portfolio.pages.about import facts_of, sheet_of
from portfolio.pages.activity import KnownNames, activity_of
from portfolio.pages.customer_view import must_be_asked, rounds_of, still_to_rate, voice_context
from portfolio.pages.family import family_card, ids_below
from portfolio.pages.people import PersonCard, missing_roles, people_of, silent_roles

RECENT = 6  # results that the table shows at once; the others open below it


@dataclass(frozen=True, slots=True)
class NextAct:
    """A button: the first is the dark one."""

    label: str
    url: str


_ACTIVE_TARGET = ["active_target"]  # the filtered relation of `accounts_whole`, unknown to the model


@cache
def accounts_whole() -> AccountQuerySet:
    """Accounts with owner, team, active target, the names of their tags, the ids of those below them and the state of
    all data, in the one statement that finds them. Built once; each use filters a copy of it.
    """
    names = (
        Tag.objects.filter(accounts=OuterRef("pk"))
        .order_by()
        .values("accounts")
        .annotate(names=StringAgg("name", Value(SEPARATOR)))
        .values("names")
    )
    active = FilteredRelation("targets", condition=Q(targets__superseded_on=None))
    state = Coalesce(Subquery(Event.objects.order_by("-pk").values("pk")[:1]), 0)
    whole = Account.objects.annotate(active_target=active, tag_names=Subquery(names), state_of_data=state, **ids_below())
    return whole.annotate(has_merged=Exists(Account.objects.filter(merged_into=OuterRef("pk")))).select_related(
        "owner", "team", *_ACTIVE_TARGET
    )


def account_context(account: Account, *, may_change: bool, user: User, today: date | None = None) -> dict[str, Any]:
    """The context of `portfolio/account.html`; `account` comes from `accounts_whole`.

    Seven statements more, whatever the number of rows, when the cached parts are cached, and one for an account that comes
    from another system, and one for an account that was merged or into which others were. A reader who still has to give a view of the open round is shown no result of it, not even the one
    from before it was reopened.
    """
    today = today or days.today()
    rounds = list(rounds_of(account, user))
    results = [assessment for assessment in rounds if not assessment.is_open]
    open_round: Any = next((assessment for assessment in rounds if assessment.is_open), None)
    blind = still_to_rate(open_round)
    target: Target | None = getattr(account, "active_target", None)
    standing = standing_of(account, target, results, today)
    fan = standing.outlook.fan if standing.outlook else ()
    latest, state = deciding(results), account.state_of_data  # type: ignore[attr-defined]
    rungs = rungs_of(latest.edition_id if latest else None, state=state, today=today)
    milestones = target.trajectory.milestones() if target else ()
    named = may(user, "customer.answers", account)
    people = people_of(account, today, named=may_change, user=user)
    plans = list(account.plans.open().select_related("owner").prefetch_related(_actions()))
    history, points = history_rows(results), history_points(results)
    aim = plan_words.target_sentence(target) if target else ""
    known = _known(people, rounds, plans, untold={open_round.pk} if blind else set())
    return voice_context(account, rounds, today, rungs=rungs, latest=latest, named=named) | {
        "section": "accounts",
        "account": account,
        "may_change": may_change,
        "today": today,
        "tags": sorted(filter(None, (getattr(account, "tag_names", None) or "").split(SEPARATOR))),
        "family": family_card(account, user),
        "owned": owned_of(account),
        "merged_into": _merged_into(account, user),
        "merged_here": _merged_here(account, user),
        "currency": organisation.reporting_currency(),
        "open_round": open_round,
        "asks_me": bool(open_round and open_round.asks_me and not open_round.i_gave and not may_change),
        "chart_wide": _chart(points, target, milestones, fan, today, 760, 300),
        "chart_narrow": _chart(points, target, milestones, fan, today, 360, 240),
        "chart_description": " ".join(filter(None, (assessment_words.history_sentence(results), aim, fan_sentence(fan)))),
        "fan": fan[1:],
        "fan_words": fan_sentence(fan),
        "history": history,
        "recent": history[:RECENT],
        "older": history[RECENT:],
        "target": target,
        "aim": aim,
        "status": standing.status,
        "status_sentence": standing.sentence,
        "outlook": standing.outlook_words,
        "milestones": milestones,
        "plans": plans,
        "next_step": next_step(account, plans),
        "next_acts": next_acts(account, open_round, target, plans, today, blind=blind) if may_change else [],
        "achieved": [plan for plan in plans if account.customer_level and account.customer_level >= plan.to_rank],
        "people": people,
        "missing_roles": missing_roles(people),
        "silent_roles": silent_roles(people) if may_change else [],
        "sheet": sheet_of(account),
        "about": facts_of(account),
        "activity": activity_of(account, known, in_full=may_change),
    }


def _merged_into(account: Account, user: User) -> Account | None:
    """The account that this one was merged into, if the reader may see it. One statement, for a merged account only."""
    return Account.objects.visible_to(user).filter(pk=account.merged_into_id or 0).first() if account.is_merged else None


def _merged_here(account: Account, user: User) -> list[tuple[Account, bool]]:
    """The accounts that were merged into this one and that the reader may see, each with whether they may take that back.

    Two statements at most, where there are any.
    """
    if not account.has_merged:  # type: ignore[attr-defined]
        return []
    merged = Account.objects.visible_to(user).filter(merged_into=account.pk).order_by("-pk")
    return [(one, may(user, "account.merge", one) and may(user, "account.merge", account)) for one in merged]


def next_step(account: Account, plans: list[ActionPlan]) -> tuple[int, int] | None:
    """The step from the level now for which no plan is open; None on level 5 or without a level."""
    level = account.level
    if level is None or level >= 5 or any(plan.from_rank == level for plan in plans):
        return None
    return level, level + 1


def next_acts(
    account: Account, open_round: Any, target: Target | None, plans: list[ActionPlan], today: date, *, blind: bool
) -> list[NextAct]:
    """The next steps for a person who may change the account: the main button, and at most one more.

    Empty for an archived account. Where the customer's level is missing or old, asking comes first.
    """
    if account.is_archived:
        return []
    ask = NextAct(_("Ask the customer"), reverse("surveys:invite", args=[account.pk]))
    if open_round:
        go_on = NextAct(_("Go on with the open assessment"), open_round.get_absolute_url())
        return [NextAct(_("Give your view"), reverse("assessments:assess", args=[account.pk])), go_on] if blind else [go_on]
    if account.level is None:
        return [NextAct(_("Assess this account"), reverse("assessments:assess", args=[account.pk])), ask]
    work = _work(account, target, plans)
    if work is None:
        return [ask]
    return [ask, work] if must_be_asked(account, today) else [work]


def _work(account: Account, target: Target | None, plans: list[ActionPlan]) -> NextAct | None:
    if not target:
        return NextAct(_("Set a target"), reverse("plans:target", args=[account.pk]))
    if not plans and account.level is not None and account.level < target.level:
        return NextAct(_("Start the plan"), reverse("plans:plan", args=[account.pk]))
    return None


def _chart(
    points: Sequence[HistoryPoint],
    target: Target | None,
    milestones: tuple[Milestone, ...],
    fan: tuple[FanPoint, ...],
    today: date,
    width: int,
    height: int,
) -> Chart:
    line = None
    if target:
        line = TargetLine(
            target.set_on,
            target.baseline,
            target.due_on,
            target.level,
            tuple((milestone.due_on, milestone.level) for milestone in milestones),
        )
    return draw_history(points, line, today, fan=fan, width=width, height=height)


def _actions() -> Prefetch:
    return Prefetch("actions", Action.objects.with_comment_count().select_related("owner", "play"))


def _known(people: list[PersonCard], rounds: Sequence[Assessment], plans: list[ActionPlan], *, untold: set[int]) -> KnownNames:
    return KnownNames(
        contacts={person.contact.pk: person.contact.name for person in people},
        rounds={assessment.pk: assessment.held_on for assessment in rounds},
        actions={action.pk: action.title for plan in plans for action in plan.actions.all()},
        untold=untold,
    )
