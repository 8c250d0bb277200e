"""A list of contacts stored: one transaction that checks again and writes, or writes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import batched

from django.db import IntegrityError, transaction

from accounts.changing import contact_snapshot
from accounts.importing.apply import BATCH, Report, one_at_a_time, tell_trail
from accounts.importing.bounded import Postponed
from accounts.importing.contacts.check import check
from accounts.importing.contacts.rows import ContactRow
from accounts.importing.kinds import RowPlan
from accounts.importing.mapping import Mapping
from accounts.importing.people import Options
from accounts.importing.plan import Outcome
from accounts.importing.read import Table
from accounts.importing.rejected import rejected_csv
from accounts.models import Contact
from audit import trail

STORED = ("name", "email", "title", "buying_role", "influence", "language", "reports_to", "active", "do_not_ask")


def apply(
    table: Table, mapping: Mapping, options: Options, *, skip_rejected: bool = False, note: str = "",
    watch: Callable[[], None] = lambda: None,
) -> Report:  # fmt: skip
    """Import the people: all rows or, when one is rejected, none; with `skip_rejected` the other ones.

    `note` says in the trail where the changes come from. `watch` is called on the way; what it raises undoes all.
    """
    try:
        return _apply_once(table, mapping, options, skip_rejected, note, watch)
    except IntegrityError:
        # Someone gave an address by hand between our check and our write. The second check sees it.
        return _apply_once(table, mapping, options, skip_rejected, note, watch)


@transaction.atomic
def _apply_once(
    table: Table, mapping: Mapping, options: Options, skip_rejected: bool, note: str, watch: Callable[[], None]
) -> Report:
    one_at_a_time()
    plan = check(table, mapping, options, lock=True)
    watch()
    report = Report.of(plan.counts, problems=plan.problems, more_problems=plan.more_problems)
    if report.problems and not skip_rejected:
        return replace(report, created=0, updated=0, written=False)
    left_out = rejected_csv(table, plan)
    return replace(report, kept=_write(plan, options, note, watch), left_out=left_out)


def _write(plan: RowPlan, options: Options, note: str, watch: Callable[[], None]) -> Iterable[tuple[int, int]]:
    created, updated = list(plan.all_of(Outcome.CREATED)), list(plan.all_of(Outcome.UPDATED))
    for batch in batched(created, BATCH):
        watch()
        for row in batch:
            row.contact = Contact(account_id=row.account_id, **row.columns)
        Contact.objects.bulk_create([row.person for row in batch])
    by_line = {row.line: row.person for row in created}  # who reports to someone new
    led = [row for row in created if row.boss]
    for row in led:
        row.person.reports_to_id = _boss_of(row, by_line)
    Contact.objects.bulk_update([row.person for row in led], ["reports_to"], batch_size=BATCH)
    with Postponed() as events:
        events.add(trail.Change("contact.created", row.person, after=contact_snapshot(row.person), note=note) for row in created)
        for batch in batched(updated, BATCH):
            watch()
            events.add(_update(batch, by_line, note))
        # When all are stored: while it holds the trail an act waits for no row of another.
        return tell_trail(events.batches(BATCH), by=options.by, watch=watch)


def _update(rows: Iterable[ContactRow], by_line: dict[int, Contact], note: str) -> list[trail.Change]:
    """Store what differs, each with its version raised, so that a form opened before is stale."""
    changes = []
    for row in rows:
        before = contact_snapshot(row.person)
        for name, value in row.columns.items():
            setattr(row.person, name, value)
        if row.boss:
            row.person.reports_to_id = _boss_of(row, by_line)
        row.person.version += 1
        changes.append(trail.Change("contact.changed", row.person, *trail.difference(before, contact_snapshot(row.person)), note))
    Contact.objects.bulk_update([row.person for row in rows], [*STORED, "version"])
    return changes


def _boss_of(row: ContactRow, by_line: dict[int, Contact]) -> int | None:
    where, number = row.boss or ("stored", 0)
    return by_line[number].pk if where == "row" else number
