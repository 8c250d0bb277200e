"""What the forms of plans, actions and targets offer first, which limits they have, and what they say afterwards."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from hierarchy.models import Play
from plans.action_plans.acts import start_plan
from plans.actions.acts import add_action, add_play
from plans.models import Action, ActionPlan
from plans.targets.acts import set_target
from tests.factories import make_account, make_action, make_plan, make_team, make_user, make_viewer, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition")]


def in_days(days: int):
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def mate():
    return make_user(name="Anna Mate")


@pytest.fixture
def account(client, mate):
    user = make_user(name="Zoë Owner")
    client.force_login(user)
    return place(make_account(owner=user, team=make_team(members=[user, mate, make_viewer()])), customer=2.4)


@pytest.fixture
def plan(account):
    return make_plan(account, goal="They call us first.")


def url(name: str, pk: int) -> str:
    return reverse(f"plans:{name}", args=[pk])


def offered(form) -> list[str]:
    return [label for _pk, label in form.fields["owner"].choices]


class TestOwners:
    def test_people_are_offered_by_name_and_the_owner_of_the_account_is_chosen(self, client, account):
        form = client.get(url("plan", account.pk)).context["start_form"]
        assert offered(form) == ["Anna Mate", "Zoë Owner"]
        assert form["owner"].value() == account.owner_id

    def test_the_owner_of_the_plan_is_chosen_for_a_new_action(self, client, plan, mate):
        ActionPlan.objects.update(owner=mate)
        form = client.get(url("plan", plan.account_id)).context["sections"][0].form
        assert (offered(form), form["owner"].value()) == (["Anna Mate", "Zoë Owner"], mate.pk)

    def test_an_owner_who_left_the_team_is_still_offered_and_may_stay(self, client, plan):
        gone = make_user(name="Gone")
        ActionPlan.objects.update(owner=gone)
        sent = {"version": 1, "goal": "Other", "owner": gone.pk}
        assert client.post(url("plan_change", plan.pk), sent).status_code == 302
        plan.refresh_from_db()
        assert (plan.goal, plan.owner) == ("Other", gone)

    def test_the_owner_of_an_action_who_left_may_stay_too(self, client, plan):
        action = make_action(plan, owner=make_user(name="Gone"))
        sent = {"version": 1, "title": "Visit", "owner": action.owner_id, "due_on": action.due_on, "state": "todo", "outcome": ""}
        assert client.post(url("action", action.pk), sent).status_code == 302
        action.refresh_from_db()
        assert (action.title, action.owner.name) == ("Visit", "Gone")


class TestLimits:
    @pytest.mark.parametrize(("length", "status"), [(2000, 302), (2001, 422)])
    def test_a_goal_has_two_thousand_characters(self, client, plan, length, status):
        sent = {"version": 1, "goal": "x" * length, "owner": plan.owner_id}
        assert client.post(url("plan_change", plan.pk), sent).status_code == status

    @pytest.mark.parametrize(("days", "status"), [(-366, 302), (-367, 422), (366, 302), (367, 422)])
    def test_a_plan_starts_within_a_year(self, client, account, days, status):
        sent = {"step": 2, "goal": "", "owner": account.owner_id, "start": in_days(days).isoformat()}
        assert client.post(url("plan", account.pk), sent).status_code == status
        assert ActionPlan.objects.count() == (status == 302)

    def test_the_quick_dates_of_a_target_are_in_one_two_and_three_years(self, client, account):
        with time_machine.travel("2024-02-29 12:00", tick=False):
            form = client.get(url("target", account.pk)).context["form"]
        assert [str(day) for day in form.quick_dates] == ["2025-02-28", "2026-02-28", "2027-02-28"]
        assert (str(form.earliest), str(form.latest)) == ("2024-03-01", "2027-02-28")


class TestMessages:
    def after(self, client, path, **sent) -> str:
        response = client.post(path, sent, follow=True)
        assert response.status_code == 200
        return " ".join(str(message) for message in response.context["messages"])

    def test_of_a_plan(self, client, plan):
        sent = {"version": 1, "goal": "Other", "owner": plan.owner_id}
        assert self.after(client, url("plan_change", plan.pk), **sent) == "Plan 2 → 3: goal changed"
        new = {"title": "Call", "owner": plan.owner_id, "due_on": in_days(3).isoformat()}
        assert self.after(client, url("action_add", plan.pk), **new) == "Action added: Call"

    @pytest.mark.parametrize(
        ("how", "says"),
        [
            ("dropped", "The plan is dropped. It stays below, to read."),
            ("achieved", "The plan is closed as achieved."),
            ("next", "Achieved. The plan for the step 3 → 4 is open: choose its plays."),
        ],
    )
    def test_of_its_end(self, client, plan, how, says):
        assert self.after(client, url("plan_end", plan.pk), version=1, how=how) == says

    def test_of_a_play_that_is_added_and_of_one_that_is_there(self, client, plan):
        play = Play.objects.filter(from_rank=2).first()
        assert "is in the plan, with its dated actions." in self.after(client, url("play_add", plan.pk), play=play.pk)
        assert "is in this plan already." in self.after(client, url("play_add", plan.pk), play=play.pk)

    def test_only_what_is_still_to_do_is_told_at_the_end_of_a_plan(self, client, plan):
        for state in ("todo", "doing", "done", "dropped"):
            make_action(plan, state=state)
        assert client.get(url("plan_end", plan.pk)).context["open_actions"] == 2


class TestActs:
    def test_actions_of_a_play_keep_its_order_and_start_with_the_plan(self, account):
        play = Play.objects.filter(from_rank=2).first()
        plan = start_plan(account, by=account.owner, from_rank=2, owner=account.owner, plays=[play], start=in_days(10))
        assert list(plan.actions.order_by("pk").values_list("order", flat=True)) == list(range(play.actions.count()))
        assert plan.started_on == in_days(10)

    def test_a_play_may_be_given_to_another_owner(self, plan, mate):
        play = Play.objects.filter(from_rank=2).first()
        assert {action.owner for action in add_play(plan, play, by=plan.owner, owner=mate)} == {mate}

    def test_the_same_title_for_another_person_day_or_play_is_another_action(self, plan, mate):
        same = {"by": plan.owner, "title": "Call", "owner": plan.owner, "due_on": in_days(3)}
        for other in ({}, {"owner": mate}, {"due_on": in_days(4)}, {"play": Play.objects.first()}, {"title": " Call "}):
            add_action(plan, **same | other)
        assert Action.objects.count() == 4

    def test_reasons_are_kept_without_spaces_around_them(self, account):
        when = {"by": account.owner, "level": 4}
        set_target(account, due_on=in_days(900), rationale="  They grow. ", **when)
        set_target(account, due_on=in_days(800), revision_reason="  Slower. ", **when)
        old = account.targets.exclude(superseded_on=None).get()
        assert (old.rationale, old.superseded_why) == ("They grow.", "Slower.")
