"""What a measurement means, in words: where an account stands, and how sure that is."""

import inspect
import re
from datetime import date, timedelta
from itertools import product

import pytest
from django.utils import translation

from accounts.models import Account
from assessments import words
from assessments.measurement import confidence as rules
from assessments.measurement.agreement import agreement_word
from assessments.measurement.result import recorded_result
from assessments.models import Assessment
from hierarchy.models import Level
from tests.wording import faults

LEVELS = {
    1: Level(rank=1, seen_as="One of many suppliers", seen_as_ours="one of many suppliers"),
    2: Level(rank=2, seen_as="A good supplier", seen_as_ours="a good supplier"),
    3: Level(
        rank=3, seen_as="A supplier that goes out of its way for us", seen_as_ours="a supplier that goes out of its way for them"
    ),
    4: Level(rank=4, seen_as="An ally in our business", seen_as_ours="an ally with whom they solve their business issues"),
    5: Level(rank=5, seen_as="The partner we cannot do without", seen_as_ours="the partner they cannot do without"),
}
TODAY = date(2026, 11, 24)


def account(theirs=None, ours=None) -> Account:
    theirs_level, ours_level = (None if position is None else max(1, int(position)) for position in (theirs, ours))
    both = theirs_level is not None and ours_level is not None
    return Account(
        customer_position=theirs,
        customer_level=theirs_level,
        team_position=ours,
        team_level=ours_level,
        # What the database computes, of an account that it never saw:
        level=theirs_level or ours_level,
        gap=ours_level - theirs_level if both else None,
    )


# --- Where an account stands


@pytest.mark.parametrize(
    ("theirs", "ours", "sentence"),
    [
        (None, None, "Not assessed yet: nobody knows how they see us."),
        (None, 2.4, "We think they see us as 2: a good supplier. They were never asked."),
        (2.4, None, "They see us as a good supplier."),
        (2.4, 2.9, "They see us as a good supplier. So do we."),
        (2.4, 3.0, "They see us as a good supplier. We thought 3: 1 level rosier."),
        (2.4, 4.0, "They see us as a good supplier. We thought 4: 2 levels rosier."),
        (2.4, 1.0, "They see us as a good supplier. We thought 1: 1 level gloomier."),
        (
            3.0,
            1.0,
            "They see us as a supplier that goes out of its way for them. We thought 1: 2 levels gloomier.",
        ),
        (1.0, None, "They see us as one of many suppliers."),
        (0.6, None, "They see us as one of many suppliers. They are not yet sure that we meet the specifications."),
        (0.6, 1.2, "They see us as one of many suppliers. So do we. They are not yet sure that we meet the specifications."),
    ],
)
def test_where_an_account_stands(theirs, ours, sentence):
    assert words.level_sentence(account(theirs, ours), LEVELS) == sentence


def test_where_more_disagree_than_agree_we_do_not_meet_their_specifications():
    latest = Assessment(customer_level=1, customer_position=0.6, below_specification=True)
    for told in (words.level_sentence(account(0.6), LEVELS, latest=latest), words.level_sentence(latest, LEVELS)):
        assert told == "They see us as one of many suppliers. We do not even meet their specifications yet."


@pytest.mark.parametrize(
    ("seen_as", "ours", "sentence"),
    [
        ("An IT partner of ours", "IT partner", "They see us as IT partner."),
        ("We trust them.", "somebody whom they trust.", "They see us as somebody whom they trust."),
        # an edition of before our own words: the customer's sentence is a quotation
        ("A supplier that goes out of its way for us.", "", "They see us as “A supplier that goes out of its way for us”."),
        ("", "", "They see us as level 2."),
    ],
)
def test_how_a_level_is_seen_fits_into_the_sentence(seen_as, ours, sentence):
    assert words.level_sentence(account(2.4), {2: Level(rank=2, seen_as=seen_as, seen_as_ours=ours)}) == sentence


def test_in_dutch_too():
    with translation.override("nl"):
        level = Level(
            rank=5, seen_as_nl="De partner die we niet kunnen missen", seen_as_ours_nl="de partner die zij niet kunnen missen"
        )
        assert words.level_sentence(account(5.0), {5: level}).startswith(
            "Zij zien ons als de partner die zij niet kunnen missen."
        )


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("levels", [LEVELS, {}], ids=["a catalogue", "no catalogue"])
def test_every_stand_makes_a_whole_sentence(language, levels):
    positions = (None, 0.0, 0.9, 1.0, 2.5, 3.0, 4.9, 5.0)
    with translation.override(language):
        sentences = {words.level_sentence(account(theirs, ours), levels) for theirs, ours in product(positions, positions)}
    assert {sentence: found for sentence in sentences if (found := faults(sentence))} == {}


@pytest.mark.parametrize(
    ("gap", "text"),
    [
        (0, "just as they do"),
        (1, "1 level rosier"),
        (2, "2 levels rosier"),
        (-1, "1 level gloomier"),
        (-2, "2 levels gloomier"),
    ],
)
def test_a_gap_in_words(gap, text):
    assert words.gap_words(gap) == text


@pytest.mark.parametrize("word", ["split", "mixed", "shared", ""])
def test_agreement_in_a_word(word):
    assert words.agreement_label(word) == word


@pytest.mark.parametrize(
    ("strong", "text"),
    [
        ([3], "Not cumulative: strong on level 3, but not on level 2."),
        ([3, 5], "Not cumulative: strong on levels 3 and 5, but not on level 2."),
        ([3, 4, 5], "Not cumulative: strong on levels 3, 4 and 5, but not on level 2."),
    ],
)
def test_a_pattern_error_is_a_lead(strong, text):
    assert words.not_cumulative(strong, 2) == text


# --- How sure it is


def result(**fields) -> Assessment:
    return Assessment(
        **{
            "held_on": TODAY,
            "customer_level": 3,
            "confidence": "medium",
            "confidence_reasons": ["fewer_than_three"],
        }
        | fields
    )


def says(**fields) -> list[tuple[str, str]]:
    return [(line.title, line.text) for line in words.sureness(result(**fields), TODAY)]


@pytest.mark.parametrize(
    ("level", "codes", "title", "text"),
    [
        ("low", ["one_respondent"], "Low confidence", "only one person answered. To raise it: hear at least three people."),
        (
            "medium", ["fewer_than_three", "no_economic_buyer", "views_shared"], "Medium confidence",
            "fewer than three people answered and the economic buyer was not heard; but they share one view. "
            "To raise it: hear the economic buyer and hear at least three people.",
        ),
        (
            "medium", ["band_wide", "told_to_us"], "Medium confidence",
            "those who were not heard could change the level and not all of them answered themselves: some of it was told to us. "
            "To raise it: hear more of those who decide and let them answer by link.",
        ),
        (
            "high", ["three_with_economic_buyer", "views_shared"], "High confidence",
            "three or more people answered, the economic buyer among them and they share one view",
        ),
        ("none", ["respondents_unknown"], "Confidence unknown", "how many people said so was not recorded"),
    ],
)  # fmt: skip
def test_confidence_with_its_reasons_and_what_would_raise_it(level, codes, title, text):
    assert says(confidence=level, confidence_reasons=codes)[0] == (title, text)


def test_a_result_of_the_former_rule_says_so():
    line = says(confidence="low", confidence_reasons=["one_respondent"], former_rule=True)[0]
    assert line[1].startswith("only one person answered; closed under the former rule.")


def test_no_customers_voice():
    line = says(customer_level=None, confidence="none", confidence_reasons=["no_customer_response"])[0]
    assert line == ("No customer's voice", "no customer answered. To raise it: ask the customer.")


def every_reason() -> set[str]:
    """The codes that stand in the module of the rules."""
    return set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', inspect.getsource(rules)))


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_reason_has_its_words(language):
    with translation.override(language):
        assert len(every_reason()) > 15
        assert [reason for reason in every_reason() if words.confidence_reason(reason) == reason] == []


def test_every_reason_that_is_lacking_says_what_would_raise_it_or_cannot():
    without = {reason for reason in every_reason() - rules.SPEAKS_FOR if not words.raising([reason])}
    assert without == {"respondents_unknown", "agreement_unknown", "unheard_unknown"}  # of results recorded elsewhere


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({"band_low": 3, "band_high": 3, "unheard": 2, "coverage": 0.6667, "respondents": 4},
         ("Level 3, whatever the other 2 would say", "66 % of those who decide were heard, by influence")),
        ({"band_low": 3, "band_high": 3, "unheard": 1, "coverage": 0.8, "respondents": 4},
         ("Level 3, whatever the other one would say", "80 % of those who decide were heard, by influence")),
        ({"band_low": 1, "band_high": 5, "unheard": 9, "coverage": 0.1, "respondents": 3},
         ("Between 1 and 5: 9 of 12 people were not heard", "10 % of those who decide were heard, by influence")),
        ({"band_low": 1, "band_high": 3, "unheard": 1, "coverage": 0.4999, "respondents": 3, "visibility": "confidential"},
         ("Between 1 and 3: 1 of 4 people was not heard", "49 % of those who decide were heard")),
        ({"band_low": 3, "band_high": 3, "unheard": 0, "coverage": 1.0, "respondents": 3},
         ("Level 3: everybody who decides was heard", "100 % of those who decide were heard, by influence")),
    ],
)  # fmt: skip
def test_the_band_in_words(fields, lines):
    assert says(**fields)[1] == lines


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (0, ""),
        (1, "1 of 3 answers was told to us"),
        (2, "2 of 3 answers were told to us"),
        (3, "told to us, not answered by themselves"),
    ],
)
def test_what_was_told_to_us_in_words(told, text):
    assert words.told_words(result(told=told, respondents=3)) == text


@pytest.mark.parametrize(
    ("agreement", "line"),
    [
        (0.3, ("Split views", "agreement 0.30 of 1")),
        (0.6999, ("Mixed views", "agreement 0.69 of 1")),
        (0.7, ("Shared view", "agreement 0.70 of 1")),
        (1.0, ("Shared view", "agreement 1.00 of 1")),
    ],
)
def test_agreement_with_its_figure(agreement, line):
    assert says(agreement=agreement, agreement_word=agreement_word(agreement))[1] == line


def test_in_confidence_agreement_is_a_word_alone():
    assert says(agreement_word="mixed", visibility="confidential")[1] == ("Mixed views", "")


def test_nothing_is_said_about_agreement_where_there_is_none():
    assert [title for title, _text in says()] == ["Medium confidence", "Fresh"]


@pytest.mark.parametrize(
    ("days", "line"),
    [
        (0, ("Fresh", "0 days old")),
        (1, ("Fresh", "1 day old")),
        (200, ("Ageing", "200 days old")),
        (400, ("Stale", "400 days old")),
    ],
)
def test_age_with_its_days(days, line):
    assert says(held_on=TODAY - timedelta(days=days))[-1] == line


# --- The history in a sentence


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        ([], "No results yet."),
        ([(date(2026, 3, 1), None, 2)], "Their level: unknown. Our view: 2 in March 2026."),
        ([(date(2026, 3, 1), 1, None)], "Their level: 1 in March 2026. Our view: unknown."),
        (
            [(date(2025, 3, 1), 1, 2), (date(2025, 9, 1), None, 3), (date(2026, 3, 1), 3, None)],
            "Their level: from 1 in March 2025 to 3 in March 2026. Our view: from 2 in March 2025 to 3 in September 2025.",
        ),
    ],
)
def test_the_history_in_a_sentence(results, sentence):
    given = [Assessment(held_on=day, customer_level=theirs, team_level=ours) for day, theirs, ours in results]
    assert words.history_sentence(given) == sentence


@pytest.mark.parametrize(
    ("origins", "ends"),
    [
        (["measured"], "Our view: unknown."),
        (["recorded", "measured"], "1 of 2 results was recorded elsewhere."),
        (["recorded", "recorded"], "2 of 2 results were recorded elsewhere."),
    ],
)
def test_the_history_in_a_sentence_says_what_was_recorded_elsewhere(origins, ends):
    given = [Assessment(held_on=TODAY, customer_level=2, origin=origin) for origin in origins]
    assert words.history_sentence(given).endswith(ends)


def test_a_recorded_result_says_so_first_among_its_reasons():
    sure = recorded_result(2.5, None, None)
    line = says(confidence=sure.confidence, confidence_reasons=sure.confidence_reasons)[0]
    assert line == (
        "Confidence unknown",
        "recorded, not measured here and how many people said so was not recorded. To raise it: ask them here.",
    )
