"""In a confidential round nobody on our side gets a link, on no page, by no act and in no mail, and a changed address takes none along."""

from datetime import timedelta
from email.utils import parseaddr

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.acts.erasure import erase_contact
from accounts.models import Contact
from assessments.models import Assessment, Response
from audit import trail
from audit.models import Event
from config.logs import HideKeys
from mailing import outbox
from mailing.models import Letter
from surveys import bulk_rounds
from surveys.invitations import copy_link, invite, revoke, send_again
from surveys.models import BrowserDraft, Invitation, SurveyLink
from surveys.reminders import remind, to_remind
from surveys.survey.codes import ask_for_code
from surveys.survey.response import SurveyOver, keep_answers
from tests.api.conftest import Caller
from tests.factories import answer, filled, make_account, make_assessment, make_contact
from tests.jobs import work_on
from tests.surveys.inviting import LINK, TODAY, ask, asked, link_in, page_fields, sent
from tests.test_permissions import TABLE, make_scene  # every address, and something for each

R1 = "5445 4434 3433 2212 1121"
NO_LINKS = "In a confidential round nobody on our side gets a link"
ASKED_ANEW = "The e-mail address was changed after this person was asked in confidence"


@pytest.fixture
def scene(db):
    return make_scene()


@pytest.fixture
def account(edition, client):
    account = make_account(name="Zilverberg")
    client.force_login(account.owner)
    return account


@pytest.fixture
def anna(account):
    return make_contact(account, name="Anna", email="anna@example.com")


@pytest.fixture
def invitation(anna):
    invitation = sent(anna, visibility="confidential")
    mail.outbox.clear()
    return invitation


def move(contact: Contact, email: str = "new@example.com") -> None:
    Contact.objects.filter(pk=contact.pk).update(email=email)


def round_page(client, invitation: Invitation) -> str:
    return client.get(invitation.assessment.get_absolute_url()).text


def half_way():
    """The day on which reminders go out."""
    return time_machine.travel(timezone.now() + timedelta(days=12), tick=False)


class TestNoLinksByHand:
    def test_none_is_made_of_an_invitation(self, client, invitation):
        with pytest.raises(ValidationError, match=NO_LINKS):
            copy_link(invitation, by=invitation.invited_by)
        told = client.post(reverse("surveys:invitation_link", args=[invitation.pk]), follow=True)
        assert NO_LINKS in told.text and LINK.search(told.text) is None
        assert SurveyLink.objects.count() == 1  # of the mail

    def test_nor_of_one_whose_mail_failed(self, invitation):
        Invitation.objects.update(state="failed")
        with pytest.raises(ValidationError, match=NO_LINKS):
            copy_link(invitation, by=invitation.invited_by)
        invitation.refresh_from_db()
        assert (invitation.state, invitation.by_mail) == ("failed", True)

    def test_the_page_of_the_round_offers_none(self, client, invitation):
        page = round_page(client, invitation)
        assert reverse("surveys:invitation_link", args=[invitation.pk]) not in page
        assert reverse("surveys:invitation_revoke", args=[invitation.pk]) in page

    def test_nobody_is_asked_by_links_to_copy(self, account, anna):
        with pytest.raises(ValidationError, match=NO_LINKS):
            invite(account, {anna.pk: "en"}, ask(visibility="confidential", by_mail=False), by=account.owner)
        assert not Invitation.objects.exists() and not Assessment.objects.exists()

    def test_nobody_without_an_address_is_asked(self, account, anna):
        ben = make_contact(account, name="Ben", email="")
        with pytest.raises(ValidationError, match="no e-mail address is known of Ben"):
            invite(account, {anna.pk: "en", ben.pk: "en"}, ask(visibility="confidential"), by=account.owner)
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize("button", ["links", "send", "preview"])
    def test_the_form_says_why(self, client, account, button):
        ben = make_contact(account, name="Ben", email="")
        fields = page_fields(account, ben, visibility="confidential")
        del fields["send"]
        told = client.post(reverse("surveys:invite", args=[account.pk]), fields | {button: "yes"})
        assert told.status_code == 422
        assert (NO_LINKS if button == "links" else "no e-mail address is known of Ben") in told.text
        assert not Invitation.objects.exists()
        assert 'name="links"' not in told.text

    def test_the_form_of_a_confidential_round_offers_no_links(self, client, account, invitation):
        make_contact(account, name="Ben", email="")
        make_contact(account, name="Cas", email="cas@example.com")
        page = client.get(reverse("surveys:invite", args=[account.pk])).text
        assert 'name="send"' in page and 'name="links"' not in page
        assert "add it to ask this person in confidence" in page

    def test_in_a_named_round_links_are_given_as_before(self, client, account, anna):
        page = client.get(reverse("surveys:invite", args=[account.pk])).text
        assert 'name="links"' in page
        invited = invite(account, {anna.pk: "en"}, ask(by_mail=False), by=account.owner)
        assert len(invited.links) == 1
        assert LINK.match(copy_link(invited.new[0], by=account.owner))

    def test_many_at_once_are_asked_by_mail_alone(self, account, anna):
        make_contact(account, name="Ben", email="")
        job = bulk_rounds.start(
            type(account).objects.all(), ask(visibility="confidential"), by=account.owner
        )  # fmt: skip
        work_on(job)
        assert [(one.contact, one.by_mail) for one in Invitation.objects.all()] == [(anna, True)]
        assert not SurveyLink.objects.exists()

    def test_no_page_gives_the_inviter_one(self, client, scene):
        Assessment.objects.filter(pk=scene.open_round.pk).update(visibility="confidential")
        ben = make_contact(scene.account, name="Ben", email="ben@example.com")
        typed = page_fields(scene.account, ben, visibility="confidential", links="yes", round=scene.open_round.pk, version=1)
        del typed["send"]
        given = []
        for name, row in TABLE.items():
            url = reverse(name, args=[getattr(thing, "pk", thing) for thing in (getattr(scene, one) for one in row.args)])
            for method, data in (("get", {}), ("post", typed)):
                client.force_login(scene.administrator if name.startswith("admin:") else scene.owner)
                with transaction.atomic():
                    answered = getattr(client, method)(url, data)
                    body = b"".join(answered) if answered.streaming else answered.content
                    if LINK.search(body.decode(errors="replace")) or SurveyLink.objects.exists():
                        given.append(f"{method} {name}")
                    transaction.set_rollback(True)
        assert given == []

    def test_no_call_of_the_api_gives_one(self, account, invitation):
        call = Caller(account.owner)
        pk = invitation.assessment_id
        for path in (f"/assessments/{pk}", f"/accounts/{account.pk}/assessments", f"/accounts/{account.pk}/contacts"):
            told = call.get(path)
            assert told.status_code == 200 and "/survey/" not in told.content.decode()
        for path in (f"/assessments/{pk}/invitations", f"/assessments/{pk}/links", f"/invitations/{invitation.pk}/link"):
            assert call.post(path, {}).status_code == 404
        given = {"side": "customer", "contact": invitation.contact_id, "answers": {"1a": 5}}
        assert call.post(f"/assessments/{pk}/responses", given).status_code == 403
        assert SurveyLink.objects.count() == 1


class TestMail:
    """Every mail of a confidential round goes to the contact alone, and no reply brings a link to us."""

    def mails(self, invitation) -> list:
        with half_way():
            remind(TODAY())
            outbox.deliver_due()
            ask_for_code(invitation, "another browser")
            outbox.deliver_due()
        return mail.outbox

    def test_goes_to_nobody_else_and_a_reply_comes_to_none_of_us(self, anna):
        invitation = sent(anna, visibility="confidential")
        found = self.mails(invitation)
        assert [message.subject for message in found] == [
            "How do you see us?", "Reminder: How do you see us?", "The code for your answers",
        ]  # fmt: skip
        for message in found:
            assert (message.recipients(), message.reply_to) == (["Anna <anna@example.com>"], [])
            assert parseaddr(message.from_email)[1] == "standing@localhost"
            headers = message.message()
            assert not {"Cc", "Bcc", "Reply-To", "Disposition-Notification-To", "Return-Receipt-To"} & {*headers}

    def test_says_why_one_should_not_reply(self, anna):
        invitation = sent(anna, visibility="confidential")
        for message in self.mails(invitation)[:2]:
            for said in (message.body, message.alternatives[0].content):
                assert f"Write to {invitation.invited_by.email} in a new mail, not as a reply" in " ".join(said.split())

    def test_of_a_named_round_is_replied_to_the_one_who_asks(self, anna):
        sent(anna)
        assert [parseaddr(one)[1] for one in mail.outbox[0].reply_to] == [anna.account.owner.email]
        assert "not as a reply" not in mail.outbox[0].body

    def test_the_code_has_no_link_and_is_in_no_other_mail(self, anna):
        code = self.mails(sent(anna, visibility="confidential"))[-1]
        assert LINK.search(code.body) is None and "http" not in code.body + code.alternatives[0].content

    def test_what_waits_in_the_outbox_holds_neither_link_nor_code_nor_address(self, invitation):
        ask_for_code(invitation, "another browser")
        rows = [trail.snapshot(letter) for letter in Letter.objects.all()]
        assert "anna@example.com" not in str(rows) and "/survey/" not in str(rows)


def test_the_log_and_the_trail_hold_no_link(client, anna, caplog):
    with caplog.at_level("DEBUG"):
        invitation = sent(anna, visibility="confidential")
        link = link_in(mail.outbox[0])
        client.get(link.removeprefix(settings.BASE_URL), follow=True)
        revoke(invitation, by=invitation.invited_by)
        client.get(link.removeprefix(settings.BASE_URL), follow=True)
    secret = link.rstrip("/").rpartition("/")[2]
    assert secret not in "\n".join(HideKeys().filter(record) and record.getMessage() for record in caplog.records)
    assert secret not in str([trail.snapshot(event) for event in Event.objects.all()])
    assert secret not in str([trail.snapshot(link) for link in SurveyLink.objects.all()])


class TestChangedAddress:
    def reminded(self) -> list[str]:
        mail.outbox.clear()
        remind(TODAY())
        outbox.deliver_due()
        return [message.to[0] for message in mail.outbox]

    @pytest.mark.parametrize("begun", [True, False])
    def test_no_reminder_follows_it(self, client, invitation, anna, begun):
        if begun:
            answer(invitation.assessment, anna, "5...", submit=False)
        move(anna)
        with half_way():
            assert to_remind(TODAY()) == [] and self.reminded() == []
        assert ASKED_ANEW in round_page(client, invitation)
        assert invitation.links.count() == 1

    def test_nor_when_the_address_changes_while_the_reminder_waits(self, invitation, anna):
        with half_way():
            remind(TODAY())
            move(anna)
            outbox.deliver_due()
        assert mail.outbox == []

    def test_nor_the_mail_sent_once_more(self, client, invitation, anna):
        move(anna)
        with pytest.raises(ValidationError, match=ASKED_ANEW):
            send_again(invitation, by=invitation.invited_by, seen=invitation.letters)
        told = client.post(reverse("surveys:invitation_send", args=[invitation.pk]), {"letters": invitation.letters}, follow=True)
        assert ASKED_ANEW in told.text and mail.outbox == []

    def test_nor_when_it_changes_while_that_mail_waits(self, client, invitation, anna):
        send_again(invitation, by=invitation.invited_by, seen=invitation.letters)
        move(anna)
        outbox.deliver_due()
        invitation.refresh_from_db()
        assert (mail.outbox, invitation.state) == ([], "failed")
        assert ASKED_ANEW in round_page(client, invitation)

    def test_nor_a_code(self, invitation, anna):
        ask_for_code(invitation, "another browser")
        move(anna)
        outbox.deliver_due()
        assert mail.outbox == []
        with pytest.raises(SurveyOver):
            ask_for_code(invitation, "another browser")

    def test_the_link_that_was_sent_opens_nothing_any_more(self, client, anna):
        invitation = sent(anna, visibility="confidential")
        link = link_in(mail.outbox[0]).removeprefix(settings.BASE_URL)
        assert client.get(link, follow=True).status_code == 200
        move(anna)
        assert client.get(link, follow=True).status_code == 404
        assert client.get(reverse("surveys:survey")).status_code == 404  # the session that was begun, too
        with pytest.raises(SurveyOver):
            keep_answers(invitation, {"1a": 1}, None, seen=0, send=True, browser="any")

    def test_however_it_is_changed(self, invitation, anna):
        other = make_contact(anna.account, name="Anna B", email="b@example.com")
        Invitation.objects.filter(pk=invitation.pk).update(contact=other)  # as merging two contacts does
        assert not Invitation.objects.get().is_usable

    def test_in_capitals_it_is_the_same(self, invitation, anna):
        move(anna, "Anna@Example.com")
        with half_way():
            assert self.reminded() == ["Anna <Anna@Example.com>"]

    def test_in_a_named_round_the_reminder_goes_along(self, client, anna):
        invitation = sent(anna)
        answer(invitation.assessment, anna, "5...", submit=False)
        move(anna)
        assert ASKED_ANEW not in round_page(client, invitation)
        with half_way():
            assert self.reminded() == ["Anna <new@example.com>"]

    @pytest.mark.parametrize("withdrawn", [True, False])
    def test_asked_anew_the_survey_begins_blank_and_the_old_link_stays_dead(self, client, anna, withdrawn):
        invitation = sent(anna, visibility="confidential")
        link = link_in(mail.outbox.pop()).removeprefix(settings.BASE_URL)
        keep_answers(invitation, {"1a": 5}, "Between us", seen=0, send=False, browser="hers")
        keep_answers(invitation, {"1b": 5}, "Also mine", seen=0, send=False, browser="her phone")
        move(anna)
        if withdrawn:
            revoke(invitation, by=invitation.invited_by)
        again = asked(Contact.objects.get(), visibility="confidential")
        assert not Response.objects.exists() and not BrowserDraft.objects.exists()
        outbox.deliver_due()
        again.refresh_from_db()
        assert (again.pk, again.state, again.address) == (invitation.pk, "sent", "new@example.com")
        assert [message.to for message in mail.outbox] == [["Anna <new@example.com>"]]
        assert client.get(link).status_code == 404
        page = client.get(link_in(mail.outbox[0]).removeprefix(settings.BASE_URL), follow=True).text
        assert "Between us" not in page and "begun in another browser" not in page

    def test_who_has_answered_is_not_asked_anew(self, client, anna):
        invitation = sent(anna, visibility="confidential")
        keep_answers(invitation, filled(R1).answers, None, seen=0, send=True, browser="hers")
        move(anna)
        anna.refresh_from_db()
        ben = make_contact(anna.account, name="Ben", email="ben@example.com")
        made = invite(anna.account, {anna.pk: "en", ben.pk: "en"}, ask(visibility="confidential"), by=anna.account.owner).new
        assert [one.contact for one in made] == [ben]
        assert Response.objects.get().is_submitted
        assert ASKED_ANEW not in round_page(client, invitation)


def test_an_invitation_tells_whom_it_was_written_to_until_the_person_is_erased(account, anna):
    invitation = sent(anna)
    assert invitation.address == "anna@example.com"
    erase_contact(anna, by=account.owner)
    invitation.refresh_from_db()
    assert invitation.address == ""


def test_what_the_page_asks_costs_the_same_for_many(client, account, django_assert_max_num_queries):
    assessment = make_assessment(account, visibility="confidential")
    for number in range(20):
        contact = make_contact(account, name=f"Person {number}", email=f"p{number}@example.com")
        sent_one = Invitation.objects.create(
            assessment=assessment, contact=contact, state="sent", address="old@example.com", language="en",
            expires_on=TODAY() + timedelta(days=5),
        )  # fmt: skip
        answer(assessment, sent_one.contact, "5...", submit=False)
    with django_assert_max_num_queries(20):
        page = client.get(assessment.get_absolute_url()).text
    assert page.count(ASKED_ANEW) == 20
