"""The page of an account's plans, and what is done from there."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import Account
from plans.action_plans.acts import change_plan, end_plan
from plans.action_plans.forms import playbook
from plans.models import Action, ActionPlan
from plans.targets.acts import set_target
from tests.factories import make_account, make_action, make_plan, make_team, make_user, make_viewer, place

pytestmark = [pytest.mark.one_database, pytest.mark.django_db, pytest.mark.usefixtures("edition")]


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def account(manager):
    return place(make_account(owner=manager), customer=2.4)


def url(account):
    return reverse("plans:plan", args=[account.pk])


def states(page):
    return {step.from_rank: step.state for step in page.context["steps"]}


def typed(account, **fields):
    """What a browser sends to start the plan from 2 to 3."""
    defaults = {"step": 2, "goal": "", "owner": account.owner_id, "start": timezone.localdate().isoformat()}
    return defaults | fields


class TestSteps:
    def test_each_step_says_how_it_stands(self, client, account):
        set_target(account, by=account.owner, level=4, due_on=timezone.localdate() + timedelta(days=900))
        assert states(client.get(url(account))) == {1: "made", 2: "next", 3: "ahead", 4: "later"}

    def test_a_step_with_an_open_plan_is_running(self, client, account):
        make_plan(account)
        assert states(client.get(url(account)))[2] == "running"

    def test_a_step_that_was_achieved_says_when(self, client, account):
        make_plan(account, from_rank=1, state="achieved", ended_on="2025-03-04")
        assert b"achieved in March 2025" in client.get(url(account)).content

    def test_a_step_that_was_achieved_and_lost_again_is_the_next(self, client, account):
        make_plan(account, from_rank=2, state="achieved")
        assert states(client.get(url(account)))[2] == "next"


class TestStarting:
    def test_the_step_from_the_present_level_is_offered_with_its_plays_and_dates(self, client, account):
        page = client.get(url(account))
        assert page.context["chosen"] == 2
        assert [offer.play for offer in page.context["offered"]] == list(playbook(2))
        title, day = page.context["offered"][0].actions[0]
        assert day == timezone.localdate() + timedelta(days=playbook(2)[0].actions.all()[0].days)
        assert escape(title) in page.content.decode()

    def test_another_step_can_be_chosen(self, client, account):
        assert client.get(url(account), {"step": 3}).context["chosen"] == 3

    @pytest.mark.parametrize("step", ["0", "5", "x", "", "²", "9" * 30])
    def test_an_odd_step_gives_the_suggested_one(self, client, account, step):
        assert client.get(url(account), {"step": step}).context["chosen"] == 2

    def test_a_step_with_a_plan_offers_no_second_one(self, client, account):
        make_plan(account)
        assert client.get(url(account), {"step": 2}).context["chosen"] is None
        assert client.get(url(account)).context["suggested"] == (3, 4)

    def test_starting_leads_to_the_plan_with_its_actions(self, client, account):
        play = playbook(2)[0]
        response = client.post(url(account), typed(account, plays=[play.pk], goal="Be first."))
        plan = ActionPlan.objects.get()
        assert response.url == plan.get_absolute_url()
        assert (plan.from_rank, plan.goal, plan.actions.count()) == (2, "Be first.", play.actions.count())

    def test_a_double_click_starts_one_plan(self, client, account):
        data = typed(account, plays=[playbook(2)[0].pk], goal="Be first.")
        client.post(url(account), data)
        assert client.post(url(account), data).status_code == 302
        assert ActionPlan.objects.count() == 1
        assert Action.objects.count() == playbook(2)[0].actions.count()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("owner", ""),
            ("owner", "999999"),
            ("owner", "x"),
            ("start", ""),
            ("start", "0001-01-01"),
            ("start", "9999-12-31"),
            ("start", "yesterday"),
            ("plays", "999999"),
            ("plays", "x"),
            ("plays", "9" * 30),
            ("plays", "1\x00"),
            ("goal", "x" * 2001),
            ("goal", "nul \x00 byte"),
        ],
    )
    def test_bad_input_is_named_beside_its_field_and_nothing_typed_is_lost(self, client, account, field, value):
        data = typed(account, goal="Be first.") | {field: value}
        response = client.post(url(account), data)
        assert response.status_code == 422
        assert response.context["start_form"].errors.keys() == {field}
        if field != "goal":
            assert "Be first." in response.content.decode()
        assert not ActionPlan.objects.exists()

    def test_a_play_of_another_step_is_not_on_offer(self, client, account):
        response = client.post(url(account), typed(account, plays=[playbook(3)[0].pk]))
        assert response.context["start_form"].errors.keys() == {"plays"}

    def test_plays_stay_ticked_when_the_rest_is_refused(self, client, account):
        picked = playbook(2)[1]
        response = client.post(url(account), typed(account, plays=[picked.pk], start="x"))
        assert [offer.play for offer in response.context["offered"] if offer.picked] == [picked]

    def test_a_colleagues_plan_in_the_meantime_keeps_what_was_typed(self, client, account):
        make_plan(account, goal="Be on time.")
        response = client.post(url(account), typed(account, goal="Be first."))
        assert response.status_code == 422
        assert "Be on time." in response.context["start_form"].errors["goal"][0]
        assert "Be first." in response.content.decode()

    def test_without_a_step_it_asks_for_one(self, client, account):
        response = client.post(url(account), typed(account, step="7"))
        assert response.status_code == 422
        assert b"Choose the step" in response.content

    def test_an_archived_account_is_read_only_and_says_so(self, client, account):
        make_action(make_plan(account))
        Account.objects.filter(pk=account.pk).update(status="archived")
        page = client.get(url(account)).content.decode()
        assert "Take it back from the archive" in page
        assert "<textarea" not in page
        response = client.post(url(account), typed(account, step=3))
        assert response.status_code == 422
        assert "archived" in response.context["problem"]


class TestEmpty:
    def test_without_a_level_it_offers_to_assess_first(self, client, manager):
        account = make_account(owner=manager)
        page = client.get(url(account))
        assert reverse("assessments:assess", args=[account.pk]) in page.content.decode()
        assert page.context["start_form"] is None

    def test_on_level_5_there_is_no_step_above(self, client, manager):
        page = client.get(url(place(make_account(owner=manager), customer=5)))
        assert b"there is no step above" in page.content


class TestRunning:
    def test_it_shows_progress_without_the_dropped_ones(self, client, account):
        plan = make_plan(account)
        for state in ("done", "todo", "doing", "dropped"):
            make_action(plan, state=state)
        page = client.get(url(account)).content.decode()
        assert "1 of 3 done" in page
        assert '<progress value="1" max="3"' in page

    def test_late_ones_say_how_late(self, client, account):
        make_action(make_plan(account), due_in=-6)
        assert b"6 days late" in client.get(url(account)).content

    def test_many_open_ones_are_folded_after_the_first_ten(self, client, account):
        plan = make_plan(account)
        for n in range(14):
            make_action(plan, due_in=n)
        section = client.get(url(account)).context["sections"][0]
        assert (len(section.near), len(section.far)) == (10, 4)

    def test_what_was_ticked_off_today_keeps_its_place_and_the_rest_that_is_done_is_folded(self, client, account):
        plan = make_plan(account)
        make_action(plan, title="before", state="done", done_on=timezone.localdate() - timedelta(days=1))
        make_action(plan, title="first", due_in=1)
        make_action(plan, title="second", due_in=2, state="done")
        make_action(plan, title="third", due_in=3)
        section = client.get(url(account)).context["sections"][0]
        assert [action.title for action in section.near] == ["first", "second", "third"]
        assert [action.title for action in section.done_before] == ["before"]

    def test_ended_plans_stay_readable(self, client, account):
        plan = make_plan(account, from_rank=1, state="dropped", goal="An old goal")
        make_action(plan, state="done", outcome="They smiled.")
        page = client.get(url(account)).content.decode()
        assert "An old goal" in page
        assert "They smiled." in page

    def test_our_own_view_reaches_no_level(self, client, account):
        Account.objects.filter(pk=account.pk).update(customer_level=None, customer_position=None, team_level=4, team_position=4.2)
        make_plan(account, from_rank=1)
        page = client.get(url(account)).content.decode()
        assert "is reached" not in page
        assert "we think they are past it" in page
        assert "is reached" not in client.get(account.get_absolute_url()).content.decode()

    def test_a_reached_level_leads_the_page_with_closing_and_opening_the_next(self, client, account):
        plan = make_plan(account, from_rank=1)
        page = client.get(url(account)).content.decode()
        assert "Level 2 is reached." in page
        data = {"version": plan.version, "how": "next"}
        response = client.post(reverse("plans:plan_end", args=[plan.pk]), data)
        opened = account.plans.open().get()
        assert opened.from_rank == 2
        assert response.url == opened.get_absolute_url()


class TestAddingToAPlan:
    def test_a_play_is_added_once(self, client, account):
        plan, play = make_plan(account), playbook(2)[0]
        where = reverse("plans:play_add", args=[plan.pk])
        assert client.post(where, {"play": play.pk}).url == plan.get_absolute_url()
        client.post(where, {"play": play.pk})
        assert plan.actions.count() == play.actions.count()
        assert client.get(url(account)).context["sections"][0].plays[0].in_plan

    @pytest.mark.parametrize("play", ["", "x", "999999", "9" * 30, "1\x00", "other step"])
    def test_a_play_that_is_not_on_offer_is_refused(self, client, account, play):
        plan = make_plan(account)
        value = playbook(3)[0].pk if play == "other step" else play
        response = client.post(reverse("plans:play_add", args=[plan.pk]), {"play": value})
        assert response.status_code == 422
        assert response.context["problem"]
        assert not plan.actions.exists()

    def test_an_action_of_ones_own(self, client, account):
        plan = make_plan(account)
        data = {"title": "Call them", "owner": account.owner_id, "due_on": "2026-12-03"}
        data["due_on"] = (timezone.localdate() + timedelta(days=9)).isoformat()
        where = reverse("plans:action_add", args=[plan.pk])
        assert client.post(where, data).status_code == 302
        client.post(where, data)
        assert [action.title for action in plan.actions.all()] == ["Call them"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""),
            ("title", "   "),
            ("title", "x" * 301),
            ("title", "nul \x00 byte"),
            ("due_on", ""),
            ("due_on", "0001-01-01"),
            ("due_on", "9999-12-31"),
            ("due_on", "soon"),
            ("owner", ""),
            ("owner", "999999"),
        ],
    )
    def test_bad_input_is_named_beside_its_field_and_nothing_typed_is_lost(self, client, account, field, value):
        plan = make_plan(account)
        due_on = (timezone.localdate() + timedelta(days=9)).isoformat()
        data = {"title": "Call their buyer", "owner": account.owner_id, "due_on": due_on} | {field: value}
        response = client.post(reverse("plans:action_add", args=[plan.pk]), data)
        assert response.status_code == 422
        form = response.context["sections"][0].form
        assert form.errors.keys() == {field}
        if field != "title":
            assert "Call their buyer" in response.content.decode()
        assert not plan.actions.exists()

    def test_a_plan_that_was_closed_meanwhile_says_so(self, client, account):
        plan = make_plan(account, state="dropped")
        data = {"title": "Call", "owner": account.owner_id, "due_on": timezone.localdate().isoformat()}
        response = client.post(reverse("plans:action_add", args=[plan.pk]), data)
        assert response.status_code == 422
        assert "closed" in response.context["problem"]


class TestChanging:
    def test_goal_and_owner(self, client, account):
        plan = make_plan(account)
        where = reverse("plans:plan_change", args=[plan.pk])
        assert client.get(where).status_code == 200
        data = {"version": 1, "goal": "A new goal", "owner": account.owner_id}
        assert client.post(where, data).url == plan.get_absolute_url()
        assert ActionPlan.objects.get().goal == "A new goal"

    def test_two_people_at_once_the_second_sees_both_versions_and_keeps_the_text(self, client, account):
        plan = make_plan(account, goal="Before")
        plan.goal = "Theirs"
        change_plan(plan, by=account.owner, seen=1, fields=["goal"])
        data = {"version": 1, "goal": "Mine", "owner": account.owner_id}
        response = client.post(reverse("plans:plan_change", args=[plan.pk]), data)
        assert response.status_code == 409
        assert [(row["theirs"], row["yours"]) for row in response.context["conflict"]] == [("Theirs", "Mine")]
        assert response.context["form"]["goal"].value() == "Mine"
        assert ActionPlan.objects.get().goal == "Theirs"

    def test_an_owner_who_does_not_see_the_account_is_refused(self, client, account):
        plan = make_plan(account)
        data = {"version": 1, "goal": "A goal", "owner": make_user().pk}
        response = client.post(reverse("plans:plan_change", args=[plan.pk]), data)
        assert response.status_code == 422
        assert response.context["form"].errors.keys() == {"owner"}


class TestEndingAPlan:
    @pytest.mark.parametrize(
        ("how", "state", "open_plans"),
        [("next", "achieved", 1), ("achieved", "achieved", 0), ("dropped", "dropped", 0)],
    )
    def test_it_ends_as_chosen(self, client, account, how, state, open_plans):
        plan = make_plan(account)
        response = client.post(reverse("plans:plan_end", args=[plan.pk]), {"version": 1, "how": how})
        plan.refresh_from_db()
        assert response.status_code == 302
        assert (plan.state, account.plans.open().count()) == (state, open_plans)

    def test_the_page_says_what_happens_to_the_open_actions(self, client, account):
        plan = make_plan(account)
        make_action(plan)
        assert b"1 action is still open" in client.get(reverse("plans:plan_end", args=[plan.pk])).content

    def test_the_last_step_has_no_next(self, client, account):
        plan = make_plan(account, from_rank=4)
        response = client.post(reverse("plans:plan_end", args=[plan.pk]), {"version": 1, "how": "next"})
        assert response.status_code == 422

    @pytest.mark.parametrize("how", ["", "odd", "nul\x00"])
    def test_it_asks_how(self, client, account, how):
        plan = make_plan(account)
        response = client.post(reverse("plans:plan_end", args=[plan.pk]), {"version": 1, "how": how})
        assert response.status_code == 422
        assert response.context["form"].errors.keys() == {"how"}

    def test_a_plan_that_was_ended_otherwise_is_told(self, client, account):
        plan = make_plan(account)
        end_plan(ActionPlan.objects.get(), by=account.owner, seen=1, achieved=False)
        response = client.post(reverse("plans:plan_end", args=[plan.pk]), {"version": 1, "how": "achieved"})
        assert response.status_code == 409
        assert response.context["conflict"][0]["theirs"] == "dropped"
        plan.refresh_from_db()
        assert plan.state == "dropped"


class TestWho:
    def addresses(self, plan):
        yield reverse("plans:plan", args=[plan.account_id])
        for name in ("plan_change", "plan_end", "play_add", "action_add"):
            yield reverse(f"plans:{name}", args=[plan.pk])

    def test_whoever_sees_the_account_reads_but_does_not_change(self, client, account):
        plan = make_plan(account)
        make_action(plan)
        team = make_team(members=[mate := make_user()])
        Account.objects.filter(pk=account.pk).update(team=team)
        for person in (mate, make_viewer()):
            client.force_login(person)
            page = client.get(url(account)).content.decode()
            assert "Step 2 → 3" in page
            assert "<textarea" not in page
            assert "/move/" not in page
            for address in self.addresses(plan):
                assert client.post(address, {}).status_code == 403

    def test_another_teams_plan_is_not_found(self, client, account):
        plan = make_plan(account)
        client.force_login(make_user())
        assert client.get(url(account)).status_code == 404
        for address in self.addresses(plan):
            assert client.post(address, {}).status_code == 404


@pytest.mark.parametrize("actions", [1, 60])
def test_costs_the_same_whatever_the_actions(client, account, actions, django_assert_num_queries):
    for rank in (1, 2) if actions > 1 else (2,):
        plan = make_plan(account, from_rank=rank)
        for n in range(actions):
            make_action(plan, owner=make_user(), play=playbook(rank)[0], state="done" if n % 3 else "todo")
    # session, user, account with its head, plans, actions, target, plays, their actions, people, levels; rounds, levels of the head
    with django_assert_num_queries(12):
        client.get(url(account))
