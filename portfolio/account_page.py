"""All that the account page shows, gathered in a fixed number of statements."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Prefetch, Q, StringAgg, Subquery, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, Tag, User
from accounts.querysets import AccountQuerySet
from assessments import words as assessment_words
from assessments.chart import TargetLine, draw_history
from assessments.history import history_points, history_rows
from assessments.models import Assessment, Response
from hierarchy.models import Level
from plans import words as plan_words
from plans.models import Action, ActionPlan, Target
from plans.targets import status_from, trajectory_of
from plans.trajectory import Milestone
from portfolio.activity import Known, activity_of

RECENT = 6  # results that the table shows at once; the others open below it
SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class NextAct:
    """The one dark button."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Family:
    """The parent and the subsidiaries that the person who looks may see."""

    parent: Account | None
    children: tuple[Account, ...]


_ACTIVE_TARGET = ["active_target__set_by"]  # the filtered relation of `accounts_whole`, unknown to the model


def accounts_whole() -> AccountQuerySet:
    """Accounts with owner, team, active target and the names of their tags, in the one statement that finds them."""
    names = (
        Tag.objects.filter(accounts=OuterRef("pk"))
        .order_by()
        .values("accounts")
        .annotate(names=StringAgg("name", Value(SEPARATOR)))
        .values("names")
    )
    active = FilteredRelation("targets", condition=Q(targets__superseded_on=None))
    whole = Account.objects.annotate(active_target=active, tag_names=Subquery(names))
    return whole.select_related("owner", "team", *_ACTIVE_TARGET)


def account_context(account: Account, *, may_change: bool, user: User, today: date | None = None) -> dict[str, Any]:
    """The context of `portfolio/account.html`; `account` comes from `accounts_whole`.

    Eight statements more, whatever the number of rows.
    """
    today = today or timezone.localdate()
    asked = Assessment.raters.through.objects.filter(assessment=OuterRef("pk"), user=user.pk)
    rounds = list(account.assessments.select_related("edition").annotate(asks_me=Exists(asked)).in_time())
    results = [assessment for assessment in rounds if not assessment.is_open]
    latest = results[-1] if results else None
    open_round = next((assessment for assessment in rounds if assessment.is_open), None)
    target: Target | None = getattr(account, "active_target", None)
    status = status_from(target, results, today)
    levels = _levels(latest)
    milestones = trajectory_of(target).milestones() if target else ()
    contacts = list(_contacts(account, named=may_change))
    plans = list(account.plans.open().select_related("owner").prefetch_related(_actions()))
    history = history_rows(results)
    aim = plan_words.target_sentence(target) if target else ""
    return {
        "section": "accounts",
        "account": account,
        "may_change": may_change,
        "today": today,
        "levels": levels,
        "tags": sorted(filter(None, (getattr(account, "tag_names", None) or "").split(SEPARATOR))),
        "family": _family(account, user),
        "open_round": open_round,
        "asks_me": bool(open_round and open_round.asks_me and not may_change),
        "latest": latest,
        "headline": assessment_words.level_sentence(account, levels),
        "sureness": assessment_words.sureness(latest, today) if latest else None,
        "explanation": assessment_words.explain(latest, levels) if latest else None,
        "chart_wide": _chart(results, target, milestones, today, 760, 300),
        "chart_narrow": _chart(results, target, milestones, today, 360, 240),
        "chart_description": f"{assessment_words.history_sentence(results)} {aim}".strip(),
        "history": history,
        "recent": history[:RECENT],
        "older": history[RECENT:],
        "target": target,
        "aim": aim,
        "status": status,
        "status_sentence": plan_words.status_sentence(status),
        "milestones": milestones,
        "plans": plans,
        "next_step": next_step(account, plans),
        "next_act": next_act(account, open_round, target, plans) if may_change else None,
        "achieved": [plan for plan in plans if account.level and account.level >= plan.to_rank],
        "contacts": contacts,
        "missing_roles": missing_roles(contacts),
        "sheet": _sheet(account),
        "activity": activity_of(account, _known(contacts, rounds, plans), in_full=may_change),
    }


def next_step(account: Account, plans: list[ActionPlan]) -> tuple[int, int] | None:
    """The step that a plan is missing for: from the level now, when it is below 5 and no plan is open for it."""
    level = account.level
    if level is None or level >= 5 or any(plan.from_rank == level for plan in plans):
        return None
    return level, level + 1


def next_act(account: Account, open_round: Assessment | None, target: Target | None, plans: list[ActionPlan]) -> NextAct | None:
    """What to do now, for whoever may change the account; nothing for an archived one."""
    if account.is_archived:
        return None
    if open_round:
        return NextAct(_("Go on with the open assessment"), open_round.get_absolute_url())
    if account.level is None:
        return NextAct(_("Assess this account"), reverse("assessments:assess", args=[account.pk]))
    if not target:
        return NextAct(_("Set a target"), reverse("plans:target", args=[account.pk]))
    if not plans and account.level < target.level:
        return NextAct(_("Start the plan"), reverse("plans:plan", args=[account.pk]))
    return NextAct(_("Enter what they said"), reverse("assessments:customer_choice", args=[account.pk]))


def missing_roles(contacts: list[Contact]) -> list[str]:
    """The buying roles that no contact who is still there has."""
    present = {contact.buying_role for contact in contacts if contact.active}
    return [str(label) for value, label in Contact.BuyingRole.choices if value not in present]


def _levels(latest: Assessment | None) -> dict[int, Level]:
    editions = {"edition": latest.edition_id} if latest else {"edition__state": "published"}
    return {level.rank: level for level in Level.objects.filter(**editions)}


def _chart(
    results: list[Assessment],
    target: Target | None,
    milestones: tuple[Milestone, ...],
    today: date,
    width: int,
    height: int,
):
    line = None
    if target:
        line = TargetLine(
            target.set_on,
            target.baseline,
            target.due_on,
            target.level,
            tuple((milestone.due_on, milestone.level) for milestone in milestones),
        )
    return draw_history(history_points(results), line, today, width=width, height=height)


def _contacts(account: Account, *, named: bool):
    """The contacts, each with what it says (`says`) and when (`said_on`) for whoever may read named answers."""
    contacts = account.contacts.filter(erased_on=None)
    if named:
        said = Response.objects.filter(
            contact=OuterRef("pk"),
            level__isnull=False,
            assessment__state=Assessment.State.CLOSED,
            assessment__visibility=Assessment.Visibility.NAMED,
        ).order_by("-assessment__held_on", "-assessment__closed_at")
        contacts = contacts.annotate(
            says=Subquery(said.values("level")[:1]), said_on=Subquery(said.values("assessment__held_on")[:1])
        )
    return contacts.order_by("-active", F("influence").desc(), "name", "pk")


def _actions() -> Prefetch:
    return Prefetch("actions", Action.objects.select_related("owner", "play"))


def _family(account: Account, user: User) -> Family:
    related = Account.objects.visible_to(user).filter(Q(parent=account) | Q(pk=account.parent_id))
    found = list(related.order_by("name", "pk"))
    return Family(
        parent=next((one for one in found if one.pk == account.parent_id), None),
        children=tuple(one for one in found if one.pk != account.parent_id),
    )


def _sheet(account: Account) -> list[tuple[str, str]]:
    """The texts of the account sheet that are filled in, each with its heading."""
    names = ("charter", "strengths", "vulnerabilities", "trends", "opportunities", "notes")
    fields = {field.name: field for field in Account._meta.concrete_fields}
    return [(str(fields[name].verbose_name), text) for name in names if (text := getattr(account, name))]


def _known(contacts: list[Contact], rounds: list[Assessment], plans: list[ActionPlan]) -> Known:
    return Known(
        contacts={contact.pk: contact.name for contact in contacts},
        rounds={assessment.pk: assessment.held_on for assessment in rounds},
        actions={action.pk: action.title for plan in plans for action in plan.actions.all()},
    )
