"""An account beside its like, and plays beside doing without: worked numbers, SciPy, and lives made by hand."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assessments.measurement.agreement import months_after
from portfolio.figures.benchmarks import Completed, a_year_after, effects_of, percentile_of, play_effect, wilson
from portfolio.figures.histories import Histories

steady = settings(max_examples=200, derandomize=True, deadline=None)


class Completion(NamedTuple):
    """An account completed an action from a play."""

    play: str
    account: int
    done_on: date


def what_worked(completions, histories, until):
    """`effects_of`, from one completed action after the other."""
    plays = {
        one.play: [(other.account, other.done_on.toordinal()) for other in completions if other.play == one.play]
        for one in completions
    }
    return effects_of({play: Completed(*np.array(pairs).T) for play, pairs in plays.items()}, histories, until)


def percentile(position, positions):
    return percentile_of(sum(one < position for one in positions), positions.count(position), len(positions))


class TestPercentile:
    @pytest.mark.parametrize(
        ("position", "positions", "share"),
        [
            (3.0, [1.0, 2.0, 3.0, 4.0, 5.0], 0.5),
            (1.0, [1.0, 2.0, 3.0, 4.0, 5.0], 0.1),
            (5.0, [1.0, 2.0, 3.0, 4.0, 5.0], 0.9),
            (2.0, [2.0] * 8, 0.5),
            (2.9, [1.0, 2.9, 2.9, 3.5, 4.0, 4.8], 2 / 6),
        ],
    )
    def test_below_and_half_of_the_equal(self, position, positions, share):
        assert percentile(position, positions) == pytest.approx(share)

    def test_it_is_hidden_below_five(self):
        assert percentile_of(1, 1, 4) is None

    @steady
    @given(st.lists(st.integers(0, 50).map(lambda tenths: tenths / 10), min_size=5, max_size=40))
    def test_the_percentiles_of_all_lie_evenly_around_the_middle(self, positions):
        shares = [percentile(position, positions) for position in positions]
        assert all(0 < share < 1 for share in shares)
        assert sum(shares) / len(shares) == pytest.approx(0.5)
        assert [100 * share for share in shares] == pytest.approx(
            [stats.percentileofscore(positions, position, kind="mean") for position in positions]
        )


class TestWilson:
    def test_eight_of_ten(self):
        found = wilson(8, 10)
        assert (round(found.low, 3), round(found.high, 3)) == (0.490, 0.943)

    @pytest.mark.parametrize("n", [1, 2, 5, 10, 37, 1000])
    def test_the_same_as_scipy(self, n):
        for successes in {0, 1, n // 3, n // 2, n - 1, n}:
            other = stats.binomtest(successes, n).proportion_ci(0.95, method="wilson")
            found = wilson(successes, n)
            assert (found.low, found.high) == pytest.approx((other.low, other.high), abs=1e-12)

    @pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5)])
    def test_what_is_no_count_is_refused(self, successes, n):
        with pytest.raises(ValueError, match="successes"):
            wilson(successes, n)

    @steady
    @given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_it_holds_the_share_and_stays_within_0_and_1(self, counted):
        successes, n = counted
        found = wilson(successes, n)
        assert 0 <= found.low <= successes / n <= found.high <= 1


class TestPlayEffect:
    def test_shares_with_their_intervals(self):
        found = play_effect(np.array([True] * 8 + [False] * 2), np.array([True] * 3 + [False] * 9))
        assert (found.done.climbed, found.done.of, found.done.share, found.done.interval) == (8, 10, 0.8, wilson(8, 10))
        assert (found.without.share, found.without.interval) == (0.25, wilson(3, 12))

    def test_a_side_below_five_is_hidden(self):
        found = play_effect(np.array([True] * 4), np.array([True] * 5))
        assert found.done is None
        assert found.without.of == 5
        assert play_effect(np.array([True] * 5), np.array([False] * 4)).without is None


START, MARCH, UNTIL = date(2024, 1, 10), date(2024, 3, 20), date(2026, 1, 10)


class Portfolio:
    """Lives by hand. Everyone is on level 2 from the start unless told otherwise."""

    def __init__(self):
        self.rows, self.completions, self.account = [], [], 0

    def add(self, times=1, *, done=None, climbs=None, to=3, level=2, play="visit"):
        for _time in range(times):
            self.account += 1
            self.rows.append((self.account, START, level))
            if climbs:
                self.rows.append((self.account, climbs, to))
            if done:
                self.completions.append(Completion(play, self.account, done))
        return self

    def effect(self, until=UNTIL, play="visit"):
        found = what_worked(self.completions, Histories.of(self.rows, until=until), until)[play]
        return tuple(side and (side.climbed, side.of) for side in (found.done, found.without))


SOON = MARCH + timedelta(days=100)


class TestWhatWorked:
    def test_accounts_with_the_play_beside_those_without(self):
        portfolio = Portfolio().add(4, done=MARCH, climbs=SOON).add(2, done=MARCH).add(2, climbs=SOON).add(7)
        assert portfolio.effect() == ((4, 6), (2, 9))

    @pytest.mark.parametrize(
        ("climbs", "to", "counts"),
        [
            pytest.param(MARCH - timedelta(days=1), 3, 0, id="before it was done"),
            pytest.param(date(2025, 3, 20), 3, 1, id="on the last day"),
            pytest.param(date(2025, 3, 21), 3, 0, id="after twelve months"),
            pytest.param(SOON, 1, 0, id="fell"),
            pytest.param(SOON, 5, 1, id="jumped"),
        ],
    )
    def test_a_climb_counts_within_twelve_months_after(self, climbs, to, counts):
        done, _without = Portfolio().add(5, done=MARCH).add(done=MARCH, climbs=climbs, to=to).effect()
        assert done == (counts, 6)

    def test_a_climb_that_was_lost_again_was_a_climb(self):
        portfolio = Portfolio().add(5, done=MARCH, climbs=SOON)
        portfolio.rows += [(account, SOON + timedelta(days=50), 1) for account in range(1, 6)]
        assert portfolio.effect()[0] == (5, 5)

    def test_those_without_are_looked_at_from_the_same_month(self):
        without = Portfolio().add(5, done=MARCH).add(5).add(climbs=date(2024, 3, 14)).add(climbs=date(2025, 3, 15)).effect()[1]
        assert without == (1, 6)  # who had climbed by the 15th of March stands on level 3 and is not compared

    def test_those_without_are_on_the_same_level(self):
        portfolio = Portfolio().add(5, done=MARCH).add(5, level=1, climbs=SOON).add(6, level=3, climbs=SOON, to=4)
        assert portfolio.effect() == ((0, 5), None)

    def test_an_account_counts_once_on_either_side(self):
        portfolio = Portfolio().add(5, done=MARCH).add(5, done=date(2024, 5, 2)).add(6)
        portfolio.completions += [Completion("visit", 1, date(2024, 6, 1))] * 3
        assert portfolio.effect() == ((0, 10), (0, 6))

    @pytest.mark.parametrize("order", [1, -1])
    def test_the_first_completed_action_counts(self, order):
        portfolio = Portfolio().add(5, done=MARCH, climbs=date(2024, 4, 1))
        portfolio.completions += [Completion("visit", account, date(2024, 4, 20)) for account in range(1, 6)]
        portfolio.completions = portfolio.completions[::order]
        assert portfolio.effect()[0] == (5, 5)

    def test_who_did_it_too_late_to_tell_is_on_neither_side(self):
        portfolio = Portfolio().add(5, done=MARCH).add(3, done=UNTIL - timedelta(days=200)).add(5)
        assert portfolio.effect() == ((0, 5), (0, 5))

    def test_before_twelve_months_are_over_nothing_is_said(self):
        portfolio = Portfolio().add(6, done=MARCH, climbs=SOON).add(6)
        assert portfolio.effect(until=date(2025, 3, 19)) == (None, None)
        assert portfolio.effect(until=date(2025, 3, 20)) == ((6, 6), (0, 6))

    def test_who_could_not_climb_or_was_not_measured_yet_is_left_out(self):
        portfolio = Portfolio().add(6, done=MARCH, level=5).add(6, done=START - timedelta(days=1))
        portfolio.completions += [Completion("visit", 99, MARCH)]
        assert portfolio.effect() == (None, None)

    def test_each_play_has_its_own_comparison(self):
        portfolio = Portfolio().add(5, done=MARCH, climbs=SOON).add(6, done=MARCH, play="letter")
        assert portfolio.effect() == ((5, 5), (0, 6))
        assert portfolio.effect(play="letter") == ((0, 6), (5, 5))

    def test_without_results_nothing_is_said(self):
        assert what_worked([Completion("visit", 1, MARCH)], Histories.of([]), UNTIL)["visit"] == play_effect(
            np.zeros(0, bool), np.zeros(0, bool)
        )


class TestDays:
    @pytest.mark.parametrize("day", [date(2024, 2, 29), date(2023, 2, 28), date(2024, 1, 31), date(2025, 12, 15), date(1, 1, 1)])
    def test_a_year_after_many_days_is_the_day_that_the_calendar_says(self, day):
        assert a_year_after(np.array([day.toordinal()])).tolist() == [months_after(day, 12).toordinal()]

    def test_all_accounts_as_of_a_day_as_each_by_itself(self):
        lives = Histories.of([(1, START, 2), (1, MARCH, 3), (7, MARCH, 4), (9, UNTIL, 1)])
        for day in (START, START - timedelta(days=1), MARCH, UNTIL):
            each = lives.as_of(np.arange(3), day.toordinal()).tolist()
            assert lives.all_as_of(day.toordinal()).tolist() == each
        assert Histories.of([]).all_as_of(5).tolist() == []


class TestAgainstThePlainWay:
    """The same asked of each account and day by itself."""

    @staticmethod
    def plainly(completions, rows, until):
        lives, first = {}, {}
        for account, day, level in rows:
            if day <= until:
                lives.setdefault(account, {})[day] = level
        for one in completions:
            first[one.account] = min(one.done_on, first.get(one.account, one.done_on))

        def stood(account, day):
            known = [since for since in lives.get(account, {}) if since <= day]
            return lives[account][max(known)] if known else 0

        def climbed(account, day, level):
            return any(day < later <= months_after(day, 12) and found > level for later, found in lives[account].items())

        done, met, used, without = [], set(), set(first), []
        for account, day in first.items():
            if months_after(day, 12) <= until and 0 < (level := stood(account, day)) < 5:
                done.append(climbed(account, day, level))
                met.add((day.replace(day=15), level))
        for month, level in sorted(met):
            for account in set(lives) - used if months_after(month, 12) <= until else ():
                if stood(account, month) == level:
                    used.add(account)
                    without.append(climbed(account, month, level))
        return play_effect(np.array(done, bool), np.array(without, bool))

    days = st.integers(0, 1500).map(lambda days: START + timedelta(days=days))
    results = st.lists(st.tuples(st.integers(1, 14), days, st.integers(1, 5)), max_size=70)
    completed = st.lists(st.builds(Completion, st.just("visit"), st.integers(1, 14), days), min_size=1, max_size=12)

    @steady
    @given(results, completed, days)
    def test_the_arrays_say_the_same(self, rows, completions, until):
        found = what_worked(completions, Histories.of(rows, until=until), until)["visit"]
        assert found == self.plainly(completions, rows, until)
