"""Asking contacts, asking again, giving a link by hand and withdrawing: what is stored, and what is refused."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.acts.changing import set_archived
from assessments.models import Assessment
from assessments.rounds.closing import RoundClosed, close
from audit.models import Event
from core.versions import StaleEdit
from mailing import outbox
from mailing.models import Letter
from surveys.invitations import copy_link, invite, last_asked, revoke, send_again
from surveys.models import Invitation, SurveyLink
from surveys.survey.response import ask_no_more, note_opened
from tests.factories import answer, make_account, make_assessment, make_contact, make_invitation
from tests.surveys.inviting import TODAY, ask, asked, invitation_of, link_in, sent

R1 = "5445 4434 3433 2212 1121"


@pytest.fixture
def account(edition):
    return make_account()


@pytest.fixture
def anna(account):
    return make_contact(account, name="Anna", email="anna@example.com")


def token(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def acts(invitation: Invitation) -> list[str]:
    events = Event.objects.filter(object_type="surveys.invitation", object_id=invitation.pk).order_by("pk")
    return list(events.values_list("act", flat=True))


class TestInviting:
    def test_opens_a_round_with_the_terms_and_writes_a_letter(self, account, anna):
        closes_on = TODAY() + timedelta(days=10)
        invited = invite(account, {anna.pk: "nl"}, ask(closes_on=closes_on, visibility="confidential"), by=account.owner)
        round_ = account.assessments.open().get()
        assert (round_.closes_on, round_.visibility) == (closes_on, "confidential")
        (invitation,) = invited.new
        assert (invitation.state, invitation.language, invitation.expires_on) == ("queued", "nl", closes_on)
        assert Letter.objects.get().subject_id == invitation.pk
        event = Event.objects.get(act="invitation.made")
        assert event.actor == account.owner
        assert event.after == {
            "contact": anna.pk, "language": "nl", "by_mail": True, "expires_on": closes_on.isoformat()
        }  # fmt: skip

    def test_uses_the_round_that_is_open(self, account, anna):
        round_ = make_assessment(account)
        assert asked(anna).assessment == round_

    def test_each_contact_is_invited_once(self, account, anna):
        asked(anna)
        again = invite(account, {anna.pk: "en"}, ask(), by=account.owner)
        assert again.new == []
        assert (Invitation.objects.count(), Letter.objects.count()) == (1, 1)

    def test_makes_the_owner_give_our_view_before_theirs_is_seen(self, account, anna):
        assert list(asked(anna).assessment.raters.all()) == [account.owner]

    def test_who_has_no_address_gets_a_link_by_hand(self, account, anna):
        bob = make_contact(account, name="Bob")
        invited = invite(account, {anna.pk: "en", bob.pk: "en"}, ask(), by=account.owner)
        ((contact, link),) = invited.links
        assert contact == bob
        assert invitation_of(token(link)).contact == bob
        assert Letter.objects.count() == 1
        assert Invitation.objects.get(contact=bob).state == "sent"

    def test_links_to_copy_send_no_mail_and_asked_for_again_are_new_links_of_one_invitation(self, account, anna):
        links = [invite(account, {anna.pk: "en"}, ask(by_mail=False), by=account.owner).links[0][1] for _ in range(2)]
        assert links[0] != links[1]
        assert {invitation_of(token(link)).pk for link in links} == {Invitation.objects.get().pk}
        assert not Letter.objects.exists()

    @pytest.mark.parametrize("why", [{"active": False}, {"do_not_ask": True}, {"erased_on": TODAY()}])
    def test_who_may_not_be_asked_is_refused_and_nothing_is_stored(self, account, anna, why):
        gone = make_contact(account, email="gone@example.com", **why)
        with pytest.raises(ValidationError, match="Nobody was asked"):
            invite(account, {anna.pk: "en", gone.pk: "en"}, ask(), by=account.owner)
        assert not Assessment.objects.exists()
        assert not Letter.objects.exists()

    def test_a_contact_of_another_account_is_refused(self, account):
        stranger = make_contact(email="stranger@example.com")
        with pytest.raises(ValidationError, match="no longer there"):
            invite(account, {stranger.pk: "en"}, ask(), by=account.owner)

    def test_an_archived_account_is_refused(self, account, anna):
        set_archived(account, by=account.owner, seen=account.version, archived=True)
        with pytest.raises(ValidationError, match="archived"):
            asked(anna)

    def test_a_round_that_was_closed_meanwhile_is_noticed(self, account, anna):
        with pytest.raises(RoundClosed):
            invite(account, {anna.pk: "en"}, ask(), by=account.owner, seen_round=4711)
        assert not Assessment.objects.exists()


class TestTerms:
    def test_a_later_date_holds_for_who_was_asked_already(self, account, anna):
        invitation = asked(anna)
        later = TODAY() + timedelta(days=40)
        invite(account, {}, ask(closes_on=later), by=account.owner)
        invitation.refresh_from_db()
        assert (invitation.expires_on, invitation.assessment.closes_on) == (later, later)
        event = Event.objects.filter(act="assessment.changed").first()
        assert event.after == {"closes_on": later.isoformat()}

    def test_who_sees_the_answers_is_fixed_once_somebody_was_asked(self, account, anna):
        asked(anna)
        with pytest.raises(ValidationError, match="no longer change"):
            invite(account, {}, ask(visibility="confidential"), by=account.owner)

    def test_and_once_somebody_answered(self, account, anna):
        answer(make_assessment(account), anna, R1)
        with pytest.raises(ValidationError, match="no longer change"):
            invite(account, {}, ask(visibility="confidential"), by=account.owner)

    def test_until_then_it_may_be_chosen(self, account, anna):
        make_assessment(account)
        assert asked(anna, visibility="confidential").assessment.is_confidential

    def test_terms_that_someone_else_changed_meanwhile_are_not_changed_unseen(self, account, anna):
        round_ = asked(anna).assessment
        round_.refresh_from_db()
        seen = round_.version
        invite(account, {}, ask(closes_on=TODAY() + timedelta(days=30)), by=account.owner, seen=seen)
        with pytest.raises(StaleEdit):
            invite(account, {}, ask(closes_on=TODAY() + timedelta(days=50)), by=account.owner, seen_round=round_.pk, seen=seen)


class TestSendingAgain:
    def test_sends_another_mail_with_a_link_of_its_own_and_the_first_one_goes_on_working(self, account, anna):
        invitation = sent(anna)
        assert send_again(invitation, by=account.owner, seen=1)
        outbox.deliver_due()
        links = [link_in(message) for message in mail.outbox]
        assert len(set(links)) == 2
        assert {invitation_of(token(link)).pk for link in links} == {invitation.pk}
        assert acts(invitation) == ["invitation.made", "invitation.sent", "invitation.repeated", "invitation.sent"]

    def test_a_second_click_sends_nothing_more(self, account, anna):
        invitation = sent(anna)
        send_again(invitation, by=account.owner, seen=1)
        outbox.deliver_due()
        assert not send_again(invitation, by=account.owner, seen=1)
        assert outbox.deliver_due() == 0

    def test_what_is_still_on_its_way_is_not_sent_twice(self, account, anna):
        assert not send_again(asked(anna), by=account.owner, seen=1)

    def test_who_has_opened_it_needs_no_second_one(self, account, anna):
        invitation = sent(anna)
        note_opened(invitation)
        with pytest.raises(ValidationError, match="opened already"):
            send_again(invitation, by=account.owner, seen=1)

    def test_who_wants_no_mail_any_more_gets_none(self, account, anna):
        invitation = sent(anna)
        ask_no_more(invitation)
        with pytest.raises(ValidationError, match="may not be asked"):
            send_again(invitation, by=account.owner, seen=1)

    def test_an_invitation_given_by_hand_can_be_sent_by_mail(self, account, anna):
        invitation = asked(anna, by_mail=False)
        assert send_again(invitation, by=account.owner, seen=0)
        outbox.deliver_due()
        assert mail.outbox[0].subject == "How do you see us?"

    def test_without_an_address_it_cannot(self, account):
        bob = make_contact(account, name="Bob")
        invite(account, {bob.pk: "en"}, ask(), by=account.owner)
        with pytest.raises(ValidationError, match="no e-mail address"):
            send_again(Invitation.objects.get(), by=account.owner, seen=0)

    def test_not_after_its_last_day_nor_in_a_closed_round(self, account, anna):
        invitation = sent(anna)
        with time_machine.travel(timezone.now() + timedelta(days=22)), pytest.raises(ValidationError, match="run out"):
            send_again(invitation, by=account.owner, seen=1)
        answer(invitation.assessment, account.owner, R1)
        close(invitation.assessment, by=account.owner)
        with pytest.raises(RoundClosed):
            send_again(invitation, by=account.owner, seen=1)


class TestLinksByHand:
    def test_a_copied_link_leads_to_the_invitation_and_leaves_a_trail(self, account, anna):
        invitation = sent(anna)
        assert invitation_of(token(copy_link(invitation, by=account.owner))).pk == invitation.pk
        assert acts(invitation)[-1] == "invitation.link_made"

    def test_reaches_who_the_mail_did_not(self, account, anna):
        invitation = asked(anna)
        Invitation.objects.update(state="failed", trouble="SMTPRecipientsRefused 550")
        copy_link(invitation, by=account.owner)
        invitation.refresh_from_db()
        assert (invitation.state, invitation.trouble, invitation.by_mail) == ("sent", "", False)

    def test_none_for_who_wants_none(self, account, anna):
        invitation = sent(anna)
        ask_no_more(invitation)
        with pytest.raises(ValidationError, match="may not be asked"):
            copy_link(invitation, by=account.owner)


class TestWithdrawing:
    def test_ends_every_link_and_stops_the_mail_that_waits(self, account, anna):
        invitation = asked(anna)
        link = copy_link(invitation, by=account.owner)
        assert revoke(invitation, by=account.owner)
        assert outbox.deliver_due() == 1
        assert mail.outbox == []
        assert invitation_of(token(link)) is None
        invitation.refresh_from_db()
        assert invitation.state == "revoked"
        assert acts(invitation)[-1] == "invitation.withdrawn"

    def test_twice_is_once(self, account, anna):
        invitation = sent(anna)
        revoke(invitation, by=account.owner)
        assert not revoke(invitation, by=account.owner)
        assert acts(invitation).count("invitation.withdrawn") == 1

    def test_an_answer_stays(self, account, anna):
        invitation = make_invitation(make_assessment(account), anna, state="answered", answered_at=timezone.now())
        with pytest.raises(ValidationError, match="answered already"):
            revoke(invitation, by=account.owner)

    def test_asked_anew_old_links_stay_dead(self, account, anna):
        invitation = sent(anna)
        old = link_in(mail.outbox[0])
        revoke(invitation, by=account.owner)
        assert asked(anna).pk == invitation.pk
        outbox.deliver_due()
        assert invitation_of(token(old)) is None
        assert invitation_of(token(link_in(mail.outbox[1]))).pk == invitation.pk
        assert SurveyLink.objects.count() == 1

    def test_asked_anew_before_the_first_mail_went_out_is_one_mail(self, account, anna):
        revoke(asked(anna), by=account.owner)
        asked(anna)
        outbox.deliver_due()
        assert len(mail.outbox) == 1


def test_who_was_asked_last_and_when(account, anna):
    bob, carl = (make_contact(account, email=f"{name}@example.com") for name in ("bob", "carl"))
    old, new = make_assessment(account, held_on=TODAY() - timedelta(days=80)), timezone.now() - timedelta(days=3)
    make_invitation(old, anna, invited_at=new)
    make_invitation(old, bob, state="failed")
    make_invitation(old, carl, state="revoked")
    assert last_asked([anna, bob, carl]) == {anna.pk: new}
