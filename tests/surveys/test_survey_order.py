"""The order of the statements: stable for one person, and no help to guess the scale."""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from surveys.survey.order import mixed


@dataclass(frozen=True)
class Statement:
    code: str
    rank: int


CATALOGUE = [Statement(f"{rank}{letter}", rank) for rank in range(1, 6) for letter in "abcd"]
SEEDS = [f"invitation {n}" for n in range(200)]


def test_every_statement_is_asked_once():
    assert sorted(mixed(CATALOGUE, "one"), key=lambda one: one.code) == CATALOGUE


def test_the_same_seed_gives_the_same_order_however_the_statements_come():
    assert mixed(CATALOGUE, "one") == mixed(CATALOGUE[::-1], "one")


def test_another_seed_gives_another_order():
    assert len({mixed(CATALOGUE, seed) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_each_five_in_a_row_hold_every_level(seed):
    ranks = [one.rank for one in mixed(CATALOGUE, seed)]
    assert all(sorted(ranks[start : start + 5]) == [1, 2, 3, 4, 5] for start in range(0, 20, 5))


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_two_neighbours_are_of_different_levels(seed):
    ranks = [one.rank for one in mixed(CATALOGUE, seed)]
    assert all(one != other for one, other in pairwise(ranks))


def test_no_level_is_always_asked_first():
    first = [mixed(CATALOGUE, seed)[0].rank for seed in SEEDS]
    assert all(20 <= first.count(rank) <= 60 for rank in range(1, 6))


def test_levels_of_different_length_are_all_asked():
    uneven = [*CATALOGUE[:4], CATALOGUE[4], *CATALOGUE[16:]]
    assert set(mixed(uneven, "one")) == set(uneven)


def test_no_statements_are_no_order():
    assert mixed([], "one") == ()
