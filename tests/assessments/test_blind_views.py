"""A first view of ours that could be given after reading the customer's answers is shown, and counts for nothing."""

import pytest
from django.db import IntegrityError, transaction

from assessments.models import Response
from assessments.rating.acts import Rater, save_response
from assessments.rating.raters import begin_with_our_view
from assessments.rounds.blinding import blinding_of
from assessments.rounds.closing import change_details, close, current_result, reopen
from audit.models import Event
from tests.factories import answer, filled, make_account, make_assessment, make_contact, make_user

R1, R4, WORDS = "5445 4434 3433 2212 1121", "5555 --4- 4544 4434 3234", "-" * 20  # level 2, level 4, none


@pytest.fixture
def round_(edition):
    return make_assessment(make_account())


@pytest.fixture
def owner(round_):
    return round_.account.owner


def they_answer(round_, marks=R1, **fields):
    return answer(round_, make_contact(round_.account), marks, **{"by": make_user()} | fields)


def we_say(round_, user, **fields):
    """The view of `user`, with nothing done about what they could read."""
    return answer(round_, user, R4, blind=False, **fields)


def ask(round_, *raters):
    """Ask these colleagues, in place of those of before."""
    round_.refresh_from_db()
    change_details(round_, by=round_.account.owner, seen=round_.version, raters=raters)


def gap(round_):
    found = current_result(round_)
    return found.customer_level, found.team_level, found.gap


class TestAFirstView:
    def test_of_before_the_customers_counts(self, round_, owner):
        ours = we_say(round_, owner)
        they_answer(round_)
        assert (ours.unblinded, gap(round_)) == (False, (2, 4, 2))

    def test_of_a_lead_who_could_read_them_does_not_count(self, round_):
        they_answer(round_)
        ours = we_say(round_, make_user())
        assert (ours.unblinded, ours.counts, gap(round_)) == (True, False, (2, None, None))

    def test_of_a_rater_who_was_held_back_counts(self, round_):
        rater = make_user()
        ask(round_, rater)
        they_answer(round_)
        assert not we_say(round_, rater).unblinded
        assert gap(round_) == (2, 4, 2)

    def test_of_a_rater_who_was_added_later_does_not_count(self, round_):
        rater = make_user()
        they_answer(round_)
        ask(round_, rater)
        assert we_say(round_, rater).unblinded

    def test_of_a_rater_who_was_taken_off_for_a_while_does_not_count(self, round_):
        rater = make_user()
        ask(round_, rater)
        they_answer(round_)
        ask(round_)
        ask(round_, rater)
        assert we_say(round_, rater).unblinded

    def test_of_the_owner_who_is_held_back_from_the_invitation_on_counts_unless_something_was_there(self, round_, owner):
        begin_with_our_view(round_, by=owner)
        they_answer(round_)
        assert not blinding_of(round_, owner).unblinded
        other = make_assessment(make_account())
        they_answer(other)
        begin_with_our_view(other, by=None)
        assert we_say(other, other.account.owner).unblinded

    def test_begun_before_their_answers_counts(self, round_, owner):
        we_say(round_, owner, submit=False)
        they_answer(round_)
        assert not we_say(round_, owner).unblinded

    def test_begun_after_their_answers_does_not_count_though_its_author_is_held_back_since(self, round_, owner):
        they_answer(round_)
        we_say(round_, owner, submit=False)
        assert blinding_of(round_, owner).rates_first
        assert we_say(round_, owner).unblinded

    def test_stays_blind_when_it_is_corrected_later(self, round_, owner):
        we_say(round_, owner)
        they_answer(round_)
        assert not answer(round_, owner, R1, blind=False).unblinded
        assert gap(round_) == (2, 4, 2)

    def test_in_confidence_counts_since_nobody_can_read_them(self, edition):
        round_ = make_assessment(make_account(), visibility="confidential")
        for _ in range(3):
            they_answer(round_, by=None)
        assert not we_say(round_, make_user()).unblinded
        assert gap(round_) == (2, 4, 2)

    @pytest.mark.parametrize("draft", [{"by_link": True, "submit": False}, {"marks": WORDS, "comment": "Call us."}])
    def test_counts_where_nothing_with_a_level_can_be_read(self, round_, owner, draft):
        they_answer(round_, **draft)
        assert not we_say(round_, owner).unblinded
        assert close(round_, by=owner).team_level == 4

    def test_counts_in_a_round_of_our_views_alone(self, round_, owner):
        we_say(round_, make_user())
        assert not we_say(round_, owner).unblinded


class TestWhoTypesInWhatTheySaid:
    def test_knows_it_from_the_first_draft_on(self, round_, owner):
        they_answer(round_, by=owner, submit=False)
        assert we_say(round_, owner).unblinded

    def test_knows_it_though_a_rater_who_is_held_back_from_the_others(self, round_, owner):
        ask(round_, owner)
        they_answer(round_, by=owner)
        assert we_say(round_, owner).unblinded

    def test_counts_where_the_own_view_came_first_and_that_is_fixed(self, round_, owner):
        we_say(round_, owner)
        they_answer(round_, by=owner, submit=False)
        assert answer(round_, owner, R1, blind=False).corrections.count() == 1
        they_answer(round_, by=owner)
        assert gap(round_) == (2, 4, 2)

    def test_lets_a_colleague_read_the_draft(self, round_, owner):
        they_answer(round_, by=make_user(), submit=False)
        assert we_say(round_, owner).unblinded

    def test_is_told_beforehand_once_a_view_of_theirs_would_count(self, round_, owner):
        assert blinding_of(None, owner).would_be_blind and blinding_of(round_, owner).would_be_blind
        we_say(round_, owner)
        assert not blinding_of(round_, owner).would_be_blind
        they_answer(round_)
        assert not blinding_of(round_, make_user()).would_be_blind


class TestByApi:
    """Views that were asked elsewhere arrive in any order."""

    @pytest.mark.parametrize("named", [True, False])
    def test_a_view_after_answers_that_came_so_too_counts(self, round_, owner, named):
        rater = Rater(Response.Side.CUSTOMER, Response.Origin.API)
        save_response(round_, rater, filled(R1), by=owner, submit=True)
        ours = Rater(Response.Side.TEAM, Response.Origin.API, user=owner if named else None)
        assert not save_response(round_, ours, filled(R4), by=owner, submit=True).unblinded
        assert gap(round_) == (2, 4, 2)

    def test_on_the_page_it_does_not(self, round_, owner):
        rater = Rater(Response.Side.CUSTOMER, Response.Origin.API)
        save_response(round_, rater, filled(R1), by=owner, submit=True)
        assert we_say(round_, owner).unblinded

    def test_the_owner_of_the_key_is_held_back_only_as_a_rater(self, round_, owner):
        they_answer(round_)
        rater = Rater(Response.Side.TEAM, Response.Origin.API, user=owner)
        assert save_response(round_, rater, filled(R4), by=owner, submit=True).unblinded

    def test_a_view_of_nobody_in_particular_is_not_blind_after_theirs(self, round_, owner):
        they_answer(round_)
        rater = Rater(Response.Side.TEAM, Response.Origin.API)
        assert save_response(round_, rater, filled(R4), by=owner, submit=True).unblinded

    def test_but_before(self, round_, owner):
        rater = Rater(Response.Side.TEAM, Response.Origin.API)
        assert not save_response(round_, rater, filled(R4), by=owner, submit=True).unblinded


class TestAReopenedRound:
    """Closed, it showed everything to everybody."""

    def reopened(self, round_):
        return reopen(close(round_, by=round_.account.owner), by=round_.account.owner, reason="Somebody was missing")

    def test_holds_no_blind_view_of_a_rater_or_a_draft_of_before(self, round_, owner):
        rater, drafting = make_user(), make_user()
        ask(round_, rater)
        we_say(round_, drafting, submit=False)
        we_say(round_, owner)
        they_answer(round_)
        again = self.reopened(round_)
        assert we_say(again, rater).unblinded and we_say(again, drafting).unblinded
        assert gap(again) == (2, 4, 2)  # the view of before counts on

    def test_with_our_views_alone_gave_nothing_away(self, round_, owner):
        rater = make_user()
        ask(round_, rater)
        we_say(round_, owner)
        again = self.reopened(round_)
        they_answer(again)
        assert not we_say(again, rater).unblinded


class TestItsResult:
    def test_has_the_level_of_the_blind_views_alone(self, round_, owner):
        we_say(round_, owner)
        they_answer(round_)
        late = answer(round_, make_user(), R1, blind=False)
        closed = close(round_, by=owner)
        assert (closed.team_level, closed.gap) == (4, 2)
        late.refresh_from_db()
        assert (late.unblinded, late.counted) == (True, False)

    def test_has_no_level_of_ours_without_one(self, round_, owner):
        they_answer(round_)
        we_say(round_, owner)
        closed = close(round_, by=owner)
        assert (closed.customer_level, closed.team_level, closed.gap) == (2, None, None)

    def test_says_why_it_cannot_be_closed_where_nothing_counts(self, round_, owner, settings):
        settings.UNSOUND_RESPONSES_COUNT = False
        they_answer(round_, "3" * 20)
        we_say(round_, owner)
        with pytest.raises(Exception, match="our views were given after these could be read"):
            close(round_, by=owner)


def test_the_trail_tells_it(round_, owner):
    they_answer(round_)
    we_say(round_, owner)
    assert Event.objects.filter(act="response.submitted").first().after["unblinded"] is True
    blind = make_assessment(make_account())
    we_say(blind, blind.account.owner)
    assert "unblinded" not in Event.objects.filter(act="response.submitted").first().after


@pytest.mark.parametrize(
    "broken", [{"side": "customer", "user": None, "origin": "api"}, {"counted": True}, {"submitted_at": None}]
)
def test_the_database_refuses_a_mark_on_anything_else(round_, owner, broken):
    they_answer(round_)
    ours = we_say(round_, owner)
    with pytest.raises(IntegrityError, match="response_not_blind_does_not_count"), transaction.atomic():
        Response.objects.filter(pk=ours.pk).update(fixed_at=None, **broken)
