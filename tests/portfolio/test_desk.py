"""Whose accounts the dashboard shows: mine, a team's, or all; how it is chosen and remembered; and who mentioned its reader."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from notes.acts import add_note
from plans.actions.comments import add_comment
from portfolio.pages.desk import choices_of, desk_of, mentions_of
from tests.factories import (
    make_account,
    make_action,
    make_administrator,
    make_plan,
    make_team,
    make_user,
    make_viewer,
    place,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def team(manager):
    return make_team(name="Benelux", members=[manager, make_user(name="Jan Vos")])


@pytest.fixture
def accounts(manager, team):
    """One of the manager's own outside the team, one in it, and one of a mate."""
    mate = team.members.get(name="Jan Vos")
    return [
        make_account(name="Mine", owner=manager, revenue=1),
        make_account(name="Mine in the team", owner=manager, team=team, revenue=10),
        make_account(name="Theirs", owner=mate, team=team, revenue=100),
    ]


def page(client, **query):
    return client.get(reverse("portfolio:dashboard"), query)


def worth(client, **query):
    return int(page(client, **query).context["ladder"].worth)


def keys(user):
    return [choice.key for choice in choices_of(desk_of(user), user)]


class TestSwitch:
    def test_begins_with_mine_and_each_choice_counts_its_accounts(self, client, manager, team, accounts):
        assert worth(client) == 11
        assert worth(client, whose="mine") == 11
        assert worth(client, whose=f"team-{team.pk}") == 110
        assert worth(client, whose="all") == 111

    def test_an_executive_without_accounts_gets_all_and_no_switch(self, client, accounts):
        client.force_login(make_viewer())
        assert worth(client) == 111
        assert 'class="tabs whose"' not in page(client).text

    def test_who_owns_none_begins_with_all(self, client, accounts):
        lead = make_user()
        make_team(name="Empty", leads=[lead])
        make_account(owner=make_user(), team=make_team(leads=[lead]), revenue=5)
        client.force_login(lead)
        assert worth(client) == 5

    def test_offers_what_there_is(self, manager, team, accounts):
        make_team(members=[manager])  # without accounts
        assert keys(manager) == ["mine", f"team-{team.pk}", "all"]
        assert keys(make_administrator()) == ["all"]
        Account.objects.filter(owner=manager).update(status=Account.Status.ARCHIVED)
        assert keys(manager) == [f"team-{team.pk}", "all"]

    def test_a_team_of_others_and_an_odd_choice_are_no_choice(self, client, manager, accounts):
        other = make_team(members=[make_user()])
        make_account(owner=make_user(), team=other, revenue=1000)
        for odd in (f"team-{other.pk}", "everybody", "team-", ""):
            assert worth(client, whose=odd) == 11

    def test_is_remembered_once_the_address_says_it(self, client, manager, accounts):
        assert "whose" not in page(client).cookies
        page(client, whose="all")
        assert worth(client) == 111
        page(client, whose="mine")
        assert worth(client) == 11

    def test_what_is_remembered_of_another_reader_is_no_choice(self, client, manager, team, accounts):
        page(client, whose=f"team-{team.pk}")
        client.force_login(make_viewer())
        assert worth(client) == 111

    def test_it_says_whose_they_are(self, client, manager, team, accounts):
        assert page(client).context["scope"] == "My accounts"
        assert page(client, whose=f"team-{team.pk}").context["scope"] == "Team Benelux"
        assert page(client).text.count('aria-current="page">My team') == 1

    def test_figures_of_one_choice_are_not_shown_for_another(self, client, manager, team, accounts):
        mate = team.members.get(name="Jan Vos")
        page(client, whose="mine")
        other = Client()
        other.force_login(mate)
        assert worth(other, whose="mine") == 100


class TestEachFigureFollows:
    def test_attention_and_moves(self, client, manager, accounts, edition):
        for account in accounts:
            place(account, customer=2.5, team=4.5)
        assert {one.account.name for one in page(client).context["concerns"]} == {"Mine", "Mine in the team"}
        assert len(page(client, whose="all").context["concerns"]) == 3

    def test_links_to_lists_have_the_same_filter(self, client, manager, team, accounts, edition):
        place(accounts[0], customer=2.5, team=2.5)
        for whose, narrowed in (("mine", f"owner={manager.pk}"), (f"team-{team.pk}", f"team={team.pk}")):
            found = page(client, whose=whose).text.replace("&amp;", "&")
            assert f'{reverse("accounts:list")}?{narrowed}&level=2"' in found
        assert f'{reverse("accounts:list")}?level=2"' in page(client, whose="all").text

    def test_actions_are_mine_or_those_of_the_accounts(self, client, manager, team, accounts):
        mate = team.members.get(name="Jan Vos")
        make_action(make_plan(accounts[0]), title="mine", due_in=1, owner=manager)
        make_action(make_plan(accounts[2]), title="on a mate's account", due_in=2, owner=manager)
        make_action(make_plan(accounts[1]), title="a mate's", due_in=3, owner=mate)
        titles = {
            whose: [action.title for action in page(client, whose=whose).context["actions"]]
            for whose in ("mine", f"team-{team.pk}", "all")
        }
        assert titles == {
            "mine": ["mine", "on a mate's account"],
            f"team-{team.pk}": ["on a mate's account", "a mate's"],
            "all": ["mine", "on a mate's account", "a mate's"],
        }


class TestMentions:
    def mention(self, manager, accounts):
        mate = accounts[2].owner
        add_note(accounts[2], by=mate, held_on=TODAY, kind="note", text="A note", tell=[manager.pk])
        add_comment(make_action(make_plan(accounts[2])), by=mate, text="A comment", tell=[manager.pk])

    def test_stand_on_the_desk_newest_first_whatever_is_chosen(self, client, manager, accounts):
        self.mention(manager, accounts)
        for whose in ("mine", "all"):
            found = page(client, whose=whose)
            assert [(one.text, one.author, one.account) for one in found.context["mentions"]] == [
                ("A comment", "Jan Vos", "Theirs"),
                ("A note", "Jan Vos", "Theirs"),
            ]
        for one in found.context["mentions"]:
            assert "A " in client.get(one.url).text

    def test_go_once_they_are_marked_as_read(self, client, manager, accounts):
        self.mention(manager, accounts)
        for one in page(client).context["mentions"]:
            assert client.post(one.read_url, {"next": "/"}).url == "/"
        assert page(client).context["mentions"] == []

    def test_of_an_account_out_of_sight_do_not_show(self, manager, team, accounts):
        self.mention(manager, accounts)
        assert len(mentions_of(manager)) == 2
        team.members.remove(manager)
        assert mentions_of(manager) == []

    def test_cost_one_statement(self, client, manager, accounts, edition, django_assert_num_queries):
        self.mention(manager, accounts)
        with django_assert_num_queries(12):
            page(client)
        with django_assert_num_queries(7):
            page(client)
