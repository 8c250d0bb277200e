"""What the page of a round says of how an answer came, of corrections, of answers in words, and of each statement."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import derived
from assessments.models import Assessment, Response
from assessments.rounds.closing import close
from surveys.reminders import to_remind
from surveys.survey.response import keep_answers
from tests.factories import (
    answer,
    make_account,
    make_assessment,
    make_contact,
    make_invitation,
    make_team,
    make_user,
    make_viewer,
)

pytestmark = pytest.mark.django_db

R1, R4 = "5445 4434 3433 2212 1121", "5555 --4- 4544 4434 3234"
FOURS, NOTHING = "4" * 20, ""
TODAY = timezone.localdate


@pytest.fixture
def account(edition):
    return make_account(name="Northwind", team=make_team())


@pytest.fixture
def round_(account):
    return make_assessment(account)


@pytest.fixture
def owner(client, account):
    client.force_login(account.owner)
    return account.owner


def see(client, one) -> str:
    return " ".join(client.get(one.get_absolute_url()).content.decode().split())


class TestToldToUs:
    def test_is_marked_on_the_open_and_on_the_closed_round(self, client, round_, owner):
        answer(round_, make_contact(round_.account), R1)
        assert f"told to us, entered by {owner}" in see(client, round_)
        found = see(client, close(round_, by=owner))
        assert f"told to us, entered by {owner}" in found
        assert "told to us, not answered by themselves" in found

    def test_is_marked_on_the_account_its_history_and_in_the_list(self, client, round_, owner):
        answer(round_, make_contact(round_.account), R1)
        answer(round_, make_contact(round_.account), R1, by_link=True)
        close(round_, by=owner)
        for tab in ("people/", "history/"):
            page = client.get(round_.account.get_absolute_url() + tab).content.decode()
            assert page.count("1 of 2 answers was told to us") == 1
        assert "told to us" in client.get(reverse("accounts:list")).content.decode()

    def test_is_nowhere_where_they_answered_themselves(self, client, round_, owner):
        answer(round_, make_contact(round_.account), R1, by_link=True)
        close(round_, by=owner)
        for page in (see(client, round_), see(client, round_.account), client.get(reverse("accounts:list")).content.decode()):
            assert "told to us" not in page

    def test_is_a_column_of_the_account_that_follows_the_latest_result(self, account):
        first = make_assessment(account, held_on=TODAY() - timedelta(days=9))
        answer(first, make_contact(account), R1)
        close(first, by=account.owner)
        account.refresh_from_db()
        assert account.told_to_us
        second = make_assessment(account)
        answer(second, make_contact(account), R1, by_link=True)
        close(second, by=account.owner)
        account.refresh_from_db()
        assert not account.told_to_us
        assert list(derived.deviations([account.pk], TODAY())) == []

    def test_an_answer_by_link_takes_the_place_of_what_we_were_told(self, account, round_):
        contact = make_contact(account, email="ines@northwind.test")
        answer(round_, contact, R1)
        given = {f"{rank}{letter}": 4 for rank in range(1, 6) for letter in "abcd"}
        keep_answers(make_invitation(round_, contact), given, None, seen=1, send=True)
        assert Response.objects.get().origin == "link"
        assert close(round_, by=account.owner).told == 0


class TestAnswersThatAreNotSound:
    def test_are_marked_beside_the_person(self, client, round_, owner):
        answer(round_, make_contact(round_.account), FOURS, by_link=True)
        assert "all answers alike" in see(client, round_)
        assert "all answers alike" in see(client, close(round_, by=owner))

    def test_are_not_marked_in_confidence(self, client, account, owner):
        round_ = make_assessment(account, visibility="confidential")
        for _ in range(3):
            answer(round_, make_contact(account), FOURS)
        assert "all answers alike" not in see(client, round_)
        assert "all answers alike" not in see(client, close(round_, by=owner))

    def test_that_do_not_count_say_so(self, client, round_, owner, settings):
        settings.UNSOUND_RESPONSES_COUNT = False
        answer(round_, make_contact(round_.account), FOURS, by_link=True)
        answer(round_, make_contact(round_.account), R1, by_link=True)
        assert "does not count" in see(client, round_)
        closed = close(round_, by=owner)
        assert (closed.respondents, "does not count" in see(client, closed)) == (1, True)

    @pytest.mark.parametrize(("seconds", "hasty"), [(39, True), (41, False)])
    def test_are_too_fast_by_the_time_since_the_survey_was_opened(self, account, round_, seconds, hasty):
        opened = timezone.now() - timedelta(seconds=seconds)
        invitation = make_invitation(round_, make_contact(account), state="opened", opened_at=opened)
        given = {f"{rank}{letter}": 4 for rank in range(1, 6) for letter in "abcd"}
        keep_answers(invitation, dict(list(given.items())[:2]), None, seen=0, send=False)
        keep_answers(invitation, given, None, seen=1, send=True)
        assert Response.objects.get().hasty is hasty

    def test_are_never_too_fast_where_one_of_us_types_what_we_were_told(self, round_):
        contact = make_contact(round_.account)
        answer(round_, contact, "5", submit=False)
        assert not answer(round_, contact, R1).hasty

    def test_are_ours_too_where_a_draft_tells_when_we_began(self, round_):
        answer(round_, round_.account.owner, "5", submit=False)
        assert answer(round_, round_.account.owner, R4).hasty
        assert not answer(round_, make_user(), R4).hasty  # at once: nobody knows since when


class TestCorrections:
    @pytest.fixture
    def round_(self, round_):
        answer(round_, make_contact(round_.account), R1)
        answer(round_, round_.account.owner, R4)
        answer(round_, round_.account.owner, R1)
        return round_

    def test_stand_beside_the_view_that_counts(self, client, round_, owner):
        day = timezone.localtime().strftime("%-d %b %Y")
        line = f"corrected by {owner} on {day} to level 2, after they had answered: the first view counts"
        assert line in see(client, round_)
        assert "2 levels rosier" in see(client, round_)
        assert line in see(client, close(round_, by=owner))

    def test_are_not_shown_to_who_may_not_read_named_answers(self, client, round_):
        client.force_login(make_viewer())
        assert "corrected by" not in see(client, round_)

    def test_the_page_of_the_view_says_that_it_is_fixed_and_shows_the_correction(self, client, round_, owner):
        page = client.get(reverse("assessments:assess", args=[round_.account_id]))
        assert "your view is fixed as you first gave it" in page.content.decode()
        assert 'name="q-1b" value="4" checked' in page.content.decode()


class TestAnsweredInWords:
    @pytest.fixture
    def contact(self, account):
        return make_contact(account, name="Ines", email="ines@northwind.test")

    @pytest.fixture
    def closed(self, round_, contact):
        make_invitation(round_, contact)
        answer(round_, contact, NOTHING, comment="Call us back.", by_link=True)
        answer(round_, round_.account.owner, R4)
        return close(round_, by=round_.account.owner)

    def test_counts_for_no_figure_and_is_no_silence(self, closed):
        assert (closed.customer_level, closed.respondents, closed.coverage) == (None, 0, 0)
        assert closed.confidence_reasons == ["answered_in_words"]

    def test_is_told_with_the_words_on_the_round(self, client, closed, owner):
        found = see(client, closed)
        assert "They answered in words alone." in found and "Answered in words" in found
        assert "<blockquote>“Call us back.”</blockquote><small>Ines, user buyer</small>" in found
        assert [person.asking.word for person in client.get(closed.get_absolute_url()).context["asked"]] == ["answered"]

    def test_is_told_on_the_account(self, client, closed, owner):
        headline = client.get(closed.account.get_absolute_url()).context["headline"]
        assert headline.endswith("They answered in words alone.")

    def test_is_told_while_the_round_is_open(self, client, round_, contact, owner):
        answer(round_, contact, NOTHING, comment="Call us back.", by_link=True)
        found = see(client, round_)
        assert "Answered in words alone, which gives no level: Ines." in found and "answered in words" in found
        assert "Nobody of the customer has answered: closed now" not in found

    def test_stops_the_reminder(self, round_, contact):
        asked = timezone.now() - timedelta(days=20)
        make_invitation(round_, contact, invited_at=asked, expires_on=TODAY() + timedelta(days=10))
        assert len(to_remind(TODAY())) == 1
        answer(round_, contact, NOTHING, comment="Call us back.", by_link=True)
        assert to_remind(TODAY()) == []

    def test_by_link_the_survey_is_answered(self, account, round_, contact):
        invitation = make_invitation(round_, contact)
        keep_answers(invitation, {}, "Call us back.", seen=0, send=True)
        invitation.refresh_from_db()
        assert invitation.state == "answered"

    def test_without_a_word_it_is_no_answer_in_words(self, round_, contact):
        assert not answer(round_, contact, "-" * 20, by_link=True).is_in_words


class TestStatementByStatement:
    def test_names_the_class_of_each(self, client, round_, owner):
        answer(round_, make_contact(round_.account), R1)
        answer(round_, owner, R4)
        closed = close(round_, by=owner)
        kinds = {kind: len(some) for kind, some in client.get(closed.get_absolute_url()).context["statements"]}
        assert kinds == {"agreed_strength": 5, "agreed_weakness": 4, "blind_spot": 8}
        found = see(client, closed)
        assert "Blind spot <small>we high, they low</small>" in found

    def test_stays_away_in_confidence(self, client, account, owner):
        round_ = make_assessment(account, visibility="confidential")
        for _ in range(6):
            answer(round_, make_contact(account), R1)
        answer(round_, owner, R4)
        assert 'id="statements"' not in see(client, close(round_, by=owner))


class TestWhoDoesNotCountInConfidence:
    def test_is_named_before_closing_and_does_not_make_three(self, client, account, owner):
        round_ = make_assessment(account, visibility="confidential")
        make_user(email="colleague@vermeer.test")
        for name, address in (("Ines", "a@northwind.test"), ("Tom", "b@northwind.test"), ("Zoë", "zoe@vermeer.test")):
            answer(round_, make_contact(account, name=name, email=address), R1)
        page = client.get(round_.get_absolute_url())
        assert not page.context["has_level"]
        assert any(line.endswith("is one of ours: Zoë.") for line in page.context["warnings"])
        assert "Does not count in this confidential round" in page.content.decode()
        assert Assessment.objects.get().is_open
