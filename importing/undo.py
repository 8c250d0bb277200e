"""Take back a whole import in one transaction: restore what it changed, remove what it made.

Rows that somebody changed since stay as they are, and are listed in the report. The former values come from the trail.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import derived, owned_fields
from accounts.acts.changing import account_snapshot
from accounts.fields import CONTACT
from accounts.models import Account, Contact, Tag, User
from accounts.models.bulk_change import BulkBatch
from audit import trail
from audit.models import Event
from audit.redaction import redact
from importing.apply import BATCH, one_at_a_time
from importing.bounded import Postponed
from importing.kinds import kind_of
from importing.models import ImportJob
from importing.undo_checks import (
    Before,
    LockedAccount,
    LockedPart,
    Reach,
    boss_gone,
    columns_before,
    email_taken,
    hanging_on,
    identity_taken,
    in_a_circle,
    known_values,
    led_in_a_circle,
    locked_accounts,
    locked_parts,
    owned_since,
    touched,
)

NAMED = 100  # accounts that are named in the report
STORED = tuple(field.name for field in CONTACT if field.column)
LINKS = {"owner_id", "team_id", "parent_id"}
Why = BulkBatch.Why


@dataclass(slots=True)
class ImportedFact:
    """One change that the import made, from its event in the trail, and the version that the object got."""

    event_id: int
    at: datetime
    account_id: int
    redacted: bool
    version: int
    before: dict[str, Any] | None  # of what was changed: the columns that differed
    tags_added: list[str]

    @property
    def names(self) -> set[str]:
        """The fields that were changed."""
        return {*(self.before or {}), *(["tags"] if self.tags_added else [])}


@dataclass(slots=True)
class Done:
    """What an import did, and what is taken back of it."""

    facts: dict[str, dict[int, ImportedFact]] = field(
        default_factory=lambda: defaultdict(dict)
    )  # of each act, by the id of its object
    left: dict[int, str] = field(default_factory=dict)  # account -> why; also of its contacts
    restored: int = 0
    removed: int = 0
    kept: int = 0  # objects

    def of(self, act: str) -> dict[int, ImportedFact]:
        return self.facts[act]

    def leave(self, account_id: int | None, why: str) -> None:
        self.kept += 1
        self.left.setdefault(account_id or 0, why)


@transaction.atomic
def take_back(job_id: int) -> ImportJob:
    """Take the import back; a second call does nothing."""
    one_at_a_time()
    # The row is not locked: the heartbeat is stored there meanwhile.
    job = ImportJob.objects.select_related("user").get(pk=job_id)
    if not job.is_being_undone:
        return job
    note = _("Import of %(file)s taken back") % {"file": job.filename}
    done = _facts(job)
    take_back_its_own = kind_of(job).undo(done)  # locks rows of rooms above before the accounts, in the order of their acts
    facts = [fact for act in list(done.facts) for fact in done.of(act).values()]
    accounts = locked_accounts({fact.account_id for fact in facts})
    contacts = locked_parts(Contact, done.of("contact.created").keys() | done.of("contact.changed").keys())
    reach = Reach(job.user)
    with Postponed() as events:
        done.removed = take_back_its_own(accounts, reach, events)
        _restore_accounts(done, accounts, reach, events)
        _restore_contacts(done, contacts, accounts, reach, events)
        gone, people = _to_remove(done, accounts, contacts, reach)
        events.add(trail.Change("contact.removed", touched(Contact, contacts[pk])) for pk in people)
        events.add(trail.Change("account.removed", touched(Account, accounts[pk])) for pk in gone)
        for batch in events.batches(BATCH):
            trail.record_many((trail.Change(one.act, one.obj, one.before, one.after, note) for one in batch), by=job.user)
        done.removed += len(gone) + len(people)
        done.restored = len(events) - done.removed
    remove(Contact, people)
    remove(Account, gone)
    job.state, job.undone_at, job.heartbeat_at = ImportJob.State.UNDONE, timezone.now(), None
    job.undo_report = {
        "restored": done.restored,
        "removed": done.removed,
        "kept": done.kept,
        "left": [[pk, why] for pk, why in sorted(done.left.items())[:NAMED]],
    }
    job.save(update_fields=["state", "undone_at", "heartbeat_at", "undo_report"])
    figures = {name: job.undo_report[name] for name in ("restored", "removed", "kept")}
    trail.record("import.taken_back", job, by=job.user, after=figures, note=note)
    # Nothing of the removed contacts stays in the trail either.
    redact(_events_of(people, done.of("contact.created")), job, by=job.user, clean=_without_content)
    return job


def left_alone(job: ImportJob, user: User) -> list[tuple[Account, str]]:
    """Accounts that were left alone, or whose contacts were, each with the reason in words; at most 100."""
    left = dict((job.undo_report or {}).get("left", []))
    accounts = Account.objects.visible_to(user).filter(pk__in=left).order_by("name", "pk")
    return [(account, Why(left[account.pk]).in_words(account)) for account in accounts]


def _facts(job: ImportJob) -> Done:
    """Read the events of the import in batches; of created objects nothing but the id and the version is kept."""
    done = Done()
    for changes in job.batches.order_by("number").values_list("changes", flat=True).iterator():
        for some in batched(changes, BATCH):
            versions = dict(some)
            columns = ("act", "object_id", "pk", "at", "account_id", "redacted_on", "before", "after__tags_added")
            rows = Event.objects.filter(pk__in=versions).values_list(*columns)
            for act, object_id, pk, at, account_id, redacted_on, before, tags in rows:
                told = before if act.endswith("changed") else None  # also a past level that was “record_changed”
                fact = ImportedFact(pk, at, account_id or 0, bool(redacted_on), versions[pk], told, tags or [])
                done.of(act)[object_id or 0] = fact
    return done


def _restore_accounts(done: Done, accounts: dict[int, LockedAccount], reach: Reach, events: Postponed) -> None:
    """Restore the former values of each account, and add the events."""
    changed = done.of("account.changed")
    befores = {pk: columns_before(fact.before) for pk, fact in changed.items()}
    known = known_values(befores.values())
    taken = identity_taken({pk: before for pk, before in befores.items() if pk in accounts}, accounts)
    free, rules = [], owned_fields.rules()
    for pk, fact in sorted(changed.items()):
        account, before = accounts.get(pk), befores[pk]
        if account is None or account.version != fact.version:
            done.leave(pk, Why.CHANGED)
        elif not reach.may(account, before):
            done.leave(pk, Why.OUT_OF_REACH)
        elif owned_since(fact.at, fact.names, owned_fields.owned_by(account.source, rules)):
            done.leave(pk, Why.OWNED)
        elif fact.redacted or not known(before) or pk in taken:
            done.leave(pk, Why.GONE)
        else:
            free.append(pk)
    circle = in_a_circle({pk: befores[pk]["parent_id"] for pk in free if "parent_id" in befores[pk]})
    for pk in sorted(circle):
        done.leave(pk, Why.GONE)
    for some in batched((pk for pk in free if pk not in circle), BATCH):
        events.add(_restored_accounts({pk: befores[pk] for pk in some}, changed))
        for pk in some:  # the owner and team decide who may change the contacts
            accounts[pk].owner_id = befores[pk].get("owner_id", accounts[pk].owner_id)
            accounts[pk].team_id = befores[pk].get("team_id", accounts[pk].team_id)


def _restored_accounts(befores: dict[int, Before], changed: dict[int, ImportedFact]) -> list[trail.Change]:
    changes, names, tags = [], set(), {}
    for account in Account.objects.filter(pk__in=befores).order_by("pk"):
        before, added = befores[account.pk], changed[account.pk].tags_added
        old = account_snapshot(account)
        for name, value in before.items():
            setattr(account, name, value)
        account.version += 1
        names |= set(before)
        tags[account.pk] = [name.casefold() for name in added]
        was, now = trail.difference(old, account_snapshot(account))
        changes.append(trail.Change("account.changed", account, was, now | ({"tags_removed": added} if added else {})))
    columns = {name.removesuffix("_id") if name in LINKS else name for name in names}  # `bulk_update` wants “owner”
    rows: list[Any] = [one.obj for one in changes]
    Account.objects.bulk_update(rows, [*sorted(columns), "version"], batch_size=200)
    _untag(tags)
    if {"revenue", "currency"} & names:
        derived.refresh(befores)
    return changes


def _untag(tags: dict[int, list[str]]) -> None:
    """Remove these tags (in lower case) from these accounts."""
    wanted = {name for names in tags.values() for name in names}
    known = {tag.name.casefold(): tag.pk for tag in Tag.objects.all()} if wanted else {}
    through = Account.tags.through
    for pk, names in tags.items():
        if names:
            through.objects.filter(account=pk, tag__in=[known[name] for name in names if name in known]).delete()


def _restore_contacts(
    done: Done, contacts: dict[int, LockedPart], accounts: dict[int, LockedAccount], reach: Reach, events: Postponed
) -> None:
    changed = done.of("contact.changed")
    befores = {pk: columns_before(fact.before, Contact) for pk, fact in changed.items()}
    there = {pk: before for pk, before in befores.items() if pk in contacts}
    taken = email_taken(there, contacts) | boss_gone(there, contacts)
    free = []
    for pk, fact in sorted(changed.items()):
        person = contacts.get(pk)
        if person is None or person.version != fact.version:
            done.leave(fact.account_id, Why.CHANGED)
        elif not reach.may(accounts[person.account_id]):
            done.leave(fact.account_id, Why.OUT_OF_REACH)
        elif fact.redacted or pk in taken:
            done.leave(fact.account_id, Why.GONE)
        else:
            free.append(pk)
    circle = led_in_a_circle({pk: befores[pk]["reports_to_id"] for pk in free if "reports_to_id" in befores[pk]}, contacts)
    for pk in sorted(circle):
        done.leave(contacts[pk].account_id, Why.GONE)
    for some in batched((pk for pk in free if pk not in circle), BATCH):
        changes = []
        for row in Contact.objects.filter(pk__in=some).order_by("pk"):
            old = trail.snapshot(row)
            for name, value in befores[row.pk].items():
                setattr(row, name, value)
            row.version += 1
            was, now = trail.difference(old, trail.snapshot(row))
            changes.append(trail.Change("contact.changed", row, was, now))
        rows: list[Any] = [one.obj for one in changes]
        Contact.objects.bulk_update(rows, [*STORED, "version"], batch_size=BATCH)
        events.add(changes)


def _to_remove(
    done: Done, accounts: dict[int, LockedAccount], contacts: dict[int, LockedPart], reach: Reach
) -> tuple[list[int], list[int]]:
    """Accounts and contacts that the import made and that nothing refers to. An account that stays keeps its contacts."""
    made, made_people = done.of("account.created"), done.of("contact.created")
    in_use = hanging_on(Contact, made_people, besides=(Contact,))
    people = {
        pk for pk, fact in made_people.items() if pk in contacts and contacts[pk].version == fact.version and pk not in in_use
    }
    people -= _with_some_below_that_stay(Contact, "reports_to", people)
    in_use = hanging_on(Account, made, besides=(Account, Contact)) | _with_other_people(made, people)
    free = set()
    for pk, fact in made.items():
        if pk not in accounts or accounts[pk].version != fact.version:
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
    for pk, fact in made_people.items():
        if fact.account_id in free:
            going.append(pk)
        elif fact.account_id in made:
            done.kept += 1
        elif pk not in people:
            done.leave(fact.account_id, Why.IN_USE)
        elif not reach.may(accounts[fact.account_id]):
            done.leave(fact.account_id, Why.OUT_OF_REACH)
        else:
            going.append(pk)
    return sorted(free), sorted(going)


def _with_other_people(made: Iterable[int], people: set[int]) -> set[int]:
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


def remove(model: type[models.Model], pks: list[int]) -> None:
    for batch in batched(pks, BATCH):
        model._base_manager.filter(pk__in=batch).delete()


def _events_of(pks: list[int], facts: dict[int, ImportedFact]) -> Iterator[Event]:
    for some in batched(pks, BATCH):
        yield from Event.objects.filter(pk__in=[facts[pk].event_id for pk in some]).order_by("pk")


def _without_content(_event: Event) -> dict[str, Any]:
    return {"before": None, "after": None, "note": ""}
