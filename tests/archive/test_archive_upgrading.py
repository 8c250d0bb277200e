"""An archive of an earlier format comes in whole: what the installation before the rooms of today wrote."""

import json
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from accounts.acts.erasure import erase_contact
from accounts.models import Contact
from archive.upgrading import ADDED, RENAMED
from audit import trail
from audit.models import Event
from tests.archive.archives import empty_everything, organisation, rows, summed, written

pytestmark = pytest.mark.django_db


def as_format_1(whole: bytes) -> bytes:
    """The same archive as it would have been written then: former names, and none of the fields that came later."""
    former = {now: then for then, now in RENAMED.items()}
    header, *lines = whole.splitlines(keepends=True)[:-1]
    told = json.loads(header.removeprefix(b'{"header": ').removesuffix(b",\n"))
    told |= {"version": 1, "counts": {former.get(kind, kind): count for kind, count in told["counts"].items()}}
    found = [b'{"header": ' + json.dumps(told).encode() + b",\n"]
    for line in lines:
        if line.startswith(b'{"model"'):
            record = json.loads(line.rstrip().removesuffix(b","))
            kind = record["model"]
            fields = {name: value for name, value in record["fields"].items() if name not in ADDED.get(kind, {})}
            ended = b",\n" if line.rstrip().endswith(b",") else b"\n"
            line = json.dumps({"model": former.get(kind, kind), "pk": record["pk"], "fields": fields}).encode() + ended
        found.append(line)
    return summed(found)


@pytest.fixture
def former(tmp_path) -> SimpleNamespace:
    """An archive of format 1, and what it was made of, which is gone from the installation."""
    there = organisation()
    path = tmp_path / "former.json"
    path.write_bytes(as_format_1(written()))
    before = rows()
    empty_everything()
    return SimpleNamespace(path=path, before=before, boss=there.boss)


def test_everything_in_it_is_stored(former):
    call_command("import_archive", str(former.path))
    after = rows()
    changed = {"accounts.User", "webhooks.Webhook", "surveys.Invitation"}  # a new password, a new secret, mail that stayed behind
    assert {kind: found for kind, found in after.items() if kind not in changed} == {
        kind: found for kind, found in former.before.items() if kind not in changed
    }
    assert {kind: len(after[kind]) for kind in changed} == {kind: len(former.before[kind]) for kind in changed}
    assert list(trail.broken_links()) == []


def test_a_person_is_erased_from_events_that_have_the_former_name(former):
    call_command("import_archive", str(former.path))
    boss = Contact.objects.get(pk=former.boss.pk)
    event = trail.record("invitation.made", boss.invitations.get(), by=None, after={"subject": "A word with you"})
    Event.objects.filter(pk=event.pk).update(object_type="assessments.invitation")
    erase_contact(boss, by=boss.account.owner)
    event.refresh_from_db()
    assert event.after == {}
