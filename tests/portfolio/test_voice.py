"""The first cards of the account page: why there is no level of the customer, what stands beside ours, and the step to climb."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Account
from assessments.models import Assessment
from assessments.rounds.explanation import Explanation, StatementMean
from hierarchy.models import Play
from portfolio.catalogue import LevelSummary, PlaySummary
from portfolio.pages.account_frame import accounts_whole
from portfolio.pages.customer_view import must_be_asked, plays_for, step_to, still_to_rate
from portfolio.pages.family import family_card
from tests.factories import (
    make_account,
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

pytestmark = pytest.mark.one_database


def days_ago(days):
    return timezone.localdate() - timedelta(days=days)


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def account(manager, edition):
    return make_account(owner=manager, name="Northwind")


def opened(client, account, tab=""):
    return client.get(account.get_absolute_url() + tab)


@pytest.mark.django_db
class TestSilence:
    """Only our own view: the first line says why."""

    def test_they_are_being_asked(self, client, account):
        place(account, team=2.4)
        make_invitation(make_assessment(account), make_contact(account))
        assert "They are being asked now." in opened(client, account).context["headline"]

    def test_they_were_asked_and_did_not_answer(self, client, account):
        make_invitation(make_result(account, days_ago(30), team=2.4), make_contact(account))
        place(account, team=2.4)
        assert "They were asked, and did not answer." in opened(client, account).context["headline"]

    def test_a_withdrawn_invitation_is_no_asking(self, client, account):
        make_invitation(make_result(account, days_ago(30), team=2.4), make_contact(account), state="revoked")
        place(account, team=2.4)
        headline = opened(client, account).context["headline"]
        assert "did not answer" not in headline and "being asked" not in headline

    def test_a_past_result_without_them(self, client, account):
        make_result(account, days_ago(30), team=2.4, origin=Assessment.Origin.RECORDED)
        Account.objects.filter(pk=account.pk).update(team_level=2, team_position=2.4)
        assert "What they thought was not recorded." in opened(client, account).context["headline"]

    def test_once_they_were_heard_nothing_is_said_of_silence(self, client, account):
        make_invitation(make_result(account, days_ago(30), team=2.4), make_contact(account))
        place(account, customer=3.4, team=2.4)
        assert "did not answer" not in opened(client, account).context["headline"]


@pytest.mark.django_db
class TestStand:
    @pytest.mark.parametrize(("respondents", "words"), [(1, "1 person"), (3, "3 people"), (0, "number not recorded")])
    def test_says_how_many_said_it(self, client, account, respondents, words):
        make_result(account, days_ago(3), customer=2.4, respondents=respondents)
        Account.objects.filter(pk=account.pk).update(customer_level=2, customer_position=2.4, last_heard_on=days_ago(3))
        assert opened(client, account).context["stand"].their_words == words

    def test_without_the_customer_it_says_so(self, client, account):
        place(account, team=2.4)
        stand = opened(client, account).context["stand"]
        assert (stand.theirs, stand.their_words, stand.ours, stand.our_words, stand.gap) == (None, "not heard", 2, "", "")

    def test_of_too_few_nothing_is_told(self, client, account):
        place(account, team=2.4)
        Assessment.objects.update(confidence_reasons=["too_few_to_tell"])
        assert opened(client, account).context["stand"].their_words == "too few"

    def test_our_view_of_another_day_says_of_which(self, client, account):
        make_result(account, days_ago(200), team=4.4)
        place(account, customer=2.4)
        stand = opened(client, account).context["stand"]
        assert (stand.ours, stand.our_words) == (4, f"of {date_format(days_ago(200), 'j M Y')}")

    def test_our_view_of_the_same_day_needs_no_day(self, client, account):
        place(account, customer=2.4, team=4.4)
        assert opened(client, account).context["stand"].our_words == ""


class TestStep:
    RUNGS = {rank: LevelSummary("Seen", "seen", (), (PlaySummary(f"Play to {rank}"),)) for rank in range(1, 5)}

    @pytest.mark.parametrize(("stopped_at", "step"), [(None, None), (1, None), (2, (1, 2)), (4, (3, 4)), (5, None)])
    def test_leads_up_to_the_level_that_does_not_hold(self, stopped_at, step):
        found = step_to(Explanation("customer", (), 3.5, 1, stopped_at, ()), self.RUNGS)
        assert (found and (found.low, found.high)) == step
        assert found is None or (found.fitting, found.others) == ((), (f"Play to {stopped_at}",))

    def test_without_an_explanation_there_is_none(self):
        assert step_to(None, self.RUNGS) is None


class TestPlaysForWhatHoldsBack:
    """The plays of the step from 1 to 2 as they are shipped, in the order of the playbook."""

    PLAYS = (
        PlaySummary("usp", ("2a", "2c", "1c")),
        PlaySummary("consultative", ("2d", "2b", "1a")),
        PlaySummary("five levels", ("2a", "2d", "1a")),
        PlaySummary("mindset", ("2d", "1b", "1d")),
    )

    def order(self, **means) -> list[str]:
        """The titles for these statements of level 2, given with their means."""
        lowest = sorted(means.items(), key=lambda pair: (pair[1], pair[0]))
        return [play.title for play in plays_for([StatementMean(f"2{code}", code, mean) for code, mean in lowest], self.PLAYS)]

    @pytest.mark.parametrize(
        ("means", "titles"),
        [
            # one statement: by its place among what the play addresses, equal ones as in the playbook
            ({"d": 2.0}, ["consultative", "mindset", "five levels"]),
            ({"a": 2.0}, ["usp", "five levels"]),
            ({"c": 2.0}, ["usp"]),
            # the lowest decides first, the next ones only between equals
            ({"d": 1.5, "a": 2.0}, ["consultative", "mindset", "five levels", "usp"]),
            ({"d": 1.5, "b": 2.0}, ["consultative", "mindset", "five levels"]),
            ({"a": 1.5, "d": 2.0}, ["five levels", "usp", "consultative", "mindset"]),
            # equally low ones: whichever is addressed most directly
            ({"a": 2.0, "d": 2.0}, ["usp", "consultative", "five levels", "mindset"]),
            ({}, []),
        ],
    )
    def test_come_in_the_order_in_which_they_address_the_lowest(self, means, titles):
        assert self.order(**means) == titles

    def test_say_which_of_the_statements_they_address_the_most_direct_first(self):
        holding_back = [StatementMean("2b", "B", 1.5), StatementMean("2d", "D", 2.0), StatementMean("2a", "A", 2.5)]
        found = {play.title: play.works_on for play in plays_for(holding_back, self.PLAYS)}
        assert found == {"consultative": "2d and 2b", "five levels": "2a and 2d", "mindset": "2d", "usp": "2a"}

    def test_those_that_address_none_of_them_stand_apart(self):
        rungs = {2: LevelSummary("Seen", "seen", (), self.PLAYS)}
        found = step_to(Explanation("customer", (), 3.5, 1, 2, (StatementMean("2c", "C", 2.0),)), rungs)
        assert [play.title for play in found.fitting] == ["usp"]
        assert found.others == ("consultative", "five levels", "mindset")


class TestAsking:
    @pytest.mark.parametrize(
        ("fields", "asked"),
        [
            ({"customer_level": 2, "last_heard_on": "recent"}, False), ({"customer_level": None, "last_heard_on": "recent"}, True),
            ({"customer_level": 2, "last_heard_on": None}, True), ({"customer_level": 2, "last_heard_on": "old"}, True),
        ],
    )  # fmt: skip
    def test_is_needed_without_a_level_or_when_it_is_old(self, fields, asked):
        day = {"recent": days_ago(30), "old": days_ago(800), None: None}[fields["last_heard_on"]]
        assert must_be_asked(Account(customer_level=fields["customer_level"], last_heard_on=day), timezone.localdate()) == asked

    @pytest.mark.parametrize(
        ("began", "asks", "gave", "to_rate"),
        [(False, False, False, False), (True, False, False, True), (False, True, False, True), (False, True, True, False)],
    )
    def test_who_has_to_rate_still(self, began, asks, gave, to_rate):
        round_ = Assessment()
        round_.i_began, round_.asks_me, round_.i_gave = began, asks, gave
        assert still_to_rate(round_) == to_rate
        assert still_to_rate(None) is False


@pytest.mark.django_db
class TestPlans:
    @pytest.mark.parametrize(
        ("position", "rank", "step"),
        [(2.4, 2, None), (2.4, 3, (2, 3)), (3.4, 2, (3, 4)), (4.4, 2, (4, 5)), (5.0, 2, None), (1.4, 2, (1, 2))],
    )
    def test_a_step_from_the_level_now_without_a_plan_is_told(self, client, account, position, rank, step):
        place(account, customer=position)
        make_plan(account, from_rank=rank)
        assert opened(client, account).context["unplanned"] == step

    def test_twelve_results_show_at_once(self, client, account):
        for n in range(14):
            make_result(account, days_ago(n * 30), customer=2.4)
        context = opened(client, account, "history/").context
        assert (len(context["recent"]), len(context["older"])) == (12, 2)

    def test_who_only_reads_is_not_told_whom_nobody_heard(self, account):
        make_contact(account, buying_role="coach")
        reader = Client()
        reader.force_login(make_viewer())
        context = opened(reader, account, "people/").context
        assert context["silent_roles"] == []
        assert [act.label for act in context["frame"].head_acts] == ["Review"]
        assert context["missing_roles"] == ["economic buyer", "user buyer", "technical buyer"]

    def test_plays_of_the_published_edition_lead_up_to_the_next_level(self, client, account, edition):
        place(account, customer=2.4)
        assert Play.objects.filter(edition=edition, to_rank=3).exists()
        assert opened(client, account).context["climb"] is None  # a result without answers stopped nowhere


@pytest.mark.django_db
class TestFamilyCard:
    def card(self, account, user):
        return family_card(accounts_whole().get(pk=account.pk), user)

    def test_equal_revenue_goes_by_name_and_the_archived_stand_last(self, manager):
        top = make_account(owner=manager)
        for name, worth, status in (("C", 5, "active"), ("A", 5, "active"), ("B", None, "active"), ("Old", 99, "archived")):
            make_account(owner=manager, parent=top, name=name, worth=worth, status=status)
        assert [one.account.name for one in self.card(top, manager).children] == ["A", "C", "B", "Old"]

    def test_an_archived_parent_does_not_count_with_its_children(self, manager):
        top = make_account(owner=manager, worth=100, status="archived")
        make_account(owner=manager, parent=top, worth=3)
        together = self.card(top, manager).together
        assert (together.accounts, together.worth) == (1, 3)

    def test_with_archived_ones_alone_nothing_is_together(self, manager):
        top = make_account(owner=manager)
        make_account(owner=manager, parent=top, status="archived")
        card = self.card(top, manager)
        assert (card.together, len(card.children)) == (None, 1)

    def test_the_parent_is_not_among_those_below(self, manager):
        top = make_account(owner=manager)
        middle = make_account(owner=manager, parent=top)
        low = make_account(owner=manager, parent=middle)
        card = self.card(middle, manager)
        assert (card.parent, [one.account for one in card.children], card.together.accounts) == (top, [low], 2)


@pytest.mark.django_db
class TestScope:
    """The head of the dashboard says of which accounts its figures are."""

    def scope(self, user):
        reader = Client()
        reader.force_login(user)
        return reader.get("/").context["scope"]

    @pytest.mark.parametrize("make", [make_viewer, make_administrator])
    def test_all_accounts_for_who_sees_all(self, make):
        assert self.scope(make()) == "All accounts"

    def test_teams_of_members_and_leads_by_name_once(self, manager):
        make_team(name="Nordics", members=[manager])
        make_team(name="Benelux", leads=[manager])
        make_team(name="Iberia", members=[manager], leads=[manager])
        make_team(name="Secret")
        words = self.scope(manager)
        assert words.startswith("Team ")
        assert sorted(words.removeprefix("Team ").split(", ")) == ["Benelux", "Iberia", "Nordics"]

    def test_without_a_team_they_are_my_accounts(self, manager):
        assert self.scope(manager) == "My accounts"


@pytest.mark.django_db
class TestContacts:
    def test_who_is_there_stands_first_then_who_weighs_most_then_by_name(self, client, account):
        for name, fields in (
            ("B", {}), ("A", {}), ("Boss", {"influence": 3}), ("Gone", {"influence": 3, "active": False}),
        ):  # fmt: skip
            make_contact(account, name=name, **{"influence": 2} | fields)
        assert [one.contact.name for one in opened(client, account, "people/").context["people"]] == ["Boss", "A", "B", "Gone"]

    def test_the_latest_invitation_is_the_one_that_is_told(self, client, account):
        contact = make_contact(account)
        now = timezone.now()
        closed = make_result(account, days_ago(90), customer=2.4)
        make_invitation(closed, contact, invited_at=now - timedelta(days=90), expires_on=days_ago(60))
        make_invitation(make_assessment(account), contact, invited_at=now, state="opened")
        (person,) = opened(client, account, "people/").context["people"]
        assert person.words.endswith("opened, no answer yet")
