"""The ladder on two days, on results small enough to count by hand."""

from datetime import date

import numpy as np
import pytest

from portfolio.figures.two_days import NO_REVENUE, AccountsWithRevenue, ResultsOfBoth, between

SINCE, AT = date(2025, 11, 24), date(2026, 11, 24)
LONG_AGO, EARLY, LATE = date(2024, 1, 1), date(2025, 6, 1), date(2026, 6, 1)


def found(*results, accounts=(1, 2, 3, 4, 5, 6), worth=(100, 200, 300, 400, 500, 600)):
    """`results` are (account, day, theirs, ours), levels or 0."""
    rows = np.array([(pk, day.toordinal(), theirs, ours) for pk, day, theirs, ours in results], np.int64).reshape(-1, 4)
    cents = np.array([round(amount * 100) for amount in worth], np.int64)
    return between(AccountsWithRevenue(np.array(accounts), cents), ResultsOfBoth(*rows.T), SINCE, AT)


def without_rate(code):
    """How `lead_queries.accounts_of` tells of revenue in a currency without a rate: its letters as digits of base 128."""
    first, second, third = map(ord, code)
    return -(2 + (first * 128 + second) * 128 + third)


def kinds(figures):
    return {kind: stand.accounts for kind, stand in figures.kinds.items() if stand.accounts}


def stands(figures, when):
    return {rung.level: (stand.accounts, stand.worth) for rung in figures.ladder.rungs if (stand := getattr(rung, when)).accounts}


def test_a_small_portfolio_counted_by_hand():
    figures = found(
        (1, EARLY, 2, 3), (1, LATE, 3, 0),  # climbed 2 → 3
        (2, EARLY, 4, 0), (2, LATE, 1, 0),  # slid 4 → 1
        (3, EARLY, 0, 3), (3, LATE, 0, 5),  # only our view, which moves nothing
        (4, LATE, 2, 0),  # the customer's first word
        (5, EARLY, 0, 4), (5, LATE, 2, 4),  # the customer's first word, after our own
    )  # fmt: skip
    assert kinds(figures) == {"climbed": 1, "slid": 1, "first_heard": 2, "only_our_view": 1, "not_assessed": 1}
    assert stands(figures, "ago") == {2: (1, 100), 4: (1, 200)}
    assert stands(figures, "now") == {3: (1, 100), 1: (1, 200), 2: (2, 900)}
    assert (figures.ladder.accounts, figures.ladder.worth, figures.ladder.known_then, figures.ladder.heard) == (6, 2100, 2, 4)
    assert (figures.ladder.climbed, figures.ladder.slid) == (1, 1)
    assert figures.kinds["slid"].worth == 200


def test_both_days_add_up_to_all_accounts():
    figures = found((1, EARLY, 2, 3), (2, EARLY, 0, 4), (3, EARLY, 0, 2), (3, LATE, 3, 0), (4, LATE, 0, 1))
    then, now = figures.only_our_view_then, figures.ladder.only_our_view
    assert (then.accounts, then.worth, now.accounts, now.worth) == (2, 500, 2, 600)
    nobody_then, nobody = figures.not_assessed_then, figures.ladder.not_assessed
    assert (nobody_then.accounts, nobody_then.worth, nobody.accounts, nobody.worth) == (3, 1500, 2, 1100)
    for heard, *beside in ((figures.ladder.known_then, then, nobody_then), (figures.ladder.heard, now, nobody)):
        assert heard + sum(count.accounts for count in beside) == 6
    assert sum(stand.accounts for stand in figures.kinds.values()) == 6


def test_movers_come_by_revenue_each_with_the_result_that_made_the_later_level():
    figures = found((1, EARLY, 2, 0), (1, date(2026, 2, 1), 3, 0), (1, LATE, 0, 5), (2, EARLY, 4, 0), (2, LATE, 1, 0))
    movers = figures.movers
    assert movers.ids.tolist() == [2, 1]
    assert list(zip(movers.start.tolist(), movers.end.tolist(), strict=True)) == [(4, 1), (2, 3)]
    assert [date.fromordinal(day) for day in movers.days.tolist()] == [LATE, date(2026, 2, 1)]


@pytest.mark.parametrize(("kind", "ids"), [("climbed", [1]), ("slid", [2]), ("", [2, 1])])
def test_movers_of_one_way(kind, ids):
    figures = found((1, EARLY, 2, 0), (1, LATE, 3, 0), (2, EARLY, 3, 0), (2, LATE, 2, 0))
    assert figures.movers.only(kind).ids.tolist() == ids


def test_revenue_that_is_unknown_stands_last_and_in_no_sum():
    figures = found(
        (1, EARLY, 2, 0), (1, LATE, 3, 0), (2, EARLY, 2, 0), (2, LATE, 3, 0), (3, EARLY, 2, 0), (3, LATE, 3, 0),
        accounts=(1, 2, 3), worth=(NO_REVENUE / 100, 5, without_rate("JPY") / 100),
    )  # fmt: skip
    assert figures.movers.ids.tolist() == [2, 1, 3]
    assert (figures.ladder.worth, figures.no_rate) == (5, ("JPY",))


def test_currencies_without_a_rate_are_named_once():
    codes = ("SEK", "JPY", "SEK")
    assert found(accounts=(1, 2, 3), worth=[without_rate(code) / 100 for code in codes]).no_rate == ("JPY", "SEK")


def test_a_result_counts_from_its_own_day_on():
    on_the_day, day_after = SINCE, date(2025, 11, 25)
    figures = found((1, on_the_day, 2, 0), (1, AT, 3, 0), (2, day_after, 2, 0), (2, LATE, 3, 0))
    assert kinds(figures) == {"climbed": 1, "first_heard": 1, "not_assessed": 4}


def test_of_two_results_on_one_day_the_later_given_counts():
    figures = found((1, EARLY, 2, 0), (1, LATE, 5, 0), (1, LATE, 2, 0))
    assert kinds(figures)["steady"] == 1


def test_our_view_does_not_move_an_account_whose_customer_spoke():
    figures = found((1, LONG_AGO, 3, 3), (1, LATE, 0, 5))
    assert kinds(figures)["steady"] == 1


def test_results_of_other_accounts_count_for_nothing():
    figures = found((9, EARLY, 2, 0), (9, LATE, 3, 0))
    assert kinds(figures) == {"not_assessed": 6}


def test_nothing_at_all():
    figures = found(accounts=(), worth=())
    assert kinds(figures) == {}
    assert (figures.ladder.accounts, figures.movers.ids.size, figures.ladder.known_then) == (0, 0, 0)
