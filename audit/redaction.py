"""Remove personal data from events, and keep the hash chain valid.

The hash of an event covers its content by a salted fingerprint only. Redaction replaces the content and the salt. Without the
old salt the former content cannot be found out, not even by trying names. The old fingerprint stays, so the chain is valid.
An event of its own (`trail.REDACTED`) announces the new fingerprints; `verify_audit` reports content that is missing or changed
without such an event.
"""

from collections.abc import Callable, Iterable
from itertools import batched
from typing import Any

from django.db import models, transaction

from audit import trail
from audit.models import Event
from core import days

BATCH = 500

#: The content that stays, by the name of its field: `before`, `after`, `note`, `origin`.
type Cleaned = dict[str, Any]


@transaction.atomic
def redact(events: Iterable[Event], obj: models.Model, *, by: trail.Actor, clean: Callable[[Event], Cleaned]) -> list[int]:
    """Replace the content of each event by what `clean` returns for it; returns the ids of the events that changed.

    `obj` is the object of the event that announces the redaction. Call this inside the transaction of the act, as its last
    step: it locks the trail until the transaction ends. One statement for each event, and one announcing event for each 500.
    """
    trail.hold_chain()
    done: list[int] = []
    for some in batched(events, BATCH):  # all at once may need too much memory
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
    """Redact the event in memory; whether its content changed."""
    left = clean(event)
    if all(getattr(event, name) == value for name, value in left.items()):
        return False
    for name, value in left.items():
        setattr(event, name, value)
    event.content_salt, event.redacted_on = trail.new_salt(), days.today()
    return True
