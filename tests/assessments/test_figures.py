"""Figures of a closed round from given answers: nothing is stored."""

from datetime import date

import pytest

from assessments.measurement.agreement import agreement_word, months_after
from assessments.models import Response
from assessments.rating.questionnaire import Questionnaire, summary_of
from assessments.rounds.figures import (
    GapClass,
    LevelScores,
    StatementDifference,
    both_answered,
    both_sides,
    bounds_in_confidence,
    differences,
    furthest_apart,
    gap_class,
    in_confidence,
    level_mean,
    of_each_kind,
    reliability_of,
    scale_x,
    strengths_of,
)
from hierarchy.models import Edition, Indicator, Level


@pytest.fixture
def questionnaire() -> Questionnaire:
    """Two statements a level, numbered 11, 12, 21 … 52."""
    levels = tuple(
        Level(rank=rank, name=f"Level {rank}", seen_as=f"Seen as {rank}", seen_as_ours=f"seen as {rank}") for rank in range(1, 6)
    )
    indicators = tuple(
        Indicator(pk=rank * 10 + n, rank=rank, code=f"{rank}{'ab'[n - 1]}", customer=f"Theirs {rank}{n}", team=f"Ours {rank}{n}")
        for rank in range(1, 6)
        for n in (1, 2)
    )
    return Questionnaire(Edition(held_at="3.5"), levels, indicators)


def people(*numbers: int) -> list[Response]:
    return [Response(pk=number) for number in numbers]


class TestLevelScores:
    @pytest.mark.parametrize(
        ("means", "asked", "score"),
        [([], 2, None), ([], 0, None), ([4.0], 2, 4.0), ([4.0], 3, None), ([4.0, 2.0], 4, 3.0), ([4.0, 2.0], 5, None)],
    )
    def test_are_known_from_half_of_the_statements_on(self, means, asked, score):
        assert level_mean(means, asked) == score

    def test_are_means_of_means_the_highest_level_first(self, questionnaire):
        given = {1: {11: 5, 12: 1}, 2: {11: 3}, 3: {21: 4, 22: None}}
        sides = both_sides(questionnaire, people(1, 2), people(3), given, 1)
        assert [side.rank for side in sides] == [5, 4, 3, 2, 1]
        assert [(side.theirs, side.ours) for side in sides if side.rank < 3] == [(None, 4.0), (2.5, None)]

    def test_of_the_customer_need_so_many_answers_and_ours_need_one(self, questionnaire):
        given = {n: {11: 4, 12: 4} for n in (1, 2, 3)}
        assert both_sides(questionnaire, people(1, 2), people(3), given, 3)[-1].theirs is None
        shown = both_sides(questionnaire, people(1, 2, 3), people(3), given, 3)[-1]
        assert (shown.theirs, shown.ours) == (4.0, 4.0)

    def test_without_an_answer_there_are_none(self, questionnaire):
        assert both_sides(questionnaire, people(1), [], {1: {11: None}}, 1) == []

    def test_strength_is_the_mean_of_the_known_ones_of_each_side(self):
        sides = [LevelScores(2, "", None, 2.0), LevelScores(1, "", 5.0, 4.0)]
        assert strengths_of(sides) == (5.0, 3.0)
        assert strengths_of([]) == (None, None)


@pytest.mark.parametrize(("score", "x"), [(1, 8.0), (3, 100.0), (5, 192.0), (None, 8.0), (3.3333, 115.3)])
def test_the_scale_is_drawn_from_8_to_192(score, x):
    assert scale_x(score) == x


class TestDifferences:
    def found(self, questionnaire, theirs, ours):
        return both_answered(questionnaire, people(1), people(2), {1: theirs, 2: ours})

    def test_are_ours_minus_theirs_in_their_words_the_largest_first(self, questionnaire):
        theirs, ours = {11: 2, 21: 5, 31: 3, 41: None}, {11: 3, 21: 1, 31: 3, 41: 5}
        found = differences(self.found(questionnaire, theirs, ours))
        assert [(one.text, one.by) for one in found] == [("Theirs 21", -4.0), ("Theirs 11", 1.0)]

    def test_of_equal_ones_the_first_stands_first_also_where_floats_differ(self):
        kind = GapClass.AGREED_WEAKNESS
        small, large = StatementDifference(1, "a", 3.0, 3.3, kind), StatementDifference(1, "b", 1.0, 1.3, kind)
        assert small.by < large.by  # by the last digit alone
        found = furthest_apart([small, large, StatementDifference(1, "c", 3.0, 4.0, kind)], 3)
        assert [one.text for one in found] == ["c", "a", "b"]

    def test_at_most_five_are_shown(self, questionnaire):
        low, high = ({asked.pk: value for asked in questionnaire.indicators} for value in (1, 5))
        assert len(differences(self.found(questionnaire, low, high))) == 5


class TestTheGapOfAStatement:
    @pytest.mark.parametrize(
        ("theirs", "ours", "kind"),
        [
            (3.5, 3.5, "agreed_strength"), (5, 4, "agreed_strength"), (3.4, 3.4, "agreed_weakness"), (1, 3, "agreed_weakness"),
            (3.4, 3.5, "blind_spot"), (1, 5, "blind_spot"), (3.5, 3.4, "undervalued"), (5, 1, "undervalued"),
        ],
    )  # fmt: skip
    def test_has_a_name_by_who_is_high(self, theirs, ours, kind):
        assert gap_class(theirs, ours, 3.5) == kind

    def test_is_high_from_the_threshold_of_the_edition_on(self):
        assert gap_class(4.0, 4.4, 4.5) == "agreed_weakness"

    def test_the_classes_hold_their_statements_the_furthest_apart_first(self, questionnaire):
        given = {1: {11: 2, 21: 1, 31: 5, 41: 4}, 2: {11: 4, 21: 5, 31: 4}}
        found = of_each_kind(both_answered(questionnaire, people(1), people(2), given))
        assert [(kind, [one.text for one in some]) for kind, some in found] == [
            ("agreed_strength", ["Theirs 31"]), ("blind_spot", ["Theirs 21", "Theirs 11"]),
        ]  # fmt: skip


class TestInConfidence:
    @pytest.mark.parametrize(
        ("mean", "shown"), [(None, None), (3.26, 3.3), (4.64, 4.6), (4.7, 4.6), (5.0, 4.6), (1.62, 1.6), (1.5, 1.6), (1.0, 1.6)]
    )
    def test_a_mean_has_one_decimal_and_stays_within_bounds(self, mean, shown):
        assert in_confidence(mean, 3.5) == shown

    @pytest.mark.parametrize("held_at", [1.1, 2, 3.5, 4, 4.7, 5])
    def test_within_the_bounds_one_of_five_may_hold_the_level_and_one_may_not(self, held_at):
        """With 5 and 1 as answers of the other four, whatever the decimals that are cut off."""
        low, high = bounds_in_confidence(held_at)
        assert 5 * (low - 0.05) - 4 * 1 >= held_at
        assert 5 * (high + 0.05) - 4 * 5 < held_at


class TestReliability:
    def told(self, questionnaire, rows):
        given = {number: dict(zip((11, 12, 21, 22), row, strict=False)) for number, row in enumerate(rows, 1)}
        return reliability_of(questionnaire, people(*given), given)

    def test_needs_two_who_answered(self, questionnaire):
        rows = [(1, 2, 4, 5)] * 2
        assert self.told(questionnaire, rows[:1]) is None
        assert self.told(questionnaire, rows).alpha == 1

    def test_without_variation_there_is_none(self, questionnaire):
        assert self.told(questionnaire, [(3, 3, 3, 3)] * 3) is None

    @pytest.mark.parametrize(
        ("alpha", "word"),
        [(1, "reliable"), (0.8, "reliable"), (0.7999, "tentative"), (0.667, "tentative"), (0.6669, "low"), (-0.2, "low")],
    )
    def test_has_a_verdict_from_krippendorffs_marks_on(self, questionnaire, monkeypatch, alpha, word):
        monkeypatch.setattr("assessments.rounds.figures.reliability", lambda _rows: alpha)
        assert self.told(questionnaire, [(1, 2), (2, 1)]).word.startswith(word)


class TestSummaryOfAResponse:
    def summary(self, questionnaire, *answers):
        codes = [asked.code for asked in questionnaire.indicators]
        return summary_of(questionnaire.read(dict(zip(codes, answers, strict=False))), questionnaire)

    def test_says_of_each_level_how_it_stands_the_highest_first(self, questionnaire):
        found = self.summary(questionnaire, 5, 4, 3, 3, 5, 5, None, None, 2, 2)
        assert [(one.rank, one.word, one.held) for one in found.rungs] == [
            (5, "not held", False), (4, "too few answers", False), (3, "strong, but level 2 comes first", False),
            (2, "not held", False), (1, "held", True),
        ]  # fmt: skip
        assert (found.level, found.seen_as) == (1, "seen as 1")
        assert found.warnings == ("Not cumulative: strong on level 3, but not on level 2.",)

    def test_a_score_on_the_threshold_is_held(self, questionnaire):
        assert self.summary(questionnaire, 3, 4).rungs[-1].word == "held"

    def test_without_answers_it_has_no_level_and_says_so(self, questionnaire):
        found = self.summary(questionnaire)
        assert (found.level, found.position, found.strength, found.seen_as) == (None, None, None, "")
        assert {one.word for one in found.rungs} == {"too few answers"}
        assert len(found.warnings) == 1 and found.warnings[0].startswith("No level")

    def test_below_level_1_it_warns_and_shows_level_1(self, questionnaire):
        found = self.summary(questionnaire, 2, 2)
        assert (found.level, found.warnings[0].partition(":")[0]) == (1, "Below level 1")


@pytest.mark.parametrize(
    ("value", "word"),
    [(None, None), (0.0, "split"), (0.4999, "split"), (0.5, "mixed"), (0.6999, "mixed"), (0.7, "shared"), (1.0, "shared")],
)
def test_agreement_has_a_word_from_its_marks_on(value, word):
    assert agreement_word(value) == word


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2026-08-31", 6, "2027-02-28"), ("2026-12-01", 12, "2027-12-01"), ("2026-11-15", 1, "2026-12-15")],
)  # fmt: skip
def test_months_later_is_the_same_day_or_the_months_last(day, months, after):
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(after)
