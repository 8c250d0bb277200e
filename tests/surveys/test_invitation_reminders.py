"""One reminder, after half of the time, to who has not answered."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail

from accounts.acts.changing import set_archived
from assessments.rounds.closing import close
from audit.models import Event
from mailing import outbox
from mailing.models import Letter
from surveys.invitations import invite, revoke
from surveys.models import Invitation
from surveys.reminders import halfway, remind, remind_contacts
from surveys.survey.response import ask_no_more, note_opened
from tests.factories import answer, make_account, make_contact
from tests.surveys.inviting import ask, link_in, sent

R1 = "5445 4434 3433 2212 1121"
START = date(2027, 3, 1)
HALF, LAST = date(2027, 3, 12), date(2027, 3, 22)  # of three weeks

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(edition):
    with time_machine.travel(START) as clock:
        yield clock


@pytest.fixture
def anna(clock):
    return make_contact(make_account(), name="Anna", email="anna@example.com")


@pytest.fixture
def invitation(anna):
    invitation = sent(anna)
    mail.outbox.clear()
    return invitation


def reminders_on(day: date, clock) -> int:
    """How many reminders went out that day."""
    clock.move_to(day)
    before = len(mail.outbox)
    written = remind_contacts.call()
    outbox.deliver_due()
    assert len(mail.outbox) - before == written  # what is written is wanted
    return written


def test_comes_halfway_and_not_before(invitation, clock):
    assert halfway(invitation) == HALF
    assert reminders_on(HALF - timedelta(days=1), clock) == 0
    assert reminders_on(HALF, clock) == 1
    invitation.refresh_from_db()
    assert invitation.reminded_on == HALF
    assert Event.objects.get(act="invitation.reminded").after == {"reminded_on": HALF.isoformat()}


def test_says_what_it_is_and_has_a_link_of_its_own(invitation, clock):
    reminders_on(HALF, clock)
    (message,) = mail.outbox
    assert message.subject == "Reminder: How do you see us?"
    for words in ("Dear Anna", "On 1 March I asked you", "until 22 March 2027", f"{link_in(message)}?stop"):
        assert words in message.body


def test_comes_once_however_often_the_clock_strikes(invitation, clock):
    days = [HALF + timedelta(days=n) for n in (0, 0, 1, 5)]
    assert [reminders_on(day, clock) for day in days] == [1, 0, 0, 0]


def test_twice_on_one_morning_is_one_letter(invitation, clock):
    clock.move_to(HALF)
    remind(HALF)
    remind(HALF)
    assert Letter.objects.filter(kind="surveys.reminder").count() == 1


def test_not_on_the_last_day(invitation, clock):
    assert reminders_on(LAST, clock) == 0


def test_on_the_day_before_it_may(invitation, clock):
    assert reminders_on(LAST - timedelta(days=1), clock) == 1


def test_who_opened_it_is_reminded_too(invitation, clock):
    note_opened(invitation)
    assert reminders_on(HALF, clock) == 1


def test_who_answered_is_not_also_where_we_entered_it(invitation, anna, clock):
    answer(invitation.assessment, anna, R1)
    assert reminders_on(HALF, clock) == 0


def test_who_answers_while_the_letter_waits_is_not(invitation, anna, clock):
    clock.move_to(HALF)
    remind(HALF)
    answer(invitation.assessment, anna, R1)
    outbox.deliver_due()
    invitation.refresh_from_db()
    assert (mail.outbox, invitation.reminded_on) == ([], None)


def test_a_letter_that_waits_into_the_last_day_is_not_sent(invitation, clock):
    clock.move_to(LAST - timedelta(days=1))
    remind(LAST - timedelta(days=1))
    clock.move_to(LAST)
    outbox.deliver_due()
    assert mail.outbox == []


def test_who_wants_no_mail_any_more_is_not(invitation, clock):
    ask_no_more(invitation)
    assert reminders_on(HALF, clock) == 0


def test_a_withdrawn_invitation_is_not(invitation, clock):
    revoke(invitation, by=invitation.invited_by)
    assert reminders_on(HALF, clock) == 0


def test_not_in_a_closed_round(invitation, clock):
    answer(invitation.assessment, invitation.invited_by, R1)
    close(invitation.assessment, by=invitation.invited_by)
    assert reminders_on(HALF, clock) == 0


def test_not_of_an_archived_account(invitation, anna, clock):
    set_archived(anna.account, by=anna.account.owner, seen=anna.account.version, archived=True)
    assert reminders_on(HALF, clock) == 0


def test_not_where_the_first_mail_did_not_arrive(invitation, clock):
    Invitation.objects.update(state="failed")
    assert reminders_on(HALF, clock) == 0


def test_who_got_a_link_by_hand_gets_no_mail(anna, clock):
    invite(anna.account, {anna.pk: "en"}, ask(by_mail=False), by=anna.account.owner)
    assert reminders_on(HALF, clock) == 0
