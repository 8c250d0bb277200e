"""Letters on their way: sent once, tried again later, given up, or said to be unsure."""

import smtplib
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from mailing import outbox
from mailing.mail import Mail, mailbox
from mailing.models import Letter, failure_in_words

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0)
GONE = smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


class MailServer(BaseEmailBackend):
    """The outside world: takes mail, or raises what it is told to."""

    taken: list[EmailMessage] = []
    when_opened: Exception | None = None
    when_given: Exception | None = None
    when_closed: Exception | None = None

    def open(self):
        if self.when_opened:
            raise self.when_opened

    def send_messages(self, messages):
        if self.when_given:
            raise self.when_given
        self.taken.extend(messages)
        return len(messages)

    def close(self):
        if self.when_closed:
            raise self.when_closed


@pytest.fixture(autouse=True)
def server(settings):
    settings.MAILERS = {"default": {"BACKEND": "tests.mailing.test_outbox.MailServer"}}
    MailServer.taken, MailServer.when_opened, MailServer.when_given, MailServer.when_closed = [], None, None, None
    return MailServer


@pytest.fixture
def heard(monkeypatch) -> list[str]:
    """The states that the kind of letter heard of."""
    heard: list[str] = []
    register(lambda letter: EmailMessage("Hello", "There", None, ["anna@example.com"]), heard, monkeypatch)
    return heard


def register(write: Callable, heard: list[str], monkeypatch) -> None:
    monkeypatch.setitem(outbox._kinds, "test", outbox.LetterKind(write, lambda letter: heard.append(letter.state)))


def post(key: str = "one") -> Letter:
    outbox.post("test", 1, key=key)
    return Letter.objects.get(key=key)


def state(letter: Letter) -> str:
    letter.refresh_from_db()
    return letter.state


class TestSending:
    def test_a_letter_is_sent_once_and_its_kind_hears_of_it(self, server, heard):
        letter = post()
        assert (outbox.deliver_due(), outbox.deliver_due()) == (1, 0)
        assert (len(server.taken), state(letter), heard) == (1, "sent", ["sent"])

    def test_the_same_key_twice_is_one_letter(self, server, heard):
        post()
        post()
        outbox.deliver_due()
        assert len(server.taken) == 1

    def test_what_is_no_longer_wanted_is_not_sent(self, server, heard, monkeypatch):
        register(lambda letter: None, heard, monkeypatch)
        letter = post()
        outbox.deliver_due()
        assert (server.taken, state(letter), heard) == ([], "cancelled", ["cancelled"])

    def test_a_server_that_says_goodbye_badly_took_the_mail_all_the_same(self, server, heard):
        server.when_closed = GONE
        letter = post()
        outbox.deliver_due()
        assert state(letter) == "sent"

    def test_the_worker_hears_of_a_letter_when_the_act_is_stored(self, heard, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks() as called:
            post()
            post("one")
        assert len(called) == 2
        with django_capture_on_commit_callbacks() as called:
            outbox.post_many("test", {"two": 2, "three": 3})
        assert len(called) == 1


class TestTryingAgain:
    def test_a_server_that_is_away_gets_it_later_each_time_longer_and_at_last_it_has_failed(self, server, heard):
        server.when_opened = ConnectionRefusedError()
        waits = []
        with time_machine.travel(NOW, tick=False) as clock:
            letter = post()
            while state(letter) == "queued":
                waits.append(letter.due_at - timezone.now())
                clock.move_to(letter.due_at)
                outbox.deliver_due()
        minutes = [wait / timedelta(minutes=1) for wait in waits]
        assert minutes == [0, 1, 10, 60, 360]
        assert (letter.state, letter.error, heard) == ("failed", "ConnectionRefusedError", ["failed"])

    def test_not_before_its_time(self, server, heard):
        server.when_opened = ConnectionRefusedError()
        with time_machine.travel(NOW, tick=False) as clock:
            letter = post()
            outbox.deliver_due()
            server.when_opened = None
            clock.shift(timedelta(seconds=59))
            assert outbox.deliver_due() == 0
            clock.shift(timedelta(seconds=1))
            outbox.deliver_due()
        assert state(letter) == "sent"

    def test_while_the_server_is_away_the_other_letters_spend_no_attempt(self, server, heard):
        server.when_opened = ConnectionRefusedError()
        first, second = post("one"), post("two")
        assert outbox.deliver_due() == 1
        second.refresh_from_db()
        assert (state(first), second.attempts) == ("queued", 0)

    @pytest.mark.parametrize(
        "error",
        [
            smtplib.SMTPRecipientsRefused({"anna@example.com": (450, b"greylisted")}),
            smtplib.SMTPDataError(451, b"try again later"),
        ],
    )
    def test_a_server_that_says_later_gets_it_later(self, server, heard, error):
        server.when_given = error
        letter = post()
        outbox.deliver_due()
        assert (state(letter), heard) == ("queued", [])
        assert letter.error.endswith(("450", "451"))

    def test_a_letter_that_cannot_be_written_is_tried_again_and_the_next_one_goes_on(self, server, heard, monkeypatch):
        def write(letter):
            if letter.key == "one":
                raise RuntimeError("https://standing.example.com/survey/secret/")
            return EmailMessage("Hello", "There", None, ["anna@example.com"])

        register(write, heard, monkeypatch)
        bad, good = post("one"), post("two")
        outbox.deliver_due()
        assert (state(bad), state(good)) == ("queued", "sent")
        assert bad.error == "unwritten RuntimeError"  # never its text: it may hold a link

    def test_a_kind_that_nobody_knows_any_more_does_not_hold_up_the_others(self, server, heard):
        outbox.post("forgotten", 1, key="zero")
        letter = post()
        outbox.deliver_due()
        assert state(letter) == "sent"


class TestGivingUp:
    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (smtplib.SMTPRecipientsRefused({"anna@example.com": (550, b"no such user")}), "SMTPRecipientsRefused 550"),
            (smtplib.SMTPSenderRefused(553, b"not you", "standing@localhost"), "SMTPSenderRefused 553"),
            (smtplib.SMTPDataError(554, b"spam"), "SMTPDataError 554"),
            (ValueError("Invalid address"), "malformed ValueError"),
            (smtplib.SMTPNotSupportedError("SMTPUTF8"), "malformed SMTPNotSupportedError"),
        ],
    )
    def test_a_server_that_says_no_is_not_asked_again(self, server, heard, error, reason):
        server.when_given = error
        letter = post()
        outbox.deliver_due()
        assert (state(letter), letter.error, heard) == ("failed", reason, ["failed"])
        assert letter.settled_at is not None

    @pytest.mark.parametrize("address", ["jörg@example.com", "jan@example.com\nBcc: ilse@example.com"])
    def test_a_mail_that_no_server_could_take_fails_at_once(self, server, heard, monkeypatch, address):
        def write(letter):
            return Mail("Hello", "There", None, [mailbox("Jan", address)])

        register(write, heard, monkeypatch)
        letter = post()
        outbox.deliver_due()
        assert (state(letter), heard, letter.attempts, server.taken) == ("failed", ["failed"], 1, [])
        assert letter.error.startswith("malformed ") and "example.com" not in letter.error

    def test_so_does_one_with_a_header_that_cannot_be(self, server, heard, monkeypatch):
        register(lambda letter: EmailMessage("a\nBcc: b@example.com", "b", None, ["a@example.com"]), heard, monkeypatch)
        letter = post()
        outbox.deliver_due()
        assert (state(letter), letter.error) == ("failed", "malformed ValueError")

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            ("malformed ValueError", "No mail can be written to this address or name"),
            ("unwritten KeyError", "The mail could not be written"),
            ("SMTPRecipientsRefused 550", "is the address right?"),
            ("SMTPSenderRefused 553", "does not take mail from our own address"),
            ("SMTPDataError 554", "refused the mail (554)"),
            ("SMTPDataError 451", "put it off again and again (451)"),
            ("ConnectionRefusedError", "could not be reached"),
        ],
    )
    def test_the_reason_is_said_in_words(self, error, words):
        assert words in failure_in_words(error)

    def test_what_did_not_fail_has_no_reason(self):
        assert failure_in_words("") == ""


class TestUnsure:
    @pytest.mark.parametrize("error", [GONE, TimeoutError(), ConnectionResetError(), RuntimeError()])
    def test_a_connection_that_breaks_off_while_it_is_given_leaves_open_whether_it_was_sent(self, server, heard, error):
        server.when_given = error
        letter = post()
        outbox.deliver_due()
        assert (state(letter), heard) == ("unsure", ["unsure"])
        server.when_given = None
        assert outbox.deliver_due() == 0  # not sent a second time

    def test_the_letter_of_a_lost_worker_may_have_been_sent(self, server, heard):
        letter = post()
        with time_machine.travel(NOW, tick=False) as clock:
            Letter.objects.filter(pk=letter.pk).update(state="sending", attempts=1, taken_at=timezone.now())
            clock.shift(outbox.LOST_AFTER)
            outbox.deliver_due()
            assert state(letter) == "sending"  # it may still be at it
            clock.shift(timedelta(seconds=1))
            outbox.deliver_due()
        assert (state(letter), heard, server.taken) == ("unsure", ["unsure"], [])

    def test_a_worker_that_was_only_slow_corrects_it(self, server, heard, monkeypatch):
        def write(letter):
            Letter.objects.update(taken_at=timezone.now() - timedelta(hours=1))
            assert outbox.take_stock() == 1
            return EmailMessage("Hello", "There", None, ["anna@example.com"])

        register(write, heard, monkeypatch)
        letter = post()
        outbox.deliver_due()
        assert (state(letter), heard) == ("sent", ["unsure", "sent"])

    def test_what_was_taken_for_lost_is_not_tried_again_behind_the_back_of_who_sent_it_again(self, server, heard, monkeypatch):
        def write(letter):
            Letter.objects.update(taken_at=timezone.now() - timedelta(hours=1))
            outbox.take_stock()
            raise RuntimeError

        register(write, heard, monkeypatch)
        letter = post()
        outbox.deliver_due()
        assert state(letter) == "failed"
