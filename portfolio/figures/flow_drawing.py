"""The moves between two days as bands from level to level: geometry only. Pure; y grows downwards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portfolio.figures.ladder import LEVELS, LevelFlow

WIDTH = 640
LEFT, RIGHT, BLOCK = 26.0, 596.0, 18.0  # x of the blocks of the earlier and of the later day, and how wide they are
TOP, BETWEEN = 18.0, 8.0  # above the first block, and between two
FULL = 160.0  # height of all accounts together, unless another is asked for
THINNEST = 2.0  # a band that can still be pointed at
LABELLED, APART = 6.0, 13.0  # how thick a band is that has a label, and how far labels are apart


@dataclass(frozen=True, slots=True)
class FlowBand:
    """The accounts that went from one level to another, or stayed."""

    flow: LevelFlow
    path: str
    label_y: float | None  # None where there is no room for a label


@dataclass(frozen=True, slots=True)
class Block:
    """A level on one of both days."""

    level: int
    accounts: int
    y: float
    height: float
    number_y: float
    has_room: bool  # for its number of accounts


@dataclass(frozen=True, slots=True)
class FlowDrawing:
    height: float
    bands: tuple[FlowBand, ...]
    then: tuple[Block, ...]
    now: tuple[Block, ...]


def drawn(flows: Sequence[LevelFlow], full: float = FULL) -> FlowDrawing | None:
    """Level 5 above, 1 below on both sides; within a level the bands leave and arrive in the order of the levels they come from
    and go to, so that as few as possible cross. None without accounts.
    """
    total = sum(flow.accounts for flow in flows)
    if not total:
        return None
    thick = {flow: max(THINNEST, full * flow.accounts / total) for flow in flows}
    then, starts = _stacked(sorted(flows, key=lambda flow: (-flow.then, -flow.now)), thick, then=True)
    now, ends = _stacked(sorted(flows, key=lambda flow: (-flow.now, -flow.then)), thick, then=False)
    labels = _labels(flows, starts, thick)
    bands = tuple(FlowBand(flow, _path(starts[flow], ends[flow], thick[flow]), labels.get(flow)) for flow in flows)
    foot = max(block.y + block.height for block in (*then, *now))
    return FlowDrawing(round(foot + 4, 1), bands, then, now)


def _stacked(
    flows: Iterable[LevelFlow], thick: dict[LevelFlow, float], *, then: bool
) -> tuple[tuple[Block, ...], dict[LevelFlow, float]]:
    """The blocks of one day, and where each flow touches its block."""
    flows, blocks, touch, y = list(flows), [], {}, TOP
    for level in reversed(LEVELS):
        here = [flow for flow in flows if (flow.then if then else flow.now) == level]
        if not here:
            continue
        top = y
        for flow in here:
            touch[flow] = y
            y += thick[flow]
        height = y - top
        accounts = sum(flow.accounts for flow in here)
        blocks.append(Block(level, accounts, round(top, 1), round(height, 1), round(top + height / 2 + 4, 1), height >= APART))
        y += max(BETWEEN, APART - height)
    return tuple(blocks), touch


def _labels(flows: Iterable[LevelFlow], starts: dict[LevelFlow, float], thick: dict[LevelFlow, float]) -> dict[LevelFlow, float]:
    """Where the bands that climb or slide are labelled: beside where they start, as long as no label stands on another."""
    labels, last = {}, 0.0
    for flow in sorted(flows, key=lambda flow: starts[flow]):
        y = starts[flow] + thick[flow] / 2 + 4
        if flow.direction != "stayed" and thick[flow] >= LABELLED and y - last >= APART:
            labels[flow] = round(y, 1)
            last = y
    return labels


def _path(start: float, end: float, thick: float) -> str:
    left, right, middle = LEFT + BLOCK, RIGHT, (LEFT + BLOCK + RIGHT) / 2
    top, foot = f"{start:.1f}", f"{start + thick:.1f}"
    to_top, to_foot = f"{end:.1f}", f"{end + thick:.1f}"
    return (
        f"M{left:g} {top}C{middle:g} {top} {middle:g} {to_top} {right:g} {to_top}"
        f"V{to_foot}C{middle:g} {to_foot} {middle:g} {foot} {left:g} {foot}Z"
    )
