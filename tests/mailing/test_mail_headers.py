"""Names in the headers of mail: whatever a person is called, each header holds one address with that name."""

from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header

import pytest
from django.core import mail

from accounts.sign_in.reset_link import send_reset_link
from mailing import outbox
from mailing.mail import Mail, mailbox
from mailing.models import Letter
from portfolio import digest
from surveys.invitations import REMINDER
from tests.factories import make_account, make_action, make_contact, make_plan, make_user
from tests.surveys.inviting import sent

NAMES = [
    "Mila Vermeer",
    'Ilse, van den Berg "Ils"',
    "Zoë Bakker, MSc",
    "René (verkoop)",
    "Noël [vroeger] Vos",
    'Chloé "Clo" Petit',
    "Böhm, Günther",
    "Café Zon, Zee & Co",
    "Back\\slash é, x",
    "李 明, 经理",
    "=?utf-8?q?evil?= <other@example.com>",
    "<evil@example.com>, é",
    "a@example.com",
    'Very long plain name, with commas, (brackets) and "quotes" going on, and on, until it folds, twice',
]
LONG = 'Zoë Bakker, MSc (Café Zon, Zee & Co), een heel lange naam die niet op een regel past, "ja" <b@c.example>'
HEADERS = ("From", "To", "Reply-To")


def read(mail_: Mail, **with_policy):
    return message_from_bytes(mail_.message(**with_policy).as_bytes(), policy=policy.default)


def only(message, header: str):
    """The one address that a header holds."""
    (found,) = message[header].addresses
    assert not message[header].defects
    return found


def one_of_each(name: str) -> Mail:
    return Mail(
        "s", "b", mailbox(name, "from@example.com"), [mailbox(name, "to@example.com")],
        reply_to=[mailbox(name, "reply-to@example.com")],
    )  # fmt: skip


@pytest.mark.parametrize("sent_by", [policy.SMTP, policy.default])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_back_as_it_was_written(name, sent_by):
    message = read(one_of_each(name), policy=sent_by)
    for header in HEADERS:
        found = only(message, header)
        assert (found.display_name, found.addr_spec) == (name, f"{header.lower()}@example.com")


def test_one_too_long_for_a_line_is_one_address_too():
    raw = one_of_each(LONG).message().as_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    for header in HEADERS:
        # Python puts a space between the parts of a name that was encoded in several; other readers do not.
        assert only(message, header).display_name.replace(" ", "") == LONG.replace(" ", "")
    written = message_from_bytes(raw)["To"]
    assert str(make_header(decode_header(written))) == f"{LONG} <to@example.com>"
    assert max(map(len, raw.splitlines())) < 100


def test_several_addresses_stay_several():
    message = read(Mail("s", "b", None, [mailbox("Böhm, G.", "a@example.com"), mailbox("Zoë, B.", "b@example.com")]))
    assert [(one.display_name, one.addr_spec) for one in message["To"].addresses] == [
        ("Böhm, G.", "a@example.com"),
        ("Zoë, B.", "b@example.com"),
    ]


@pytest.mark.parametrize("address", ["jörg@example.com", "no address", "a@b@c", "jan@example.com\nBcc: x@example.com"])
def test_what_no_mail_can_be_addressed_to_is_refused(address):
    with pytest.raises((ValueError, MessageError)):
        mailbox("Jan", address).encode("ascii")
        read(Mail("s", "b", None, [mailbox("Jan", address)]))


@pytest.mark.django_db
class TestEveryMail:
    @pytest.fixture(autouse=True)
    def organisation(self, settings):
        settings.ORGANISATION = "Café Zon, Zee & Co"
        settings.DEFAULT_FROM_EMAIL = '"Café Zon, Zee & Co" <standing@example.com>'

    @pytest.fixture
    def sender(self):
        return make_user(name="Zoë Bakker, MSc", email="zoe@example.com")

    def people(self) -> dict:
        """Who stands in the headers of the only mail that went out."""
        (sent_one,) = mail.outbox
        message = read(sent_one)
        return {name: (only(message, name).display_name, only(message, name).addr_spec) for name in HEADERS if message[name]}

    @pytest.mark.parametrize("name", NAMES[1:7])
    def test_invitation_and_reminder(self, edition, sender, name):
        contact = make_contact(make_account(owner=sender), name=name, email="contact@example.com")
        invitation = sent(contact)
        invited = self.people()
        assert invited["To"] == (name, "contact@example.com")
        assert invited["Reply-To"] == ("Zoë Bakker, MSc", "zoe@example.com")
        assert invited["From"] == ("Zoë Bakker, MSc of Café Zon, Zee & Co", "standing@example.com")
        mail.outbox.clear()
        outbox.post(REMINDER, invitation.pk, key="reminder")
        outbox.deliver_due()
        assert self.people() == invited

    def test_weekly_mail(self, edition, sender):
        make_action(make_plan(make_account(owner=sender)), due_in=-3)
        key = digest.key_of(sender.pk, digest.days.today())
        digest.write(Letter(kind=digest.KIND, subject_id=sender.pk, key=key)).send()
        self.as_expected()

    def test_link_to_choose_a_password(self, sender):
        send_reset_link.call(sender.pk, "en")
        self.as_expected()

    def as_expected(self):
        told = self.people()
        assert told["To"] == ("Zoë Bakker, MSc", "zoe@example.com")
        assert told["From"] == ("Café Zon, Zee & Co", "standing@example.com")
