"""The interval of Loevinger's H: by SciPy's bootstrap, and what it has to do with accounts."""

import csv
from collections import Counter

import numpy as np
import pytest
from scipy.stats import bootstrap

from assessments.measurement.scale import marginal_reproducibility, reproducibility, scalability, shares_held
from assessments.measurement.scale_interval import scalabilities, scalability_interval
from tests.assessments.test_scale import WORKED, counted, h_by_covariances, invented
from tests.inputs import OWN, PUBLIC, present


def alone(patterns) -> Counter:
    """Each person of an account of their own."""
    found = Counter()
    for held, times in Counter(patterns).items():
        found[((held, 1),)] += times
    return found


def by_scipy(accounts: Counter) -> tuple[float, float]:
    """The 90 % percentile interval of SciPy, of H by covariances, from samples of accounts."""
    each = [held for held, times in accounts.items() for _account in range(times)]

    def h(chosen) -> float:
        found = Counter()
        for place in chosen:
            for held, times in each[place]:
                found[held] += times
        return h_by_covariances(found)[0]

    places = (np.arange(len(each)),)
    found = bootstrap(
        places, h, n_resamples=1500, vectorized=False, confidence_level=0.9, method="percentile", rng=np.random.default_rng(7)
    )
    return found.confidence_interval


@pytest.mark.parametrize("seed", range(3))
def test_h_of_many_samples_at_once_is_that_of_each(seed):
    patterns = invented(seed)
    held = sorted(patterns)
    drawn = np.random.default_rng(seed).integers(0, 9, size=(20, len(held)))
    at_once = scalabilities(np.array(held, float), drawn.astype(float))
    one_by_one = [scalability(dict(zip(held, row.tolist(), strict=True))).h for row in drawn]
    assert at_once == pytest.approx(one_by_one)


@pytest.mark.parametrize("seed", range(2))
def test_the_interval_is_that_of_scipy(seed):
    accounts = alone(invented(seed, n=150))
    found, (low, high) = scalability_interval(accounts), by_scipy(accounts)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.015)


def test_with_several_people_an_account_it_is_that_of_scipy():
    people = list(invented(4, n=180).elements())
    people.sort(key=sum)  # people of one account answer alike
    accounts = Counter(tuple(sorted(Counter(people[start : start + 6]).items())) for start in range(0, len(people), 6))
    found, (low, high) = scalability_interval(accounts), by_scipy(accounts)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.03)


def test_accounts_are_drawn_and_not_people():
    """The same sixty people: at sixty accounts they tell more than at ten whose people all answer alike."""
    worked = counted(WORKED)
    apart = scalability_interval(alone({held: 6 * times for held, times in worked.items()}))
    together = Counter()
    for held, times in worked.items():
        together[((held, 6),)] += times
    at_ten = scalability_interval(together)
    assert at_ten.high - at_ten.low > 1.8 * (apart.high - apart.low)


def test_it_says_the_same_each_time_whatever_the_order():
    accounts = alone(invented(5))
    assert scalability_interval(accounts) == scalability_interval(Counter(accounts))


def test_in_nine_of_ten_cases_it_holds_the_truth():
    """Of a population that is known: H of 200 000 people, and intervals from 120 of them each time."""
    chance = np.random.default_rng(12)

    def people(n: int) -> Counter:
        ability = chance.normal(0, 1.2, size=(n, 1)) + chance.normal(0, 1, size=(n, 5))
        return Counter(map(tuple, (ability > (np.arange(5) - 2) * 0.6).tolist()))

    truth = scalability(people(200_000)).h
    held = [found.low <= truth <= found.high for found in (scalability_interval(alone(people(120))) for _time in range(60))]
    assert 0.8 <= np.mean(held) <= 0.98


@pytest.mark.parametrize("patterns", [{}, {(True, True): 40}, {(True, True): 39, (False, True): 1}])
def test_where_most_samples_have_no_h_there_is_no_interval(patterns):
    assert scalability_interval(alone(patterns)) is None


def test_the_worked_example():
    """Ten people say little: H is 0.6703, and might be anything from weak to perfect."""
    found = scalability_interval(alone(counted(WORKED)))
    assert found.low < 0.3 and found.high == 1
    assert marginal_reproducibility(counted(WORKED)) == pytest.approx(0.72)


class TestMarginalReproducibility:
    def test_is_what_the_shares_give_by_themselves(self):
        """Of levels held by 90 % and by 10 % nine of ten fit whatever people do."""
        patterns = {(True, False): 80, (True, True): 10, (False, False): 10}
        assert shares_held(patterns) == (0.9, 0.1)
        assert marginal_reproducibility(patterns) == pytest.approx(0.9)

    def test_without_responses_there_is_none(self):
        assert marginal_reproducibility({}) is None

    @pytest.mark.parametrize("seed", range(3))
    def test_is_the_floor_of_what_fits_for_a_ladder(self, seed):
        assert marginal_reproducibility(invented(seed)) <= reproducibility(invented(seed))


# --- The shared ABC survey


def answered(row: dict, column: str) -> float | None:
    """1 to 5; 0 and an empty cell are *not applicable*."""
    return None if row[column] in {"", "NA"} or float(row[column]) == 0 else float(row[column])


#: Four rungs with thresholds of their own: how many people, the shares who hold each, H and reproducibility.
FOUR_RUNGS = present(
    (OWN / "perception_abc_b2b_odd.csv", 46, (0.93, 0.61, 0.78, 0.20), 0.449, 0.859),
    (PUBLIC / "perception_abc_b2b_odd.csv", 113, (0.89, 0.70, 0.54, 0.31), 0.497, 0.894),
)


@pytest.mark.parametrize(("path", "n", "shares", "h", "fits"), FOUR_RUNGS)
def test_four_rungs_of_the_abc_survey(path, n, shares, h, fits):
    with path.open(encoding="utf-8", newline="") as file:
        rows = [[answered(row, column) for column in ("q11", "q25", "q38", "q17", "q65")] for row in csv.DictReader(file)]
    whole = [row for row in rows if None not in row]
    patterns = Counter((q11 >= 3, (q25 + q38) / 2 >= 3.5, q17 >= 4, q65 >= 4) for q11, q25, q38, q17, q65 in whole)
    assert patterns.total() == n
    assert shares_held(patterns) == pytest.approx(shares, abs=0.005)
    assert scalability(patterns).h == pytest.approx(h, abs=5e-4)
    assert reproducibility(patterns) == pytest.approx(fits, abs=5e-4)
    found, (low, high) = scalability_interval(alone(patterns)), by_scipy(alone(patterns))
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.03)
