"""The last step of an import: one transaction that checks again and writes, or writes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import batched, chain
from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts import derived
from accounts.changing import account_snapshot
from accounts.importing.check import NEW_CONTACT, check
from accounts.importing.mapping import Mapping
from accounts.importing.people import Options
from accounts.importing.plan import Outcome, Plan, PlannedRow
from accounts.importing.read import Table
from accounts.importing.rows import Problem
from accounts.models import Account, Contact, Tag
from audit import trail

BATCH = 500
_IMPORT_LOCK = 0x496D706F7274  # "Import": on PostgreSQL one at a time, so that two of one list make it once


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did; `written` is False when rejected rows kept all of it from being stored."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    problems: list[Problem] = field(default_factory=list)
    written: bool = True
    kept: list[tuple[int, int]] = field(default_factory=list)  # of each event in the trail its id, and the version of its object

    @property
    def summary(self) -> str:
        """The line that scripts read; not translated."""
        return ", ".join(f"{name} {getattr(self, name)}" for name in ("created", "updated", "unchanged", "rejected"))


def apply(
    table: Table,
    mapping: Mapping,
    options: Options,
    *,
    skip_rejected: bool = False,
    dry_run: bool = False,
    note: str = "",
    watch: Callable[[], None] = lambda: None,
) -> Report:
    """Import the table: all rows or, when one is rejected, none; with `skip_rejected` the other ones.

    `note` says in the trail where the changes come from. A dry run reports what would happen. `watch` is called again and
    again on the way; what it raises undoes all.
    """
    try:
        return _apply_once(table, mapping, options, skip_rejected, dry_run, note, watch)
    except IntegrityError:
        # Someone took an external id between our check and our write. The second check sees it.
        return _apply_once(table, mapping, options, skip_rejected, dry_run, note, watch)


@transaction.atomic
def _apply_once(
    table: Table, mapping: Mapping, options: Options, skip_rejected: bool, dry_run: bool, note: str, watch: Callable[[], None]
) -> Report:
    one_at_a_time()
    plan = check(table, mapping, options, lock=not dry_run)
    watch()
    counts, problems = plan.counts, plan.problems
    if problems and not skip_rejected:
        return Report(0, 0, counts["unchanged"], counts["rejected"], problems, written=False)
    kept = [] if dry_run else _write(plan, options, note, watch)
    return Report(**counts, problems=problems, written=not dry_run, kept=kept)


def _write(plan: Plan, options: Options, note: str, watch: Callable[[], None]) -> list[tuple[int, int]]:
    created, updated = plan.of(Outcome.CREATED), plan.of(Outcome.UPDATED)
    before = {row.account.pk: account_snapshot(row.account) for row in updated if row.account}
    people_before = {row.contact.pk: trail.snapshot(row.contact) for row in updated if row.contact}
    _create_accounts(created)
    _set_parents(created + updated)
    _update_accounts(updated)
    _add_tags(created + updated)
    made, changed = _write_contacts(created + updated)
    changes = chain(_account_changes(created, updated, before, note), _contact_changes(made, changed, people_before, note))
    kept = []
    for batch in batched(changes, BATCH):  # the events of a long list would fill the memory
        watch()
        objects: list[Any] = [change.obj for change in batch]
        events = trail.record_many(batch, by=options.by)
        kept += [(event.pk, obj.version) for event, obj in zip(events, objects, strict=True)]
    return kept


def _create_accounts(rows: list[PlannedRow]) -> None:
    for row in rows:
        row.account = Account(**row.columns)
    fresh = [row.account for row in rows if row.account]
    derived.preset(fresh)
    Account.objects.bulk_create(fresh, batch_size=BATCH)


def _set_parents(rows: list[PlannedRow]) -> None:
    made = {row.line: row.account for row in rows}
    children = []
    for row in rows:
        if row.parent and row.account:
            kind, number = row.parent
            above = made.get(number) if kind == "row" else None
            row.account.parent_id = above.pk if above else number
            children.append(row.account)
    Account.objects.bulk_update(children, ["parent"], batch_size=BATCH)


def _update_accounts(rows: list[PlannedRow]) -> None:
    """Store the columns that differ and raise the version, so that a form opened before is stale."""
    changed, names = [], {"version"}
    for row in rows:
        if row.account and (row.columns or row.parent or row.new_tags):
            for name, value in row.columns.items():
                setattr(row.account, name, value)
            row.account.version += 1
            names |= set(row.columns)
            changed.append(row.account)
    Account.objects.bulk_update(changed, sorted(names), batch_size=BATCH)
    if {"revenue", "currency"} & names:
        derived.refresh(account.pk for account in changed)


def _add_tags(rows: list[PlannedRow]) -> None:
    wanted = {name for row in rows for name in row.new_tags}
    if not wanted:
        return
    known = {tag.name.casefold(): tag for tag in Tag.objects.all()}
    fresh = {name.casefold(): Tag(name=name) for name in sorted(wanted) if name.casefold() not in known}
    Tag.objects.bulk_create(fresh.values(), batch_size=BATCH)
    known |= fresh
    through = Account.tags.through
    links = {(row.account.pk, known[name.casefold()].pk) for row in rows if row.account for name in row.new_tags}
    through.objects.bulk_create([through(account_id=account, tag_id=tag) for account, tag in sorted(links)], batch_size=BATCH)


def _account_changes(
    created: list[PlannedRow], updated: list[PlannedRow], before: dict[int, dict[str, Any]], note: str
) -> Iterable[trail.Change]:
    for row in created:
        if row.account:
            after = account_snapshot(row.account) | _tags_note(row)
            yield trail.Change("account.created", row.account, after=after, note=note)
    for row in updated:
        if row.account and (row.columns or row.parent or row.new_tags):
            old, new = trail.difference(before[row.account.pk], account_snapshot(row.account))
            yield trail.Change("account.changed", row.account, old, new | _tags_note(row), note)


def _tags_note(row: PlannedRow) -> dict[str, Any]:
    return {"tags_added": row.new_tags} if row.new_tags else {}


def _write_contacts(rows: list[PlannedRow]) -> tuple[list[Contact], list[Contact]]:
    """Make or change the people whom the rows name; those made and those changed."""
    made, changed = [], []
    for row in rows:
        if not row.contact_columns:
            continue
        if row.contact is None:
            made.append(Contact(account=row.account, **NEW_CONTACT, **row.contact_columns))
            continue
        for name, value in row.contact_columns.items():
            setattr(row.contact, name, value)
        row.contact.version += 1
        changed.append(row.contact)
    Contact.objects.bulk_create(made, batch_size=BATCH)
    Contact.objects.bulk_update(changed, ["name", "email", "title", "version"], batch_size=BATCH)
    return made, changed


def _contact_changes(
    made: list[Contact], changed: list[Contact], before: dict[int, dict[str, Any]], note: str
) -> Iterable[trail.Change]:
    for person in made:
        yield trail.Change("contact.created", person, after=trail.snapshot(person), note=note)
    for person in changed:
        old, new = trail.difference(before[person.pk], trail.snapshot(person))
        yield trail.Change("contact.changed", person, old, new, note)


def one_at_a_time() -> None:
    """Until the end of the transaction no other import runs."""
    # SQLite's IMMEDIATE transactions already let one writer in at a time.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORT_LOCK])
