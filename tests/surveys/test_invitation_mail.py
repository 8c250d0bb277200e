"""The mails: what stands in them, in which language, with which link; and how it went, told on the invitation."""

import logging
import smtplib
from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.utils import timezone

from accounts.acts.changing import set_archived
from assessments.rounds.closing import close
from audit.models import Event
from mailing import outbox
from mailing.models import Letter
from surveys.invitations import Wording, default_wording, send_again
from surveys.models import Invitation
from surveys.survey.response import ask_no_more, note_opened
from tests.factories import answer, make_account, make_contact, make_user
from tests.mailing.test_outbox import MailServer
from tests.surveys.inviting import asked, last_mail, link_in, sent

R1 = "5445 4434 3433 2212 1121"


@pytest.fixture
def account(edition):
    return make_account(owner=make_user(name="Mila Vermeer", email="mila@example.com"))


@pytest.fixture
def anna(account):
    return make_contact(account, name="Anna Bakker", email="anna@example.com")


@pytest.fixture
def server(settings):
    settings.MAILERS = {"default": {"BACKEND": "tests.mailing.test_outbox.MailServer"}}
    MailServer.taken, MailServer.when_opened, MailServer.when_given, MailServer.when_closed = [], None, None, None
    return MailServer


class TestWhatItSays:
    def test_from_whom_to_whom_and_where_an_answer_goes(self, anna):
        sent(anna)
        message = last_mail()
        assert message.from_email == "Mila Vermeer <standing@localhost>"
        assert message.to == ["Anna Bakker <anna@example.com>"]
        assert message.reply_to == ["Mila Vermeer <mila@example.com>"]
        assert message.extra_headers["Auto-Submitted"] == "auto-generated"

    @pytest.mark.parametrize("part", ["text", "html"])
    def test_who_asks_why_how_long_until_when_with_a_link_and_a_way_out(self, anna, part):
        with time_machine.travel(date(2027, 3, 1)):
            sent(anna, wording={"en": Wording("Your view", "Tell us, please.\n\nIt matters.")})
        message = last_mail()
        said = message.body if part == "text" else message.alternatives[0].content
        link = link_in(message)
        for words in (
            "Dear Anna Bakker,", "Tell us, please.", "It matters.", "about 5 minutes", "until 22 March 2027", "Mila Vermeer",
            link, f"{link}?stop",
        ):  # fmt: skip
            assert words in said
        assert message.subject == "Your view"

    @pytest.mark.parametrize(
        ("visibility", "words"),
        [("named", "see your answers with your name"), ("confidential", "Nobody sees yours alone")],
    )
    def test_who_sees_the_answers(self, anna, visibility, words):
        sent(anna, visibility=visibility)
        assert words in last_mail().body
        assert words in last_mail().alternatives[0].content

    def test_in_the_language_of_the_contact(self, anna):
        with time_machine.travel(date(2027, 3, 1)):
            sent(anna, language="nl")
        assert "22 maart 2027" in last_mail().body
        assert '<html lang="nl">' in last_mail().alternatives[0].content

    def test_which_organisation_asks_where_the_settings_name_it(self, anna, settings):
        settings.ORGANISATION = "Jansen & Co"
        sent(anna, wording={"en": default_wording("en")})
        message, html = last_mail(), last_mail().alternatives[0].content
        assert message.subject == "How do you see Jansen & Co?"
        assert message.from_email == "Mila Vermeer of Jansen & Co <standing@localhost>"
        assert message.reply_to == ["Mila Vermeer <mila@example.com>"]
        assert "how you see Jansen & Co as a supplier" in message.body
        assert "Mila Vermeer of Jansen & Co and the account team see your answers" in message.body
        assert "Mila Vermeer\nJansen & Co\nmila@example.com" in message.body
        assert "Mila Vermeer of Jansen &amp; Co and the account team" in html
        assert "Mila Vermeer<br>Jansen &amp; Co<br>" in html

    def test_no_organisation_where_the_settings_name_none(self, anna):
        sent(anna, wording={"en": default_wording("en")})
        message = last_mail()
        assert message.subject == "How do you see us?"
        assert "Mila Vermeer\nmila@example.com" in message.body
        assert "Mila Vermeer and the account team" in message.body

    def test_in_confidence_nobody_of_the_organisation_sees_one_alone(self, anna, settings):
        settings.ORGANISATION = "Jansen & Co"
        sent(anna, visibility="confidential")
        assert "Nobody at Jansen & Co sees yours alone" in last_mail().body

    def test_what_someone_wrote_stays_text(self, account):
        bob = make_contact(account, name="Bob <b>", email="bob@example.com")
        sent(bob, wording={"en": Wording("5 > 3", "A & B <script>")})
        assert "A & B <script>" in last_mail().body
        assert "A &amp; B &lt;script&gt;" in last_mail().alternatives[0].content
        assert message_from_bytes(last_mail().message().as_bytes(), policy=policy.default)["Subject"] == "5 > 3"

    def test_a_name_with_a_line_break_makes_no_header_of_its_own(self, account):
        bob = make_contact(account, name="Bob\nBcc: all@example.com", email="bob@example.com")
        sent(bob)
        assert last_mail().message()["Bcc"] is None


class TestTheSecret:
    def test_the_token_stands_in_the_mail_and_nowhere_else(self, anna, caplog):
        caplog.set_level(logging.DEBUG)
        invitation = sent(anna)
        send_again(invitation, by=anna.account.owner, seen=1)
        outbox.deliver_due()
        tokens = [link_in(message).rstrip("/").rpartition("/")[2] for message in mail.outbox]
        assert len(tokens) == 2 and min(map(len, tokens)) >= 32
        kept = whole_database()
        assert "anna@example.com" in kept  # the search finds what is there
        for token in tokens:
            assert token not in kept
            assert token not in caplog.text

    def test_not_when_the_mail_fails_either(self, anna, server, caplog):
        server.when_given = smtplib.SMTPDataError(554, b"refused: https://standing.example.com/survey/abcdefgh/")
        sent(anna)
        assert "abcdefgh" not in whole_database() + caplog.text


def whole_database() -> str:
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


class TestHowItWent:
    def test_sent(self, anna):
        invitation = sent(anna)
        assert invitation.state == "sent"
        event = Event.objects.get(act="invitation.sent")
        assert (event.actor, event.before, event.after) == (None, {"state": "queued"}, {"state": "sent"})

    def test_refused_for_good_says_why(self, anna, server):
        server.when_given = smtplib.SMTPRecipientsRefused({"anna@example.com": (550, b"no such user")})
        invitation = sent(anna)
        assert invitation.state == "failed"
        assert "is the address right?" in invitation.trouble_in_words

    def test_a_server_that_is_away_for_hours(self, anna, server):
        server.when_opened = ConnectionRefusedError()
        invitation = asked(anna)
        with time_machine.travel(timezone.now()) as clock:
            for _ in range(6):
                outbox.deliver_due()
                clock.shift(timedelta(hours=7))
        invitation.refresh_from_db()
        assert (invitation.state, "could not be reached" in invitation.trouble_in_words) == ("failed", True)

    def test_unsure(self, anna, server):
        server.when_given = TimeoutError()
        invitation = sent(anna)
        assert (invitation.state, "Ask whether it arrived" in invitation.trouble_in_words) == ("unsure", True)

    def test_what_the_contact_did_meanwhile_stays(self, anna):
        invitation = asked(anna)
        note_opened(invitation)
        outbox.deliver_due()
        invitation.refresh_from_db()
        assert invitation.state == "opened"

    def test_an_earlier_letter_says_nothing_of_a_later_one(self, anna):
        invitation = sent(anna)
        first = Letter.objects.get()
        send_again(invitation, by=anna.account.owner, seen=1)
        Letter.objects.filter(pk=first.pk).update(state="sending", settled_at=None, taken_at=timezone.now() - timedelta(hours=1))
        outbox.take_stock()
        invitation.refresh_from_db()
        assert invitation.state == "queued"


class TestNoLongerWanted:
    """Between asking and sending, the world goes on."""

    @pytest.fixture
    def invitation(self, anna):
        return asked(anna)

    def after_delivery(self, invitation: Invitation) -> Invitation:
        outbox.deliver_due()
        invitation.refresh_from_db()
        assert mail.outbox == []
        assert Letter.objects.get().state == "cancelled"
        return invitation

    def test_the_contact_said_not_to_ask(self, invitation):
        ask_no_more(invitation)
        assert self.after_delivery(invitation).state == "revoked"

    def test_the_contact_left(self, invitation, anna):
        type(anna).objects.update(active=False)
        assert self.after_delivery(invitation).state == "revoked"

    def test_the_address_was_taken_away(self, invitation, anna):
        type(anna).objects.update(email="")
        failed = self.after_delivery(invitation)
        assert (failed.state, failed.trouble_in_words) == ("failed", "There is no e-mail address any more.")

    def test_the_round_was_closed(self, invitation, account):
        answer(invitation.assessment, account.owner, R1)
        close(invitation.assessment, by=account.owner)
        failed = self.after_delivery(invitation)
        assert (failed.state, "too late" in failed.trouble_in_words) == ("failed", True)

    def test_the_account_was_archived(self, invitation, account):
        set_archived(account, by=account.owner, seen=account.version, archived=True)
        assert self.after_delivery(invitation).state == "failed"

    def test_its_last_day_passed(self, invitation):
        with time_machine.travel(timezone.now() + timedelta(days=22)):
            assert self.after_delivery(invitation).state == "failed"
