"""What a contact's acts store, and what they leave in the trail."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Contact
from assessments.models import Response
from assessments.rating.acts import content_of
from assessments.rounds.closing import close
from audit.models import Event
from audit.trail import broken_links
from core.versions import StaleEdit
from surveys.models import Invitation
from surveys.survey.response import SurveyOver, ask_no_more, keep_answers, note_opened, survey_of
from tests.factories import answer, filled
from tests.surveys.surveying import ask

pytestmark = pytest.mark.django_db
R1 = filled("5445 4434 3433 2212 1121").answers  # position 2.9, level 2: the first worked example of the measurement


@pytest.fixture
def invitation(edition):
    return ask()


def keep(invitation, answers=None, comment=None, *, seen=0, send=False):
    return keep_answers(invitation, answers or {}, comment, seen=seen, send=send)


def stored(invitation):
    return content_of(Response.objects.get(contact=invitation.contact))


class TestOpening:
    def test_is_noted_once(self, invitation):
        note_opened(invitation)
        first = Invitation.objects.get()
        note_opened(invitation)
        assert (first.state, Invitation.objects.get().opened_at) == ("opened", first.opened_at)
        assert Event.objects.filter(act="invitation.opened", actor=None).count() == 1

    @pytest.mark.parametrize("before", ["queued", "sent", "unsure", "failed"])
    def test_shows_that_the_link_arrived_however_it_was_sent(self, edition, before):
        invitation = ask(state=before)
        note_opened(invitation)
        assert Invitation.objects.get().state == "opened"


class TestKeeping:
    def test_answers_add_up(self, invitation):
        keep(invitation, {"1a": 5, "3b": None})
        keep(invitation, {"2c": 2}, seen=1)
        assert stored(invitation).answers == {"1a": 5, "3b": None, "2c": 2}

    def test_a_draft_counts_for_nothing_and_leaves_the_invitation_open(self, invitation):
        response = keep(invitation, R1)
        assert not response.is_submitted
        assert Invitation.objects.get().answered_at is None

    def test_where_nothing_is_given_nothing_is_stored(self, invitation):
        assert keep(invitation, {}, "") is None
        assert not Response.objects.exists() and not Event.objects.filter(act__startswith="response").exists()

    def test_the_comment_can_be_emptied_again(self, invitation):
        keep(invitation, {"1a": 5}, "Too blunt")
        keep(invitation, comment="", seen=1)
        assert stored(invitation).comment == ""

    def test_the_comment_stays_where_a_screen_does_not_ask_for_it(self, invitation):
        keep(invitation, comment="More of it")
        keep(invitation, {"1a": 5}, seen=1)
        assert stored(invitation).comment == "More of it"

    def test_an_answer_outside_the_scale_is_refused(self, invitation):
        with pytest.raises(ValidationError):
            keep(invitation, {"1a": 6})
        assert not Response.objects.exists()


class TestTwoWindows:
    def test_answers_to_different_statements_are_no_conflict(self, invitation):
        keep(invitation, {"1a": 5})
        keep(invitation, {"2a": 3}, seen=0)
        assert stored(invitation).answers == {"1a": 5, "2a": 3}

    def test_the_same_answer_twice_is_no_conflict(self, invitation):
        keep(invitation, {"1a": 5})
        keep(invitation, {"1a": 5}, seen=0)
        assert Event.objects.filter(act="response.drafted").count() == 1

    def test_another_answer_to_the_same_statement_is_one(self, invitation):
        keep(invitation, {"1a": 5})
        with pytest.raises(StaleEdit):
            keep(invitation, {"1a": 2, "1b": 3}, seen=0)
        assert stored(invitation).answers == {"1a": 5}

    def test_another_comment_is_one(self, invitation):
        keep(invitation, comment="The first")
        with pytest.raises(StaleEdit):
            keep(invitation, comment="The second", seen=0)
        assert stored(invitation).comment == "The first"


class TestSending:
    def test_the_answers_are_measured_with_the_weight_of_the_contact(self, edition):
        invitation = ask()
        Contact.objects.update(influence=3, buying_role="economic")
        response = keep(invitation, R1, "More of it", send=True)
        assert (response.level, response.position, response.weight) == (2, 2.9, 3)
        assert (response.buying_role, response.entered_by) == ("economic", None)

    def test_the_invitation_is_answered(self, invitation):
        keep(invitation, R1, send=True)
        invitation.refresh_from_db()
        assert invitation.state == "answered" and invitation.answered_at and invitation.opened_at

    def test_the_trail_tells_it_of_nobody_on_our_side(self, invitation):
        keep(invitation, R1, send=True)
        events = Event.objects.filter(act__in=["response.submitted", "invitation.answered"])
        assert events.count() == 2
        assert {(event.actor_id, event.account_id) for event in events} == {(None, invitation.account_id)}
        assert not list(broken_links())

    def test_nothing_at_all_cannot_be_sent(self, invitation):
        with pytest.raises(ValidationError, match="Answer at least one"):
            keep(invitation, send=True)
        assert Invitation.objects.get().answered_at is None

    def test_what_was_sent_may_be_changed_and_counts_at_once(self, invitation):
        keep(invitation, R1, send=True)
        answered_at = Invitation.objects.get().answered_at
        response = keep(invitation, {"3a": 5, "3b": 5}, seen=1)
        assert response.is_submitted and response.level == 3
        assert Invitation.objects.get().answered_at == answered_at

    def test_in_a_confidential_round_the_trail_holds_no_answer(self, edition):
        invitation = ask(visibility="confidential")
        for answers, seen, send in (({"1a": 2}, 0, False), (R1, 1, True)):
            keep_answers(invitation, answers, "They are slow.", seen=seen, send=send, browser="theirs")
        told = [repr((event.before, event.after, event.note)) for event in Event.objects.filter(act__startswith="response")]
        assert len(told) == 2
        assert not any(word in text for text in told for word in ("answer", "slow", "level", "position"))


class TestTheEnd:
    def withdraw(invitation):
        Invitation.objects.update(state="revoked")

    def shut(invitation):
        answer(invitation.assessment, invitation.assessment.account.owner, "5445 4434 3433 2212 1121")
        close(invitation.assessment, by=invitation.assessment.account.owner)

    def erase(invitation):
        Contact.objects.update(erased_on="2026-01-01")

    @pytest.mark.parametrize("end", [withdraw, shut, erase])
    def test_nothing_is_stored_after_it_even_when_it_came_between(self, end, invitation):
        end(invitation)  # `invitation` was read before, as by a request that is under way
        with pytest.raises(SurveyOver):
            keep(invitation, R1, send=True)
        assert not Response.objects.filter(contact=invitation.contact).exists()


class TestAskingNoMore:
    def test_is_kept_with_the_contact_and_stands_in_the_trail(self, invitation):
        ask_no_more(invitation)
        contact = Contact.objects.get()
        assert contact.do_not_ask and contact.version == invitation.contact.version + 1
        event = Event.objects.get(act="contact.asked_no_more")
        assert (event.actor, event.object_id, event.after) == (None, contact.pk, {"do_not_ask": True})

    def test_twice_is_once(self, invitation):
        ask_no_more(invitation)
        ask_no_more(invitation)
        assert Event.objects.filter(act="contact.asked_no_more").count() == 1


class TestWhereItGoesOn:
    def test_at_the_start_when_nothing_is_answered(self, invitation):
        assert survey_of(invitation).goes_on_at == 1

    def test_after_the_last_screen_that_was_answered(self, invitation):
        survey = survey_of(invitation)
        keep(invitation, {one.code: 3 for one in [*survey.on_screen(1), *survey.on_screen(4)]})
        assert survey_of(invitation).goes_on_at == 5

    def test_on_a_screen_that_is_half_answered(self, invitation):
        keep(invitation, {survey_of(invitation).on_screen(3)[0].code: None})
        assert survey_of(invitation).goes_on_at == 3

    def test_on_the_last_one_when_all_is_answered(self, invitation):
        keep(invitation, R1)
        survey = survey_of(invitation)
        assert survey.goes_on_at == survey.last == 11

    def test_reading_it_takes_five_statements(self, invitation, django_assert_num_queries):
        keep(invitation, R1)
        invitation = Invitation.objects.select_related("assessment__edition", "contact").get()
        with django_assert_num_queries(5):
            survey_of(invitation).goes_on_at  # noqa: B018
