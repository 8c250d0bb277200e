"""The key figures on days of the last year: worked by hand, and today beside the figures that pages show."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.utils import timezone

from accounts import derived
from accounts.models import Account
from portfolio import queries
from portfolio.figures.year import Line, ResultsWithRevenue, line_of, year_of
from portfolio.lead_queries import results_with_revenue
from tests.factories import make_account, make_result, make_user

TODAY = date(2026, 11, 30)


def results(*rows):
    """(account, days ago, theirs, ours, revenue in cents), by account and then in time."""
    columns = zip(*rows, strict=True) if rows else [[]] * 5
    ids, ago, theirs, ours, cents = (np.array(column, np.int64) for column in columns)
    return ResultsWithRevenue(ids, TODAY.toordinal() - ago, theirs, ours, cents)


class TestTheYear:
    # Account 1 climbs from 3 to 4 half a year ago; we said 4 all the time. Account 2 stands on 2 since long ago, without our view.
    FOUND = year_of(results((1, 500, 3, 4, 300), (1, 181, 4, 0, 300), (2, 720, 2, 0, 100)), 4, 1000, TODAY)

    def test_share_on_level_4_or_5_is_of_all_revenue(self):
        assert self.FOUND.high_share == (0.0,) * 7 + (0.3,) * 6

    def test_gap_is_our_latest_view_minus_theirs(self):
        assert self.FOUND.mean_gap == (1.0,) * 7 + (0.0,) * 6

    def test_heard_within_the_year_before_each_day(self):
        # A year ago both were heard within a year; account 2 only until 355 days ago, account 1 until 135, and again from 181 on.
        assert self.FOUND.heard_share == (0.5,) + (0.25,) * 12

    def test_before_anybody_spoke_there_is_nothing_to_tell(self):
        found = year_of(results((1, 100, 4, 0, 300)), 2, 300, TODAY)
        assert found.high_share[:9] == (None,) * 9
        assert found.high_share[-1] == 1.0
        assert set(found.mean_gap) == {None}

    def test_without_results(self):
        found = year_of(results(), 0, 0, TODAY)
        assert set(found.high_share + found.mean_gap + found.heard_share) == {None}


class TestTheLine:
    def test_fills_the_height_from_the_lowest_to_the_highest(self):
        assert line_of([0.0, 0.5, 1.0], least=0.1) == Line("M4 24L43 14L82 4", 82.0, 4.0)

    def test_next_to_nothing_does_not_look_like_much(self):
        assert line_of([0.50, 0.51], least=0.1) == Line("M4 15L82 13", 82.0, 13.0)

    def test_starts_where_something_is_known(self):
        assert line_of([None, None, 0.2, 0.2], least=0.1) == Line("M56 14L82 14", 82.0, 14.0)

    @pytest.mark.parametrize("values", [[], [None, None], [None, 1.0]])
    def test_one_value_is_no_line(self, values):
        assert line_of(values, least=0.1) is None


@pytest.mark.django_db
def test_the_last_day_of_the_year_is_the_figure_of_today():
    today, owner = timezone.localdate(), make_user()
    lives = [
        (((500, 1.5, 3.5), (40, 4.5, None)), 30),
        (((400, 4.5, 4.5),), 50),
        (((390, None, 2.5), (20, 2.5, None), (10, None, 4.5)), 20),
        ((), 10),
        (((30, 3.5, 3.5),), None),
    ]
    for life, revenue in lives:
        account = make_account(owner=owner, revenue=revenue)
        for days, customer, ours in life:
            make_result(account, today - timedelta(days=days), customer=customer, team=ours)
        derived.refresh([account.pk])
    accounts = Account.objects.filter(owner=owner)
    overview = queries.overview_of(accounts, today)
    ladder, figures = overview.ladder, overview.figures
    year = year_of(results_with_revenue(accounts), ladder.accounts, float(ladder.worth) * 100, today)
    high = sum(rung.now.worth for rung in ladder.rungs if rung.level >= 4)
    assert year.high_share[-1] == pytest.approx(float(high / ladder.worth))
    assert year.high_share[0] == pytest.approx(
        float(sum(rung.ago.worth for rung in ladder.rungs if rung.level >= 4) / ladder.worth)
    )
    assert year.mean_gap[-1] == pytest.approx(figures.mean_gap)
    assert year.heard_share[-1] == pytest.approx(figures.heard_share)


@pytest.mark.django_db
def test_results_come_in_one_statement_and_only_of_these_accounts(django_assert_num_queries):
    mine, other = make_account(revenue=12), make_account(revenue=7)
    for account in (mine, other):
        make_result(account, TODAY - timedelta(days=20), customer=2.5, team=4.5)
    with django_assert_num_queries(1):
        found = results_with_revenue(Account.objects.filter(pk=mine.pk))
    assert (found.accounts.tolist(), found.theirs.tolist(), found.ours.tolist()) == ([mine.pk], [2], [4])
    assert found.cents.tolist() == [1200]
