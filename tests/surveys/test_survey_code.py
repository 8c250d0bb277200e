"""The code that lets another browser go on with a confidential survey: six digits, mailed to the contact, soon over."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.acts.erasure import erase_contact
from assessments.models import Answer, Response
from assessments.rounds.closing import close
from audit import trail
from audit.models import Event
from mailing import outbox
from mailing.models import Letter
from surveys.models import BrowserDraft, Invitation, SurveyCode
from surveys.second_browsers import forget_second_browsers
from surveys.survey.codes import CodeCheck, ask_for_code, check_code
from tests.factories import answer, make_account, make_assessment, make_contact, make_invitation, make_user
from tests.mailing.test_outbox import MailServer
from tests.surveys.surveying import SURVEY, THANKS, answer_all, checked, codes, enter, press, wording

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_cache")]

CODE_PAGE = "/survey/code/"
SECRET = "Only my first browser knows this."


@pytest.fixture
def invitation(edition) -> Invitation:
    account = make_account(name="Zilverberg", owner=make_user(name="Mila Vermeer", email="mila@example.com"))
    ilse = make_contact(account, name="Ilse Verhoeven", email="ilse@zilverberg.example")
    return make_invitation(make_assessment(account, visibility="confidential"), ilse)


@pytest.fixture
def second(invitation) -> Client:
    return Client()


@pytest.fixture
def begun(client, invitation) -> None:
    """The first browser answered one screen."""
    enter(client, invitation)
    page = client.get(SURVEY, {"at": 1})
    press(client, page, to="2", **{f"q-{code}": "5" for code in codes(page)})


@pytest.fixture
def sent(client, invitation) -> None:
    enter(client, invitation)
    press(client, answer_all(client, "5"), send="1", comment=SECRET)


def mark(page) -> dict:
    return {"survey": re.search(r'name="survey" value="(\w+)"', page.text).group(1)}


def mailed(client, invitation) -> str:
    """Ask for a code as the page does; gives its digits, from the mail."""
    enter(client, invitation)
    client.post(CODE_PAGE, mark(client.get(CODE_PAGE)) | {"mail": "1"})
    outbox.deliver_due()
    return re.search(r"^(\d{3} \d{3})$", mail.outbox[-1].body, re.M).group(1)


def type_in(client, digits: str):
    return client.post(CODE_PAGE, mark(client.get(CODE_PAGE)) | {"code": digits}, follow=True)


def another(digits: str) -> str:
    return f"{(int(digits.replace(' ', '')) + 1) % 1_000_000:06d}"


class TestTheMail:
    def test_goes_to_the_contact_in_their_language_without_a_link(self, second, begun, invitation):
        Invitation.objects.update(language="nl")
        mailed(second, invitation)
        message = mail.outbox[-1]
        assert (message.to, message.from_email) == (
            ["Ilse Verhoeven <ilse@zilverberg.example>"],
            "Mila Vermeer <standing@localhost>",
        )
        assert (message.cc, message.bcc, message.reply_to) == ([], [], [])
        assert message.extra_headers["Auto-Submitted"] == "auto-generated"
        html = message.alternatives[0].content
        assert '<html lang="nl">' in html and "Ilse Verhoeven" in html
        assert "http" not in message.body + html

    def test_only_a_hash_of_it_is_stored(self, second, begun, invitation):
        digits = mailed(second, invitation).replace(" ", "")
        rows = [trail.snapshot(one) for model in (SurveyCode, Letter, Event) for one in model.objects.all()]
        assert digits not in str(rows)
        assert re.fullmatch(r"[0-9a-f]{64}", SurveyCode.objects.get().code_hash)

    def test_the_page_tells_where_it_went_without_telling_the_address(self, second, begun, invitation):
        mailed(second, invitation)
        page = wording(second.get(CODE_PAGE))
        assert "A code is on its way to i•••@zilverberg.example. It holds for 15 minutes." in page
        assert "ilse@" not in page

    def test_two_clicks_are_one_mail(self, second, begun, invitation):
        enter(second, invitation)
        for _ in range(2):
            second.post(CODE_PAGE, mark(second.get(CODE_PAGE)) | {"mail": "1"})
        outbox.deliver_due()
        assert len(mail.outbox) == 1

    def test_that_could_not_be_sent_is_told(self, second, begun, invitation, settings, monkeypatch):
        settings.MAILERS = {"default": {"BACKEND": "tests.mailing.test_outbox.MailServer"}}
        MailServer.taken, MailServer.when_opened, MailServer.when_closed = [], None, None
        MailServer.when_given = ValueError("no such address")
        enter(second, invitation)
        second.post(CODE_PAGE, mark(second.get(CODE_PAGE)) | {"mail": "1"})
        outbox.deliver_due()
        assert "could not be sent. Ask for another one" in wording(second.get(CODE_PAGE))

    def test_that_nobody_waits_for_any_more_is_not_sent(self, begun, invitation):
        ask_for_code(invitation, "another")
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            outbox.deliver_due()
        assert mail.outbox == []

    def test_the_trail_notes_that_one_was_asked_for_and_nothing_else(self, begun, invitation):
        ask_for_code(invitation, "another")
        event = Event.objects.get(act="invitation.code_asked")
        assert (event.actor, event.before, event.after) == (None, None, None)


class TestTheRightCode:
    def test_shows_what_was_begun_in_the_first_browser(self, client, second, begun, invitation):
        given = checked(client.get(SURVEY, {"at": 1}))
        page = type_in(second, mailed(second, invitation))
        assert page.redirect_chain[-1][0] == SURVEY and "Welcome back" in page.text
        assert checked(second.get(SURVEY, {"at": 1})) == given

    def test_the_first_browser_then_needs_one_itself(self, client, second, begun, invitation):
        type_in(second, mailed(second, invitation))
        assert "Answers were begun in another browser." in wording(client.get(SURVEY))
        assert checked(client.get(SURVEY, {"at": 1})) == {}

    def test_joins_what_was_filled_in_here_and_leads_to_the_button_that_sends(self, client, second, begun, invitation):
        enter(second, invitation)
        page = second.get(SURVEY, {"at": 3})
        mine = codes(page)
        press(second, page, to="4", **{f"q-{code}": "2" for code in mine})
        page = type_in(second, mailed(second, invitation))
        assert "Send my answers" in page.text and BrowserDraft.objects.count() == 0
        stored = dict(Answer.objects.values_list("indicator__code", "value"))
        assert {stored[code] for code in mine} == {2} and len(stored) == 4
        assert not Response.objects.get().is_submitted
        assert press(second, page, send="1", comment="").redirect_chain[-1][0] == THANKS
        assert Response.objects.get().is_submitted

    def test_what_was_filled_in_here_counts_where_both_answered(self, second, begun, invitation):
        enter(second, invitation)
        page = second.get(SURVEY, {"at": 1})
        press(second, page, to="2", **{f"q-{codes(page)[0]}": "2"})
        type_in(second, mailed(second, invitation))
        assert sorted(Answer.objects.values_list("value", flat=True)) == [2, 5]

    def test_of_answers_that_were_sent_shows_them_and_lets_them_be_changed(self, second, sent, invitation):
        page = type_in(second, mailed(second, invitation))
        assert "You sent your answers on" in page.text
        page = second.get(SURVEY, {"at": 1})
        assert set(checked(page).values()) == {"5"}
        press(second, page, to="2", **{f"q-{codes(page)[0]}": "1"})
        assert sorted(Answer.objects.values_list("value", flat=True)) == [1] + [5] * 19

    def test_changes_nothing_of_answers_that_were_sent(self, client, second, begun, invitation):
        enter(second, invitation)
        page = second.get(SURVEY, {"at": 1})
        press(second, page, to="2", **{f"q-{codes(page)[0]}": "1"})
        press(client, answer_all(client, "5"), send="1", comment=SECRET)
        type_in(second, mailed(second, invitation))
        assert set(Answer.objects.values_list("value", flat=True)) == {5}
        assert Response.objects.get().comment == SECRET and not BrowserDraft.objects.exists()

    @pytest.mark.parametrize("written", ["{0}{1}", "{0} {1}", " {0}-{1} "])
    def test_may_be_written_with_a_space_or_without(self, second, begun, invitation, written):
        digits = mailed(second, invitation)
        assert "Welcome back" in type_in(second, written.format(*digits.split())).text

    def test_works_once(self, second, begun, invitation):
        digits = mailed(second, invitation)
        type_in(second, digits)
        assert check_code(invitation, Response.objects.get().browser, digits.replace(" ", "")) is CodeCheck.OVER


class TestAWrongCode:
    def test_shows_nothing_keeps_what_was_typed_and_says_what_to_do(self, second, sent, invitation):
        wrong = another(mailed(second, invitation))
        page = type_in(second, wrong)
        assert page.status_code == 422 and f'value="{wrong}"' in page.text
        assert "not the code of the newest mail. Compare the digits; you have 4 more tries." in wording(page)
        assert SECRET not in page.text and checked(second.get(SURVEY, {"at": 1}, follow=True)) == {}

    def test_what_was_filled_in_here_stays(self, second, begun, invitation):
        enter(second, invitation)
        page = second.get(SURVEY, {"at": 1})
        press(second, page, to="2", **{f"q-{codes(page)[0]}": "2"})
        type_in(second, another(mailed(second, invitation)))
        assert list(checked(second.get(SURVEY, {"at": 1})).values()) == ["2"]

    def test_after_five_tries_the_right_one_opens_nothing_either(self, second, begun, invitation):
        digits = mailed(second, invitation)
        for _ in range(4):
            type_in(second, another(digits))
        assert "tried five times. Ask for a new one" in wording(type_in(second, another(digits)))
        page = type_in(second, digits)
        assert page.status_code == 422 and "No code holds at the moment" in wording(page)
        assert SurveyCode.objects.get().tries == 5

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "9" * 99])
    def test_that_has_not_six_digits_costs_no_try(self, second, begun, invitation, typed):
        mailed(second, invitation)
        page = type_in(second, typed)
        assert page.status_code == 422 and "The code has six digits, such as 123 456." in wording(page)
        assert SurveyCode.objects.get().tries == 0

    def test_an_older_one_no_longer_holds(self, second, begun, invitation):
        old = mailed(second, invitation)
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            new = mailed(second, invitation)
            assert type_in(second, old).status_code == (422 if old != new else 200)
            assert "Welcome back" in type_in(second, new).text

    def test_after_a_quarter_of_an_hour_it_is_over(self, second, begun, invitation):
        digits = mailed(second, invitation)
        with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
            assert "The last code no longer holds." in wording(second.get(CODE_PAGE))
            assert "No code holds at the moment" in wording(type_in(second, digits))

    def test_that_of_another_browser_opens_nothing(self, second, begun, invitation):
        digits, third = mailed(second, invitation), Client()
        mailed(third, invitation)
        assert type_in(third, digits).status_code == 422

    def test_that_of_another_survey_opens_nothing(self, second, begun, invitation):
        digits = mailed(second, invitation).replace(" ", "")
        other = make_invitation(
            invitation.assessment, make_contact(invitation.assessment.account, email="tom@zilverberg.example")
        )
        answer(invitation.assessment, other.contact, "5...", submit=False)
        assert check_code(other, SurveyCode.objects.get().browser, digits) is CodeCheck.OVER


class TestFloods:
    def test_of_mails_are_held_back(self, second, begun, invitation, monkeypatch):
        monkeypatch.setattr("surveys.survey.code_pages.CODE_MAILS", 1)
        mailed(second, invitation)
        page = second.post(CODE_PAGE, mark(second.get(CODE_PAGE)) | {"mail": "1", "code": "123"})
        assert page.status_code == 429 and page["Retry-After"] == "600" and 'value="123"' in page.text

    def test_of_mails_of_a_whole_day_are_held_back(self, second, begun, invitation, monkeypatch):
        monkeypatch.setattr("surveys.survey.code_pages.CODE_MAILS_A_DAY", 1)
        enter(second, invitation)
        with time_machine.travel(timezone.now().replace(hour=12)) as clock:
            for status in (302, 429):
                assert second.post(CODE_PAGE, mark(second.get(CODE_PAGE)) | {"mail": "1"}).status_code == status
                clock.shift(timedelta(hours=1))

    def test_of_tries_are_held_back_whatever_the_browser(self, second, begun, invitation, monkeypatch):
        digits = mailed(second, invitation)
        monkeypatch.setattr("surveys.survey.code_pages.CODE_TRIES", 1)
        type_in(second, another(digits))
        page = type_in(second, digits)
        assert page.status_code == 429 and f'value="{digits}"' in page.text


class TestThePage:
    def test_is_not_for_who_needs_none(self, client, begun):
        assert client.get(CODE_PAGE)["Location"] == SURVEY

    def test_nor_for_a_named_round(self, client, second, invitation):
        invitation.assessment.visibility = "named"
        invitation.assessment.save()
        enter(client, invitation)
        page = client.get(SURVEY, {"at": 1})
        press(client, page, to="2", **{f"q-{codes(page)[0]}": "5"})
        enter(second, invitation)
        assert second.get(CODE_PAGE)["Location"] == SURVEY

    def test_nor_without_a_link(self, second):
        assert second.get(CODE_PAGE).status_code == 404

    def test_nor_once_the_round_is_closed(self, client, second, sent, invitation):
        digits = mailed(second, invitation)
        answer(invitation.assessment, invitation.assessment.account.owner, "5555 5555 5555 5555 5555")
        close(invitation.assessment, by=invitation.assessment.account.owner)
        assert second.post(CODE_PAGE, {"code": digits}).status_code == 404

    def test_can_be_read_in_the_other_language(self, second, begun, invitation):
        enter(second, invitation)
        page = second.post(CODE_PAGE, mark(second.get(CODE_PAGE)) | {"language": "nl"}, follow=True)
        assert page.redirect_chain[-1][0] == CODE_PAGE and '<html lang="nl">' in page.text

    def test_costs_few_statements(self, second, begun, invitation, django_assert_max_num_queries):
        mailed(second, invitation)
        with django_assert_max_num_queries(8):
            second.get(CODE_PAGE)


class TestWhatIsLeft:
    def test_goes_when_the_round_is_over(self, begun, invitation, second):
        enter(second, invitation)
        page = second.get(SURVEY, {"at": 1})
        press(second, page, to="2", **{f"q-{codes(page)[0]}": "2"})
        mailed(second, invitation)
        assert forget_second_browsers.call() == 0
        invitation.assessment.invitations.update(expires_on=timezone.localdate() - timedelta(days=1))
        assert forget_second_browsers.call() == 2
        assert not BrowserDraft.objects.exists() and not SurveyCode.objects.exists()

    def test_goes_when_the_person_is_erased(self, begun, invitation, second):
        enter(second, invitation)
        page = second.get(SURVEY, {"at": 1})
        press(second, page, to="2", **{f"q-{codes(page)[0]}": "2"})
        ask_for_code(invitation, "another")
        erase_contact(invitation.contact, by=invitation.assessment.account.owner)
        assert not BrowserDraft.objects.exists() and not SurveyCode.objects.exists()
