"""A list of contacts stored: one transaction that checks again and writes, or writes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import batched, chain
from typing import Any

from django.db import IntegrityError, transaction

from accounts.changing import contact_snapshot
from accounts.importing.apply import BATCH, Report, one_at_a_time
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
    counts = plan.counts
    told = {"problems": plan.problems, "more_problems": plan.more_problems}
    report = Report(counts["created"], counts["updated"], counts["unchanged"], counts["rejected"], **told)
    if report.problems and not skip_rejected:
        return replace(report, created=0, updated=0, written=False)
    left_out = rejected_csv(table, plan)
    return replace(report, kept=_write(plan, options, note, watch), left_out=left_out)


def _write(plan: RowPlan, options: Options, note: str, watch: Callable[[], None]) -> list[tuple[int, int]]:
    created, updated = list(plan.all_of(Outcome.CREATED)), list(plan.all_of(Outcome.UPDATED))
    before = {row.person.pk: contact_snapshot(row.person) for row in updated}
    for row in created:
        row.contact = Contact(account_id=row.account_id, **row.columns)
    Contact.objects.bulk_create([row.person for row in created], batch_size=BATCH)
    by_line = {row.line: row.contact for row in plan.rows}
    for row in updated:
        for name, value in row.columns.items():
            setattr(row.person, name, value)
        row.person.version += 1
    for row in chain(created, updated):
        if row.boss:
            where, number = row.boss
            row.person.reports_to_id = by_line[number].pk if where == "row" else number
    Contact.objects.bulk_update([row.person for row in created if row.boss], ["reports_to"], batch_size=BATCH)
    Contact.objects.bulk_update([row.person for row in updated], [*STORED, "version"], batch_size=BATCH)
    kept = []
    for batch in batched(_changes(created, updated, before, note), BATCH):  # the events of a long list would fill the memory
        watch()
        people: list[Any] = [change.obj for change in batch]
        events = trail.record_many(batch, by=options.by)
        kept += [(event.pk, person.version) for event, person in zip(events, people, strict=True)]
    return kept


def _changes(created: list[ContactRow], updated: list[ContactRow], before: dict, note: str) -> Iterator[trail.Change]:
    for row in created:
        yield trail.Change("contact.created", row.person, after=contact_snapshot(row.person), note=note)
    for row in updated:
        old, new = trail.difference(before[row.person.pk], contact_snapshot(row.person))
        yield trail.Change("contact.changed", row.person, old, new, note)
