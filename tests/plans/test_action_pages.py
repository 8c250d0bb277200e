"""Actions: the list, one action, and ticking off."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from plans.actions.acts import change_action
from plans.actions.context import PAGE, SHOWN
from plans.models import Action
from tests.factories import (
    make_account,
    make_action,
    make_administrator,
    make_plan,
    make_team,
    make_user,
    make_viewer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LIST = "/actions/"


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def plan(manager):
    return make_plan(make_account(owner=manager, name="Northwind"))


def url(action):
    return reverse("plans:action", args=[action.pk])


def move(action):
    return reverse("plans:action_move", args=[action.pk])


def listed(page):
    return {group.name: [action.title for action in group.actions] for group in page.context["groups"]}


def ask(client, **query):
    return client.get(reverse("plans:actions"), query)


class TestList:
    def test_groups_by_how_it_presses(self, client, plan):
        make_action(plan, title="late", due_in=-1)
        make_action(plan, title="today", due_in=0)
        make_action(plan, title="in a week", due_in=7)
        make_action(plan, title="after", due_in=8)
        make_action(plan, title="done", state="done", due_in=-3)
        make_action(plan, title="dropped", state="dropped")
        assert listed(ask(client)) == {
            "overdue": ["late"],
            "week": ["today", "in a week"],
            "later": ["after"],
            "done": ["done"],
        }

    def test_what_was_done_over_30_days_ago_is_gone_and_the_latest_is_first(self, client, plan):
        today = timezone.localdate()
        for days in (30, 31, 2):
            make_action(plan, title=f"{days} days ago", state="done", done_on=today - timedelta(days=days))
        assert listed(ask(client)) == {"done": ["2 days ago", "30 days ago"]}

    def test_a_row_names_account_step_and_date_in_words(self, client, plan):
        make_action(plan, title="Call them", due_in=-6)
        make_action(plan, title="Visit them", due_in=1)
        page = ask(client).content.decode()
        for words in ("Northwind", "2 → 3", "6 days late", "tomorrow", "1 overdue, 1 due in the next 7 days"):
            assert words in page

    def test_mine_are_those_that_i_own(self, client, manager, plan):
        make_action(plan, title="mine")
        make_action(plan, title="a colleague's", owner=make_user())
        assert listed(ask(client)) == {"later": ["mine"]}

    def test_my_teams_are_those_of_the_accounts_that_i_see(self, client, manager, plan):
        mate = make_user()
        team = make_team(members=[manager, mate])
        make_action(plan, title="mine")
        make_action(make_plan(make_account(owner=mate, team=team)), title="a mate's")
        make_action(title="another team's")
        page = ask(client, tab="team")
        assert sorted(listed(page)["later"]) == ["a mate's", "mine"]
        assert "another team" not in page.content.decode()

    def test_the_team_can_be_narrowed_to_one_person(self, client, manager, plan):
        colleague = make_user(name="Lena Vos")
        make_action(plan, title="mine")
        make_action(plan, title="Lena's", owner=colleague)
        page = ask(client, tab="team", who=colleague.pk)
        assert listed(page) == {"later": ["Lena's"]}
        assert page.context["people"] == [colleague, manager]

    def test_nobody_is_offered_whose_actions_one_may_not_see(self, client, plan):
        make_action(plan)
        make_action(owner=make_user(name="Hidden Person"))
        assert "Hidden Person" not in ask(client, tab="team").content.decode()

    def test_actions_rest_with_their_plan_and_account(self, client, manager):
        make_action(make_plan(make_account(owner=manager), state="dropped"), owner=manager)
        make_action(make_plan(make_account(owner=manager, status="archived")), owner=manager)
        assert listed(ask(client)) == {}

    def test_only_what_one_may_tick_has_a_button(self, client, manager):
        mate = make_user()
        theirs = make_plan(make_account(owner=mate, team=make_team(members=[manager, mate])))
        not_mine, mine = make_action(theirs), make_action(theirs, owner=manager)
        page = ask(client, tab="team").content.decode()
        assert move(mine) in page
        assert move(not_mine) not in page

    def test_an_executive_sees_everyones_and_ticks_none(self, client, plan):
        action = make_action(plan)
        client.force_login(make_viewer())
        page = ask(client)
        assert listed(page) == {"later": [action.title]}
        assert "/move/" not in page.content.decode()

    def test_an_administrator_finds_everyones_behind_the_second_tab(self, client, plan):
        make_action(plan)
        client.force_login(make_administrator())
        assert listed(ask(client)) == {}
        assert "later" in listed(ask(client, tab="team"))

    def test_empty_it_leads_to_the_accounts(self, client, manager):
        assert reverse("accounts:list") in ask(client).content.decode()

    def test_of_a_long_group_the_first_are_shown_with_their_number_and_all_on_pages(self, client, plan):
        for n in range(PAGE + 5):
            make_action(plan, title=f"{n}", due_in=20 + n)
        (group,) = ask(client).context["groups"]
        assert ([action.title for action in group.actions], group.count) == (
            [str(n) for n in range(SHOWN)],
            PAGE + 5,
        )
        assert len(listed(ask(client, group="later"))["later"]) == PAGE
        last = listed(ask(client, group="later", page=2))["later"]
        assert last == [str(n) for n in range(PAGE, PAGE + 5)]

    @pytest.mark.parametrize(
        "query",
        [
            {"tab": "x"},
            {"tab": "team", "who": "x"},
            {"tab": "team", "who": "9" * 40},
            {"tab": "team", "who": "-1"},
            {"group": "x"},
            {"group": "done"},
            {"group": "later", "page": "x"},
            {"group": "later", "page": "-3"},
            {"group": "later", "page": "9" * 40},
        ],
    )
    def test_an_odd_query_still_gives_a_page(self, client, plan, query):
        make_action(plan)
        assert ask(client, **query).status_code == 200

    def test_a_nul_byte_in_the_query_is_not_found(self, client, manager):
        assert client.get(reverse("plans:actions") + "?who=%00").status_code == 404

    @pytest.mark.parametrize("rows", [1, 60])
    def test_costs_the_same_whatever_the_rows(self, client, manager, rows, django_assert_num_queries):
        mate = make_user()
        team = make_team(members=[manager], leads=[mate])
        for n in range(rows):
            account = make_account(owner=mate if n % 2 else manager, team=team)
            make_action(make_plan(account), due_in=n - 5, state="done" if n % 3 == 1 else "todo")
        # session, user, people, counts, actions, teams led
        with django_assert_num_queries(6 if rows > 1 else 5):
            ask(client, tab="team")
        with django_assert_num_queries(4):
            ask(client)


class TestTicking:
    def test_it_leads_back_to_where_one_came_from(self, client, plan):
        action = make_action(plan)
        back = "/actions/?tab=team&who=3"
        response = client.post(move(action), {"state": "done", "version": 1, "next": back})
        assert response.url == back
        action.refresh_from_db()
        assert (action.state, action.done_on) == ("done", timezone.localdate())

    @pytest.mark.parametrize(
        "elsewhere",
        [
            "",
            "https://example.org/",
            "//example.org/x",
            "/\\example.org",
            "javascript:alert(1)",
            "x",
            "plans:actions",
            "actions/",
            "?tab=team",
            "http://[::1",
            "/x\nSet-Cookie: a=b",
            "/" + "é" * 1000,
            "/x\x00",
        ],
    )
    def test_it_never_leads_elsewhere(self, client, plan, elsewhere):
        action = make_action(plan)
        response = client.post(move(action), {"state": "done", "version": 1, "next": elsewhere})
        assert response.url == plan.get_absolute_url()

    def test_a_second_click_changes_nothing(self, client, plan):
        action = make_action(plan)
        client.post(move(action), {"state": "done", "version": 1})
        assert client.post(move(action), {"state": "done", "version": 1}).status_code == 302
        action.refresh_from_db()
        assert action.version == 2

    def test_the_tick_is_taken_back(self, client, plan):
        action = make_action(plan, state="done")
        client.post(move(action), {"state": "todo", "version": 1})
        action.refresh_from_db()
        assert (action.state, action.done_on) == ("todo", None)

    def test_over_a_version_that_one_did_not_see_both_are_shown_and_the_wish_is_kept(self, client, plan):
        action = make_action(plan, title="Call them")
        other = Action.objects.get(pk=action.pk)
        other.title = "Visit them"
        change_action(other, by=plan.owner, seen=1, fields=["title"])
        response = client.post(move(action), {"state": "done", "version": 1, "next": LIST})
        assert response.status_code == 409
        assert [(row["theirs"], row["yours"]) for row in response.context["conflict"]] == [("to do", "done")]
        form = response.context["form"]
        assert (form["state"].value(), form["version"].value()) == ("done", 2)
        assert "Visit them" in response.content.decode()
        assert response.context["back"] == LIST

    @pytest.mark.parametrize("state", ["", "odd", "nul\x00"])
    def test_an_unknown_state_is_refused_in_words(self, client, plan, state):
        action = make_action(plan)
        response = client.post(move(action), {"state": state, "version": 1})
        assert response.status_code == 422
        assert response.context["problem"]

    @pytest.mark.parametrize("version", ["x", "-1", "9" * 30, "1\x00"])
    def test_an_odd_version_stores_nothing(self, client, plan, version):
        action = make_action(plan)
        response = client.post(move(action), {"state": "done", "version": version})
        assert response.status_code in {409, 422}
        action.refresh_from_db()
        assert action.state == "todo"

    def test_in_a_closed_plan_it_says_why_not(self, client, manager):
        action = make_action(make_plan(make_account(owner=manager), state="achieved"))
        response = client.post(move(action), {"state": "done", "version": 1})
        assert response.status_code == 422
        assert "closed" in response.context["problem"]

    def test_what_is_done_asks_what_came_of_it(self, client, plan):
        action = make_action(plan, state="done")
        assert f"{url(action)}?next=" in ask(client).content.decode()
        assert "What came of it?" in ask(client).content.decode()
        Action.objects.update(outcome="They signed.")
        page = ask(client).content.decode()
        assert "What came of it?" not in page
        assert "They signed." in page

    def test_it_takes_only_post(self, client, plan):
        assert client.get(move(make_action(plan))).status_code == 405


class TestOneAction:
    def typed(self, action, **fields):
        return {
            "version": action.version,
            "title": action.title,
            "owner": action.owner_id,
            "due_on": action.due_on.isoformat(),
            "state": action.state,
            "outcome": action.outcome,
        } | fields

    def test_all_of_it_can_be_changed(self, client, plan):
        action = make_action(plan)
        due_on = timezone.localdate() + timedelta(days=90)
        data = self.typed(action, title="Visit", due_on=due_on.isoformat(), state="done", outcome="They signed.")
        assert client.post(url(action), data | {"next": LIST}).url == LIST
        action.refresh_from_db()
        assert (action.title, action.due_on, action.state, action.outcome) == (
            "Visit",
            due_on,
            "done",
            "They signed.",
        )

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""),
            ("title", "x" * 301),
            ("due_on", ""),
            ("due_on", "0001-01-01"),
            ("due_on", "9999-12-31"),
            ("state", "odd"),
            ("owner", "999999"),
            ("outcome", "nul \x00 byte"),
            ("outcome", "x" * 4001),
        ],
    )
    def test_bad_input_is_named_beside_its_field_and_nothing_typed_is_lost(self, client, plan, field, value):
        action = make_action(plan)
        response = client.post(url(action), self.typed(action, outcome="They signed.") | {field: value})
        assert response.status_code == 422
        assert response.context["form"].errors.keys() == {field}
        if field != "outcome":
            assert "They signed." in response.content.decode()

    def test_two_people_at_once_the_second_sees_both_versions_and_keeps_the_text(self, client, plan):
        action = make_action(plan)
        data = self.typed(action, outcome="Mine")
        action.outcome = "Theirs"
        change_action(action, by=plan.owner, seen=1, fields=["outcome"])
        response = client.post(url(action), data)
        assert response.status_code == 409
        assert [(row["theirs"], row["yours"]) for row in response.context["conflict"]] == [("Theirs", "Mine")]
        assert response.context["form"]["outcome"].value() == "Mine"
        data["version"] = response.context["form"].data["version"]
        assert client.post(url(action), data).status_code == 302
        assert Action.objects.get().outcome == "Mine"

    def test_its_owner_who_may_not_change_the_plan_says_only_how_it_goes(self, client, manager):
        mate = make_user()
        account = make_account(owner=mate, team=make_team(members=[manager, mate]))
        action = make_action(make_plan(account), title="Call them", owner=manager)
        assert set(client.get(url(action)).context["form"].fields) == {"state", "outcome", "version"}
        data = self.typed(action, title="Sleep in", owner=mate.pk, state="done", outcome="They laughed.")
        assert client.post(url(action), data).status_code == 302
        action.refresh_from_db()
        assert (action.title, action.owner, action.state, action.outcome) == (
            "Call them",
            manager,
            "done",
            "They laughed.",
        )

    def test_seen_but_not_ones_own_is_only_read_and_unseen_is_not_found(self, client, plan):
        action = make_action(plan)
        Account.objects.update(team=make_team(members=[mate := make_user()]))
        for person, answer in ((mate, 403), (make_viewer(), 403), (make_user(), 404)):
            client.force_login(person)
            read = client.get(url(action))
            assert read.status_code == (404 if answer == 404 else 200)
            assert b'name="outcome"' not in read.content
            assert client.post(url(action), self.typed(action)).status_code == answer
            assert client.post(move(action), {"state": "done", "version": 1}).status_code == answer

    def test_of_a_closed_plan_it_is_read_only(self, client, manager):
        action = make_action(make_plan(make_account(owner=manager), state="achieved"), outcome="They signed.")
        page = client.get(url(action)).content.decode()
        assert "They signed." in page
        assert 'name="outcome"' not in page
        response = client.post(url(action), self.typed(action, outcome="No, they did not."))
        assert response.status_code == 422
        assert "closed" in response.content.decode()

    @pytest.mark.parametrize("pk", ["0", "999999999999999999", "x", "1.5", "-1", "9" * 40])
    def test_an_odd_id_is_not_found(self, client, manager, pk):
        for address in (
            f"/actions/{pk}/",
            f"/plans/{pk}/",
            f"/accounts/{pk}/plan/",
            f"/accounts/{pk}/target/",
        ):
            assert client.get(address).status_code == 404
