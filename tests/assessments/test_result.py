"""The result of a round from answers to the page: as worked out by hand, and said in words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.rounds.closing import close
from tests.factories import (
    answer,
    make_account,
    make_assessment,
    make_contact,
    make_invitation,
    make_result,
    make_user,
    make_viewer,
)

pytestmark = pytest.mark.one_database

R1, R2, R3, R4 = (
    "5445 4434 3433 2212 1121",
    "5544 5444 4443 332- ---2",
    "4454 3343 4444 2322 1211",
    "5555 --4- 4544 4434 3234",
)
VIEWS = (R1, R2, R3, R4)  # levels 2, 3, 1, 4
ROLES = ("user", "economic", "technical", "coach")


@pytest.fixture
def owner(client, edition):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def account(owner):
    return make_account(owner=owner)


def measured(account, weights, ours=R4):
    round_ = make_assessment(account)
    for marks, weight, role in zip(VIEWS, weights, ROLES, strict=True):
        answer(round_, make_contact(account, influence=weight, buying_role=role), marks)
    answer(round_, account.owner, ours)
    return close(round_, by=account.owner)


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("weights", "position", "level", "agreement", "confidence", "gap"),
    [
        ((2, 2, 2, 2), 2.9, 2, 0.5646, "medium", 2),
        ((1, 2, 1, 3), 3.6667, 3, 0.6200, "medium", 1),
        ((3, 1, 1, 1), 2.9, 2, 0.6663, "medium", 2),
    ],
)
def test_four_people_come_to_what_was_worked_out_by_hand(account, weights, position, level, agreement, confidence, gap):
    closed = measured(account, weights)
    assert (closed.customer_position, closed.customer_level) == (position, level)
    assert (closed.agreement, closed.confidence, closed.gap) == (agreement, confidence, gap)
    account.refresh_from_db()
    assert (account.customer_position, account.customer_level, account.team_level) == (position, level, 4)


class TestTheAccountPageSays:
    @pytest.fixture
    def page(self, client, account):
        measured(account, (2, 2, 2, 2))
        return client.get(account.get_absolute_url())

    def test_their_level_ours_and_the_gap_in_words(self, page):
        assert "They see us as a good supplier. We thought 4: 2 levels rosier." in text(page)
        stand = page.context["stand"]
        assert (stand.theirs, stand.their_position, stand.ours, stand.our_position) == (2, 2.9, 4, 4.8)
        assert (stand.their_words, stand.gap) == ("4 people", "2 levels rosier")

    def test_agreement_confidence_and_age_with_the_reasons(self, page):
        (sure, reasons), *others = [(line.title, line.text) for line in page.context["sureness"]]
        assert sure == "Medium confidence" and reasons.startswith("their views are mixed and not all of them answered themselves")
        assert others == [
            ("Mixed views", "agreement 0.56 of 1"),
            ("Level 2: everybody who decides was heard", "100 % of those who decide were heard, by influence"),
            ("Fresh", "0 days old"),
        ]

    def test_whose_answers_are_not_cumulative_by_count(self, page):
        assert "Not cumulative: strong on level 3, but not on level 2.</span> <small>1 of 4 people" in text(page)

    def test_where_the_views_differ_most(self, page, client, account):
        page = client.get(account.get_absolute_url() + "history/")
        found = page.context["differences"]
        assert [(one.rank, round(one.theirs, 4), one.ours) for one in found] == [(5, 2, 4), (4, 2.6667, 4), (5, 1.6667, 3)]
        assert all(f"“{one.text}”" in text(page) for one in found)

    def test_what_holds_them_at_the_level_and_the_plays_for_it(self, page):
        explanation, climb = page.context["explanation"], page.context["climb"]
        assert (explanation.stopped_at, climb.low, climb.high) == (3, 2, 3)
        assert [(one.code, one.mean) for one in explanation.holding_back] == [("3d", 3.5), ("3a", 3.75), ("3c", 3.75)]
        # What works on 3d first, then what works on 3a or 3c: first, or second.
        assert [play.title for play in climb.fitting] == [
            "Value chain analysis", "RATER service review", "Kaizen", "Customer experience mapping",
        ]  # fmt: skip
        assert climb.fitting[0].codes == ("3d", "3a")
        assert "Value chain analysis <small>works on 3d and 3a</small>" in text(page)
        assert climb.others == () and "Other plays of this step" not in text(page)
        assert "/plan/?step=2" in text(page)

    def test_no_name_to_who_may_only_read(self, client, account):
        measured(account, (2, 2, 2, 2))
        client.force_login(make_viewer())
        found = text(client.get(account.get_absolute_url()))
        assert "1 of 4 people" in found
        assert "/plan/?step=2" not in found


def test_one_respondent_is_low_confidence(client, account):
    round_ = make_assessment(account)
    answer(round_, make_contact(account), R1)
    close(round_, by=account.owner)
    first, *_ = client.get(account.get_absolute_url()).context["sureness"]
    assert first.title == "Low confidence" and first.text.startswith("only one person answered")


def test_a_later_view_of_ours_alone_does_not_hide_how_sure_their_level_is(client, account):
    round_ = make_assessment(account, held_on=timezone.localdate() - timedelta(days=40))
    answer(round_, make_contact(account), R1)
    close(round_, by=account.owner)
    later = make_assessment(account)
    answer(later, account.owner, R4)
    close(later, by=account.owner)
    context = client.get(account.get_absolute_url()).context
    assert context["latest"].pk == round_.pk
    assert context["sureness"][0].title == "Low confidence"
    assert context["sureness"][-1].text == "40 days old"
    assert context["stand"].our_words.startswith("of ")


def test_level_one_that_is_not_held_has_no_plays(client, account):
    round_ = make_assessment(account)
    answer(round_, make_contact(account), "2332 3233 2222 1111 1111")
    close(round_, by=account.owner)
    context = client.get(account.get_absolute_url()).context
    assert context["explanation"].stopped_at == 1
    assert context["climb"] is None


@pytest.mark.parametrize(
    ("asked", "sentence"), [(False, "They were never asked."), (True, "They were asked, and did not answer.")]
)
def test_without_their_voice_the_page_says_whether_they_were_asked(client, account, asked, sentence):
    round_ = make_assessment(account)
    if asked:
        make_invitation(round_, make_contact(account))
    answer(round_, account.owner, R1)
    close(round_, by=account.owner)
    assert client.get(account.get_absolute_url()).context["headline"].endswith(sentence)


def test_while_they_are_asked_the_page_says_so(client, account):
    make_result(account, held_on=make_assessment(account).held_on, team=2.4)
    make_invitation(account.assessments.open().get(), make_contact(account))
    account.team_level, account.team_position = 2, 2.4
    account.save()
    assert client.get(account.get_absolute_url()).context["headline"].endswith("They are being asked now.")


class TestTheRoundPageSays:
    def test_strength_as_the_second_figure(self, client, account):
        closed = measured(account, (2, 2, 2, 2))
        context = client.get(closed.get_absolute_url()).context
        theirs, ours = context["strengths"]
        assert theirs == pytest.approx(sum(side.theirs for side in context["sides"]) / 5)
        assert ours == pytest.approx((5 + 4.25 + 3.75 + 3) / 4)  # of level 2 too little is known
        strength = {person.strength for person in context["people"] if not person.is_ours}
        assert strength == {2.9, 3.7917, 3, 4}

    def test_who_was_asked_opened_and_answered(self, client, account):
        round_ = make_assessment(account)
        for name, state in (("Ines", "sent"), ("Tom", "opened"), ("Zoë", "failed"), ("Bo", "revoked"), ("Kim", "unsure")):
            make_invitation(round_, make_contact(account, name=name), state=state)
        answered = make_contact(account, name="Lev")
        make_invitation(round_, answered)
        answer(round_, answered, R1)
        theirs = client.get(round_.get_absolute_url()).context["theirs"]
        assert [(person.name, person.asking.word, person.state) for person in theirs] == [
            ("Lev", "no answer yet", "submitted"),
            ("Ines", "no answer yet", "waiting"),
            ("Tom", "opened", "waiting"),
            ("Zoë", "could not be sent", "over"),
            ("Bo", "withdrawn", "over"),
            ("Kim", "may have been sent", "waiting"),
        ]

    def test_asking_the_customer_is_the_next_step_once_our_view_is_in(self, client, account):
        round_ = make_assessment(account)
        answer(round_, account.owner, R1)
        found = text(client.get(round_.get_absolute_url()))
        assert f'<a class="btn main" href="/accounts/{account.pk}/invite/">' in found
