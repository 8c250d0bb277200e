"""Letters: how they are posted, in which order they go, and what each answer of a mail server means."""

import smtplib
from datetime import timedelta
from email.errors import MessageError

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from mailing import outbox
from mailing.mail import Mail, mailbox, one_line, written_to
from mailing.models import Letter, failure_in_words
from tests.mailing import test_outbox

MailServer = test_outbox.MailServer
server = test_outbox.server


@pytest.fixture
def heard(monkeypatch) -> list[str]:
    """The states that the kind of letter was told; its mail has the key of the letter as its subject."""
    heard: list[str] = []
    kind = outbox.LetterKind(
        lambda letter: EmailMessage(letter.key, "There", None, ["anna@example.com"]), lambda letter: heard.append(letter.state)
    )
    monkeypatch.setitem(outbox._kinds, "test", kind)
    return heard


def post(key: str = "one") -> Letter:
    outbox.post("test", 1, key=key)
    return Letter.objects.get(key=key)


@pytest.mark.django_db
class TestPosting:
    def test_a_letter_waits_with_its_subject_and_no_attempt(self):
        letter = post()
        assert (letter.kind, letter.subject_id, letter.state, letter.attempts, letter.error) == ("test", 1, "queued", 0, "")
        assert (letter.settled_at, letter.taken_at, str(letter), letter.is_on_its_way) == (None, None, "one", True)

    def test_a_key_that_was_used_changes_nothing_of_the_first(self):
        post()
        outbox.post_many("other", {"one": 7, "two": 8})
        assert list(Letter.objects.order_by("key").values_list("key", "kind", "subject_id")) == [
            ("one", "test", 1),
            ("two", "other", 8),
        ]

    def test_no_letters_cost_no_statement_and_call_nobody(self, django_assert_num_queries, django_capture_on_commit_callbacks):
        with django_assert_num_queries(0), django_capture_on_commit_callbacks() as called:
            outbox.post_many("test", {})
        assert called == []

    def test_a_letter_goes_with_its_transaction(self):
        with pytest.raises(RuntimeError), transaction.atomic():
            outbox.post("test", 1, key="one")
            raise RuntimeError
        assert not Letter.objects.exists()

    def test_letters_are_found_by_kind_and_subject(self):
        for kind, subject, key in (("a", 1, "1"), ("a", 2, "2"), ("b", 1, "3")):
            outbox.post(kind, subject, key=key)
        assert [letter.key for letter in Letter.objects.about("a", 1)] == ["1"]

    @pytest.mark.parametrize(
        "wrong", [{"state": "sent"}, {"state": "queued", "settled_at": timezone.now()}, {"state": "failed"}, {"state": "nowhere"}]
    )
    def test_a_letter_is_settled_exactly_when_it_is_over(self, wrong):
        post()
        with pytest.raises(IntegrityError), transaction.atomic():
            Letter.objects.update(**wrong)


@pytest.mark.django_db
class TestOrder:
    def test_the_longest_waiting_goes_first(self, server, heard):
        for key, minutes in (("one", 1), ("two", 3), ("three", 2)):
            post(key)
            Letter.objects.filter(key=key).update(due_at=timezone.now() - timedelta(minutes=minutes))
        outbox.deliver_due()
        assert [mail.subject for mail in server.taken] == ["two", "three", "one"]

    def test_a_run_takes_no_more_than_it_may(self, server, heard):
        for key in ("one", "two", "three"):
            post(key)
        assert outbox.deliver_due(most=2) == 2
        assert Letter.objects.filter(state="queued").count() == 1

    def test_a_run_ends_when_its_time_is_over(self, server, heard, monkeypatch):
        post()
        monkeypatch.setattr(outbox.LetterRunner, "seconds", 0)
        assert outbox.deliver_due() == 0 and server.taken == []

    @pytest.mark.parametrize("state", ["sent", "failed", "unsure", "cancelled"])
    def test_what_is_over_is_not_sent(self, server, heard, state):
        letter = post()
        Letter.objects.filter(pk=letter.pk).update(state=state, settled_at=timezone.now())
        assert outbox.deliver_due() == 0 and server.taken == [] and heard == []


def recipients(*codes: int) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({f"{n}@example.com": (code, b"no") for n, code in enumerate(codes)})


@pytest.mark.django_db
class TestAnswers:
    @pytest.mark.parametrize(
        ("error", "state", "reason"),
        [
            (smtplib.SMTPDataError(399, b""), "unsure", "SMTPDataError 399"),
            (smtplib.SMTPDataError(400, b""), "queued", "SMTPDataError 400"),
            (smtplib.SMTPDataError(499, b""), "queued", "SMTPDataError 499"),
            (smtplib.SMTPDataError(500, b""), "failed", "SMTPDataError 500"),
            (recipients(450, 550), "failed", "SMTPRecipientsRefused 550"),
            (recipients(450, 451), "queued", "SMTPRecipientsRefused 451"),
            (smtplib.SMTPRecipientsRefused({}), "unsure", "SMTPRecipientsRefused"),
            (smtplib.SMTPSenderRefused(450, b"", "a@example.com"), "queued", "SMTPSenderRefused 450"),
        ],
    )
    def test_a_code_decides_what_becomes_of_a_letter(self, server, heard, error, state, reason):
        server.when_given = error
        letter = post()
        outbox.deliver_due()
        letter.refresh_from_db()
        assert (letter.state, letter.error) == (state, reason)
        assert heard == ([] if state == "queued" else [state])

    def test_a_later_success_leaves_no_reason(self, server, heard):
        server.when_given = smtplib.SMTPDataError(451, b"")
        letter = post()
        outbox.deliver_due()
        server.when_given = None
        Letter.objects.update(due_at=timezone.now())
        outbox.deliver_due()
        letter.refresh_from_db()
        assert (letter.state, letter.attempts, letter.error) == ("sent", 2, "")

    def test_what_cannot_be_settled_does_not_hold_up_the_others(self, server, heard, monkeypatch):
        def settled(letter):
            if letter.key == "one":
                raise RuntimeError
            heard.append(letter.key)

        monkeypatch.setitem(outbox._kinds, "test", outbox.LetterKind(lambda letter: None, settled))
        for key in ("one", "two"):
            post(key)
        Letter.objects.update(state="sending", attempts=1, taken_at=timezone.now() - timedelta(hours=1))
        assert outbox.take_stock() == 1
        assert heard == ["two"]
        assert dict(Letter.objects.values_list("key", "state")) == {"one": "sending", "two": "unsure"}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("SMTPSenderRefused 450", "put it off again and again (450)"),
        ("SMTPRecipientsRefused 450", "put it off again and again (450)"),
        ("SMTPRecipientsRefused", "could not be reached"),
        ("TimeoutError", "could not be reached"),
        ("malformed", "No mail can be written"),
        ("unwritten", "could not be written, though we tried"),
    ],
)
def test_each_reason_has_its_words_in_both_languages(error, words):
    english = failure_in_words(error)
    assert words in english
    with translation.override("nl"):
        assert failure_in_words(error) != english


@pytest.mark.parametrize(("text", "line"), [("a\nb", "a b"), ("a\r\n b\tc ", "a b c"), ("", ""), ("a\u2028b", "a b")])
def test_a_header_is_one_line(text, line):
    assert one_line(text) == line


@pytest.mark.parametrize("address", ["", "anna", "@example.com", "anna@"])
def test_half_an_address_is_refused(address):
    with pytest.raises((ValueError, MessageError)):
        Mail("s", "b", None, [mailbox("Anna", address)]).message().as_bytes()


class TestWhereMailIsWritten:
    FILES = "django.core.mail.backends.filebased.EmailBackend"

    def told(self, settings, folder: str, *, backend: str = FILES) -> str:
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {"file_path": folder}}}
        return written_to()

    def test_a_folder_in_the_checkout_is_named_from_there(self, settings):
        assert self.told(settings, str(settings.BASE_DIR / "var" / "mail")) == "var/mail/"

    def test_a_folder_elsewhere_is_named_whole(self, settings):
        assert self.told(settings, "/somewhere/mail") == "/somewhere/mail/"

    def test_nothing_is_said_where_mail_is_sent(self, settings):
        assert self.told(settings, "/somewhere/mail", backend="django.core.mail.backends.smtp.EmailBackend") == ""
