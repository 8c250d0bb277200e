"""The account page says who said what, why that makes the level, and quotes what was written: to whom it may be told."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.acts.erasure import erase_contact
from assessments.models import Assessment
from assessments.rounds.closing import close
from tests.factories import answer, make_account, make_assessment, make_contact, make_result, make_team, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

R1, R2, R4, NOTHING = "5445 4434 3433 2212 1121", "5544 5444 4443 332- ---2", "5555 --4- 4544 4434 3234", "-" * 20
CONFIDENTIAL = Assessment.Visibility.CONFIDENTIAL


@pytest.fixture
def owner():
    return make_user(name="Mila Vermeer")


@pytest.fixture
def account(owner, edition):
    return make_account(owner=owner, team=make_team(members=[owner]))


def measured(account, *answers: tuple[str, str], days: int = 0, closes: bool = True, **fields) -> Assessment:
    """A round in which Ines 0, Ines 1, … gave these answers and wrote these words, and we gave our view."""
    round_ = make_assessment(account, held_on=timezone.localdate() - timedelta(days=days), **fields)
    roles = ("economic", "user", "technical")
    for number, (marks, text) in enumerate(answers):
        who = make_contact(account, name=f"Ines {number} {days}", buying_role=roles[number % 3], influence=3 - number % 3)
        answer(round_, who, marks, comment=text, by_link=True)
    answer(round_, account.owner, R4, comment="Ours alone.")
    return close(round_, by=account.owner) if closes else round_


def page(account, who):
    client = Client()
    client.force_login(who)
    return client.get(account.get_absolute_url() + "people/")


def quotes(response) -> list[tuple[str, str]]:
    return [(quote.text, quote.who) for words in response.context["their_words"] for quote in words.quotes]


def card(response, name: str) -> str:
    """The text of a card, its tags left out; empty without it."""
    html = response.content.decode()
    if f'id="{name}"' not in html:
        return ""
    inside = html.split(f'id="{name}"')[1].split("</section>")[0]
    return " ".join("".join(part.split(">", 1)[-1] for part in inside.split("<")).split())


class TestNamedRounds:
    @pytest.fixture
    def round_(self, account):
        return measured(account, (R1, "Come by more often."), (R2, ""), (NOTHING, "Ask my colleague."))

    def test_quote_what_was_written_with_the_person(self, account, owner, round_):
        shown = page(account, owner)
        assert quotes(shown) == [("Come by more often.", "Ines 0 0"), ("Ask my colleague.", "Ines 2 0")]
        assert "“Come by more often.” Ines 0 0, economic buyer" in card(shown, "words").replace("”Ines", "” Ines")
        assert "Ours alone." not in card(shown, "words")

    def test_say_who_said_what_the_lowest_first_and_who_answered_in_words(self, account, owner, round_):
        shown = page(account, owner)
        assert [(one.name, one.level, one.weight) for one in shown.context["heard"]] == [
            ("Ines 0 0", 2, 3), ("Ines 1 0", 3, 2), ("Ines 2 0", None, 1),
        ]  # fmt: skip
        told = card(shown, "reason")
        assert "Economic buyer · influence high (3×)" in told and "answered in words" in told

    def test_say_in_one_sentence_why_it_is_that_level(self, account, owner, round_, client):
        sentence = (
            "The economic buyer says 2, the user buyer 3. Of two people whoever has more influence counts (high against medium), "
            "so level 2."
        )
        assert page(account, owner).context["reason"] == sentence
        client.force_login(owner)
        found = client.get(round_.get_absolute_url())
        assert found.context["reason"] == sentence and sentence in found.content.decode()

    def test_tell_who_only_reads_neither_names_nor_words_nor_levels(self, account, round_):
        shown = page(account, make_viewer())
        assert (quotes(shown), shown.context["heard"]) == ([], [])
        assert shown.context["reason"] == "Of two people who answered, the voice in the middle counts, weighed by influence."
        assert "Ines" not in card(shown, "reason") and card(shown, "words") == ""

    def test_say_what_was_told_to_us(self, account, owner):
        round_ = make_assessment(account)
        answer(round_, make_contact(account, name="Bo"), R1, comment="Fine.")
        close(round_, by=owner)
        shown = page(account, owner)
        assert "told to Mila Vermeer" in card(shown, "reason")
        assert "written down by Mila Vermeer" in card(shown, "words")

    def test_quote_nothing_while_the_round_is_open(self, account, owner):
        measured(account, (R1, "Come by more often."), closes=False)
        assert quotes(page(account, owner)) == []

    def test_quote_the_newest_first_and_no_more_than_three_rounds(self, account, owner):
        for days in (40, 30, 20, 10):
            measured(account, (R1, f"{days} days ago"), days=days)
        assert [text for text, _who in quotes(page(account, owner))] == ["10 days ago", "20 days ago", "30 days ago"]

    def test_quote_also_who_wrote_in_a_round_that_gave_no_level_of_theirs(self, account, owner):
        measured(account, (R1, "First."), days=20)
        later = measured(account, (NOTHING, "You ask too much."))
        assert later.customer_level is None
        assert quotes(page(account, owner)) == [("You ask too much.", "Ines 0 0"), ("First.", "Ines 0 20")]


class TestConfidentialRounds:
    THREE = ((R1, "b said"), (R2, "a said"), (R4, "c said"))

    def test_quote_without_names_in_the_order_of_the_alphabet_whoever_reads(self, account, owner):
        measured(account, *self.THREE, visibility=CONFIDENTIAL)
        for who in (owner, make_viewer()):
            shown = page(account, who)
            assert quotes(shown) == [("a said", ""), ("b said", ""), ("c said", "")]
            assert "Ines" not in card(shown, "words") and "in confidence, without names" in card(shown, "words")

    def test_say_the_rule_and_the_number_and_nobodys_level(self, account, owner):
        measured(account, *self.THREE, visibility=CONFIDENTIAL)
        shown = page(account, owner)
        assert shown.context["heard"] == []
        assert shown.context["reason"] == "Of three people who answered in confidence, the voice in the middle counts."
        assert shown.context["stand"].their_position is None

    def test_quote_nothing_below_three(self, account, owner):
        measured(account, *self.THREE[:2], visibility=CONFIDENTIAL)
        assert quotes(page(account, owner)) == []

    def test_quote_nothing_once_one_was_erased(self, account, owner):
        measured(account, *self.THREE, visibility=CONFIDENTIAL)
        erase_contact(account.contacts.order_by("pk").first(), by=owner)
        assert quotes(page(account, owner)) == []


def test_what_was_recorded_elsewhere_says_so(account, owner):
    make_result(account, timezone.localdate(), customer=3.0, origin="recorded", respondents=0)
    account.refresh_from_db()
    shown = page(account, owner)
    assert shown.context["reason"] == "This level was recorded elsewhere: who said so is not known here."
    assert shown.context["their_words"] == [] and "Where this comes from" in card(shown, "reason")


def test_our_own_view_alone_says_whose_it_is(account, owner):
    measured(account)
    assert page(account, owner).context["reason"] == "It is our own view: Mila Vermeer says 4."
    assert page(account, make_viewer()).context["reason"] == "It is our own view, of one colleague."


def test_hostile_words_are_escaped(account, owner):
    measured(account, (R1, "<script>alert(1)</script>"))
    found = page(account, owner).content.decode()
    assert "<script>alert(1)" not in found and "“&lt;script&gt;" in found
