"""What filters offer: the list, the pages of leads and the benchmarks alike."""

import pytest
from django.urls import reverse

from accounts.filter_choices import choices_for, tags_for
from accounts.models import Account
from core.choice_order import offered
from portfolio.benchmark_queries import members_of
from portfolio.figures.benchmark_figures import choices_of
from tests.factories import make_account, make_team, make_user


def test_each_is_offered_once_in_the_order_of_the_alphabet_and_none_for_nothing():
    found = offered(
        ["tea", "Éclairs", "", "Food", "tea"], [(2, "south"), (1, "North"), (2, "south"), (None, "")], ["NL", "", "BE"]
    )
    assert found.segments == ("Éclairs", "Food", "tea")
    assert found.teams == ((1, "North"), (2, "south"))
    assert (found.countries, found.owners) == (("BE", "NL"), ())


def test_two_of_one_name_are_both_offered():
    assert offered([], [], [], [(9, "Jan"), (3, "Jan")]).owners == ((3, "Jan"), (9, "Jan"))


@pytest.mark.django_db
class TestOfAPerson:
    @pytest.fixture
    def lead(self):
        return make_user(name="Lead")

    @pytest.fixture
    def team(self, lead):
        return make_team(name="Benelux", leads=[lead])

    def test_only_what_occurs_among_the_accounts_that_one_sees(self, lead, team):
        make_account(team=team, owner=make_user(name="", email="jan@example.com"), segment="Food", country="NL").tags.create(
            name="key"
        )
        make_account(team=make_team(), owner=make_user(), segment="Steel", country="DE").tags.create(name="other")
        found = choices_for(lead, archived=True)
        assert (found.segments, found.teams, found.countries) == (("Food",), ((team.pk, "Benelux"),), ("NL",))
        assert [name for _pk, name in found.owners] == ["jan@example.com"]
        assert [name for _pk, name in tags_for(lead)] == ["key"]

    def test_what_only_archived_accounts_have_is_offered_where_those_are_shown_alone(self, lead, team):
        make_account(team=team, owner=lead, segment="Food", country="NL")
        gone = make_account(team=team, owner=make_user(name="Gone"), segment="Steel", country="DE", status="archived")
        whole, active = choices_for(lead, archived=True), choices_for(lead, archived=False)
        assert (whole.segments, whole.countries) == (("Food", "Steel"), ("DE", "NL"))
        assert (gone.owner_id, "Gone") in whole.owners
        assert (active.segments, active.countries, active.owners) == (("Food",), ("NL",), ((lead.pk, "Lead"),))

    @pytest.mark.parametrize(
        ("name", "shown"),
        [("accounts:list", True), ("portfolio:movement", False), ("portfolio:groups", False), ("portfolio:benchmarks", False)],
    )
    def test_the_list_alone_offers_what_archived_accounts_have(self, client, lead, team, edition, name, shown):
        make_account(team=team, owner=lead, segment="Food")
        make_account(team=team, owner=lead, segment="Steel", status="archived")
        client.force_login(lead)
        page = client.get(reverse(name)).text
        assert '<option value="Food"' in page
        assert ('<option value="Steel"' in page) == shown

    def test_benchmarks_offer_what_the_pages_of_leads_do(self, lead, team):
        for segment, country in (("Food", "NL"), ("éclairs", ""), ("", "DE")):
            make_account(team=team, owner=lead, segment=segment, country=country)
        make_account(owner=lead, segment="Food", country="BE")
        found, others = choices_for(lead, archived=False), choices_of(members_of(Account.objects.active()))
        assert (found.segments, found.teams, found.countries) == (others.segments, others.teams, others.countries)
