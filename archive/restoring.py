"""Storing an archive in an empty installation: all of it, or nothing."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import batched, groupby
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.serializers.base import DeserializationError, DeserializedObject
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.utils import translation

from accounts import derived
from accounts.models import Account, User
from archive import BATCH
from archive.contents import archived, counts
from archive.reading import Archive, Record, UnusableArchive
from audit import trail
from audit.models import Event
from core.database_errors import is_away
from surveys.models import Invitation
from webhooks.models import Webhook


@dataclass(frozen=True, slots=True)
class Restored:
    """How many records of each kind are stored now, how many events do not fit the chain, and who lets the others in."""

    records: dict[str, int]
    broken_events: int
    administrators: list[str]  # e-mail addresses of those who may sign in


def restore(archive: Archive, *, dry_run: bool = False) -> Restored:
    """Store all of it with the ids that it has, in one transaction; with `dry_run` nothing stays.

    Raises UnusableArchive, with nothing stored, when the file or the installation is not as it has to be. One batch of records is in
    memory at a time. Accounts get their derived columns, people a password that nobody knows, webhooks a new secret.
    """
    archive.check()
    try:
        with transaction.atomic():
            trail.hold_chain()
            _must_fit_the_installation(archive.header)
            _store_all(archive)
            connection.check_constraints()
            restored = _finish()
            if dry_run:
                transaction.set_rollback(True)
            else:
                _leave_numbers_that_were_used()
    except IntegrityError as error:
        raise UnusableArchive(f"The records do not fit each other: {_first_line(error)}") from error
    return restored


def in_the_way() -> dict[str, int]:
    """What an empty installation has none of: kind and number. One statement."""
    return {kind: count for kind, count in counts().items() if count}


def _must_fit_the_installation(header: dict[str, Any]) -> None:
    migrations = MigrationExecutor(connection)
    if migrations.migration_plan(migrations.loader.graph.leaf_nodes()):
        raise UnusableArchive("The database has not all tables yet: run `manage.py migrate` first.")
    if there := in_the_way():
        found = ", ".join(_in_words(kind, count) for kind, count in there.items())
        raise UnusableArchive(
            f"This installation is not empty: it holds {found}. Take a new database, with `manage.py migrate` alone: "
            "`prepare` comes after the import, since it loads a catalogue."
        )
    if (theirs := header.get("reporting_currency")) != settings.REPORTING_CURRENCY:
        raise UnusableArchive(f"The exchange rates of the archive are into {theirs}: set REPORTING_CURRENCY={theirs} first.")


def _in_words(kind: str, count: int) -> str:
    about = apps.get_model(kind)._meta
    return f"{count} {about.verbose_name if count == 1 else about.verbose_name_plural}"


def _store_all(archive: Archive) -> None:
    for _kind, run in groupby(archive.records(), key=attrgetter("kind")):
        for batch in batched(run, BATCH):
            _store(batch)


def _store(batch: tuple[Record, ...]) -> None:
    """Records of one kind."""
    lines = f"Lines {batch[0].line} to {batch[-1].line}"
    try:
        # The original column of a translated text follows the language that is spoken.
        with translation.override(settings.LANGUAGE_CODE):
            items = list(_objects(batch))
            _insert(items)
    except (DeserializationError, ValidationError, TypeError, ValueError, OverflowError) as error:
        raise UnusableArchive(f"{lines}: a value is not of its kind: {_first_line(error)}") from error
    except DatabaseError as error:
        if is_away(error):
            raise  # which says nothing about the file
        raise UnusableArchive(f"{lines} cannot be stored: {_first_line(error)}") from error


def _objects(batch: tuple[Record, ...]) -> Iterator[DeserializedObject]:
    finish = _FINISH.get(batch[0].kind)
    for item in serializers.deserialize("python", [record.content for record in batch]):
        if finish:
            finish(item.object)
        yield item


def _insert(items: list[DeserializedObject]) -> None:
    """Past managers and `save`: these rows were written once by acts that kept the rules, and constraints still hold."""
    model = type(items[0].object)
    links = [link for field in model._meta.local_many_to_many for link in _links(items, field)]
    if any(getattr(field, "auto_now_add", False) for field in model._meta.local_fields):
        # In bulk Django would stamp them with the moment of the import.
        for item in items:
            item.save(save_m2m=False, force_insert=True)
    else:
        _rows(model).bulk_create([item.object for item in items])
    for through, run in groupby(links, key=type):
        _rows(through).bulk_create(list(run))


def _rows(model: type[models.Model]) -> models.QuerySet:
    return models.QuerySet(model)


def _links(items: list[DeserializedObject], field: Any) -> Iterator[models.Model]:
    """The rows between each item and the others that it lists."""
    through = field.remote_field.through
    ours, theirs = (through._meta.get_field(name).attname for name in (field.m2m_field_name(), field.m2m_reverse_field_name()))
    for item in items:
        for other in (item.m2m_data or {})[field.name]:
            yield through(**{ours: item.object.pk, theirs: other})


def _finish() -> Restored:
    """What follows from the records, and what is worth telling."""
    pks = Account.objects.order_by("pk").values_list("pk", flat=True)
    for batch in batched(pks.iterator(chunk_size=derived.BATCH), derived.BATCH):
        derived.refresh(batch, occasion=derived.Occasion.MEND)
    administrators = User.objects.filter(role=User.Role.ADMINISTRATOR, is_active=True).order_by("pk")
    return Restored(
        records=counts(),
        broken_events=sum(1 for _event in trail.broken_links()),
        administrators=list(administrators.values_list("email", flat=True)),
    )


def _leave_numbers_that_were_used() -> None:
    """New rows get ids above every one that is stored or that the trail names: also of what was removed or left out.

    Without that the trail of something old would continue with something new.
    """
    named = dict(Event.objects.order_by().values_list("object_type").annotate(Max("object_id")))
    ours = {model._meta.app_label for model in archived()}
    for model in apps.get_models():
        if model._meta.app_label in ours:
            stored = _rows(model).aggregate(last=Max("pk"))["last"] or 0
            if last := max(stored, *(named.get(name) or 0 for name in trail.names_of(model))):
                _go_on_after(last, model._meta.db_table)


def _go_on_after(last: int, table: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            quoted = connection.ops.quote_name(table)
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [quoted, last])
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])


def _without_password(user: User) -> None:
    user.set_unusable_password()


def _with_a_new_secret(hook: Webhook) -> None:
    """It was never shown to anybody: who wants to use it makes the webhook anew."""
    hook.is_active = False
    hook.secret = "" if hook.removed_at else secrets.token_urlsafe(32)


def _not_on_its_way(invitation: Invitation) -> None:
    """The letter stayed behind. Failed, it can be sent again; queued, it would seem to be on its way for ever."""
    if invitation.state == Invitation.State.QUEUED:
        invitation.state = Invitation.State.FAILED


_FINISH: dict[str, Callable[[Any], None]] = {
    "accounts.user": _without_password,
    "webhooks.webhook": _with_a_new_secret,
    "surveys.invitation": _not_on_its_way,
}


def _first_line(error: Exception) -> str:
    text = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
