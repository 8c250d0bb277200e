"""Figures that are kept until something changes."""

from datetime import date, timedelta

import pytest

from accounts.permissions import scope_of
from audit import trail
from audit.figure_cache import cached_figures
from tests.factories import make_account, make_administrator, make_user, make_viewer

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


@pytest.fixture
def made():
    return []


def ask(made, *parts, name="figures", scope="all", today=TODAY):
    def make():
        made.append(parts)
        return len(made)

    return cached_figures(name, scope, today, *parts, make=make)


def test_made_once_while_nothing_changes(made):
    assert [ask(made), ask(made)] == [1, 1]


def test_nothing_is_kept_too(made):
    def make():
        made.append(1)

    assert [cached_figures("figures", "all", TODAY, make=make) for _ in range(2)] == [None, None]
    assert made == [1]


def test_made_anew_after_any_change(made):
    ask(made)
    account = make_account()
    trail.record("account.changed", account, by=account.owner)
    assert ask(made) == 2


def test_each_name_scope_day_and_part_has_its_own(made):
    ask(made)
    ask(made, name="other")
    ask(made, scope="user 1")
    ask(made, today=TODAY + timedelta(days=1))
    ask(made, {"team": 1})
    assert len(made) == 5


def test_costs_one_statement_when_at_hand(made, django_assert_num_queries):
    ask(made)
    with django_assert_num_queries(1):
        ask(made)


def test_only_who_sees_everything_shares_what_is_made_of_everything():
    one, other = make_user(), make_user()
    assert scope_of(make_viewer()) == scope_of(make_administrator()) == "all"
    assert len({scope_of(one), scope_of(other), "all"}) == 3
