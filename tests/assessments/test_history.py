"""Level history: what an account stands on, and its results in time."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.derived import AccountBatch
from assessments.chart.geometry import HistoryPoint
from assessments.history import history_points, history_rows, level_columns, results_of
from assessments.models import Assessment
from hierarchy.models import Edition
from tests.factories import make_account, make_result

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
NOTHING = {
    "customer_position": None,
    "customer_level": None,
    "team_position": None,
    "team_level": None,
    "told_to_us": False,
    "last_heard_on": None,
    "customer_level_year_ago": None,
}


@pytest.fixture
def account(db):
    return make_account()


def columns(account, today=TODAY):
    return level_columns(AccountBatch([account.pk], today))[account.pk]


# --- The columns


def test_an_account_that_was_never_assessed_has_no_level(account):
    assert columns(account) == NOTHING


def test_each_side_stands_on_its_own_latest_result(account):
    make_result(account, date(2026, 3, 1), customer=2.9, team=3.2)
    make_result(account, date(2026, 9, 1), team=4.1)
    assert columns(account) == {
        "customer_position": 2.9,
        "customer_level": 2,
        "team_position": 4.1,
        "team_level": 4,
        "told_to_us": False,
        "last_heard_on": date(2026, 3, 1),
        "customer_level_year_ago": None,
    }


def test_a_year_ago_only_the_customers_level_counts(account):
    make_result(account, date(2025, 3, 1), team=4.1)
    assert columns(account)["customer_level_year_ago"] is None  # so that their first word is no slide from what we thought
    make_result(account, date(2025, 2, 1), customer=2.2)
    make_result(account, date(2026, 9, 1), customer=3.2)
    assert columns(account)["customer_level_year_ago"] == 2


@pytest.mark.parametrize(
    ("today", "year_ago"),
    [
        (date(2026, 11, 24), date(2025, 11, 24)),
        (date(2028, 3, 1), date(2027, 3, 1)),  # 366 days before
        (date(2028, 2, 29), date(2027, 2, 28)),
    ],
)
def test_a_year_ago_is_twelve_months_before_to_the_day_as_in_the_benchmarks(account, today, year_ago):
    make_result(account, year_ago, customer=2.2)
    assert columns(account, today)["customer_level_year_ago"] == 2
    assert columns(account, today - timedelta(days=1))["customer_level_year_ago"] is None or today.day == 29


def test_our_own_view_is_no_hearing(account):
    make_result(account, date(2026, 9, 1), team=4.1)
    assert columns(account)["last_heard_on"] is None


def test_an_assessment_entered_late_does_not_displace_a_later_one(account):
    make_result(account, date(2026, 9, 1), customer=3.1)
    make_result(account, date(2026, 3, 1), customer=1.5)
    assert columns(account)["customer_position"] == 3.1
    assert columns(account)["last_heard_on"] == date(2026, 9, 1)


def test_of_two_results_on_one_day_the_later_closed_counts(account):
    now = timezone.now()
    make_result(account, date(2026, 9, 1), customer=3.1, closed_at=now)
    make_result(account, date(2026, 9, 1), customer=1.5, closed_at=now - timedelta(hours=1))
    assert columns(account)["customer_position"] == 3.1


def test_a_result_of_later_than_today_counts_from_its_day(account):
    make_result(account, date(2026, 9, 1), customer=3.1)
    make_result(account, TODAY + timedelta(days=1), customer=1.5)
    assert columns(account)["customer_position"] == 3.1
    assert columns(account, TODAY + timedelta(days=1))["customer_position"] == 1.5


def test_an_open_assessment_does_not_count(account):
    result = make_result(account, date(2026, 9, 1), customer=3.1)
    Assessment.objects.create(account=account, edition=result.edition, held_on=date(2026, 10, 1))
    assert columns(account)["last_heard_on"] == date(2026, 9, 1)


def test_each_account_has_its_own_columns(account):
    other = make_account()
    make_result(other, date(2026, 9, 1), customer=3.1)
    found = level_columns(AccountBatch([account.pk, other.pk], TODAY))
    assert found[account.pk] == NOTHING
    assert found[other.pk]["customer_level"] == 3


@pytest.mark.parametrize("number", [1, 40])
def test_the_columns_cost_one_statement_whatever_the_number(number, django_assert_num_queries):
    owner = make_account().owner
    accounts = [make_account(owner=owner) for _ in range(number)]
    for account in accounts:
        make_result(account, date(2026, 3, 1), customer=3.0)
        make_result(account, date(2026, 9, 1), team=3.0)
    with django_assert_num_queries(1):
        level_columns(AccountBatch([account.pk for account in accounts], TODAY))


# --- The history


def test_results_stand_in_time_and_closed_only(account):
    late = make_result(account, date(2026, 9, 1), customer=3.1)
    early = make_result(account, date(2026, 3, 1), customer=1.5)
    Assessment.objects.create(account=account, edition=late.edition, held_on=date(2026, 10, 1))
    assert list(results_of(account)) == [early, late]


def test_points_of_the_chart(account):
    result = make_result(account, date(2026, 3, 1), customer=2.9, team=3.2, respondents=2)
    assert history_points(results_of(account)) == [
        HistoryPoint(date(2026, 3, 1), 2, 2.9, 3, 3.2, "Bare edition", url=result.get_absolute_url(), told="2 people")
    ]


def test_rows_of_the_table_are_newest_first(account):
    make_result(account, date(2026, 3, 1), customer=2.9)
    make_result(account, date(2026, 9, 1), customer=3.1)
    rows = history_rows(list(results_of(account)))
    assert [row.held_on for row in rows] == [date(2026, 9, 1), date(2026, 3, 1)]


def test_a_row_says_how_well_they_agree_and_how_sure_it_is(account):
    make_result(account, date(2026, 3, 1), customer=2.9, team=3.2, agreement=0.62, confidence="medium", respondents=4)
    (row,) = history_rows(list(results_of(account)))
    assert (row.gap, row.agreement_word, row.confidence_label, row.respondents) == (1, "mixed", "medium", 4)


def test_the_row_of_a_recorded_result_says_so(account):
    make_result(account, date(2026, 3, 1), customer=2.9, origin=Assessment.Origin.RECORDED)
    make_result(account, date(2026, 9, 1), customer=2.9)
    assert [row.recorded for row in history_rows(list(results_of(account)))] == [False, True]


def test_rows_show_where_the_edition_changed(account):
    make_result(account, date(2025, 3, 1), customer=2.9)
    make_result(account, date(2025, 9, 1), customer=2.9)
    second = Edition.objects.create(name="Second", state=Edition.State.DRAFT)
    make_result(account, date(2026, 3, 1), customer=2.9, edition=second)
    make_result(account, date(2026, 9, 1), customer=2.9, edition=second)
    assert [row.edition_changed for row in history_rows(list(results_of(account)))] == [
        False,
        True,
        False,
        False,
    ]


def test_editions_of_one_measure_draw_no_break(account):
    first = make_result(account, date(2025, 3, 1), customer=2.9).edition
    alike = Edition.objects.create(
        name="Mended", state="retired", published_on=timezone.now(), continues=first, continued_as=Edition.Continuation.WORDING
    )
    other = Edition.objects.create(name="Other", state="retired", published_on=timezone.now())
    for year, edition in ((2025, alike), (2026, other)):
        make_result(account, date(year, 9, 1), customer=2.9, edition=edition)
    results = list(results_of(account))
    assert [row.edition_changed for row in history_rows(results)] == [True, False, False]
    assert [point.edition for point in history_points(results)] == ["Bare edition", "Bare edition", "Other"]


def test_no_results_make_no_rows():
    assert history_rows([]) == []


def test_of_a_confidential_round_the_position_is_that_of_the_level(account):
    """A position would tell more than the level that the round shows."""
    make_result(account, date(2026, 3, 1), customer=3.8, visibility="confidential")
    found = columns(account)
    assert (found["customer_level"], found["customer_position"]) == (3, 3.0)
    (point,) = history_points(results_of(account))
    assert (point.customer_level, point.customer_position, point.theirs) == (3, None, 3)
