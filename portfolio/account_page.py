"""All that the account page shows, gathered in a fixed number of statements."""

from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from accounts.models import Account, Contact, User
from assessments import words as assessment_words
from assessments.chart import TargetLine, draw_history
from assessments.history import history_points, history_rows
from assessments.models import Assessment, Response
from hierarchy.models import Level
from plans import words as plan_words
from plans.models import ActionPlan, Target
from plans.targets import status_from, trajectory_of


def account_context(account: Account, *, may_change: bool, user: User, today: date | None = None) -> dict[str, Any]:
    """The context of `portfolio/account.html`. At most eight statements, whatever the number of rows."""
    today = today or timezone.localdate()
    rounds = list(account.assessments.select_related("edition").in_time())
    results = [assessment for assessment in rounds if not assessment.is_open]
    latest = results[-1] if results else None
    target = account.targets.active().select_related("set_by").first()
    status = status_from(target, results, today)
    levels = _levels(latest)
    trajectory = trajectory_of(target) if target else None
    milestones = trajectory.milestones() if trajectory else ()
    contacts = list(_contacts(account, named=may_change))
    plans = list(account.plans.open().select_related("owner").prefetch_related("actions__owner", "actions__play"))
    return {
        "section": "accounts",
        "account": account,
        "may_change": may_change,
        "today": today,
        "levels": levels,
        "open_round": next((assessment for assessment in rounds if assessment.is_open), None),
        "latest": latest,
        "headline": assessment_words.level_sentence(account, levels),
        "sureness": assessment_words.sureness(latest, today) if latest else None,
        "explanation": assessment_words.explain(latest, levels) if latest else None,
        "chart_wide": _chart(results, target, milestones, today, 760, 300),
        "chart_narrow": _chart(results, target, milestones, today, 360, 240),
        "chart_description": assessment_words.history_sentence(results),
        "history": history_rows(results),
        "target": target,
        "status": status,
        "status_sentence": plan_words.status_sentence(status),
        "milestones": milestones,
        "plans": plans,
        "next_step": next_step(account, plans),
        "achieved": [plan for plan in plans if account.level and account.level >= plan.to_rank],
        "contacts": contacts,
        "missing_roles": missing_roles(contacts),
    }


def next_step(account: Account, plans: list[ActionPlan]) -> tuple[int, int] | None:
    """The step that a plan is missing for: from the level now, when it is below 5 and no plan is open for it."""
    level = account.level
    if level is None or level >= 5 or any(plan.from_rank == level for plan in plans):
        return None
    return level, level + 1


def _levels(latest: Assessment | None) -> dict[int, Level]:
    editions = {"edition": latest.edition_id} if latest else {"edition__state": "published"}
    return {level.rank: level for level in Level.objects.filter(**editions)}


def _chart(results: list[Assessment], target: Target | None, milestones, today: date, width: int, height: int):
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
    if not named:
        return contacts
    said = Response.objects.filter(
        contact=OuterRef("pk"),
        level__isnull=False,
        assessment__state=Assessment.State.CLOSED,
        assessment__visibility=Assessment.Visibility.NAMED,
    ).order_by("-assessment__held_on", "-assessment__closed_at")
    return contacts.annotate(
        says=Subquery(said.values("level")[:1]), said_on=Subquery(said.values("assessment__held_on")[:1])
    ).order_by("-active", F("influence").desc(), "name", "pk")


def missing_roles(contacts: list[Contact]) -> list[str]:
    """The buying roles that no contact who is still there has."""
    present = {contact.buying_role for contact in contacts if contact.active}
    return [str(label) for value, label in Contact.BuyingRole.choices if value not in present]
