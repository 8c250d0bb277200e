"""Circles of parents: who is on one, and who keeps the parent they have so that there is none."""

import random

import pytest

from core.cycles import moves_to_refuse, nodes_on_cycles

DEEP = 20_000  # a walk from each account to the top would take 200 million steps


@pytest.mark.parametrize(
    ("above", "found"),
    [
        ({}, set()),
        ({1: 1}, {1}),
        ({1: 2, 2: 3, 3: None}, set()),
        ({1: 2, 2: 3, 3: 2}, {2, 3}),
        ({1: 2, 2: 1, 3: 4, 4: 3, 5: 1}, {1, 2, 3, 4}),
    ],
)
def test_who_stands_below_themselves(above, found):
    assert nodes_on_cycles(above) == found


@pytest.mark.parametrize(
    ("wanted", "now", "staying"),
    [
        ({}, {}, set()),
        ({1: 2}, {2: None}, set()),
        ({1: 2}, {2: 1}, {1}),
        ({1: 2, 2: 1}, {}, {1, 2}),
        ({1: 2, 2: 1, 3: 1}, {}, {1, 2}),  # what only leads to a circle may move
        ({1: 2, 2: None}, {2: 1}, set()),  # they change places
        ({1: 2, 2: 1, 3: 1}, {1: 3}, {1, 2, 3}),  # 1 stays below 3, which closes another circle
        ({1: 2, 2: 3}, {3: 4, 4: 1}, {1, 2}),
        ({1: 2}, {2: 3, 3: 2}, set()),  # stored circles are none of ours
    ],
)
def test_who_keeps_the_parent_they_have(wanted, now, staying):
    assert moves_to_refuse(wanted, now) == staying


@pytest.mark.parametrize("seed", range(200))
def test_the_same_stay_as_when_each_is_followed_upwards(seed):
    chance = random.Random(seed)
    size = chance.randint(2, 12)
    now = {pk: chance.choice([None, *range(1, pk)]) for pk in range(1, size + 1)}  # the parent is an older one
    movers = chance.sample(range(1, size + 1), chance.randint(1, size))
    wanted = {pk: chance.choice([None, *range(1, size + 1)]) for pk in movers}
    assert moves_to_refuse(wanted, now) == _followed(wanted, now)


def test_a_deep_chain_is_walked_once():
    steps = _Counted({pk: pk + 1 for pk in range(1, DEEP)})
    assert nodes_on_cycles(steps) == set()
    assert steps.asked <= 2 * DEEP
    steps = _Counted({pk: pk % DEEP + 1 for pk in range(1, DEEP + 1)})
    assert moves_to_refuse(steps, {}) == set(range(1, DEEP + 1))
    assert steps.asked <= 2 * DEEP


def test_circles_that_close_one_after_the_other_share_their_walk():
    """A long way up that leads to another circle each time one is opened."""
    rounds, long = 300, 3000
    way = {-n: -n - 1 for n in range(1, long)} | {-long: 1}  # it stands still, below 1
    wanted = {n: n + 1000 for n in range(1, rounds + 1)} | {n + 1000: -1 for n in range(1, rounds + 1)}
    now = _Counted(way | {n: n + 1 for n in range(1, rounds)})
    assert moves_to_refuse(wanted, now) == {*range(1, rounds + 1), *range(1001, 1001 + rounds)}
    assert now.asked <= 3 * long


class _Counted(dict):
    """Counts how often a parent is asked for."""

    asked = 0

    def get(self, *of):
        self.asked += 1
        return super().get(*of)

    def __getitem__(self, key):
        self.asked += 1
        return super().__getitem__(key)


def _followed(wanted, now):
    staying = set()
    while True:
        after = now | {pk: parent for pk, parent in wanted.items() if pk not in staying}
        more = {pk for pk in wanted if pk not in staying and pk in nodes_on_cycles(after)}
        if not more:
            return staying
        staying |= more
