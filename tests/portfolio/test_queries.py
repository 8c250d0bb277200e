"""Aggregates over accounts: where they stand, moved, and what needs attention."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts import derived
from accounts.models import Account, ExchangeRate
from portfolio import queries
from portfolio.figures.ladder import build_ladder, sum_figures
from tests.factories import make_account, make_result, make_target, make_team, make_user

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
YEAR_AGO = date(2025, 11, 24)
LONG_AGO, LATELY = date(2025, 6, 1), date(2026, 10, 1)


def stand(account, *results):
    """The account with these results (day, customer, team), derived columns and all."""
    for held_on, customer, team in results:
        make_result(account, held_on, customer=customer, team=team)
    derived.refresh([account.pk], today=TODAY)
    account.refresh_from_db()
    return account


def everything():
    return Account.objects.all()


def ladder():
    return build_ladder(queries.groups_of(everything(), TODAY))


def figures():
    return sum_figures(queries.groups_of(everything(), TODAY))


def counts(when):
    return {rung.level: getattr(rung, when).accounts for rung in ladder().rungs if getattr(rung, when).accounts}


def concerns(**kwargs):
    return [(concern.account.name, concern.reason) for concern in queries.needs_attention(everything(), TODAY, **kwargs)]


class TestLadder:
    def test_stands_on_the_customers_level_and_beside_the_ladder_without_it(self):
        stand(make_account(revenue=5), (LATELY, 2.5, 4.5))
        stand(make_account(revenue=7), (LATELY, None, 3.5))
        stand(make_account(revenue=11))
        assert counts("now") == {2: 1}
        found = ladder()
        assert (found.only_our_view.accounts, found.only_our_view.worth) == (1, 7)
        assert (found.not_assessed.accounts, found.not_assessed.worth) == (1, 11)
        assert (found.accounts, found.worth) == (3, 23)

    def test_a_year_ago_is_the_last_result_on_or_before_that_day(self):
        stand(make_account(), (LONG_AGO, 1.5, None), (YEAR_AGO, 2.5, None), (date(2025, 11, 25), 4.5, None))
        assert counts("ago") == {2: 1}

    def test_who_had_no_result_a_year_ago_stands_nowhere_then(self):
        stand(make_account(), (LATELY, 3.5, None))
        assert counts("ago") == {}

    def test_goal_is_the_target_and_without_one_the_level_now(self):
        account = make_account()
        make_target(account, set_on=LONG_AGO, level=5)
        stand(account, (LONG_AGO, 2.9, None))
        stand(make_account(), (LATELY, 3.5, None))
        assert counts("goal") == {5: 1, 3: 1}

    def test_who_stands_above_the_target_stays_there(self):
        account = make_account()
        make_target(account, set_on=LONG_AGO, level=2)
        stand(account, (LATELY, 4.5, None))
        assert counts("goal") == {4: 1}

    def test_first_word_of_the_customer_is_no_slide_from_our_own_view(self):
        stand(make_account(), (LONG_AGO, None, 3.5), (LATELY, 2.5, 3.5))
        assert (ladder().climbed, ladder().slid) == (0, 0)

    def test_climbed_and_slid_are_counted_by_the_customers_word_alone(self):
        stand(make_account(), (LONG_AGO, 1.5, None), (LATELY, 2.5, None))
        stand(make_account(), (LONG_AGO, 4.5, None), (LATELY, 2.5, None))
        stand(make_account(), (LONG_AGO, None, 4.5), (LATELY, None, 2.5))
        stand(make_account(), (LONG_AGO, None, 1.5), (LATELY, None, 2.5))
        assert (ladder().climbed, ladder().slid) == (1, 1)

    def test_a_target_of_an_account_with_only_our_view_counts_where_it_leads(self):
        account = make_account()
        make_target(account, set_on=LONG_AGO, level=5)
        stand(account, (LATELY, None, 2.9))
        stand(make_account(), (LATELY, None, 3.5))
        assert counts("goal") == {5: 1}

    def test_revenue_counts_in_the_reporting_currency(self):
        ExchangeRate.objects.create(currency="USD", rate=Decimal("0.5"), as_of=TODAY)
        stand(make_account(revenue=100, currency="USD"), (LATELY, 2.5, None))
        stand(make_account(revenue=10, currency="EUR"), (LATELY, 2.5, None))
        assert ladder().worth == 60

    def test_revenue_without_a_rate_is_left_out_and_its_currency_named(self):
        stand(make_account(revenue=100, currency="JPY"), (LATELY, 2.5, None))
        make_account(revenue=0, currency="SEK")
        assert ladder().worth == 0
        assert figures().no_rate == ("JPY",)


class TestFigures:
    def test_gap_is_the_mean_over_accounts_with_both_views(self):
        stand(make_account(), (LATELY, 2.5, 4.5))
        stand(make_account(), (LATELY, 2.5, 3.5))
        stand(make_account(), (LATELY, None, 5.0))
        assert figures().mean_gap == 1.5

    def test_gap_is_unknown_without_both_views(self):
        stand(make_account(), (LATELY, None, 5.0))
        assert figures().mean_gap is None

    def test_heard_share_counts_a_year_back_to_the_day(self):
        stand(make_account(), (YEAR_AGO, 2.5, None))
        stand(make_account(), (YEAR_AGO - timedelta(days=1), 2.5, None))
        assert figures().heard_share == 0.5

    def test_targets_on_track_and_reached_among_all_targets_climbs_and_holds_apart(self):
        for kind, status in (
            ("climb", "reached"),
            ("hold", "reached"),
            ("hold", "reached"),
            ("climb", "on_track"),
            ("hold", "at_risk"),
        ):
            make_account(target_level=3, target_kind=kind, target_status=status)
        make_account()
        found = figures()
        assert (found.targets, found.targets_on_track, found.reached) == (5, 1, 3)
        assert (found.climbs_reached, found.holds_reached) == (1, 2)


class TestNeedsAttention:
    def test_each_reason_is_told(self):
        stand(make_account(name="slid", revenue=9), (LONG_AGO, 3.5, None), (LATELY, 2.5, None))
        off = make_account(name="off", revenue=8)
        make_target(off, set_on=LONG_AGO, level=5, baseline=4.5)
        stand(off, (LATELY, 1.5, None))
        stand(make_account(name="rosy", revenue=7), (LATELY, 2.5, 4.5))
        stand(make_account(name="unknown", revenue=6))
        stand(make_account(name="ours", revenue=5), (LATELY, None, 2.5))
        stand(make_account(name="quiet", revenue=4), (LONG_AGO, 2.5, None), (LATELY, None, 3.5))
        risk = make_account(name="risk", revenue=3)
        make_target(risk, set_on=LONG_AGO, level=4, baseline=2.9)
        stand(risk, (LATELY, 2.9, None))
        stand(make_account(name="fine", revenue=2), (LATELY, 2.5, 2.5))
        assert concerns(most=9) == [
            ("slid", "slid"),
            ("off", "off_track"),
            ("rosy", "rosy"),
            ("unknown", "not_assessed"),
            ("ours", "never_heard"),
            ("quiet", "stale"),
            ("risk", "at_risk"),
        ]

    def test_an_account_is_told_once_with_its_most_pressing_reason(self):
        account = make_account(name="all at once")
        make_target(account, set_on=LONG_AGO, level=5, baseline=4.5)
        stand(account, (LONG_AGO, 3.5, 4.5), (LATELY, 1.5, 4.5))
        assert concerns() == [("all at once", "slid")]

    def test_gap_of_one_level_does_not_press(self):
        stand(make_account(), (LATELY, 2.5, 3.5))
        assert concerns() == []

    def test_largest_revenue_comes_first_whatever_its_currency_and_unknown_revenue_last(self):
        ExchangeRate.objects.create(currency="USD", rate=Decimal("0.5"), as_of=TODAY)
        make_account(name="dollars", revenue=150, currency="USD")
        make_account(name="euros", revenue=100)
        make_account(name="none")
        assert [name for name, _ in concerns()] == ["euros", "dollars", "none"]

    def test_all_are_counted_though_few_are_shown(self):
        for _ in range(3):
            make_account()
        (first,) = queries.needs_attention(everything(), TODAY, most=1)
        assert first.all == 3


class TestFlows:
    def test_count_who_climbed_slid_and_stayed_by_both_levels_from_the_highest_down(self):
        for name, ago, now in (("up", 1.5, 2.5), ("down", 3.5, 2.5), ("still", 3.5, 3.6), ("still too", 3.5, 3.9)):
            stand(make_account(name=name, revenue=5), (LONG_AGO, ago, None), (LATELY, now, None))
        stand(make_account(name="new", revenue=4), (LATELY, 3.6, None))
        found = build_ladder(queries.groups_of(everything(), TODAY))
        assert [(flow.then, flow.now, flow.accounts, flow.worth, flow.direction) for flow in found.flows] == [
            (3, 3, 2, 10, "stayed"), (3, 2, 1, 5, "slid"), (1, 2, 1, 5, "climbed"),
        ]  # fmt: skip
        assert (found.climbed, found.slid, found.known_then) == (1, 1, 4)


def test_nothing_of_another_team_is_in_any_aggregate():
    user = make_user()
    make_team(members=[user])
    stand(make_account(revenue=5), (LONG_AGO, 4.5, None), (LATELY, 2.5, 4.5))
    visible = Account.objects.visible_to(user)
    groups = queries.groups_of(visible, TODAY)
    found = build_ladder(groups)
    assert (found.accounts, found.worth, found.slid) == (0, 0, 0)
    assert list(queries.needs_attention(visible, TODAY)) == []
    assert sum_figures(groups).heard_share is None
