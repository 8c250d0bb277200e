"""What webhooks are told of rounds and levels."""

import pytest
from django.utils import timezone

from accounts import derived
from assessments.models import Assessment
from assessments.rounds.closing import close, reopen
from assessments.webhook_events import tell_level_moves
from tests.factories import answer, make_account, make_assessment, make_contact, make_result, make_webhook, place
from webhooks.models import WebhookDelivery

pytestmark = pytest.mark.django_db

STRONG, WEAK = "5555 5555 5555 2222 1111", "5555 2222 1111 1111 1111"


@pytest.fixture
def account(edition):
    account = make_account()
    make_webhook(account.owner)
    return account


def told(*kinds: str) -> list[tuple[str, dict]]:
    return list(WebhookDelivery.objects.filter(kind__in=kinds).order_by("pk").values_list("kind", "data"))


def moves() -> list[tuple]:
    found = told("level.climbed", "level.slid")
    return [(kind, data["from"], data["to"]) for kind, data in found]


def test_closing_a_round_is_told_with_its_figures(account):
    assessment = make_assessment(account)
    answer(assessment, account.owner, STRONG)
    answer(assessment, make_contact(account), WEAK)
    closed = close(assessment, by=account.owner)
    ((_kind, data),) = told("assessment.closed")
    assert (data["assessment"], data["held_on"]) == (closed.pk, closed.held_on.isoformat())
    assert (data["customer_level"], data["team_level"]) == (closed.customer_level, closed.team_level)
    assert data["gap"] == closed.gap and data["url"].endswith(closed.get_absolute_url())
    close(closed, by=account.owner)  # a second click
    assert len(told("assessment.closed")) == 1


def test_closed_again_it_is_told_again(account):
    assessment = make_assessment(account)
    answer(assessment, account.owner, STRONG)
    reopen(close(assessment, by=account.owner), by=account.owner, reason="A slip")
    close(assessment, by=account.owner)
    assert len(told("assessment.closed")) == 2


@pytest.mark.parametrize(("people", "shown"), [(2, False), (3, True)])
def test_a_confidential_round_tells_of_them_from_three_on(account, people, shown):
    assessment = make_assessment(account, visibility=Assessment.Visibility.CONFIDENTIAL)
    answer(assessment, account.owner, STRONG)
    for _ in range(people):
        answer(assessment, make_contact(account), WEAK)
    close(assessment, by=account.owner)
    ((_kind, data),) = told("assessment.closed")
    figures = [data[name] for name in ("customer_level", "customer_position", "gap")]
    assert [figure is not None for figure in figures] == [shown, False, shown]
    assert (data["agreement"], data["agreement_word"]) == (None, "shared" if shown else "")
    assert data["confidential"] and data["team_level"]
    assert "confidence_reasons" not in data and "respondents" not in data


def test_a_first_level_is_no_move(account):
    place(account, team=3.2)
    assert moves() == []


def test_our_own_view_moves_no_level(account):
    today = timezone.localdate()
    for position in (2.2, 3.2, 1.2):
        place(account, team=position, held_on=today)
    assert moves() == []


def test_their_first_word_is_no_move_and_from_then_on_theirs_counts(account):
    place(account, team=4.2)
    place(account, customer=2.2, team=4.2)
    place(account, team=5)
    place(account, customer=3.2)
    assert moves() == [("level.climbed", 2, 3)]


def test_a_result_that_is_withdrawn_may_move_the_level_back(account):
    place(account, customer=1.2, held_on=timezone.localdate() - timezone.timedelta(days=9))
    assessment = make_assessment(account)
    answer(assessment, make_contact(account), STRONG)
    closed = close(assessment, by=account.owner)
    reopen(closed, by=account.owner, reason="A slip")
    assert moves() == [("level.climbed", 1, closed.customer_level), ("level.slid", closed.customer_level, 1)]


@pytest.mark.parametrize("occasion", [derived.Occasion.NIGHT, derived.Occasion.MEND])
def test_only_acts_move_a_level(account, occasion):
    place(account, customer=2.2)
    make_result(account, timezone.localdate(), customer=3.2)
    assert derived.refresh([account.pk], occasion=occasion) == 1
    assert moves() == []


def test_moves_of_many_accounts_cost_as_much_as_of_one(account, django_assert_num_queries):
    accounts = [account] + [make_account(owner=account.owner) for _ in range(30)]
    for one in accounts:
        place(one, customer=2.2)
    steps = [derived.DerivedChange(one, {"customer_level": 1}) for one in accounts]
    with django_assert_num_queries(2):
        tell_level_moves(steps)
    assert WebhookDelivery.objects.count() == 31
