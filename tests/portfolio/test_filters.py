"""One vocabulary of filters: the list, figures, benchmarks and exports."""

import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts.filters import AccountFilter, AccountListFilter, list_address, query_of
from accounts.models import Account
from portfolio.filters import BenchmarkFilter, ExportFilter, MovementFilter, PortfolioFilter
from tests.factories import make_account, make_team, make_user

SHARED = {"segment", "team", "country", "owner", "family"}
#: The parameters that saved views and bookmarks hold, by filter.
PARAMETERS = {
    AccountListFilter: SHARED | {"q", "level", "gap", "heard", "aim", "status", "kind", "revenue", "tag", "state"},
    ExportFilter: SHARED | {"q", "level", "gap", "heard", "aim", "status", "kind", "revenue", "tag", "state"},
    PortfolioFilter: SHARED,
    MovementFilter: SHARED | {"from", "to"},
    BenchmarkFilter: {"segment", "team", "country", "edition", "since", "at"},
}


@pytest.fixture
def lead(db):
    return make_user(name="Lead")


@pytest.fixture
def team(lead):
    return make_team(name="Benelux", leads=[lead])


def made(kind, typed, user):
    accounts = Account.objects.visible_to(user)
    accounts = accounts if kind.archived else accounts.active()
    more = {"today": timezone.localdate()} if issubclass(kind, MovementFilter) else {}
    more |= {"measures": []} if kind is BenchmarkFilter else {}
    return kind(QueryDict(typed), user=user, queryset=accounts, **more)


@pytest.mark.parametrize("kind", PARAMETERS)
def test_parameters_of_addresses_stay_valid(kind, lead):
    assert set(made(kind, "", lead).form.fields) == PARAMETERS[kind]


@pytest.mark.parametrize("kind", PARAMETERS)
def test_all_of_them_narrow_to_the_same_accounts(kind, lead, team):
    wanted = make_account(team=team, owner=lead, segment="Energy", country="NL")
    make_account(team=team, owner=lead, segment="Food", country="NL")
    make_account(team=make_team(leads=[lead]), owner=lead, segment="Energy", country="DE")
    assert list(made(kind, f"segment=Energy&team={team.pk}&country=NL", lead).qs) == [wanted]


@pytest.mark.parametrize("kind", PARAMETERS)
def test_what_only_archived_accounts_have_is_offered_where_those_can_be_shown(kind, lead, team):
    make_account(team=team, segment="Food")
    make_account(team=team, segment="Steel", status=Account.Status.ARCHIVED)
    offered = dict(made(kind, "", lead).options()["segment"])
    assert ("Steel" in offered) == kind.archived == issubclass(kind, AccountListFilter)


def test_figures_are_cached_under_plain_values_only(lead, team):
    parent = make_account(team=team, owner=lead, segment="Food")
    found = made(PortfolioFilter, f"segment=Food&team={team.pk}&owner={lead.pk}&family={parent.pk}&country=XX", lead)
    assert found.key == (("segment", "Food"), ("team", team.pk), ("owner", lead.pk), ("family", parent.pk))


def test_the_same_choice_has_the_same_address():
    assert query_of({"team": 7}, segment="Oil & gas", level=3) == query_of({"segment": "Oil & gas", "team": 7}, level=3)
    assert list_address({"segment": "", "team": None}, level="none") == "/accounts/?level=none"


def test_every_filter_has_the_shared_ones_or_says_which_it_leaves_out():
    for kind in PARAMETERS:
        left_out = {name for name in AccountFilter.base_filters if name not in kind.base_filters}
        assert left_out == ({"owner", "family"} if kind is BenchmarkFilter else set())
