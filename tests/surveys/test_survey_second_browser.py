"""In confidence answers are shown in the browser that gave them alone; named, all links lead to the same survey."""

import pytest
from django.test import Client

from assessments.models import Answer, Response
from surveys.models import BrowserDraft
from surveys.survey.response import AnsweredElsewhere, keep_answers, survey_of
from tests.surveys.surveying import SURVEY, THANKS, answer_all, checked, codes, enter, hidden, press, wording
from tests.surveys.surveying import ask as asked

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CODE_PAGE = "/survey/code/"
BEGUN_THERE = "Answers were begun in another browser."
SENT_THERE = "They were sent from another browser."
SECRET = "Only my first browser knows this."


@pytest.fixture
def invitation(edition):
    return asked(visibility="confidential")


@pytest.fixture
def second():
    return Client()


def begin(client, invitation, value: str = "5") -> dict:
    """Answer the first screen; gives what was answered."""
    enter(client, invitation)
    page = client.get(SURVEY, {"at": 1})
    given = {f"q-{code}": value for code in codes(page)}
    press(client, page, to="2", **given)
    return {name.removeprefix("q-"): value for name in given}


def send(client, invitation, value: str = "5") -> None:
    enter(client, invitation)
    press(client, answer_all(client, value), send="1", comment=SECRET)


def kept() -> dict:
    return dict(Answer.objects.values_list("indicator__code", "value"))


class TestDraft:
    def test_a_second_link_in_the_same_browser_goes_on_with_it(self, client, invitation):
        given = begin(client, invitation)
        assert "Welcome back" in enter(client, invitation).text
        assert checked(client.get(SURVEY, {"at": 1})) == given

    def test_also_after_the_short_session_is_over(self, client, invitation):
        given = begin(client, invitation)
        del client.cookies["survey"]
        enter(client, invitation)
        assert checked(client.get(SURVEY, {"at": 1})) == given

    def test_another_browser_starts_blank_and_says_so(self, client, second, invitation):
        begin(client, invitation)
        page = enter(second, invitation)
        assert BEGUN_THERE in wording(page) and "Welcome back" not in page.text
        for at in range(1, survey_of(invitation).last + 1):
            assert checked(second.get(SURVEY, {"at": at})) == {}

    def test_what_is_filled_in_there_is_kept_there_and_takes_nothing_away(self, client, second, invitation):
        given = begin(client, invitation, "5")
        other = begin(second, invitation, "2")
        assert checked(second.get(SURVEY, {"at": 1})) == other
        assert checked(client.get(SURVEY, {"at": 1})) == given
        assert set(kept().values()) == {5} and Response.objects.count() == 1

    def test_a_third_one_sees_neither(self, client, second, invitation):
        begin(client, invitation, "5")
        begin(second, invitation, "2")
        third = Client()
        assert BEGUN_THERE in wording(enter(third, invitation))
        assert checked(third.get(SURVEY, {"at": 1})) == {}

    def test_sending_from_there_asks_for_the_code_and_sends_nothing(self, client, second, invitation):
        begin(client, invitation, "5")
        enter(second, invitation)
        page = press(second, answer_all(second, "2"), send="1", comment="mine")
        assert page.redirect_chain[-1][0] == CODE_PAGE
        assert "What you filled in here is kept." in wording(page)
        assert not Response.objects.get().is_submitted and set(kept().values()) == {5}
        assert BrowserDraft.objects.get().comment == "mine"

    def test_nothing_filled_in_is_not_sent_from_there_either(self, client, second, invitation):
        begin(client, invitation, "5")
        enter(second, invitation)
        last = second.get(SURVEY, {"at": survey_of(invitation).last})
        assert second.post(SURVEY, hidden(last) | {"send": "1"}).status_code == 422

    def test_of_two_that_saw_it_blank_the_first_to_answer_holds_it(self, client, second, invitation):
        enter(client, invitation)
        page = client.get(SURVEY, {"at": 1})
        begin(second, invitation, "1")
        late = press(client, page, to="2", **{f"q-{codes(page)[0]}": "4"})
        assert late.status_code == 200 and set(kept().values()) == {1}
        assert BrowserDraft.objects.get().answers == {codes(page)[0]: 4}

    def test_two_windows_there_that_differ_are_told(self, client, second, invitation):
        begin(client, invitation, "5")
        enter(second, invitation)
        old = second.get(SURVEY, {"at": 1})
        begin(second, invitation, "1")
        late = press(second, old, to="2", **{f"q-{codes(old)[0]}": "4"})
        assert late.status_code == 409 and "In the other window" in late.text
        assert set(BrowserDraft.objects.get().answers.values()) == {1}
        press(second, late, to="2", **{f"q-{codes(old)[0]}": "4"})
        assert BrowserDraft.objects.get().answers[codes(old)[0]] == 4

    def test_errors_there_show_nothing(self, client, second, invitation, monkeypatch):
        begin(client, invitation, "5")
        enter(second, invitation)
        page = second.get(SURVEY, {"at": 1})
        wrong = second.post(SURVEY, hidden(page) | {f"q-{codes(page)[0]}": "9"})
        assert wrong.status_code == 422 and checked(wrong) == {}
        empty = second.post(SURVEY, hidden(second.get(SURVEY, {"at": survey_of(invitation).last})) | {"send": "1"})
        assert empty.status_code == 422 and "Nothing is filled in yet" in empty.text
        monkeypatch.setattr("surveys.survey.pages.ANSWERS", 0)
        busy = second.post(SURVEY, hidden(page) | {"to": "2"})
        assert busy.status_code == 429 and checked(busy) == {}


class TestSent:
    def test_the_browser_that_sent_them_may_look_and_change(self, client, invitation):
        send(client, invitation)
        assert "You sent your answers" in enter(client, invitation).text
        page = client.get(SURVEY, {"at": 1})
        assert set(checked(page).values()) == {"5"}
        press(client, page, to="2", **{f"q-{codes(page)[0]}": "1"})
        assert sorted(kept().values()) == [1] + [5] * 19

    def test_another_browser_sees_that_they_are_there_and_not_what(self, client, second, invitation):
        send(client, invitation)
        page = enter(second, invitation)
        assert page.redirect_chain[-1][0] == THANKS
        for shown in (page, *(second.get(SURVEY, {"at": at}, follow=True) for at in range(13))):
            assert SENT_THERE in wording(shown)
            assert SECRET not in shown.text and checked(shown) == {} and "q-" not in shown.text
            assert "Change my answers" not in shown.text

    def test_what_another_browser_sends_changes_nothing(self, client, second, invitation):
        enter(second, invitation)
        page = second.get(SURVEY, {"at": 1})  # before they were sent
        send(client, invitation)
        told = press(second, page, send="1", comment="mine", **{f"q-{codes(page)[0]}": "1"})
        assert SENT_THERE in wording(told) and SECRET not in told.text
        assert set(kept().values()) == {5} and Response.objects.get().comment == SECRET

    def test_nor_when_it_is_sent_in_the_same_moment(self, client, invitation):
        send(client, invitation)
        with pytest.raises(AnsweredElsewhere):
            keep_answers(invitation, {"1a": 1}, None, seen=0, send=True, browser="another")
        assert set(kept().values()) == {5}

    def test_a_made_up_key_is_another_browser(self, client, second, invitation):
        send(client, invitation)
        second.cookies["survey_browser"] = "made-up"
        assert SENT_THERE in wording(enter(second, invitation))


class TestKey:
    def test_it_is_for_these_pages_and_not_for_scripts(self, client, invitation):
        enter(client, invitation)
        cookie = client.cookies["survey_browser"]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (SURVEY, True, "Lax")

    def test_only_a_hash_is_stored_and_another_for_each_invitation(self, client, edition):
        for invitation in (asked(visibility="confidential"), asked(visibility="confidential")):
            begin(client, invitation)
        key = client.cookies["survey_browser"].value.split(":")[0]
        marks = set(Response.objects.values_list("browser", flat=True))
        assert len(marks) == 2 and "" not in marks and key not in marks


class TestNamed:
    def test_all_links_lead_to_the_same_survey(self, client, second, edition):
        invitation = asked()
        given = begin(client, invitation)
        assert "Welcome back" in enter(second, invitation).text
        assert checked(second.get(SURVEY, {"at": 1})) == given
        assert "survey_browser" not in second.cookies
        send(second, invitation)
        assert SECRET in client.get(SURVEY, {"at": survey_of(invitation).last}).text
        assert Response.objects.get().browser == ""
