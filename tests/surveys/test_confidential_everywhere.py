"""Confidential rounds on every page of the program, for every kind of person.

What is asked is stronger than that some figure is absent: whatever the customer's people answered, every page is the
same, byte for byte, while a round is open and where fewer than three answered; and from three on it is the same whoever
of them gave which answers. So nothing can be read off, computed or subtracted, by whatever way.
"""

import json
import re
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from functools import partial

import pytest
import time_machine
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from api.keys import make_key
from archive.writing import document
from assessments.models import Assessment
from assessments.rounds.closing import close
from audit.models import Event
from core import days
from mailing.models import Letter
from plans.calendar.keys import renew
from portfolio import digest
from portfolio.exports import EXPORTS
from tests import test_permissions
from tests.factories import answer, make_contact, make_invitation
from tests.test_permissions import TABLE, WHO, come_as
from webhooks.models import WebhookDelivery

pytestmark = pytest.mark.one_database

prepared, scene = test_permissions.prepared, test_permissions.scene  # one account with everything, and a person of each kind

R1, R2, R3, R4 = (
    "5445 4434 3433 2212 1121",
    "5544 5444 4443 332- ---2",  # position 3.6667
    "4454 3343 4444 2322 1211",  # not cumulative
    "5555 --4- 4544 4434 3234",
)
NOTHING = "-" * 20
SEEING = ("viewer", "mate", "owner", "lead", "administrator")  # the account, and of it what its rounds show
THREES = ("4444 4454 5444 1212 1111", "5555 4555 4434 3323 2211", "5454 4544 4443 2222 1312")  # level 3 each
ROLES = ("economic", "user", "technical")
#: What differs from one showing of a page to the next: tokens, hashes, ids of events.
PASSING = re.compile(r'nonce="[^"]*"|\b[A-Za-z0-9]{64}\b|name="form_key" value="[^"]*"|/event/\d+/')


@pytest.fixture(autouse=True)
def one_moment():
    """Nothing differs by the time at which it is looked at."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def people(scene):
    return [make_contact(scene.account, name=f"Ines {role.title()}", buying_role=role) for role in ROLES]


@pytest.fixture(autouse=True)
def keys(scene):
    """Whoever has one for the API reads all of it, too."""
    scene.keys = {who: make_key(getattr(scene, who), by=None, name="Key", scope="read")[1] for who in WHO if who != "anonymous"}


@pytest.fixture
def round_(scene, people) -> Assessment:
    """Open and confidential; our own view is in, the three are asked."""
    scene.open_round.visibility = Assessment.Visibility.CONFIDENTIAL
    scene.open_round.save()
    answer(scene.open_round, scene.owner, R4)
    for person in people:
        make_invitation(scene.open_round, person)
    return scene.open_round


def pages(scene, client, *, whom: Iterable[str] = WHO) -> Iterator[tuple[str, str]]:
    """Each address as each person gets it, without what differs from one showing to the next."""
    for who in whom:
        come_as(who, client, scene)
        User.objects.filter(pk=scene.disabled.pk).update(is_active=who != "disabled")
        for name, url in addresses(scene, administrator=who == "administrator"):
            shown = client.get(url)
            if "export" in name and shown.status_code == 405:  # written out on a button
                shown = client.post(url)
            content = b"".join(shown.streaming_content) if shown.streaming else shown.content
            yield f"{who} {name}", PASSING.sub("", content.decode(errors="replace"))
    yield from by_key(scene, client, whom=whom)
    yield from sent_out(scene, client)


def sent_out(scene, client) -> Iterator[tuple[str, str]]:
    """What is mailed, delivered, subscribed to and handed out as a file."""
    for who in SEEING:
        person = getattr(scene, who)
        weekly = digest.write(Letter(kind=digest.KIND, subject_id=person.pk, key=digest.key_of(person.pk, days.today())))
        yield f"{who} weekly mail", "" if weekly is None else f"{weekly.subject} {weekly.body} {weekly.alternatives[0].content}"
    yield "webhooks", json.dumps(list(WebhookDelivery.objects.order_by("pk").values("kind", "data")), indent=1)
    yield "letters", str(list(Letter.objects.order_by("pk").values("kind", "subject_id", "key", "state")))
    come_as("owner", client, scene)
    for number, person in enumerate(scene.account.contacts.order_by("pk")):
        handed_out = client.post(reverse("accounts:contact_export", args=[scene.account.pk, person.pk]))
        yield f"personal data {number}", PASSING.sub("", handed_out.text)
    yield "calendar", client.get(feed_of(scene.owner)).text
    records = json.loads(b"".join(document()))["records"]
    for record in records:
        record["fields"] = {name: value for name, value in record["fields"].items() if "hash" not in name and "salt" not in name}
    yield "archive", json.dumps(records, indent=1)


def feed_of(user: User) -> str:
    return reverse("plans:calendar", args=[renew(user, seen=0)])


def by_key(scene, client, *, whom: Iterable[str] = WHO) -> Iterator[tuple[str, str]]:
    """The same by the API."""
    for who, key in scene.keys.items():
        if who not in whom:
            continue
        client.logout()
        User.objects.filter(pk=scene.disabled.pk).update(is_active=who != "disabled")
        for name, url in calls(scene):
            shown = client.get(url, headers={"Authorization": f"Bearer {key}"})
            yield f"{who} {name} by key", PASSING.sub("", shown.content.decode())


def calls(scene) -> Iterator[tuple[str, str]]:
    """All that the API gives to read, of the open round as of the closed one."""
    for name, row in TABLE.items():
        if name.startswith("api:"):
            things = [getattr(scene, thing) for thing in row.args]
            yield name, reverse(name, args=[getattr(thing, "pk", thing) for thing in things])
    yield "api:assessment closed", reverse("api:assessment", args=[scene.closed_round.pk])
    yield "api:events all", f"{reverse('api:events')}?limit=200"
    yield "api:accounts level", f"{reverse('api:accounts')}?level=3"


def addresses(scene, *, administrator: bool) -> Iterator[tuple[str, str]]:
    for name, row in TABLE.items():
        if name.startswith("admin:") and not administrator:
            continue  # nobody else gets in: tests/test_permissions.py
        things = [getattr(scene, thing) for thing in row.args]
        yield name, reverse(name, args=[getattr(thing, "pk", thing) for thing in things])
    for level in range(1, 6):
        yield f"accounts:list level {level}", f"{reverse('accounts:list')}?level={level}&sort=-level"
    for table in EXPORTS:
        yield f"portfolio:export_file {table}", reverse("portfolio:export_file", args=[table, "csv"])
    if administrator:
        for number, pk in enumerate(Event.objects.order_by("pk").values_list("pk", flat=True)):
            yield f"event {number}", reverse("admin:audit_event_change", args=[pk])


def world(scene, client, round_, given: dict, *, closed: bool, shown=pages) -> dict[str, str]:
    """All pages when these people gave these answers, each with a text; afterwards nothing was stored.

    The texts are the same whoever gave which answers, and change hands with them.
    """
    with transaction.atomic():
        _number_anew()
        written = {marks: f"Between us: {number}" for number, marks in enumerate(sorted(given.values()))}
        for contact, marks in given.items():
            answer(round_, contact, marks, comment=written[marks])
        scene.closed_round = close(round_, by=scene.owner) if closed else scene.closed_round
        found = dict(shown(scene, client))
        transaction.set_rollback(True)
    return found


def _number_anew() -> None:
    """PostgreSQL goes on counting after a rollback: the same rows get the same ids in each world."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)


def differing(one: dict[str, str], other: dict[str, str]) -> dict[str, list[str]]:
    """The pages that differ, each with the first lines that do."""
    assert one.keys() == other.keys()
    return {name: _lines(one[name], other[name]) for name in one if one[name] != other[name]}


def _lines(one: str, other: str) -> list[str]:
    return [line.strip() for line in unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=0)][3:9]


def test_while_it_is_open_no_page_depends_on_what_three_answered(scene, client, round_, people):
    one = world(scene, client, round_, dict(zip(people, (R1, R2, R3), strict=True)), closed=False)
    other = world(scene, client, round_, dict(zip(people, (R4, "1" * 20, NOTHING), strict=True)), closed=False)
    assert differing(one, other) == {}


def test_closed_with_two_no_page_depends_on_what_they_answered(scene, client, round_, people):
    one = world(scene, client, round_, dict(zip(people[:2], (R2, R3), strict=True)), closed=True)
    other = world(scene, client, round_, dict.fromkeys(people[:2], NOTHING), closed=True)
    assert differing(one, other) == {}
    assert not [name for name, text in one.items() if "Between us" in text]


def test_closed_with_three_no_page_depends_on_who_of_them_answered_what(scene, client, round_, people):
    """Nor on what, as long as level and agreement in a word are the same: levels 2, 3 and 4, or 3, 3 and 3, by other decimals."""
    one = world(scene, client, round_, dict(zip(people, (R1, R2, R4), strict=True)), closed=True)
    other = world(scene, client, round_, dict(zip(people, THREES, strict=True)), closed=True)
    assert differing(one, other) == {}
    assert "They see us as a supplier that goes out of its way for them" in one["viewer portfolio:account"]
    assert {name for name, text in one.items() if "Between us" in text} == {
        *(f"{who} {page}" for who in SEEING for page in ("surveys:round", "portfolio:account_people")),
        "archive",
    }


def test_below_three_the_api_gives_null_for_every_figure_of_the_customer(scene, client, round_, people):
    found = world(scene, client, round_, dict(zip(people[:2], (R2, R3), strict=True)), closed=True, shown=by_key)
    for who in SEEING:
        told = {name: json.loads(found[f"{who} api:{name} by key"]) for name in ("account", "assessment closed", "history")}
        latest = told["history"]["items"][-1]
        for shown in (told["account"], told["assessment closed"], latest):
            assert (shown["customer_level"], shown["customer_position"], shown["gap"]) == (None, None, None)
        assert (latest["agreement"], latest["respondents"], latest["team_level"]) == (None, None, 4)


def test_the_same_answers_in_a_named_round_do_show(scene, client, round_, people):
    """The measure measures: without the promise the pages differ, where they should."""
    Assessment.objects.filter(pk=round_.pk).update(visibility=Assessment.Visibility.NAMED)
    show = partial(pages, whom=("anonymous", "stranger", "viewer", "owner", "administrator"))
    one = world(scene, client, round_, dict(zip(people, (R1, R2, R4), strict=True)), closed=True, shown=show)
    other = world(scene, client, round_, dict(zip(people, (R4, R1, R2), strict=True)), closed=True, shown=show)
    changed = differing(one, other)
    assert {"owner surveys:round", "owner portfolio:account", "administrator surveys:round"} <= set(changed)
    assert not [name for name in changed if name.startswith(("anonymous", "stranger", "viewer"))]


def test_with_two_the_account_stands_on_our_own_view_alone(scene, round_, people):
    for contact in people[:2]:
        answer(round_, contact, R2)
    close(round_, by=scene.owner)
    scene.account.refresh_from_db()
    account = scene.account
    assert (account.customer_level, account.customer_position, account.last_heard_on) == (None, None, None)
    assert account.team_level == 4
