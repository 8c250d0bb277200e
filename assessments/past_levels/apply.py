"""Import past levels: check every row, then write them in one transaction, or nothing."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import derived
from accounts.acts.changing import account_snapshot
from accounts.models import Account
from assessments.measurement.result import Result
from assessments.models import Assessment
from assessments.past_levels.check import Choices, HistoryPlan, PlannedResult, check
from assessments.rounds.closing import RESULT_FIELDS, fill
from audit import trail
from core.bulk_insert import insert_many
from hierarchy.models import Edition
from importing.apply import BATCH, Report, one_at_a_time, tell_trail
from importing.bounded import PairsOfNumbers, Postponed
from importing.owner_lookup import Directory
from importing.plan import Outcome
from importing.reading.table import Table
from importing.rejected import rejected_csv


@dataclass(frozen=True, slots=True)
class HistoryReport(Report):
    accounts_made: int = 0
    ambiguous_dates: int = 0


@transaction.atomic
def import_history(
    table: Table, choices: Choices, *, columns: dict[str, int] | None = None, skip_rejected: bool = False, dry_run: bool = False,
    note: str = "", watch: Callable[[], None] = lambda: None,
) -> HistoryReport:  # fmt: skip
    """Make a closed, *recorded* assessment of each row, or bring the one of that day up to what the row says.

    All rows or, when one is rejected, none; with `skip_rejected` the other ones. `columns` says which column holds what, else
    their names do. `note` says in the trail where they come from. What a row leaves empty stays as it is stored. `watch` is
    called on the way; what it raises undoes all. Raises WrongColumns, NoEdition. Statements: a fixed number, and a fixed
    number for each 500 rows.
    """
    one_at_a_time()
    plan = check(table, choices, columns=columns)
    watch()
    report = HistoryReport.of(
        plan.counts,
        problems=plan.problems,
        more_problems=plan.more_problems,
        written=not dry_run,
        accounts_made=len(plan.accounts_to_make),
        ambiguous_dates=plan.ambiguous,
    )
    if report.problems and not skip_rejected:
        return replace(report, created=0, updated=0, written=False, accounts_made=0)
    if dry_run:
        return report
    left_out = rejected_csv(table, plan)
    return replace(report, kept=_write(plan, choices, note, watch), left_out=left_out)


def _write(plan: HistoryPlan, choices: Choices, note: str, watch: Callable[[], None]) -> PairsOfNumbers:
    touched = array("q")  # accounts
    with Postponed() as events:
        made = _make_accounts(plan, choices, events, note, watch)
        now = timezone.now()
        for rows in batched(plan.all_of(Outcome.CREATED), BATCH):
            watch()
            fresh = [_fresh(row, made, plan.edition, now) for row in rows]
            insert_many(fresh)
            touched.extend(one.account_id for one in fresh)
            events.add(trail.Change("assessment.recorded", one, after=result_snapshot(one), note=note) for one in fresh)
        for some in batched(plan.changes(), BATCH):
            watch()
            touched.extend(_change({pk: plan.row(number).result for pk, number in some}, events, note))
        # Rows are locked before the trail is, everywhere: the other way round two acts could wait for each other.
        derived.refresh(touched)
        return tell_trail(events.batches(BATCH), by=choices.options.by, watch=watch)


def _make_accounts(
    plan: HistoryPlan, choices: Choices, events: Postponed, note: str, watch: Callable[[], None]
) -> dict[int, int]:
    """Make the accounts that are not here yet; the id of each by what the rows call it."""
    wanted = plan.accounts_to_make
    if not wanted:
        return {}
    owner, directory = choices.options.owner, Directory(choices.options)
    if owner is None:
        raise ValueError("accounts are made for an owner")
    team = directory.team_for(owner)
    made: dict[int, int] = {}
    for some in batched(wanted, BATCH):
        watch()
        fresh = [Account(name=plan.name_to_make(one), source=choices.source, owner=owner, team=team) for one in some]
        insert_many(fresh)
        made |= {one: account.pk for one, account in zip(some, fresh, strict=True)}
        events.add(trail.Change("account.created", account, after=account_snapshot(account), note=note) for account in fresh)
    return made


def _fresh(row: PlannedResult, made: dict[int, int], edition: Edition, now: datetime) -> Assessment:
    """The closed assessment to store."""
    held_on, result = row.past.held_on, row.result
    if held_on is None or result is None:
        raise ValueError("a row without a day or a result records nothing")
    assessment = Assessment(
        account_id=made[row.account] if row.makes_account else row.account,
        edition=edition,
        held_on=held_on,
        state=Assessment.State.CLOSED,
        origin=Assessment.Origin.RECORDED,
        opened_at=now,
        closed_at=now,
    )
    return fill(assessment, result)


def _change(results: dict[int, Result], events: Postponed, note: str) -> list[int]:
    """Store what differs in these recorded results, each with its version raised; the ids of their accounts."""
    changed, changes, names = [], [], {"version"}
    for stored in Assessment.objects.select_for_update().filter(pk__in=results).order_by("pk"):
        before = result_snapshot(stored)
        fill(stored, results[stored.pk])
        stored.version += 1
        after = result_snapshot(stored)
        names |= {name for name in RESULT_FIELDS if before[name] != after[name]}
        changed.append(stored)
        changes.append(trail.Change("assessment.record_changed", stored, before, after, note))
    Assessment.objects.bulk_update(changed, sorted(names), batch_size=200)
    events.add(changes)
    return [one.account_id for one in changed]


def result_snapshot(assessment: Assessment) -> dict[str, Any]:
    """The values of a recorded result for the trail."""
    return trail.snapshot(assessment, "held_on", *RESULT_FIELDS)
