"""API endpoints of notes."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from accounts.models import Contact
from accounts.permissions import SignedInRequest, account_for
from core.api import Body, Day, Id, Paging, Text, WholeId, page_of, refused, seen_version, tagged, wrong
from notes import acts
from notes.models import Note

router = Router(tags=["notes"])
PathId = Annotated[Id, Path()]
Kind = Literal["call", "meeting", "mail", "note"]
WITH_WHOM = Field(max_length=50, description="Ids of contacts of the account.")
TELL = Field(max_length=50, description="Ids of colleagues who see the account; a name after an @ in the text does the same.")


class NoteIn(Body):
    held_on: Day
    kind: Kind
    text: Annotated[Text, Field(min_length=1)]
    contacts: Annotated[list[WholeId], WITH_WHOM] = []
    mentions: Annotated[list[WholeId], TELL] = []


class NoteChange(Body):
    """What is not sent has no default: it stays as it is."""

    held_on: Day = Field(default_factory=lambda: date.min)
    kind: Kind = Field(default_factory=lambda: "note")
    text: Annotated[Text, Field(min_length=1)] = Field(default_factory=str)
    contacts: Annotated[list[WholeId], WITH_WHOM] = Field(default_factory=list)
    mentions: Annotated[list[WholeId], TELL] = Field(default_factory=list)


class NoteOut(Schema):
    id: int
    account: int
    held_on: date
    kind: Kind
    text: str
    contacts: list[int]
    author: str
    mentions: list[int]
    version: int


class NoteList(Schema):
    items: list[NoteOut]
    next: str | None


@router.get("/accounts/{id}/notes", response=NoteList, url_name="notes")
def list_notes(request: SignedInRequest, id: PathId, query: Query[Paging]) -> dict[str, Any]:
    """The notes of an account, in the order in which they were written."""
    rows = Note.objects.filter(account=account_for(request.user, id)).whole()
    return page_of(rows, query, lambda found: [_shown(note) for note in found])


@router.post("/accounts/{id}/notes", response={201: NoteOut}, url_name="notes")
def add_note(request: SignedInRequest, response: HttpResponse, id: PathId, body: NoteIn) -> Status:
    """A note of a call, a meeting or a mail. Who is mentioned gets a letter, once."""
    account = account_for(request.user, id, to="note.write")
    sent = body.dict()
    people = _people(id, sent.pop("contacts"))
    note = _act(lambda: acts.add_note(account, by=request.user, contacts=people, tell=sent.pop("mentions"), **sent))
    tagged(response, note)
    return Status(201, _shown(note))


@router.get("/notes/{id}", response=NoteOut, url_name="note")
def get_note(request: SignedInRequest, response: HttpResponse, id: PathId) -> dict[str, Any]:
    """One note."""
    note = get_object_or_404(Note.objects.visible_to(request.user).whole(), pk=id)
    tagged(response, note)
    return _shown(note)


@router.patch("/notes/{id}", response=NoteOut, url_name="note")
def change_note(request: SignedInRequest, response: HttpResponse, id: PathId, body: NoteChange) -> dict[str, Any]:
    """Change what is sent, and nothing else."""
    note = _to_write(request, id)
    seen = seen_version(request, note)
    sent = body.dict(exclude_unset=True)
    people = _people(note.account_id, sent.pop("contacts")) if "contacts" in sent else list(note.contacts.all())
    tell = sent.pop("mentions", [mention.user_id for mention in note.mentions.all()])
    for name, value in sent.items():
        setattr(note, name, value)
    _act(lambda: acts.change_note(note, by=request.user, seen=seen, contacts=people, tell=tell))
    changed = Note.objects.whole().get(pk=id)
    tagged(response, changed)
    return _shown(changed)


@router.delete("/notes/{id}", response={204: None}, url_name="note")
def delete_note(request: SignedInRequest, id: PathId) -> Status:
    """Delete a note. The trail keeps that it was there."""
    note = _to_write(request, id)
    acts.delete_note(note, by=request.user, seen=seen_version(request, note))
    return Status(204, None)


def _to_write(request: SignedInRequest, pk: int) -> Note:
    note = get_object_or_404(Note.objects.visible_to(request.user).whole(), pk=pk)
    account_for(request.user, note.account_id, to="note.write")
    return note


def _people(account_id: int, ids: list[int]) -> list[Contact]:
    found = list(Contact.objects.filter(pk__in=ids, account=account_id, erased_on=None))
    if unknown := sorted(set(ids) - {contact.pk for contact in found}):
        told = _("No such contact of this account: %(ids)s.")
        raise wrong("contacts", told % {"ids": ", ".join(map(str, unknown))})
    return found


def _act[T](act: Callable[[], T]) -> T:
    try:
        return act()
    except ValidationError as error:
        raise refused(error) from error


def _shown(note: Note) -> dict[str, Any]:
    return {
        "id": note.pk,
        "account": note.account_id,
        "held_on": note.held_on,
        "kind": note.kind,
        "text": note.text,
        "contacts": sorted(contact.pk for contact in note.contacts.all()),
        "author": note.author.email,
        "mentions": sorted(mention.user_id for mention in note.mentions.all()),
        "version": note.version,
    }
