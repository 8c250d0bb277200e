"""Events from before their content had a fingerprint of its own: chained anew, in batches."""

import hashlib
import json
import secrets

from django.core.serializers.json import DjangoJSONEncoder
from django.db import migrations

GENESIS = "0" * 64
BATCH = 500


def fingerprint(*content):
    text = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def with_fingerprints(apps, schema_editor):
    def link(event):
        event.content_salt = secrets.token_hex(16)
        event.content_hash = fingerprint(event.content_salt, event.origin, event.before, event.after, event.note)
        return fingerprint(
            event.previous_hash, event.at.isoformat(), event.actor_id, event.act,
            event.object_type, event.object_id, event.account_id, event.content_hash,
        )  # fmt: skip

    rechain(apps.get_model("audit", "Event"), link)


def without_fingerprints(apps, schema_editor):
    def link(event):
        return fingerprint(
            event.previous_hash, event.at.isoformat(), event.actor_id, event.origin, event.act, event.object_type,
            event.object_id, event.account_id, event.before, event.after, event.note,
        )  # fmt: skip

    rechain(apps.get_model("audit", "Event"), link)


def rechain(Event, link):
    """Each event with the hash that `link` gives, from the first to the last."""
    previous, last = GENESIS, 0
    while events := list(Event.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        for event in events:
            event.previous_hash = previous
            previous = event.hash = link(event)
        Event.objects.bulk_update(events, ["content_salt", "content_hash", "previous_hash", "hash"])
        last = events[-1].pk


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_event_content_hash")]

    operations = [migrations.RunPython(with_fingerprints, without_fingerprints)]
