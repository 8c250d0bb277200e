"""The template contexts of notes: their page, and the newest few for the page of an account."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Window

from accounts.models import Account, User
from accounts.permissions import may
from core.forms import typed_id
from notes.models import Note

PAGE = 20
LATEST = 3


def notes_context(account: Account, user: User, *, number: str | None, alone: str | None) -> dict[str, Any]:
    """The notes of an account, newest first, in pages; `alone` is the id of one that is shown without the others.

    Five statements at most.
    """
    notes = account.dated_notes.newest_first().whole()
    one = typed_id(alone) if alone else None
    if one:
        notes = notes.filter(pk=one)
    return {
        "section": "accounts",
        "here": "notes",
        "account": account,
        "page": Paginator(notes, PAGE).get_page(number),
        "alone": bool(one),
        "may_write": may(user, "note.write", account) and not account.is_merged,
    }


def latest_notes(account: Account, user: User, *, most: int = LATEST) -> dict[str, Any]:
    """The context of `notes/_latest.html`: the newest notes of an account, and how many there are. One statement."""
    newest = Note.objects.filter(account=account.pk).with_names().newest_first().annotate(all=Window(Count("pk")))
    found: list[Any] = list(newest[:most])
    for note in found:
        note.names = ", ".join(sorted((note.names or "").split("\n")))  # not every SQLite sorts within an aggregate
    return {
        "latest_notes": found,
        "all_notes": found[0].all if found else 0,
        "may_write_notes": may(user, "note.write", account) and not account.is_merged,
    }
