"""The page that asks a customer: whom it offers, what it refuses in words, and what comes of sending it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.acts.changing import set_archived
from assessments.models import Assessment
from assessments.rounds.closing import close
from mailing import outbox
from mailing.models import Letter
from surveys.models import Invitation
from tests.factories import answer, make_account, make_assessment, make_contact, make_invitation
from tests.surveys.inviting import LINK, PRICE, TODAY, asked, invitation_of, page_fields, sent

pytestmark = pytest.mark.one_database

R1 = "5445 4434 3433 2212 1121"


@pytest.fixture
def account(edition, client):
    account = make_account()
    client.force_login(account.owner)
    return account


@pytest.fixture
def anna(account):
    return make_contact(account, name="Anna", email="anna@example.com", buying_role="economic")


def at(account) -> str:
    return reverse("surveys:invite", args=[account.pk])


def rows(client, account) -> dict:
    return {row.contact.name: row for row in client.get(at(account)).context["rows"]}


class TestWhomItOffers:
    def test_those_who_can_be_asked_are_ticked(self, client, account, anna):
        make_contact(account, name="Bob")
        make_contact(account, name="Left", active=False)
        found = rows(client, account)
        assert {name: row.checked for name, row in found.items()} == {"Anna": True, "Bob": True}

    def test_who_wants_no_invitations_is_shown_and_cannot_be_chosen(self, client, account, anna):
        make_contact(account, name="Carl", do_not_ask=True)
        page = client.get(at(account)).content.decode()
        assert "does not want to be asked" in page
        assert not rows(client, account)["Carl"].can_be_asked

    @pytest.mark.parametrize(("days", "marked"), [(89, True), (91, False)])
    def test_who_was_asked_within_90_days_is_marked_with_the_day_and_not_ticked(self, client, account, anna, days, marked):
        moment = timezone.now() - timedelta(days=days)
        earlier = make_assessment(account, held_on=TODAY() - timedelta(days=days))
        make_invitation(earlier, anna, invited_at=moment)
        answer(earlier, account.owner, R1)
        close(earlier, by=account.owner)
        row = rows(client, account)["Anna"]
        assert (row.asked_at is not None, row.checked) == (marked, not marked)

    def test_who_is_invited_already_is_shown_with_how_that_stands(self, client, account, anna):
        sent(anna)
        row = rows(client, account)["Anna"]
        assert (row.can_be_asked, row.asking.word) == (False, "no answer yet")

    def test_who_was_withdrawn_can_be_asked_anew(self, client, account, anna):
        asked(anna)
        Invitation.objects.update(state="revoked")
        assert rows(client, account)["Anna"].can_be_asked

    def test_buying_roles_that_nobody_has_are_pointed_out(self, client, account, anna):
        make_contact(account, buying_role="coach", do_not_ask=True)
        assert client.get(at(account)).context["missing"] == ["user buyer", "technical buyer", "coach"]

    def test_each_in_their_language_else_the_organisation_s(self, client, account, anna):
        make_contact(account, name="Daan", language="nl")
        languages = {name: row.language.value() for name, row in rows(client, account).items()}
        assert languages == {"Anna": "en", "Daan": "nl"}

    def test_nobody_there_yet(self, client, account):
        assert "Nobody to ask yet" in client.get(at(account)).content.decode()

    def test_names_what_a_confidential_round_still_tells(self, client, account, anna):
        assert PRICE in client.get(at(account)).content.decode()

    def test_says_where_mail_is_written_that_is_not_sent(self, client, account, anna, settings, tmp_path):
        backend = "django.core.mail.backends.filebased.EmailBackend"
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {"file_path": str(settings.BASE_DIR / "var" / "mail")}}}
        assert "written to files in var/mail/" in client.get(at(account)).content.decode()
        settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}
        assert "var/mail" not in client.get(at(account)).content.decode()

    @pytest.mark.parametrize("people", [1, 30])
    def test_costs_the_same_whatever_the_people(self, client, account, people, django_assert_max_num_queries):
        round_ = make_assessment(account)
        for n in range(people):
            make_invitation(round_, make_contact(account, email=f"a{n}@example.com"))
            make_contact(account, email=f"b{n}@example.com")
        with django_assert_max_num_queries(10):
            client.get(at(account))


class TestSending:
    def test_asks_who_was_ticked_and_leads_to_the_round(self, client, account, anna):
        bob = make_contact(account, name="Bob", email="bob@example.com")
        response = client.post(at(account), page_fields(account, anna, **{f"language-{anna.pk}": "nl"}))
        invitation = Invitation.objects.get()
        assert response.status_code == 302 and response["Location"] == invitation.assessment.get_absolute_url()
        assert (invitation.contact, invitation.language, invitation.invited_by) == (anna, "nl", account.owner)
        assert not bob.invitations.exists()

    def test_a_double_click_asks_each_once(self, client, account, anna):
        for _ in range(2):
            assert client.post(at(account), page_fields(account, anna)).status_code == 302
        assert (Invitation.objects.count(), Letter.objects.count(), Assessment.objects.count()) == (1, 1, 1)

    def test_words_that_were_changed_are_those_of_the_mail(self, client, account, anna):
        words = {"subject-en": "A  question\n", "message-en": "One.\r\nTwo."}
        client.post(at(account), page_fields(account, anna, **words))
        outbox.deliver_due()
        assert mail.outbox[0].subject == "A question"
        assert "One.\nTwo." in mail.outbox[0].body

    def test_a_later_date_needs_nobody_new(self, client, account, anna):
        round_ = asked(anna).assessment
        round_.refresh_from_db()
        later = TODAY() + timedelta(days=50)
        fields = page_fields(account, closes_on=later.isoformat(), round=round_.pk, version=round_.version)
        assert client.post(at(account), fields).status_code == 302
        assert Invitation.objects.get().expires_on == later


class TestPreview:
    def test_shows_the_mail_in_each_language_and_sends_nothing(self, client, account, anna):
        daan = make_contact(account, name="Daan", email="daan@example.com", language="nl")
        fields = page_fields(
            account, anna, daan, preview="yes", **{"message-en": "A word of mine.", "visibility": "confidential"}
        )
        del fields["send"]
        response = client.post(at(account), fields)
        assert response.status_code == 200
        english, _dutch = response.context["previews"]
        assert english.to == "Anna <anna@example.com>"
        assert "A word of mine." in english.text and "Nobody sees yours alone" in english.text
        assert not Assessment.objects.exists() and not Letter.objects.exists()

    def test_says_beside_its_button_what_is_wrong(self, client, account, anna):
        fields = page_fields(account, preview="yes")
        page = client.post(at(account), fields, headers={"HX-Request": "true"}).content.decode()
        assert "Choose at least one person" in page.partition('id="mail-preview"')[2].partition("</div>\n  <div")[0]

    def test_keeps_what_was_typed(self, client, account, anna):
        page = client.post(at(account), page_fields(account, anna, preview="yes", **{"message-en": "Mine."})).content.decode()
        assert ">\nMine.</textarea>" in page


class TestLinksToCopy:
    def test_are_shown_once_and_not_kept_by_the_browser(self, client, account, anna):
        fields = page_fields(account, anna, links="yes")
        del fields["send"]
        response = client.post(at(account), fields)
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
        link = LINK.search(response.content.decode()).group()
        assert invitation_of(link.rstrip("/").rpartition("/")[2]).contact == anna
        assert not Letter.objects.exists()
        assert link not in client.get(at(account)).content.decode()

    def test_who_has_no_address_gets_one_while_the_others_get_mail(self, client, account, anna):
        bob = make_contact(account, name="Bob")
        response = client.post(at(account), page_fields(account, anna, bob))
        assert [contact for contact, _ in response.context["links"]] == [bob]
        assert response.context["mailed"] == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"closes_on": ""}, "Choose the last day"),
            ({"closes_on": "soon"}, "This is not a date"),
            ({"closes_on": "today"}, "Choose a day after today"),
            ({"closes_on": "too late"}, "no later than"),
            ({"closes_on": "\x00"}, "This is not a date"),
            ({"visibility": "secret"}, "named or confidential"),
            ({"visibility": ""}, "Choose who sees the answers"),
            ({"contacts": []}, "Choose at least one person"),
            ({"contacts": ["4711"]}, "Choose from the people"),
            ({"contacts": ["x"]}, "Choose from the people"),
            ({"contacts": ["\x00"]}, "Choose from the people"),
            ({"subject-en": ""}, "Write a subject"),
            ({"message-en": "  "}, "Write what you ask"),
            ({"message-en": "a\x00b"}, "Null characters"),
            ({"subject-en": "x" * 201}, "at most 200"),
        ],
    )
    def test_bad_input_is_refused_in_words_and_asks_nobody(self, client, account, anna, wrong, words):
        days = {"today": TODAY(), "too late": TODAY() + timedelta(days=91)}
        if wrong.get("closes_on") in days:
            wrong = {"closes_on": days[wrong["closes_on"]].isoformat()}
        response = client.post(at(account), page_fields(account, anna) | wrong)
        assert response.status_code == 422
        assert words in response.content.decode()
        assert not Assessment.objects.exists()

    def test_the_last_day_that_is_offered_is_taken(self, client, account, anna):
        last = (TODAY() + timedelta(days=90)).isoformat()
        assert client.post(at(account), page_fields(account, anna, closes_on=last)).status_code == 302

    @pytest.mark.parametrize("odd", ["", "x", "-1", "9" * 30, "\x00"])
    def test_an_odd_round_or_version_is_none(self, client, account, anna, odd):
        assert client.post(at(account), page_fields(account, anna, round=odd, version=odd)).status_code == 302

    def test_words_in_a_language_that_nobody_is_asked_in_may_be_missing(self, client, account, anna):
        assert client.post(at(account), page_fields(account, anna, **{"message-nl": ""})).status_code == 302

    def test_who_said_no_meanwhile_is_named(self, client, account, anna):
        type(anna).objects.update(do_not_ask=True)
        response = client.post(at(account), page_fields(account, anna))
        assert response.status_code == 422
        assert "Anna may no longer be asked" in response.content.decode()

    def test_an_archived_account_says_so(self, client, account, anna):
        set_archived(account, by=account.owner, seen=account.version, archived=True)
        assert "This account is archived" in client.get(at(account)).content.decode()
        assert client.post(at(account), page_fields(account, anna)).status_code == 422
        assert client.post(at(account), page_fields(account, anna, preview="yes")).status_code == 422
        assert not Assessment.objects.exists()

    def test_without_a_published_edition_there_is_nothing_to_ask(self, client, account, anna, edition):
        type(edition).objects.update(state="retired")
        assert "Nothing to ask with yet" in client.get(at(account)).content.decode()
        assert client.post(at(account), page_fields(account, anna)).status_code == 422


class TestMeanwhile:
    def test_terms_that_someone_else_changed_are_both_shown_and_sent_again_they_hold(self, client, account, anna):
        round_ = asked(anna).assessment
        bob = make_contact(account, name="Bob", email="bob@example.com")
        round_.refresh_from_db()
        mine = page_fields(
            account, bob, closes_on=(TODAY() + timedelta(days=60)).isoformat(), round=round_.pk, version=round_.version
        )
        theirs = page_fields(
            account, closes_on=(TODAY() + timedelta(days=30)).isoformat(), round=round_.pk, version=round_.version
        )
        client.post(at(account), theirs)
        late = client.post(at(account), mine)
        assert late.status_code == 409
        assert late.context["conflict"][0]["theirs"] == TODAY() + timedelta(days=30)
        assert not bob.invitations.exists()
        again = client.post(at(account), mine | late.context["form"].seen)
        assert again.status_code == 302
        round_.refresh_from_db()
        assert (round_.closes_on, bob.invitations.count()) == (TODAY() + timedelta(days=60), 1)

    def test_a_round_that_was_closed_is_told_and_nobody_asked(self, client, account, anna):
        round_ = make_assessment(account)
        fields = page_fields(account, anna, round=round_.pk, version=1)
        answer(round_, account.owner, R1)
        close(round_, by=account.owner)
        late = client.post(at(account), fields)
        assert late.status_code == 409
        assert "closed in the meantime" in late.content.decode()
        assert not Invitation.objects.exists()
        assert client.post(at(account), fields | late.context["form"].seen).status_code == 302

    def test_who_sees_the_answers_cannot_be_changed_once_somebody_was_asked(self, client, account, anna):
        asked(anna)
        bob = make_contact(account, name="Bob", email="bob@example.com")
        assert client.get(at(account)).context["form"].fields["visibility"].disabled
        client.post(at(account), page_fields(account, bob, visibility="confidential"))
        assert Assessment.objects.get().visibility == "named"
