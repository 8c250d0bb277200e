"""What stands against taking an import back: rights, what hangs on a row, what is gone or taken by another."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import models
from django.db.models.functions import Lower

from accounts.models import Account, Contact, Team, User
from accounts.owned_fields import Owned
from core.cycles import moves_to_refuse
from importing.list_work import BATCH
from importing.lists.accounts.parents import stored_ancestry

type Before = dict[str, Any]  # the attribute of each column (“owner_id”) and what it held


@dataclass(slots=True)
class LockedAccount:
    pk: int
    version: int
    owner_id: int
    team_id: int | None
    source: str
    external_id: str


@dataclass(frozen=True, slots=True)
class LockedPart:
    """What an account has: a contact, a round."""

    pk: int
    version: int
    account_id: int


def locked_accounts(pks: Iterable[int]) -> dict[int, LockedAccount]:
    """As much of these accounts as there is to check, locked; a statement for each 500."""
    columns = ("pk", "version", "owner_id", "team_id", "source", "external_id")
    return {row[0]: LockedAccount(*row) for row in _locked(Account, pks, columns)}


def locked_parts(model: type[models.Model], pks: Iterable[int]) -> dict[int, LockedPart]:
    """The same of what accounts have."""
    return {row[0]: LockedPart(*row) for row in _locked(model, pks, ("pk", "version", "account_id"))}


def touched(model: type[models.Model], row: LockedAccount | LockedPart) -> models.Model:
    """As much of the row as the trail tells of it."""
    known = {"account_id": row.account_id} if isinstance(row, LockedPart) else {}
    return model(pk=row.pk, version=row.version, **known)


def _locked(model: type[models.Model], pks: Iterable[int], columns: Iterable[str]) -> Iterator[tuple]:
    for batch in batched(sorted(pks), BATCH):
        yield from model._base_manager.filter(pk__in=batch).order_by("pk").select_for_update(of=("self",)).values_list(*columns)


def columns_before(told: dict[str, Any] | None, model: type[models.Model] = Account) -> Before:
    """What an event says stood there before, as the columns hold it."""
    columns = {field.name: field for field in model._meta.concrete_fields}
    before = {name: value for name, value in (told or {}).items() if name in columns and name != "version"}
    return {columns[name].attname: columns[name].to_python(value) for name, value in before.items()}


def owned_since(at: datetime, names: set[str], owned: Owned) -> bool:
    """Whether what was changed then is owned by the account's system since: what was imported under the rule came from there."""
    return owned.since is not None and at < owned.since and bool(names & owned.names)


class Reach:
    """What `user` may take back: accounts that are theirs to change now, or were before the import; nothing without a user."""

    def __init__(self, user: User | None) -> None:
        self.user = user
        self.led = user.led_team_ids if user else frozenset[int]()

    def may(self, account: LockedAccount, before: Before | None = None) -> bool:
        if self.user is None or not self.user.is_active or self.user.reads_only:
            return False
        owners = {account.owner_id, (before or {}).get("owner_id")}
        teams = {account.team_id, (before or {}).get("team_id")}
        return self.user.is_administrator or self.user.pk in owners or bool(teams & set(self.led))


def known_values(befores: Iterable[Before]) -> Callable[[Before], bool]:
    """Whether the owner, team and parent that an account had are still there. Three statements at most."""
    models_: dict[str, Any] = {"owner_id": User, "team_id": Team, "parent_id": Account}
    wanted: dict[str, set[int]] = {name: set() for name in models_}
    for before in befores:
        for name in models_:
            if before.get(name):
                wanted[name].add(before[name])
    there = {
        name: {pk for batch in batched(sorted(ids), BATCH) for pk in _ids(models_[name], batch)} for name, ids in wanted.items()
    }
    return lambda before: all(not before.get(name) or before[name] in there[name] for name in models_)


def identity_taken(befores: dict[int, Before], accounts: dict[int, LockedAccount]) -> set[int]:
    """The accounts whose former source and external id another one has now."""
    wanted = {}
    for pk, before in befores.items():
        if {"source", "external_id"} & set(before):
            account = accounts[pk]
            external_id = before.get("external_id", account.external_id)
            if external_id:
                wanted[pk] = (before.get("source", account.source), external_id)
    holders: dict[tuple[str, str], int] = {}
    for batch in batched(sorted({external_id for _source, external_id in wanted.values()}), BATCH):
        rows = Account.objects.filter(external_id__in=batch).values_list("source", "external_id", "pk")
        holders |= {(source, external_id): pk for source, external_id, pk in rows}
    return {pk for pk, identity in wanted.items() if holders.get(identity, pk) != pk}


def email_taken(befores: dict[int, Before], contacts: dict[int, LockedPart]) -> set[int]:
    """The contacts whose former address another one of the account has now."""
    wanted = {pk: (contacts[pk].account_id, before["email"].lower()) for pk, before in befores.items() if before.get("email")}
    holders: dict[tuple[int, str], int] = {}
    for batch in batched(sorted({account for account, _email in wanted.values()}), BATCH):
        rows = Contact.objects.filter(account__in=batch).exclude(email="").order_by()
        holders |= {(account, email): pk for account, email, pk in rows.values_list("account_id", Lower("email"), "pk")}
    return {pk for pk, place in wanted.items() if holders.get(place, pk) != pk}


def boss_gone(befores: dict[int, Before], contacts: dict[int, LockedPart]) -> set[int]:
    """The contacts whose former superior is no longer someone at their account."""
    wanted = {pk: before["reports_to_id"] for pk, before in befores.items() if before.get("reports_to_id")}
    there: dict[int, int] = {}
    for batch in batched(sorted(set(wanted.values())), BATCH):
        people = Contact.objects.filter(pk__in=batch, erased_on=None).order_by()
        there |= dict(people.values_list("pk", "account_id"))
    return {pk for pk, boss in wanted.items() if there.get(boss) != contacts[pk].account_id}


def in_a_circle(parents: dict[int, int | None]) -> set[int]:
    """The accounts that would come to stand below themselves if each had the parent that is given here.

    What is not given has the parent that it has now. A statement for each 500 of a generation above them, of 20 at most.
    """
    now = stored_ancestry(set(parents) | {pk for pk in parents.values() if pk})
    return moves_to_refuse(parents, now)


def led_in_a_circle(bosses: dict[int, int | None], contacts: dict[int, LockedPart]) -> set[int]:
    """The contacts that would come to report to themselves if each had the superior that is given here; a statement for 500 accounts."""
    now: dict[int, int | None] = {}
    for batch in batched(sorted({contacts[pk].account_id for pk, boss in bosses.items() if boss}), BATCH):
        people = Contact.objects.filter(account__in=batch, reports_to__isnull=False).order_by()
        now |= dict(people.values_list("pk", "reports_to_id"))
    return moves_to_refuse(bosses, now)


def hanging_on(model: type[models.Model], pks: Iterable[int], *, besides: tuple = ()) -> set[int]:
    """Those of these rows to which a row of another kind points, of whatever app; a statement for each kind and 500 rows."""
    found: set[int] = set()
    pointing = [link.field for link in model._meta.related_objects if link.related_model not in besides]
    for batch in batched(sorted(pks), BATCH):
        for column in pointing:
            rows = column.model._base_manager.filter(**{f"{column.name}__in": batch})
            found |= set(rows.values_list(column.name, flat=True))
    return found


def _ids(model: Any, pks: Iterable[int]) -> Iterable[int]:
    return model._base_manager.filter(pk__in=pks).values_list("pk", flat=True)
