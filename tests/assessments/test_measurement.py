"""From answers to a level: worked examples, and what must hold whatever the answers."""

from decimal import Decimal
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.measurement.median import level_at, lower_weighted_median
from assessments.measurement.result import (
    LEVELS,
    Reading,
    WeightedResponse,
    measure_assessment,
    read_response,
    recorded_result,
)

steady = settings(max_examples=150, derandomize=True, deadline=None)


def answers(text: str) -> dict[int, list[int | None]]:
    """“5445 4434 …”: the answers of each level from 1 up, - for don't know."""
    return {level: [None if mark == "-" else int(mark) for mark in marks] for level, marks in enumerate(text.split(), start=1)}


def read(text: str, held_at: float = 3.5) -> Reading:
    return read_response(answers(text), held_at)


R1 = "5445 4434 3433 2212 1121"
R2 = "5544 5444 4443 332- ---2"
R3 = "4454 3343 4444 2322 1211"
R4 = "5555 --4- 4544 4434 3234"
R5 = "2332 3233 2222 1111 1111"
R6 = "---- ---- ---- ---- ----"
R7 = "5555 5555 4433 4343 4444"


# --- One response: the worked examples


@pytest.mark.parametrize(
    ("text", "scores", "position", "level"),
    [
        pytest.param(R1, (4.5, 3.75, 3.25, 1.75, 1.25), 2.9, 2, id="R1"),
        pytest.param(R2, (4.5, 4.25, 3.75, 2.6667, None), 3.6667, 3, id="R2"),
        pytest.param(R3, (4.25, 3.25, 4.0, 2.25, 1.25), 1.9, 1, id="R3"),
        pytest.param(R4, (5.0, None, 4.25, 3.75, 3.0), 4.8, 4, id="R4"),
        pytest.param(R5, (2.5, 2.75, 2.0, 1.0, 1.0), 0.6, 1, id="R5"),
        pytest.param(R6, (None,) * 5, None, None, id="R6"),
        pytest.param(R7, (5.0, 5.0, 3.5, 3.5, 4.0), 5.0, 5, id="R7"),
    ],
)
def test_a_response_reads_as_worked_out_by_hand(text, scores, position, level):
    reading = read(text)
    assert (reading.level_scores, reading.position, reading.level) == (scores, position, level)


@pytest.mark.parametrize(
    ("text", "strength"),
    [(R1, 2.9), (R2, 3.7917), (R3, 3.0), (R4, 4.0), (R5, 1.85), (R6, None), (R7, 4.2)],
)
def test_strength_is_the_mean_of_the_known_level_scores(text, strength):
    assert read(text).strength == strength


@pytest.mark.parametrize(
    ("text", "stopped_at", "strong_above"),
    [
        (R1, 3, ()),
        (R2, 4, ()),
        (R3, 2, (3,)),
        (R4, 5, ()),
        (R5, 1, ()),
        (R6, None, ()),
        (R7, None, ()),
        ("4444 3333 4444 3333 5555", 2, (3, 5)),
        ("4444 3333 3434 ---- ----", 2, (3,)),
    ],
)
def test_a_strong_level_above_the_stop_is_a_pattern_error(text, stopped_at, strong_above):
    reading = read(text)
    assert (reading.stopped_at, reading.strong_above) == (stopped_at, strong_above)
    assert reading.pattern_error == bool(strong_above)


@pytest.mark.parametrize(
    ("text", "below"),
    [
        (R5, True),
        (R1, False),
        (R6, False),
        ("3333 3333 3333 3333 3333", False),  # neutral is not bad
        ("4333 5555 5555 5555 5555", False),
        ("3322 5555 5555 5555 5555", True),
        ("3332 5555 5555 5555 5555", False),
        ("---- 1111 1111 1111 1111", False),  # whether we meet them is not known
        ("5555 1111 ---- ---- ----", False),
    ],
)
def test_below_the_specifications_is_said_only_when_more_disagree_than_agree(text, below):
    assert read(text).below_specification is below


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (R1, 2),
        (R2, 3),
        (R3, 1),
        (R4, 3),
        (R5, 1),
        (R6, None),
        (R7, 5),
        ("---- 1111 ---- ---- ----", 0),
        ("---- ---- 5555 5555 3333", 2),
    ],
)
def test_the_levels_that_are_known_are_counted_up_to_the_level(text, known):
    assert read(text).known_levels == known


def test_below_the_specifications_is_still_shown_as_level_1():
    assert read(R5).level == 1


# --- One response: edges


def test_a_level_counts_as_known_when_half_of_it_is_answered():
    assert read("5555 44-- ---- ---- ----").level_scores[1] == 4


def test_a_level_is_unknown_when_fewer_than_half_of_it_are_answered():
    assert read("5555 444---- ---- ---- ----").level_scores[1] is None


def test_a_level_without_indicators_is_unknown():
    assert read_response({1: [5, 5], 3: [5]}, 3.5).level_scores == (5.0, None, 5.0, None, None)


def test_an_unknown_level_neither_stops_nor_counts_as_held():
    assert read("5555 ---- 5555 ---- 2222").position == 3


def test_the_fraction_counts_only_right_above_the_highest_held_level():
    # Level 2 is unknown, level 3 stops: how far towards 2 is not known.
    assert read("5555 ---- 3333 ---- ----").position == 1


def test_an_unknown_first_level_is_passed_over():
    assert read("---- 5555 2222 ---- ----").position == 2.4


def test_the_threshold_itself_is_held():
    assert read("3434 2222 1111 1111 1111").level_scores[0] == 3.5
    assert read("3434 2222 1111 1111 1111").position == 1.4


def test_a_mean_just_under_the_threshold_is_not_held_and_is_not_rounded_up_to_it():
    # Ten thousand answers whose mean is 3.4999.
    almost = read_response({1: [3] * 5001 + [4] * 4999}, 3.5)
    assert almost.position == 0.9999
    assert almost.is_below_one


@pytest.mark.parametrize(
    ("given", "held_at"),
    [
        ([3, 3, 3, 3, 4], "3.2"),
        ([4, 4, 4, 4, 4, 4, 4, 4, 4, 5], "4.1"),
        ([2] * 67 + [3] * 33, "2.33"),
        ([3] * 93 + [4] * 7, "3.07"),
    ],
)
def test_a_mean_equal_to_a_decimal_threshold_is_held(given, held_at):
    # What a float can spoil: the threshold comes from a decimal column, the mean from a sum.
    assert read_response({1: given}, float(Decimal(held_at))).position == 1


def test_a_position_is_stored_with_four_decimals():
    assert read("5555 5555 5555 332- ----").position == 3.6667


@pytest.mark.parametrize("level", [0, 6])
def test_a_level_outside_the_scale_is_refused(level):
    with pytest.raises(ValueError, match="levels run from 1 to 5"):
        read_response({level: [3]}, 3.5)


@pytest.mark.parametrize("answer", [0, 6])
def test_an_answer_outside_the_scale_is_refused(answer):
    with pytest.raises(ValueError, match="answers run from 1 to 5"):
        read_response({1: [3, answer]}, 3.5)


def test_an_answer_in_place_of_dont_know_can_lower_a_position():
    # Level 2 becomes known, and stops the walk: no promise of monotony holds here.
    before, after = read("5555 1--- 5555 ---- ----"), read("5555 15-- 5555 ---- ----")
    assert (before.position, after.position) == (3, 1.8)


# --- One response: whatever the answers

answer = st.none() | st.integers(1, 5)
responses = st.fixed_dictionaries({level: st.lists(answer, min_size=1, max_size=6) for level in LEVELS})
thresholds = st.decimals("1.01", "5", places=2).map(float)


@steady
@given(responses, thresholds, st.data())
def test_raising_an_answer_never_lowers_the_position(response, held_at, data):
    given_answers = [
        (level, place) for level, marks in response.items() for place, mark in enumerate(marks) if mark is not None and mark < 5
    ]
    if not given_answers:
        return
    level, place = data.draw(st.sampled_from(given_answers))
    raised = {rank: list(marks) for rank, marks in response.items()}
    raised[level][place] = data.draw(st.integers(response[level][place] + 1, 5))
    before, after = read_response(response, held_at), read_response(raised, held_at)
    if before.position is None:
        assert after.position is None
    else:
        assert after.position >= before.position


@steady
@given(responses, thresholds, thresholds)
def test_a_higher_threshold_never_raises_a_position(response, one, other):
    easy = read_response(response, min(one, other)).position
    hard = read_response(response, max(one, other)).position
    assert easy is hard is None or hard <= easy


@steady
@given(responses, thresholds)
def test_no_more_levels_are_known_than_the_level_has_below_it(response, held_at):
    reading = read_response(response, held_at)
    assert (reading.known_levels is None) == (reading.level is None)
    assert reading.level is None or 0 <= reading.known_levels <= reading.level


@steady
@given(responses, thresholds)
def test_a_position_lies_on_the_scale_and_has_four_decimals(response, held_at):
    position = read_response(response, held_at).position
    assert position is None or (0 <= position <= 5 and position == round(position, 4))


@steady
@given(responses, thresholds)
def test_the_level_is_the_whole_part_of_the_position(response, held_at):
    reading = read_response(response, held_at)
    assert reading.level == (None if reading.position is None else max(1, floor(reading.position)))


@steady
@given(responses, thresholds)
def test_a_level_is_never_above_the_highest_level_held(response, held_at):
    reading = read_response(response, held_at)
    held = [level for level, score in enumerate(reading.level_scores, start=1) if score is not None and score >= held_at]
    assert reading.level is None or reading.level <= max([1, *held])


@steady
@given(responses, thresholds)
def test_every_known_level_up_to_the_position_is_held(response, held_at):
    reading = read_response(response, held_at)
    if reading.position is not None:
        below = reading.level_scores[: floor(reading.position)]
        assert all(score is None or score >= held_at for score in below)


@steady
@given(st.floats(1.01, 5))
def test_all_fives_stand_at_the_top(held_at):
    assert read("5555 5555 5555 5555 5555", held_at).position == 5


@steady
@given(responses, st.floats(1.01, 5, exclude_min=True))
def test_no_threshold_rounds_a_position_up_to_a_level_that_is_not_held(response, held_at):
    reading = read_response(response, held_at)
    if reading.stopped_at is not None:
        assert reading.position < reading.stopped_at


# --- The lower weighted median


@pytest.mark.parametrize(
    ("values", "weights", "median"),
    [
        ([3], [1], 3),
        ([1, 2], [1, 1], 1),
        ([1, 2, 3, 4], [1, 1, 1, 1], 2),
        ([1, 2, 3, 4], [1, 1, 1, 2], 3),
        ([4, 1], [1, 2], 1),
        ([4, 1], [2, 1], 4),
        ([1, 2, 3], [0.7, 0.1, 0.8], 2),
        ([1, 2, 3, 4], [0.1, 0.1, 0.1, 0.3], 3),
    ],
)
def test_the_lower_weighted_median_reaches_half_of_the_weight(values, weights, median):
    assert lower_weighted_median(values, weights) == median


def test_no_values_have_no_median():
    with pytest.raises(ValueError, match="no values"):
        lower_weighted_median([], [])


def test_values_and_weights_go_in_pairs():
    with pytest.raises(ValueError, match="zip"):
        lower_weighted_median([1, 2], [1])


# --- One assessment


def voices(*weights: float, of: tuple[str, ...] = (R1, R2, R3, R4)) -> list[WeightedResponse]:
    return [WeightedResponse(read(text).position, weight) for text, weight in zip(of, weights, strict=True)]


@pytest.mark.parametrize(
    ("weights", "position", "level", "agreement"),
    [
        ((2, 2, 2, 2), 2.9, 2, 0.5646),
        ((1, 2, 1, 3), 3.6667, 3, 0.6200),
        ((3, 1, 1, 1), 2.9, 2, 0.6663),
    ],
)
def test_an_assessment_comes_to_what_was_worked_out_by_hand(weights, position, level, agreement):
    result = measure_assessment(voices(*weights), [])
    assert (result.customer_position, result.customer_level, result.agreement) == (position, level, agreement)


@pytest.mark.parametrize(("text", "level"), [(R1, 2), (R2, 3), (R3, 1), (R4, 4)])
def test_each_voice_counts_with_its_level(text, level):
    assert level_at(read(text).position) == level


def test_the_team_weighs_the_same_way():
    result = measure_assessment([], voices(2, 2, 2, 2))
    assert (result.team_position, result.team_level) == (2.9, 2)
    assert (result.customer_position, result.customer_level) == (None, None)


@pytest.mark.parametrize(("customer", "team", "gap"), [(2.9, 3.0, 1), (2.9, 2.0, 0), (4.0, 1.5, -3), (0.4, 1.0, 0)])
def test_the_gap_is_team_level_minus_customer_level(customer, team, gap):
    assert measure_assessment([WeightedResponse(customer, 2)], [WeightedResponse(team, 1)]).gap == gap


@pytest.mark.parametrize(("customer", "team"), [([WeightedResponse(2.9, 2)], []), ([], [WeightedResponse(2.9, 1)]), ([], [])])
def test_no_gap_where_a_side_is_missing(customer, team):
    assert measure_assessment(customer, team).gap is None


def test_only_the_customers_people_are_counted_as_respondents():
    assert measure_assessment([WeightedResponse(2, 1)] * 3, [WeightedResponse(3, 1)] * 2).respondents == 3


def test_only_the_customers_people_agree_or_not():
    result = measure_assessment([WeightedResponse(2, 1)] * 2, [WeightedResponse(1, 1), WeightedResponse(5, 1)])
    assert result.agreement == 1


def test_one_voice_does_not_agree_or_disagree():
    assert measure_assessment([WeightedResponse(2, 1)], []).agreement is None


def test_confidence_comes_with_its_reasons():
    heard = [WeightedResponse(3.2, 3, "economic"), WeightedResponse(3.4, 2, "user"), WeightedResponse(3.9, 1, "technical")]
    result = measure_assessment(heard, [])
    assert result.confidence == "high"
    assert result.confidence_reasons == ("three_with_economic_buyer", "views_shared", "band_single")


@pytest.mark.parametrize(
    ("position", "stored"),
    [(3.66666666, 3.6667), (2.99999, 2.9999), (0.99999, 0.9999), (4.99999, 4.9999), (5.0, 5.0)],
)
def test_rounding_never_lifts_a_position_to_a_level_it_does_not_hold(position, stored):
    assert measure_assessment([WeightedResponse(position, 1)], []).customer_position == stored


def test_agreement_is_judged_as_it_is_stored():
    # 0.69996 is stored, and shown, as 0.7: shared. So it may not be called mixed either.
    heard = [
        WeightedResponse(level, 1, role)
        for level, role in zip([1] * 2 + [2] * 14 + [3] + [4] * 4, ["economic", "user", "technical"] * 7, strict=True)
    ]
    result = measure_assessment(heard, [])
    assert result.agreement == 0.7
    assert result.confidence == "high"


# --- One assessment: whatever the voices

positions = st.floats(0, 5).map(lambda position: round(position, 4))
roles = st.sampled_from([None, "economic", "user", "technical", "coach"])
weights = st.integers(1, 3)
sides = st.lists(st.builds(WeightedResponse, positions, weights, roles), min_size=1, max_size=8)


@steady
@given(sides, st.randoms(use_true_random=False))
def test_the_order_of_the_respondents_does_not_matter(side, chance):
    mixed = list(side)
    chance.shuffle(mixed)
    assert measure_assessment(mixed, mixed) == measure_assessment(side, side)


@steady
@given(sides, st.sampled_from([0.1, 1 / 3, 0.7, 3, 1000]))
def test_weights_times_a_constant_change_nothing(side, constant):
    scaled = [WeightedResponse(voice.position, voice.weight * constant, voice.buying_role) for voice in side]
    before, after = measure_assessment(side, []), measure_assessment(scaled, [])
    assert after.customer_position == before.customer_position
    assert after.agreement == pytest.approx(before.agreement, abs=1e-4)


@steady
@given(sides)
def test_the_median_is_somebodys_and_half_of_the_weight_lies_up_to_it(side):
    values, weighing = [voice.position for voice in side], [voice.weight for voice in side]
    median = lower_weighted_median(values, weighing)
    assert median in values
    upto = sum(weight for value, weight in zip(values, weighing, strict=True) if value <= median)
    below = sum(weight for value, weight in zip(values, weighing, strict=True) if value < median)
    assert 2 * below < sum(weighing) <= 2 * upto


@steady
@given(sides, weights)
def test_one_more_voice_at_the_position_does_not_move_it(side, weight):
    position = measure_assessment(side, []).customer_position
    assert measure_assessment([*side, WeightedResponse(position, weight)], []).customer_position == position


@steady
@given(sides)
def test_everybody_speaking_twice_changes_neither_position_nor_agreement(side):
    once, twice = measure_assessment(side, []), measure_assessment(side * 2, [])
    assert twice.customer_position == once.customer_position
    if once.agreement is not None:
        assert twice.agreement == pytest.approx(once.agreement, abs=1e-4)


@steady
@given(sides, st.data())
def test_a_voice_that_rises_never_lowers_the_position(side, data):
    place = data.draw(st.integers(0, len(side) - 1))
    risen = list(side)
    risen[place] = WeightedResponse(data.draw(st.floats(side[place].position, 5)), side[place].weight)
    assert measure_assessment(risen, []).customer_position >= measure_assessment(side, []).customer_position


@steady
@given(sides)
def test_the_level_of_a_side_is_the_whole_part_of_its_position(side):
    result = measure_assessment(side, side)
    assert result.customer_level == level_at(result.customer_position) == result.team_level


# --- A result that was found elsewhere


@pytest.mark.parametrize(
    ("customer", "team", "respondents", "levels", "gap", "sure"),
    [
        (2.9, 4.0, None, (2, 4), 2, ("none", "respondents_unknown")),
        (2.9, None, 1, (2, None), None, ("low", "one_respondent")),
        (None, 4.25, None, (None, 4), None, ("none", "no_customer_response")),
        (5.0, 1.0, 3, (5, 1), -4, ("medium", "buying_roles_unknown")),
    ],
)
def test_a_recorded_result_keeps_the_positions_and_knows_no_agreement(customer, team, respondents, levels, gap, sure):
    result = recorded_result(customer, team, respondents)
    assert (result.customer_position, result.team_position) == (customer, team)
    assert (result.customer_level, result.team_level, result.gap, result.agreement) == (*levels, gap, None)
    assert (result.confidence, *result.confidence_reasons[:2]) == (sure[0], "recorded", sure[1])
    assert result.respondents == (respondents or 0)
