"""What goes along when an account or a contact is merged into another one; rooms register it at start-up.

A part is the rows of one model that refer to an account (or contact) by one foreign key. Merging points them at the one that
is kept and stores their ids in the trail, by which undoing points them back. `register_staying` names a foreign key whose
rows stay, with the reason. A test compares them with all foreign keys to accounts and contacts.

Each function of a part takes a number of statements that does not depend on the number of rows.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, Value, When

from accounts.models import Account, Contact
from audit import trail

type Ids = list[int]
type Noted = dict[str, Any]  # what JSON can hold
type People = Mapping[int, int]  # the contact that is kept, by the one that is merged into it


@dataclass(frozen=True, slots=True)
class AccountPair:
    """The account that is kept, and the one that is merged into it."""

    kept: Account
    merged: Account


@dataclass(frozen=True, slots=True)
class MovingRows:
    """Rows of `model` that refer to an account or a contact by the foreign key `field`."""

    model: type[models.Model]
    field: str

    @property
    def name(self) -> str:
        """Its key in the trail."""
        return f"{self.model._meta.label_lower}.{self.field}"

    def point(self, ids: Iterable[int], to: Mapping[int, int], *, raises_version: bool = True) -> int:
        """Point those of the rows that refer to a key of `to` at its value; how many. At most one statement."""
        ids = list(ids)
        if not ids or not to:
            return 0
        # The version goes up: an import that made the row is not to take it back as if nothing had happened to it.
        there = {field.name for field in self.model._meta.fields}
        versioned = {"version": F("version") + 1} if raises_version and "version" in there else {}
        new = Case(
            *(When(**{self.field: old}, then=Value(pk)) for old, pk in sorted(to.items())),
            output_field=models.BigIntegerField(),
        )
        rows = self.model._base_manager.filter(pk__in=ids, **{f"{self.field}__in": list(to)})
        return rows.update(**{self.field: new}, **versioned)


def _no_words(_pair: AccountPair) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class AccountPart(MovingRows):
    """Rows that go along with a merged account.

    - `obstacles`: why the two cannot be merged, in sentences with what to do.
    - `stays`: the rows that stay with the merged account, because the kept one has a row in their place; None: all move.
    - `remarks`: sentences for the page about rows that stay or are changed.
    - `prepare`: changes other rows before the rows move; returns what `restore` needs to change them back.
    - `lock`: locks the rows that the room's own acts lock before the account.
    """

    obstacles: Callable[[AccountPair], list[str]] = _no_words
    stays: Callable[[AccountPair], Q | None] = lambda pair: None
    remarks: Callable[[AccountPair], list[str]] = _no_words
    prepare: Callable[[AccountPair], Noted | None] = lambda pair: None
    restore: Callable[[Noted, AccountPair], None] = lambda noted, pair: None
    lock: Callable[[Iterable[int]], None] = lambda account_ids: None

    def rows(self, pair: AccountPair) -> models.QuerySet[Any]:
        """The rows that move."""
        rows = self.model._base_manager.filter(**{self.field: pair.merged.pk}).order_by("pk")
        staying = self.stays(pair)
        return rows if staying is None else rows.exclude(staying)

    def move(self, pair: AccountPair) -> Ids:
        ids = list(self.rows(pair).values_list("pk", flat=True))
        self.point(ids, {pair.merged.pk: pair.kept.pk})
        return ids

    def give_back(self, ids: Ids, pair: AccountPair) -> int:
        """Point those of the rows back that are still with the account that was kept; how many."""
        return self.point(ids, {pair.kept.pk: pair.merged.pk})


@dataclass(frozen=True, slots=True)
class ContactPart(MovingRows):
    """Rows that go along with contacts who are merged into others.

    - `obstacles`: by merged contact, why it stays a person of its own, in sentences.
    - `prepare`: removes rows in whose place the kept contact has one; what `restore` needs, by merged contact.
    """

    obstacles: Callable[[People], dict[int, list[str]]] = lambda people: {}
    prepare: Callable[[People], dict[int, Noted]] = lambda people: {}
    restore: Callable[[dict[int, Noted]], None] = lambda noted: None
    raises_version: bool = True

    def move(self, people: People) -> dict[int, Ids]:
        """The ids of the rows that moved, by merged contact."""
        rows = self.model._base_manager.filter(**{f"{self.field}__in": list(people)}).order_by("pk")
        moved: dict[int, Ids] = {}
        for pk, contact in rows.values_list("pk", self.field):
            if self.model is not Contact or pk != people[contact]:  # nobody is put below themselves
                moved.setdefault(contact, []).append(pk)
        self.point((pk for ids in moved.values() for pk in ids), people, raises_version=self.raises_version)
        return moved

    def give_back(self, moved: Mapping[int, Ids], people: People) -> None:
        """Point the rows of each merged contact back at it, as far as they are still with the one that was kept."""
        owner_of = {pk: contact for contact, ids in moved.items() for pk in ids}
        rows = self.model._base_manager.filter(pk__in=owner_of).order_by("pk").values_list("pk", self.field)
        back = [(pk, owner_of[pk]) for pk, now in rows if people.get(owner_of[pk]) == now]
        if not back:
            return
        new = Case(*(When(pk=pk, then=Value(contact)) for pk, contact in back), output_field=models.BigIntegerField())
        self.model._base_manager.filter(pk__in=[pk for pk, _contact in back]).update(**{self.field: new})


@dataclass(frozen=True, slots=True)
class Merger:
    """For watchers: the account `merged` was merged into `kept`, or taken out of it again."""

    kept: int
    merged: int
    is_undone: bool = False


_account_parts: list[AccountPart] = []
_contact_parts: list[ContactPart] = []
_staying: dict[tuple[str, str], str] = {}
_watchers: list[Callable[[Merger], None]] = []
_contradictions: list[Callable[[AccountPair], list[str]]] = []
_leavers: list[Callable[[int], list[trail.Change]]] = []


def register_account_part(part: AccountPart) -> None:
    """Let rows go along with a merged account. A second registration changes nothing."""
    if part not in _account_parts:
        _account_parts.append(part)


def register_contact_part(part: ContactPart) -> None:
    """Let rows go along with a merged contact. A second registration changes nothing."""
    if part not in _contact_parts:
        _contact_parts.append(part)


def register_staying(model: type[models.Model], field: str, because: str) -> None:
    """Say that the rows of this foreign key stay with a merged account, and why."""
    _staying[model._meta.label, field] = because


def register_merge_watcher(watcher: Callable[[Merger], None]) -> None:
    """Call `watcher` when accounts were merged or taken apart, in the transaction of the act and before the trail."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def register_leaver(leave: Callable[[int], list[trail.Change]]) -> None:
    """Call `leave` with the id of a contact who goes to another account: it ends what runs, and returns the events to record."""
    if leave not in _leavers:
        _leavers.append(leave)


def register_contradictions(check: Callable[[AccountPair], list[str]]) -> None:
    """Call `check` once a merger is undone: it says what does not fit together because of changes since. Then nothing is undone."""
    if check not in _contradictions:
        _contradictions.append(check)


def contradictions_of(pair: AccountPair) -> list[str]:
    return [reason for check in _contradictions for reason in check(pair)]


def tell(merger: Merger) -> None:
    for watcher in _watchers:
        watcher(merger)


def end_what_runs(contact_id: int) -> list[trail.Change]:
    """End what runs for a contact who goes to another account, such as invitations; the events to record."""
    return [change for leave in _leavers for change in leave(contact_id)]


def account_parts() -> tuple[AccountPart, ...]:
    return tuple(_account_parts)


def contact_parts() -> tuple[ContactPart, ...]:
    return tuple(_contact_parts)


def staying() -> Mapping[tuple[str, str], str]:
    """Model and field of each foreign key whose rows stay, with the reason."""
    return _staying
