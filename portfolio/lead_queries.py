"""The queries of the movement and groups pages: results on two days, figures of groups, buying roles."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Least, Ord, Round, Substr

from accounts.models import Account, Contact
from accounts.querysets import (
    CLIMB_REACHED,
    CLIMBED,
    CURRENCY_WITHOUT_RATE,
    ONLY_OUR_VIEW,
    SLID,
    AccountQuerySet,
    a_year_before,
)
from assessments.models import Assessment, Response
from core.packed import Ordinal, columns
from portfolio.figures.two_days import LETTERS, NO_RATE, NO_REVENUE, AccountsWithRevenue, ResultsOfBoth
from portfolio.figures.year import ResultsWithRevenue

MOST = Decimal(10) ** 15  # of one account's revenue: more does not fit into eight bytes of cents

#: What the accounts can be grouped by: the column, and that of its name.
BY = {"team": ("team", "team__name"), "segment": ("segment", "segment"), "country": ("country", "country"), "owner": ("owner", "owner__name")}  # fmt: skip


def accounts_of(accounts: AccountQuerySet) -> AccountsWithRevenue:
    """The accounts with their revenue. One statement, with a packed answer."""
    cents = Cast(Round(Least(F("worth"), Value(MOST)) * 100), BigIntegerField())
    first, second, third = (Ord(Substr("currency", place, 1)) for place in (1, 2, 3))
    without_rate = Value(-NO_RATE) - ((first * LETTERS + second) * LETTERS + third)
    known = Case(
        When(worth__isnull=False, then=cents),
        When(revenue__gt=0, then=Cast(without_rate, BigIntegerField())),
        default=Value(NO_REVENUE),
        output_field=BigIntegerField(),
    )
    return AccountsWithRevenue(*columns(accounts.order_by("pk").values_list("pk", known), 8, 8))


def both_sides_of(accounts: AccountQuerySet, until: date) -> ResultsOfBoth:
    """The closed results of these accounts up to a day. One statement, with a packed answer."""
    ids, details = columns(_closed(accounts).filter(held_on__lte=until).values_list("account_id", _BOTH_SIDES), 8, 4)
    return ResultsOfBoth(ids, details >> 6, details >> 3 & 7, details & 7)


def results_with_revenue(accounts: AccountQuerySet) -> ResultsWithRevenue:
    """The closed results of these accounts, with the revenue of each account. One statement, with a packed answer."""
    worth = Coalesce(F("account__worth"), Value(Decimal(0)))
    cents = Cast(Round(Least(worth, Value(MOST)) * 100), BigIntegerField())
    ids, details, cents_of_each = columns(_closed(accounts).values_list("account_id", _BOTH_SIDES, cents), 8, 4, 8)
    return ResultsWithRevenue(ids, details >> 6, details >> 3 & 7, details & 7, cents_of_each)


#: The day of a result and the levels of both sides as one number; a level is 0 where that side said nothing.
_BOTH_SIDES = Cast(
    (Ordinal("held_on") * 8 + Coalesce(F("customer_level"), Value(0), output_field=IntegerField())) * 8
    + Coalesce(F("team_level"), Value(0), output_field=IntegerField()),
    IntegerField(),
)


def _closed(accounts: AccountQuerySet) -> QuerySet[Assessment]:
    closed = Assessment.objects.closed().filter(account__in=accounts.order_by().values("pk"))
    return closed.order_by("account_id", "held_on", "closed_at", "pk")


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The accounts of one team, segment, country or owner. `worth` is their revenue in the reporting currency.

    Levels, climbs and slides are the customer's.
    """

    key: str | int | None
    name: str
    accounts: int
    worth: Decimal
    no_rate: frozenset[str]  # currencies of revenue that is in no sum
    level_1: int
    level_2: int
    level_3: int
    level_4: int
    level_5: int
    only_our_view: int
    gaps: int  # so many have both views,
    gap_total: int  # and so many levels their gaps are together
    climbed: int
    slid: int
    heard: int  # whose customer was heard within a year
    on_track: int
    at_risk: int
    off_track: int
    reached: int
    climbs_reached: int  # of the reached ones
    too_early: int
    expected: float  # so many of the targets that have a chance are expected to be reached
    foreseen: int  # how many have one

    @property
    def levels(self) -> tuple[int, ...]:
        return self.level_1, self.level_2, self.level_3, self.level_4, self.level_5

    @property
    def not_assessed(self) -> int:
        return self.accounts - sum(self.levels) - self.only_our_view

    @property
    def holds_reached(self) -> int:
        return self.reached - self.climbs_reached

    @property
    def mean_gap(self) -> float | None:
        return self.gap_total / self.gaps if self.gaps else None

    @property
    def heard_share(self) -> float | None:
        return self.heard / self.accounts if self.accounts else None

    @property
    def targets(self) -> dict[str, int]:
        """How many accounts have a target of each status, and none."""
        stated = {name: getattr(self, name) for name in ("on_track", "reached", "at_risk", "off_track", "too_early")}
        return stated | {"no_target": self.accounts - sum(stated.values())}


def rows_of(accounts: AccountQuerySet, by: str, today: date) -> list[GroupFigures]:
    """A row for each team, segment, country or owner that has accounts. One statement."""
    key, name = BY[by]
    figures = {
        "n": Count("pk"),
        "total": Coalesce(Sum("worth"), Value(Decimal(0))),
        "ours": Count("pk", filter=ONLY_OUR_VIEW),
        "both": Count("gap"),
        "apart": Coalesce(Sum("gap"), Value(0)),
        "up": Count("pk", filter=CLIMBED),
        "down": Count("pk", filter=SLID),
        "lately": Count("pk", filter=Q(last_heard_on__gte=a_year_before(today))),
        "chances": Coalesce(Sum("target_chance"), Value(0.0)),
        "with_chance": Count("target_chance"),
        "climbs": Count("pk", filter=CLIMB_REACHED),
    }
    figures |= {f"on_{level}": Count("pk", filter=Q(customer_level=level)) for level in range(1, 6)}
    statuses = [status for status in Account.TargetStatus.values if status != Account.TargetStatus.NO_TARGET]
    figures |= {f"is_{status}": Count("pk", filter=Q(target_status=status)) for status in statuses}
    # A row for each currency without a rate, too: no database lists the values of a group in the same way as another.
    found = (
        accounts.annotate(without_rate=CURRENCY_WITHOUT_RATE)
        .order_by()
        .values(*dict.fromkeys((key, name)), "without_rate")
        .annotate(**figures)
    )
    rows: dict[Any, list[GroupFigures]] = {}
    for row in found:
        figures_of_row = GroupFigures(
            key=row[key],
            name=row[name] or "",
            accounts=row["n"],
            worth=row["total"],
            no_rate=frozenset(filter(None, [row["without_rate"]])),
            **{f"level_{level}": row[f"on_{level}"] for level in range(1, 6)},
            only_our_view=row["ours"],
            gaps=row["both"],
            gap_total=row["apart"],
            climbed=row["up"],
            slid=row["down"],
            heard=row["lately"],
            climbs_reached=row["climbs"],
            **{status: row[f"is_{status}"] for status in statuses},
            expected=row["chances"],
            foreseen=row["with_chance"],
        )
        rows.setdefault(row[key], []).append(figures_of_row)
    return [replace(together(parts), key=parts[0].key, name=parts[0].name) for parts in rows.values()]


def together(rows: Iterable[GroupFigures]) -> GroupFigures:
    """The sum of all rows."""
    rows = list(rows)
    added = [one for one in GroupFigures.__slots__ if one not in {"key", "name", "no_rate"}]
    sums = {name: sum(getattr(row, name) for row in rows) for name in added}
    return GroupFigures(None, "", no_rate=frozenset[str]().union(*(row.no_rate for row in rows)), **sums)


@dataclass(frozen=True, slots=True)
class Coverage:
    """One buying role: the accounts that have an active contact of it, and those where such a contact answered within a year."""

    role: str
    known: int
    heard: int


def coverage_of(accounts: AccountQuerySet, today: date) -> list[Coverage]:
    """The buying roles in their order. One statement."""
    there = Contact.objects.filter(active=True, erased_on=None, account__in=accounts.order_by().values("pk"))
    found = {
        row["buying_role"]: row
        for row in there.order_by()
        .values("buying_role")
        .annotate(
            known=Count("account", distinct=True),
            heard=Count("account", distinct=True, filter=Q(pk__in=_heard_lately(today))),
        )
    }
    none = {"known": 0, "heard": 0}
    roles = Contact.BuyingRole.values
    return [Coverage(role, *(found.get(role, none)[name] for name in ("known", "heard"))) for role in roles]


def without_voice(accounts: AccountQuerySet, role: str, today: date) -> AccountQuerySet:
    """Accounts where no active contact of this buying role answered within a year, by revenue, the largest first."""
    heard = Contact.objects.filter(active=True, erased_on=None, buying_role=role, pk__in=_heard_lately(today))
    return accounts.exclude(pk__in=heard.values("account")).order_by(F("worth").desc(nulls_last=True), "name", "pk")


def _heard_lately(today: date) -> QuerySet[Response, Any]:
    """The contacts who answered in a closed round that was held within a year. Their answers are not read."""
    answered = Response.objects.filter(
        contact__isnull=False,
        submitted_at__isnull=False,
        assessment__state=Assessment.State.CLOSED,
        assessment__held_on__gte=a_year_before(today),
    )
    return answered.values("contact")
