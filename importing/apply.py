"""The last step of an import: one transaction that checks again and writes, or writes nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django.db import IntegrityError, connection, transaction

from accounts import derived
from accounts.acts.changing import account_snapshot
from accounts.models import Account, Contact, Tag, User
from audit import trail
from core.bulk_insert import insert_many
from importing.bounded import PairsOfNumbers, Postponed, reserved_ids
from importing.check import NEW_CONTACT, check
from importing.look_alikes import LookAlikes
from importing.mapping import Mapping
from importing.owner_lookup import Options
from importing.plan import Outcome, Plan, PlannedRow
from importing.reading.table import Table
from importing.rejected import RejectedRows
from importing.rows import Problem

BATCH = 500
_IMPORT_LOCK = 0x496D706F7274  # "Import": on PostgreSQL one at a time, so that two of one list make it once


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did; `written` is False when rejected rows kept all of it from being stored."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    problems: list[Problem] = field(default_factory=list)  # of very many the first
    written: bool = True
    kept: Iterable[tuple[int, int]] = ()  # of each event in the trail its id, and the version of its object
    more_problems: int = 0
    passed_over: int = 0  # rows that the importer chose to leave out
    alike: LookAlikes | None = None  # new rows that look like what was here, if that was asked
    left_out: bytes = b""  # the rejected rows as a file, see `rejected.py`

    @classmethod
    def of(cls, counts: dict[str, int], **told: Any) -> Self:
        """With the number of rows of each outcome."""
        created, updated, unchanged, rejected = (counts[outcome] for outcome in Outcome)
        return cls(created, updated, unchanged, rejected, **told)

    @property
    def summary(self) -> str:
        """The line that scripts read; not translated."""
        return ", ".join(f"{name} {getattr(self, name)}" for name in ("created", "updated", "unchanged", "rejected"))


@dataclass(slots=True)
class Written:
    """What was written of a plan, as it goes on."""

    left_out: RejectedRows
    kept: PairsOfNumbers = field(default_factory=PairsOfNumbers)
    counts: Counter[str] = field(default_factory=Counter)


def apply(
    table: Table,
    mapping: Mapping,
    options: Options,
    *,
    skip_rejected: bool = False,
    dry_run: bool = False,
    alike: bool = False,
    note: str = "",
    watch: Callable[[], None] = lambda: None,
) -> Report:
    """Import the table: all rows or, when one is rejected, none; with `skip_rejected` the other ones.

    `note` says in the trail where the changes come from. A dry run reports what would happen. `alike` asks which new rows look
    like what was here before. `watch` is called again and again on the way; what it raises undoes all. The rows are gone through twice, some hundreds in the memory at a time.
    """
    try:
        return _apply_once(table, mapping, options, skip_rejected, dry_run, alike, note, watch)
    except IntegrityError:
        # Someone took an external id between our check and our write. The second check sees it.
        return _apply_once(table, mapping, options, skip_rejected, dry_run, alike, note, watch)


@transaction.atomic
def _apply_once(
    table: Table, mapping: Mapping, options: Options, skip_rejected: bool, dry_run: bool, alike: bool, note: str,
    watch: Callable[[], None],
) -> Report:  # fmt: skip
    one_at_a_time()
    plan = check(table, mapping, options, lock=not dry_run, alike=alike)
    watch()
    counts, problems = plan.counts, plan.problems
    told: dict[str, Any] = {
        "problems": problems,
        "more_problems": plan.more_problems,
        "passed_over": plan.passed_over,
        "alike": plan.alike,
    }
    if problems and not skip_rejected:
        return replace(Report.of(counts, written=False, **told), created=0, updated=0)
    if dry_run:
        return Report.of(counts, written=False, **told)
    done = Written(RejectedRows(table))
    _write(plan, options, note, watch, done)
    return Report.of(done.counts, kept=done.kept, left_out=done.left_out.content(), **told)


def _write(plan: Plan, options: Options, note: str, watch: Callable[[], None], done: Written) -> None:
    """Store the rows, and when all are stored their events: while it holds the trail an act waits for no row of another."""
    ids = _Ids(plan)
    with Postponed() as events:
        for rows in plan.again():
            watch()
            _write_rows(rows, ids, events, note)
            done.left_out.add(rows)
            done.counts.update(row.outcome.value for row in rows)
        done.kept = tell_trail(events.batches(BATCH), by=options.by, watch=watch)


def _write_rows(rows: list[PlannedRow], ids: "_Ids", events: Postponed, note: str) -> None:
    created = [row for row in rows if row.outcome is Outcome.CREATED]
    updated = [row for row in rows if row.outcome is Outcome.UPDATED]
    before = {row.account.pk: account_snapshot(row.account) for row in updated if row.account}
    people_before = {row.contact.pk: trail.snapshot(row.contact) for row in updated if row.contact}
    _create_accounts(created, ids)
    _update_accounts(updated, ids)
    _add_tags(created + updated)
    made, changed = _write_contacts(created + updated)
    events.add(_account_changes(created, updated, before, note))
    events.add(_contact_changes(made, changed, people_before, note))


class _Ids:
    """The ids of the accounts that a plan makes, known before they are stored: a parent may stand below its children."""

    def __init__(self, plan: Plan) -> None:
        self._free = iter(reserved_ids(Account, plan.counts[Outcome.CREATED]))
        self._of_parents = {line: next(self._free) for line in plan.made_parents}

    def of(self, row: PlannedRow) -> int:
        """The id of the account that this row makes."""
        return self._of_parents.get(row.line) or next(self._free)

    def parent(self, row: PlannedRow) -> int | None:
        return self._of_parents[-row.parent] if row.parent and row.parent < 0 else row.parent


def _create_accounts(rows: list[PlannedRow], ids: _Ids) -> None:
    for row in rows:
        row.account = Account(pk=ids.of(row), parent_id=ids.parent(row), **row.columns)
    fresh = [row.account for row in rows if row.account]
    derived.set_initial_columns(fresh)
    insert_many(fresh)


def _update_accounts(rows: list[PlannedRow], ids: _Ids) -> None:
    """Store the columns that differ and raise the version, so that a form opened before is stale."""
    changed, names = [], {"version"}
    for row in rows:
        if row.account and (row.columns or row.parent or row.new_tags):
            for name, value in row.columns.items():
                setattr(row.account, name, value)
            if row.parent:
                row.account.parent_id = ids.parent(row)
                names.add("parent")
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
    insert_many(made)
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


def tell_trail(batches: Iterable[Sequence[trail.Change]], *, by: User | None, watch: Callable[[], None]) -> PairsOfNumbers:
    """Record the changes; of each its event and the version that its object got. The events of a long list would fill the memory."""
    kept = PairsOfNumbers()
    for changes in batches:
        watch()
        objects: list[Any] = [change.obj for change in changes]
        events = trail.record_many(changes, by=by)
        kept.extend((event.pk, obj.version) for event, obj in zip(events, objects, strict=True))
    return kept


def one_at_a_time() -> None:
    """Until the end of the transaction no other import runs."""
    # SQLite's IMMEDIATE transactions already let one writer in at a time.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORT_LOCK])
