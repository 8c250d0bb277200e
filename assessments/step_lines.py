"""The step line of an account in the list: the customer's level over the last four years, drawn small."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.list_columns import NOTHING, ListColumn, RowReading
from accounts.models import Account
from assessments.measurement.agreement import months_after
from assessments.models import Assessment
from core import days

YEARS = 4
WIDTH, STEP, FOOT = 72, 4, 19  # of the drawing; the height of one level; where level 1 stands


@dataclass(frozen=True, slots=True)
class LevelStep:
    """From `x` on, 0 to `WIDTH`, the customer stood on `level`."""

    x: float
    level: int


def steps_of(results: Sequence[tuple[date, int]], today: date) -> list[LevelStep]:
    """The steps of the last four years; `results` are the days and levels of closed results, oldest first.

    The last result from before these years is where the line begins; of two on one day the later counts.
    """
    since = months_after(today, -12 * YEARS)
    steps: list[LevelStep] = []
    for held_on, level in results:
        x = round(WIDTH * max(0, (held_on - since).days) / (today - since).days, 1)
        if steps and steps[-1].x == x:
            steps.pop()
        if not steps or steps[-1].level != level:
            steps.append(LevelStep(x, level))
    return steps


def read_steps(accounts: Sequence[Account]) -> Mapping[int, list[LevelStep]]:
    """The steps of each account. One statement, over the closed results of these accounts alone."""
    today = days.today()
    found: dict[int, list[tuple[date, int]]] = {account.pk: [] for account in accounts}
    closed = Assessment.objects.closed().filter(account__in=found, held_on__lte=today, customer_level__isnull=False).in_time()
    for pk, held_on, level in closed.values_list("account_id", "held_on", "customer_level"):
        found[pk].append((held_on, level or 0))  # none is empty: the filter sees to that
    return {pk: steps_of(results, today) for pk, results in found.items()}


def _cell(account: Account, reading: RowReading) -> str:
    steps: list[LevelStep] = reading.made["steps"].get(account.pk, [])
    if not steps:
        return NOTHING
    change = steps[-1].level - steps[0].level
    css = "up" if change > 0 else "down" if change < 0 else "flat"
    words = _("level over four years: %(levels)s") % {"levels": ", ".join(str(step.level) for step in steps)}
    end = _height(steps[-1].level)
    return (
        f'<svg class="steps {css}" viewBox="-1 0 78 22" width="78" height="22" role="img" aria-label="{words}">'
        f'<path class="ends" d="M0 {FOOT}H{WIDTH}M0 {_height(5)}H{WIDTH}"/><path d="{"".join(_path(steps))}"/>'
        f'<circle cx="{WIDTH}" cy="{end}" r="2.8"/></svg>'
    )


def _path(steps: Sequence[LevelStep]) -> Iterator[str]:
    yield f"M{steps[0].x:g} {_height(steps[0].level)}"
    for _before, after in pairwise(steps):
        yield f"H{after.x:g}V{_height(after.level)}"
    yield f"H{WIDTH}"


def _height(level: int) -> int:
    return FOOT - STEP * (level - 1)


STEPS = ListColumn("steps", gettext_lazy("Last four years"), _cell, css="steps-cell", usual=True, read=read_steps)
