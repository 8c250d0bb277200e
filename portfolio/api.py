"""The portfolio, the migration matrix and the events of accounts in the API."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from django.db.models import Count
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.filters import AccountFilter
from accounts.models import Account
from accounts.permissions import SignedInRequest, scope_of
from assessments.measurement.agreement import months_after
from assessments.models import EARLIEST
from audit.figure_cache import cached_figures
from audit.models import Event
from core import days, organisation
from core.api import ApiProblem, Day, Paging, page_of
from hierarchy.measures import measures
from portfolio import queries
from portfolio.benchmark_queries import results_of
from portfolio.figures.benchmark_figures import BenchmarkQuestion, migration_of, newest_with_enough
from portfolio.figures.histories import LEVELS
from portfolio.figures.movement import Migration

router = Router(tags=["portfolio"])

#: Objects whose events hold `before` and `after`. Those of other objects do not: answers, names and results have access rules,
#: which their own endpoints apply.
TOLD = ("accounts.account", "plans.target", "plans.actionplan", "plans.action")
#: They may name an account that the caller may not see.
NOT_TOLD = frozenset({"parent", "merged_account", "merged_into", "undo"})


class LevelCounts(Schema):
    one: Annotated[int, Field(alias="1")]
    two: Annotated[int, Field(alias="2")]
    three: Annotated[int, Field(alias="3")]
    four: Annotated[int, Field(alias="4")]
    five: Annotated[int, Field(alias="5")]


class LevelAmounts(Schema):
    one: Annotated[float, Field(alias="1")]
    two: Annotated[float, Field(alias="2")]
    three: Annotated[float, Field(alias="3")]
    four: Annotated[float, Field(alias="4")]
    five: Annotated[float, Field(alias="5")]


class StatusCounts(Schema):
    on_track: int
    at_risk: int
    off_track: int
    reached: int
    too_early: int
    no_target: int


class ReachedCounts(Schema):
    climb: int
    hold: int


class RevenueParts(Schema):
    by_level: LevelAmounts
    only_our_view: float
    not_assessed: float


class ConcernOut(Schema):
    id: int
    name: str
    reason: str
    customer_level: int | None
    team_level: int | None
    revenue: Annotated[float | None, Field(description="A year, in `currency` of the portfolio.")]


class PortfolioOut(Schema):
    accounts: Annotated[int, Field(description="By level, of only your view, and not assessed together.")]
    revenue: Annotated[float, Field(description="What they buy from you in a year, in `currency`.")]
    currency: str
    without_rate: Annotated[list[str], Field(description="Currencies of revenue that is in no sum: they have no exchange rate.")]
    by_level: Annotated[LevelCounts, Field(description="Accounts by their customer's level.")]
    only_our_view: Annotated[int, Field(description="Accounts of which only you have a view.")]
    not_assessed: int
    revenue_parts: Annotated[RevenueParts, Field(description="The revenue of the same accounts; they add up to `revenue`.")]
    climbed: Annotated[int, Field(description="Within twelve months, by the customer's level.")]
    slid: int
    by_status: StatusCounts
    targets_expected: Annotated[
        float | None, Field(description="So many targets are expected to be reached: the sum of their chances.")
    ]
    reached: Annotated[ReachedCounts, Field(description="The reached targets of `by_status`: to climb, and to hold.")]
    mean_gap: Annotated[float | None, Field(description="Your level minus theirs, over `with_both_views` accounts.")]
    with_both_views: int
    needs_attention: list[ConcernOut]


class MigrationQuery(Schema):
    segment: Annotated[str, Field("", max_length=120)]
    months: Annotated[int, Field(12, ge=1, le=120)]
    at: Annotated[Day | None, Field(None, description="Today when it is left out.")]


class MigrationOut(Schema):
    matrix: Annotated[list[list[float | None]], Field(description="Shares of each row; null in a row without accounts.")]
    counts: Annotated[list[list[int]], Field(description="Accounts by level then (rows) and level at the date (columns).")]
    accounts: int
    since: date
    at: date


class EventQuery(Paging):
    after: Annotated[int, Field(0, ge=0, le=2**63 - 1, description="The id of the last event that you have.")]


class EventOut(Schema):
    id: int
    at: datetime
    act: str
    actor: str | None
    object_type: str
    object_id: int | None
    account: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    note: str | None


class EventList(Schema):
    items: list[EventOut]
    next: str | None


@router.get("/portfolio", response=PortfolioOut, by_alias=True, url_name="portfolio")
def portfolio(request: SignedInRequest) -> dict[str, Any]:
    """Of the active accounts that you see."""
    today = days.today()
    accounts = Account.objects.visible_to(request.user).active()
    overview = cached_figures("overview", scope_of(request.user), today, make=lambda: queries.overview_of(accounts, today))
    concerns = queries.concerns_of(overview, accounts)
    by_status = dict(accounts.order_by().values_list("target_status").annotate(Count("pk")))
    ladder, figures = overview.ladder, overview.figures
    return {
        "accounts": ladder.accounts,
        "revenue": ladder.worth,
        "currency": organisation.reporting_currency(),
        "without_rate": figures.no_rate,
        "by_level": {str(rung.level): rung.now.accounts for rung in ladder.rungs},
        "only_our_view": ladder.only_our_view.accounts,
        "not_assessed": ladder.not_assessed.accounts,
        "revenue_parts": {
            "by_level": {str(rung.level): rung.now.worth for rung in ladder.rungs},
            "only_our_view": ladder.only_our_view.worth,
            "not_assessed": ladder.not_assessed.worth,
        },
        "climbed": ladder.climbed,
        "slid": ladder.slid,
        "by_status": {status: by_status.get(status, 0) for status in Account.TargetStatus.values},
        "targets_expected": figures.targets_expected,
        "reached": {"climb": figures.climbs_reached, "hold": figures.holds_reached},
        "mean_gap": figures.mean_gap,
        "with_both_views": figures.gaps,
        "needs_attention": [
            {
                "id": concern.account.pk,
                "name": concern.account.name,
                "reason": concern.reason,
                "customer_level": concern.account.customer_level,
                "team_level": concern.account.team_level,
                "revenue": concern.account.worth,
            }
            for concern in concerns
        ],
    }


@router.get("/benchmarks/migration", response=MigrationOut, url_name="migration")
def migration(request: SignedInRequest, query: Query[MigrationQuery]) -> dict[str, Any]:
    """Where the customers of the accounts that you see had them then, and where at the date; by the newest edition with enough
    results.
    """
    today = days.today()
    at = query.at or today
    if not EARLIEST <= at <= today:
        told = _("Choose a date from 1990 on, today or earlier.")
        raise ApiProblem(422, told, [{"parameter": "at", "detail": told}])
    visible = Account.objects.visible_to(request.user).active()
    accounts = AccountFilter({"segment": query.segment}, user=request.user, queryset=visible).qs
    since = months_after(at, -query.months)
    question = BenchmarkQuestion(since=since, at=at, segment=query.segment)

    def make() -> Migration:
        results = results_of(accounts)
        newest = newest_with_enough(results.until(at), [one.edition_ids for one in measures()])
        return migration_of(results, replace(question, editions=newest))

    found = cached_figures("migration", scope_of(request.user), today, question, make=make)
    return {
        "matrix": [list(row) or [None] * LEVELS for row in found.shares],
        "counts": [list(row) for row in found.counts],
        "accounts": found.accounts,
        "since": since,
        "at": at,
    }


@router.get("/events", response=EventList, url_name="events")
def events(request: SignedInRequest, query: Query[EventQuery]) -> dict[str, Any]:
    """What happened to the accounts that you see, oldest first. Ask again with `after` the last id that you have."""
    rows = Event.objects.filter(account_id__isnull=False, pk__gt=query.after).select_related("actor")
    if not request.user.sees_all_accounts:
        rows = rows.filter(account_id__in=Account.objects.visible_to(request.user).values("pk"))
    return page_of(rows, query, lambda found: [_event(event) for event in found])


def _event(event: Event) -> dict[str, Any]:
    told = event.object_type in TOLD and event.redacted_on is None
    return {
        "id": event.pk,
        "at": event.at,
        "act": event.act,
        "actor": event.actor.email if event.actor else None,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "account": event.account_id,
        "before": _without(event.before) if told else None,
        "after": _without(event.after) if told else None,
        "note": (event.note or None) if told else None,
    }


def _without(content: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if content is None else {name: value for name, value in content.items() if name not in NOT_TOLD}
