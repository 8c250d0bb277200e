"""A list of contacts stored: one transaction that checks again and writes, or writes nothing."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import batched

from django.db import IntegrityError, transaction

from accounts.acts.changing import contact_snapshot
from accounts.models import Contact
from audit import trail
from core.bulk_insert import insert_many
from importing.apply import BATCH, Report, one_at_a_time, tell_trail
from importing.bounded import Postponed, reserved_ids
from importing.lists.contacts.check import check
from importing.lists.contacts.rows import ContactRow
from importing.mapping import Mapping
from importing.owner_lookup import Options
from importing.plan import Outcome
from importing.reading.table import Table
from importing.rejected import rejected_csv
from importing.row_plan import RowPlan


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
    made = _Made(plan)
    with Postponed() as events:
        for outcome, store in ((Outcome.CREATED, _create), (Outcome.UPDATED, _update)):
            for rows in batched(plan.all_of(outcome), BATCH):
                watch()
                events.add(store(rows, made, note))
        # When all are stored: while it holds the trail an act waits for no row of another.
        return tell_trail(events.batches(BATCH), by=options.by, watch=watch)


class _Made:
    """The ids of the people whom a plan makes, known before they are stored: a superior may stand below in the file."""

    def __init__(self, plan: RowPlan) -> None:
        self._of_rows = array("q", [0]) * len(plan.table.rows)
        ids = reserved_ids(Contact, plan.counts[Outcome.CREATED])
        for number, pk in zip(plan.numbers(Outcome.CREATED), ids, strict=True):
            self._of_rows[number] = pk

    def id(self, row: ContactRow) -> int:
        return self._of_rows[row.number]

    def boss(self, row: ContactRow) -> int | None:
        """The id of the one whom they report to."""
        if row.boss is None:
            return None
        where, number = row.boss
        return self._of_rows[number] if where == "row" else number


def _create(rows: Sequence[ContactRow], made: _Made, note: str) -> list[trail.Change]:
    people = [Contact(pk=made.id(row), account_id=row.account_id, reports_to_id=made.boss(row), **row.columns) for row in rows]
    insert_many(people)
    return [trail.Change("contact.created", person, after=contact_snapshot(person), note=note) for person in people]


def _update(rows: Sequence[ContactRow], made: _Made, note: str) -> list[trail.Change]:
    """Store what differs, each with its version raised, so that a form opened before is stale."""
    changes, names = [], {"version"}
    for row in rows:
        before = contact_snapshot(row.person)
        for name, value in row.columns.items():
            setattr(row.person, name, value)
        names |= row.columns.keys()
        if row.boss:
            row.person.reports_to_id = made.boss(row)
            names.add("reports_to")
        row.person.version += 1
        changes.append(trail.Change("contact.changed", row.person, *trail.difference(before, contact_snapshot(row.person)), note))
    # Each column of each row takes its time and its memory to write down.
    Contact.objects.bulk_update([row.person for row in rows], sorted(names), batch_size=200)
    return changes
