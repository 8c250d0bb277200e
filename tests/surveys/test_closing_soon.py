"""Open rounds whose last day is near: which, in what order, and how many have answered."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from assessments.models import Assessment
from surveys.closing_soon import answered_words, closes_words, closing_soon
from surveys.models import Invitation
from tests.factories import answer, make_account, make_assessment, make_contact, make_invitation, make_result

pytestmark = pytest.mark.django_db

R1 = "5445 4434 3433 2212 1121"
TODAY = timezone.localdate


def make_round(*, days: int | None = 3, **fields) -> Assessment:
    closes_on = None if days is None else TODAY() + timedelta(days=days)
    return make_assessment(make_account(**fields), closes_on=closes_on)


def soon():
    return list(closing_soon(Account.objects.all(), TODAY()))


@pytest.mark.parametrize(("days", "found"), [(-1, False), (0, True), (7, True), (8, False), (None, False)])
def test_those_that_close_today_or_within_seven_days(edition, days, found):
    make_round(days=days)
    assert bool(soon()) is found


def test_closed_rounds_and_archived_accounts_are_left_out(edition):
    make_round(status=Account.Status.ARCHIVED)
    make_result(make_account(), TODAY(), team=2.5, closes_on=TODAY())
    assert soon() == []


def test_the_first_to_close_stands_first_and_each_tells_how_many_there_are(edition):
    later, sooner = make_round(days=5), make_round(days=2)
    assert [(one.pk, one.all) for one in soon()] == [(sooner.pk, 2), (later.pk, 2)]


def test_counts_who_was_asked_and_answered_whoever_typed_it(edition):
    one = make_round()
    anna, bob, carla, dirk = (make_contact(one.account) for _ in range(4))
    make_invitation(one, anna)
    make_invitation(one, bob)
    make_invitation(one, carla, state=Invitation.State.REVOKED)
    make_invitation(one, dirk, state=Invitation.State.REVOKED)
    answer(one, anna, R1)
    answer(one, bob, R1, submit=False)
    answer(one, carla, R1)  # withdrawn, and answered at the table
    answer(one, one.account.owner, R1)
    assert [(found.asked, found.answered) for found in soon()] == [(3, 2)]


@pytest.mark.parametrize(("asked", "words"), [(2, "0 of 2 answered"), (0, "nobody is asked any more")])
def test_how_many_in_words(edition, asked, words):
    one = make_round()
    for _ in range(asked):
        make_invitation(one, make_contact(one.account))
    assert answered_words(soon()[0]) == words


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2026, 11, 30), "closes today"),
        (date(2026, 11, 29), "closes tomorrow"),
        (date(2026, 11, 25), "closes on Monday 30 November"),
    ],
)
def test_when_in_words(today, words):
    assert closes_words(Assessment(closes_on=date(2026, 11, 30)), today) == words


@pytest.mark.parametrize("rounds", [1, 20])
def test_one_statement_whatever_the_rounds(edition, rounds, django_assert_num_queries):
    for _ in range(rounds):
        one = make_round()
        make_invitation(one, make_contact(one.account))
    with django_assert_num_queries(1):
        assert [one.account.name for one in soon()]
