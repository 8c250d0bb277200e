"""Aggregates over the accounts that one person may see. Each function says how many statements it costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import BooleanField, Case, CharField, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When, Window
from django.db.models.functions import Coalesce, Greatest

from accounts.models import Account
from accounts.querysets import CLIMB_REACHED, CURRENCY_WITHOUT_RATE, NOT_ASSESSED, SLID, AccountQuerySet, a_year_before
from assessments.models import Assessment
from portfolio.figures.ladder import KeyFigures, Ladder, LadderGroup, build_ladder, sum_figures

SHOWN = 6  # accounts that need attention
ROSY_GAP = 2  # levels that our view may lie above theirs before it needs attention
ROSY, OFF_TRACK, AT_RISK = Q(gap__gte=ROSY_GAP), Q(target_status="off_track"), Q(target_status="at_risk")


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


def overview_of(accounts: AccountQuerySet, today: date, *, why: str = "") -> Overview:
    """With the accounts that need attention, or those of one reason (`WHY`). Two statements, each over all the accounts."""
    groups = groups_of(accounts, today)
    concerns = needs_attention(accounts, today, most=SHOWN, why=why)
    return Overview(
        ladder=build_ladder(groups),
        figures=sum_figures(groups),
        pressing=tuple((concern.account.pk, concern.reason) for concern in concerns),
    )


def concerns_of(overview: Overview, accounts: AccountQuerySet) -> list[Concern]:
    """The accounts that need attention as rows, in the order of the overview. One statement.

    What is no longer among `accounts` is left out.
    """
    rows = accounts.in_bulk([pk for pk, _reason in overview.pressing])
    return [Concern(rows[pk], reason, overview.figures.pressing) for pk, reason in overview.pressing if pk in rows]


def groups_of(accounts: AccountQuerySet, today: date) -> list[LadderGroup]:
    """The accounts in groups of the same customer's level now, a year ago and aimed at. One statement."""
    # An account above its target keeps its level; MAX of SQLite is NULL when one argument is.
    goal = Greatest(Coalesce("target_level", "customer_level"), Coalesce("customer_level", "target_level"))
    ours = Case(When(team_level__isnull=False, then=Value(True)), default=Value(False), output_field=BooleanField())
    year_ago = a_year_before(today)
    pressing = Q()
    for condition in _reasons(year_ago).values():
        pressing |= condition
    rows = (
        accounts.annotate(level_goal=goal, no_rate=CURRENCY_WITHOUT_RATE, we_have_a_view=ours)
        .order_by()
        .values("customer_level", "customer_level_year_ago", "level_goal", "we_have_a_view", "no_rate")
        .annotate(
            accounts=Count("pk"),
            total=Coalesce(Sum("worth"), Value(Decimal(0))),
            gaps=Count("gap"),
            gap_total=Coalesce(Sum("gap"), Value(0)),
            heard=Count("pk", filter=Q(last_heard_on__gte=year_ago)),
            never_heard=Count("pk", filter=Q(last_heard_on=None)),
            rosy=Count("pk", filter=ROSY),
            pressing=Count("pk", filter=pressing),
            with_target=Count("target_level"),
            on_track=Count("pk", filter=Q(target_status="on_track")),
            at_risk=Count("pk", filter=AT_RISK),
            off_track=Count("pk", filter=OFF_TRACK),
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
            never_heard=row["never_heard"],
            rosy=row["rosy"],
            pressing=row["pressing"],
            targets=row["with_target"],
            targets_on_track=row["on_track"],
            targets_at_risk=row["at_risk"],
            targets_off_track=row["off_track"],
            reached=row["reached"],
            climbs_reached=row["climbs_reached"],
            targets_foreseen=row["foreseen"],
            targets_expected=row["expected"],
            no_rate=row["no_rate"],
        )
        for row in rows
    ]


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


def _reasons(year_ago: date) -> dict[str, Q]:
    """Why an account needs attention, the most urgent first."""
    return {
        "slid": SLID,
        "off_track": OFF_TRACK,
        "rosy": ROSY,
        "not_assessed": NOT_ASSESSED,
        "never_heard": Q(last_heard_on=None),
        "stale": Q(last_heard_on__lt=year_ago),
        "at_risk": AT_RISK,
    }


#: What the accounts that need attention can be narrowed to, with the reasons that each of these tells, the most urgent first.
WHY = {
    "slid": ("slid",), "off_track": ("off_track",), "rosy": ("rosy",), "not_assessed": ("not_assessed",),
    "not_heard": ("not_assessed", "never_heard", "stale"), "at_risk": ("at_risk",),
}  # fmt: skip


def needs_attention(accounts: AccountQuerySet, today: date, *, most: int = SHOWN, why: str = "") -> Iterator[Concern]:
    """Accounts with their most urgent reason, by revenue, the largest first. One statement.

    `why`, a key of `WHY`, leaves those of that reason, whatever else there is to them, and tells no other.
    """
    year_ago = a_year_before(today)
    reasons = _reasons(year_ago)
    told = WHY.get(why, tuple(reasons))
    case = Case(*(When(reasons[name], then=Value(name)) for name in told), output_field=CharField())
    if why == "not_heard":
        accounts = accounts.unheard_since(year_ago)
    pressing = accounts.annotate(reason=case).filter(reason__isnull=False).annotate(all=Window(Count("pk")))
    for account in pressing.order_by(F("worth").desc(nulls_last=True), "name", "pk")[:most]:
        yield Concern(account, account.reason, account.all)
