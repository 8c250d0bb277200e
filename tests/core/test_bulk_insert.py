"""Many new rows at once: stored as one by one, by COPY where there is PostgreSQL."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Account, Contact
from audit import trail
from audit.models import Event
from core.bulk_insert import COPY_FROM, insert_many, new_row
from importing.models import ImportRow
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db
MANY = COPY_FROM + 1
NAUGHTY = ["tab\tnew\nline", "back\\slash \\N \\.", "NULL", "", "quote\" '", "Zoë 😀", "{}"]


def accounts(owner, number, **columns):
    return [Account(name=f"{NAUGHTY[n % len(NAUGHTY)]} {n}", owner=owner, currency="EUR", **columns) for n in range(number)]


@pytest.mark.parametrize("number", [0, 1, MANY])
def test_rows_are_stored_as_they_are(number):
    owner = make_user()
    rows = accounts(owner, number, revenue=Decimal("1234567.89"), notes="a\tb\\n\n", external_id="", employees=None)
    insert_many(rows)
    stored = list(Account.objects.order_by("pk"))
    assert [row.pk for row in stored] == [row.pk for row in rows]
    assert [(one.name, one.notes, one.revenue, one.employees, one.created_at) for one in stored] == [
        (one.name, one.notes, one.revenue, one.employees, one.created_at) for one in rows
    ]


@pytest.mark.parametrize(("model", "columns"), [
    (Account, {"name": "Acme", "owner_id": 3, "employees": 5}), (Contact, {"account_id": 4, "name": "Ann", "buying_role": "user"}),
    (Event, {"after": {"a": 1}}), (ImportRow, {"job_id": 1, "line": 2}),
])  # fmt: skip
def test_a_new_row_is_what_the_constructor_makes(model, columns):
    moment = {"created_at": timezone.now()} if model is Account else {}
    made, quick = model(**columns, **moment), new_row(model, **columns, **moment)
    assert made.__dict__.keys() == quick.__dict__.keys()
    assert [made.__dict__[name] for name in made.__dict__ if name != "_state"] == [
        quick.__dict__[name] for name in made.__dict__ if name != "_state"
    ]
    assert quick._state.adding and new_row(model, **columns)._state is not quick._state


def test_a_new_row_has_no_names_that_are_no_columns():
    with pytest.raises(TypeError, match="ImportRow has no column job"):
        new_row(ImportRow, job=1, line=2)


def test_a_default_that_can_be_changed_is_each_rows_own():
    one, other = new_row(ImportRow), new_row(ImportRow)
    one.problems.append("x")
    assert other.problems == []


def test_a_row_can_be_changed_after_it_was_stored():
    rows = accounts(make_user(), MANY)
    insert_many(rows)
    rows[-1].name = "Changed"
    rows[-1].save()
    assert Account.objects.count() == MANY
    assert Account.objects.get(pk=rows[-1].pk).name == "Changed"


def test_ids_that_are_known_before_are_kept():
    rows = accounts(make_user(), MANY)
    highest = make_account().pk + 10 * MANY
    for n, row in enumerate(rows):
        row.pk = highest + n
    insert_many(rows)
    assert set(Account.objects.filter(pk__gte=highest).values_list("pk", flat=True)) == {row.pk for row in rows}


def test_a_constraint_that_does_not_hold_is_an_integrity_error_and_stores_nothing():
    rows = accounts(make_user(), MANY, source="crm", external_id="one and the same")
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_many(rows)
    assert not Account.objects.exists()


def test_the_chain_of_many_events_holds():
    owner = make_user()
    account = make_account(owner=owner)
    content = {"text": NAUGHTY, "number": 1.5, "nothing": None, "deep": {"b": [1, {"a": "\\"}]}}
    changes = [trail.Change("account.changed", account, {"n": n}, content, note=NAUGHTY[n % len(NAUGHTY)]) for n in range(MANY)]
    events = trail.record_many(changes, by=owner)
    trail.record("account.changed", account, by=owner)
    assert not list(trail.broken_links())
    stored = Event.objects.filter(pk__in=[event.pk for event in events]).order_by("pk")
    assert [(one.pk, one.before, one.after, one.hash) for one in stored] == [
        (one.pk, one.before, one.after, one.hash) for one in events
    ]
