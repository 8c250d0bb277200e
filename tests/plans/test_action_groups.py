"""Which actions a list shows and in which group, beside the plain definition; and what the database is asked for it."""

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from accounts.models import Account, User
from plans.models import Action, ActionPlan
from tests.factories import make_account, make_plan, make_team, make_user, make_viewer

pytestmark = pytest.mark.django_db

DAYS = (-31, -30, -1, 0, 7, 8)  # from today: due, and of a done one when it was done


@pytest.fixture
def person():
    return make_user()


@pytest.fixture
def book(person):
    """Actions of every kind in accounts of every kind: one's own, of a team, of a team that one leads, of strangers."""
    member, leader, stranger = make_team(members=[person]), make_team(leads=[person]), make_team()
    kinds = [{"owner": person}, {"team": member}, {"team": leader}, {"owner": person, "team": leader}, {"team": stranger}, {}]
    accounts = [make_account(**kind, status=status) for kind in kinds for status in Account.Status]
    plans = [
        make_plan(account, state=state, from_rank=rank)
        for account in accounts
        for rank, state in enumerate(ActionPlan.State, start=1)
    ]
    today = timezone.localdate()
    Action.objects.bulk_create(
        Action(
            plan=plan,
            title=f"{state} {day}",
            owner=plan.owner,
            due_on=today + timedelta(days=day),
            state=state,
            done_on=today + timedelta(days=day) if state == Action.State.DONE else None,
        )
        for plan, state, day in product(plans, Action.State, DAYS)
    )


def is_of(user: User, account: Account) -> bool:
    return account.owner == user or (
        account.team is not None and user in [*account.team.members.all(), *account.team.leads.all()]
    )


def group_of(action: Action, user: User, today, *, mine: bool) -> int | None:
    """The plain definition; None for an action that is not listed."""
    account = action.plan.account
    if not (mine or user.sees_all_accounts) or account.status != Account.Status.ACTIVE:
        return None
    if action.state == Action.State.DONE:
        return Action.Group.DONE if action.done_on >= today - timedelta(days=30) else None
    if action.state == Action.State.DROPPED or action.plan.state != ActionPlan.State.OPEN:
        return None
    if action.due_on < today:
        return Action.Group.OVERDUE
    return Action.Group.WEEK if action.due_on <= today + timedelta(days=7) else Action.Group.LATER


@pytest.mark.parametrize("who", ["person", "viewer", "nobody"])
def test_each_action_stands_in_the_group_of_the_plain_definition(book, person, who):
    user = {"person": person, "viewer": make_viewer(), "nobody": make_user()}[who]
    today = timezone.localdate()
    listed = Action.objects.visible_to(user).grouped(today)
    own = {account.pk for account in Account.objects.select_related("owner", "team") if is_of(user, account)}
    grouped = {
        action.pk: group_of(action, user, today, mine=action.plan.account_id in own)
        for action in Action.objects.select_related("plan__account")
    }
    expected = {pk: group for pk, group in grouped.items() if group is not None}
    assert {action.pk: action.group for action in listed} == expected
    assert len(listed) == len(expected)
    assert bool(expected) == (who != "nobody")


def test_who_may_see_an_account_is_asked_once(person):
    asked = str(Action.objects.visible_to(person).grouped(timezone.localdate()).query)
    assert asked.count('FROM "accounts_account"') == 1
    assert asked.count('JOIN "accounts_account"') == 1
