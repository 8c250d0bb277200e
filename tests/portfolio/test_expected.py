"""How many targets are expected to be reached: the sum of the chances that each account shows."""

from datetime import date, timedelta

import pytest

from accounts import derived
from accounts.models import Account
from plans.forecast.basis import newest_basis
from plans.forecast.chain import NO_PACE
from plans.forecast.counting import SegmentPace
from plans.forecast.expected import expected_of
from plans.models import ForecastBasis
from portfolio.benchmark_queries import members_of
from tests.factories import make_account, make_basis, make_result, make_target, make_user

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


def aiming(owner, *, customer=3.1, due_in=730, segment="Retail", level=4, baseline=None, **fields):
    account = make_account(owner=owner, segment=segment, **fields)
    make_result(account, TODAY, customer=customer)
    make_target(
        account, set_on=TODAY - timedelta(days=30), due_on=TODAY + timedelta(days=due_in), level=level,
        baseline=customer if baseline is None else baseline,
    )  # fmt: skip
    derived.refresh([account.pk], today=TODAY)
    account.refresh_from_db()
    return account


def summed(owner):
    accounts = members_of(Account.objects.visible_to(owner).active())
    basis = newest_basis() or ForecastBasis.of(TODAY, NO_PACE, {})
    return expected_of(accounts.targets, [accounts.groups[place].segment for place in accounts.group], basis, TODAY)


@pytest.fixture
def owner():
    return make_user()


def test_adds_the_stored_chances_and_what_is_reached_and_due(owner):
    make_basis(TODAY)
    some = [
        aiming(owner), aiming(owner, segment=""), aiming(owner, customer=4.4),
        aiming(owner, customer=4.2, baseline=3.5),  # reached
        aiming(owner, due_in=-1),  # due and not reached
    ]  # fmt: skip
    found = summed(owner)
    assert (found.of, found.unknown) == (5, 0)
    assert found.expected == pytest.approx(sum(account.target_chance for account in some), abs=1e-9)
    assert 1 <= found.low <= found.high <= 4


def test_without_history_a_target_is_unknown(owner):
    aiming(owner)
    aiming(owner, customer=4.2, baseline=3.5)
    found = summed(owner)
    assert (found.expected, found.low, found.high, found.of, found.unknown) == (1, 1, 1, 1, 1)


def test_without_targets_nothing_is_expected(owner):
    make_account(owner=owner)
    found = summed(owner)
    assert (found.expected, found.low, found.high, found.of, found.unknown) == (0, 0, 0, 0, 0)


def test_others_targets_and_archived_accounts_are_not_in_it(owner):
    make_basis(TODAY)
    aiming(make_user())
    aiming(owner, status=Account.Status.ARCHIVED)
    assert summed(owner).of == 0


def test_many_targets_have_an_interval_around_their_sum(owner):
    make_basis(TODAY, segments={"Retail": SegmentPace(30, 20), "Energy": SegmentPace(12, 18)})
    for number in range(30):
        aiming(owner, customer=2.5 + number % 8 / 4, due_in=500 + 15 * number, segment=["Retail", "Energy", ""][number % 3])
    found = summed(owner)
    assert 0 < found.low < found.expected < found.high < 30
