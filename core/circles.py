"""Circles among those of whom each stands below at most one other: accounts and their parents, people and their superiors.

Found in one pass, however deep they lie below each other.
"""

from collections.abc import Mapping
from itertools import islice

type Above = int | None


def on_a_circle[T](above: Mapping[T, T | None]) -> set[T]:
    """Those that stand above themselves; `above` tells of each who stands right above it. Who is only below a circle is not on it."""
    circles: set[T] = set()
    done: set[T] = set()
    for start in above:
        path: dict[T, int] = {}  # each with its place on the way
        step: T | None = start
        while step is not None and step not in done and step not in path:
            path[step] = len(path)
            step = above.get(step)
        if step is not None and step in path:
            circles.update(islice(path, path[step], None))
        done.update(path)
    return circles


def not_to_move(wanted: Mapping[int, Above], now: Mapping[int, Above]) -> set[int]:
    """Of those that are to get another one above them the ones that keep theirs, lest there be a circle.

    All the `wanted` ones on a circle keep what they have `now`. That may close another circle, and so on; which ones are found
    does not depend on the order, for no circle goes before one of its members stays. `now` is without circles.
    """
    staying: set[int] = set()
    sure: set[int] = set()  # above them nothing is left that could be a circle
    shortcut: dict[int, Above] = {}

    def next_to_move(node: Above) -> Above:
        """The first one from here upwards that is to be moved still; the way there is walked once."""
        passed: dict[int, None] = {}
        while node and (node not in wanted or node in staying) and node not in passed:
            passed[node] = None
            node = shortcut.get(node, now.get(node))
        node = None if node in passed else node  # what is stored has no circles; if it had, we would not go round for ever
        shortcut.update(dict.fromkeys(passed, node))
        return node

    for start in wanted:
        path: dict[int, None] = {}
        step = next_to_move(start)
        while True:
            while step and step not in sure and step not in path:
                path[step] = None
                step = next_to_move(wanted[step])
            if step not in path:
                break
            while (last := path.popitem()[0]) != step:
                staying.add(last)
            staying.add(last)
            # The way up to the circle is there still, and its end leads elsewhere now.
            step = next_to_move(wanted[next(reversed(path))] if path else start)
        sure |= path.keys()
    return staying
