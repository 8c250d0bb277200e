"""The status of a target in words: every reason, on either view, in both languages."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.utils import translation

from plans.models import Target
from plans.trajectory import LatestResult, Trajectory, judge
from plans.words import baseline_sentence, status_sentence, target_sentence, trajectory_sentence
from tests.wording import faults

SET_ON, DUE_ON = date(2026, 1, 15), date(2029, 1, 15)
WAY = Trajectory(SET_ON, 2.9, DUE_ON, 4)
HOLD = Trajectory(SET_ON, 4.2, DUE_ON, 4)
TODAY = date(2027, 1, 15)
THEIRS, OURS = "theirs", "ours"


def status(position, *, whose=THEIRS, held_on=TODAY, today=TODAY, way=WAY, chance=None):
    latest = LatestResult(position, max(1, int(position)), held_on)
    return judge(way, latest, today=today, last_heard_on=held_on if whose == THEIRS else None, chance=chance)


def unmeasured(today=TODAY):
    return judge(WAY, None, today=today, last_heard_on=None)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param(
            judge(None, None, today=TODAY, last_heard_on=None),
            "No target yet: where should this customer see us within three years?",
            id="no target",
        ),
        pytest.param(status(4.2), "They say 4.2: level 4 is reached.", id="reached"),
        pytest.param(
            status(4.2, whose=OURS),
            "We say 4.2 where the line expects 3.2, but the customer was never heard.",
            id="there, we say",
        ),
        pytest.param(
            status(4.2, whose=OURS, held_on=DUE_ON, today=DUE_ON, way=HOLD),
            "We say 4.2, which is level 4; whether they agree is still to be heard.",
            id="held, we say",
        ),
        pytest.param(
            status(4.2, held_on=DUE_ON, today=DUE_ON, way=HOLD), "They say 4.2: level 4 was held until January 2029.", id="held"
        ),
        pytest.param(
            status(4.2, held_on=date(2026, 1, 10)),
            "They said 4.2, but that was in January 2026, over a year ago: whether level 4 still holds is to be heard.",
            id="reached long ago",
        ),
        pytest.param(status(4.2, way=HOLD), "They say 4.2: level 4 holds.", id="holding"),
        pytest.param(
            status(4.2, way=HOLD, chance=0.85),
            "They say 4.2: level 4 holds. To stand on level 4 in January 2029 is 85 % likely.",
            id="holding, likely",
        ),
        pytest.param(
            status(4.2, way=HOLD, chance=0.2),
            "They say 4.2, so level 4 holds so far; but of accounts that stood there with this much time left fewer than one in four "
            "still held it on the day: 20 %.",
            id="holding, unlikely",
        ),
        pytest.param(
            status(3.3, chance=0.41),
            "The line expects 3.2 by now; they say 3.3. Level 4 by January 2029 is 41 % likely.",
            id="keeping up, with a chance",
        ),
        pytest.param(
            status(3.3, chance=0.14),
            "On the line so far, which expects 3.2 by now: they say 3.3. But of accounts that stood there with this much time left "
            "fewer than one in four got to level 4: 14 %.",
            id="on the line, unlikely",
        ),
        pytest.param(
            status(2.1, chance=0.08),
            "Needs level 4 by January 2029. The line expects 3.2 by now; they say 2.1. Level 4 by January 2029 is 8 % likely.",
            id="far behind, with a chance",
        ),
        pytest.param(
            status(2.1, chance=0.71),
            "Behind the line, which expects 3.2 by now while they say 2.1; but of accounts that stood there with this much time left "
            "more than six in ten got to level 4: 71 %.",
            id="far behind, likely",
        ),
        pytest.param(
            status(2.1, chance=0.71, way=HOLD),
            "Behind the line, which expects 4.1 by now while they say 2.1; but of accounts that stood there with this much time left "
            "more than six in ten held the level: 71 %.",
            id="slid, likely",
        ),
        pytest.param(
            status(3.9, held_on=date(2026, 1, 10), chance=0.5),
            "The line expects 3.2 by now; they said 3.9, but that was in January 2026, over a year ago. Level 4 by January 2029 is 50 % "
            "likely.",
            id="not heard for a year, with a chance",
        ),
        pytest.param(
            status(2.9, held_on=SET_ON, today=SET_ON, chance=0.3),
            "Too early to tell: they were not heard since the target was set. Level 4 by January 2029 is 30 % likely.",
            id="too early, with a chance",
        ),
        pytest.param(
            judge(WAY, LatestResult(3.0, 3, TODAY, exact=False), today=TODAY, last_heard_on=TODAY),
            "The line expects 3.2 by now; they say level 3.",
            id="of a confidential round",
        ),
        pytest.param(
            status(2.9, held_on=DUE_ON, today=DUE_ON + timedelta(days=1)),
            "Level 4 was due in January 2029; they say 2.9.",
            id="past due",
        ),
        pytest.param(
            status(2.9, whose=OURS, held_on=DUE_ON, today=DUE_ON + timedelta(days=1)),
            "Level 4 was due in January 2029; we say 2.9.",
            id="past due, we say",
        ),
        pytest.param(
            status(2.9, held_on=SET_ON, today=SET_ON),
            "Too early to tell: they were not heard since the target was set.",
            id="too early",
        ),
        pytest.param(
            status(2.9, whose=OURS, held_on=SET_ON, today=SET_ON),
            "Too early to tell: nothing was assessed since the target was set.",
            id="too early, we say",
        ),
        pytest.param(
            status(2.1),
            "Needs level 4 by January 2029. The line expects 3.2 by now; they say 2.1.",
            id="far behind",
        ),
        pytest.param(
            status(2.1, whose=OURS),
            "Needs level 4 by January 2029. The line expects 3.2 by now; we say 2.1.",
            id="far behind, we say",
        ),
        pytest.param(status(2.9), "The line expects 3.2 by now; they say 2.9.", id="behind"),
        pytest.param(status(2.9, whose=OURS), "The line expects 3.2 by now; we say 2.9.", id="behind, we say"),
        pytest.param(
            status(3.3, whose=OURS),
            "We say 3.3 where the line expects 3.2, but the customer was never heard.",
            id="never heard",
        ),
        pytest.param(
            status(3.9, held_on=date(2026, 1, 10)),
            "The line expects 3.2 by now; they said 3.9, but that was in January 2026, over a year ago.",
            id="not heard for a year",
        ),
        pytest.param(status(3.3), "The line expects 3.2 by now; they say 3.3.", id="keeping up"),
        pytest.param(
            unmeasured(),
            "No result tells where we stand. We started from 2.9; the line expects 3.2 by now.",
            id="no result stands",
        ),
        pytest.param(
            unmeasured(SET_ON),
            "Too early to tell: nothing was assessed since the target was set.",
            id="no result stands, too early",
        ),
    ],
)
def test_each_status_says_why(given, sentence):
    assert status_sentence(given) == sentence


def test_a_position_is_never_said_to_be_on_a_level_that_it_does_not_hold():
    assert status_sentence(status(3.9999)) == "The line expects 3.2 by now; they say 3.9."


EVERY = [
    judge(way, latest, today=today, last_heard_on=heard, chance=chance if heard else None)
    for way, today, position, ago, whose, chance in product(
        (WAY, HOLD, Trajectory(SET_ON, 0.4, SET_ON + timedelta(days=20), 1)),
        (SET_ON, SET_ON + timedelta(days=200), TODAY, DUE_ON, DUE_ON + timedelta(days=1)),
        (None, 0.0, 0.9, 2.0, 3.25, 4.0, 5.0),
        (0, 300, 400),
        (THEIRS, OURS),
        (None, 0.1, 0.9),
    )
    for held_on in [today - timedelta(days=ago)]
    for latest in [None if position is None else LatestResult(position, max(1, int(position)), held_on)]
    for heard in [held_on if latest and whose == THEIRS else None]
]


def test_the_many_statuses_cover_every_reason():
    assert {given.reason for given in EVERY} == {
        "reached",
        "there_but_never_heard",
        "there_but_not_heard_for_a_year",
        "past_due",
        "no_result_yet",
        "far_behind",
        "behind_but_likely",
        "behind",
        "never_heard",
        "not_heard_for_a_year",
        "on_the_line_but_unlikely",
        "keeping_up",
        "holding",
    }


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_status_makes_a_whole_sentence(language):
    with translation.override(language):
        sentences = {status_sentence(given) for given in EVERY}
    assert {sentence: found for sentence in sentences if (found := faults(sentence))} == {}


def test_no_sentence_puts_our_view_in_their_mouth():
    ours = [given for given in EVERY if given.code != "no_target" and given.values["last_heard_on"] is None]
    assert [text for given in ours if "hey sa" in (text := status_sentence(given))] == []


def test_figures_and_months_are_written_as_the_language_has_it():
    with translation.override("nl"):
        sentence = status_sentence(status(2.1))
    assert "3,2" in sentence
    assert "januari 2029" in sentence


# --- The target itself


def target(**fields) -> Target:
    return Target(**{"level": 4, "set_on": SET_ON, "due_on": DUE_ON, "baseline": 2.9} | fields)


def test_a_target_in_words():
    assert target_sentence(target()) == "Level 4 by 15 January 2029."


def test_a_target_with_the_name_of_its_level():
    assert target_sentence(target(), {4: "An ally"}) == "Level 4 (An ally) by 15 January 2029."


@pytest.mark.parametrize("baseline", [4.0, 4.6])
def test_a_target_that_is_there_already_is_to_be_held(baseline):
    assert target_sentence(target(baseline=baseline)) == "Hold level 4 until 15 January 2029."


@pytest.mark.parametrize(
    ("way", "basis", "sentence"),
    [
        (
            WAY,
            "customer",
            "On 15 January 2026 they placed us at 2.9. "
            "From there the way leads straight to level 4 on 15 January 2029; today it expects 3.2.",
        ),
        (
            WAY,
            "team",
            "On 15 January 2026 we placed ourselves at 2.9; they were not heard yet. "
            "From there the way leads straight to level 4 on 15 January 2029; today it expects 3.2.",
        ),
        (
            HOLD,
            "customer",
            "On 15 January 2026 they placed us at 4.2. The target is to stay on level 4 until 15 January 2029.",
        ),
    ],
)
def test_the_way_in_words(way, basis, sentence):
    assert trajectory_sentence(way, basis, TODAY) == sentence


@pytest.mark.parametrize(
    ("position", "basis", "sentence"),
    [
        (None, "", "Nobody knows yet how they see us."),
        (2.96, "customer", "They place us at 2.9. A new target starts from there."),
        (
            3.0,
            "team",
            "We place ourselves at 3.0; they were not heard yet. A new target starts from our own view, and says so.",
        ),
    ],
)
def test_where_a_new_target_starts(position, basis, sentence):
    assert baseline_sentence(position, basis) == sentence
