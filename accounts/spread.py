"""How the accounts of the list stand together: how many on each level, the mean gap, how many customers were heard within a year."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, Case, Count, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.querysets import AccountQuerySet, a_year_before

WIDTH = 320  # of the bar, in its own units


@dataclass(frozen=True, slots=True)
class SpreadPart:
    """The accounts on a level: 1 to 5, `ours` for only our view, `none` for not assessed; with its place in the bar."""

    code: str
    accounts: int
    x: float
    width: float

    @property
    def level(self) -> int | None:
        return int(self.code) if self.code.isdecimal() else None


@dataclass(frozen=True, slots=True)
class LevelSpread:
    """Plain values that can be cached. `counts` has the accounts by the codes of the filter by level."""

    counts: dict[str, int]
    gaps: int  # accounts with both views,
    gap: int  # and so many levels their gaps are together
    heard: int  # customers heard within a year

    @property
    def accounts(self) -> int:
        return sum(self.counts.values())

    @property
    def mean_gap(self) -> float | None:
        return self.gap / self.gaps if self.gaps else None

    def parts(self) -> Iterator[SpreadPart]:
        """The parts of the bar, from level 1 on; an empty part has no width."""
        x, whole = 0.0, self.accounts or 1
        for code, accounts in self.counts.items():
            width = WIDTH * accounts / whole
            yield SpreadPart(code, accounts, round(x, 2), round(width, 2))
            x += width


def spread_of(accounts: AccountQuerySet, today: date) -> LevelSpread:
    """One statement over all `accounts`. Who counts as heard, and what as a gap, is what the portfolio counts (decision 0015)."""
    ours = Case(When(team_level__isnull=False, then=Value(True)), default=Value(False), output_field=BooleanField())
    rows = (
        accounts.annotate(we_have_a_view=ours)
        .order_by()
        .values_list("customer_level", "we_have_a_view")
        .annotate(
            accounts=Count("pk"),
            gaps=Count("gap"),
            gap_total=Coalesce(Sum("gap"), Value(0)),
            heard=Count("pk", filter=Q(last_heard_on__gte=a_year_before(today))),
        )
    )
    counts = dict.fromkeys(("1", "2", "3", "4", "5", "ours", "none"), 0)
    gaps = gap = heard = 0
    for level, we_have_a_view, number, with_gap, sum_of_gaps, lately in rows:
        counts[str(level) if level else "ours" if we_have_a_view else "none"] += number
        gaps, gap, heard = gaps + with_gap, gap + sum_of_gaps, heard + lately
    return LevelSpread(counts, gaps, gap, heard)
