"""Closing and reopening: the acts that make and withdraw a result."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from assessments.models import Assessment
from assessments.rounds.closing import RESULT_FIELDS, close, current_result, open_assessment, reopen, with_result
from audit.models import Event
from audit.trail import broken_links
from core.versions import StaleEdit
from tests.factories import answer, make_account, make_assessment, make_contact, make_result, make_user

R1, R2, R3, R4 = (
    "5445 4434 3433 2212 1121",
    "5544 5444 4443 332- ---2",
    "4454 3343 4444 2322 1211",
    "5555 --4- 4544 4434 3234",
)
TODAY = timezone.localdate


@pytest.fixture
def account(edition):
    return make_account()


@pytest.fixture
def round_(account):
    return make_assessment(account)


class TestClosing:
    def test_stores_the_result_of_both_sides_with_the_edition(self, round_, edition):
        for marks, influence in ((R1, 1), (R2, 2), (R3, 1), (R4, 3)):
            answer(round_, make_contact(round_.account, influence=influence), marks)
        answer(round_, round_.account.owner, R4)
        closed = close(round_, by=round_.account.owner)
        assert (closed.customer_position, closed.customer_level) == (3.6667, 3)
        assert (closed.team_position, closed.team_level, closed.gap) == (4.8, 4, 1)
        assert (closed.agreement, closed.confidence, closed.respondents) == (0.62, "medium", 4)
        assert closed.edition == edition
        assert (closed.closed_by, closed.state) == (round_.account.owner, "closed")

    def test_counts_no_draft(self, round_):
        answer(round_, round_.account.owner, R1)
        answer(round_, make_contact(round_.account), R4, submit=False)
        assert close(round_, by=round_.account.owner).customer_level is None

    def test_writes_the_columns_of_the_account(self, round_):
        answer(round_, make_contact(round_.account), R1)
        answer(round_, round_.account.owner, R4)
        close(round_, by=round_.account.owner)
        account = round_.account
        account.refresh_from_db()
        assert (account.customer_level, account.customer_position) == (2, 2.9)
        assert (account.team_level, account.last_heard_on) == (4, TODAY())

    def test_without_any_level_is_refused_and_leaves_it_open(self, round_):
        answer(round_, round_.account.owner, "-" * 20)
        with pytest.raises(ValidationError, match="There is no level yet"):
            close(round_, by=round_.account.owner)
        round_.refresh_from_db()
        assert round_.is_open

    def test_twice_is_one_result_and_one_event(self, round_):
        answer(round_, round_.account.owner, R1)
        first = close(round_, by=round_.account.owner, seen=2)
        again = close(round_, by=make_user(), seen=2)
        assert again.closed_at == first.closed_at
        assert Event.objects.filter(act="assessment.closed").count() == 1

    def test_what_was_answered_since_one_looked_is_noticed(self, round_):
        answer(round_, round_.account.owner, R1)
        answer(round_, make_contact(round_.account), R4)
        with pytest.raises(StaleEdit):
            close(round_, by=round_.account.owner, seen=2)

    def test_fixes_what_the_preview_showed(self, round_):
        answer(round_, make_contact(round_.account), R3)
        answer(round_, round_.account.owner, R2)
        preview = with_result(round_, current_result(round_))
        closed = close(round_, by=round_.account.owner)
        assert {name: getattr(preview, name) for name in RESULT_FIELDS} == {name: getattr(closed, name) for name in RESULT_FIELDS}

    def test_a_preview_leaves_the_round_itself_alone(self, round_):
        answer(round_, round_.account.owner, R1)
        with_result(round_, current_result(round_))
        assert round_.team_level is None

    def test_leaves_a_whole_trail(self, round_):
        answer(round_, round_.account.owner, R1)
        close(round_, by=round_.account.owner)
        assert Event.objects.get(act="assessment.closed").after["team_level"] == 2
        assert not list(broken_links())


class TestAConfidentialRound:
    @pytest.fixture
    def round_(self, account):
        return make_assessment(account, visibility="confidential")

    @pytest.mark.parametrize(("people", "level"), [(1, None), (2, None), (3, 2)])
    def test_says_nothing_of_the_customer_below_three(self, round_, people, level):
        for _ in range(people):
            answer(round_, make_contact(round_.account), R1)
        answer(round_, round_.account.owner, R4)
        closed = close(round_, by=round_.account.owner)
        assert (closed.customer_level, closed.respondents) == (level, people if level else 0)

    def test_says_why(self, round_):
        answer(round_, make_contact(round_.account), R1)
        answer(round_, round_.account.owner, R4)
        closed = close(round_, by=round_.account.owner)
        assert (closed.confidence, closed.confidence_reasons) == ("none", ["too_few_to_tell"])

    def test_with_too_few_and_no_view_of_ours_cannot_be_closed(self, round_):
        answer(round_, make_contact(round_.account), R1)
        with pytest.raises(ValidationError, match="until three of their people"):
            close(round_, by=round_.account.owner)


class TestReopening:
    @pytest.fixture
    def closed(self, round_):
        answer(round_, make_contact(round_.account), R1)
        return close(round_, by=round_.account.owner)

    def test_needs_a_reason(self, closed):
        with pytest.raises(ValidationError, match="Say why"):
            reopen(closed, by=closed.account.owner, reason="  ")
        closed.refresh_from_db()
        assert not closed.is_open

    def test_withdraws_the_result_and_the_trail_keeps_it_with_the_reason(self, closed):
        reopened = reopen(closed, by=closed.account.owner, reason="The wrong person answered")
        assert reopened.is_open
        assert all(not getattr(reopened, name) for name in RESULT_FIELDS)
        event = Event.objects.get(act="assessment.reopened")
        assert event.note == "The wrong person answered"
        assert (event.before["customer_level"], event.before["customer_position"]) == (2, 2.9)

    def test_puts_the_account_back_on_its_earlier_result(self, closed):
        make_result(closed.account, TODAY() - timedelta(days=200), customer=1.5)
        reopen(closed, by=closed.account.owner, reason="wrong")
        account = closed.account
        account.refresh_from_db()
        assert (account.customer_level, account.last_heard_on) == (1, TODAY() - timedelta(days=200))

    def test_of_an_earlier_round_leaves_the_account_on_the_later_one(self, account):
        early = make_assessment(account, held_on=TODAY() - timedelta(days=300))
        answer(early, make_contact(account), R1)
        close(early, by=account.owner)
        late = make_assessment(account)
        answer(late, make_contact(account), R4)
        close(late, by=account.owner)
        reopened = reopen(early, by=account.owner, reason="one answer was missing")
        account.refresh_from_db()
        assert (account.customer_level, account.last_heard_on) == (4, TODAY())
        answer(reopened, make_contact(account, influence=3), R3)
        assert close(reopened, by=account.owner).customer_level == 1
        account.refresh_from_db()
        assert (account.customer_level, account.last_heard_on) == (4, TODAY())

    def test_keeps_the_answers_and_the_edition(self, closed, edition):
        reopened = reopen(closed, by=closed.account.owner, reason="wrong")
        assert reopened.responses.get().level == 2
        assert reopened.edition == edition

    def test_twice_is_one_event(self, closed):
        for _ in range(2):
            reopen(closed, by=closed.account.owner, reason="wrong", seen=closed.version)
        assert Event.objects.filter(act="assessment.reopened").count() == 1

    def test_after_it_was_reopened_and_closed_by_another_is_noticed(self, closed):
        reopen(closed, by=closed.account.owner, reason="wrong")
        close(closed, by=closed.account.owner)
        with pytest.raises(StaleEdit):
            reopen(closed, by=closed.account.owner, reason="wrong", seen=closed.version)

    def test_waits_for_another_open_round(self, closed):
        open_assessment(closed.account, by=closed.account.owner)
        with pytest.raises(ValidationError, match="Another assessment"):
            reopen(closed, by=closed.account.owner, reason="wrong")

    def test_a_recorded_result_has_nothing_to_correct(self, account):
        recorded = make_result(account, TODAY(), customer=2, origin="recorded")
        with pytest.raises(ValidationError, match="recorded elsewhere"):
            reopen(recorded, by=account.owner, reason="wrong")


@pytest.mark.parametrize(("days", "code"), [(1, "future"), (-20000, "too_early")])
def test_a_day_in_the_future_or_of_another_age_is_refused(account, days, code):
    with pytest.raises(ValidationError) as error:
        open_assessment(account, by=account.owner, held_on=TODAY() + timedelta(days=days))
    assert error.value.error_dict["held_on"][0].code == code
    assert not Assessment.objects.exists()
