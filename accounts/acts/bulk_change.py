"""One act on many accounts, recorded in the trail account by account, and taken back as one.

A change is divided into batches, each done in one transaction: one batch within the request, more of them by the worker.
An account is changed only while the person may change it, and taken back only while nobody has changed it since.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Count, F, QuerySet, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import RowNumber
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import owned_fields
from accounts.forms import MAX_TAGS
from accounts.models import Account, BulkBatch, BulkChange, Tag, Team, User
from accounts.querysets import AccountQuerySet
from audit import trail
from core import job_runner
from core.bulk_update import update_many

BATCH = 1000  # accounts; a batch blocks the trail for less than a second
NAMED = 20  # accounts that are named on a page
Act, Why = BulkChange.Act, BulkBatch.Why

COLUMNS = {Act.OWNER: "owner_id", Act.TEAM: "team_id", Act.ARCHIVE: "status", Act.RESTORE: "status"}
IN_TRAIL = {"owner_id": "owner", "team_id": "team", "status": "status"}
CHANGED = {*IN_TRAIL.values(), "tags"}  # what acts change, by the names that a rule of a CRM has for it

type Counts = Mapping[str, Combinable]  # columns of a change


@dataclass(frozen=True, slots=True)
class Order:
    """The act, with the id (`value`) and the name of an owner, a team or a tag."""

    act: str
    value: int | None = None
    name: str = ""


@dataclass(slots=True)
class HeldAccounts:
    """Accounts of one system that owns some fields: an act on these leaves the accounts alone."""

    source: str
    fields: list[str]  # in words, of those that an act can change
    accounts: int = 0
    named: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ChangeOutlook:
    """How many of the chosen accounts an act would change."""

    mine: int
    others: int  # seen, but not to change
    named_others: list[str]
    held: list[HeldAccounts]  # of mine

    @property
    def mark(self) -> str:
        """A hidden value of the form: it differs when the list has changed since."""
        return "-".join(map(str, [self.mine, self.others, *(one.accounts for one in self.held)]))


def outlook(accounts: AccountQuerySet, user: User) -> ChangeOutlook:
    """Six statements at most, whatever the number of accounts."""
    mine, all_of_them = accounts.changeable_by(user).order_by().count(), accounts.order_by().count()
    others = _out_of_reach(accounts, user).order_by("name", "pk").values_list("name", flat=True)[:NAMED]
    held = _held(accounts.changeable_by(user)) if mine else []
    return ChangeOutlook(mine, all_of_them - mine, list(others) if all_of_them > mine else [], held)


def _held(mine: AccountQuerySet) -> list[HeldAccounts]:
    """One statement where no system owns anything that an act changes, else three."""
    found = {
        key: HeldAccounts(owned.source, labels)
        for key, owned in owned_fields.rules().items()
        if (labels := owned_fields.labels_of(CHANGED.intersection(owned.rule)))
    }
    if not found:
        return []
    # Python compares the names with the rules: the database folds the case of other letters than Python does.
    per_source = mine.exclude(source="").order_by("source").values_list("source").annotate(Count("pk"))
    sources = {source: count for source, count in per_source if source.casefold() in found}
    for source, count in sources.items():
        found[source.casefold()].accounts += count
    place = Window(RowNumber(), partition_by=F("source"), order_by=["name", "pk"])
    first = mine.filter(source__in=sources).annotate(place=place).filter(place__lte=NAMED).order_by("name", "pk")
    for source, name in first.values_list("source", "name") if sources else ():
        if len(named := found[source.casefold()].named) < NAMED:
            named.append(name)
    return [one for _key, one in sorted(found.items()) if one.accounts]


@transaction.atomic
def start(accounts: AccountQuerySet, order: Order, *, by: User) -> BulkChange:
    """Change those of `accounts` that `by` may change: one batch at once, more by the worker."""
    ids = list(accounts.changeable_by(by).order_by("pk").values_list("pk", flat=True))
    others = accounts.order_by().count() - len(ids)
    what = {"act": order.act, "value": order.value, "value_name": order.name, "total": len(ids), "not_theirs": others}
    change = BulkChange.objects.create(user=by, state=BulkChange.State.WAITING, language=get_language() or "", **what)
    named = _out_of_reach(accounts, by).order_by("name", "pk").values_list("pk", flat=True)[:NAMED] if others else []
    batches = [BulkBatch(change=change, number=number, accounts=some) for number, some in enumerate(batched(ids, BATCH))]
    batches = batches or [BulkBatch(change=change, number=0)]
    batches[0].left = [[pk, Why.OUT_OF_REACH] for pk in named]
    BulkBatch.objects.bulk_create(batches)
    if len(batches) == 1:
        job_runner.kind_of(change).run_in_request(change)
    else:
        job_runner.call_worker(change)
    return change


class BulkChangeKind(job_runner.BatchKind[BulkChange, BulkBatch]):
    cancel_url, undo_url = "accounts:bulk_cancel", "accounts:bulk_undo"

    def waiting(self, job: BulkChange) -> QuerySet[BulkBatch]:
        # After a cancel there are batches that were never done, and so are not to be taken back.
        state = {"changed__isnull": False, "kept__isnull": True} if job.is_being_undone else {"changed__isnull": True}
        return job.batches.filter(**state).order_by("number")

    def do(self, batch: BulkBatch, job: BulkChange) -> Counts:
        return _undo(batch, job) if job.is_being_undone else _do(batch, job)

    def leave(self, batch: BulkBatch, job: BulkChange) -> Counts:
        pks = [pk for pk, *_rest in batch.changed or []] if job.is_being_undone else batch.accounts
        return _note(batch, [], [[pk, Why.FAILED] for pk in pks], back=job.is_being_undone)

    def amount_to_undo(self, job: BulkChange) -> int:
        return job.changed

    def is_quick_to_undo(self, job: BulkChange) -> bool:
        return job.batches.count() == 1


def left_alone(change: BulkChange, user: User) -> list[tuple[Account, str]]:
    """Some of the accounts that stayed as they were (or were not taken back), each with the reason in words."""
    column = "kept" if change.is_taken_back else "left"
    found: dict[int, str] = {}
    for rows in change.batches.exclude(**{column: []}).order_by("number").values_list(column, flat=True)[:NAMED]:
        found |= dict((rows or [])[: NAMED - len(found)])
    accounts = Account.objects.visible_to(user).filter(pk__in=found).order_by("name", "pk")
    return [(account, Why(found[account.pk]).in_words(account)) for account in accounts]


def _do(batch: BulkBatch, change: BulkChange) -> Counts:
    mine = Account.objects.changeable_by(change.user).filter(pk__in=batch.accounts).order_by("pk")
    accounts = list(mine.select_for_update(of=("self",)))
    within = {account.pk for account in accounts}
    left: list[list[Any]] = [[pk, Why.OUT_OF_REACH] for pk in batch.accounts if pk not in within]
    merged = {account.pk for account in accounts if account.is_merged}
    owned = _owned_among(accounts, change) - merged
    left += [[pk, Why.MERGED] for pk in sorted(merged)] + [[pk, Why.OWNED] for pk in sorted(owned)]
    accounts = [account for account in accounts if account.pk not in owned | merged]
    if change.act in COLUMNS:
        column = COLUMNS[Act(change.act)]
        value = _new_value(change)
        changes = [_with(account, column, value, act=change.act) for account in accounts if getattr(account, column) != value]
        before = {one.obj.pk: (one.before or {})[IN_TRAIL[column]] for one in changes}
        _store([one.obj for one in changes], column)
    else:
        changes, full = _tag(accounts, change, add=change.act == Act.TAG)
        left += [[pk, Why.FULL] for pk in full]
        before = dict.fromkeys((one.obj.pk for one in changes), None)
        _store([one.obj for one in changes])
    made = {account.pk: account.version for account in accounts}
    settled = before.keys() | {pk for pk, _why in left}
    left += [[account.pk, Why.SAME] for account in accounts if account.pk not in settled]
    _record(changes, change, _("One of %(n)s accounts changed together") % {"n": change.total} if change.total > 1 else "")
    return _note(batch, [[pk, made[pk], before[pk]] for pk in before], left)


def _undo(batch: BulkBatch, change: BulkChange) -> Counts:
    made = {pk: (version, before) for pk, version, before in batch.changed or []}
    accounts = list(Account.objects.filter(pk__in=made).order_by("pk").select_for_update(of=("self",)))
    there = {account.pk: account for account in accounts}
    owned = _owned_among(accounts, change)
    column = COLUMNS.get(Act(change.act))
    known = _still_there(column, {before for _version, before in made.values()})
    kept: list[list[Any]] = []
    back: list[Account] = []
    for pk, (version, before) in made.items():
        account = there.get(pk)
        if account is None or account.version != version:
            kept.append([pk, Why.CHANGED])
        elif not _may_take_back(change, account, column, before):
            kept.append([pk, Why.OUT_OF_REACH])
        elif pk in owned:
            kept.append([pk, Why.OWNED])
        elif column and not known(before):
            kept.append([pk, Why.GONE])
        else:
            back.append(account)
    if column:
        act = {Act.ARCHIVE: Act.RESTORE, Act.RESTORE: Act.ARCHIVE}.get(Act(change.act), change.act)
        changes = [_with(account, column, made[account.pk][1], act=act) for account in back]
        _store([one.obj for one in changes], column)
    else:
        changes, _full = _tag(back, change, add=change.act == Act.UNTAG, most=None)
        _store([one.obj for one in changes])
    _record(changes, change, _("Taken back"))
    return _note(batch, [account.pk for account in back], kept, back=True)


def _owned_among(accounts: list[Account], change: BulkChange) -> set[int]:
    """The accounts whose own system owns what is to be changed. One statement."""
    column, known = COLUMNS.get(Act(change.act)), owned_fields.rules()
    name = IN_TRAIL[column] if column else "tags"
    return {account.pk for account in accounts if name in owned_fields.owned_of(account, known).names}


def _new_value(change: BulkChange) -> Any:
    return {Act.ARCHIVE: "archived", Act.RESTORE: "active"}.get(Act(change.act), change.value)


def _with(account: Account, column: str, value: Any, *, act: str) -> trail.Change:
    """Set the column; the event of it."""
    name = IN_TRAIL[column]
    before = getattr(account, column)
    setattr(account, column, value)
    said = {Act.ARCHIVE: "account.archived", Act.RESTORE: "account.restored"}.get(Act(act), "account.changed")
    return trail.Change(said, account, {name: before}, {name: value})


def _tag(
    accounts: list[Account], change: BulkChange, *, add: bool, most: int | None = MAX_TAGS
) -> tuple[list[trail.Change], list[int]]:
    """Add the tag where it lacks, or remove it; the changes, and the ids of the accounts that have no room for a tag."""
    through = Account.tags.through
    if add:  # it may have gone with the last account that had it
        tag, _new = Tag.objects.get_or_create(name=change.value_name)
        BulkChange.objects.filter(pk=change.pk).exclude(value=tag.pk).update(value=tag.pk)
    else:
        tag = Tag(pk=change.value, name=change.value_name)
    names: dict[int, list[str]] = {account.pk: [] for account in accounts}
    for account_id, name in (
        through.objects.filter(account__in=names).order_by("tag__name").values_list("account_id", "tag__name")
    ):  # fmt: skip
        names[account_id].append(name)
    chosen = [account for account in accounts if (tag.name in names[account.pk]) != add]
    full = [account.pk for account in chosen if add and most and len(names[account.pk]) >= most]
    chosen = [account for account in chosen if account.pk not in set(full)]
    if add:
        through.objects.bulk_create((through(account=account, tag=tag) for account in chosen), ignore_conflicts=True)
    else:
        through.objects.filter(tag=tag.pk, account__in=[account.pk for account in chosen]).delete()
    changes = []
    for account in chosen:
        old = names[account.pk]
        new = sorted([*old, tag.name]) if add else [name for name in old if name != tag.name]
        changes.append(trail.Change("account.changed", account, {"tags": old}, {"tags": new}))
    return changes, full


def _store(accounts: Iterable[Any], column: str = "") -> None:
    """Store the column, and raise the version, so that forms that were opened before are stale."""
    accounts = list(accounts)
    for account in accounts:
        account.version += 1
    rows = Account.objects.filter(pk__in=[account.pk for account in accounts])
    values = {getattr(account, column) for account in accounts} if column else set()
    if len(values) > 1:
        update_many(accounts, [column.removesuffix("_id"), "version"])
    elif values:
        rows.update(version=F("version") + 1, **{column: values.pop()})
    else:
        rows.update(version=F("version") + 1)


def _record(changes: list[trail.Change], change: BulkChange, note: str) -> None:
    if changes:
        trail.record_many((trail.Change(one.act, one.obj, one.before, one.after, note) for one in changes), by=change.user)


def _note(batch: BulkBatch, done: list[Any], left: list[list[Any]], *, back: bool = False) -> Counts:
    """Store what became of the batch; the columns of the change that count it."""
    if back:
        batch.kept = left
        counts = {"restored": len(done), "kept": len(left)}
    else:
        counts = {"changed": len(done), "left": len(left)}
        batch.changed, batch.left, batch.accounts = done, batch.left + left, []
    batch.save(update_fields=["accounts", "changed", "left", "kept"])
    return {name: F(name) + count for name, count in (counts | {"done": len(done) + len(left)}).items()}


def _may_take_back(change: BulkChange, account: Account, column: str | None, before: Any) -> bool:
    """Whether the person may change the account as it is now, or as it was before the change."""
    user = change.user
    if not user.is_active or user.reads_only:
        return False
    owners, teams = {account.owner_id}, {account.team_id}
    owners |= {before} if column == "owner_id" else set()
    teams |= {before} if column == "team_id" else set()
    return user.is_administrator or user.pk in owners or bool((teams - {None}) & user.led_team_ids)


def _still_there(column: str | None, values: set) -> Callable[[Any], bool]:
    """Tells whether the value that an account had before still exists. One statement for owners and teams, else none."""
    model: Any = {"owner_id": User, "team_id": Team}.get(column or "")
    known = set(model.objects.filter(pk__in=values - {None}).values_list("pk", flat=True)) if model else values
    return lambda value: value is None or value in known


def _out_of_reach(accounts: AccountQuerySet, user: User) -> AccountQuerySet:
    return accounts.exclude(pk__in=Account.objects.changeable_by(user).order_by().values("pk"))
