"""Will targets be reached? What pages say of it, and by whose history."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import derived
from accounts.models import Account
from portfolio import target_forecast
from portfolio.benchmark_queries import members_of
from portfolio.figures.forecast import first_passage, rates
from portfolio.figures.movement import Moves
from tests.factories import make_account, make_result, make_target, make_team, make_user
from tests.portfolio.lives import paces_of

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
YEARS = 365.25  # days


def climbed(owner, number, *, segment="Retail", team=None):
    """Accounts that stood two years on level 2 and then one on level 3."""
    for _ in range(number):
        account = make_account(owner=owner, segment=segment, team=team)
        make_result(account, TODAY - timedelta(days=round(3 * YEARS)), customer=2.5)
        make_result(account, TODAY - timedelta(days=round(YEARS)), customer=3.2)


def aiming(owner, *, level=4, customer=3.1, segment="Retail", due_in=730):
    """An account heard today, with a target."""
    account = make_account(owner=owner, segment=segment)
    make_result(account, TODAY, customer=customer)
    target = make_target(account, set_on=TODAY - timedelta(days=30), due_on=TODAY + timedelta(days=due_in), level=level)
    derived.refresh([account.pk], today=TODAY)
    account.refresh_from_db()
    return account, target


def of(account, target, user=None):
    return target_forecast.outlook_of(account, target, user or account.owner, TODAY)


@pytest.fixture
def owner():
    return make_user()


class TestBasis:
    def test_is_the_segment_where_it_has_enough(self, owner):
        climbed(owner, 10)
        climbed(owner, 3, segment="Energy")
        found = of(*aiming(owner))
        # 10 accounts, each two years on level 2 and one on level 3, and the one that aims: none yet.
        assert found.basis.segment == "Retail"
        assert found.basis.moves.counts[1][2] == found.basis.moves.total == 10
        assert found.basis.moves.years[1:3] == pytest.approx((20, 10), abs=0.05)
        assert target_forecast.basis_sentence(found) == "From 30 account-years in Retail."

    def test_is_all_that_one_sees_where_the_segment_has_too_little(self, owner):
        climbed(owner, 10, segment="Energy")
        found = of(*aiming(owner))
        assert found.basis.segment is None
        assert target_forecast.basis_sentence(found) == "From 30 account-years of all that you see."

    def test_of_others_accounts_nothing_is_counted(self, owner):
        climbed(make_user(), 30)
        found = of(*aiming(owner))
        assert found == target_forecast.TargetForecast(None, None)

    def test_one_colleague_in_the_team_may_see_enough_where_another_does_not(self, owner):
        team = make_team(members=[owner])
        climbed(make_user(), 10, team=team)
        account, target = aiming(owner)
        assert of(account, target).forecast is not None
        assert of(account, target, user=make_user()).forecast is None

    def test_too_little_is_said_in_words(self, owner):
        climbed(owner, 2)
        account, target = aiming(owner)
        found = of(account, target)
        assert target_forecast.outlook_sentence(found, target) == "Not enough history yet for a forecast."
        assert target_forecast.basis_sentence(found).startswith("It takes 20 account-years")

    def test_archived_accounts_have_no_pace(self, owner):
        climbed(owner, 10)
        Account.objects.filter(owner=owner).update(status=Account.Status.ARCHIVED)
        assert of(*aiming(owner)).forecast is None


class TestForecast:
    def test_is_the_first_passage_by_the_mean_rates(self, owner):
        climbed(owner, 10)
        account, target = aiming(owner)
        found = of(account, target)
        counts = [[0] * 5 for _ in range(5)]
        counts[1][2] = 10
        years = (0, 10 * round(2 * YEARS) / YEARS, 10 * round(YEARS) / YEARS, 0, 0)
        by_hand = first_passage(rates(Moves(tuple(map(tuple, counts)), years)), 3, 4, 730 / YEARS)
        assert found.forecast.probability == pytest.approx(by_hand, rel=1e-3)
        assert found.forecast.low < found.forecast.probability < found.forecast.high

    def test_is_the_same_all_day(self, owner):
        climbed(owner, 10)
        account, target = aiming(owner)
        assert of(account, target) == of(account, target)

    @pytest.mark.parametrize(("customer", "due_in"), [(4.2, 730), (3.1, 0), (3.1, -1)])
    def test_nothing_is_forecast_of_what_is_reached_or_due(self, owner, customer, due_in):
        assert of(*aiming(owner, customer=customer, due_in=due_in)) is None

    def test_words(self, owner):
        climbed(owner, 10)
        account, target = aiming(owner)
        found = of(account, target)
        sentence = target_forecast.outlook_sentence(found, target)
        assert sentence.startswith(f"{round(found.forecast.probability * 100)} % likely to reach level 4 by November 2028")
        assert sentence.endswith("if accounts go on moving as they did.")


class TestSum:
    def summed(self, owner):
        accounts = Account.objects.visible_to(owner).active()
        return target_forecast.expected_of(members_of(accounts), paces_of(accounts, TODAY, None), TODAY)

    def test_adds_the_single_chances_and_counts_what_is_reached_and_due(self, owner):
        climbed(owner, 10)
        one, target = aiming(owner)
        aiming(owner, customer=4.2)  # reached
        aiming(owner, due_in=-1)  # due and not reached
        found = self.summed(owner)
        assert (found.of, found.unknown) == (3, 0)
        # Time left counts in whole months: 24 of them, 730 days being 23.98.
        assert found.expected == pytest.approx(1 + of(one, target).forecast.probability, abs=0.01)
        assert found.low <= found.expected <= found.high

    def test_without_history_a_target_is_unknown(self, owner):
        aiming(owner)
        found = self.summed(owner)
        assert (found.of, found.unknown) == (0, 1)
        assert target_forecast.expected_sentence(found) == ""

    def test_others_targets_are_nowhere(self, owner):
        climbed(owner, 10)
        aiming(make_user())
        assert self.summed(owner).of == 0

    def test_words(self, owner):
        climbed(owner, 10)
        aiming(owner, customer=4.2)
        aiming(owner, customer=4.2)
        assert target_forecast.expected_sentence(self.summed(owner)) == (
            "Of 2 targets, 2 are expected to be reached; 90% interval 2 to 2."
        )


def test_the_account_page_tells_the_forecast_and_what_it_stands_on(client, edition):
    owner = make_user()
    today = timezone.localdate()
    for _ in range(12):
        other = make_account(owner=owner, segment="Retail")
        make_result(other, today - timedelta(days=1000), customer=2.5)
        make_result(other, today - timedelta(days=300), customer=3.2)
    account = make_account(owner=owner, segment="Retail")
    make_result(account, today - timedelta(days=20), customer=3.1)
    make_target(account, set_on=today - timedelta(days=10), due_on=today + timedelta(days=700), level=4)
    derived.refresh([account.pk])
    client.force_login(owner)
    page = client.get(reverse("portfolio:account", args=[account.pk])).text
    assert "likely to reach level 4 by" in page
    assert "account-years in Retail" in page
