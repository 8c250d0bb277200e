"""Write, change and delete notes, and take a deletion back: each is one transaction with an event."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts.changing import check_unmerged
from accounts.models import Account, Contact, User
from audit import trail
from audit.models import Event
from core.versions import StaleEdit
from notes.letters import MENTIONED
from notes.mentions import mentioned_in, store_mentions
from notes.models import Note, NoteMention
from notes.webhook_events import tell_added

FIELDS = ("held_on", "kind", "text")


def snapshot(note: Note) -> dict[str, Any]:
    """The stored content of a note, as the trail holds it. Two statements."""
    return trail.snapshot(note, *FIELDS) | {
        "contacts": sorted(note.contacts.order_by().values_list("pk", flat=True)),
        "mentions": sorted(note.mentions.order_by().values_list("user", flat=True)),
    }


@transaction.atomic
def add_note(
    account: Account,
    *,
    by: User,
    held_on: date,
    kind: str,
    text: str,
    contacts: Collection[Contact] = (),
    tell: Collection[int] = (),
) -> Note:
    """A new note by `by`; who is mentioned gets a letter. Raises ValidationError."""
    check_unmerged(account.pk)
    note = Note(account=account, author=by, held_on=held_on, kind=kind, text=text.strip())
    note.full_clean()
    _check_contacts(note, contacts)
    note.save()
    note.contacts.set(contacts)
    _mention(note, tell=tell)
    tell_added(note)
    trail.record("note.added", note, by=by, after=snapshot(note))
    return note


@transaction.atomic
def change_note(note: Note, *, by: User, seen: int, contacts: Collection[Contact], tell: Collection[int] = ()) -> Note:
    """Store what was typed into `note`; who is newly mentioned gets a letter. Raises StaleEdit, ValidationError."""
    stored = Note.objects.get(pk=note.pk)
    before = snapshot(stored)
    note.text = note.text.strip()
    note.full_clean()
    _check_contacts(note, contacts)
    note.save_version(seen, list(FIELDS))
    note.contacts.set(contacts)
    _mention(note, tell=tell)
    old, new = trail.difference(before, snapshot(note))
    if new:
        trail.record("note.changed", note, by=by, before=old, after=new)
    return note


@transaction.atomic
def delete_note(note: Note, *, by: User, seen: int) -> Event:
    """Delete the note; the event holds what `restore_note` needs. Raises StaleEdit."""
    stored = Note.objects.select_for_update().get(pk=note.pk)
    if stored.version != seen:
        raise StaleEdit(stored)
    before = snapshot(stored) | {"author": stored.author_id, "written_at": stored.written_at, "version": stored.version}
    gone = Note(pk=stored.pk, account_id=stored.account_id)
    stored.delete()
    return trail.record("note.deleted", gone, by=by, before=before)


@transaction.atomic
def restore_note(event: Event, *, by: User) -> Note:
    """Take the deletion back that `event` tells: the note is there as it was, and nobody is told again.

    There again already: nothing changes. Contacts who are no longer at the account are left out.
    """
    pk, account_id = event.object_id or 0, event.account_id or 0
    if found := Note.objects.filter(pk=pk).first():
        return found
    told: dict[str, Any] = event.before or {}
    if not told:
        raise ValidationError(_("What this note said is no longer kept."), code="forgotten")
    note = Note(pk=pk, account_id=account_id, author_id=told["author"], version=told["version"] + 1)
    for name in (*FIELDS, "written_at"):
        column: Any = Note._meta.get_field(name)
        setattr(note, name, column.to_python(told[name]))
    note.save(force_insert=True)
    note.contacts.set(Contact.objects.filter(pk__in=told.get("contacts", ()), account=account_id, erased_on=None))
    there = User.objects.filter(pk__in=told["mentions"])
    NoteMention.objects.bulk_create(NoteMention(note=note, user=user) for user in there)
    trail.record("note.restored", note, by=by, after=snapshot(note))
    return note


def _mention(note: Note, *, tell: Collection[int]) -> None:
    people = mentioned_in(note.text, note.account, author=note.author_id, told=tell)
    store_mentions(NoteMention, {"note": note}, people, letter=MENTIONED)


def _check_contacts(note: Note, contacts: Collection[Contact]) -> None:
    if any(contact.account_id != note.account_id for contact in contacts):
        raise ValidationError({"contacts": ValidationError(_("Choose people of this account."), code="elsewhere")})
