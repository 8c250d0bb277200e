"""The import of past levels: one transaction that checks every row and writes, or writes nothing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import batched, chain

from django.db import transaction
from django.utils import timezone

from accounts import derived
from accounts.changing import account_snapshot
from accounts.importing.apply import BATCH, Report, one_at_a_time, tell_trail
from accounts.importing.bounded import PairsOfNumbers
from accounts.importing.people import Directory
from accounts.importing.plan import Outcome
from accounts.importing.read import Table
from accounts.importing.rejected import rejected_csv
from accounts.models import Account
from assessments.closing import RESULT_FIELDS, fill
from assessments.importing.check import Choices, HistoryPlan, Planned, check
from assessments.models import Assessment
from audit import trail
from hierarchy.models import Edition


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
        accounts_made=len(plan.names_to_make()),
        ambiguous_dates=plan.ambiguous,
    )
    if report.problems and not skip_rejected:
        return replace(report, created=0, updated=0, written=False, accounts_made=0)
    if dry_run:
        return report
    left_out = rejected_csv(table, plan)
    return replace(report, kept=_write(plan, choices, note, watch), left_out=left_out)


def _write(plan: HistoryPlan, choices: Choices, note: str, watch: Callable[[], None]) -> PairsOfNumbers:
    made = _make_accounts(plan.names_to_make(), choices)
    fresh = list(_fresh(plan.all_of(Outcome.CREATED), made, plan.edition))
    Assessment.objects.bulk_create(fresh, batch_size=BATCH)
    before, changed = _change(list(plan.all_of(Outcome.UPDATED)))
    # Rows are locked before the trail is, everywhere: the other way round two acts could wait for each other.
    derived.refresh(one.account_id for one in chain(fresh, changed))
    changes = chain(
        (trail.Change("account.created", account, after=account_snapshot(account), note=note) for account in made.values()),
        (trail.Change("assessment.recorded", one, after=_told(one), note=note) for one in fresh),
        _changes(before, changed, note),
    )
    return tell_trail(batched(changes, BATCH), by=choices.options.by, watch=watch)


def _make_accounts(names: dict[str, str], choices: Choices) -> dict[str, Account]:
    if not names:
        return {}
    owner, directory = choices.options.owner, Directory(choices.options)
    if owner is None:
        raise ValueError("accounts are made for an owner")
    team = directory.team_for(owner)
    made = {folded: Account(name=name, source=choices.source, owner=owner, team=team) for folded, name in names.items()}
    Account.objects.bulk_create(made.values(), batch_size=BATCH)
    return made


def _fresh(rows: Iterable[Planned], made: dict[str, Account], edition: Edition | None) -> Iterator[Assessment]:
    """The closed assessments to store, all of one moment."""
    now = timezone.now()
    for row in rows:
        held_on, result = row.past.held_on, row.result
        if row.account is not None and held_on and result:
            assessment = Assessment(
                account_id=made[row.account].pk if isinstance(row.account, str) else row.account,
                edition=edition,
                held_on=held_on,
                state=Assessment.State.CLOSED,
                origin=Assessment.Origin.RECORDED,
                opened_at=now,
                closed_at=now,
            )
            yield fill(assessment, result)


def _change(rows: list[Planned]) -> tuple[dict[int, dict], list[Assessment]]:
    """Store what differs, each with its version raised; what was stored by id, and the changed results."""
    results = {row.stored.pk: row.result for row in rows if row.stored and row.result}
    before: dict[int, dict] = {}
    changed: list[Assessment] = []
    for batch in batched(sorted(results), BATCH):
        for stored in Assessment.objects.select_for_update().filter(pk__in=batch).order_by("pk"):
            before[stored.pk] = _told(stored)
            fill(stored, results[stored.pk])
            stored.version += 1
            changed.append(stored)
    Assessment.objects.bulk_update(changed, [*RESULT_FIELDS, "version"], batch_size=BATCH)
    return before, changed


def _changes(before: dict[int, dict], changed: list[Assessment], note: str) -> Iterator[trail.Change]:
    for one in changed:
        yield trail.Change("assessment.record_changed", one, before[one.pk], _told(one), note)


def _told(assessment: Assessment) -> dict:
    return trail.snapshot(assessment, "held_on", *RESULT_FIELDS)
