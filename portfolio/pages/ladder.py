"""The rows of the ladder, measured in accounts or in revenue."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma

from accounts.templatetags.standing import money
from portfolio.figures.ladder import Ladder, LadderRung

ACCOUNTS, REVENUE = "accounts", "revenue"
WELCOME = {5: 1, 4: 1, 2: -1, 1: -1}  # whether more on this level is good; on level 3 it can be either


@dataclass(frozen=True, slots=True)
class LadderRow:
    """A rung with the address of its accounts, empty where there is none, and where bar and marks end: percents of the width."""

    rung: LadderRung
    url: str
    width: float
    ago: float
    goal: float
    change: str  # since the earlier day, with its sign
    tone: str  # good, bad, or neither


def measured_by(typed: str | None) -> str:
    return REVENUE if typed == REVENUE else ACCOUNTS


def rows_of(ladder: Ladder, by: str, url_of: Callable[[LadderRung], str]) -> list[LadderRow]:
    """From level 5 down."""
    return [_row(rung, by, url_of(rung)) for rung in ladder.rungs]


def _row(rung: LadderRung, by: str, url: str) -> LadderRow:
    in_revenue = by == REVENUE
    now, ago, goal = (count.worth_width if in_revenue else count.width for count in (rung.now, rung.ago, rung.goal))
    change: Decimal | int = rung.now.worth - rung.ago.worth if in_revenue else rung.now.accounts - rung.ago.accounts
    direction = (change > 0) - (change < 0)
    size = money(abs(Decimal(change)), settings.REPORTING_CURRENCY) if in_revenue else intcomma(abs(int(change)))
    tone = {1: "good", -1: "bad"}.get(WELCOME.get(rung.level, 0) * direction, "")
    return LadderRow(rung, url, now, ago, goal, {1: "+", 0: "", -1: "−"}[direction] + size, tone)
