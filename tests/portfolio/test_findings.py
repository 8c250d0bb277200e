"""Titles that say what a page or a chart found."""

import pytest

from portfolio.figures.benchmark_figures import Climb, HeardAccounts, Spread
from portfolio.figures.gaps import Gap, TeamGaps
from portfolio.pages.findings import climb_finding, gap_finding, moves_finding, spread_finding, voice_finding


@pytest.mark.parametrize(
    ("known", "climbed", "slid", "told"),
    [
        (35, 7, 6, "7 of 35 customers climbed, 6 slid"),
        (1, 1, 0, "1 of 1 customer climbed, 0 slid"),
        (1200, 0, 0, "None of 1,200 customers moved"),
        (1, 0, 0, "1 customer is known, and did not move"),
        (0, 0, 0, "No move is known yet"),
    ],
)
def test_moves(known, climbed, slid, told):
    assert moves_finding(known, climbed, slid) == told


@pytest.mark.parametrize(
    ("mean", "told"),
    [
        (0.68, "We rate ourselves 0.7 levels higher than customers do"),
        (-0.21, "Customers rate us 0.2 levels higher than we do"),
        (0.04, "We rate ourselves as customers do"),
    ],
)
def test_gap(mean, told):
    assert gap_finding(TeamGaps(None, Gap(mean, 9), ())) == told


def test_gap_that_is_hidden_or_unknown_is_not_told():
    assert gap_finding(None) == gap_finding(TeamGaps(None, None, ())) == "Our view beside the customers'"


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((3, 9, 9, 2, 1), "Half of our customers see us on level 2 or lower"),
        ((0, 0, 4, 0, 0), "How customers see us"),  # four: hidden
        ((0,) * 5, "How customers see us"),
    ],
)
def test_spread(counts, told):
    assert spread_finding(Spread(None, counts, 0, None)) == told


def climb(level, of, median):
    return Climb(level, of, 0, median, (1.0,), (of,))


@pytest.mark.parametrize(
    ("climbs", "told"),
    [
        ([climb(1, 9, 20.2), climb(2, 9, 13.6), climb(3, 4, 2.0)], "Half of those on level 2 climbed within 14 months"),
        ([climb(1, 9, None)], "How long a climb takes"),
    ],
)
def test_climb_is_the_soonest_of_levels_that_are_shown(climbs, told):
    assert climb_finding(climbs) == told


@pytest.mark.parametrize(
    ("of", "lately", "told"),
    [
        (50, 34, "16 of 50 customers were not heard within a year"),
        (50, 50, "Every customer was heard within a year"),
        (4, 1, "Whose voice is missing"),
    ],
)
def test_voice(of, lately, told):
    assert voice_finding(HeardAccounts(None, of, lately, 0)) == told
