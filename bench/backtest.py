"""Backtest the forecast: fit it on the first half of a history, and compare its forecasts with the second half.

    .venv/bin/python -m bench.backtest [--accounts N] [--years Y] [--seed S] [--data FOLDER]

For each history, rates are computed from the results up to the middle. For each account that has a level then, and each higher
level, the forecast is the probability to reach it within one, two and three years (at most two thirds of the second half, since
the naive forecasts need as much of the first half). The outcome is whether a result within that time was at the level; without
a result the level is unchanged.

Output: the calibration in fifths of the forecasts (equal forecasts stay in one group), the Brier score (mean squared difference,
0 is perfect) of the forecast and of naive forecasts from the first half, and the expected and actual number of accounts that
reach the next level, as on the portfolio page.

The histories: a Markov chain as control, accounts of the demo, and public rating histories from --data (by default ../shared/data
beside the project), which are skipped with a message when the files are missing.
"""

import argparse
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

from assessments.measurement.median import level_at
from demo.relationship import character, life
from portfolio.figures.benchmarks import Interval, wilson
from portfolio.figures.forecast import Aim, Expected, enough, expected_reached, first_passage, rates
from portfolio.figures.histories import LEVELS, Histories
from portfolio.figures.movement import DAYS_A_YEAR, Moves, exposure

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
BEGIN = date(2010, 1, 1)
LONGEST_YEARS = 3
# Of the worked example of the method: moves a year from level to level.
CONTROL = np.array(
    [
        [0, 0.322222, 0.022222, 0, 0],
        [0.097015, 0, 0.276119, 0.014925, 0],
        [0, 0.158333, 0, 0.191667, 0],
        [0, 0.027778, 0.208333, 0, 0.125],
        [0, 0, 0, 0.205882, 0],
    ]
)
# Ratings from 1, the best, to 8, default, on five levels; 0 is "not rated".
FIVE_OF_EIGHT = {8: 1, 7: 1, 6: 2, 5: 3, 4: 4, 3: 4, 2: 5, 1: 5}

type Rows = list[tuple[int, date, int]]


@dataclass(frozen=True, slots=True)
class Bin:
    """A group of similar forecasts: their number and mean, and the share that came true with its 95 % interval."""

    n: int
    predicted: float
    seen: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Outcome:
    """The forecasts of one day for one number of years: an entry for each account and each level above its own."""

    years: int
    level: np.ndarray
    target: np.ndarray
    chance: np.ndarray
    naive: dict[str, np.ndarray]
    seen: np.ndarray
    expected: Expected  # of the accounts whose target is the next level

    @property
    def next_seen(self) -> int:
        return int(self.seen[self.target == self.level + 1].sum())


def brier(chance: np.ndarray, seen: np.ndarray) -> float:
    """Mean squared difference of forecast and outcome, 0..1. Brier, "Verification of forecasts …" (1950)."""
    return float(np.mean((np.asarray(chance, float) - np.asarray(seen, float)) ** 2))


def calibration(chance: np.ndarray, seen: np.ndarray, bins: int = 5) -> list[Bin]:
    """The forecasts in at most `bins` groups of similar size, lowest first; equal forecasts stay together."""
    edges = np.quantile(chance, np.arange(1, bins) / bins, method="inverted_cdf")
    place = np.searchsorted(edges, chance, side="left")
    found = []
    for index in np.unique(place):
        here = place == index
        n, true = int(here.sum()), int(seen[here].sum())
        found.append(Bin(n, float(chance[here].mean()), true / n, wilson(true, n)))
    return found


def backtest(rows: Rows, seed: int = 0) -> tuple[Moves, list[Outcome]]:
    """The moves of the first half, and the outcomes of its forecasts for the second half."""
    days = [row[1] for row in rows]
    begin, end = min(days), max(days)
    middle = begin + (end - begin) / 2
    moves = exposure(Histories.of(rows, until=middle), middle)
    if not enough(moves):
        return moves, []
    longest = min(LONGEST_YEARS, int((end - middle).days / DAYS_A_YEAR * 2 / 3 + 0.01))
    return moves, [_outcome(Histories.of(rows), moves, middle, years, seed) for years in range(1, longest + 1)]


def _outcome(histories: Histories, moves: Moves, middle: date, years: int, seed: int) -> Outcome:
    level, target, seen = _pairs(histories, middle, years)
    found = rates(moves)
    chances = {pair: first_passage(found, *pair, years) for pair in set(zip(level.tolist(), target.tolist(), strict=True))}
    chance = np.array([chances[pair] for pair in zip(level.tolist(), target.tolist(), strict=True)])
    earlier = _pairs(histories, middle - timedelta(days=round(years * DAYS_A_YEAR)), years)
    aims = [Aim(one, one + 1, 12 * years, "all") for one in level[target == level + 1].tolist()]
    expected = expected_reached(aims, {"all": moves}, seed)
    return Outcome(years, level, target, chance, _naive(level, target, earlier), seen, expected)


def _pairs(histories: Histories, day: date, years: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each account with a level on `day` and each level above it: level, target, and whether it was reached in time."""
    end = day.toordinal() + round(years * DAYS_A_YEAR)
    found = histories.as_of(np.arange(histories.accounts.size), day.toordinal())
    found = found[found >= 0]
    level, owner = histories.levels[found], histories.owners[found]
    best = np.zeros(histories.accounts.size, np.int64)
    within = (histories.days > day.toordinal()) & (histories.days <= end)
    np.maximum.at(best, histories.owners[within], histories.levels[within])
    pairs = [(level < target, target) for target in range(2, LEVELS + 1)]
    return (
        np.concatenate([level[below] for below, _target in pairs]),
        np.concatenate([np.full(int(below.sum()), target) for below, target in pairs]),
        np.concatenate([best[owner[below]] >= target for below, target in pairs]),
    )


def _naive(level: np.ndarray, target: np.ndarray, earlier: tuple[np.ndarray, np.ndarray, np.ndarray]) -> dict[str, np.ndarray]:
    """Naive forecasts, from the same number of years before the middle."""
    before_level, before_target, before_seen = earlier
    base = float(before_seen.mean()) if before_seen.size else 0.0
    table = np.full(level.shape, base)
    for one, other in set(zip(level.tolist(), target.tolist(), strict=True)):
        alike = (before_level == one) & (before_target == other)
        if alike.any():
            table[(level == one) & (target == other)] = before_seen[alike].mean()
    return {
        "stays where it is": np.zeros(level.shape),
        "base rate": np.full(level.shape, base),
        "base rate of level and target": table,
    }


def control(accounts: int, years: int, seed: int) -> Rows:
    """A simulated Markov chain with a result on the day of each move: the assumptions of the forecast hold exactly."""
    chance = np.random.default_rng(seed)
    rows = []
    for account in range(accounts):
        level, year = int(chance.integers(LEVELS)), 0.0
        while year < years:
            rows.append((account, BEGIN + timedelta(days=round(year * DAYS_A_YEAR)), level + 1))
            year += chance.exponential(1 / CONTROL[level].sum())
            level = int(chance.choice(LEVELS, p=CONTROL[level] / CONTROL[level].sum()))
    return rows


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
            rows.append((account, day, level_at(position)))
    return rows


def panel(path: Path) -> Rows:
    """States 3 to 7 are levels 1 to 5; a period is taken as a year."""
    with path.open(encoding="utf-8") as lines:
        return [
            (int(line["ID"]), BEGIN + timedelta(days=round(int(line["Time"]) * DAYS_A_YEAR)), int(line["State"]) - 2)
            for line in csv.DictReader(lines)
        ]


def rating_actions(path: Path) -> Rows:
    """Eight ratings mapped to five levels; "not rated" is skipped, so the rating before it remains."""
    with path.open(encoding="utf-8") as lines:
        return [
            (
                int(line["CustomerId"]),
                datetime.strptime(line["Date"], "%d-%m-%Y").date(),  # noqa: DTZ007 - a day, not a moment
                FIVE_OF_EIGHT[int(line["RatingNum"])],
            )
            for line in csv.DictReader(lines)
            if int(line["RatingNum"])
        ]


PUBLIC: dict[str, tuple[str, Callable[[Path], Rows]]] = {
    "levels_openrisk_panel_50x11.csv": ("rating panel: states 3-7 made levels 1-5, a period a year", panel),
    "levels_openrisk_rating_actions.csv": (
        "rating actions: 8 and 7 made level 1, 6 level 2, 5 level 3, 4 and 3 level 4, 2 and 1 level 5; not rated skipped",
        rating_actions,
    ),
}


def sources(options: argparse.Namespace) -> Iterator[tuple[str, Rows]]:
    """The histories with their names; prints a message for a missing file."""
    size = f"{options.accounts} accounts, {options.years} years"
    yield f"control, truly Markov: {size}", control(options.accounts, options.years, options.seed)
    yield f"simulated as the demo: {size}, asked each half-year", simulated(options.accounts, options.years, options.seed)
    for name, (title, read) in PUBLIC.items():
        if (options.data / name).is_file():
            yield title, read(options.data / name)
        else:
            print(f"\n== {title}\nleft out: there is no {name} in {options.data}")


def tell(title: str, rows: Rows, seed: int) -> None:
    moves, outcomes = backtest(rows, seed)
    print(f"\n== {title}")
    print(f"first half: {moves.exposure:.0f} account-years, {moves.total} moves; {len(rows)} results in all")
    if not outcomes:
        print("not enough history for a forecast")
        return
    chance, seen = (np.concatenate([getattr(one, name) for one in outcomes]) for name in ("chance", "seen"))
    print(f"{'forecast':>10}{'seen':>8}{'95 % interval':>18}{'n':>8}")
    for one in calibration(chance, seen):
        interval = f"{one.interval.low:.1%} - {one.interval.high:.1%}"
        print(f"{one.predicted:10.1%}{one.seen:8.1%}{interval:>18}{one.n:8}")
    print(f"{'Brier score':32}{brier(chance, seen):.4f}")
    for name in outcomes[0].naive:
        print(f"  {name:30}{brier(np.concatenate([one.naive[name] for one in outcomes]), seen):.4f}")
    for one in outcomes:
        found = one.expected
        print(
            f"next level within {one.years} year{'s' if one.years > 1 else ''}: of {found.of} accounts {found.expected:.0f} expected "
            f"({found.low}-{found.high}), {one.next_seen} seen"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=2000)
    parser.add_argument("--years", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    for title, rows in sources(options):
        tell(title, rows, options.seed)


if __name__ == "__main__":
    main()
