"""The dashboard: figures, ladder, what needs attention, the week's actions, and the first hour."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from plans.models import ActionPlan
from portfolio.figures.ladder import LadderGroup, build_ladder, sum_figures
from portfolio.pages.overview import sentence_of
from portfolio.queries import Overview
from tests.factories import (
    answer,
    make_account,
    make_action,
    make_administrator,
    make_assessment,
    make_contact,
    make_invitation,
    make_plan,
    make_result,
    make_team,
    make_user,
    make_viewer,
    place,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


def page(client, whose="all"):
    return client.get(reverse("portfolio:dashboard"), {"whose": whose})


def text(response):
    return " ".join(response.content.decode().split())


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_sign_in_is_asked_for(client):
    response = client.get(reverse("portfolio:dashboard"))
    assert (response.status_code, response.url) == (302, "/login/?next=/")


class TestFirstHour:
    def test_manager_is_led_to_the_import(self, client, manager):
        found = text(page(client))
        assert "Your first hour" in found
        assert reverse("importing:upload") in found
        assert reverse("accounts:new") in found

    def test_viewer_is_led_to_the_five_levels_and_offered_nothing_that_is_refused(self, client):
        client.force_login(make_viewer())
        found = text(page(client))
        assert reverse("hierarchy:levels") in found
        assert reverse("importing:upload") not in found

    def test_administrator_is_led_to_mail_and_people_first(self, client):
        client.force_login(make_administrator())
        found = text(page(client))
        assert reverse("people:mail") in found
        assert reverse("people:invite") in found

    @pytest.mark.parametrize("make", [make_user, make_viewer, make_administrator])
    def test_each_has_one_main_button_that_opens(self, make):
        client = signed_in(make())
        found = page(client).content.decode()
        assert found.count('class="btn main"') == 1
        address = found.split('class="btn main" href="')[1].split('"')[0]
        assert client.get(address).status_code == 200

    def test_others_accounts_do_not_end_it(self, client, manager):
        make_account()
        assert "Your first hour" in text(page(client))


class TestLadder:
    @pytest.fixture
    def stands(self, manager, edition):
        """Accounts of the manager's, of the team's, of others and archived ones."""
        team = make_team(members=[manager])
        for position in (0.5, 1.5, 2.5, 2.9, 5.0):
            place(make_account(owner=manager), customer=position)
        place(make_account(owner=manager), team=2.5)
        place(make_account(team=team), customer=2.5, team=4.5)
        place(make_account(owner=manager, status=Account.Status.ARCHIVED), customer=2.5)
        place(make_account(), customer=2.5)
        make_account(owner=manager)

    def test_count_on_each_rung_is_the_number_of_rows_of_the_list_it_opens(self, client, stands):
        rungs = page(client).context["ladder"].rungs
        assert {rung.level: rung.now.accounts for rung in rungs} == {1: 2, 2: 3, 3: 0, 4: 0, 5: 1}
        for rung in rungs:
            opened = client.get(reverse("accounts:list"), {"level": rung.level})
            assert opened.context["count"] == rung.now.accounts

    @pytest.mark.parametrize(("level", "beside"), [("ours", "only_our_view"), ("none", "not_assessed")])
    def test_counts_beside_the_rungs_are_those_of_their_lists(self, client, stands, level, beside):
        found = page(client)
        opened = client.get(reverse("accounts:list"), {"level": level})
        assert opened.context["count"] == getattr(found.context["ladder"], beside).accounts == 1
        assert f'href="{reverse("accounts:list")}?level={level}"' in text(found)

    def test_each_rung_links_to_its_list(self, client, stands):
        found = text(page(client))
        for level in range(1, 6):
            assert f'href="{reverse("accounts:list")}?level={level}"' in found

    @pytest.mark.parametrize("who", ["viewer", "lead"])
    def test_viewer_and_lead_see_theirs(self, stands, who):
        lead = make_user()
        make_team(leads=[lead])
        place(make_account(team=lead.led_teams.get()), customer=3.5)
        user = lead if who == "lead" else make_viewer()
        ladder = page(signed_in(user)).context["ladder"]
        assert ladder.accounts == (1 if who == "lead" else 10)


class TestFigures:
    def test_one_account_alone_reads_well(self, client, manager, edition):
        place(make_account(owner=manager, revenue=1200), customer=4.5, team=4.5)
        found = text(page(client))
        assert '<span data-figure="accounts">1</span> account ·' in found
        assert "100 % of our revenue is on level 4 or 5. No target is set yet." in found
        assert "We see it as customers do" in found
        assert "1 account with both views" in found
        assert "0 of 1 not heard · 0 never" in found

    def test_revenue_without_a_rate_is_said(self, client, manager):
        make_account(owner=manager, revenue=5, currency="JPY")
        assert "Revenue in JPY is in no sum" in text(page(client))

    def test_administrator_is_shown_where_to_add_the_rate(self, client):
        client.force_login(make_administrator())
        make_account(revenue=5, currency="JPY")
        assert reverse("admin:accounts_exchangerate_changelist") in text(page(client))

    def test_change_of_the_high_share_is_in_points_with_its_sign(self, client, manager):
        year_ago = timezone.localdate() - timedelta(days=400)
        sinking = make_account(owner=manager, revenue=100)
        make_result(sinking, year_ago, customer=4.5)
        place(sinking, customer=1.5)
        still = make_account(owner=manager, revenue=300)
        make_result(still, year_ago, customer=4.5)
        place(still, customer=4.5)
        found = text(page(client))
        assert "75 % of our revenue is on level 4 or 5, 25 points less than a year ago." in found
        assert '<span class="bad">▼ 25 points</span> since a year ago' in found

    def test_dutch_figures_have_a_decimal_comma(self, client, manager):
        client.cookies["django_language"] = "nl"
        place(make_account(owner=manager, revenue=1_500_000), customer=2.5, team=4.5)
        found = text(page(client))
        assert "1,5" in found
        assert 'data-value="+2,0">2,0' in found


class TestKeyFigures:
    """Each leads to the accounts that it counts, and so does each reason."""

    @pytest.fixture
    def accounts(self, manager, edition):
        year_ago = timezone.localdate() - timedelta(days=400)
        for then, now, ours in ((3.5, 1.5, 4.5), (1.5, 2.5, 2.5), (2.5, 2.5, 4.5)):
            account = make_account(owner=manager, revenue=100)
            make_result(account, year_ago, customer=then)
            place(account, customer=now, team=ours)
        place(make_account(owner=manager), team=3.5)
        make_account(owner=manager)
        make_account(owner=manager, target_level=3, target_status="off_track")

    def counted(self, client, url):
        return client.get(url).context["count"]

    def test_figures_open_their_accounts(self, client, accounts):
        context = page(client).context
        assert context["unheard"] == self.counted(client, context["unheard_url"]) == 3
        assert context["figures"].targets_off_track == self.counted(client, context["targets_url"]) == 1
        assert self.counted(client, context["none_url"]) == 2

    def test_each_reason_counts_all_that_have_it_and_its_list_is_of_it_alone(self, client, accounts):
        chips = {chip.code: chip.n for chip in page(client).context["chips"]}
        assert chips == {"slid": 1, "off_track": 1, "rosy": 2, "not_assessed": 2, "not_heard": 3}
        for code, n in chips.items():
            context = client.get(reverse("portfolio:dashboard"), {"why": code}).context
            assert (len(context["concerns"]), context["figures"].pressing) == (n, 5)

    def test_a_reason_that_is_none_narrows_nothing(self, client, accounts):
        context = client.get(reverse("portfolio:dashboard"), {"why": "<x>"}).context
        assert (context["why"], len(context["concerns"])) == ("", 5)

    def test_flows_open_who_went_from_level_to_level(self, client, accounts):
        flows = page(client).context["flow"].linked
        assert [(one.words, one.url.partition("?")[2]) for one in flows] == [
            ("1 slid from 3 to 1", "moved=3-1#movers"),
            ("1 stayed on level 2", "moved=2-2#movers"),
            ("1 climbed from 1 to 2", "moved=1-2#movers"),
        ]
        for one in flows:
            (mover,) = client.get(one.url).context["movers"]
            assert (mover.start, mover.end) == (one.flow.then, one.flow.now)

    @pytest.mark.parametrize("moved", ["6-1", "3-", "-", "3-3-3", "a-b"])
    def test_a_move_that_cannot_be_shows_all_moves(self, client, accounts, moved):
        assert len(client.get(reverse("portfolio:movement"), {"moved": moved}).context["movers"]) == 2

    def test_ladder_in_revenue_has_the_same_numbers_and_its_own_bars(self, client, accounts):
        pages = [client.get(reverse("portfolio:dashboard"), {"ladder": by}) for by in ("revenue", "x")]
        in_revenue, in_accounts = (response.context["rows"] for response in pages)
        assert [row.rung.now for row in in_revenue] == [row.rung.now for row in in_accounts]
        assert [row.change for row in in_revenue] == ["€ 0", "€ 0", "−€ 100", "+€ 100", "€ 0"]
        assert [(row.change, row.tone) for row in in_accounts] == [("0", ""), ("0", ""), ("−1", ""), ("+1", "bad"), ("0", "")]


class TestSentence:
    def told(self, *groups, expected=None):
        ladder, figures = build_ladder(groups), sum_figures(groups)
        return sentence_of(Overview(ladder, figures, ()), expected)

    def group(self, now, ago=None, **fields):
        return LadderGroup(now, ago, None, **{"accounts": 1, "worth": Decimal(100)} | fields)

    def test_tells_the_share_beside_a_year_ago_and_the_targets(self):
        groups = [
            self.group(4, 4),
            self.group(3, 3, worth=Decimal(98)),
            self.group(3, 4, worth=Decimal(2), targets=9, targets_foreseen=7),
        ]
        assert self.told(*groups, expected=3) == (
            "50 % of our revenue is on level 4 or 5, one point less than a year ago. Of 7 targets 3 will probably be met."
        )

    def test_the_same_as_a_year_ago(self):
        assert self.told(self.group(4, 4), self.group(3, 3)).startswith(
            "50 % of our revenue is on level 4 or 5, as much as a year ago."
        )

    def test_nobody_heard_a_year_ago(self):
        assert self.told(self.group(4)) == "100 % of our revenue is on level 4 or 5. No target is set yet."

    def test_without_revenue_customers_are_counted(self):
        groups = [self.group(5, worth=Decimal(0), targets=1), self.group(3, worth=Decimal(0))]
        assert self.told(*groups) == "1 of 2 customers see us on level 4 or 5."


class TestNeedsAttention:
    def test_tells_the_reason_the_stake_and_one_button(self, client, manager, edition):
        account = place(make_account(owner=manager, name="Northwind", revenue=7_800_000), team=2.5)
        (concern,) = page(client).context["concerns"]
        assert concern.sentence == "customer not heard yet; only our own view"
        assert concern.stake == "€ 7.8 M"
        assert concern.url == reverse("surveys:invite", args=[account.pk])

    def test_button_is_not_one_that_is_refused(self, client, manager):
        place(make_account(team=make_team(members=[manager])), team=2.5)
        (concern,) = page(client).context["concerns"]
        assert client.get(concern.url).status_code == 200

    def test_nothing_pressing_is_said(self, client, manager):
        place(make_account(owner=manager), customer=2.5, team=2.5)
        assert "Nothing is pressing today." in text(page(client))

    def test_name_is_escaped(self, client, manager):
        make_account(owner=manager, name="<script>alert(1)</script>")
        assert "<script>alert(1)" not in page(client).content.decode()


class TestWeek:
    def test_holds_my_actions_that_are_late_or_due_within_seven_days(self, client, manager):
        plan = make_plan(make_account(owner=manager))
        for title, days in (("late", -3), ("soon", 2), ("far", 40)):
            make_action(plan, title=title, due_in=days)
        make_action(plan, title="someone else's", due_in=1, owner=make_user())
        assert [action.title for action in page(client, "mine").context["actions"]] == ["late", "soon"]

    def test_many_are_cut_and_the_rest_is_one_click_away(self, client, manager):
        plan = make_plan(make_account(owner=manager))
        for _ in range(9):
            make_action(plan, due_in=1)
        response = page(client, "mine")
        assert len(response.context["actions"]) == 3
        assert response.context["late"] == 0
        assert "There is more in these 7 days" in text(response)

    def test_ended_plans_and_archived_accounts_are_left_out(self, client, manager):
        make_account(owner=manager)
        make_action(make_plan(make_account(owner=manager), state=ActionPlan.State.DROPPED), due_in=1)
        make_action(make_plan(make_account(owner=manager, status=Account.Status.ARCHIVED)), due_in=1)
        assert page(client, "mine").context["actions"] == []

    def test_who_only_reads_has_no_actions(self, client):
        client.force_login(make_viewer())
        make_account()
        assert "ctions, next 7 days" not in text(page(client, "mine"))


class TestRoundsClosingSoon:
    def closing(self, account, *, days=3):
        return make_assessment(account, closes_on=timezone.localdate() + timedelta(days=days))

    def test_each_says_when_and_how_many_answered_and_leads_to_its_round(self, client, manager, edition):
        account = make_account(owner=manager, name="Northwind")
        round_ = self.closing(account, days=1)
        contacts = [make_contact(account) for _ in range(3)]
        for contact in contacts:
            make_invitation(round_, contact)
        answer(round_, contacts[0], "5445 4434 3433 2212 1121")
        found = text(page(client))
        assert f'href="{round_.get_absolute_url()}"><b>Northwind</b></a><small>closes tomorrow</small>' in found
        assert "1 of 3 answered" in found

    def test_without_any_there_is_no_card(self, client, manager, edition):
        self.closing(make_account(owner=manager), days=30)
        assert "Rounds closing soon" not in text(page(client))

    def test_who_may_not_close_them_is_not_troubled(self, client, manager, edition):
        self.closing(make_account(owner=make_user(), team=make_team(members=[manager])))
        assert "Rounds closing soon" not in text(page(client))
        assert "Rounds closing soon" not in text(page(signed_in(make_viewer())))

    def test_of_many_the_first_show_and_how_many_there_are(self, client, manager, edition):
        for n in range(7):
            self.closing(make_account(owner=manager, name=f"Account {n}"), days=n)
        response = page(client)
        assert [one.account.name for one, *_ in response.context["rounds"]] == [f"Account {n}" for n in range(3)]
        assert "3 of 7" in text(response)


def test_figures_of_other_teams_are_nowhere(client, manager, edition):
    year_ago = timezone.localdate() - timedelta(days=400)
    place(make_account(owner=manager, name="Mine", revenue=10), customer=2.5, team=2.5)
    secret = make_account(name="Secret", revenue=5_000_000, team=make_team())
    make_result(secret, year_ago, customer=4.5)
    place(secret, customer=1.5, team=4.5)
    response = page(client)
    assert "Secret" not in text(response)
    assert (response.context["ladder"].accounts, response.context["ladder"].slid) == (1, 0)
    assert response.context["ladder"].worth == 10
    assert (response.context["concerns"], response.context["flow"]) == ([], None)
    assert response.context["figures"].mean_gap == 0


def test_a_change_shows_at_once_though_figures_are_kept(client, manager, edition):
    account = make_account(owner=manager)
    make_account(owner=manager)
    assert page(client).context["ladder"].accounts == 2
    client.post(reverse("accounts:archive", args=[account.pk]), {"version": account.version})
    assert page(client).context["ladder"].accounts == 1


@pytest.mark.parametrize("rows", [1, 40])
def test_costs_the_same_whatever_the_rows(client, edition, rows, django_assert_num_queries):
    lead = make_user()
    team = make_team(leads=[lead])
    client.force_login(lead)
    year_ago = timezone.localdate() - timedelta(days=400)
    for n in range(rows):
        account = make_account(owner=lead if n % 2 else make_user(), team=team, revenue=n)
        make_result(account, year_ago, customer=1.5 + n % 3)
        place(account, customer=2.5, team=4.5)
        make_action(make_plan(account, owner=lead), due_in=n % 5)
        make_assessment(account, closes_on=timezone.localdate() + timedelta(days=n % 8))
    # session, person, their desk; groups, attention, results of the year; these accounts, actions, rounds, levels; saved views
    with django_assert_num_queries(11):
        page(client)
    with django_assert_num_queries(6):  # figures, levels and views are at hand
        page(client)
