"""Giving a view on the page: our own, and what the customer's people said."""

import pytest
from django.urls import reverse

from assessments.models import Answer, Assessment, Evidence, Response
from assessments.rounds.closing import close
from audit.models import Event
from hierarchy.publishing import clone, publish
from tests.factories import (
    answer,
    filled,
    make_account,
    make_assessment,
    make_contact,
    make_team,
    make_user,
    make_viewer,
)
from tests.surveys.sending import checked, fields, hidden

pytestmark = pytest.mark.one_database

R1, R3, R5, R6 = "5445 4434 3433 2212 1121", "4454 3343 4444 2322 1211", "2332 3233 2222 1111 1111", "-" * 20


@pytest.fixture
def account(edition):
    return make_account()


@pytest.fixture
def owner(client, account):
    client.force_login(account.owner)
    return account.owner


def page_of(account) -> str:
    return reverse("assessments:assess", args=[account.pk])


class TestOpeningThePage:
    def test_writes_nothing(self, client, account, owner):
        response = client.get(page_of(account))
        assert response.status_code == 200
        assert not Assessment.objects.exists()
        assert not Event.objects.filter(object_type__startswith="assessments").exists()

    def test_asks_the_statements_of_the_edition_in_our_wording_grouped_by_level(self, client, account, owner):
        text = client.get(page_of(account)).content.decode()
        assert "What we deliver meets the specifications agreed with this customer." in text
        assert "What they deliver meets the specifications we agreed." not in text
        assert text.count('type="radio"') == 20 * 6
        assert text.index("Delivers to specification") < text.index('name="q-1a"') < text.index('name="q-5a"')

    def test_names_the_edition(self, client, account, owner):
        assert b"asked with the First edition" in client.get(page_of(account)).content

    def test_asks_only_what_is_active(self, client, account, owner, edition):
        draft = clone(edition, by=owner)
        draft.indicators.filter(code="1a").update(active=False)
        publish(draft, by=owner)
        assert 'name="q-1a"' not in client.get(page_of(account)).content.decode()

    def test_without_a_published_edition_says_so(self, client, db):
        client.force_login((account := make_account()).owner)
        response = client.get(page_of(account))
        assert response.status_code == 200
        assert b"No catalogue edition is published" in response.content


class TestWhoMay:
    def test_a_team_mate_only_once_added_as_rater(self, client, edition):
        mate = make_user()
        account = make_account(team=make_team(members=[mate]))
        client.force_login(mate)
        assert client.get(page_of(account)).status_code == 403
        make_assessment(account).raters.add(mate)
        assert client.get(page_of(account)).status_code == 200

    def test_whoever_only_reads_not_even_when_added(self, client, account):
        make_assessment(account).raters.add(viewer := make_viewer())
        client.force_login(viewer)
        assert client.get(page_of(account)).status_code == 403

    def test_an_added_stranger_does_not_see_the_account(self, client, account):
        make_assessment(account).raters.add(stranger := make_user())
        client.force_login(stranger)
        assert client.get(page_of(account)).status_code == 404

    def test_a_rater_sees_nobody_elses_answers(self, client, edition):
        mate = make_user()
        account = make_account(team=make_team(members=[mate]))
        round_ = make_assessment(account)
        round_.raters.add(mate)
        answer(round_, account.owner, R1, comment="the owner's secret")
        answer(round_, make_contact(account), R3, comment="the customer's secret")
        client.force_login(mate)
        response = client.get(page_of(account))
        assert checked(response) == {}
        assert b"secret" not in response.content


class TestADraft:
    def test_is_kept_and_there_when_one_comes_back(self, client, account, owner):
        sent = fields("5.-4", do="draft", comment="so far", **{"note-3": "They said so\r\ntwice"})
        response = client.post(page_of(account), sent, follow=True)
        assert response.redirect_chain[-1][0] == page_of(account)
        assert checked(response) == {"1a": "5", "1c": "dk", "1d": "4"}
        text = response.content.decode()
        assert "Draft saved" in text and "so far" in text and "They said so\ntwice" in text
        assert "<b data-answered>3</b> of 20" in text
        assert Response.objects.get().submitted_at is None

    def test_in_the_background_answers_with_the_version_to_send_next(self, client, account, owner):
        sent = fields("54", do="draft")
        first = client.post(page_of(account), sent, headers={"HX-Request": "true"})
        assert first.status_code == 200
        assert b"<html" not in first.content
        assert b"Draft saved" in first.content
        second = client.post(page_of(account), sent | fields("543", **hidden(first)), headers={"HX-Request": "true"})
        assert second.status_code == 200
        assert hidden(second)["version"] == "2"
        assert Answer.objects.count() == 3

    def test_with_nothing_filled_in_is_not_a_draft(self, client, account, owner):
        response = client.post(page_of(account), {"do": "draft"})
        assert response.status_code == 422
        assert "Nothing is filled in yet" in response.content.decode()
        assert not Assessment.objects.exists()

    def test_an_answer_and_a_note_can_be_taken_out_again(self, client, account, owner):
        client.post(page_of(account), fields("54", do="draft", **{"note-1": "why"}))
        page = client.get(page_of(account))
        client.post(page_of(account), fields("5", do="draft", **hidden(page)))
        assert [row.indicator.code for row in Answer.objects.select_related("indicator")] == ["1a"]
        assert not Evidence.objects.exists()


class TestAPreview:
    @pytest.mark.parametrize("marks", [R1, R3, R5, R6, "5555 --4- 4544 4434 3234"])
    def test_shows_what_a_submission_then_stores(self, client, account, owner, marks):
        outcome = client.post(page_of(account), fields(marks, do="preview")).context["outcome"]
        client.post(page_of(account), fields(marks, do="submit"))
        stored = Response.objects.get()
        assert (outcome.level, outcome.position, outcome.strength) == (stored.level, stored.position, stored.strength)

    def test_stores_nothing_and_loses_nothing(self, client, account, owner):
        response = client.post(page_of(account), fields(R1, do="preview", comment="still here"))
        assert response.status_code == 200
        assert checked(response) == {code: str(value) for code, value in filled(R1).answers.items()}
        assert b"still here" in response.content
        assert not Assessment.objects.exists()

    @pytest.mark.parametrize(
        ("marks", "words"),
        [
            (R3, "strong on level 3, but not on level 2"),
            (R5, "does not meet the specifications"),
            (R6, "fewer than half of each level"),
            (R1, "not held"),
        ],
    )
    def test_says_in_words_what_to_look_at(self, client, account, owner, marks, words):
        assert words in client.post(page_of(account), fields(marks, do="preview")).content.decode()

    def test_is_what_a_form_sent_without_a_button_gets(self, client, account, owner):
        assert client.post(page_of(account), fields(R1)).status_code == 200
        assert not Assessment.objects.exists()


class TestASubmission:
    def test_leads_to_the_round_and_says_the_level(self, client, account, owner):
        response = client.post(page_of(account), fields(R1, do="submit"), follow=True)
        round_ = account.assessments.get()
        assert response.redirect_chain[-1][0] == round_.get_absolute_url()
        assert "these answers come to level 2" in response.content.decode()

    def test_says_how_many_statements_were_left_open(self, client, account, owner):
        response = client.post(page_of(account), fields("5445 44", do="submit"), follow=True)
        assert "14 statements were left open" in response.content.decode()

    def test_that_counts_for_nothing_is_accepted_and_says_so(self, client, account, owner):
        response = client.post(page_of(account), fields(R6, do="submit"), follow=True)
        assert "counts for nothing" in response.content.decode()
        assert Response.objects.get().is_submitted

    def test_sent_twice_is_one_response(self, client, account, owner):
        page = client.get(page_of(account))
        for _ in range(2):
            assert client.post(page_of(account), fields(R1, do="submit", **hidden(page))).status_code == 302
        assert Response.objects.count() == 1
        assert Event.objects.filter(act="response.submitted").count() == 1

    def test_can_be_changed_until_the_round_closes(self, client, account, owner):
        client.post(page_of(account), fields(R1, do="submit"))
        page = client.get(page_of(account))
        assert "You may change it until the assessment is closed" in page.content.decode()
        assert 'value="draft"' not in page.content.decode()
        client.post(page_of(account), fields(R3, do="submit", **hidden(page)))
        assert Response.objects.get().level == 1

    def test_of_several_raters_are_several_responses_in_one_round(self, client, edition):
        mate = make_user()
        account = make_account(team=make_team(members=[mate]))
        make_assessment(account).raters.add(mate)
        for user in (account.owner, mate):
            client.force_login(user)
            client.post(page_of(account), fields(R1, do="submit"))
        assert Response.objects.filter(assessment__account=account).count() == 2
        assert Assessment.objects.count() == 1


class TestTwoTabs:
    def test_the_second_gets_both_versions_and_keeps_what_was_typed(self, client, account, owner):
        client.post(page_of(account), fields("5", do="draft"))
        page = client.get(page_of(account))
        client.post(page_of(account), fields("4", do="draft", **hidden(page)))
        late = client.post(page_of(account), fields("2", do="draft", comment="typed late", **hidden(page)))
        assert late.status_code == 409
        assert checked(late) == {"1a": "2"}
        assert b"typed late" in late.content
        assert {"theirs": "4", "yours": "2"}.items() <= late.context["conflict"][0].items()
        assert Answer.objects.get().value == 4

    def test_sent_again_it_is_stored(self, client, account, owner):
        client.post(page_of(account), fields("5", do="draft"))
        late = client.post(page_of(account), fields("2", do="draft", version="0"))
        assert client.post(page_of(account), fields("2", do="draft", **hidden(late))).status_code == 302
        assert Answer.objects.get().value == 2

    def test_in_the_background_the_version_stays_so_that_the_button_shows_both(self, client, account, owner):
        client.post(page_of(account), fields("5", do="draft"))
        quiet = client.post(page_of(account), fields("2", do="draft", version="0"), headers={"HX-Request": "true"})
        assert quiet.status_code == 409
        assert hidden(quiet)["version"] == "0"
        assert b"changed elsewhere" in quiet.content

    def test_a_round_closed_meanwhile_takes_nothing_and_opens_no_other(self, client, account, owner):
        client.post(page_of(account), fields(R1, do="submit"))
        page = client.get(page_of(account))
        close(account.assessments.get(), by=owner)
        late = client.post(page_of(account), fields(R3, do="submit", **hidden(page)))
        assert late.status_code == 409
        assert "closed while you were at it" in late.content.decode()
        assert checked(late) == {code: str(value) for code, value in filled(R3).answers.items()}
        assert Assessment.objects.count() == 1
        assert client.post(page_of(account), fields(R3, do="submit", **hidden(late))).status_code == 302
        assert Assessment.objects.count() == 2

    def test_an_edition_published_meanwhile_is_shown_before_anything_is_stored(self, client, account, owner, edition):
        page = client.get(page_of(account))
        publish(clone(edition, by=owner), by=owner)
        late = client.post(page_of(account), fields(R1, do="submit", **hidden(page)))
        assert late.status_code == 422
        assert "A new edition of the catalogue was published" in late.content.decode()
        assert checked(late) == {code: str(value) for code, value in filled(R1).answers.items()}
        assert client.post(page_of(account), fields(R1, do="submit", **hidden(late))).status_code == 302
        assert account.assessments.get().edition != edition


BAD = {
    "above the scale": {"q-1a": "6"},
    "below the scale": {"q-1a": "0"},
    "a word": {"q-1a": "x"},
    "a NUL byte as answer": {"q-1a": "\x005"},
    "a NUL byte in a note": {"note-2": "ab\x00c"},
    "a NUL byte in the comment": {"comment": "\x00"},
    "two answers to one statement": {"q-1a": ["1", "5"]},
    "a statement that is not asked": {"q-9z": "3"},
    "a note too long": {"note-1": "a" * 4001},
    "a comment too long": {"comment": "a" * 4001},
    "an edition of another time": {"edition": "999999"},
}


@pytest.mark.parametrize("do", ["draft", "submit", "preview"])
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_bad_input_is_refused_beside_its_field_and_nothing_else_is_lost(client, account, owner, bad, do):
    response = client.post(page_of(account), fields(".4", do=do, **{"note-5": "a good note"}) | bad)
    assert response.status_code == 422
    assert "Please look at" in response.content.decode()
    assert checked(response)["1b"] == "4"
    assert b"a good note" in response.content
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("odd", ["", "-1", "x", "\x00", "9" * 40, "²", "1.5"])
def test_an_odd_version_or_round_breaks_nothing(client, account, owner, odd):
    answer(make_assessment(account), owner, "5", submit=False)
    for name in ("version", "round", "edition"):
        assert client.post(page_of(account), fields("4", do="draft") | {name: odd}).status_code in {302, 409, 422}


def test_a_note_as_long_as_the_field_allows_is_stored_however_its_lines_end(client, account, owner):
    client.post(page_of(account), {"do": "draft", "comment": "a\r\n" * 1333})
    assert Response.objects.get().comment == ("a\n" * 1333).strip()
