"""How pages tell that a view of ours was not given blind, and that one will not be."""

import pytest
from django.urls import reverse

from assessments.models import Response
from assessments.rounds.closing import close
from tests.factories import answer, make_account, make_assessment, make_contact, make_user
from tests.surveys.sending import fields

pytestmark = pytest.mark.one_database

R1, R4 = "5445 4434 3433 2212 1121", "5555 --4- 4544 4434 3234"  # level 2, level 4
MARK = "given after the customer&#x27;s answers could be read, so it does not count"
NO_GAP = "our view came after theirs could be read"


@pytest.fixture
def account(edition, client):
    account = make_account(owner=make_user(name="Mila Vermeer"))
    client.force_login(account.owner)
    return account


@pytest.fixture
def round_(account):
    """A round in which Ines answered, and then the owner, who could read it."""
    round_ = make_assessment(account)
    answer(round_, make_contact(account, name="Ines"), R1, by=make_user())
    answer(round_, account.owner, R4, blind=False)
    return round_


def text_of(client, url: str) -> str:
    return client.get(url).content.decode()


class TestTheRound:
    def test_marks_the_view_and_says_why_there_is_no_gap(self, client, round_):
        page = client.get(round_.get_absolute_url())
        shown = page.content.decode()
        assert MARK in shown and NO_GAP in shown
        assert (
            "This view of ours does not count, since the customer's answers could be read before it was given: Mila Vermeer."
            in page.context["warnings"]
        )

    def test_does_so_when_it_is_closed(self, client, round_):
        page = client.get(close(round_, by=round_.account.owner).get_absolute_url())
        assert MARK in page.content.decode() and NO_GAP in page.content.decode()
        assert page.context["assessment"].gap is None

    def test_counts_a_blind_view_beside_it(self, client, round_):
        answer(round_, make_user(), R1)
        shown = text_of(client, round_.get_absolute_url())
        assert MARK in shown and NO_GAP not in shown

    def test_tells_of_a_correction_that_neither_counts(self, client, round_):
        answer(round_, round_.account.owner, R1, blind=False)
        shown = text_of(client, round_.get_absolute_url())
        assert "corrected by Mila Vermeer" in shown and "the first view counts" not in shown


def test_the_account_says_why_there_is_no_gap(client, account, round_):
    close(round_, by=account.owner)
    shown = client.get(account.get_absolute_url())
    assert NO_GAP in shown.content.decode()
    earlier = make_assessment(account, held_on="2026-01-10")
    answer(earlier, account.owner, R4)
    close(earlier, by=account.owner)
    shown = client.get(account.get_absolute_url())
    assert NO_GAP not in shown.content.decode()
    assert shown.context["stand"].gap == "2 levels rosier"


class TestTheFormOfOurView:
    def test_says_beforehand_that_it_will_not_count(self, client, account):
        assert "but does not count" not in text_of(client, reverse("assessments:assess", args=[account.pk]))
        answer(make_assessment(account), make_contact(account), R1, by=make_user())
        url = reverse("assessments:assess", args=[account.pk])
        assert "What you give now is shown beside theirs, but does not count" in text_of(client, url)
        drafted = client.post(url, fields("54", do="draft"), follow=True)
        assert "It counts once it is submitted" not in drafted.content.decode()
        seen = {"version": Response.objects.get(side="team").version}
        sent = client.post(url, fields(R4, do="submit") | seen, follow=True)
        assert "Kept. It does not count" in sent.content.decode()
        assert "You gave this view after the customer's answers could be read" in text_of(client, url)

    def test_says_nothing_to_a_rater_who_is_held_back(self, client, account):
        round_ = make_assessment(account)
        round_.raters.add(account.owner)
        answer(round_, make_contact(account), R1, by=make_user())
        assert "but does not count" not in text_of(client, reverse("assessments:assess", args=[account.pk]))


class TestTheFormOfTheirAnswers:
    OFFER = "Give your own view first: once you have entered what they said"

    @pytest.fixture
    def pages(self, account):
        contact = make_contact(account)
        return [
            reverse("assessments:customer_choice", args=[account.pk]),
            reverse("assessments:customer_answers", args=[account.pk, contact.pk]),
        ]

    def test_offers_to_give_our_view_first_also_where_no_round_is_open(self, client, account, pages):
        for url in pages:
            shown = text_of(client, url)
            assert self.OFFER in shown and reverse("assessments:assess", args=[account.pk]) in shown

    def test_no_longer_once_it_is_given(self, client, account, pages):
        answer(make_assessment(account), account.owner, R4)
        assert all(self.OFFER not in text_of(client, url) for url in pages)

    def test_nor_when_it_would_not_count_any_more(self, client, account, pages):
        answer(make_assessment(account), make_contact(account), R1)
        assert all(self.OFFER not in text_of(client, url) for url in pages)
