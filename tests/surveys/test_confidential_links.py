"""In a confidential round nobody on our side gets a link, on no page and by no act, and a changed address takes none with it."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.acts.erasure import erase_contact
from accounts.models import Contact
from assessments.models import Assessment
from mailing import outbox
from surveys import bulk_rounds
from surveys.invitations import copy_link, invite, revoke, send_again
from surveys.models import Invitation, SurveyLink
from surveys.reminders import remind, to_remind
from tests.api.conftest import Caller
from tests.factories import answer, make_account, make_assessment, make_contact
from tests.jobs import work_on
from tests.surveys.inviting import LINK, TODAY, ask, asked, page_fields, sent
from tests.test_permissions import TABLE, make_scene  # every address, and something for each

R1 = "5445 4434 3433 2212 1121"
NO_LINKS = "In a confidential round nobody on our side gets a link"
ASKED_ANEW = "The e-mail address was changed after this person began to answer in confidence"


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


class TestChangedAddress:
    def half_way(self, invitation: Invitation):
        return time_machine.travel(timezone.now() + timedelta(days=12), tick=False)

    def reminded(self) -> list[str]:
        remind(TODAY())
        outbox.deliver_due()
        return [message.to[0] for message in mail.outbox]

    def test_answers_that_were_begun_are_not_followed_by_a_reminder_elsewhere(self, client, invitation, anna):
        answer(invitation.assessment, anna, "5...", submit=False)
        move(anna)
        with self.half_way(invitation):
            assert to_remind(TODAY()) == [] and self.reminded() == []
        assert ASKED_ANEW in round_page(client, invitation)
        assert invitation.links.count() == 1

    def test_nor_when_the_address_changes_while_the_reminder_waits(self, invitation, anna):
        answer(invitation.assessment, anna, "5...", submit=False)
        with self.half_way(invitation):
            remind(TODAY())
            move(anna)
            outbox.deliver_due()
        assert mail.outbox == []

    def test_nor_by_the_mail_sent_once_more(self, client, invitation, anna):
        answer(invitation.assessment, anna, "5...", submit=False)
        move(anna)
        with pytest.raises(ValidationError, match=ASKED_ANEW):
            send_again(invitation, by=invitation.invited_by, seen=invitation.letters)

    def test_nor_when_it_changes_while_that_mail_waits(self, client, invitation, anna):
        answer(invitation.assessment, anna, "5...", submit=False)
        send_again(invitation, by=invitation.invited_by, seen=invitation.letters)
        move(anna)
        outbox.deliver_due()
        invitation.refresh_from_db()
        assert (mail.outbox, invitation.state) == ([], "failed")
        assert ASKED_ANEW in round_page(client, invitation)

    def test_nothing_begun_yet_the_reminder_goes_to_the_new_address(self, client, invitation, anna):
        move(anna)
        assert ASKED_ANEW not in round_page(client, invitation)
        with self.half_way(invitation):
            assert self.reminded() == ["Anna <new@example.com>"]

    def test_begun_by_the_link_in_that_reminder_a_further_change_takes_none_along(self, invitation, anna):
        move(anna)
        with self.half_way(invitation):
            self.reminded()
        answer(invitation.assessment, anna, "5...", submit=False)
        invitation.refresh_from_db()
        assert invitation.address == "new@example.com"
        anna.refresh_from_db()
        invitation.contact = anna
        assert not invitation.is_moved(begun=True)
        move(anna, "third@example.com")
        invitation.contact.refresh_from_db()
        assert invitation.is_moved(begun=True)

    def test_the_same_address_in_capitals_is_the_same(self, invitation, anna):
        answer(invitation.assessment, anna, "5...", submit=False)
        move(anna, "Anna@Example.com")
        with self.half_way(invitation):
            assert self.reminded() == ["Anna <Anna@Example.com>"]

    def test_in_a_named_round_the_reminder_goes_along(self, client, anna):
        invitation = sent(anna)
        mail.outbox.clear()
        answer(invitation.assessment, anna, "5...", submit=False)
        move(anna)
        assert ASKED_ANEW not in round_page(client, invitation)
        with self.half_way(invitation):
            assert self.reminded() == ["Anna <new@example.com>"]

    def test_withdrawn_and_asked_anew_the_mail_goes_to_the_new_address(self, account, invitation, anna):
        answer(invitation.assessment, anna, "5...", submit=False)
        move(anna)
        revoke(invitation, by=account.owner)
        again = asked(Contact.objects.get(), visibility="confidential")
        outbox.deliver_due()
        again.refresh_from_db()
        assert (again.state, again.address) == ("sent", "new@example.com")
        assert [message.to for message in mail.outbox] == [["Anna <new@example.com>"]]

    def test_after_the_answers_are_in_there_is_nothing_to_tell(self, client, account, anna):
        invitation = sent(anna, visibility="confidential")
        answer(invitation.assessment, anna, R1)
        Invitation.objects.update(state="answered", answered_at=timezone.now())
        move(anna)
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
