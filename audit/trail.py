"""Write, read and verify the audit trail. Every change writes an event in its own transaction."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.utils import timezone

from audit.models import Event
from audit.origin import current_origin
from core.bulk_insert import insert_many, new_row
from core.stored_keys import StoredKey

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

#: Who acts: a user, or None for the system.
type Actor = AbstractBaseUser | AnonymousUser | None

GENESIS = "0" * 64
REDACTED = "trail.redacted"  # the act that removes content from earlier events; its `after` lists them
#: Former labels of models that moved to another app. Older events keep the former label, which their hash covers.
FORMER_NAMES = {
    "api.apikey": "accounts.apikey",
    "importing.importjob": "accounts.importjob",
    "importing.importmemory": "accounts.importmemory",
    "plans.calendarfeed": "accounts.calendarfeed",
    "surveys.bulkrounds": "assessments.bulkrounds",
    "surveys.invitation": "assessments.invitation",
    "webhooks.webhook": "accounts.webhook",
}
_IN_ORDER, _AS_STORED = DjangoJSONEncoder(sort_keys=True), DjangoJSONEncoder()
_AS_THEY_ARE = {str, int, float, bool, type(None)}  # values that JSON returns as they are
_CHAIN_LOCK = 0x5374616E64  # "Stand": the advisory lock on PostgreSQL that serialises the writers of the chain


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one object, to be recorded; `before` and `after` are dicts that JSON can hold, or None.

    Only the demo, which invents a past, sets `at` and `by`: all other events happen now, by the current user.
    """

    act: str
    obj: models.Model
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    note: str = ""
    at: datetime | None = None
    by: Actor = None


def names_of(model: type[models.Model]) -> list[str]:
    """The values of `Event.object_type` for objects of `model`: its label, and its former label if it has one."""
    name = model._meta.label_lower
    return [name, FORMER_NAMES[name]] if name in FORMER_NAMES else [name]


def snapshot(obj: models.Model, *fields: str) -> dict[str, Any]:
    """The values of the named fields of `obj`, by default of all its columns but stored keys; foreign keys as ids."""
    columns = _columns(type(obj))
    return {name: getattr(obj, columns[name]) for name in fields or columns}


@cache
def _columns(model: type[models.Model]) -> dict[str, str]:
    """The attribute of each column by the name of its field, without stored keys."""
    return {field.name: field.attname for field in model._meta.concrete_fields if not isinstance(field, StoredKey)}


def as_stored(obj: models.Model, name: str) -> Any:
    """The value of a column as an event holds it."""
    return (_plain(snapshot(obj, name)) or {})[name]


def difference(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The entries of both that differ."""
    changed = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in changed}, {name: after[name] for name in changed}


def record(
    act: str,
    obj: models.Model,
    *,
    by: Actor,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
) -> Event:
    """Write one event. Call it inside the transaction of the act itself."""
    return record_many([Change(act, obj, before, after, note)], by=by)[0]


@transaction.atomic
def record_many(changes: Iterable[Change], *, by: Actor) -> list[Event]:
    """Write one event for each change, in order. Statements: one for the lock, one for the last hash, one for each batch."""
    hold_chain()
    previous = Event.objects.order_by("-pk").values_list("hash", flat=True).first() or GENESIS
    events = []
    now, origin = timezone.now().astimezone(UTC), current_origin()
    for change in changes:
        who = change.by or by
        event = new_row(
            Event,
            at=now if change.at is None else change.at.astimezone(UTC),  # as the database returns it, for the hash
            actor_id=who.pk if who is not None and who.is_authenticated else None,
            origin=origin,
            act=change.act,
            object_type=change.obj._meta.label_lower,
            object_id=change.obj.pk,
            account_id=_account_id(change.obj),
            before=_plain(change.before),
            after=_plain(change.after),
            note=change.note,
            content_salt=new_salt(),
            previous_hash=previous,
        )
        event.content_hash = content_digest(event)
        previous = event.hash = digest(event)
        events.append(event)
    insert_many(events)
    return events


def digest(event: Event) -> str:
    """SHA-256 over the permanent fields of an event, the fingerprint of its content, and the hash of the event before it."""
    return _sha256(
        event.previous_hash,
        event.at.isoformat(),
        event.actor_id,
        event.act,
        event.object_type,
        event.object_id,
        event.account_id,
        event.content_hash,
    )


def content_digest(event: Event) -> str:
    """The fingerprint: SHA-256 over the salt and the present content."""
    return _sha256(event.content_salt, event.origin, event.before, event.after, event.note)


def new_salt() -> str:
    return secrets.token_hex(16)


def broken_links(batch: int = 2000) -> Iterator[Event]:
    """The events that break the chain: altered, after a removed one, or redacted without an announcing event."""
    announced = redactions()
    previous = GENESIS
    for event in Event.objects.order_by("pk").iterator(chunk_size=batch):
        expected = announced.get(event.pk, "") if event.redacted_on else event.content_hash
        if event.previous_hash != previous or digest(event) != event.hash or content_digest(event) != expected:
            yield event
        previous = event.hash


def newest() -> int:
    """The id of the newest event, 0 without any. It grows with every change, so it is a version of all data. One statement."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def redactions() -> dict[int, str]:
    """The announced fingerprints of redacted events, by the id of the event."""
    found: dict[int, str] = {}
    for event in Event.objects.filter(act=REDACTED, redacted_on=None).order_by("pk"):
        found |= {int(pk): fingerprint for pk, fingerprint in (event.after or {}).get("events", {}).items()}
    return found


def _sha256(*content: Any) -> str:
    """64 hex digits."""
    return hashlib.sha256(_IN_ORDER.encode(content).encode()).hexdigest()


def hold_chain() -> None:
    """Lock the trail for writing until the end of the transaction."""
    # SQLite's IMMEDIATE transactions already let one writer in at a time.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])


def _account_id(obj: models.Model) -> int | None:
    if obj._meta.label_lower == "accounts.account":
        return obj.pk
    return getattr(obj, "account_id", None)


def _plain(data: dict[str, Any] | None) -> dict[str, Any] | None:
    """The data as the database will return it, so that the hash of the stored row is the same."""
    if data is None:
        return None
    if set(map(type, data)) - {str}:
        return json.loads(_AS_STORED.encode(data))
    return {name: _plain_value(value) for name, value in data.items()}


def _plain_value(value: Any) -> Any:
    if type(value) in _AS_THEY_ARE:
        return value
    if type(value) is date:
        return value.isoformat()
    if type(value) is list:
        return [_plain_value(one) for one in value]
    return json.loads(_AS_STORED.encode(value))
