"""What each act leaves in the columns of an invitation, and what it tells the trail."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from assessments.rounds.closing import RoundClosed, close
from audit.models import Event
from surveys.invitations import copy_link, default_wording, invite, last_asked, revoke, send_again
from surveys.models import Invitation, SurveyLink
from surveys.survey.response import ask_no_more, keep_answers, note_opened
from tests.factories import answer, make_account, make_assessment, make_contact, make_invitation
from tests.surveys.inviting import TODAY, ask

R1 = "5445 4434 3433 2212 1121"
LONG_AGO = timezone.now() - timedelta(days=40)


@pytest.fixture
def account(edition):
    return make_account()


@pytest.fixture
def anna(account):
    return make_contact(account, name="Anna", email="anna@example.com")


@pytest.fixture
def round_(account):
    return make_assessment(account, closes_on=TODAY() + timedelta(days=21))


def invited(round_, contact, state="sent", **fields) -> Invitation:
    return make_invitation(
        round_, contact, **{"state": state, "invited_at": LONG_AGO, "letters": 1, "subject": "S", "message": "M"} | fields
    )


def event(act: str) -> Event:
    return Event.objects.get(act=act)


class TestSentAgain:
    def test_it_waits_anew_from_now_and_its_trouble_is_gone(self, round_, anna, account):
        found = invited(round_, anna, "failed", trouble="refused")
        assert send_again(found, by=account.owner, seen=1)
        found.refresh_from_db()
        assert (found.state, found.trouble, found.letters, found.by_mail) == ("queued", "", 2, True)
        assert found.invited_at > timezone.now() - timedelta(hours=1)

    def test_the_trail_tells_who_and_the_state_before(self, round_, anna, account):
        send_again(invited(round_, anna, "unsure"), by=account.owner, seen=1)
        told = event("invitation.repeated")
        assert (told.actor, told.before["state"], told.after["state"]) == (account.owner, "unsure", "queued")

    def test_the_words_stay_those_that_were_written(self, round_, anna, account):
        found = invited(round_, anna, subject="Dear Anna", message="Please.")
        send_again(found, by=account.owner, seen=1)
        found.refresh_from_db()
        assert (found.subject, found.message) == ("Dear Anna", "Please.")

    def test_one_given_by_hand_gets_the_words_of_its_language(self, round_, anna, account):
        found = invited(round_, anna, subject="", message="", language="nl", by_mail=False)
        send_again(found, by=account.owner, seen=1)
        found.refresh_from_db()
        assert (found.subject, found.message) == (default_wording("nl").subject, default_wording("nl").message)

    @pytest.mark.parametrize("act", ["send again", "copy"])
    @pytest.mark.parametrize("why", ["archived", "answered", "left", "erased", "last day passed", "withdrawn", "closed"])
    def test_what_may_no_longer_be_is_refused_and_leaves_all_as_it_was(self, round_, anna, account, act, why):
        fields = {
            "answered": {"state": "answered", "answered_at": LONG_AGO},
            "last day passed": {"expires_on": TODAY() - timedelta(days=1)},
            "withdrawn": {"state": "revoked"},
        }
        found = invited(round_, anna, **fields.get(why, {}))
        if why == "archived":
            type(account).objects.update(status="archived")
        elif why in {"left", "erased"}:
            type(anna).objects.update(**({"active": False} if why == "left" else {"erased_on": TODAY()}))
        elif why == "closed":
            answer(round_, account.owner, R1)
            close(round_, by=account.owner)
        before = Invitation.objects.values().get()
        with pytest.raises(RoundClosed if why == "closed" else ValidationError):
            send_again(found, by=account.owner, seen=1) if act == "send again" else copy_link(found, by=account.owner)
        assert Invitation.objects.values().get() == before
        assert not SurveyLink.objects.exists()


class TestALinkByHand:
    def test_of_one_that_failed_asks_from_today_without_mail(self, round_, anna, account):
        found = invited(round_, anna, "failed", trouble="refused")
        copy_link(found, by=account.owner)
        found.refresh_from_db()
        assert (found.state, found.trouble, found.by_mail) == ("sent", "", False)
        assert found.invited_at > timezone.now() - timedelta(hours=1)

    @pytest.mark.parametrize("state", ["queued", "sent", "unsure", "opened"])
    def test_of_any_other_changes_no_state(self, round_, anna, account, state):
        found = invited(round_, anna, state)
        copy_link(found, by=account.owner)
        found.refresh_from_db()
        assert (found.state, found.by_mail, found.invited_at) == (state, True, LONG_AGO)
        assert event("invitation.link_made").actor == account.owner

    def test_who_was_asked_by_mail_gets_none_by_asking_for_links(self, round_, anna, account):
        invited(round_, anna)
        found = invite(account, {anna.pk: "en"}, ask(by_mail=False), by=account.owner)
        assert (found.new, found.links) == ([], [])


class TestWithdrawn:
    def test_its_trouble_is_gone_and_the_trail_tells_who(self, round_, anna, account):
        found = invited(round_, anna, "failed", trouble="refused")
        assert revoke(found, by=account.owner)
        found.refresh_from_db()
        assert (found.state, found.trouble) == ("revoked", "")
        told = event("invitation.withdrawn")
        assert (told.actor, told.before, told.after) == (account.owner, {"state": "failed"}, {"state": "revoked"})

    def test_asked_anew_it_begins_as_a_new_one(self, round_, anna, account):
        old = invited(round_, anna, "revoked", opened_at=LONG_AGO, trouble="refused", language="en", address="old@example.com")
        found = invite(account, {anna.pk: "nl"}, ask(), by=account.owner)
        assert [one.pk for one in found.new] == [old.pk]
        old.refresh_from_db()
        assert (old.state, old.opened_at, old.trouble, old.language, old.address) == (
            "queued",
            None,
            "",
            "nl",
            "anna@example.com",
        )
        assert old.invited_at > LONG_AGO and old.letters == 2


class TestWhoWasAskedLast:
    @pytest.mark.parametrize(
        ("state", "counts"),
        [("queued", True), ("sent", True), ("unsure", True), ("opened", True), ("failed", False), ("revoked", False)],
    )
    def test_mail_that_never_arrived_and_what_was_withdrawn_do_not_count(self, round_, anna, state, counts):
        invited(round_, anna, state)
        assert last_asked([anna]) == ({anna.pk: LONG_AGO} if counts else {})


class TestTheContactsSide:
    def test_what_is_sent_at_once_counts_as_opened_then(self, round_, anna):
        found = invited(round_, anna)
        keep_answers(found, {"1a": 5, "1b": 4}, None, seen=0, send=True)
        found.refresh_from_db()
        assert found.state == "answered"
        assert found.opened_at == found.answered_at is not None

    def test_who_had_opened_it_keeps_that_moment(self, round_, anna):
        found = invited(round_, anna, "opened", opened_at=LONG_AGO)
        keep_answers(found, {"1a": 5, "1b": 4}, None, seen=0, send=True)
        found.refresh_from_db()
        assert found.opened_at == LONG_AGO

    @pytest.mark.parametrize(
        ("state", "after"),
        [("queued", "opened"), ("sent", "opened"), ("unsure", "opened"), ("failed", "opened"), ("revoked", "revoked")],
    )
    def test_opening_it_shows_that_it_arrived_unless_it_was_withdrawn(self, round_, anna, state, after):
        found = invited(round_, anna, state)
        note_opened(found)
        found.refresh_from_db()
        assert (found.state, found.opened_at is not None) == (after, True)
        told = event("invitation.opened")
        assert (told.actor, told.before, told.after) == (None, {"state": state}, {"state": after})

    def test_a_wish_not_to_be_asked_makes_a_form_that_showed_the_contact_before_stale(self, round_, anna):
        ask_no_more(invited(round_, anna))
        seen = anna.version
        anna.refresh_from_db()
        assert (anna.do_not_ask, anna.version) == (True, seen + 1)

    def test_on_its_last_day_answers_are_taken_and_on_the_next_not(self, round_, anna):
        found = invited(round_, anna)
        with time_machine.travel(timezone.now() + timedelta(days=31)):
            assert not Invitation.objects.get().is_usable
        Invitation.objects.update(expires_on=TODAY())
        assert keep_answers(found, {"1a": 5}, None, seen=0, send=False).answers.count() == 1
