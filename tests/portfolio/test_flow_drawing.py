"""The moves between two days as bands from level to level: geometry, with no page."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.figures.flow_drawing import BETWEEN, FULL, THINNEST, TOP, drawn
from portfolio.figures.ladder import LevelFlow

steady = settings(max_examples=150, derandomize=True, deadline=None)


def flow(then, now, accounts):
    return LevelFlow(then, now, accounts, Decimal(0))


def test_without_accounts_nothing_is_drawn():
    assert drawn([]) is None


def test_heights_are_shares_of_all_accounts():
    found = drawn([flow(3, 3, 6), flow(3, 2, 2), flow(2, 3, 2)])
    assert [(block.level, block.accounts, block.height) for block in found.then] == [(3, 8, FULL * 0.8), (2, 2, FULL * 0.2)]
    assert [(block.level, block.accounts, block.height) for block in found.now] == [(3, 8, FULL * 0.8), (2, 2, FULL * 0.2)]
    assert [block.y for block in found.then] == [TOP, TOP + FULL * 0.8 + BETWEEN]


def test_a_band_leaves_and_arrives_in_the_order_of_the_levels():
    stays, climbs = drawn([flow(3, 3, 1), flow(2, 3, 1)], 180).bands
    assert stays.path.startswith("M44 18.0C")  # the band of level 3 lies above the one that comes from level 2
    assert " 596 18.0V108.0C" in stays.path
    assert " 596 108.0V198.0C" in climbs.path


def test_one_of_very_many_can_still_be_pointed_at():
    found = drawn([flow(3, 3, 100_000), flow(3, 2, 1)])
    assert [block.height for block in found.now] == [pytest.approx(FULL, abs=0.1), THINNEST]


def test_only_moves_are_labelled_where_there_is_room():
    labels = {
        (band.flow.then, band.flow.now): band.label_y for band in drawn([flow(3, 3, 90), flow(3, 2, 9), flow(2, 3, 1)]).bands
    }
    assert labels[3, 3] is None
    assert labels[3, 2] is not None
    assert labels[2, 3] is None


@steady
@given(st.dictionaries(st.tuples(st.integers(1, 5), st.integers(1, 5)), st.integers(1, 10**6), min_size=1))
def test_nothing_leaves_the_drawing_and_no_label_stands_on_another(counts):
    found = drawn([flow(then, now, n) for (then, now), n in sorted(counts.items(), reverse=True)])
    for side in (found.then, found.now):
        assert sum(block.accounts for block in side) == sum(counts.values())
        feet = [block.y + block.height for block in side]
        assert all(later.y - foot >= BETWEEN - 0.2 for foot, later in zip(feet, side[1:], strict=False))
        assert feet[-1] <= found.height
    labels = sorted(band.label_y for band in found.bands if band.label_y is not None)
    assert all(later - earlier >= 12.9 for earlier, later in pairwise(labels))
