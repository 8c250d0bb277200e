"""Cycles in a forest, where each node has at most one parent: accounts and their parents, contacts and their superiors.

Both functions visit each node a fixed number of times, however deep the forest is.
"""

from collections.abc import Mapping
from itertools import islice

type Parent = int | None


def nodes_on_cycles[T](parents: Mapping[T, T | None]) -> set[T]:
    """The nodes that are among their own ancestors. A node that is only below a cycle is not on it."""
    on_cycles: set[T] = set()
    done: set[T] = set()
    for start in parents:
        path: dict[T, int] = {}  # node: its place on the path
        step: T | None = start
        while step is not None and step not in done and step not in path:
            path[step] = len(path)
            step = parents.get(step)
        if step is not None and step in path:
            on_cycles.update(islice(path, path[step], None))
        done.update(path)
    return on_cycles


def moves_to_refuse(wanted: Mapping[int, Parent], now: Mapping[int, Parent]) -> set[int]:
    """The nodes that keep their present parent because their wanted parent would close a cycle.

    `wanted` maps the nodes that move to their new parents, `now` all nodes to their present parents; `now` has no cycles.
    All moves on a cycle are refused. That may close another cycle, whose moves are refused as well. The result does not
    depend on the order of `wanted`.
    """
    refused: set[int] = set()
    checked: set[int] = set()  # no cycle is left above these
    shortcut: dict[int, Parent] = {}

    def next_moving_ancestor(node: Parent) -> Parent:
        """The first node from `node` upwards whose move is not refused; each path is walked once."""
        passed: dict[int, None] = {}
        while node and (node not in wanted or node in refused) and node not in passed:
            passed[node] = None
            node = shortcut.get(node, now.get(node))
        node = None if node in passed else node  # ends the walk also where `now` has a cycle against the rule
        shortcut.update(dict.fromkeys(passed, node))
        return node

    for start in wanted:
        path: dict[int, None] = {}
        step = next_moving_ancestor(start)
        while True:
            while step and step not in checked and step not in path:
                path[step] = None
                step = next_moving_ancestor(wanted[step])
            if step not in path:
                break
            while (last := path.popitem()[0]) != step:
                refused.add(last)
            refused.add(last)
            # The path up to the cycle is still valid; its last node now leads elsewhere.
            step = next_moving_ancestor(wanted[next(reversed(path))] if path else start)
        checked |= path.keys()
    return refused
