"""The webhook event of a note: that it was added, without what it says."""

from django.conf import settings

from notes.models import Note
from webhooks import endpoints
from webhooks.endpoints import Told

ADDED = "note.added"


def tell_added(note: Note) -> None:
    data = {
        "note": note.pk,
        "kind": str(note.kind),
        "held_on": note.held_on.isoformat(),
        "author": note.author_id,
        "url": settings.BASE_URL + note.get_absolute_url(),
    }
    endpoints.tell([Told(ADDED, note.account_id, data, f"note-{note.pk}")])
