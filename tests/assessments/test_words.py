"""What a measurement means, in words: where an account stands, and how sure that is."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.utils import translation

from accounts.models import Account
from assessments import words
from assessments.measurement.confidence import confidence
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
    ],
)
def test_where_an_account_stands(theirs, ours, sentence):
    assert words.level_sentence(account(theirs, ours), LEVELS) == sentence


@pytest.mark.parametrize(
    ("ours", "below", "sentence"),
    [
        (None, True, "They see us as one of many suppliers. We do not even meet their specifications yet."),
        (1.2, True, "They see us as one of many suppliers. So do we. We do not even meet their specifications yet."),
        (None, False, "They see us as one of many suppliers. They are not yet sure that we meet the specifications."),
    ],
)
def test_below_level_1_tells_disagreement_from_doubt(ours, below, sentence):
    latest = Assessment(customer_position=0.6, customer_level=1, below_specification=below)
    assert words.level_sentence(account(0.6, ours), LEVELS, latest=latest) == sentence


def test_without_the_result_that_decided_it_is_not_said_that_we_fall_short():
    assert words.level_sentence(account(0.6), LEVELS).endswith("They are not yet sure that we meet the specifications.")


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


@pytest.mark.parametrize(("value", "text"), [(0.2, "split"), (0.6, "mixed"), (0.9, "shared"), (None, "")])
def test_agreement_in_a_word(value, text):
    assert words.agreement_label(value) == text


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
    ("respondents", "shared", "roles", "title", "text"),
    [
        (1, None, ["user"], "Low confidence", "only one person answered"),
        (2, 0.3, ["user"] * 2, "Low confidence", "their views are split"),
        (
            2,
            0.6,
            ["user"] * 2,
            "Medium confidence",
            "fewer than three people answered, only one buying role was heard, "
            "the economic buyer was not heard and their views are mixed",
        ),
        (
            4,
            None,
            [],
            "Medium confidence",
            "their buying roles are not known and how far they agree is not known",
        ),
        (
            3,
            0.9,
            ["economic", "user", "user"],
            "High confidence",
            "three or more people answered, the economic buyer among them and they share one view",
        ),
        (None, None, [], "Confidence unknown", "how many people said so was not recorded"),
    ],
)
def test_confidence_with_its_reasons(respondents, shared, roles, title, text):
    sure = confidence(respondents, shared, roles)
    assert says(confidence=sure.level, confidence_reasons=sure.reasons)[0] == (title, text)


def test_no_customers_voice():
    line = says(customer_level=None, confidence="none", confidence_reasons=["no_customer_response"])[0]
    assert line == ("No customer's voice", "no customer answered")


def every_reason() -> set[str]:
    roles = [[], ["economic"], ["user"] * 3, ["economic", "user", "user"], ["user", "coach", "technical"]]
    return {
        reason
        for number, shared, given in product((None, 0, 1, 2, 3), (None, 0.1, 0.6, 0.9), roles)
        for reason in confidence(number, shared, given).reasons
    }


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_reason_has_its_words(language):
    with translation.override(language):
        assert [reason for reason in every_reason() if words.confidence_reason(reason) == reason] == []


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
    assert says(agreement=agreement)[1] == line


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
    assert line == ("Confidence unknown", "recorded, not measured here and how many people said so was not recorded")
