"""The page of the mail server: a test that tells the truth, and where mail goes until it is set up."""

from smtplib import SMTPAuthenticationError, SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from config import environment
from core import organisation
from core.models import Organisation
from tests.factories import make_account, make_administrator, make_contact, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_cache")]


class FailingServer(BaseEmailBackend):
    error: Exception

    def send_messages(self, email_messages):
        raise type(self).error


@pytest.fixture
def ada(client):
    person = make_administrator(email="ada@example.com")
    client.force_login(person)
    return person


def send(client):
    return client.post(reverse("people:mail"))


def test_a_test_goes_to_whoever_asks_and_ticks_the_step(client, ada):
    assert send(client).status_code == 302
    assert "ada@example.com" in mail.outbox[0].to[0]
    assert Organisation.objects.get().mail_worked_at and organisation.stored().mail_worked_at


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            SMTPAuthenticationError(535, b"5.7.8 Error: authentication failed: <wrong>"),
            "535 5.7.8 Error: authentication failed: &lt;wrong&gt;",
        ),
        (ConnectionRefusedError(111, "Connection refused"), "ConnectionRefusedError: [Errno 111] Connection refused"),
        (SMTPRecipientsRefused({"ada@example.com": (550, b"no such user")}), "no such user"),
        (TimeoutError("timed out"), "timed out"),
    ],
)
def test_what_the_mail_server_says_is_told_as_it_is(client, ada, settings, error, words):
    FailingServer.error = error
    settings.MAILERS = {"default": {"BACKEND": "tests.people.test_mail_page.FailingServer"}}
    answer = send(client)
    assert answer.status_code == 422 and words in answer.text
    assert not Organisation.objects.exists()


def test_where_mail_is_not_set_up_the_page_says_so_and_the_test_is_a_file(client, ada, settings, tmp_path):
    options = {"file_path": str(tmp_path)}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": options}}
    page = client.get(reverse("people:mail")).text
    assert f"written to files in {tmp_path}/" in page and "EMAIL_URL=smtps://" in page
    send(client)
    assert len(list(tmp_path.iterdir())) == 1
    assert not Organisation.objects.exists()  # nothing was sent, so nothing worked


def test_the_password_of_the_mail_server_is_on_no_page(client, ada, settings):
    options = {"host": "smtp.example.com", "port": 587, "username": "u", "password": "s3cret-of-the-server", "use_tls": True}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    page = client.get(reverse("people:mail")).text
    assert "smtp.example.com:587" in page and "encrypted" in page and "s3cret" not in page


def test_without_email_url_mail_is_written_to_files(tmp_path, monkeypatch):
    monkeypatch.delenv("EMAIL_URL", raising=False)
    found = environment.mailer("EMAIL_URL", default=tmp_path / "mail")
    assert found["OPTIONS"] == {"file_path": str(tmp_path / "mail")}


@pytest.mark.parametrize("make", [make_user, make_administrator])
def test_everybody_who_writes_letters_sees_that_mail_is_not_set_up(client, edition, settings, make):
    options = {"file_path": "/nowhere/mail"}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": options}}
    person = make()
    client.force_login(person)
    account = make_account(owner=person)
    make_contact(account, email="anna@example.com")
    for address in (reverse("surveys:invite", args=[account.pk]), reverse("surveys:rounds"), reverse("accounts:settings")):
        page = client.get(address).text
        assert "Mail is not set up" in page, address
        assert (reverse("people:mail") in page) == person.is_administrator
