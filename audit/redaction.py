"""Taking a person out of the trail, so that the trail still proves itself.

The content of an event is in its hash only by a salted fingerprint. Redacting puts a cleaned content in its place with
a new salt, and throws the old salt away: nobody can find out any more what stood there, not even by trying names. The
old fingerprint stays, so the chain holds. The new one is announced by an event of its own (`trail.REDACTED`), which
stands in the chain itself: content that is gone or changed without such an event is found by `verify_audit`.
"""

from collections.abc import Callable, Iterable
from itertools import batched
from typing import Any

from django.db import models, transaction

from audit import trail
from audit.models import Event
from core import days

BATCH = 500

#: What is left of an event's content, by its name: `before`, `after`, `note`, `origin`.
type Cleaned = dict[str, Any]


@transaction.atomic
def redact(events: Iterable[Event], obj: models.Model, *, by, clean: Callable[[Event], Cleaned]) -> list[int]:
    """Put what `clean` leaves of each of `events` in its place; those that it leaves as they are, are not touched.

    Gives the ids of what changed. `obj` is what the redaction is about, in the event that announces it. Call it inside
    the transaction of the act, after everything else: until that ends nobody else writes to the trail. One statement an
    event, and one event that announces each 500.
    """
    trail.hold_chain()
    done: list[int] = []
    for some in batched(events, BATCH):  # very many would fill the memory
        changed = [event for event in some if event.act != trail.REDACTED and _cleaned(event, clean)]
        if not changed:
            continue
        for event in changed:
            event.save(update_fields=[*Event.CONTENT, "content_salt", "redacted_on"])
        announced = {str(event.pk): trail.content_digest(event) for event in changed}
        trail.record(trail.REDACTED, obj, by=by, after={"events": announced})
        done += [event.pk for event in changed]
    return done


def _cleaned(event: Event, clean: Callable[[Event], Cleaned]) -> bool:
    """Whether there was something to take out."""
    left = clean(event)
    if all(getattr(event, name) == value for name, value in left.items()):
        return False
    for name, value in left.items():
        setattr(event, name, value)
    event.content_salt, event.redacted_on = trail.new_salt(), days.today()
    return True
