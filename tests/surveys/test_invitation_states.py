"""How an invitation stands: in words, what may still be done with it, and what the database refuses."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from accounts.models import Contact
from assessments.models import Assessment
from surveys.models import BulkAccount, BulkRounds, Invitation
from surveys.reminders import halfway
from surveys.words import invitation_status
from tests.factories import make_account, make_assessment, make_contact, make_invitation, make_user

TODAY = date(2026, 11, 25)
ASKED = datetime(2026, 11, 2, 12, tzinfo=UTC)
STATES = ["queued", "sent", "unsure", "failed", "opened", "answered", "revoked"]


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("core.days.today", lambda: TODAY)


def invitation(state="sent", *, visibility="named", round_state="open", **fields) -> Invitation:
    """One that is not stored."""
    contact = fields.pop("contact", None) or Contact(name="Anna", email="anna@example.com")
    round_ = Assessment(visibility=visibility, state=round_state)
    dates = {"invited_at": ASKED, "expires_on": TODAY + timedelta(days=10)}
    return Invitation(assessment=round_, contact=contact, state=state, address="anna@example.com", **dates | fields)


def status(found: Invitation, **given):
    return invitation_status(found, **{"is_open": True, "answered": False, "today": TODAY} | given)


class TestInWords:
    @pytest.mark.parametrize(
        ("state", "word", "tone", "waits"),
        [
            ("queued", "on its way", "", True),
            ("sent", "no answer yet", "", True),
            ("unsure", "may have been sent", "warn", True),
            ("failed", "could not be sent", "bad", False),
            ("opened", "opened", "warn", True),
            ("answered", "answered", "good", False),
            ("revoked", "withdrawn", "", False),
        ],
    )
    def test_each_state_while_an_answer_may_come(self, state, word, tone, waits):
        found = status(invitation(state))
        assert (found.word, found.tone, found.waits) == (word, tone, waits)

    @pytest.mark.parametrize("over", ["closed", "run out"])
    @pytest.mark.parametrize(
        ("state", "word"),
        [
            ("queued", "did not answer"),
            ("sent", "did not answer"),
            ("unsure", "did not answer"),
            ("opened", "did not answer"),
            ("failed", "could not be sent"),
            ("answered", "answered"),
            ("revoked", "withdrawn"),
        ],
    )
    def test_each_state_once_it_is_over(self, state, word, over):
        if over == "closed":
            found = status(invitation(state), is_open=False)
        else:
            found = status(invitation(state, expires_on=TODAY - timedelta(days=1)))
        assert (found.word, found.waits) == (word, False)

    def test_on_its_last_day_an_answer_may_still_come(self):
        assert status(invitation(expires_on=TODAY)).waits

    @pytest.mark.parametrize("state", STATES)
    def test_answered_by_our_hand_is_answered_whatever_its_state(self, state):
        found = status(invitation(state), answered=True)
        assert (found.word, found.tone, found.waits) == ("answered", "good", False)

    def test_its_days_stand_in_order(self):
        found = invitation(
            "answered",
            reminded_on=date(2026, 11, 9),
            opened_at=ASKED + timedelta(days=10),
            answered_at=ASKED + timedelta(days=11),
        )
        assert status(found).days == "asked 2 Nov 2026, reminded 9 Nov 2026, opened 12 Nov 2026, answered 13 Nov 2026"
        assert status(invitation()).days == "asked 2 Nov 2026"

    def test_a_moment_late_in_the_evening_is_the_readers_next_day(self, settings):
        settings.TIME_ZONE = "Europe/Amsterdam"
        late = invitation(invited_at=datetime(2026, 11, 2, 23, 30, tzinfo=UTC))
        with timezone.override("Europe/Amsterdam"):
            assert status(late).days == "asked 3 Nov 2026"
        with timezone.override("UTC"):
            assert status(late).days == "asked 2 Nov 2026"

    def test_in_dutch(self):
        with translation.override("nl"):
            found = status(invitation("revoked"))
            assert (found.word, found.days) == ("ingetrokken", "gevraagd op 2 nov 2026")


class TestWhoseAddressChanged:
    def moved(self, **fields) -> Invitation:
        return invitation(**{"visibility": "confidential", "contact": Contact(name="Anna", email="new@example.com")} | fields)

    def test_is_told_while_an_answer_could_come(self):
        found = status(self.moved())
        assert (found.word, found.waits) == ("withdrawn", False)
        assert "the link leads nowhere any more" in found.trouble

    @pytest.mark.parametrize("given", [{"answered": True}, {"is_open": False}])
    def test_is_not_told_once_none_can(self, given):
        assert status(self.moved(), **given).trouble == ""

    def test_is_not_told_of_one_that_was_withdrawn(self):
        assert status(self.moved(state="revoked")).trouble == ""

    def test_is_not_told_in_a_named_round(self):
        found = status(self.moved(visibility="named"))
        assert (found.word, found.trouble) == ("no answer yet", "")


class TestTroubleInWords:
    @pytest.mark.parametrize(
        ("state", "trouble", "says"),
        [
            ("failed", "over", "It was too late"),
            ("failed", "no address", "There is no e-mail address any more."),
            ("failed", "moved", "ask this person anew"),
            ("unsure", "", "Ask whether it arrived"),
            ("unsure", "refused", "Ask whether it arrived"),
        ],
    )
    def test_says_why(self, state, trouble, says):
        assert says in invitation(state, trouble=trouble).trouble_in_words

    @pytest.mark.parametrize("state", ["queued", "sent", "opened", "answered", "revoked"])
    def test_without_trouble_there_is_nothing_to_say(self, state):
        assert invitation(state).trouble_in_words == ""


class TestWhatMayBeDone:
    def test_it_may_be_sent_again_until_it_is_known_to_have_arrived(self):
        assert [state for state in STATES if invitation(state).may_be_repeated] == ["sent", "unsure", "failed"]

    def test_it_may_be_withdrawn_until_it_is_answered(self):
        able = [state for state in STATES if invitation(state).may_be_withdrawn]
        assert able == ["queued", "sent", "unsure", "failed", "opened"]

    def test_its_links_work_until_it_is_withdrawn(self):
        assert [state for state in STATES if not invitation(state).is_usable] == ["revoked"]

    @pytest.mark.parametrize(("days", "usable"), [(-1, False), (0, True), (1, True)])
    def test_its_links_work_up_to_and_on_its_last_day(self, days, usable):
        found = invitation(expires_on=TODAY + timedelta(days=days))
        assert (found.is_usable, found.may_be_repeated, found.may_have_link) == (usable,) * 3

    def test_nothing_works_in_a_closed_round_nor_for_an_erased_person(self):
        for found in (invitation(round_state="closed"), invitation(contact=Contact(name="–", erased_on=TODAY))):
            assert (found.is_usable, found.may_be_repeated, found.may_have_link) == (False,) * 3

    def test_of_a_confidential_round_nobody_of_ours_has_a_link(self):
        found = invitation(visibility="confidential")
        assert (found.may_have_link, found.may_be_repeated) == (False, True)


@pytest.mark.parametrize(
    ("days", "half"), [(1, 1), (2, 1), (3, 2), (7, 4), (21, 11), (90, 45)]
)  # fmt: skip
def test_the_reminder_comes_in_the_middle_and_of_two_days_on_the_later(days, half):
    found = invitation(invited_at=ASKED, expires_on=ASKED.date() + timedelta(days=days))
    assert halfway(found) == ASKED.date() + timedelta(days=half)


@pytest.mark.django_db
class TestTheDatabase:
    def refused(self, make, *args, **fields) -> str:
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            make(*args, **fields)
        return str(refusal.value)

    def test_a_contact_is_invited_once_a_round(self, edition):
        round_ = make_assessment()
        contact = make_contact(round_.account, email="anna@example.com")
        make_invitation(round_, contact)
        self.refused(make_invitation, round_, contact, state="revoked")

    @pytest.mark.parametrize("fields", [{"state": "answered"}, {"state": "opened", "answered_at": ASKED}])
    def test_the_moment_of_the_answer_is_there_exactly_when_answered(self, edition, fields):
        round_ = make_assessment()
        message = self.refused(make_invitation, round_, make_contact(round_.account), **fields)
        assert "invitation_answered_at_exactly_when_answered" in message

    @pytest.mark.parametrize(("state", "why"), [("skipped", ""), ("asked", "recent"), ("waiting", "recent")])
    def test_an_account_of_an_order_is_passed_over_for_a_reason(self, state, why):
        job = BulkRounds.objects.create(user=make_user(), closes_on=TODAY, visibility="named", total=1)
        message = self.refused(BulkAccount.objects.create, job=job, account=make_account(), state=state, why=why)
        assert "bulk_account_skipped_with_a_reason" in message
