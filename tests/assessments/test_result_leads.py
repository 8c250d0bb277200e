"""What a closed round tells beside its level: what holds it back, where the sides differ, who is not cumulative."""

from datetime import date

import pytest
from django.utils import timezone, translation

from assessments.models import Answer, Assessment, Response
from assessments.rounds.closing import close
from assessments.rounds.explanation import Leads, leads_of
from assessments.rounds.responses import responses_in
from audit.trail import newest
from hierarchy.models import Indicator
from portfolio.catalogue import rungs_of
from tests.factories import answer, make_account, make_assessment, make_contact, make_result

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

TODAY = date(2026, 11, 24)
R1, R2, R3, R4 = (
    "5445 4434 3433 2212 1121",
    "5544 5444 4443 332- ---2",
    "4454 3343 4444 2322 1211",
    "5555 --4- 4544 4434 3234",
)


def leads(assessment: Assessment) -> Leads:
    """What the account page shows of it."""
    rungs = rungs_of(assessment.edition_id, state=newest(), today=TODAY)
    statements = [one for rung in rungs.values() for one in rung.statements]
    return leads_of(assessment, responses_in([assessment], answers_of=assessment), statements)


# --- Why the level is what it is


def answered(edition, *texts: str, side="customer", submitted=True) -> Assessment:
    """A closed assessment at 2.9 with one response for each text: “5445 4434 …”, - for don't know."""
    assessment = make_result(make_account(), TODAY, edition=edition, **{side: 2.9})
    for text in texts:
        who = {"contact": make_contact(assessment.account)} if side == "customer" else {}
        response = Response.objects.create(
            assessment=assessment, side=side, origin="api", position=2.9, level=2, known_levels=2,
            counted=submitted, submitted_at=timezone.now() if submitted else None, **who,
        )  # fmt: skip
        for rank, marks in enumerate(text.split(), start=1):
            indicators = Indicator.objects.filter(edition=edition, rank=rank).order_by("order")
            Answer.objects.bulk_create(
                Answer(response=response, indicator=indicator, value=None if mark == "-" else int(mark))
                for indicator, mark in zip(indicators, marks, strict=True)
            )
    return assessment


def test_the_explanation_shows_the_scores_and_the_lowest_statements_of_the_next_level(edition):
    explanation = leads(answered(edition, R1)).explanation
    assert explanation.scores == ((5, 1.25), (4, 1.75), (3, 3.25), (2, 3.75), (1, 4.5))
    assert (explanation.side, explanation.level, explanation.stopped_at, explanation.held_at) == (
        "customer",
        2,
        3,
        3.5,
    )
    assert [statement.mean for statement in explanation.holding_back] == [3, 3, 3]
    assert explanation.holding_back[0].text == ("They adapt their service or support to the way we work.")


def test_the_statements_are_in_the_language_of_the_page(edition):
    assessment = answered(edition, R1)
    with translation.override("nl"):
        texts = [statement.text for statement in leads(assessment).explanation.holding_back]
    assert texts[0] == "Zij passen hun service of ondersteuning aan onze manier van werken aan."


def test_our_own_view_is_explained_with_the_statements_that_our_team_was_asked(edition):
    explanation = leads(answered(edition, R1, side="team")).explanation
    assert explanation.side == "team"
    assert explanation.holding_back[0].text == ("We adapt our service or support to the way this customer works.")


def test_where_the_customer_was_heard_our_own_answers_explain_nothing(edition):
    assessment = answered(edition, R1)
    ours = Response.objects.create(
        assessment=assessment,
        side="team",
        origin="api",
        position=5,
        level=5,
        known_levels=5,
        counted=True,
        submitted_at=timezone.now(),
    )
    for indicator in Indicator.objects.filter(edition=edition):
        Answer.objects.create(response=ours, indicator=indicator, value=5)
    assert dict(leads(assessment).explanation.scores)[1] == 4.5


def test_the_scores_are_means_over_all_who_answered(edition):
    explanation = leads(answered(edition, R1, "1111 2222 1111 ---- 1111")).explanation
    assert dict(explanation.scores) == {1: 2.75, 2: 2.875, 3: 2.125, 4: 1.75, 5: 1.125}


def test_what_holds_back_is_the_level_above_the_one_held_whatever_the_mean_of_all(edition):
    # The mean of both holds level 3, yet the lower of the two is the median.
    explanation = leads(answered(edition, R1, "5555 5555 5555 5555 5555")).explanation
    assert dict(explanation.scores)[3] >= 3.5
    assert explanation.stopped_at == 3


def test_a_level_that_nobody_answered_holds_nothing_back(edition):
    explanation = leads(answered(edition, "5445 4434 ---- 2212 1121")).explanation
    assert (explanation.stopped_at, dict(explanation.scores)[3]) == (4, None)


@pytest.mark.parametrize(("position", "stopped_at"), [(0.6, 1), (1.9, 2), (4.8, 5), (5.0, None)])
def test_what_holds_back_from_the_bottom_to_the_top(edition, position, stopped_at):
    assessment = answered(edition, R1)
    assessment.customer_position, assessment.customer_level = position, max(1, int(position))
    assert leads(assessment).explanation.stopped_at == stopped_at


def test_a_draft_and_a_response_without_a_level_explain_nothing(edition):
    assessment = answered(edition, R1)
    for fields in ({"submitted_at": None}, {"position": None, "level": None, "known_levels": None}):
        response = Response.objects.create(
            assessment=assessment,
            side="customer",
            origin="api",
            **{"submitted_at": timezone.now(), "position": 1, "level": 1, "known_levels": 1} | fields,
        )
        lowest = Indicator.objects.filter(edition=edition, rank=1).first()
        Answer.objects.create(response=response, indicator=lowest, value=1)
    assert dict(leads(assessment).explanation.scores)[1] == 4.5


def test_a_recorded_result_has_no_explanation(edition):
    result = make_result(make_account(), TODAY, customer=2.9, origin=Assessment.Origin.RECORDED)
    assert leads(result).explanation is None


def test_voices_cost_one_statement_and_the_explanation_none(edition, django_assert_num_queries):
    assessment, other = answered(edition, R1, R1, R1), answered(edition, R2)
    with django_assert_num_queries(1):
        voices = responses_in([assessment, other], answers_of=assessment)
        leads_of(assessment, voices, ())
        assert [voice.name for voice in voices if not voice.name] == []
    assert [(voice.round, len(voice.answers)) for voice in voices] == [(assessment.pk, 20)] * 3 + [(other.pk, 0)]


# --- Where the two sides differ


def closed(edition, theirs, ours=(), **fields) -> Assessment:
    """A closed round with these answers of the customer's people and of our own."""
    assessment = make_assessment(make_account(), **fields)
    for marks in theirs:
        answer(assessment, make_contact(assessment.account), marks)
    for marks in ours:
        answer(assessment, assessment.account.owner, marks)
    return close(assessment, by=assessment.account.owner)


def test_the_three_statements_that_differ_most_stand_first_in_the_customers_words(edition):
    ours = "5445 4434 3433 2212 5421"  # as they answered, but for 5a (+4) and 5b (+3)
    (first, second) = leads(closed(edition, [R1], [ours])).differences
    assert (first.rank, first.theirs, first.ours, first.by) == (5, 1, 5, 4)
    assert second.by == 3
    assert first.text == "Our leadership discusses the direction of our organisation with them."


def test_at_most_three_differences_are_told(edition):
    assert len(leads(closed(edition, [R1], ["1" * 20])).differences) == 3


def test_without_both_sides_nothing_differs(edition):
    assert leads(closed(edition, [R1])).differences == ()


# --- Whose answers are not cumulative


def test_a_pattern_is_counted_among_all_who_answered(edition):
    (pattern,) = leads(closed(edition, [R1, R2, R3, R3, R4])).patterns
    assert (pattern.strong, pattern.stopped_at, pattern.people, pattern.all) == ((3,), 2, 2, 5)
    assert pattern.text == "Not cumulative: strong on level 3, but not on level 2."
    assert pattern.share == "2 of 5 people"


def test_one_person_alone_is_told_as_one(edition):
    (pattern,) = leads(closed(edition, [R3])).patterns
    assert pattern.share == "the one person who answered"


def test_cumulative_answers_give_no_pattern(edition):
    assert leads(closed(edition, [R1, R2, R4])).patterns == ()


def test_a_level_of_which_less_than_half_was_answered_makes_no_pattern(edition):
    # As R3, but level 3 was left open but for one statement: it is unknown, not strong.
    assert leads(closed(edition, ["4454 3343 4... 2322 1211"])).patterns == ()


# --- In a confidential round


def in_confidence(edition, theirs, ours=()) -> Leads:
    return leads(closed(edition, theirs, ours, visibility="confidential"))


@pytest.mark.parametrize(("people", "shown"), [(4, False), (5, True)])
def test_the_means_of_the_levels_show_from_five_people_on_with_one_decimal(edition, people, shown):
    scores = dict(in_confidence(edition, ["5445 4434 3433 2332 2222"] * people).explanation.scores)
    assert scores == ({1: 4.5, 2: 3.8, 3: 3.2, 4: 2.5, 5: 2.0} if shown else dict.fromkeys(range(1, 6)))


def test_a_statement_that_fewer_than_five_know_is_in_no_mean(edition):
    known, unknown = "5445 4434 1433 2332 2222", "5445 4434 -433 2332 2222"
    scores = dict(in_confidence(edition, [known] * 4 + [unknown]).explanation.scores)
    assert scores[3] == 3.3  # of 4, 3 and 3: without 3a


def test_a_mean_at_the_ends_is_drawn_in_so_that_it_does_not_tell_of_each_of_five(edition):
    scores = dict(in_confidence(edition, ["5555 5555 1111 1111 1111"] * 5).explanation.scores)
    assert (scores[1], scores[3]) == (4.6, 1.6)


def test_neither_a_statement_nor_a_difference_nor_a_pattern_is_told(edition):
    found = in_confidence(edition, [R3] * 6, ["5" * 20])
    assert found.explanation.holding_back == found.differences == found.patterns == ()
    assert (found.explanation.level, found.explanation.stopped_at) == (1, 2)


def test_below_three_only_our_own_view_is_explained(edition):
    found = leads(closed(edition, [R3, R3], [R1], visibility="confidential"))
    assert found.explanation.side == "team"
    assert found.differences == ()
    assert found.patterns == ()
