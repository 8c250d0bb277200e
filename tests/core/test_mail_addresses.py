"""E-mail addresses with accents: after the @ they are sent as IDNA, before it they are refused, by every way in."""

from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.core.mail.backends.smtp import EmailBackend
from django.urls import reverse

from accounts.models import Contact, User
from core.mail_addresses import fault_of
from tests.api.conftest import Caller
from tests.factories import make_account, make_administrator, make_contact, make_user
from tests.importing.contact_lists import apply
from tests.surveys.inviting import sent

pytestmark = pytest.mark.django_db

BEFORE_THE_AT = "has a letter before the @ that mail cannot be sent to"
NONE = "is not an e-mail address. Write name@example.com."
FAULTS = {"jörg@example.com": BEFORE_THE_AT, "jan": NONE, f"jan@{'ü' * 70}.example": NONE, "jan@example,com": NONE}


@pytest.fixture
def account():
    return make_account(name="Acme", owner=make_user(email="mila@example.com"))


def person(email: str) -> dict:
    return {"name": "Jan", "email": email, "buying_role": "user", "influence": "2", "active": "on", "part_of_decision": "on"}


class TestDomain:
    """`münchen.example` is taken by every way in."""

    def test_by_the_form_of_a_contact(self, client, account):
        client.force_login(account.owner)
        client.post(reverse("accounts:contact_new", args=[account.pk]), person("jan@münchen.example"))
        assert Contact.objects.get().email == "jan@münchen.example"

    def test_by_a_list(self, account):
        apply(account.owner, "account,name,email\nAcme,Jan,jan@münchen.example\n")
        assert Contact.objects.get().email == "jan@münchen.example"

    def test_by_the_api(self, account):
        made = Caller(account.owner).post(
            f"/accounts/{account.pk}/contacts", {"name": "Jan", "email": "jan@münchen.example", "buying_role": "user"}
        )
        assert (made.status_code, made.json()["email"]) == (201, "jan@münchen.example")

    def test_by_the_form_of_a_user(self, client):
        client.force_login(make_administrator())
        client.post(reverse("people:invite"), {"people": "Jan <jan@münchen.example>", "role": "manager"})
        assert User.objects.filter(email="jan@münchen.example").exists()

    def test_mail_goes_to_it_as_idna(self, edition, account):
        account.owner.email = "mila@zürich.example"
        account.owner.save()
        invitation = sent(make_contact(account, name="Jan, é", email="jan@münchen.example"))
        assert invitation.state == "sent"
        (message,) = mail.outbox
        read = message_from_bytes(message.message(policy=policy.SMTP).as_bytes(), policy=policy.default)
        assert [one.addr_spec for one in read["To"].addresses] == ["jan@xn--mnchen-3ya.example"]
        assert [one.addr_spec for one in read["Reply-To"].addresses] == ["mila@xn--zrich-kva.example"]
        envelope = EmailBackend.prep_address(None, message.to[0])  # told to the mail server
        assert envelope == "jan@xn--mnchen-3ya.example"


@pytest.mark.parametrize(("email", "words"), FAULTS.items())
class TestRefused:
    """What no mail can be sent to, by every way in, with a sentence."""

    def test_by_the_form_of_a_contact(self, client, account, email, words):
        client.force_login(account.owner)
        told = client.post(reverse("accounts:contact_new", args=[account.pk]), person(email))
        assert told.status_code == 422 and words in told.text
        assert not Contact.objects.exists()

    def test_by_a_list(self, account, email, words):
        (problem,) = apply(account.owner, f'account,name,email\nAcme,Jan,"{email}"\n').problems
        assert words in problem

    def test_by_the_api(self, account, email, words):
        sent_body = {"name": "Jan", "email": email, "buying_role": "user"}
        told = Caller(account.owner).post(f"/accounts/{account.pk}/contacts", sent_body)
        assert told.status_code == 422 and words in str(told.json())

    def test_by_the_form_of_a_user(self, client, email, words):
        client.force_login(make_administrator())
        told = client.post(reverse("people:invite"), {"people": f"Jan <{email}>", "role": "manager"})
        assert words in told.text and not User.objects.filter(email=email).exists()


@pytest.mark.parametrize("email", ["jan@example.com", "o'neil+x@sub.example.co.uk", "jan@localhost"])
def test_ordinary_ones_have_no_fault(email):
    assert fault_of(email) == ""
