"""Circles among those of whom each stands below at most one other: accounts and their parents, people and their superiors."""

from collections.abc import Mapping


def on_a_circle[T](above: Mapping[T, T]) -> set[T]:
    """Those that stand above themselves; `above` tells of each who stands right above it. Who is only below a circle is not on it."""
    circles: set[T] = set()
    done: set[T] = set()
    for start in above:
        path: list[T] = []
        on_path: set[T] = set()
        step: T | None = start
        while step is not None and step not in done and step not in on_path:
            path.append(step)
            on_path.add(step)
            step = above.get(step)
        if step is not None and step in on_path:
            circles.update(path[path.index(step) :])
        done |= on_path
    return circles
