"""Aggregates over the accounts that one person may see. Each function says how many statements it costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Avg, Case, CharField, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When, Window
from django.db.models.functions import Coalesce, Greatest

from accounts.models import Account, ExchangeRate
from accounts.querysets import AccountQuerySet, a_year_before
from assessments.models import Assessment
from portfolio.ladder import Group, Ladder, build_ladder

ROSY_GAP = 2  # levels that our view may lie above theirs before it needs attention


@dataclass(frozen=True, slots=True)
class Figures:
    """The key figures beside the ladder; shares are 0..1 and None when there is nothing to share."""

    mean_gap: float | None
    heard_share: float | None
    targets: int
    targets_on_track: int


@dataclass(frozen=True, slots=True)
class Concern:
    account: Account
    reason: str  # slid, off_track, rosy, unassessed, never_heard, stale, at_risk
    moved_from: int | None
    all: int  # how many accounts need attention


def ladder_of(accounts: AccountQuerySet, today: date) -> Ladder:
    """The ladder now, a year ago and at target, of the same accounts. One statement."""
    # Who stands above the target already stays there; MAX of SQLite knows no number beside NULL.
    goal = Greatest(Coalesce("target_level", "level"), Coalesce("level", "target_level"))
    rows = (
        accounts.annotate(level_goal=goal)
        .order_by()
        .values("level", "level_year_ago", "moved_from", "level_goal")
        .annotate(accounts=Count("pk"), total=Coalesce(Sum("worth"), Value(Decimal(0))))
    )
    return build_ladder(
        Group(row["level"], row["level_year_ago"], row["moved_from"], row["level_goal"], row["accounts"], row["total"])
        for row in rows
    )


def figures_of(accounts: AccountQuerySet, today: date) -> Figures:
    """One statement."""
    row = accounts.aggregate(
        mean_gap=Avg("gap"),
        accounts=Count("pk"),
        heard=Count("pk", filter=Q(last_heard_on__gte=a_year_before(today))),
        targets=Count("pk", filter=Q(target_level__isnull=False)),
        fine=Count("pk", filter=Q(target_status__in=["on_track", "reached"])),
    )
    return Figures(
        mean_gap=None if row["mean_gap"] is None else float(row["mean_gap"]),
        heard_share=row["heard"] / row["accounts"] if row["accounts"] else None,
        targets=row["targets"],
        targets_on_track=row["fine"],
    )


def moved(accounts: AccountQuerySet, today: date, *, most: int = 8) -> AccountQuerySet:
    """Accounts that climbed or slid within a year, the largest first, by revenue. One statement."""
    changed = accounts.filter(moved_from__isnull=False, level__isnull=False).exclude(level=F("moved_from"))
    return changed.order_by(F("worth").desc(nulls_last=True), "name", "pk")[:most]


def moved_since(accounts: AccountQuerySet, moment: datetime, *, most: int = 8) -> AccountQuerySet:
    """Accounts that stand higher or lower than by what was closed before `moment`, by revenue. One statement.

    Each tells the level that it `was` on by the side whose level counts now, and `all`, how many there are. A round that
    was reopened counts from its last closing.
    """
    closed = Assessment.objects.closed().filter(account=OuterRef("pk"))
    earlier = closed.filter(closed_at__lt=moment).order_by("-held_on", "-closed_at", "-pk")
    theirs = Subquery(earlier.filter(customer_level__isnull=False).values("customer_level")[:1])
    ours = Subquery(earlier.filter(team_level__isnull=False).values("team_level")[:1])
    was = Case(When(customer_level__isnull=False, then=theirs), default=ours)
    lately = accounts.filter(Exists(closed.filter(closed_at__gte=moment)), level__isnull=False).annotate(was=was)
    changed = lately.filter(was__isnull=False).exclude(level=F("was")).annotate(all=Window(Count("pk")))
    return changed.order_by(F("worth").desc(nulls_last=True), "name", "pk")[:most]


def needs_attention(accounts: AccountQuerySet, today: date, *, most: int = 6) -> Iterator[Concern]:
    """Accounts with their most pressing reason, in order of revenue at stake. One statement."""
    year_ago = a_year_before(today)
    reasons = Case(
        When(level__lt=F("moved_from"), then=Value("slid")),
        When(target_status="off_track", then=Value("off_track")),
        When(gap__gte=ROSY_GAP, then=Value("rosy")),
        When(level=None, then=Value("unassessed")),
        When(last_heard_on=None, then=Value("never_heard")),
        When(last_heard_on__lt=year_ago, then=Value("stale")),
        When(target_status="at_risk", then=Value("at_risk")),
        output_field=CharField(),
    )
    pressing = accounts.annotate(reason=reasons).filter(reason__isnull=False).annotate(all=Window(Count("pk")))
    for account in pressing.order_by(F("worth").desc(nulls_last=True), "name", "pk")[:most]:
        yield Concern(account, account.reason, account.moved_from, account.all)


def currencies_without_rate(accounts: AccountQuerySet) -> list[str]:
    """Currencies of accounts with revenue that no exchange rate covers: their revenue is not in the sums. One statement."""
    known = ExchangeRate.objects.values("currency")
    missing = accounts.exclude(currency=settings.REPORTING_CURRENCY).exclude(currency__in=known)
    return list(missing.filter(revenue__gt=0).order_by("currency").values_list("currency", flat=True).distinct())
