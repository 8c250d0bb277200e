"""An archive of an earlier format comes in whole: what the installation before the rooms of today wrote."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command

from accounts.acts.erasure import erase_contact
from accounts.models import Account, Contact
from archive import VERSION
from archive.contents import archived, fields_of, kind_of
from archive.reading import UnusableArchive
from archive.reading import _record as record_of
from archive.upgrading import RENAMED, record_now
from audit import trail
from audit.models import Event
from tests.archive.archives import empty_everything, organisation, rows, summed, written

pytestmark = pytest.mark.django_db

#: Some of the fields that came later, with what they hold where the record lacks them.
LATER: dict[str, dict[str, Any]] = {
    "accounts.account": {"phone": "", "turnover": None, "turnover_currency": "EUR", "renewal_on": None, "merged_into": None},
    "hierarchy.edition": {"continues": None, "continued_as": ""},
    "accounts.contact": {"phone": "", "part_of_decision": True, "not_part_because": "", "left_on": None, "former": None},
    "assessments.response": {"language": "", "origin": "told", "counted": True, "known_levels": 2, "unblinded": False},
    "assessments.assessment": {"agreement_word": "", "unblinded": []},
}


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
            fields = {name: value for name, value in record["fields"].items() if name not in LATER.get(kind, {})}
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
    for response in before["assessments.Response"]:
        response["language"] = ""  # nobody told it then
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


def test_a_field_that_came_later_has_its_default(former):
    call_command("import_archive", str(former.path))
    for model, expected in ((Account, LATER["accounts.account"]), (Contact, LATER["accounts.contact"])):
        assert [row for row in model.objects.values(*expected) if row != expected] == []


@pytest.mark.parametrize(("kind", "field"), [("accounts.account", "name"), ("accounts.user", "date_joined")])
def test_what_has_no_default_has_to_be_there(kind, field):
    with pytest.raises(UnusableArchive, match=f"lacks '{field}'"):
        list(lacking(kind, field, version=1))


@pytest.mark.parametrize(
    ("fields", "origin"),
    [
        ({"user": 1}, "own"),
        ({"contact": 1, "entered_by": 1}, "told"),
        ({"contact": 1}, "link"),
        ({"entered_by": 1}, "api"),
        ({}, "api"),
    ],
)
def test_a_response_gets_its_origin(fields, origin):
    found = record_now({"model": "assessments.response", "fields": fields | {"level": 3}}, 3)["fields"]
    assert (found["origin"], found["known_levels"]) == (origin, 3)


@pytest.mark.parametrize(
    ("state", "origin", "former"), [("closed", "measured", True), ("closed", "recorded", False), ("open", "measured", False)]
)
def test_a_measured_result_counts_as_closed_under_the_former_rule(state, origin, former):
    fields = {"state": state, "origin": origin, "agreement": 0.62, "customer_position": 3.2}
    found = record_now({"model": "assessments.assessment", "fields": fields}, 3)["fields"]
    assert (found["former_rule"], found["agreement_word"], found["agreement"]) == (former, "mixed", 0.62)


def test_a_confidential_result_loses_its_decimals():
    fields = {"state": "closed", "origin": "measured", "visibility": "confidential", "agreement": 0.62, "customer_position": 3.2}
    found = record_now({"model": "assessments.assessment", "fields": fields | {"customer_level": 3}}, 3)["fields"]
    assert (found["customer_position"], found["agreement"]) == (None, None)
    assert (found["customer_level"], found["agreement_word"]) == (3, "mixed")


def test_a_record_of_the_present_format_lacks_nothing():
    assert list(lacking("accounts.account", "phone", version=1))
    assert list(lacking("accounts.account", "merged_into", version=2))
    with pytest.raises(UnusableArchive, match="lacks 'phone'"):
        list(lacking("accounts.account", "phone", version=VERSION))


def lacking(kind: str, field: str, *, version: int) -> list[Any]:
    """The record of that kind as it is read from an archive where it has not this field."""
    fields = dict.fromkeys(set(fields_of(apps.get_model(kind))) - {field})
    line = json.dumps({"model": kind, "pk": 1, "fields": fields}).encode()
    known = {kind_of(model): frozenset(fields_of(model)) for model in archived()}
    return [record_of(3, line, known, version)]
