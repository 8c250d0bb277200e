"""Rows of a list of accounts written: accounts, their tags, and the one contact that a row may name."""

from collections.abc import Iterable, Sequence
from typing import Any

from accounts import derived
from accounts.acts.changing import account_snapshot, contact_snapshot
from accounts.models import Account, Contact, Tag
from audit import trail
from core.bulk_insert import insert_many
from core.bulk_update import update_many
from importing.lists.accounts.plan import NEW_CONTACT, PlannedAccount

BATCH = 500


def write(created: Sequence[PlannedAccount], updated: Sequence[PlannedAccount], note: str) -> list[trail.Change]:
    """Store what these rows change; the new accounts have their ids and parents already."""
    before = {one.account.pk: account_snapshot(one.account) for one in updated if one.account}
    people_before = {one.contact.pk: contact_snapshot(one.contact) for one in updated if one.contact}
    fresh = [one.account for one in created if one.account]
    derived.set_initial_columns(fresh)
    insert_many(fresh)
    _update(updated)
    _add_tags([*created, *updated])
    made, changed = _write_contacts([*created, *updated])
    return [
        *_account_changes(created, updated, before, note),
        *(trail.Change("contact.created", person, after=contact_snapshot(person), note=note) for person in made),
        *_contact_changes(changed, people_before, note),
    ]


def _update(rows: Sequence[PlannedAccount]) -> None:
    """Store the columns that differ and raise the version, so that a form opened before is stale."""
    changed, names = [], {"version"}
    for row in rows:
        if row.account and row.changes_account:
            for name, value in row.columns.items():
                setattr(row.account, name, value)
            if row.parent:
                row.account.parent_id = row.parent
                names.add("parent")
            row.account.version += 1
            names |= set(row.columns)
            changed.append(row.account)
    update_many(changed, sorted(names))
    if derived.TYPED_SOURCES & names:
        derived.refresh(account.pk for account in changed)


def _add_tags(rows: Sequence[PlannedAccount]) -> None:
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
    created: Sequence[PlannedAccount], updated: Sequence[PlannedAccount], before: dict[int, dict[str, Any]], note: str
) -> Iterable[trail.Change]:
    for row in created:
        if row.account:
            after = account_snapshot(row.account) | _tags_note(row)
            yield trail.Change("account.created", row.account, after=after, note=note)
    for row in updated:
        if row.account and row.changes_account:
            old, new = trail.difference(before[row.account.pk], account_snapshot(row.account))
            yield trail.Change("account.changed", row.account, old, new | _tags_note(row), note)


def _tags_note(row: PlannedAccount) -> dict[str, Any]:
    return {"tags_added": row.new_tags} if row.new_tags else {}


def _write_contacts(rows: Sequence[PlannedAccount]) -> tuple[list[Contact], list[Contact]]:
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
    update_many(changed, ["name", "email", "title", "version"])
    return made, changed


def _contact_changes(changed: Iterable[Contact], before: dict[int, dict[str, Any]], note: str) -> Iterable[trail.Change]:
    for person in changed:
        old, new = trail.difference(before[person.pk], contact_snapshot(person))
        yield trail.Change("contact.changed", person, old, new, note)
