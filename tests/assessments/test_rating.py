"""Keeping a draft and submitting a view: what is stored, what is refused, what the trail keeps."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from assessments.models import Answer, Assessment, Response
from assessments.rating.acts import Filled, Rater, content_of, rate, response_of, save_response
from assessments.rating.raters import may_rate, rates_first, rates_first_in
from assessments.rounds.closing import RoundClosed, close, open_assessment
from audit.models import Event
from core.versions import StaleEdit
from tests.factories import (
    answer,
    filled,
    make_account,
    make_assessment,
    make_contact,
    make_team,
    make_user,
    make_viewer,
)

R1, R3, R5, R6 = "5445 4434 3433 2212 1121", "4454 3343 4444 2322 1211", "2332 3233 2222 1111 1111", "-" * 20


@pytest.fixture
def account(edition):
    return make_account()


@pytest.fixture
def round_(account):
    return make_assessment(account)


class TestADraft:
    def test_the_first_one_opens_the_round_with_the_published_edition(self, account, edition):
        draft = rate(account, Rater.ours(account.owner), filled("54"), by=account.owner, submit=False)
        assert draft.assessment.is_open
        assert draft.assessment.edition == edition

    def test_keeps_what_is_answered_and_nothing_for_what_is_not(self, round_):
        draft = answer(round_, round_.account.owner, "5.-4", submit=False)
        stored = {row.indicator.code: row.value for row in draft.answers.select_related("indicator")}
        assert stored == {"1a": 5, "1c": None, "1d": 4}

    def test_does_not_count(self, round_):
        draft = answer(round_, round_.account.owner, R1, submit=False)
        assert (draft.submitted_at, draft.level, draft.position) == (None, None, None)

    def test_an_answer_taken_back_is_unanswered_again(self, round_):
        answer(round_, round_.account.owner, "54", submit=False)
        draft = answer(round_, round_.account.owner, "5.", submit=False)
        assert [row.indicator.code for row in draft.answers.select_related("indicator")] == ["1a"]

    def test_the_same_again_leaves_version_and_trail_alone(self, round_):
        first = answer(round_, round_.account.owner, "54", submit=False)
        again = answer(round_, round_.account.owner, "54", submit=False)
        assert again.version == first.version
        assert Event.objects.filter(act="response.drafted").count() == 1

    def test_tells_the_trail_only_what_changed(self, round_):
        answer(round_, round_.account.owner, "54", submit=False)
        answer(round_, round_.account.owner, "53", submit=False)
        event = Event.objects.filter(act="response.drafted").first()
        assert event.before == {"answer 1b": 4}
        assert event.after["answer 1b"] == 3
        assert "answer 1a" not in event.after
        assert event.account_id == round_.account_id

    def test_keeps_the_round_as_it_is_for_who_wants_to_close_it(self, round_):
        answer(round_, round_.account.owner, "54", submit=False)
        round_.refresh_from_db()
        assert round_.version == 1


class TestASubmission:
    @pytest.mark.parametrize(
        ("marks", "position", "level", "strength"),
        [(R1, 2.9, 2, 2.9), (R3, 1.9, 1, 3.0), (R5, 0.6, 1, 1.85), (R6, None, None, None)],
    )
    def test_stores_position_level_and_strength(self, round_, marks, position, level, strength):
        response = Response.objects.get(pk=answer(round_, round_.account.owner, marks).pk)
        assert response.is_submitted
        assert response.level == level
        assert response.position == (None if position is None else pytest.approx(position))
        assert response.strength == (None if strength is None else pytest.approx(strength))

    def test_of_a_contact_weighs_its_influence_and_keeps_its_role_and_who_entered_it(self, round_):
        contact = make_contact(round_.account, influence=3, buying_role="economic")
        clerk = make_user()
        response = answer(round_, contact, R1, by=clerk)
        assert (response.side, response.weight, response.buying_role) == ("customer", 3, "economic")
        assert response.entered_by == clerk

    def test_of_our_own_weighs_one(self, round_):
        response = answer(round_, round_.account.owner, R1)
        assert (response.side, response.weight, response.buying_role) == ("team", 1, "")

    @pytest.mark.parametrize(("language", "stored"), [("en", "en"), ("nl", "nl")])
    def test_keeps_the_language_in_which_the_statements_were_read(self, round_, language, stored):
        with translation.override(language):
            assert answer(round_, make_contact(round_.account), R1).language == stored

    def test_by_api_has_no_language(self, round_):
        rater = Rater(Response.Side.CUSTOMER, Response.Origin.API)
        assert save_response(round_, rater, filled(R1), by=round_.account.owner, submit=True).language == ""

    def test_sent_twice_is_one_response_and_one_event(self, account):
        rater = Rater.ours(account.owner)
        for _ in range(2):
            rate(account, rater, filled(R1), by=account.owner, seen=0, submit=True)
        assert Response.objects.count() == 1
        assert Assessment.objects.count() == 1
        assert Event.objects.filter(act="response.submitted").count() == 1

    def test_of_just_what_the_draft_holds_is_no_conflict_whatever_version_was_seen(self, round_):
        answer(round_, round_.account.owner, R1, submit=False)
        rater = Rater.ours(round_.account.owner)
        assert save_response(round_, rater, filled(R1), by=round_.account.owner, seen=0, submit=True).is_submitted

    def test_may_be_changed_until_the_round_closes_and_the_trail_keeps_both(self, round_):
        answer(round_, round_.account.owner, R1)
        answer(round_, round_.account.owner, "5445 4434 3433 2212 1125")
        event = Event.objects.get(act="response.changed")
        assert event.before["answer 5d"] == 1
        assert event.after["answer 5d"] == 5

    def test_does_not_become_a_draft_again(self, round_):
        answer(round_, round_.account.owner, R1)
        with pytest.raises(ValidationError, match="submitted already"):
            answer(round_, round_.account.owner, R3, submit=False)
        assert Response.objects.get().level == 2

    def test_shows_in_the_version_of_the_round(self, round_):
        answer(round_, round_.account.owner, R1)
        round_.refresh_from_db()
        assert round_.version == 2

    def test_tells_the_trail_all_answers_by_code(self, round_):
        answer(round_, round_.account.owner, "5-")
        after = Event.objects.get(act="response.submitted").after
        assert (after["answer 1a"], after["answer 1b"]) == (5, "don't know")
        assert after["user"] == round_.account.owner_id

    def test_of_a_customer_in_a_confidential_round_is_told_without_the_answers(self, account):
        round_ = make_assessment(account, visibility="confidential")
        answer(round_, contact := make_contact(account), R1, comment="between us")
        event = Event.objects.get(act="response.submitted")
        assert event.after == {"side": "customer", "contact": contact.pk, "user": None}
        assert event.before is None


class TestWhatIsRefused:
    def test_an_older_version_than_what_is_stored(self, round_):
        rater = Rater.ours(round_.account.owner)
        answer(round_, round_.account.owner, "5", submit=False)
        answer(round_, round_.account.owner, "54", submit=False)
        with pytest.raises(StaleEdit):
            rate(round_.account, rater, filled("53"), by=round_.account.owner, seen=1, submit=False)
        assert content_of(response_of(round_, rater)).answers == {"1a": 5, "1b": 4}

    def test_a_draft_from_before_another_tab_submitted(self, round_):
        answer(round_, round_.account.owner, "5", submit=False)
        answer(round_, round_.account.owner, R1)
        with pytest.raises(StaleEdit):
            rate(
                round_.account,
                Rater.ours(round_.account.owner),
                filled("4"),
                by=round_.account.owner,
                seen=1,
                submit=False,
            )

    def test_a_round_that_was_closed_meanwhile(self, round_):
        answer(round_, round_.account.owner, R1)
        close(round_, by=round_.account.owner)
        contact = make_contact(round_.account)
        with pytest.raises(RoundClosed):
            answer(round_, contact, R1)
        with pytest.raises(RoundClosed):
            rate(round_.account, Rater.told(contact), filled(R1), by=round_.account.owner, seen_round=round_.pk, submit=True)
        assert Assessment.objects.count() == 1

    def test_a_contact_of_another_customer(self, round_):
        with pytest.raises(ValidationError, match="another customer"):
            answer(round_, make_contact(), R1)

    @pytest.mark.parametrize("answers", [{"9z": 3}, {"1a": 6}, {"1a": 0}, {"1a": "x"}])
    def test_what_the_edition_does_not_ask_or_cannot_hold(self, round_, answers):
        with pytest.raises(ValidationError):
            rate(round_.account, Rater.ours(round_.account.owner), Filled(answers), by=round_.account.owner, submit=True)
        assert not Answer.objects.exists()


class TestTheFirstToOpen:
    def test_a_second_one_joins_the_round(self, account):
        first = open_assessment(account, by=account.owner)
        second = open_assessment(account, by=make_user())
        assert first == second

    def test_needs_a_published_edition(self, db):
        account = make_account()
        with pytest.raises(ValidationError, match="nothing to assess with"):
            open_assessment(account, by=account.owner)


class TestWhoMayRate:
    def test_whoever_may_assess_the_account_and_who_was_added_but_not_who_only_reads(self, edition):
        mate, added, reader = make_user(), make_user(), make_viewer()
        account = make_account(team=make_team(members=[mate, added], leads=[lead := make_user()]))
        round_ = make_assessment(account)
        round_.raters.set([added, reader])
        allowed = [user for user in (account.owner, lead, mate, added, reader) if may_rate(user, account, round_)]
        assert allowed == [account.owner, lead, added]

    def test_being_added_counts_while_the_round_is_open(self, round_):
        round_.raters.add(mate := make_user())
        answer(round_, mate, R1)
        assert may_rate(mate, round_.account, round_)
        assert not may_rate(mate, round_.account, close(round_, by=round_.account.owner))


class TestWhoStillHasToRate:
    def blind(self, round_, *people) -> list[bool]:
        loaded = [rates_first(user, round_.raters.all(), round_.responses.all()) for user in people]
        assert [rates_first_in(round_, user) for user in people] == loaded
        return loaded

    def test_is_who_was_asked_or_began_until_the_own_view_is_in(self, round_):
        asked, began, other = make_user(), make_user(), make_user()
        round_.raters.add(asked)
        answer(round_, began, "5", submit=False)
        assert self.blind(round_, asked, began, other) == [True, True, False]
        answer(round_, asked, R1)
        answer(round_, began, R1)
        assert self.blind(round_, asked, began, other) == [False, False, False]

    def test_is_nobody_once_the_round_is_closed(self, round_):
        round_.raters.add(asked := make_user())
        answer(round_, round_.account.owner, R1)
        assert not rates_first_in(close(round_, by=round_.account.owner), asked)
