"""Backtest the forecast: make it from the history up to a day, and compare it with what came after.

    .venv/bin/python -m bench.backtest [--years Y] [--seed S] [--portfolios N] [--data FOLDER]

A case is an account that has a position on the day, a level above its own, and one, two or three years: the forecast is the
probability of getting to the level within that time, the outcome whether a result within it was on the level. Without a result the
level is unchanged. The day is the middle of the history (with horizons of at most two thirds of what lies before and after it); for the
second table it is each anniversary of the beginning that has one and two years before and after it.

Three methods are compared on the same cases: the forecast (a chain of quarter levels, steps pooled), a chain of the five levels, and a
table of past shares (the share that got there from the level, over all half-yearly starts that ended before the day). For each the
Brier score (mean squared difference, 0 is perfect) and the log score (mean of −ln of the probability of what happened, probabilities
kept within 0.1 and 99.9 %). Of the forecast also: calibration in fifths, by horizon, and by the quarter of the level where the account
stood; levels held; and how many of the accounts got to their next level, with the interval that the benchmarks page shows.

The histories: relationships of the demo (300 and 2 000 accounts), and public rating histories from --data (by default ../shared/data
beside the project), which are left out with a message when the files are missing. At last many portfolios are simulated by known rates,
to see how often the 90 % interval of the sum holds the number that came true.
"""

import argparse
import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

from demo.relationship import character, life
from plans.forecast.chain import DAYS_A_YEAR, QUARTERS, Pace, chances, rates_of, state_of
from plans.forecast.counting import Positions, count
from plans.forecast.uncertainty import Aims, interval_of_sum
from portfolio.figures.benchmarks import Interval, wilson

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
BEGIN = date(2010, 1, 1)
LEVELS = 5
LONGEST_YEARS = 3
ROLLING = (1, 2)  # years ahead of the second table
FORECAST, CHAIN, TABLE = "forecast", "chain of levels", "table of past shares"
SURE = 0.001  # a probability for the log score is no nearer to 0 or 1
_SPAN = 4_000_000  # more days than the calendar has
# Ratings from 1, the best, to 8, default, on five levels. Of two that share a level the better one stands half a level higher.
POSITION_OF_RATING = {8: 1.0, 7: 1.5, 6: 2.0, 5: 3.0, 4: 4.0, 3: 4.5, 2: 5.0, 1: 5.0}

type Rows = list[tuple[int, date, float]]  # account, day, position


@dataclass(frozen=True, slots=True)
class Bin:
    """A group of similar forecasts: their number and mean, and the share that came true with its 95 % interval."""

    n: int
    predicted: float
    seen: float
    interval: Interval


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Forecasts beside their outcomes, as arrays of one length."""

    years: np.ndarray
    states: np.ndarray
    targets: np.ndarray  # levels
    seen: np.ndarray
    chances: dict[str, np.ndarray]  # by method

    @classmethod
    def of(cls, parts: list["Cases"]) -> "Cases":
        whole = (np.concatenate([getattr(one, name) for one in parts]) for name in ("years", "states", "targets", "seen"))
        methods = parts[0].chances
        return cls(*whole, {method: np.concatenate([one.chances[method] for one in parts]) for method in methods})

    def where(self, chosen: np.ndarray) -> "Cases":
        kept = (column[chosen] for column in (self.years, self.states, self.targets, self.seen))
        return Cases(*kept, {method: values[chosen] for method, values in self.chances.items()})

    @property
    def next_level(self) -> np.ndarray:
        return self.targets == levels_of(self.states) + 1


class Lives:
    """Results by account and then in time; of two on one day the later given counts."""

    def __init__(self, rows: Rows) -> None:
        places = sorted(range(len(rows)), key=lambda place: rows[place][:2])
        kept = [
            place
            for place, after in zip(places, [*places[1:], -1], strict=True)
            if after < 0 or rows[place][:2] != rows[after][:2]
        ]
        self.accounts = np.array([rows[place][0] for place in kept], np.int64)
        self.days = np.array([rows[place][1].toordinal() for place in kept], np.int64)
        self.states = np.array([state_of(rows[place][2]) for place in kept], np.int64)
        self.ids = np.unique(self.accounts)
        self._moments = self.accounts * _SPAN + self.days

    def pace(self, day: int, states: np.ndarray | None = None) -> Pace:
        nothing = np.zeros(self.days.shape, np.int64)
        found, _segments = count(
            Positions(self.accounts, self.days, self.states if states is None else states, nothing, nothing == 0), day
        )
        return found

    def standing(self, day: int) -> tuple[np.ndarray, np.ndarray]:
        """The accounts that have a position on the day, and their states."""
        place = np.searchsorted(self._moments, self.ids * _SPAN + day, side="right") - 1
        known = (place >= 0) & (self.accounts[place] == self.ids)
        return self.ids[known], self.states[place[known]]

    def best(self, accounts: np.ndarray, after: int, until: int) -> np.ndarray:
        """The highest level of a result within the time; 0 for none."""
        found = np.zeros(int(self.ids.max()) + 1, np.int64)
        within = (self.days > after) & (self.days <= until)
        np.maximum.at(found, self.accounts[within], levels_of(self.states[within]))
        return found[accounts]


def levels_of(states: np.ndarray) -> np.ndarray:
    return np.maximum(1, states // QUARTERS)


def brier(chance: np.ndarray, seen: np.ndarray) -> float:
    """Mean squared difference of forecast and outcome, 0..1. Brier, "Verification of forecasts …" (1950)."""
    return float(np.mean((np.asarray(chance, float) - np.asarray(seen, float)) ** 2))


def log_score(chance: np.ndarray, seen: np.ndarray) -> float:
    """Mean of −ln of the probability of what happened. Good, "Rational decisions" (1952)."""
    kept = np.clip(np.asarray(chance, float), SURE, 1 - SURE)
    return float(-np.mean(np.log(np.where(np.asarray(seen, bool), kept, 1 - kept))))


def calibration(chance: np.ndarray, seen: np.ndarray, bins: int = 5) -> list[Bin]:
    """The forecasts in at most `bins` groups of similar size, lowest first; equal forecasts stay together."""
    edges = np.quantile(chance, np.arange(1, bins) / bins, method="inverted_cdf")
    place = np.searchsorted(edges, chance, side="left")
    return [_bin(chance[place == index], seen[place == index]) for index in np.unique(place)]


def _bin(chance: np.ndarray, seen: np.ndarray) -> Bin:
    n, true = len(seen), int(seen.sum())
    return Bin(n, float(chance.mean()), true / n, wilson(true, n))


def at_middle(lives: Lives) -> Cases | None:
    """The cases of the middle of the history; None with too little history before it."""
    begin, end = int(lives.days.min()), int(lives.days.max())
    middle = (begin + end) // 2
    longest = min(LONGEST_YEARS, int((end - middle) / DAYS_A_YEAR * 2 / 3 + 0.01))
    return cases_of(lives, middle, range(1, longest + 1)) if lives.pace(middle).is_enough and longest else None


def at_anniversaries(lives: Lives) -> Cases | None:
    """The cases of each anniversary that has one and two years before and after it."""
    begin, end = int(lives.days.min()), int(lives.days.max())
    days = [begin + round(year * DAYS_A_YEAR) for year in range(1, 100)]
    far = round(max(ROLLING) * DAYS_A_YEAR)
    parts = [
        cases_of(lives, day, ROLLING) for day in days if begin + far <= day <= end - far + 7 and lives.pace(day).is_enough
    ]  # a week: the last results are rarely on the day itself
    return Cases.of(parts) if parts else None


def cases_of(lives: Lives, day: int, ahead: "range | tuple[int, ...]") -> Cases:
    accounts, states = lives.standing(day)
    rates, levels = rates_of(lives.pace(day)), chain_of_levels(lives, day)
    parts = []
    for years in ahead:
        best = lives.best(accounts, day, day + round(years * DAYS_A_YEAR))
        shares = past_shares(lives, day, years)
        for target in range(2, LEVELS + 1):
            below = levels_of(states) < target
            here, seen = states[below], best[below] >= target
            by_level = chances(levels, target - 1, [float(years)], hold=False)[0]
            told = {
                FORECAST: chances(rates, QUARTERS * target, [float(years)], hold=False)[0, here],
                CHAIN: by_level[levels_of(here) - 1],
                TABLE: shares[levels_of(here) - 1, target - 1],
            }
            parts.append(Cases(np.full(here.shape, years), here, np.full(here.shape, target), seen, told))
    return Cases.of(parts)


def chain_of_levels(lives: Lives, day: int) -> np.ndarray:
    """λ_ij = (N_ij + 0.5·[|i − j| = 1]) / (T_i + 5) over the five levels: the method before positions counted."""
    pace = lives.pace(day, levels_of(lives.states) * QUARTERS)
    counts, years = pace.counts[QUARTERS::QUARTERS, QUARTERS::QUARTERS], np.array(pace.years)[QUARTERS::QUARTERS]
    near = np.abs(np.subtract.outer(np.arange(LEVELS), np.arange(LEVELS))) == 1
    return (counts + 0.5 * near) / (years + 5)[:, None]


def past_shares(lives: Lives, day: int, years: int) -> np.ndarray:
    """The share of accounts on a level (rows) that were on another or above (columns) within so many years.

    Over all starts half a year apart that ended before the day. A level from which nobody started has the share of all.
    """
    seen, of = np.zeros((LEVELS, LEVELS)), np.zeros((LEVELS, LEVELS))
    span, first = round(years * DAYS_A_YEAR), int(lives.days.min())
    for start in range(day - span, first, -round(DAYS_A_YEAR / 2)):
        accounts, states = lives.standing(start)
        levels, best = levels_of(states), lives.best(accounts, start, start + span)
        for target in range(2, LEVELS + 1):
            below = levels < target
            np.add.at(of[:, target - 1], levels[below] - 1, 1)
            np.add.at(seen[:, target - 1], levels[below] - 1, best[below] >= target)
    return np.divide(seen, of, out=np.full(of.shape, seen.sum() / max(1.0, of.sum())), where=of > 0)


def holds_of(lives: Lives, day: int, years: int) -> tuple[np.ndarray, np.ndarray]:
    """For each account above level 1 the chance of standing on its level or above after so many years, and whether it did."""
    accounts, states = lives.standing(day)
    after_ids, after = lives.standing(day + round(years * DAYS_A_YEAR))
    levels, rates = levels_of(states), rates_of(lives.pace(day))
    then = levels_of(after[np.searchsorted(after_ids, accounts)])
    chance = np.zeros(len(states))
    for level in range(2, LEVELS + 1):
        here = levels == level
        chance[here] = chances(rates, QUARTERS * level, [float(years)], hold=True)[0, states[here]]
    return chance[levels > 1], (then >= levels)[levels > 1]


def interval_of_next(lives: Lives, day: int, cases: Cases, seed: int) -> tuple[float, int, int]:
    """How many accounts are expected to get to the next level, with the 90 % interval; `cases` are of one horizon."""
    chance = cases.chances[FORECAST]
    aims = Aims(cases.states, cases.targets * QUARTERS, np.zeros(chance.shape, bool), cases.years.astype(float), chance)
    return float(chance.sum()), *interval_of_sum(lives.pace(day), seed, aims)


# --- Histories


def simulated(accounts: int, years: int, seed: int) -> Rows:
    """Relationships of the demo, with a result each half-year, give or take eighteen days."""
    chance, rows, rounds = Random(seed), [], years * 2
    for account in range(accounts):
        nature = character(chance)
        for index, view in enumerate(life(nature, rounds, chance)):
            if index < int(nature.skipped * rounds) or chance.random() >= 0.92:
                continue
            position = min(5.0, max(0.5, view + chance.gauss(0, 0.15)))
            day = BEGIN + timedelta(days=round(index * DAYS_A_YEAR / 2) + chance.randrange(-18, 19))
            rows.append((account, day, position))
    return rows


def chain_lives(rates: np.ndarray, accounts: int, years: float, chance: np.random.Generator, first: int = 0) -> Rows:
    """Accounts that move by these rates, with a result on the day of each move: what the forecast assumes."""
    rows = []
    leaving = rates.sum(axis=1)
    for account in range(first, first + accounts):
        state, year = int(chance.integers(4, 17)), 0.0
        while year < years:
            rows.append((account, BEGIN + timedelta(days=math.ceil(year * DAYS_A_YEAR)), state / QUARTERS))
            year += chance.exponential(1 / leaving[state]) if leaving[state] else years
            state = int(chance.choice(len(rates), p=rates[state] / leaving[state])) if leaving[state] else state
    return rows


def panel(path: Path) -> Rows:
    """States 3 to 7 are levels 1 to 5; a period is taken as a year."""
    with path.open(encoding="utf-8") as lines:
        return [
            (int(line["ID"]), BEGIN + timedelta(days=round(int(line["Time"]) * DAYS_A_YEAR)), float(line["State"]) - 2)
            for line in csv.DictReader(lines)
        ]


def rating_actions(path: Path) -> Rows:
    """Eight ratings on five levels; "not rated" is skipped, so the rating before it remains."""
    with path.open(encoding="utf-8") as lines:
        return [
            (
                int(line["CustomerId"]),
                datetime.strptime(line["Date"], "%d-%m-%Y").date(),  # noqa: DTZ007 - a day, not a moment
                POSITION_OF_RATING[int(line["RatingNum"])],
            )
            for line in csv.DictReader(lines)
            if int(line["RatingNum"])
        ]


PUBLIC: dict[str, tuple[str, Callable[[Path], Rows]]] = {
    "levels_openrisk_panel_50x11.csv": ("rating panel: states 3-7 made levels 1-5, a period a year", panel),
    "levels_openrisk_rating_actions.csv": (
        "rating actions: default made 1, CCC 1.5, B 2, BB 3, BBB 4, A 4.5, AA and AAA 5; not rated skipped",
        rating_actions,
    ),
}


def sources(options: argparse.Namespace) -> Iterator[tuple[str, Rows]]:
    """The histories with their names; prints a message for a missing file."""
    for accounts in options.accounts:
        title = f"simulated life: {accounts} accounts, {options.years} years, asked each half-year"
        yield title, simulated(accounts, options.years, options.seed)
    for name, (title, read) in PUBLIC.items():
        if (options.data / name).is_file():
            yield title, read(options.data / name)
        else:
            print(f"\n== {title}\nleft out: there is no {name} in {options.data}")


# --- Printing


def tell(title: str, rows: Rows, seed: int) -> None:
    lives = Lives(rows)
    middle = (int(lives.days.min()) + int(lives.days.max())) // 2
    pace, cases = lives.pace(middle), at_middle(lives)
    print(f"\n== {title}")
    print(
        f"first half: {pace.exposure:.0f} account-years, {pace.total} moves of a quarter level or more; {len(rows)} results in all"
    )
    if cases is None:
        print("not enough history for a forecast")
        return
    _tell_scores("from the middle", cases)
    rolling = at_anniversaries(lives)
    if rolling:
        _tell_scores("from each anniversary, one and two years ahead", rolling)
    chance = cases.chances[FORECAST]
    _tell_bins("fifths", [("", one) for one in calibration(chance, cases.seen)])
    _tell_bins(
        "by horizon",
        [
            (f"{years} y", _bin(chance[cases.years == years], cases.seen[cases.years == years]))
            for years in np.unique(cases.years)
        ],
    )
    following = cases.where(cases.next_level)
    quarter = following.states % QUARTERS
    told = following.chances[FORECAST]
    _tell_bins(
        "next level, by quarter of the level",
        [(f"{place}/4", _bin(told[quarter == place], following.seen[quarter == place])) for place in np.unique(quarter)],
    )
    for years in np.unique(cases.years).tolist():
        one = following.where(following.years == years)
        expected, low, high = interval_of_next(lives, middle, one, seed)
        held, stood = holds_of(lives, middle, years)
        print(
            f"within {years} y: of {len(one.seen)} accounts {expected:.0f} expected on the next level ({low}-{high}), "
            f"{int(one.seen.sum())} seen; of {len(stood)} {held.sum():.0f} expected to hold theirs, {int(stood.sum())} did "
            f"(Brier {brier(held, stood):.4f}, of the base rate {brier(np.full(stood.shape, stood.mean()), stood):.4f})"
        )


def _tell_scores(where: str, cases: Cases) -> None:
    print(f"{where}: {len(cases.seen)} cases, {cases.seen.mean():.1%} came true")
    for method, chance in cases.chances.items():
        print(f"  {method:24}Brier {brier(chance, cases.seen):.4f}   log {log_score(chance, cases.seen):.4f}")


def _tell_bins(title: str, bins: list[tuple[str, Bin]]) -> None:
    print(f"{title:>36}{'forecast':>10}{'seen':>8}{'95 % interval':>18}{'n':>8}")
    for name, one in bins:
        interval = f"{one.interval.low:.1%} - {one.interval.high:.1%}"
        print(f"{name:>36}{one.predicted:10.1%}{one.seen:8.1%}{interval:>18}{one.n:8}")


def coverage(rates: np.ndarray, portfolios: int, seed: int, *, accounts: int = 120, years: int = 6) -> float:
    """The share of simulated portfolios whose 90 % interval holds how many accounts got to their next level within two years."""
    chance = np.random.default_rng(seed)
    middle = BEGIN.toordinal() + round((years - 2) * DAYS_A_YEAR)
    held = 0
    for number in range(portfolios):
        lives = Lives(chain_lives(rates, accounts, years, chance))
        cases = cases_of(lives, middle, (2,))
        following = cases.where(cases.next_level)
        _expected, low, high = interval_of_next(lives, middle, following, seed + number)
        held += low <= following.seen.sum() <= high
    return held / portfolios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, nargs="+", default=[300, 2000], help="sizes of the simulated life")
    parser.add_argument("--years", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--portfolios", type=int, default=200)
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    for title, rows in sources(options):
        tell(title, rows, options.seed)
    if options.portfolios:
        lives = Lives(simulated(options.accounts[0], options.years, options.seed))
        share = coverage(rates_of(lives.pace(int(lives.days.max()))), options.portfolios, options.seed)
        print(f"\n== {options.portfolios} portfolios of 120 accounts that move by known rates, four years seen")
        print(f"the 90 % interval holds the number that came true in {share:.1%}")


if __name__ == "__main__":
    main()
