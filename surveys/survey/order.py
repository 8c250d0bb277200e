"""The order of the statements in the customer's survey: mixed, so that it does not show which level each belongs to."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol


class Stated(Protocol):
    """A statement: its code, and the rank of the level that it speaks of."""

    @property
    def code(self) -> str: ...
    @property
    def rank(self) -> int: ...


def mixed[S: Stated](statements: Sequence[S], seed: str) -> tuple[S, ...]:
    """The statements in an order drawn by `seed`: the same for the same seed, whatever order they come in.

    It goes round by round. A round takes one statement of each level that has any left, the levels in an order
    drawn anew; where two of one level would meet, the later round begins with another. So neither the next
    statement nor a run of them tells a level, and each level is asked early, midway and late.
    """
    piles: dict[int, list[S]] = {}
    for statement in sorted(statements, key=lambda one: _draw(seed, one.code)):
        piles.setdefault(statement.rank, []).append(statement)
    order: list[S] = []
    turn = 0
    while left := [rank for rank, pile in piles.items() if pile]:
        ranks = sorted(left, key=lambda rank: _draw(seed, f"round {turn}, level {rank}"))
        if order and order[-1].rank == ranks[0]:
            ranks.append(ranks.pop(0))
        order += [piles[rank].pop() for rank in ranks]
        turn += 1
    return tuple(order)


def _draw(seed: str, what: str) -> bytes:
    return sha256(f"{seed}: {what}".encode()).digest()
