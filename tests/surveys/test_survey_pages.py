"""The customer's pages: what they say, what they ask, what they weigh, and that nothing typed is lost."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from accounts.models import Contact
from assessments.models import Response
from assessments.rating.acts import content_of
from surveys.models import Invitation
from surveys.survey.response import survey_of
from tests.factories import answer, make_assessment, make_contact, make_invitation
from tests.surveys.surveying import (
    STOP,
    SURVEY,
    THANKS,
    address_of,
    answer_all,
    ask,
    checked,
    codes,
    enter,
    hidden,
    press,
    wording,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db, pytest.mark.usefixtures("edition", "fresh_cache")]
LAST = 11
WEIGHT = 60_000  # bytes, compressed, with all assets


@pytest.fixture
def invitation(edition, client):
    invitation = ask()
    enter(client, invitation)
    return invitation


@pytest.fixture
def confidential(edition, client):
    invitation = ask(visibility="confidential")
    enter(client, invitation)
    return invitation


def kept(invitation) -> dict:
    return content_of(Response.objects.get(contact=invitation.contact)).answers


def at(client, number: int):
    return client.get(SURVEY, {"at": number})


class TestWelcome:
    def test_says_who_asks_whom_how_long_and_until_when(self, client, invitation):
        Invitation.objects.update(expires_on="2030-06-30")
        text = wording(client.get(SURVEY))
        assert "Mila Vermeer asks Zilverberg" in text
        assert "For Ilse Verhoeven" in text
        assert "About 5 minutes" in text and "20 short statements" in text
        assert "Until 30 June 2030" in text

    def test_says_of_which_organisation_where_the_settings_name_it(self, client, invitation, settings):
        settings.ORGANISATION = "Jansen & Co"
        text = wording(client.get(SURVEY))
        assert "Mila Vermeer of Jansen & Co asks Zilverberg" in text
        assert "Mila Vermeer of Jansen & Co and the account team see your answers with your name." in text
        assert "“They” are Mila Vermeer of Jansen & Co and colleagues" in wording(at(client, 1))
        assert "Mila Vermeer of Jansen & Co and colleagues will then send" in wording(client.get(STOP))

    def test_says_that_nobody_of_the_organisation_sees_confidential_answers_alone(self, client, confidential, settings):
        settings.ORGANISATION = "Jansen & Co"
        assert "Nobody at Jansen & Co sees yours alone" in wording(client.get(SURVEY))

    def test_says_that_the_team_sees_named_answers(self, client, invitation):
        assert "Mila Vermeer and the account team see your answers with your name." in wording(client.get(SURVEY))

    def test_says_that_confidential_answers_are_seen_together_only(self, client, confidential):
        text = wording(client.get(SURVEY))
        assert "only shown together with those of at least two others." in text
        assert "Nobody sees yours alone, and what you write is shown without your name." in text
        assert "with your name" not in text

    def test_marks_the_invitation_as_opened(self, client, invitation):
        invitation.refresh_from_db()
        assert invitation.state == Invitation.State.OPENED

    def test_a_robot_that_only_looks_at_the_head_opens_nothing(self, client, edition):
        invitation = ask()
        client.get(address_of(invitation))
        assert client.head(SURVEY).status_code == 200
        invitation.refresh_from_db()
        assert invitation.opened_at is None

    def test_who_comes_back_goes_on_where_they_were(self, client, invitation):
        page = press(client, at(client, 1), to="2", **{f"q-{code}": "4" for code in codes(at(client, 1))})
        assert hidden(page)["at"] == "2"
        page = enter(Client(), invitation)
        assert "Welcome back" in page.text and 'href="?at=2"' in page.text

    def test_what_a_colleague_wrote_down_is_shown_as_such(self, client, invitation):
        answer(invitation.assessment, invitation.contact, "5445", by=invitation.assessment.account.owner)
        assert "Mila Vermeer wrote down on" in wording(client.get(SURVEY))


class TestStatements:
    def test_two_stand_on_a_screen_and_every_one_stands_once(self, client, invitation):
        screens = [codes(at(client, number)) for number in range(1, LAST)]
        assert [len(screen) for screen in screens] == [2] * 10
        assert len({code for screen in screens for code in screen}) == 20

    def test_the_order_is_the_same_at_every_visit_and_another_for_another_person(self, client, invitation):
        first = [codes(at(client, number)) for number in range(1, LAST)]
        enter(client, invitation)
        assert [codes(at(client, number)) for number in range(1, LAST)] == first
        other = make_invitation(invitation.assessment, make_contact(invitation.assessment.account))
        enter(client, other)
        assert [codes(at(client, number)) for number in range(1, LAST)] != first

    def test_neither_levels_nor_their_names_stand_there(self, client, invitation):
        pages = [wording(at(client, number)).lower() for number in range(1, LAST + 1)]
        names = [level.name.lower() for level in invitation.assessment.edition.levels.all()]
        assert not any(name in page or "level" in page for page in pages for name in names)

    def test_it_says_how_far_one_is_and_who_sees_it(self, client, invitation):
        page = at(client, 4)
        assert "7 and 8 of 20" in wording(page)
        assert re.search(r'<progress max="20" value="8" aria-label="[^"]+"', page.text)
        assert "see your answers with your name" in wording(page)

    def test_each_statement_is_a_group_with_its_words_as_legend(self, client, invitation):
        page = at(client, 1)
        legends = re.findall(r"<fieldset[^>]*>\s*<legend>([^<]+)</legend>", page.text)
        asked = survey_of(invitation).on_screen(1)
        assert legends == [one.customer for one in asked]
        assert re.findall(r'name="q-\w+" value="(\w+)"', page.text) == ["1", "2", "3", "4", "5", "dk"] * 2

    @pytest.mark.parametrize("to", ["2", "0", "3"])
    def test_every_button_keeps_what_was_chosen(self, client, invitation, to):
        page = at(client, 2)
        one, other = codes(page)
        press(client, page, to=to, **{f"q-{one}": "5", f"q-{other}": "dk"})
        assert kept(invitation) == {one: 5, other: None}
        assert checked(at(client, 2)) == {one: "5", other: "dk"}

    def test_a_statement_may_be_left(self, client, invitation):
        page = press(client, at(client, 1), to="2")
        assert hidden(page)["at"] == "2"
        assert not Response.objects.exists()

    def test_a_choice_that_is_none_is_refused_beside_the_statement(self, client, invitation):
        page = at(client, 1)
        one, other = codes(page)
        answered = press(client, page, to="2", **{f"q-{one}": "6", f"q-{other}": "3"})
        assert answered.status_code == 422
        assert f'id="id_q-{one}-error"' in answered.text and checked(answered) == {other: "3"}
        assert not Response.objects.exists()

    def test_a_wrong_answer_to_a_statement_of_another_screen_is_told(self, client, invitation):
        page = at(client, 1)
        elsewhere = codes(at(client, 5))[0]
        answered = press(client, page, to="2", **{f"q-{elsewhere}": "yes"})
        assert answered.status_code == 422 and "Choose one of the five points" in answered.text

    @pytest.mark.parametrize("number", ["0", "12", "-1", "abc", "99999999999", "²", "1e3"])
    def test_an_odd_number_of_a_screen_leads_to_the_welcome(self, client, invitation, number):
        assert "About 5 minutes" in client.get(SURVEY, {"at": number}).text


class TestLastScreen:
    def test_points_out_what_is_open_and_lets_it_be(self, client, invitation):
        answer_all(client)
        dropped = survey_of(invitation).statements[6]
        Response.objects.get().answers.filter(indicator=dropped).delete()
        page = at(client, LAST)
        assert "1 statement is still open" in wording(page) and dropped.customer in page.text
        assert "Thank you" in press(client, page, send="1").text

    def test_leads_to_an_open_statement_and_back(self, client, invitation):
        answer_all(client)
        Response.objects.get().answers.filter(indicator=survey_of(invitation).statements[6]).delete()
        page = press(client, at(client, LAST), to="4", comment="More of it")
        assert hidden(page)["at"] == "4" and "To the end" in wording(page)
        page = press(client, page, to="11")
        assert hidden(page)["at"] == "11" and "More of it" in page.text

    def test_says_nothing_of_open_statements_when_there_are_none(self, client, invitation):
        assert "open" not in wording(answer_all(client))

    def test_keeps_the_open_question_on_the_way_back(self, client, invitation):
        press(client, at(client, LAST), to="10", comment="More of it")
        assert "More of it" in at(client, LAST).text

    def test_a_text_that_is_too_long_is_refused_and_stays(self, client, invitation):
        answered = press(client, at(client, LAST), send="1", comment="x" * 4001)
        assert answered.status_code == 422
        assert "4001 characters" in answered.text and "x" * 4001 in answered.text

    def test_nothing_at_all_cannot_be_sent(self, client, invitation):
        answered = press(client, at(client, LAST), send="1", comment="")
        assert answered.status_code == 422 and "Answer at least one statement" in wording(answered)

    def test_in_a_confidential_round_it_says_who_will_read_the_text_and_asks_to_stay_unrecognisable(self, client, confidential):
        text = wording(at(client, LAST))
        assert "never shown with your name: Mila Vermeer and those colleagues who may see the result read it" in text
        assert "only if at least three of you answer. Leave out what would give you away." in text

    def test_in_a_named_round_it_promises_nothing_of_the_kind(self, client, invitation):
        text = wording(at(client, LAST))
        assert "without your name" not in text and "Leave out" not in text


class TestThanks:
    def test_thank_what_happens_next_and_until_when_it_may_be_changed(self, client, invitation):
        page = press(client, answer_all(client), send="1")
        assert page.redirect_chain[-1][0] == THANKS
        text = wording(page)
        assert "Your answers have arrived, Ilse Verhoeven." in text
        assert "Mila Vermeer reads your answers" in text and "You may change your answers until" in text

    def test_a_confidential_round_promises_only_what_is_seen_together(self, client, confidential):
        text = wording(press(client, answer_all(client), send="1"))
        assert "together, if at least three people answer" in text and "reads your answers" not in text

    def test_come_after_sending_alone(self, client, invitation):
        press(client, at(client, 1), to="2", **{f"q-{codes(at(client, 1))[0]}": "4"})
        assert client.get(THANKS).url == SURVEY

    def test_what_was_sent_can_be_changed(self, client, invitation):
        press(client, answer_all(client), send="1")
        page = at(client, 1)
        assert "a change counts at once" in wording(page)
        one = codes(page)[0]
        press(client, page, to="2", **{f"q-{one}": "1"})
        assert kept(invitation)[one] == 1
        assert Response.objects.get().is_submitted


class TestTwoWindows:
    @pytest.fixture
    def late(self, client, invitation):
        """A page that was opened before another window answered the same statements; and its statements."""
        page = at(client, 1)
        press(client, page, to="2", **{f"q-{code}": "4" for code in codes(page)})
        return page

    def test_who_is_later_sees_both_and_keeps_what_was_chosen(self, client, invitation, late):
        one, other = codes(late)
        answered = press(client, late, to="2", **{f"q-{one}": "2", f"q-{other}": "4"})
        assert answered.status_code == 409
        assert checked(answered) == {one: "2", other: "4"}
        assert wording(answered).count("In the other window: 4, agree.") == 1
        assert kept(invitation) == {one: 4, other: 4}

    def test_sent_again_it_is_kept(self, client, invitation, late):
        one = codes(late)[0]
        answered = press(client, late, to="2", **{f"q-{one}": "2"})
        assert press(client, answered, to="2", **{f"q-{one}": "2"}).status_code == 200
        assert kept(invitation)[one] == 2

    def test_two_texts_stand_beside_each_other(self, client, invitation):
        page = at(client, LAST)
        press(client, page, to="10", comment="The first text")
        answered = press(client, page, send="1", comment="The second text")
        assert answered.status_code == 409
        assert "The first text" in answered.text and "The second text</textarea>" in answered.text

    def test_another_survey_opened_in_the_same_browser_gets_no_answers_of_this_one(self, client, invitation):
        page = at(client, 1)
        account = make_assessment().account
        other = make_invitation(account.assessments.get(), make_contact(account))
        enter(client, other)
        assert press(client, page, send="1", **{f"q-{codes(page)[0]}": "1"}).status_code == 404
        assert not Response.objects.exists()


class TestLanguage:
    def test_the_page_speaks_the_language_of_the_invitation_whatever_the_browser_asks(self, client, edition):
        page = enter(Client(headers={"accept-language": "en"}), ask(language="nl"))
        assert '<html lang="nl">' in page.text and page.headers["Content-Language"] == "nl"

    def test_statements_come_in_it(self, client, edition):
        invitation = ask(language="nl")
        enter(client, invitation)
        assert survey_of(invitation).on_screen(1)[0].customer_nl in at(client, 1).text

    def test_a_language_that_we_do_not_have_becomes_english(self, client, edition):
        assert '<html lang="en">' in enter(client, ask(language="fr")).text

    def test_switching_keeps_what_was_chosen_and_where_one_is(self, client, invitation):
        page = at(client, 3)
        one = codes(page)[0]
        switched = press(client, page, language="nl", **{f"q-{one}": "2"})
        assert '<html lang="nl">' in switched.text
        assert hidden(switched)["at"] == "3" and checked(switched) == {one: "2"}
        assert '<html lang="nl">' in at(client, 4).text

    def test_switching_keeps_a_text(self, client, invitation):
        assert "More of it" in press(client, at(client, LAST), language="nl", comment="More of it").text

    @pytest.mark.parametrize("path", [SURVEY, THANKS, STOP])
    def test_every_page_can_be_switched(self, client, invitation, path):
        press(client, answer_all(client), send="1")
        page = client.get(path)
        fields = {"survey": re.search(r'name="survey" value="(\w+)"', page.text)[1], "language": "nl"}
        assert '<html lang="nl">' in client.post(path, fields, follow=True).text
        assert not Contact.objects.get().do_not_ask

    def test_an_unknown_language_changes_nothing(self, client, invitation):
        assert '<html lang="en">' in press(client, at(client, 1), language="xx").text

    def test_the_choice_is_of_the_survey_alone(self, client, invitation):
        press(client, at(client, 1), language="nl")
        assert "django_language" not in client.cookies

    def test_who_is_signed_in_reads_the_language_of_the_survey(self, client, edition):
        invitation = ask(language="nl")
        owner = invitation.assessment.account.owner
        type(owner).objects.update(language="en")
        client.force_login(owner)
        assert '<html lang="nl">' in enter(client, invitation).text


class TestStopping:
    def test_asks_first(self, client, invitation):
        page = client.get(STOP)
        assert "send Ilse Verhoeven no more invitations" in wording(page)
        assert not Contact.objects.get().do_not_ask

    def test_is_kept(self, client, invitation):
        page = client.post(STOP, hidden(client.get(STOP)), follow=True)
        assert "We will not ask you again" in page.text
        assert Contact.objects.get().do_not_ask

    def test_not_for_somebody_else(self, client, invitation):
        assert client.post(STOP, {"survey": "another"}).status_code == 302
        assert not Contact.objects.get().do_not_ask

    def test_one_may_still_answer(self, client, invitation):
        client.post(STOP, hidden(client.get(STOP)))
        assert "Thank you" in press(client, answer_all(client), send="1").text


class TestWeight:
    """The whole page with all its assets, compressed as badly as any server does."""

    @pytest.mark.parametrize("language", ["en", "nl"])
    @pytest.mark.parametrize("path", [SURVEY, f"{SURVEY}?at=1", f"{SURVEY}?at={LAST}", THANKS, STOP])
    def test_is_at_most_sixty_kilobytes_and_all_from_here(self, client, edition, path, language):
        enter(client, ask(language=language))
        if path == THANKS:
            press(client, answer_all(client), send="1")
        page = client.get(path)
        assert page.status_code == 200
        assets = re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="([^"]+)"', page.text)
        assert assets and all(asset.startswith("/static/") for asset in assets)
        files = [Path(finders.find(asset.removeprefix("/static/"))).read_bytes() for asset in assets]
        assert not any(re.search(rb"@import|url\(", data) for data in files)
        weight = sum(len(gzip.compress(data, 6)) for data in [page.content, *files])
        assert weight <= WEIGHT


@pytest.mark.parametrize("number", [1, LAST])
def test_a_screen_takes_six_statements_however_much_is_answered(client, invitation, number, django_assert_num_queries):
    press(client, at(client, 5), to="6", **{f"q-{codes(at(client, 5))[0]}": "4"})
    for _ in range(2):
        with django_assert_num_queries(6):
            at(client, number)
        answer_all(client)


def test_what_was_sent_says_when(client, invitation):
    press(client, answer_all(client), send="1")
    assert timezone.localdate().strftime("%Y") in wording(client.get(SURVEY))


def test_what_a_contact_answers_by_link_is_not_read_or_changed_by_hand(client, invitation):
    press(client, at(client, 1), to="2", **{f"q-{codes(at(client, 1))[0]}": "4"})
    account = invitation.assessment.account
    client.force_login(account.owner)
    choice = f"/accounts/{account.pk}/customer/"
    page = client.get(f"{choice}{invitation.contact_id}/", follow=True)
    assert page.redirect_chain[-1][0] == choice and "answers by link" in wording(page)
    assert f"{choice}{invitation.contact_id}/" not in page.text
