"""The work for a step: the verbs."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit.models import Event
from core.versions import StaleEdit
from hierarchy.models import Play
from plans.action_plans.acts import change_plan, end_plan, start_plan
from plans.action_plans.forms import playbook
from plans.actions.acts import add_action, add_play, change_action, may_tick, move_action, my_actions_this_week, people_on
from plans.models import Action, ActionPlan
from tests.factories import (
    make_account,
    make_action,
    make_administrator,
    make_plan,
    make_team,
    make_user,
    make_viewer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def plays(edition):
    """The plays of the step from 2 to 3."""
    return list(playbook(2))


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def archive(account):
    account.status = "archived"
    account.save()


class TestStarting:
    def test_the_plays_actions_are_dated_from_the_start(self, account, plays):
        start = in_days(10)
        plan = start_plan(account, by=account.owner, from_rank=2, owner=account.owner, plays=plays[:1], start=start)
        expected = [(step.title, start + timedelta(days=step.days)) for step in plays[0].actions.all()]
        assert [(action.title, action.due_on) for action in plan.actions.all()] == expected
        assert {action.owner for action in plan.actions.all()} == {account.owner}
        assert (plan.from_rank, plan.to_rank, plan.started_on) == (2, 3, start)

    def test_it_is_in_the_trail_with_each_action(self, account, plays):
        start_plan(account, by=account.owner, from_rank=2, owner=account.owner, goal="Be first.", plays=plays[:1])
        event = Event.objects.get(act="plan.started")
        assert (event.actor, event.account_id, event.after["goal"]) == (
            account.owner,
            account.pk,
            "Be first.",
        )
        assert Event.objects.filter(act="action.added", account_id=account.pk).count() == Action.objects.count()

    def test_started_twice_it_is_one_plan_with_the_plays_once(self, account, plays):
        wish = {
            "by": account.owner,
            "from_rank": 2,
            "owner": account.owner,
            "goal": "Be first.",
            "plays": plays[:2],
        }
        first = start_plan(account, **wish)
        actions = Action.objects.count()
        assert start_plan(account, **wish) == first
        assert (ActionPlan.objects.count(), Action.objects.count()) == (1, actions)

    def test_a_colleagues_plan_with_another_goal_is_told_and_not_overwritten(self, account):
        make_plan(account, goal="Be on time.")
        with pytest.raises(ValidationError, match="Be on time"):
            start_plan(account, by=account.owner, from_rank=2, owner=account.owner, goal="Be first.")
        assert ActionPlan.objects.get().goal == "Be on time."

    def test_a_play_of_another_step_is_refused_and_no_plan_stays_behind(self, account, edition):
        wrong = playbook(3).first()
        with pytest.raises(ValidationError, match="another step"):
            start_plan(account, by=account.owner, from_rank=2, owner=account.owner, plays=[wrong])
        assert not ActionPlan.objects.exists()

    @pytest.mark.parametrize("days", [-400, 400])
    def test_a_start_over_a_year_away_is_refused(self, account, days):
        with pytest.raises(ValidationError, match="within a year"):
            start_plan(account, by=account.owner, from_rank=2, owner=account.owner, start=in_days(days))

    @pytest.mark.parametrize("rank", [0, 5])
    def test_there_are_four_steps(self, account, rank):
        with pytest.raises(ValidationError):
            start_plan(account, by=account.owner, from_rank=rank, owner=account.owner)

    def test_the_plans_of_an_archived_account_rest(self, account):
        archive(account)
        with pytest.raises(ValidationError, match="archived"):
            start_plan(account, by=account.owner, from_rank=2, owner=account.owner)


class TestAdding:
    def test_a_play_added_twice_adds_nothing(self, account, plays):
        plan = make_plan(account)
        add_play(plan, plays[0], by=account.owner)
        count = plan.actions.count()
        assert add_play(plan, plays[0], by=account.owner) == []
        assert plan.actions.count() == count > 0

    def test_a_play_of_a_later_edition_with_the_same_code_counts_as_there(self, account, plays):
        plan = make_plan(account)
        add_play(plan, plays[0], by=account.owner)
        twin = Play(pk=plays[0].pk, edition=plays[0].edition, code=plays[0].code, from_rank=2, to_rank=3)
        assert add_play(plan, twin, by=account.owner) == []

    def test_an_action_of_ones_own(self, account):
        plan = make_plan(account)
        colleague = make_user()
        action = add_action(plan, by=account.owner, title="  Call them ", owner=colleague, due_on=in_days(3))
        assert (action.title, action.owner, action.play, action.state) == (
            "Call them",
            colleague,
            None,
            "todo",
        )
        assert Event.objects.get(act="action.added").after["title"] == "Call them"

    def test_the_same_action_added_twice_is_one(self, account):
        plan = make_plan(account)
        wish = {"by": account.owner, "title": "Call them", "owner": account.owner, "due_on": in_days(3)}
        assert add_action(plan, **wish) == add_action(plan, **wish)
        assert plan.actions.count() == 1

    def test_the_same_action_may_be_planned_again_once_it_is_done(self, account):
        plan = make_plan(account)
        wish = {"by": account.owner, "title": "Call them", "owner": account.owner, "due_on": in_days(3)}
        move_action(add_action(plan, **wish), by=account.owner, seen=1, state="done")
        add_action(plan, **wish)
        assert plan.actions.count() == 2

    @pytest.mark.parametrize("days", [-400, 2000, -700_000])
    def test_a_date_that_cannot_be_meant_is_refused(self, account, days):
        with pytest.raises(ValidationError) as refusal:
            add_action(make_plan(account), by=account.owner, title="Call", owner=account.owner, due_on=in_days(days))
        assert "due_on" in refusal.value.error_dict

    def test_a_closed_plan_takes_no_more(self, account, plays):
        plan = make_plan(account, state="dropped")
        with pytest.raises(ValidationError, match="closed"):
            add_play(plan, plays[0], by=account.owner)
        with pytest.raises(ValidationError, match="closed"):
            add_action(plan, by=account.owner, title="Call", owner=account.owner, due_on=in_days(3))


class TestTicking:
    def test_done_is_dated_today_and_in_the_trail(self):
        action = make_action()
        move_action(action, by=action.owner, seen=1, state="done")
        action.refresh_from_db()
        assert (action.state, action.done_on, action.version) == ("done", timezone.localdate(), 2)
        event = Event.objects.get(act="action.changed")
        assert (event.before["state"], event.after["state"]) == ("todo", "done")
        assert event.account_id == action.plan.account_id

    @pytest.mark.parametrize("state", ["todo", "doing", "dropped"])
    def test_the_tick_can_be_taken_back(self, state):
        action = make_action(state="done")
        move_action(action, by=action.owner, seen=1, state=state)
        action.refresh_from_db()
        assert (action.state, action.done_on) == (state, None)

    def test_already_there_nothing_happens(self):
        action = make_action(state="done")
        move_action(action, by=action.owner, seen=7, state="done")
        action.refresh_from_db()
        assert action.version == 1
        assert not Event.objects.filter(act="action.changed").exists()

    def test_two_who_tick_the_same_at_once_both_have_their_wish(self):
        action = make_action()
        mine = Action.objects.get(pk=action.pk)
        move_action(action, by=action.owner, seen=1, state="done")
        assert move_action(mine, by=action.owner, seen=1, state="done").state == "done"
        assert Event.objects.filter(act="action.changed").count() == 1

    def test_over_a_version_that_one_did_not_see_it_is_stale(self):
        action = make_action()
        mine = Action.objects.get(pk=action.pk)
        action.title = "Another title"
        change_action(action, by=action.owner, seen=1, fields=["title"])
        with pytest.raises(StaleEdit):
            move_action(mine, by=action.owner, seen=1, state="done")
        action.refresh_from_db()
        assert action.state == "todo"

    def test_an_outcome_later_keeps_the_day_it_was_done(self):
        earlier = in_days(-5)
        action = make_action(state="done", done_on=earlier)
        action.outcome = "They signed."
        change_action(action, by=action.owner, seen=1, fields=["state", "outcome"])
        action.refresh_from_db()
        assert (action.done_on, action.outcome) == (earlier, "They signed.")

    def test_an_old_date_stays_but_is_not_chosen_anew(self):
        action = make_action(due_in=-900)
        action.outcome = "Late."
        change_action(action, by=action.owner, seen=1, fields=["outcome"])
        action.due_on = in_days(-901)
        with pytest.raises(ValidationError):
            change_action(action, by=action.owner, seen=2, fields=["due_on"])

    @pytest.mark.parametrize("rest", ["closed", "archived"])
    def test_where_the_work_rests_nothing_is_ticked(self, rest):
        action = make_action(make_plan(state="achieved")) if rest == "closed" else make_action()
        if rest == "archived":
            archive(action.plan.account)
        with pytest.raises(ValidationError, match=rest):
            move_action(Action.objects.get(pk=action.pk), by=action.owner, seen=1, state="done")
        action.refresh_from_db()
        assert action.state == "todo"


class TestEnding:
    def test_achieved_opens_the_next_step_with_the_same_owner(self):
        plan = make_plan(from_rank=2, owner=make_user())
        opened = end_plan(plan, by=plan.owner, seen=1, achieved=True, next_step=True)
        plan.refresh_from_db()
        assert (plan.state, plan.ended_on) == ("achieved", timezone.localdate())
        assert (opened.from_rank, opened.state, opened.owner) == (3, "open", plan.owner)

    def test_a_second_click_opens_no_second_plan(self):
        plan = make_plan()
        wish = {"by": plan.owner, "seen": 1, "achieved": True, "next_step": True}
        opened = end_plan(ActionPlan.objects.get(pk=plan.pk), **wish)
        assert end_plan(ActionPlan.objects.get(pk=plan.pk), **wish) == opened
        assert ActionPlan.objects.count() == 2

    def test_a_plan_for_the_next_step_that_is_there_serves(self):
        plan = make_plan()
        there = make_plan(plan.account, from_rank=3, goal="Already here.")
        assert end_plan(plan, by=plan.owner, seen=1, achieved=True, next_step=True) == there

    def test_above_the_last_step_there_is_none(self):
        plan = make_plan(from_rank=4)
        assert end_plan(plan, by=plan.owner, seen=1, achieved=True, next_step=True) is None
        assert ActionPlan.objects.count() == 1

    def test_dropping_opens_nothing_and_is_in_the_trail(self):
        plan = make_plan()
        assert end_plan(plan, by=plan.owner, seen=1, achieved=False) is None
        assert Event.objects.get(act="plan.dropped").account_id == plan.account_id
        assert ActionPlan.objects.get().state == "dropped"

    def test_over_another_version_it_is_stale(self):
        plan = make_plan()
        mine = ActionPlan.objects.get(pk=plan.pk)
        plan.goal = "Another goal"
        change_plan(plan, by=plan.owner, seen=1, fields=["goal"])
        with pytest.raises(StaleEdit):
            end_plan(mine, by=plan.owner, seen=1, achieved=False)
        assert ActionPlan.objects.get().state == "open"

    def test_changing_a_plan_is_in_the_trail(self):
        plan = make_plan(goal="Before")
        plan.goal = "After"
        change_plan(plan, by=plan.owner, seen=1, fields=["goal", "owner"])
        event = Event.objects.get(act="plan.changed")
        assert (event.before, event.after) == ({"goal": "Before"}, {"goal": "After"})


class TestWho:
    def test_plans_are_owned_by_whoever_sees_the_account_and_does_more_than_read(self):
        owner, mate, lead = make_user(), make_user(), make_user()
        administrator = make_administrator()
        make_viewer()
        make_user(is_active=False)
        make_user()
        account = make_account(owner=owner, team=make_team(members=[mate], leads=[lead]))
        assert set(people_on(account)) == {owner, mate, lead, administrator}

    def test_ticking_is_for_who_may_change_the_plan_and_for_the_actions_owner(self):
        mate, lead, other = make_user(), make_user(), make_user()
        account = make_account(team=make_team(members=[mate, other], leads=[lead]))
        action = make_action(make_plan(account), owner=mate)
        assert all(may_tick(person, action) for person in (account.owner, lead, mate, make_administrator()))
        assert not may_tick(other, action)
        viewer = make_viewer()
        action.owner = viewer
        assert not may_tick(viewer, action)


class TestThisWeek:
    def test_it_holds_what_is_late_or_due_within_seven_days_the_oldest_first(self):
        plan = make_plan()
        make_action(plan, title="in 8 days", due_in=8)
        make_action(plan, title="in 7 days", due_in=7)
        make_action(plan, title="late", due_in=-3)
        make_action(plan, title="done", state="done", due_in=-3)
        make_action(plan, title="dropped", state="dropped", due_in=1)
        make_action(plan, title="another's", owner=make_user(), due_in=1)
        assert [action.title for action in my_actions_this_week(plan.owner)] == ["late", "in 7 days"]

    def test_actions_of_closed_plans_archived_and_unseen_accounts_rest(self):
        owner = make_user()
        make_action(make_plan(make_account(owner=owner), state="dropped"), owner=owner, due_in=1)
        make_action(make_plan(make_account(owner=owner, status="archived")), owner=owner, due_in=1)
        make_action(make_plan(), owner=owner, due_in=1)
        assert not my_actions_this_week(owner)
