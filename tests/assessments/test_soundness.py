"""Whether a response was filled in with care: worked cases."""

from datetime import timedelta

import pytest

from assessments.measurement.soundness import is_hasty, is_uniform


def answers(text: str) -> dict[int, list[int | None]]:
    return {level: [None if mark == "-" else int(mark) for mark in marks] for level, marks in enumerate(text.split(), start=1)}


@pytest.mark.parametrize(
    ("text", "uniform"),
    [
        pytest.param("4444 4444 4444 4444 4444", True, id="all fours"),
        pytest.param("3333 3333 3333 3333 3333", True, id="all threes"),
        pytest.param("4444 4444 44-- ---- ----", True, id="ten over three levels"),
        pytest.param("4444 4444 4--- ---- ----", False, id="nine answers"),
        pytest.param("444444 444444 ---- ---- ----", False, id="two levels"),
        pytest.param("4444 4444 4444 4444 4443", False, id="one differs"),
        pytest.param("4-4- 4-4- 4-4- 4-4- 4-4-", True, id="don't know is no answer"),
        pytest.param("---- ---- ---- ---- ----", False, id="nothing known"),
    ],
)
def test_ten_answers_over_three_levels_all_alike_are_uniform(text, uniform):
    assert is_uniform(answers(text)) is uniform


@pytest.mark.parametrize(
    ("statements", "seconds", "hasty"),
    [(20, 39.9, True), (20, 40, False), (20, 400, False), (3, 5, True), (1, 1.9, True), (0, 0, False), (20, None, False)],
)
def test_under_two_seconds_a_statement_is_hasty(statements, seconds, hasty):
    assert is_hasty(statements, None if seconds is None else timedelta(seconds=seconds)) is hasty
