"""The pages of teams: who is in them and leads them, moving, and removing an empty one."""

import pytest
from django.urls import reverse

from accounts.models import Account, Team
from audit.models import Event
from tests.factories import make_account, make_administrator, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    person = make_administrator()
    client.force_login(person)
    return person


def act(client, team, person, what, **fields):
    return client.post(
        reverse("people:membership", args=[team.pk]), {"person": getattr(person, "pk", person), "act": what} | fields
    )


class TestWhoIsInIt:
    @pytest.mark.parametrize(
        ("what", "is_in", "leads"),
        [("add", True, False), ("lead", True, True), ("member", True, False), ("remove", False, False)],
    )
    def test_each_button_does_what_it_says_and_tells_the_trail(self, client, ada, what, is_in, leads):
        was_in = what in {"member", "remove"}
        person = make_user(name="Mila")
        team = make_team(name="Benelux", leads=[person] if was_in else [])
        answer = act(client, team, person, what)
        assert answer.url == reverse("people:team", args=[team.pk])
        assert (team.members.filter(pk=person.pk).exists(), team.leads.filter(pk=person.pk).exists()) == (is_in, leads)
        event = Event.objects.get(act="team.changed")
        assert event.before != event.after and event.actor == ada

    def test_what_is_so_already_is_no_event(self, client, ada):
        person = make_user()
        team = make_team(members=[person])
        act(client, team, person, "add")
        act(client, team, person, "add")
        assert not Event.objects.exists()

    @pytest.mark.parametrize("person", ["", "x", "999999", "9" * 30])
    def test_nobody_of_that_id_is_said(self, client, ada, person):
        answer = act(client, make_team(), person, "add")
        assert answer.status_code == 302 and not Event.objects.exists()

    def test_an_unknown_button_is_404(self, client, ada):
        assert act(client, make_team(), make_user(), "odd").status_code == 404

    @pytest.mark.parametrize(("next_", "ours"), [("/people/", True), ("https://evil.example/", False), ("//evil.example", False)])
    def test_leads_back_within_this_site(self, client, ada, next_, ours):
        team = make_team()
        assert (act(client, team, make_user(), "add", next=next_).url == next_) == ours


class TestMoving:
    def test_takes_them_from_one_to_the_other_and_leaves_the_accounts(self, client, ada):
        person = make_user(name="Mila")
        source, target = make_team(name="Benelux", leads=[person]), make_team(name="Nordics")
        account = make_account(owner=person, team=source)
        page = client.post(
            reverse("people:membership", args=[source.pk]), {"person": person.pk, "act": "move", "to": target.pk}, follow=True
        )
        assert "Mila moved to team Nordics" in page.text
        assert person.teams.get() == target and not person.led_teams.exists()
        account.refresh_from_db()
        assert account.team == source
        assert Event.objects.filter(act="team.changed").count() == 2

    @pytest.mark.parametrize("to", ["", "999999", "x"])
    def test_to_no_team_is_said(self, client, ada, to):
        person = make_user()
        team = make_team(members=[person])
        act(client, team, person, "move", to=to)
        assert person.teams.get() == team

    def test_to_the_same_team_changes_nothing(self, client, ada):
        person = make_user()
        team = make_team(leads=[person])
        act(client, team, person, "move", to=team.pk)
        assert team.leads.get() == person


class TestATeam:
    def test_is_made_with_a_name_of_its_own(self, client, ada):
        client.post(reverse("people:teams"), {"name": "  Benelux  Noord "})
        assert Team.objects.get().name == "Benelux Noord"
        assert Event.objects.get().act == "team.created"
        assert client.post(reverse("people:teams"), {"name": "Benelux Noord"}).status_code == 422

    def test_is_renamed_and_a_stale_name_gets_409(self, client, ada):
        team = make_team(name="Benelux")
        address = reverse("people:team", args=[team.pk])
        assert client.post(address, {"name": "West", "version": 1}).status_code == 302
        assert Event.objects.get(act="team.changed").after == {"name": "West"}
        answer = client.post(address, {"name": "East", "version": 1})
        assert answer.status_code == 409 and "West" in answer.text and "East" in answer.text

    def test_empty_it_is_removed(self, client, ada):
        team = make_team(name="Benelux")
        assert client.post(reverse("people:remove_team", args=[team.pk])).url == reverse("people:teams")
        assert not Team.objects.exists() and Event.objects.get().before["name"] == "Benelux"

    @pytest.mark.parametrize("holds", ["a member", "an account", "an archived account"])
    def test_with_people_or_accounts_it_stays_and_says_why(self, client, ada, holds):
        team = make_team(members=[make_user()] if holds == "a member" else [])
        if "account" in holds:
            make_account(team=team, status=Account.Status.ARCHIVED if "archived" in holds else Account.Status.ACTIVE)
        page = client.post(reverse("people:remove_team", args=[team.pk]), follow=True).text
        assert ("People are in this team" in page) == (holds == "a member")
        assert ("Accounts are in this team" in page) == ("account" in holds)
        assert Team.objects.filter(pk=team.pk).exists() and not Event.objects.exists()

    @pytest.mark.parametrize("rows", [1, 60])
    @pytest.mark.parametrize("address", ["list", "one"])
    def test_costs_the_same_whatever_the_rows(self, client, ada, rows, address, django_assert_max_num_queries):
        team = make_team(members=[make_user() for _ in range(rows)])
        for _ in range(rows):
            make_account(team=make_team(leads=[make_user()]))
        with django_assert_max_num_queries(9):
            client.get(reverse("people:teams") if address == "list" else reverse("people:team", args=[team.pk]))
