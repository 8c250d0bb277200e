"""The acts on one invitation, from the page of the round."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact
from mailing import outbox
from surveys.invitations import REMINDER
from surveys.models import Invitation
from tests.factories import make_account, make_contact, make_user, make_viewer
from tests.surveys.inviting import LINK, asked, invitation_of, sent


@pytest.fixture
def account(edition, client):
    account = make_account()
    client.force_login(account.owner)
    return account


@pytest.fixture
def anna(account):
    return make_contact(account, name="Anna", email="anna@example.com")


def at(name: str, invitation: Invitation) -> str:
    return reverse(f"surveys:invitation_{name}", args=[invitation.pk])


def round_page(client, invitation: Invitation) -> str:
    return client.get(invitation.assessment.get_absolute_url()).content.decode()


def test_a_mail_that_failed_is_shown_with_its_reason_and_send_again(client, account, anna):
    invitation = sent(anna)
    Invitation.objects.update(state="failed", trouble="SMTPRecipientsRefused 550")
    mail.outbox.clear()
    page = round_page(client, invitation)
    assert "could not be sent" in page and "is the address right?" in page
    assert at("send", invitation) in page
    assert client.post(at("send", invitation), {"letters": 1}).status_code == 302
    outbox.deliver_due()
    invitation.refresh_from_db()
    assert (invitation.state, len(mail.outbox)) == ("sent", 1)
    assert "is the address right?" not in round_page(client, invitation)


def test_an_address_that_no_mail_can_go_to_fails_at_once_and_the_page_says_why(client, account, anna):
    Contact.objects.filter(pk=anna.pk).update(email="änna@example.com")  # from before such were refused
    anna.refresh_from_db()
    invitation = sent(anna)
    assert (invitation.state, mail.outbox) == ("failed", [])
    assert "No mail can be written to this address or name" in round_page(client, invitation)


def test_a_reminder_that_fails_is_told_and_the_invitation_stays_sent(client, account, anna):
    invitation = sent(anna)
    Contact.objects.filter(pk=anna.pk).update(email="änna@example.com")
    outbox.post(REMINDER, invitation.pk, key="reminder")
    outbox.deliver_due()
    invitation.refresh_from_db()
    assert (invitation.state, invitation.reminded_on) == ("sent", None)
    assert "The reminder could not be sent. No mail can be written to this address" in round_page(client, invitation)


def test_one_that_may_have_been_sent_says_so(client, account, anna):
    invitation = asked(anna)
    Invitation.objects.update(state="unsure")
    page = round_page(client, invitation)
    assert "may have been sent" in page and at("send", invitation) in page


def test_a_double_click_on_send_again_is_one_mail(client, account, anna):
    invitation = sent(anna)
    for _ in range(2):
        client.post(at("send", invitation), {"letters": 1})
        outbox.deliver_due()
    assert len(mail.outbox) == 2  # the first, and one more


@pytest.mark.parametrize("odd", ["", "x", "9" * 30, "\x00", "-1"])
def test_an_odd_number_sends_nothing(client, account, anna, odd):
    invitation = sent(anna)
    assert client.post(at("send", invitation), {"letters": odd}).status_code == 302
    assert outbox.deliver_due() == 0


def test_a_link_is_shown_once_on_a_page_that_nobody_keeps(client, account, anna):
    invitation = sent(anna)
    response = client.post(at("link", invitation))
    assert (response.status_code, response["Referrer-Policy"]) == (200, "no-referrer")
    assert "no-store" in response["Cache-Control"]
    link = LINK.search(response.content.decode()).group()
    assert invitation_of(link.rstrip("/").rpartition("/")[2]).pk == invitation.pk


def test_withdrawn_it_offers_nothing_more(client, account, anna):
    invitation = sent(anna)
    assert client.post(at("revoke", invitation)).status_code == 302
    page = round_page(client, invitation)
    assert "withdrawn" in page
    assert at("link", invitation) not in page and at("send", invitation) not in page


@pytest.mark.parametrize("name", ["send", "link", "revoke"])
def test_what_may_not_be_done_is_said_in_words(client, account, anna, name):
    invitation = sent(anna)
    Invitation.objects.update(state="answered", answered_at=timezone.now())
    response = client.post(at(name, invitation), {"letters": 1}, follow=True)
    assert response.status_code == 200
    assert "has answered already" in response.content.decode()


@pytest.mark.parametrize("name", ["send", "link", "revoke"])
@pytest.mark.parametrize(("who", "status"), [(make_user, 404), (make_viewer, 403)])
def test_others_may_not(client, account, anna, name, who, status):
    invitation = sent(anna)
    client.force_login(who())
    assert client.post(at(name, invitation)).status_code == status
    invitation.refresh_from_db()
    assert (invitation.state, invitation.links.count()) == ("sent", 1)


def test_who_only_reads_sees_how_it_stands_and_no_buttons(client, account, anna):
    invitation = sent(anna)
    client.force_login(make_viewer())
    page = round_page(client, invitation)
    assert "Anna" in page and "no answer yet" in page
    assert at("link", invitation) not in page
