"""Plans and actions through the API: defaults, limits, what is refused, and who may see and change what."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Event
from hierarchy.models import Play
from plans.models import Action, ActionPlan
from tests.factories import make_account, make_action, make_administrator, make_plan, make_user, make_viewer, place

pytestmark = pytest.mark.django_db

ANY = {"if_match": "*"}


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def pointer(response) -> str:
    assert response.status_code == 422
    return response.json()["errors"][0]["pointer"]


@pytest.fixture
def plan(account):
    return make_plan(account)


@pytest.fixture
def viewer(db, fresh_cache):
    return make_viewer()


class TestPlansOfAnAccount:
    def path(self, account) -> str:
        return f"/accounts/{account.pk}/plans"

    def step(self, **fields) -> dict:
        return {"from_level": 2, "to_level": 3} | fields

    def test_the_owner_of_the_account_owns_a_plan_that_names_nobody(self, caller, api, account):
        by_administrator = caller(make_administrator()).post(self.path(account), self.step())
        assert by_administrator.json()["owner"] == account.owner.email

    def test_an_owner_may_be_named_by_number(self, api, account, team):
        mate = make_user()
        team.members.add(mate)
        assert api.post(self.path(account), self.step(owner=mate.pk)).json()["owner"] == mate.email

    def test_the_answer_has_the_version_as_a_tag(self, api, account):
        made = api.post(self.path(account), self.step())
        assert (made["ETag"], made.json()["version"]) == ('"v1"', 1)

    def test_a_new_plan_starts_today_and_has_no_end(self, api, account):
        told = api.post(self.path(account), self.step()).json()
        assert (told["account"], told["started_on"], told["ended_on"], told["goal"]) == (account.pk, in_days(0), None, "")

    def test_open_and_ended_ones_are_listed_with_their_state(self, api, account):
        dropped = make_plan(account, state="dropped")
        going = make_plan(account, from_rank=3, goal="Closer.")
        make_plan(make_account(owner=account.owner))
        items = api.get(self.path(account)).json()["items"]
        assert [(one["id"], one["status"], one["ended_on"]) for one in items] == [
            (dropped.pk, "dropped", in_days(0)), (going.pk, "open", None),
        ]  # fmt: skip

    def test_the_list_goes_on_at_its_cursor(self, api, account):
        plans = [make_plan(account, from_rank=rank).pk for rank in (4, 2, 1)]
        first = api.get(f"{self.path(account)}?limit=2").json()
        rest = api.get(f"{self.path(account)}?limit=2&cursor={first['next']}").json()
        assert [one["id"] for one in first["items"] + rest["items"]] == plans
        assert rest["next"] is None

    def test_the_goal_is_kept_without_spaces_around_it(self, api, account):
        api.post(self.path(account), self.step(goal="  They call us first.\n"))
        assert ActionPlan.objects.get().goal == "They call us first."
        assert api.post(self.path(account), self.step(goal=" They call us first. ")).status_code == 201

    def test_without_a_goal_the_open_plan_answers_whatever_its_goal(self, api, account):
        plan = make_plan(account, goal="They call us first.")
        assert api.post(self.path(account), self.step()).json()["id"] == plan.pk
        plan.refresh_from_db()
        assert plan.goal == "They call us first."

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"goal": "x" * 2001}, "goal"),
            ({"goal": "nul \x00 byte"}, "goal"),
            ({"goal": None}, "goal"),
            ({"from_level": 0}, "from_level"),
            ({"from_level": "2"}, "from_level"),
            ({"from_level": 2.0}, "from_level"),
            ({"to_level": 2}, "to_level"),
            ({"to_level": 6}, "to_level"),
            ({"from_level": 3}, "to_level"),
            ({"owner": 999999}, "owner"),
            ({"plays": "all"}, "plays"),
            ({"start": "2028-01-01"}, "start"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field_and_nothing_stored(self, api, account, sent, field):
        assert pointer(api.post(self.path(account), self.step() | sent)).startswith(f"#/{field}")
        assert not ActionPlan.objects.exists()

    def test_a_goal_of_two_thousand_characters_is_taken(self, api, account):
        assert api.post(self.path(account), self.step(goal="x" * 2000)).status_code == 201

    @pytest.mark.parametrize(("number", "status"), [(50, 201), (51, 422)])
    def test_at_most_fifty_plays_are_named(self, api, account, number, status):
        code = Play.objects.filter(from_rank=2)[0].code
        assert api.post(self.path(account), self.step(plays=[code] * number)).status_code == status

    def test_plays_of_another_step_are_named_and_none_comes_along(self, api, account):
        right, wrong = Play.objects.filter(from_rank=2)[0], Play.objects.filter(from_rank=3)[0]
        refused = api.post(self.path(account), self.step(plays=[right.code, wrong.code]))
        assert pointer(refused) == "#/plays"
        assert wrong.code in refused.json()["detail"] and right.code not in refused.json()["detail"]
        assert not ActionPlan.objects.exists()

    def test_an_owner_who_does_not_see_the_account_is_refused(self, api, account):
        assert pointer(api.post(self.path(account), self.step(owner=make_user().email))) == "#/owner"

    def test_an_owner_who_only_reads_is_refused(self, api, account, team):
        reader = make_viewer()
        team.members.add(reader)
        assert pointer(api.post(self.path(account), self.step(owner=reader.email))) == "#/owner"

    def test_the_plans_of_an_archived_account_are_read_and_not_started(self, api, account):
        account.status = "archived"
        account.save()
        assert api.post(self.path(account), self.step()).status_code == 422
        assert api.get(self.path(account)).json()["items"] == []

    def test_others_do_not_find_them(self, api, stranger, account):
        assert stranger.get(self.path(account)).status_code == 404
        assert stranger.post(self.path(account), self.step()).status_code == 404

    def test_who_only_reads_lists_them_and_starts_none(self, api, caller, viewer, account):
        call = caller(viewer)
        assert call.get(self.path(account)).status_code == 200
        assert call.post(self.path(account), self.step()).status_code == 403
        assert not ActionPlan.objects.exists()


class TestActionsOfAPlan:
    def path(self, plan) -> str:
        return f"/plans/{plan.pk}/actions"

    def call(self, **fields) -> dict:
        return {"title": "Call", "due_on": in_days(7)} | fields

    def test_the_owner_of_the_plan_owns_one_that_names_nobody(self, caller, api, plan):
        by_administrator = caller(make_administrator()).post(self.path(plan), self.call())
        assert by_administrator.json()["owner"] == plan.owner.email

    def test_the_answer_has_the_version_as_a_tag_also_when_it_came_in_done(self, api, plan):
        todo = api.post(self.path(plan), self.call())
        done = api.post(self.path(plan), self.call(title="Visit", status="done"))
        assert (todo["ETag"], done["ETag"]) == ('"v1"', '"v2"')
        assert done.json()["version"] == 2

    def test_no_outcome_is_null(self, api, plan):
        assert api.post(self.path(plan), self.call(outcome="")).json()["outcome"] is None
        assert Action.objects.get().outcome == ""

    def test_the_very_same_one_still_to_do_is_not_added_twice(self, api, plan):
        first = api.post(self.path(plan), self.call()).json()
        assert api.post(self.path(plan), self.call(title=" Call ")).json() == first
        assert Action.objects.count() == 1

    @pytest.mark.parametrize("other", ["title", "due_on", "owner", "play"])
    def test_one_that_differs_in_a_field_is_another(self, api, plan, team, other):
        mate = make_user()
        team.members.add(mate)
        values = {"title": "Visit", "due_on": in_days(8), "owner": mate.email, "play": Play.objects.first().code}
        api.post(self.path(plan), self.call())
        assert api.post(self.path(plan), self.call(**{other: values[other]})).status_code == 201
        assert Action.objects.count() == 2

    def test_the_play_is_that_of_the_published_edition(self, api, plan):
        play = Play.objects.first()
        told = api.post(self.path(plan), self.call(play=play.code)).json()
        assert (told["play"], Action.objects.get().play) == (play.code, play)

    def test_a_play_of_an_edition_that_is_no_longer_published_is_refused(self, api, plan):
        play = Play.objects.first()
        play.edition.state = "retired"
        play.edition.save()
        assert pointer(api.post(self.path(plan), self.call(play=play.code))) == "#/play"

    def test_they_are_listed_by_number_whatever_their_dates(self, api, plan):
        actions = [make_action(plan, due_in=days).pk for days in (9, 1, 5)]
        make_action()
        first = api.get(f"{self.path(plan)}?limit=2").json()
        rest = api.get(f"{self.path(plan)}?limit=2&cursor={first['next']}").json()
        assert [one["id"] for one in first["items"] + rest["items"]] == actions

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"title": "x" * 301}, "title"),
            ({"title": "nul \x00 byte"}, "title"),
            ({"title": "   "}, "title"),
            ({"title": None}, "title"),
            ({"due_on": "tomorrow"}, "due_on"),
            ({"due_on": "2028-6-30"}, "due_on"),
            ({"due_on": None}, "due_on"),
            ({"due_on": in_days(-367)}, "due_on"),
            ({"due_on": in_days(5 * 366 + 1)}, "due_on"),
            ({"outcome": "x" * 4001}, "outcome"),
            ({"owner": 999999}, "owner"),
            ({"play": "x" * 301}, "play"),
            ({"status": ""}, "status"),
            ({"state": "done"}, "state"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field_and_nothing_stored(self, api, plan, sent, field):
        assert pointer(api.post(self.path(plan), self.call() | sent)) == f"#/{field}"
        assert not Action.objects.exists()

    @pytest.mark.parametrize("days", [-366, 5 * 366])
    def test_the_first_and_the_last_day_that_can_be_meant_are_taken(self, api, plan, days):
        assert api.post(self.path(plan), self.call(due_on=in_days(days))).json()["due_on"] == in_days(days)

    def test_an_ended_plan_takes_none(self, api, plan):
        ended = make_plan(plan.account, from_rank=3, state="achieved")
        assert api.post(self.path(ended), self.call()).status_code == 422
        assert api.get(self.path(ended)).json()["items"] == []

    def test_others_do_not_find_them(self, api, stranger, plan):
        assert stranger.get(self.path(plan)).status_code == 404
        assert stranger.post(self.path(plan), self.call()).status_code == 404

    def test_who_only_reads_lists_them_and_adds_none(self, api, caller, viewer, plan):
        make_action(plan)
        call = caller(viewer)
        assert len(call.get(self.path(plan)).json()["items"]) == 1
        assert call.post(self.path(plan), self.call()).status_code == 403


class TestOneAction:
    @pytest.fixture
    def action(self, plan):
        return make_action(plan, title="Call")

    def path(self, action) -> str:
        return f"/actions/{action.pk}"

    def test_it_is_read_with_its_version(self, api, action):
        read = api.get(self.path(action))
        assert read["ETag"] == '"v1"'
        assert (read.json()["id"], read.json()["plan"], read.json()["title"]) == (action.pk, action.plan_id, "Call")

    def test_a_change_gives_the_next_version(self, api, action):
        changed = api.patch(self.path(action), {"title": "Visit"}, if_match='"v1"')
        assert (changed["ETag"], changed.json()["title"], changed.json()["version"]) == ('"v2"', "Visit", 2)
        assert api.patch(self.path(action), {"status": "doing"}, if_match=changed["ETag"]).status_code == 200

    def test_what_is_not_sent_stays_as_it_is(self, api, action):
        before = api.get(self.path(action)).json()
        changed = api.patch(self.path(action), {"outcome": "They agreed."}, **ANY).json()
        assert changed == before | {"outcome": "They agreed.", "version": 2}

    def test_an_outcome_of_null_empties_it(self, api, action):
        api.patch(self.path(action), {"outcome": "They agreed."}, **ANY)
        assert api.patch(self.path(action), {"outcome": None}, **ANY).json()["outcome"] is None

    def test_taking_the_tick_back_takes_the_day_away(self, api, action):
        assert api.patch(self.path(action), {"status": "done"}, **ANY).json()["done_on"] == in_days(0)
        assert api.patch(self.path(action), {"status": "todo"}, **ANY).json()["done_on"] is None

    def test_another_colleague_gets_it_and_the_trail_says_who_changed_what(self, api, action, team, manager):
        mate = make_user()
        team.members.add(mate)
        assert api.patch(self.path(action), {"owner": mate.email}, **ANY).json()["owner"] == mate.email
        event = Event.objects.get(act="action.changed")
        assert (event.actor, event.before, event.after) == (manager, {"owner": manager.pk}, {"owner": mate.pk})

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": "x" * 301}, "title"),
            ({"owner": "nobody@example.com"}, "owner"),
            ({"due_on": "2028-02-30"}, "due_on"),
            ({"due_on": in_days(-400)}, "due_on"),
            ({"status": "odd"}, "status"),
            ({"outcome": "x" * 4001}, "outcome"),
            ({"plan": 1}, "plan"),
            ({"play": "x"}, "play"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field_and_nothing_stored(self, api, action, sent, field):
        assert pointer(api.patch(self.path(action), sent, **ANY)) == f"#/{field}"
        action.refresh_from_db()
        assert action.version == 1

    @pytest.mark.parametrize("sent", [{"title": "Mail"}, {"due_on": in_days(9)}, {"owner": "mila@example.com"}])
    def test_its_owner_who_may_not_change_the_plan_is_refused_field_by_field(self, api, caller, action, team, sent):
        mate = make_user()
        team.members.add(mate)
        Action.objects.update(owner=mate)
        refused = caller(mate).patch(self.path(action), sent | {"status": "doing"}, **ANY)
        assert refused.status_code == 403
        assert [one["pointer"] for one in refused.json()["errors"]] == [f"#/{name}" for name in sent]
        action.refresh_from_db()
        assert action.state == "todo"

    def test_a_team_mate_who_does_not_own_it_reads_it_only(self, api, caller, action, team):
        mate = make_user()
        team.members.add(mate)
        call = caller(mate)
        assert call.get(self.path(action)).status_code == 200
        assert call.patch(self.path(action), {"status": "done"}, **ANY).status_code == 403

    def test_others_do_not_find_it(self, api, stranger, action):
        assert stranger.get(self.path(action)).status_code == 404
        assert stranger.patch(self.path(action), {"status": "done"}, **ANY).status_code == 404

    @pytest.mark.parametrize("rests", ["plan", "account"])
    def test_where_the_work_rests_it_does_not_change(self, api, action, rests):
        if rests == "plan":
            ActionPlan.objects.update(state="dropped", ended_on=timezone.localdate())
        else:
            action.plan.account.status = "archived"
            action.plan.account.save()
        assert api.patch(self.path(action), {"status": "done"}, **ANY).status_code == 422
        action.refresh_from_db()
        assert action.state == "todo"

    def test_an_owner_who_left_the_team_meanwhile_keeps_it_when_something_else_changes(self, api, action):
        gone = make_user()
        Action.objects.update(owner=gone)
        assert api.patch(self.path(action), {"title": "Visit"}, **ANY).json()["owner"] == gone.email


def test_a_target_needs_the_level_of_the_account_and_not_of_its_neighbour(api, account, manager):
    place(make_account(owner=manager), customer=2.9)
    assert api.put(f"/accounts/{account.pk}/target", {"level": 4, "due_on": in_days(300)}).status_code == 422
