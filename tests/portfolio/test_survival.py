"""How long it takes to climb: published data, the same by another program, and properties that always hold."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from portfolio.figures.histories import Histories
from portfolio.figures.survival import kaplan_meier, time_to_climb

steady = settings(max_examples=150, derandomize=True, deadline=None)

# Weeks in remission under 6-MP of 21 children; True where it ended, False where the study did (Freireich et al., "The effect
# of 6-mercaptopurine on the duration of steroid-induced remissions in acute leukemia", Blood 21, 1963).
ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
GOING_ON = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
FREIREICH = kaplan_meier(ENDED + GOING_ON, [True] * len(ENDED) + [False] * len(GOING_ON))

followed = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=40)


class TestTheRemissionDataOfFreireich:
    def test_the_median_is_23_weeks(self):
        assert FREIREICH.median == 23

    @pytest.mark.parametrize(
        ("week", "share"),
        [(0, 1), (5.9, 1), (6, 0.857), (7, 0.807), (10, 0.753), (13, 0.690), (16, 0.627), (22, 0.538), (23, 0.448), (35, 0.448)],
    )
    def test_the_share_still_in_remission(self, week, share):
        assert FREIREICH.at(week) == pytest.approx(share, abs=5e-4)

    @pytest.mark.parametrize(
        ("week", "waiting"), [(0, 21), (6, 21), (7, 17), (10, 15), (13, 12), (16, 11), (22, 7), (23, 6), (36, 0)]
    )
    def test_the_numbers_at_risk(self, week, waiting):
        assert FREIREICH.at_risk_at(week) == waiting

    def test_how_many_in_all(self):
        assert (FREIREICH.of, FREIREICH.happened) == (21, 9)


def test_nobody_followed_is_an_empty_curve():
    curve = kaplan_meier([], [])
    assert (curve.of, curve.happened, curve.median, curve.at(3), curve.at_risk_at(3)) == (0, 0, None, 1.0, 0)


def test_without_anyone_it_happened_to_there_is_no_median():
    curve = kaplan_meier([4, 9], [False, False])
    assert (curve.median, curve.at(100)) == (None, 1.0)


def test_the_median_is_the_first_time_at_which_exactly_half_still_wait():
    # (23/24)·(22/23)· … ·(12/13) is a half, and 0.5000000000000001 as computed.
    assert kaplan_meier(range(1, 25), [True] * 24).median == 12


@pytest.mark.parametrize(("durations", "observed"), [([-1], [True]), ([1, 2], [True]), ([float("nan")], [True])])
def test_what_is_no_duration_is_refused(durations, observed):
    with pytest.raises(ValueError, match="duration"):
        kaplan_meier(durations, observed)


@steady
@given(followed)
def test_the_same_curve_as_scipy(pairs):
    durations, observed = np.array([pair[0] for pair in pairs], float), np.array([pair[1] for pair in pairs])
    curve = kaplan_meier(durations, observed)
    other = stats.ecdf(stats.CensoredData(uncensored=durations[observed], right=durations[~observed])).sf
    assert curve.times == tuple(other.quantiles)
    assert curve.survival == pytest.approx(other.probabilities, abs=1e-12)


@steady
@given(followed, st.randoms(use_true_random=False))
def test_the_curve_falls_from_one_and_the_order_does_not_matter(pairs, chance):
    curve = kaplan_meier(*zip(*pairs, strict=True))
    assert all(0 <= later <= sooner <= 1 for sooner, later in zip((1.0, *curve.survival), curve.survival, strict=False))
    assert curve.of == len(pairs)
    shuffled = chance.sample(pairs, len(pairs))
    assert kaplan_meier(*zip(*shuffled, strict=True)) == curve


DAY = date(2024, 1, 1)
UNTIL = DAY + timedelta(days=1000)


def climbs(*lives, level=2, until=UNTIL):
    """Each life is the (day, level) of an account, days after DAY."""
    rows = [(account, DAY + timedelta(days=day), stood) for account, life in enumerate(lives, 1) for day, stood in life]
    return time_to_climb(Histories.of(rows), level, until)


def months(*days):
    return pytest.approx([day / 30.4375 for day in days])


@pytest.mark.parametrize(
    ("life", "days", "climbed"),
    [
        pytest.param([(0, 2), (100, 3)], 100, True, id="climbs"),
        pytest.param([(0, 2), (100, 5)], 100, True, id="jumps"),
        pytest.param([(0, 1), (50, 2), (150, 2), (350, 3)], 300, True, id="from the first result on the level"),
        pytest.param([(0, 2), (100, 1), (200, 2), (300, 3)], 300, True, id="falls and comes back first"),
        pytest.param([(0, 3), (100, 2), (250, 4)], 150, True, id="came from above"),
        pytest.param([(0, 2), (100, 2)], 1000, False, id="still waits"),
        pytest.param([(0, 2), (100, 1)], 1000, False, id="fell"),
        pytest.param([(400, 2)], 600, False, id="seen once"),
        pytest.param([(0, 2), (1000, 3)], 1000, True, id="on the last day"),
        pytest.param([(0, 2), (1001, 3)], 1000, False, id="after the last day"),
        pytest.param([(1000, 2)], 0, False, id="came on the last day"),
    ],
)
def test_how_long_one_account_waited(life, days, climbed):
    curve = climbs(life)
    assert list(curve.times) == months(days)
    assert (curve.of, curve.happened) == (1, int(climbed))


@pytest.mark.parametrize("life", [[(0, 1), (100, 3)], [(0, 4)], [(1001, 2), (1002, 3)]])
def test_an_account_that_was_never_on_the_level_is_left_out(life):
    assert climbs(life).of == 0


def test_one_accounts_climb_is_not_anothers():
    curve = climbs([(0, 2)], [(10, 3)])
    assert (curve.of, curve.happened) == (1, 0)


def test_accounts_that_wait_count_as_long_as_they_do():
    curve = climbs([(0, 2), (100, 3)], [(0, 2), (200, 3)], [(900, 2)], [(0, 2)])
    assert list(curve.times) == months(100, 200, 1000)
    assert curve.at_risk == (4, 2, 1)
    assert curve.survival == pytest.approx((0.75, 0.375, 0.375))
    assert curve.median == pytest.approx(200 / 30.4375)


@pytest.mark.parametrize("level", [0, 5])
def test_there_is_nothing_above_the_highest_level(level):
    with pytest.raises(ValueError, match="level"):
        climbs([(0, 2)], level=level)


@steady
@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 60), st.integers(1, 5)), max_size=40),
    st.integers(1, 4),
    st.integers(0, 60),
)
def test_the_same_as_walking_through_each_life(rows, level, last):
    """Plain loops beside the arrays."""
    kept = {(account, day): stood for account, day, stood in rows}  # the later of one day
    waited, climbed = [], []
    for account in {row[0] for row in rows}:
        life = sorted((day, stood) for (owner, day), stood in kept.items() if owner == account and day <= last)
        begin = next((day for day, stood in life if stood == level), None)
        if begin is not None:
            end = next((day for day, stood in life if day > begin and stood > level), None)
            waited.append(((last if end is None else end) - begin) / 30.4375)
            climbed.append(end is not None)
    lives = Histories.of([(account, DAY + timedelta(days=day), stood) for account, day, stood in rows])
    assert time_to_climb(lives, level, DAY + timedelta(days=last)) == kaplan_meier(waited, climbed)
