"""Aggregates over the accounts that one person may see. Each function says how many statements it costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When, Window
from django.db.models.functions import Coalesce, Greatest

from accounts.models import Account
from accounts.querysets import AccountQuerySet, a_year_before
from assessments.models import Assessment
from portfolio.figures.ladder import KeyFigures, Ladder, LadderGroup, build_ladder, sum_figures

ROSY_GAP = 2  # levels that our view may lie above theirs before it needs attention


@dataclass(frozen=True, slots=True)
class Concern:
    account: Account
    reason: str  # slid, off_track, rosy, unassessed, never_heard, stale, at_risk
    moved_from: int | None
    all: int  # how many accounts need attention


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of the dashboard as plain values that can be cached; accounts as their ids."""

    ladder: Ladder
    figures: KeyFigures
    pressing: tuple[tuple[int, str], ...]  # accounts with their reason
    all_pressing: int
    moved: tuple[int, ...]


def overview_of(accounts: AccountQuerySet, today: date) -> Overview:
    """Three statements, each over all the accounts."""
    groups = groups_of(accounts, today)
    concerns = list(needs_attention(accounts, today))
    return Overview(
        ladder=build_ladder(groups),
        figures=sum_figures(groups),
        pressing=tuple((concern.account.pk, concern.reason) for concern in concerns),
        all_pressing=concerns[0].all if concerns else 0,
        moved=tuple(moved(accounts).values_list("pk", flat=True)),
    )


def named_in(overview: Overview, accounts: AccountQuerySet) -> tuple[list[Concern], list[Account]]:
    """The concerns and the accounts that moved, as rows, in the order of the overview. One statement.

    What is no longer among `accounts` is left out.
    """
    pks = {pk for pk, _reason in overview.pressing} | set(overview.moved)
    rows = {account.pk: account for account in accounts.filter(pk__in=pks)}
    concerns = [
        Concern(rows[pk], reason, rows[pk].moved_from, overview.all_pressing) for pk, reason in overview.pressing if pk in rows
    ]
    return concerns, [rows[pk] for pk in overview.moved if pk in rows]


def groups_of(accounts: AccountQuerySet, today: date) -> list[LadderGroup]:
    """The accounts in groups of the same level now, a year ago and aimed at. One statement."""
    # An account above its target keeps its level; MAX of SQLite is NULL when one argument is.
    goal = Greatest(Coalesce("target_level", "level"), Coalesce("level", "target_level"))
    no_rate = Case(When(revenue__gt=0, worth=None, then=F("currency")), default=Value(""))
    rows = (
        accounts.annotate(level_goal=goal, no_rate=no_rate)
        .order_by()
        .values("level", "level_year_ago", "moved_from", "level_goal", "no_rate")
        .annotate(
            accounts=Count("pk"),
            total=Coalesce(Sum("worth"), Value(Decimal(0))),
            gaps=Count("gap"),
            gap_total=Coalesce(Sum("gap"), Value(0)),
            heard=Count("pk", filter=Q(last_heard_on__gte=a_year_before(today))),
            with_target=Count("target_level"),
            fine=Count("pk", filter=Q(target_status__in=["on_track", "reached"])),
            foreseen=Count("target_chance"),
            expected=Coalesce(Sum("target_chance"), Value(0.0)),
        )
    )
    return [
        LadderGroup(
            now=row["level"],
            ago=row["level_year_ago"],
            moved_from=row["moved_from"],
            goal=row["level_goal"],
            accounts=row["accounts"],
            worth=row["total"],
            gaps=row["gaps"],
            gap=row["gap_total"],
            heard=row["heard"],
            targets=row["with_target"],
            targets_fine=row["fine"],
            targets_foreseen=row["foreseen"],
            targets_expected=row["expected"],
            no_rate=row["no_rate"],
        )
        for row in rows
    ]


def moved(accounts: AccountQuerySet, *, most: int = 8) -> AccountQuerySet:
    """Accounts that climbed or slid within a year, the largest first, by revenue. One statement."""
    changed = accounts.filter(moved_from__isnull=False, level__isnull=False).exclude(level=F("moved_from"))
    return changed.order_by(F("worth").desc(nulls_last=True), "name", "pk")[:most]


def moved_since(accounts: AccountQuerySet, moment: datetime, *, most: int = 8) -> AccountQuerySet:
    """Accounts whose level differs from that of the rounds closed before `moment`, by revenue. One statement.

    Each has `was`, its earlier level by the side whose level counts now, and `all`, the number of such accounts. A round
    that was reopened counts from its last closing.
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
    """Accounts with their most urgent reason, by revenue, the largest first. One statement."""
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
