"""Store an archive in an empty installation, in one transaction."""

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
from archive.upgrading import complete
from audit import trail
from audit.models import Event
from core import days, organisation
from core.database_errors import is_away
from core.stored_keys import set_keys
from surveys.models import Invitation
from webhooks.models import Webhook


@dataclass(frozen=True, slots=True)
class Restored:
    """The result: the stored records of each kind, the events that break the hash chain, and the administrators."""

    records: dict[str, int]
    broken_events: int
    administrators: list[str]  # e-mail addresses of those who may sign in


def restore(archive: Archive, *, dry_run: bool = False) -> Restored:
    """Store all records with their ids in one transaction; with `dry_run` it is rolled back.

    Raises UnusableArchive, and stores nothing, when the file or the installation does not fulfil the conditions. One batch of
    records is in memory at a time. Derived columns are computed, users get an unusable password, webhooks a new secret.
    """
    archive.check()
    try:
        with transaction.atomic():
            trail.hold_chain()
            _check_installation(archive.header)
            _store_all(archive)
            complete(archive.header["version"])
            connection.check_constraints()
            restored = _finish()
            if dry_run:
                transaction.set_rollback(True)
                organisation.forget()
            else:
                _skip_used_ids()
    except IntegrityError as error:
        raise UnusableArchive(f"The records do not fit each other: {_first_line(error)}") from error
    return restored


def existing_records() -> dict[str, int]:
    """The number of existing records of each kind; empty for an empty installation. One statement."""
    return {kind: count for kind, count in counts(with_answers=True).items() if count}


def _check_installation(header: dict[str, Any]) -> None:
    migrations = MigrationExecutor(connection)
    if migrations.migration_plan(migrations.loader.graph.leaf_nodes()):
        raise UnusableArchive("The database has not all tables yet: run `manage.py migrate` first.")
    if there := existing_records():
        found = ", ".join(_counted(kind, count) for kind, count in there.items())
        raise UnusableArchive(
            f"This installation is not empty: it holds {found}. Take a new database, with `manage.py migrate` alone: "
            "`prepare` comes after the import, since it loads a catalogue."
        )
    brings_its_own = header["counts"].get("core.organisation")
    if not brings_its_own and (theirs := header.get("reporting_currency")) != settings.REPORTING_CURRENCY:
        raise UnusableArchive(f"The exchange rates of the archive are into {theirs}: set REPORTING_CURRENCY={theirs} first.")


def _counted(kind: str, count: int) -> str:
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
        # modeltranslation writes the original column of a text from the active language.
        with translation.override(settings.LANGUAGE_CODE):
            items = list(_objects(batch))
            _insert(items)
    except (DeserializationError, ValidationError, TypeError, ValueError, OverflowError) as error:
        raise UnusableArchive(f"{lines}: a value is not of its kind: {_first_line(error)}") from error
    except DatabaseError as error:
        if is_away(error):
            raise  # no fault of the file
        raise UnusableArchive(f"{lines} cannot be stored: {_first_line(error)}") from error


def _objects(batch: tuple[Record, ...]) -> Iterator[DeserializedObject]:
    finish = _FINISH.get(batch[0].kind)
    for item in serializers.deserialize("python", [record.content for record in batch]):
        if finish:
            finish(item.object)
        set_keys(item.object)
        yield item


def _insert(items: list[DeserializedObject]) -> None:
    """Insert rows without managers and `save`: the rules were checked when they were written, and constraints still apply."""
    model = type(items[0].object)
    links = [link for field in model._meta.local_many_to_many for link in _links(items, field)]
    if any(getattr(field, "auto_now_add", False) for field in model._meta.local_fields):
        # bulk_create would set the time of the import.
        for item in items:
            item.save(save_m2m=False, force_insert=True)
    else:
        _rows(model).bulk_create([item.object for item in items])
    for through, run in groupby(links, key=type):
        _rows(through).bulk_create(list(run))


def _rows(model: type[models.Model]) -> models.QuerySet[Any]:
    return models.QuerySet(model)


def _links(items: list[DeserializedObject], field: Any) -> Iterator[models.Model]:
    """The rows of the intermediate table of a many-to-many field."""
    through = field.remote_field.through
    ours, theirs = (through._meta.get_field(name).attname for name in (field.m2m_field_name(), field.m2m_reverse_field_name()))
    for item in items:
        for other in (item.m2m_data or {})[field.name]:
            yield through(**{ours: item.object.pk, theirs: other})


def _finish() -> Restored:
    """Compute the derived columns; returns the result."""
    organisation.forget()  # the days of the archive are those of its organisation
    derived.prepare(days.today())
    pks = Account.objects.order_by("pk").values_list("pk", flat=True)
    for batch in batched(pks.iterator(chunk_size=derived.BATCH), derived.BATCH):
        derived.refresh(batch, occasion=derived.Occasion.MEND)
    administrators = User.objects.filter(role=User.Role.ADMINISTRATOR, is_active=True).order_by("pk")
    return Restored(
        records=counts(with_answers=True),
        broken_events=sum(1 for _event in trail.broken_links()),
        administrators=list(administrators.values_list("email", flat=True)),
    )


def _skip_used_ids() -> None:
    """Advance the sequences of ids beyond those that are stored or that the trail names, also of objects that no longer exist.

    Otherwise a new object would get the audit events of a former one.
    """
    named = dict(Event.objects.order_by().values_list("object_type").annotate(Max("object_id")))
    ours = {model._meta.app_label for model in archived()}
    for model in apps.get_models():
        if model._meta.app_label in ours:
            stored = _rows(model).aggregate(last=Max("pk"))["last"] or 0
            if last := max(stored, *(named.get(name) or 0 for name in trail.names_of(model))):
                _set_sequence(last, model._meta.db_table)


def _set_sequence(last: int, table: str) -> None:
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
    """Replace the secret. The new one is not shown to anybody, so the webhook is inactive and has to be created anew."""
    hook.is_active = False
    hook.secret = "" if hook.removed_at else secrets.token_urlsafe(32)


def _not_on_its_way(invitation: Invitation) -> None:
    """Mark a queued invitation as failed: its letter is not in the archive, and a failed one can be sent again."""
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
