"""The drawings of the benchmarks page: geometry by hand."""

import pytest

from portfolio.figures.benchmark_drawing import FOOT, LEFT, RIGHT, TOP, Piece, shade, stacked, steps, whisker
from portfolio.figures.benchmarks import Climbs, wilson


def test_a_bar_is_filled_by_its_levels_from_the_left():
    assert stacked((1, 0, 2, 1, 0)) == (Piece(1, 0.0, 25.0, 1), Piece(3, 25.0, 50.0, 2), Piece(4, 75.0, 25.0, 1))


def test_a_bar_of_nothing_is_empty():
    assert stacked((0, 0, 0, 0, 0)) == ()


def test_a_whisker_stands_on_its_share_between_its_bounds():
    found = whisker(Climbs(8, 10, wilson(8, 10)))
    assert (found.low, found.at, found.high) == (49.0, 80.0, 94.3)


@pytest.mark.parametrize(("share", "dark"), [(0, 0), (0.009, 0), (0.01, 1), (0.1, 2), (0.25, 3), (0.49, 3), (0.5, 4), (1, 4)])
def test_a_cell_is_the_darker_the_larger_its_share(share, dark):
    assert shade(share) == dark


class TestSteps:
    # Half of them climb after 12 months of 24, a quarter more after 18.
    WAITING = (1.0,) * 12 + (0.5,) * 6 + (0.25,) * 7

    def test_the_line_falls_where_somebody_climbs(self):
        found = steps(self.WAITING, (8, 8, 1), 12.0)
        middle = (LEFT + RIGHT) / 2
        three_quarters = LEFT + (RIGHT - LEFT) * 0.75
        half, quarter = TOP + (FOOT - TOP) * 0.5, TOP + (FOOT - TOP) * 0.75
        assert found.path == f"M{LEFT:g} {TOP:g}H{middle:g}V{half:g}H{three_quarters:g}V{quarter:g}H{RIGHT:g}"
        assert (found.half, found.middle) == (middle, half)
        assert [(tick.month, tick.at_risk) for tick in found.ticks] == [(0, 8), (12, 8), (24, 1)]

    def test_it_ends_where_nobody_is_followed_any_more(self):
        assert steps((1.0,) * 25, (8, 0, 0), None).path == f"M{LEFT:g} {TOP:g}H{(LEFT + RIGHT) / 2:g}"

    def test_no_mark_where_half_of_them_have_not_climbed_yet(self):
        assert steps(self.WAITING, (8, 8, 1), None).half is None
        assert steps(self.WAITING, (8, 8, 1), 30.0).half is None


def test_a_number_stands_in_a_piece_that_is_wide_enough():
    pieces = stacked((3, 5, 92, 0, 0))
    assert [(piece.middle, piece.has_room) for piece in pieces] == [(1.5, False), (5.5, False), (54.0, True)]
    (whole,) = stacked((1234, 0, 0, 0, 0))
    assert whole.has_room
