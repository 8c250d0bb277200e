"""Take a whole import back: restore what it changed, remove what it made.

Batches are taken back one by one, the last one first, each in one transaction. Rows that somebody changed since stay as they
are, and are listed in the report. The former values come from the trail.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import derived, owned_fields
from accounts.acts.changing import account_snapshot, contact_snapshot
from accounts.fields import CONTACT
from accounts.models import Account, Contact, Tag, User
from accounts.models.bulk_change import BulkBatch
from audit import trail
from audit.models import Event
from audit.redaction import redact
from core.bulk_update import update_many
from core.jobs import JobCancelled
from importing.apply import one_at_a_time, pause
from importing.kinds import call_afterwards, kind_of
from importing.list_work import BATCH
from importing.models import ImportBatch, ImportJob
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


def take_back(job: ImportJob, *, until: Callable[[], bool] = lambda: False) -> bool:
    """Take back batches of an import that is being undone, until all are or `until`; whether all are. Raises JobCancelled."""
    while not until():
        if not take_back_next(job):
            return True
        pause()
    return False


@transaction.atomic
def take_back_next(job: ImportJob) -> bool:
    """Take back the last batch that is not taken back yet; False when there is none. Raises JobCancelled."""
    one_at_a_time()
    batch = job.batches.filter(undone__isnull=True).order_by("-number").first()
    if batch is None:
        return False
    done = _facts(batch)
    kind = kind_of(job)
    # Locks rows of rooms above before the accounts, in the order of their acts.
    undo_own = kind.undo(done) if kind.undo else None
    facts = [fact for act in list(done.facts) for fact in done.of(act).values()]
    accounts = locked_accounts({fact.account_id for fact in facts})
    contacts = locked_parts(Contact, done.of("contact.created").keys() | done.of("contact.changed").keys())
    reach, changes = Reach(job.user), list[trail.Change]()
    done.removed = undo_own(accounts, reach, changes) if undo_own else 0
    _restore_accounts(done, accounts, reach, changes)
    _restore_contacts(done, contacts, accounts, reach, changes)
    gone, people = _to_remove(done, accounts, contacts, reach)
    changes += [trail.Change("contact.removed", touched(Contact, contacts[pk])) for pk in people]
    changes += [trail.Change("account.removed", touched(Account, accounts[pk])) for pk in gone]
    remove(Contact, people)
    remove(Account, gone)
    done.removed += len(gone) + len(people)
    done.restored = sum(change.act.endswith("changed") for change in changes)
    note = _("Import of %(file)s taken back") % {"file": job.filename}
    trail.record_many((replace(change, note=note) for change in changes), by=job.user)
    # Nothing of the removed contacts stays in the trail either.
    redact(_events_of(people, done.of("contact.created")), job, by=job.user, clean=_without_content)
    batch.undone = {
        "restored": done.restored,
        "removed": done.removed,
        "kept": done.kept,
        "left": [[pk, why] for pk, why in sorted(done.left.items())[:NAMED]],
    }
    batch.save(update_fields=["undone"])
    job.beat(done=F("done") + len(batch.changes), losses=0)
    return True


@transaction.atomic
def finish_undo(job: ImportJob) -> None:
    """Store that the import is taken back, and what became of it. Raises JobCancelled."""
    told: list[dict[str, Any]] = [batch.undone or {} for batch in job.batches.exclude(undone__isnull=True).order_by("number")]
    report: dict[str, Any] = {name: sum(one[name] for one in told) for name in ("restored", "removed", "kept")}
    left = {pk: why for one in told for pk, why in one["left"]}
    report["left"] = [[pk, why] for pk, why in sorted(left.items())[:NAMED]]
    undone = {"state": ImportJob.State.UNDONE, "undone_at": timezone.now(), "heartbeat_at": None, "undo_report": report}
    if not ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.UNDOING).update(**undone):
        raise JobCancelled
    note = _("Import of %(file)s taken back") % {"file": job.filename}
    figures = {name: report[name] for name in ("restored", "removed", "kept")}
    trail.record("import.taken_back", job, by=job.user, after=figures, note=note)
    call_afterwards(job)
    job.refresh_from_db()


def left_alone(job: ImportJob, user: User) -> list[tuple[Account, str]]:
    """Accounts that were left alone, or whose contacts were, each with the reason in words; at most 100."""
    left = dict((job.undo_report or {}).get("left", []))
    accounts = Account.objects.visible_to(user).filter(pk__in=left).order_by("name", "pk")
    return [(account, Why(left[account.pk]).in_words(account)) for account in accounts]


def _facts(batch: ImportBatch) -> Done:
    """Read the events of the batch; of created objects nothing but the id and the version is kept."""
    done = Done()
    versions = dict(batch.changes)
    columns = ("act", "object_id", "pk", "at", "account_id", "redacted_on", "before", "after__tags_added")
    for some in batched(versions, BATCH):
        for act, object_id, pk, at, account_id, redacted_on, before, tags in Event.objects.filter(pk__in=some).values_list(
            *columns
        ):
            told = before if act.endswith("changed") else None  # also a past level that was “record_changed”
            fact = ImportedFact(pk, at, account_id or 0, bool(redacted_on), versions[pk], told, tags or [])
            done.of(act)[object_id or 0] = fact
    return done


def _restore_accounts(done: Done, accounts: dict[int, LockedAccount], reach: Reach, changes: list[trail.Change]) -> None:
    """Restore the former values of each account, and add the changes for the trail."""
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
        changes += _restored_accounts({pk: befores[pk] for pk in some}, changed)
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
    update_many(rows, [*sorted(columns), "version"])
    _untag(tags)
    if derived.TYPED_SOURCES & names:
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
    done: Done, contacts: dict[int, LockedPart], accounts: dict[int, LockedAccount], reach: Reach, changes: list[trail.Change]
) -> None:
    changed = done.of("contact.changed")
    befores = {pk: columns_before(fact.before, Contact) for pk, fact in changed.items()}
    there = {pk: before for pk, before in befores.items() if pk in contacts}
    going = _sure_to_go(done, contacts, accounts, reach) if any(before.get("email") for before in there.values()) else set[int]()
    Contact.objects.filter(pk__in=going).exclude(email="").update(email="")  # for who had the address before
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
        people = list(Contact.objects.filter(pk__in=some).order_by("pk"))
        for row in people:
            old = contact_snapshot(row)
            for name, value in befores[row.pk].items():
                setattr(row, name, value)
            row.version += 1
            was, now = trail.difference(old, contact_snapshot(row))
            changes.append(trail.Change("contact.changed", row, was, now))
        update_many(people, [*STORED, "version"])


def _sure_to_go(done: Done, contacts: dict[int, LockedPart], accounts: dict[int, LockedAccount], reach: Reach) -> set[int]:
    """The people whom the import made and who are removed, whatever else is taken back."""
    made = done.of("contact.created")
    in_use = hanging_on(Contact, made, besides=(Contact,))
    free = {
        pk
        for pk, fact in made.items()
        if pk in contacts and contacts[pk].version == fact.version and pk not in in_use and reach.may(accounts[fact.account_id])
    }
    free = {pk for pk in free if made[pk].account_id not in done.of("account.created")}
    return free - _with_some_below_that_stay(Contact, "reports_to", free)


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
