"""A whole import taken back, in one transaction: what it changed is as it was before, what it made is gone.

What somebody touched since stays as it is, and is named. What stood in a row before comes from the trail.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import derived, owned_fields
from accounts.bulk_models import BulkBatch
from accounts.changing import account_snapshot
from accounts.import_models import ImportJob
from accounts.importing.apply import BATCH, one_at_a_time
from accounts.importing.contacts.apply import STORED
from accounts.importing.kinds import kind_of
from accounts.importing.undo_checks import (
    Reach,
    boss_gone,
    columns_before,
    email_taken,
    hanging_on,
    identity_taken,
    in_a_circle,
    known_values,
    owned_since,
)
from accounts.models import Account, Contact, Tag, User
from audit import trail
from audit.models import Event
from audit.redaction import redact

AT_ONCE = 2000  # changes; more are left to the worker
NAMED = 100  # accounts that are named in the report
LINKS = {"owner_id", "team_id", "parent_id"}
Why = BulkBatch.Why


@dataclass(slots=True)
class Done:
    """What an import did and what became of it."""

    events: dict[tuple[str, int], tuple[Event, int]]  # of (kind of object, id): the event and the version it made
    left: dict[int, str] = field(default_factory=dict)  # account -> why; also of its contacts
    restored: int = 0
    removed: int = 0
    kept: int = 0  # objects

    def of(self, act: str) -> dict[int, tuple[Event, int]]:
        return {pk: found for (_kind, pk), found in self.events.items() if found[0].act == act}

    def leave(self, account_id: int | None, why: str) -> None:
        self.kept += 1
        self.left.setdefault(account_id or 0, why)


@transaction.atomic
def undo(job: ImportJob, *, by: User) -> ImportJob:
    """Take it back, or tell the worker to; a second time does nothing."""
    from accounts.tasks import import_list

    job = ImportJob.objects.of(by).select_for_update().get(pk=job.pk)
    if not job.may_be_undone:
        return job
    job.undo_started_at, job.failure = timezone.now(), ""
    job.moved_at = job.undo_started_at
    job.save(update_fields=["undo_started_at", "moved_at", "failure"])
    if sum(len(changes) for changes in job.batches.values_list("changes", flat=True)) <= AT_ONCE:
        return take_back(job.pk)
    transaction.on_commit(lambda: import_list.enqueue(job.pk), robust=True)
    return job


@transaction.atomic
def take_back(job_id: int) -> ImportJob:
    """Do it, once."""
    one_at_a_time()
    job = ImportJob.objects.select_for_update(of=("self",)).select_related("user").get(pk=job_id)
    if not job.is_being_undone:
        return job
    note = _("Import of %(file)s taken back") % {"file": job.filename}
    done = Done(_events(job))
    take_back_its_own = kind_of(job).undo(done)  # locks what apps above have before the accounts, as their acts do
    accounts = locked(Account, {event.account_id or 0 for event, _version in done.events.values()})
    contacts = locked(Contact, done.of("contact.created") | done.of("contact.changed"))
    reach = Reach(job.user)
    own = take_back_its_own(accounts, reach)
    changes = own.changes + _restore_accounts(done, accounts, reach) + _restore_contacts(done, contacts, accounts, reach)
    gone, people = _to_remove(done, accounts, contacts, reach)
    changes += [trail.Change("contact.removed", person) for person in people]
    changes += [trail.Change("account.removed", account) for account in gone]
    for batch in batched(changes, BATCH):
        trail.record_many((trail.Change(one.act, one.obj, one.before, one.after, note) for one in batch), by=job.user)
    remove(Contact, people)
    remove(Account, gone)
    done.removed = len(gone) + len(people) + own.removed
    done.restored = len(changes) - done.removed
    job.undone_at = timezone.now()
    job.undo_report = {
        "restored": done.restored,
        "removed": done.removed,
        "kept": done.kept,
        "left": [[pk, why] for pk, why in sorted(done.left.items())[:NAMED]],
    }
    job.save(update_fields=["undone_at", "undo_report"])
    figures = {name: job.undo_report[name] for name in ("restored", "removed", "kept")}
    trail.record("import.taken_back", job, by=job.user, after=figures, note=note)
    # The people are gone: nothing of them stays in the trail either.
    redact((done.events["accounts.contact", pk][0] for pk in _pks(people)), job, by=job.user, clean=_without_content)
    return job


def left_alone(job: ImportJob, user: User) -> list[tuple[Account, str]]:
    """Some of the accounts that stayed as they were, or some of whose contacts did, each with the reason in words."""
    left = dict((job.undo_report or {}).get("left", []))
    accounts = Account.objects.visible_to(user).filter(pk__in=left).order_by("name", "pk")
    return [(account, Why(left[account.pk]).told(account)) for account in accounts]


def _events(job: ImportJob) -> dict[tuple[str, int], tuple[Event, int]]:
    found: dict[tuple[str, int], tuple[Event, int]] = {}
    for changes in job.batches.order_by("number").values_list("changes", flat=True):
        for some in batched(changes, BATCH):
            versions = dict(some)
            for event in Event.objects.filter(pk__in=versions).defer("hash", "previous_hash", "content_hash"):
                found[event.object_type, event.object_id or 0] = (event, versions[event.pk])
    return found


def _restore_accounts(done: Done, accounts: dict[int, Any], reach: Reach) -> list[trail.Change]:
    """Give each account back what it had; what the trail says of it."""
    changed = done.of("account.changed")
    befores = {pk: columns_before(event) for pk, (event, _version) in changed.items()}
    known = known_values(befores.values())
    taken = identity_taken({pk: before for pk, before in befores.items() if pk in accounts}, accounts)
    free, rules = {}, owned_fields.rules()
    for pk, (event, version) in sorted(changed.items()):
        account, before = accounts.get(pk), befores[pk]
        if account is None or account.version != version:
            done.leave(pk, Why.CHANGED)
        elif not reach.may(account, before):
            done.leave(pk, Why.OUT_OF_REACH)
        elif owned_since(event, owned_fields.owned_of(account, rules)):
            done.leave(pk, Why.OWNED)
        elif event.redacted_on or not known(before) or pk in taken:
            done.leave(pk, Why.GONE)
        else:
            free[pk] = account
    for pk in in_a_circle({pk: befores[pk]["parent_id"] for pk in free if "parent_id" in befores[pk]}):
        del free[pk]
        done.leave(pk, Why.GONE)
    changes, names, tags = [], set(), {}
    for pk, account in free.items():
        old, added = account_snapshot(account), (changed[pk][0].after or {}).get("tags_added", [])
        for name, value in befores[pk].items():
            setattr(account, name, value)
        account.version += 1
        names |= set(befores[pk])
        tags[pk] = [name.casefold() for name in added]
        was, now = trail.difference(old, account_snapshot(account))
        changes.append(trail.Change("account.changed", account, was, now | ({"tags_removed": added} if added else {})))
    columns = {name.removesuffix("_id") if name in LINKS else name for name in names}  # `bulk_update` wants “owner”
    rows: list[Any] = [one.obj for one in changes]
    Account.objects.bulk_update(rows, [*sorted(columns), "version"], batch_size=200)
    _untag(tags)
    if {"revenue", "currency"} & names:
        derived.refresh(_pks(rows))
    return changes


def _untag(tags: dict[int, list[str]]) -> None:
    """Take these tags, in small letters, off these accounts."""
    wanted = {name for names in tags.values() for name in names}
    known = {tag.name.casefold(): tag.pk for tag in Tag.objects.all()} if wanted else {}
    through = Account.tags.through
    for pk, names in tags.items():
        if names:
            through.objects.filter(account=pk, tag__in=[known[name] for name in names if name in known]).delete()


def _restore_contacts(done: Done, contacts: dict[int, Any], accounts: dict[int, Any], reach: Reach) -> list[trail.Change]:
    changed = done.of("contact.changed")
    befores = {pk: columns_before(event, Contact) for pk, (event, _version) in changed.items()}
    there = {pk: before for pk, before in befores.items() if pk in contacts}
    taken = email_taken(there, contacts) | boss_gone(there, contacts)
    changes = []
    for pk, (event, version) in sorted(changed.items()):
        person = contacts.get(pk)
        if person is None or person.version != version:
            done.leave(event.account_id, Why.CHANGED)
        elif not reach.may(accounts[person.account_id]):
            done.leave(event.account_id, Why.OUT_OF_REACH)
        elif event.redacted_on or pk in taken:
            done.leave(event.account_id, Why.GONE)
        else:
            old = trail.snapshot(person)
            for name, value in befores[pk].items():
                setattr(person, name, value)
            person.version += 1
            was, now = trail.difference(old, trail.snapshot(person))
            changes.append(trail.Change("contact.changed", person, was, now))
    rows: list[Any] = [one.obj for one in changes]
    Contact.objects.bulk_update(rows, [*STORED, "version"], batch_size=BATCH)
    return changes


def _to_remove(done: Done, accounts: dict[int, Any], contacts: dict[int, Any], reach: Reach) -> tuple[list[Any], list[Any]]:
    """The accounts and the people that the import made and that nobody needs. An account that is left keeps its people."""
    made, made_people = done.of("account.created"), done.of("contact.created")
    in_use = hanging_on(Contact, made_people, besides=(Contact,))
    people = {
        pk: contacts[pk]
        for pk, (_event, version) in made_people.items()
        if pk in contacts and contacts[pk].version == version and pk not in in_use
    }
    for pk in _with_some_below_that_stay(Contact, "reports_to", set(people)):
        del people[pk]
    in_use = hanging_on(Account, made, besides=(Account, Contact)) | _with_other_people(made, people)
    free = set()
    for pk, (_event, version) in made.items():
        if pk not in accounts or accounts[pk].version != version:
            done.leave(pk, Why.CHANGED)
        elif not reach.may(accounts[pk]):
            done.leave(pk, Why.OUT_OF_REACH)
        elif pk in in_use:
            done.leave(pk, Why.IN_USE)
        else:
            free.add(pk)
    for pk in _with_some_below_that_stay(Account, "parent", free):
        free.remove(pk)
        done.leave(pk, Why.IN_USE)
    going = []
    for pk, (event, _version) in made_people.items():
        account_id = event.account_id or 0
        if account_id in free:
            going.append(people[pk])
        elif account_id in made:
            done.kept += 1
        elif pk not in people:
            done.leave(account_id, Why.IN_USE)
        elif not reach.may(accounts[account_id]):
            done.leave(account_id, Why.OUT_OF_REACH)
        else:
            going.append(people[pk])
    return [accounts[pk] for pk in sorted(free)], sorted(going, key=lambda person: person.pk)


def _with_other_people(made: Iterable[int], people: dict[int, Any]) -> set[int]:
    """Those of these accounts that have a contact besides `people`."""
    found: set[int] = set()
    for batch in batched(sorted(made), BATCH):
        pairs = Contact.objects.filter(account__in=batch).order_by().values_list("account_id", "pk")
        found |= {account for account, pk in pairs if pk not in people}
    return found


def _with_some_below_that_stay(model: type[models.Model], above: str, free: set[int]) -> set[int]:
    """Those of `free` below which another one stays, and those above such a one; `above` is the column that says below whom."""
    pairs = [
        pair
        for batch in batched(sorted(free), BATCH)
        for pair in model._base_manager.filter(**{f"{above}__in": batch}).order_by().values_list("pk", above)
    ]
    staying: set[int] = set()
    while more := {parent for child, parent in pairs if child not in free or child in staying} - staying:
        staying |= more
    return staying


def locked(model: type[models.Model], pks: Iterable[int]) -> dict[int, Any]:
    """These rows by id, held until the transaction ends."""
    return {row.pk: row for row in _rows(model, pks)}


def _rows(model: type[models.Model], pks: Iterable[int]) -> Iterator[models.Model]:
    for batch in batched(sorted(pks), BATCH):
        yield from model._base_manager.filter(pk__in=batch).order_by("pk").select_for_update(of=("self",))


def remove(model: type[models.Model], rows: list[Any]) -> None:
    for batch in batched(_pks(rows), BATCH):
        model._base_manager.filter(pk__in=batch).delete()


def _pks(rows: list[Any]) -> list[int]:
    return [row.pk for row in rows]


def _without_content(event: Event) -> dict[str, Any]:
    return {"before": None, "after": None, "note": ""}
