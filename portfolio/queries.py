"""Aggregates over the accounts that one person may see. Each function says how many statements it costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import BooleanField, Case, CharField, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When, Window
from django.db.models.functions import Coalesce, Greatest

from accounts.models import Account
from accounts.querysets import CLIMB_REACHED, CLIMBED, CURRENCY_WITHOUT_RATE, NOT_ASSESSED, SLID, AccountQuerySet, a_year_before
from assessments.models import Assessment
from portfolio.figures.ladder import KeyFigures, Ladder, LadderGroup, build_ladder, sum_figures

ROSY_GAP = 2  # levels that our view may lie above theirs before it needs attention


@dataclass(frozen=True, slots=True)
class Concern:
    account: Account
    reason: str  # slid, off_track, rosy, not_assessed, never_heard, stale, at_risk
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
    concerns = [Concern(rows[pk], reason, overview.all_pressing) for pk, reason in overview.pressing if pk in rows]
    return concerns, [rows[pk] for pk in overview.moved if pk in rows]


def groups_of(accounts: AccountQuerySet, today: date) -> list[LadderGroup]:
    """The accounts in groups of the same customer's level now, a year ago and aimed at. One statement."""
    # An account above its target keeps its level; MAX of SQLite is NULL when one argument is.
    goal = Greatest(Coalesce("target_level", "customer_level"), Coalesce("customer_level", "target_level"))
    ours = Case(When(team_level__isnull=False, then=Value(True)), default=Value(False), output_field=BooleanField())
    rows = (
        accounts.annotate(level_goal=goal, no_rate=CURRENCY_WITHOUT_RATE, we_have_a_view=ours)
        .order_by()
        .values("customer_level", "customer_level_year_ago", "level_goal", "we_have_a_view", "no_rate")
        .annotate(
            accounts=Count("pk"),
            total=Coalesce(Sum("worth"), Value(Decimal(0))),
            gaps=Count("gap"),
            gap_total=Coalesce(Sum("gap"), Value(0)),
            heard=Count("pk", filter=Q(last_heard_on__gte=a_year_before(today))),
            with_target=Count("target_level"),
            on_track=Count("pk", filter=Q(target_status="on_track")),
            reached=Count("pk", filter=Q(target_status="reached")),
            climbs_reached=Count("pk", filter=CLIMB_REACHED),
            foreseen=Count("target_chance"),
            expected=Coalesce(Sum("target_chance"), Value(0.0)),
        )
    )
    return [
        LadderGroup(
            now=row["customer_level"],
            ago=row["customer_level_year_ago"],
            goal=row["level_goal"],
            accounts=row["accounts"],
            worth=row["total"],
            ours=row["we_have_a_view"],
            gaps=row["gaps"],
            gap=row["gap_total"],
            heard=row["heard"],
            targets=row["with_target"],
            targets_on_track=row["on_track"],
            reached=row["reached"],
            climbs_reached=row["climbs_reached"],
            targets_foreseen=row["foreseen"],
            targets_expected=row["expected"],
            no_rate=row["no_rate"],
        )
        for row in rows
    ]


def moved(accounts: AccountQuerySet, *, most: int = 8) -> AccountQuerySet:
    """Accounts whose customer moved them within a year, the largest first, by revenue. One statement."""
    return accounts.filter(CLIMBED | SLID).order_by(F("worth").desc(nulls_last=True), "name", "pk")[:most]


def moved_since(accounts: AccountQuerySet, moment: datetime, *, most: int = 8) -> AccountQuerySet:
    """Accounts whose customer's level differs from that of the rounds closed before `moment`, by revenue. One statement.

    Each has `was`, the customer's earlier level, and `all`, the number of such accounts. A round that was reopened counts
    from its last closing.
    """
    closed = Assessment.objects.closed().filter(account=OuterRef("pk"), customer_level__isnull=False)
    earlier = closed.filter(closed_at__lt=moment).order_by("-held_on", "-closed_at", "-pk")
    was = Subquery(earlier.values("customer_level")[:1])
    lately = accounts.filter(Exists(closed.filter(closed_at__gte=moment)), customer_level__isnull=False).annotate(was=was)
    changed = lately.filter(was__isnull=False).exclude(customer_level=F("was")).annotate(all=Window(Count("pk")))
    return changed.order_by(F("worth").desc(nulls_last=True), "name", "pk")[:most]


def needs_attention(accounts: AccountQuerySet, today: date, *, most: int = 6) -> Iterator[Concern]:
    """Accounts with their most urgent reason, by revenue, the largest first. One statement."""
    year_ago = a_year_before(today)
    reasons = Case(
        When(SLID, then=Value("slid")),
        When(target_status="off_track", then=Value("off_track")),
        When(gap__gte=ROSY_GAP, then=Value("rosy")),
        When(NOT_ASSESSED, then=Value("not_assessed")),
        When(last_heard_on=None, then=Value("never_heard")),
        When(last_heard_on__lt=year_ago, then=Value("stale")),
        When(target_status="at_risk", then=Value("at_risk")),
        output_field=CharField(),
    )
    pressing = accounts.annotate(reason=reasons).filter(reason__isnull=False).annotate(all=Window(Count("pk")))
    for account in pressing.order_by(F("worth").desc(nulls_last=True), "name", "pk")[:most]:
        yield Concern(account, account.reason, account.all)
