"""The pages of leads and executives: movement between two days, and groups side by side."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import derived
from accounts.models import Account, Contact
from tests.factories import (
    make_account,
    make_administrator,
    make_contact,
    make_result,
    make_target,
    make_team,
    make_user,
    make_viewer,
    place,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MOVEMENT, GROUPS, LIST = reverse("portfolio:movement"), reverse("portfolio:groups"), reverse("accounts:list")


@pytest.fixture
def lead(client):
    user = make_user()
    client.force_login(user)
    return user


@pytest.fixture
def team(lead):
    return make_team(leads=[lead], name="Benelux")


def days_ago(days):
    return timezone.localdate() - timedelta(days=days)


def text(response):
    return " ".join(response.content.decode().split())


def stood(account, *results):
    """The account with these results (days ago, customer)."""
    for days, customer in results:
        make_result(account, days_ago(days), customer=customer)
    derived.refresh([account.pk])
    account.refresh_from_db()
    return account


def climber(team, **fields):
    return stood(make_account(team=team, **fields), (500, 1.5), (20, 2.5))


def slider(team, **fields):
    return stood(make_account(team=team, **fields), (500, 4.5), (20, 2.5))


def names(response):
    return [mover.account.name for mover in response.context["movers"]]


def counted(client, url):
    """How many accounts the list at this address holds."""
    return client.get(url).context["count"]


class TestMovement:
    def test_first_line_says_who_climbed_and_slid_and_the_table_who_by_revenue(self, client, team):
        climber(team, name="Up", revenue=10)
        slider(team, name="Down", revenue=20)
        stood(make_account(team=team, name="Still", revenue=30), (500, 2.5), (20, 2.9))
        response = client.get(MOVEMENT)
        assert "<h1>1 of 3 customers climbed, 1 slid</h1>" in text(response)
        assert "€ 10 revenue a year climbed, € 20 slid." in text(response)
        assert names(response) == ["Down", "Up"]
        (down, up) = response.context["movers"]
        assert (down.start, down.end, down.stake, down.held_on) == (4, 2, "€ 20", days_ago(20))
        assert f'href="{up.account.get_absolute_url()}"' in text(response)

    def test_says_the_same_as_the_overview(self, client, team):
        climber(team)
        slider(team)
        overview, movement = (client.get(url).context for url in (reverse("portfolio:dashboard"), MOVEMENT))
        ours, theirs = movement["figures"].ladder, overview["ladder"]
        assert (ours.climbed, ours.slid) == (theirs.climbed, theirs.slid) == (1, 1)
        assert [(r.now, r.ago) for r in ours.rungs] == [(r.now, r.ago) for r in theirs.rungs]

    def test_any_two_days_can_be_compared(self, client, team):
        stood(make_account(team=team), (900, 1.5), (600, 3.5), (20, 2.5))
        response = client.get(MOVEMENT, {"from": days_ago(800).isoformat(), "to": days_ago(500).isoformat()})
        (mover,) = response.context["movers"]
        assert (mover.start, mover.end, mover.held_on) == (1, 3, days_ago(600))

    @pytest.mark.parametrize(("moved", "found"), [("climbed", ["Up"]), ("slid", ["Down"]), ("sideways", ["Up", "Down"])])
    def test_table_shows_one_way_alone(self, client, team, moved, found):
        climber(team, name="Up", revenue=2)
        slider(team, name="Down", revenue=1)
        assert names(client.get(MOVEMENT, {"moved": moved})) == found

    def test_rung_opens_the_list_with_the_same_filter_and_as_many_accounts(self, client, team, lead):
        for segment in ("Energy", "Energy", "Food & drink"):
            climber(team, segment=segment)
        slider(team, segment="Energy")
        climber(make_team(leads=[lead]), segment="Energy")
        chosen = {"segment": "Energy", "team": team.pk}
        steps = {step.rung.level: step for step in client.get(MOVEMENT, chosen).context["steps"]}
        assert steps[2].rung.now.accounts == counted(client, steps[2].url) == 3
        assert steps[1].url == ""

    def test_rung_of_another_day_opens_nothing(self, client, team):
        climber(team)
        response = client.get(MOVEMENT, {"to": days_ago(1).isoformat()})
        assert {step.url for step in response.context["steps"]} == {""}

    @pytest.mark.parametrize("field", ["segment", "team", "country", "owner"])
    def test_narrows(self, client, lead, team, field):
        mine = climber(team, name="Mine", segment="Energy", country="NL", owner=lead)
        climber(make_team(leads=[lead]), segment="Food", country="DE")
        value = {"segment": "Energy", "team": team.pk, "country": "NL", "owner": lead.pk}[field]
        assert [mover.account for mover in client.get(MOVEMENT, {field: value}).context["movers"]] == [mine]

    def test_narrows_to_a_family(self, client, team):
        top = climber(team, name="Top", revenue=3)
        middle = climber(team, name="Middle", revenue=2, parent=top)
        climber(team, name="Low", revenue=1, parent=middle)
        climber(team, name="Other")
        response = client.get(MOVEMENT, {"family": top.pk})
        assert names(response) == ["Top", "Middle", "Low"]
        step = next(step for step in response.context["steps"] if step.url)
        assert counted(client, step.url) == 3

    @pytest.mark.parametrize("family", ["hidden", "999999", "x", "9" * 40])
    def test_a_family_that_one_may_not_see_is_said_and_narrows_nothing(self, client, team, family):
        hidden = make_account(name="Hidden Holding")
        climber(team, parent=hidden)
        climber(team)
        response = client.get(MOVEMENT, {"family": hidden.pk if family == "hidden" else family})
        assert len(response.context["movers"]) == 2
        assert "The account whose group was asked for is not here" in text(response)
        assert "Hidden Holding" not in text(response)

    @pytest.mark.parametrize(
        ("typed", "field", "says"),
        [
            ({"from": "yesterday"}, "from", "Enter a valid date."),
            ({"to": "31-31-2020"}, "to", "Enter a valid date."),
            ({"from": "1066-10-14"}, "from", "Choose a date from 1990 on."),
            ({"to": "2999-01-01"}, "to", "Choose today or an earlier day."),
            ({"from": "2024-05-02", "to": "2024-05-01"}, "from", "Choose a day before 1 May 2024"),
            ({"from": "2024-05-01", "to": "2024-05-01"}, "from", "Choose a day before 1 May 2024"),
        ],
    )
    def test_days_that_cannot_be_are_answered_beside_the_field_that_keeps_them(self, client, team, typed, field, says):
        climber(team)
        response = client.get(MOVEMENT, typed)
        assert [says in error for error in response.context["form"].errors[field]] == [True]
        (shown,) = (line for line in response.content.decode().split("<input ") if f'name="{field}"' in line)
        assert f'value="{typed[field]}"' in shown
        assert 'type="text"' in shown  # a field for dates would show nothing of it
        assert "aria-invalid" in shown

    def test_the_other_day_holds_though_one_is_wrong(self, client, team):
        climber(team)
        response = client.get(MOVEMENT, {"from": "nonsense", "to": days_ago(30).isoformat()})
        assert (response.context["since"], response.context["at"]) == (days_ago(395), days_ago(30))

    def test_a_choice_that_is_none_says_so_and_counts_all(self, client, team):
        climber(team, owner=make_user(name="Ann"))  # no number of a person is a part of that name
        response = client.get(MOVEMENT, {"team": "x", "owner": make_user().pk})
        assert len(response.context["movers"]) == 1
        assert set(response.context["form"].errors) == {"team", "owner"}

    @pytest.mark.parametrize(
        ("typed", "found", "says"),
        [
            ("number", ["Ann's"], ""),
            ("ann", ["Ann's"], ""),
            ("ANN DE WIT", ["Ann's"], ""),
            ("de", ["Ann's", "Bob's"], "Several people are called so"),
            ("Carl", ["Ann's", "Bob's"], "No such choice"),
        ],
    )
    def test_one_of_very_many_owners_is_typed(self, client, team, monkeypatch, typed, found, says):
        monkeypatch.setattr("accounts.filters.MOST_OWNERS", 1)
        ann = make_user(name="Ann de Wit")
        climber(team, name="Ann's", owner=ann, revenue=2)
        climber(team, name="Bob's", owner=make_user(name="Bob de Vries"), revenue=1)
        response = client.get(MOVEMENT, {"owner": ann.pk if typed == "number" else typed})
        assert names(response) == found
        assert says in text(response)
        assert f'value="{"Ann de Wit" if typed == "number" else typed}"' in text(response)

    def test_many_are_paged_and_every_filter_stays_in_the_address(self, client, team):
        for n in range(27):
            climber(team, revenue=n, segment="Energy")
        response = client.get(MOVEMENT, {"segment": "Energy", "moved": "climbed", "page": 2})
        assert len(response.context["movers"]) == 2
        assert "?segment=Energy&amp;moved=climbed&amp;page=1" in text(response)

    def test_a_first_word_of_the_customer_is_told_apart(self, client, team):
        account = make_account(team=team)
        make_result(account, days_ago(500), team=4.5)
        place(account, customer=2.5)
        found = text(client.get(MOVEMENT))
        assert 'data-figure="first_heard">1</b> heard for the first time' in found
        assert "a first word is not compared with our own view before" in found
        assert "No account changed its level between these days." in found

    def test_accounts_beside_the_rungs_lead_to_as_many(self, client, team):
        place(make_account(team=team), team=2.5)
        make_account(team=team)
        climber(team)
        context = client.get(MOVEMENT).context
        for one in (*context["beside"], *(kind for kind in context["kinds"] if kind.code in {"only_our_view", "not_assessed"})):
            n = one.now.accounts if hasattr(one, "now") else one.stand.accounts
            assert n == counted(client, one.url) == 1
        assert sum(kind.stand.accounts for kind in context["kinds"]) == 3

    def test_without_accounts_it_leads_to_the_import(self, client, lead):
        found = text(client.get(MOVEMENT))
        assert "No accounts yet" in found
        assert reverse("importing:upload") in found

    def test_when_nothing_fits_it_leads_back(self, client, team, lead):
        parent = make_account(team=team, segment="Energy", status=Account.Status.ARCHIVED)
        make_account(team=team)
        found = text(client.get(MOVEMENT, {"family": parent.pk}))
        assert "No account fits" in found
        assert f'href="{MOVEMENT}"' in found

    def test_without_a_level_on_the_earlier_day_it_says_so(self, client, team):
        place(make_account(team=team), customer=2.5)
        assert "No customer was heard by the earlier day" in text(client.get(MOVEMENT))


class TestGroups:
    def lines(self, client, **query):
        return {line.name: line for line in client.get(GROUPS, query).context["page"]}

    def test_each_number_is_that_of_the_list_it_opens(self, client, team, lead):
        climber(team, segment="Energy")
        slider(team, segment="Energy")
        aiming = make_account(team=team)
        make_target(aiming, set_on=days_ago(600), level=5, baseline=4.5)
        stood(aiming, (600, 1.5), (500, 1.5))
        make_account(team=team)
        place(make_account(team=team), team=3.5)
        for kind in ("climb", "hold"):
            make_account(team=team, target_level=3, target_kind=kind, target_status="reached")
        climber(make_team(leads=[lead]))
        line = self.lines(client)["Benelux"]
        assert line.row.accounts == counted(client, line.url) == 7
        assert line.row.heard == counted(client, line.heard_url) == 2
        assert {(one.code, one.n) for one in line.levels} == {(1, 1), (2, 2), ("ours", 1), ("none", 3)}
        assert {(one.code, one.n) for one in line.targets} == {("off_track", 1), ("climb", 1), ("hold", 1), ("no_target", 4)}
        for one in (*line.levels, *line.targets):
            assert counted(client, one.url) == one.n
        for url, n in ((line.climbed_url, line.row.climbed), (line.slid_url, line.row.slid)):
            assert len(client.get(url).context["movers"]) == n == 1

    def test_filter_of_the_page_goes_along(self, client, team):
        climber(team, segment="Energy")
        climber(team, segment="Food")
        line = self.lines(client, by="team", segment="Energy")["Benelux"]
        assert line.row.accounts == counted(client, line.url) == 1

    def test_what_has_no_team_leads_nowhere(self, client, lead):
        make_account(owner=lead)
        line = self.lines(client)["no team"]
        assert (line.url, line.climbed_url, line.levels[0].url) == ("", "", "")

    @pytest.mark.parametrize(
        ("by", "name"), [("segment", "Energy"), ("country", "Netherlands"), ("owner", "Ann"), ("x", "Benelux")]
    )
    def test_groups_by_what_one_asks_for(self, client, team, by, name):
        make_account(team=team, segment="Energy", country="NL", owner=make_user(name="Ann"))
        assert set(self.lines(client, by=by)) == {name}

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            ("name", ["A", "B", "C"]),
            ("-name", ["C", "B", "A"]),
            ("-revenue", ["B", "C", "A"]),
            ("revenue", ["A", "C", "B"]),
            ("-accounts", ["A", "B", "C"]),
            ("gap", ["C", "A", "B"]),  # A and B have none
            ("-gap", ["C", "A", "B"]),
            ("-climbed", ["B", "A", "C"]),
            ("-heard", ["B", "C", "A"]),
            ("password", ["B", "C", "A"]),
        ],
    )
    def test_sorts_by_every_column_the_unknown_last(self, client, team, sort, order):
        for _ in range(2):
            make_account(team=team, segment="A", revenue=1)
        climber(team, segment="B", revenue=9)
        place(make_account(team=team, segment="C", revenue=5), customer=2.5, team=3.5)
        assert list(self.lines(client, by="segment", sort=sort)) == order

    def test_many_groups_are_paged_and_the_sum_is_of_all(self, client, team):
        for n in range(52):
            make_account(team=team, segment=f"Segment {n}")
        context = client.get(GROUPS, {"by": "segment", "page": 2}).context
        assert len(context["page"]) == 2
        assert context["total"].row.accounts == 52

    def test_without_accounts_it_leads_to_the_import(self, client, lead):
        assert reverse("importing:upload") in text(client.get(GROUPS))

    def test_name_is_escaped(self, client, team):
        make_account(team=team, segment="<script>alert(1)</script>")
        assert "<script>alert(1)" not in text(client.get(GROUPS, {"by": "segment"}))


class TestCoverage:
    @pytest.fixture
    def five(self, team):
        accounts = [make_account(team=team, name=f"Account {n}") for n in range(5)]
        make_contact(accounts[0], buying_role=Contact.BuyingRole.ECONOMIC)
        return accounts

    def test_says_how_many_miss_each_voice(self, client, five):
        voices = {voice.role: (voice.known, voice.heard, voice.missing) for voice in client.get(GROUPS).context["voices"]}
        assert voices["economic"] == (1, 0, 5)

    def test_below_five_accounts_nothing_is_told(self, client, five):
        make_account(team=five[0].team, segment="Energy")
        response = client.get(GROUPS, {"segment": "Energy"})
        assert response.context["voices"] == []
        assert "Hidden: fewer than 5 accounts." in text(response)

    def test_names_the_accounts_that_miss_it_with_the_button_to_ask(self, client, five):
        found = text(client.get(GROUPS, {"missing": "economic"}))
        assert all(reverse("surveys:invite", args=[account.pk]) in found for account in five)

    def test_names_only_those_that_one_may_change(self, client, lead, five):
        mate_of = make_team(members=[lead])
        make_account(team=mate_of, name="Only seen")
        context = client.get(GROUPS, {"missing": "economic"}).context
        assert {account.name for account in context["silent"]} == {account.name for account in five}
        assert context["voices"][0].missing == 6

    def test_who_only_reads_gets_the_numbers_alone(self, five):
        client = Client()
        client.force_login(make_viewer())
        response = client.get(GROUPS, {"missing": "economic"})
        assert response.context["voices"][0].missing == 5
        assert "silent" not in response.context

    @pytest.mark.parametrize("role", ["", "boss", "<script>"])
    def test_no_such_role_opens_nothing(self, client, five, role):
        assert "silent" not in client.get(GROUPS, {"missing": role}).context


@pytest.mark.parametrize("url", [MOVEMENT, GROUPS])
class TestBoth:
    def test_nothing_of_another_team_counts(self, client, team, url):
        other = make_team(name="Secret team")
        make_contact(climber(other, name="Secret", segment="Concealed", country="NL", revenue=5_000_000))
        climber(team, name="Mine", revenue=7)
        response = client.get(url)
        assert not any(word in text(response) for word in ("Secret", "Concealed", "Netherlands", "5.0 M"))
        accounts = response.context["figures"].ladder.accounts if url == MOVEMENT else response.context["total"].row.accounts
        assert accounts == 1

    def test_archived_accounts_do_not_count(self, client, team, url):
        climber(team, status=Account.Status.ARCHIVED)
        assert "No accounts yet" in text(client.get(url))

    def test_a_change_shows_at_once_though_figures_are_kept(self, client, team, url):
        account = climber(team)
        client.get(url)
        client.post(reverse("accounts:archive", args=[account.pk]), {"version": account.version})
        assert "No accounts yet" in text(client.get(url))

    def test_address_gives_everybody_of_the_same_sight_the_same(self, client, team, url):
        climber(team)
        people = [make_viewer(), make_administrator()]
        pages = []
        for person in people:
            client.force_login(person)
            pages.append(client.get(url, {"team": team.pk}).context["filter"].key)
        assert pages[0] == pages[1]

    @pytest.mark.parametrize("rows", [1, 60])
    def test_costs_the_same_whatever_the_rows(self, client, lead, team, edition, rows, django_assert_max_num_queries, url):
        parent = make_account(team=team, revenue=1)
        for n in range(rows):
            make_contact(climber(team, segment=f"S{n}", revenue=n, owner=make_user(), parent=parent))
        with django_assert_max_num_queries(12) as cold:
            client.get(url, {"family": parent.pk, "by": "owner", "missing": "economic"})
        # session, person, state of the data, family; choices (three), figures, saved views, rows of the page, levels
        assert len(cold.captured_queries) == 12
