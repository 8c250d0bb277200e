"""Many rows are updated at once, each to values of its own, as `save` would store them."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from core import bulk_update
from core.bulk_update import update_many
from core.stored_keys import wrong_keys
from importing.models import ImportJob, ImportRow
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return make_user()


def test_each_row_gets_values_of_its_own_and_others_stay(owner):
    one, two, _other = (make_account(name=name, owner=owner, city="Oslo") for name in ("One", "Two", "Other"))
    one.city, two.city = "Rome", "'; DROP TABLE x; -- %s {0} \\ é"
    one.name = "not asked for"
    update_many([one, two], ["city"])
    assert dict(Account.objects.values_list("name", "city")) == {"One": "Rome", "Two": two.city, "Other": "Oslo"}


def test_amounts_dates_numbers_and_what_is_empty(owner):
    one = make_account(name="One", owner=owner, revenue=Decimal("1.50"), employees=3, customer_since=date(2020, 2, 29))
    two = make_account(name="Two", owner=owner)
    one.revenue = one.employees = one.customer_since = None
    two.revenue, two.employees, two.customer_since = Decimal("1234567890.05"), 0, date(1990, 1, 1)
    update_many([one, two], ["revenue", "employees", "customer_since"])
    for account in (one, two):
        wanted = (account.revenue, account.employees, account.customer_since)
        account.refresh_from_db()
        assert (account.revenue, account.employees, account.customer_since) == wanted


def test_references_are_set_and_emptied(owner):
    top, below = make_account(name="Top", owner=owner), make_account(name="Below", owner=owner)
    below.parent = top
    update_many([below], ["parent"])
    assert Account.objects.get(pk=below.pk).parent == top
    below.parent_id, below.owner = None, make_user()
    update_many([below], ["parent", "owner"])
    below.refresh_from_db()
    assert (below.parent, below.owner == owner) == (None, False)


def test_json_with_nothing_quotes_and_other_letters(owner):
    job = ImportJob.objects.create(user=owner, filename="list.csv")
    values = [{}, {"a": None, "b": 'é "x" \\ {1,2}', "c": [1, "NULL", []]}, {"day": date(2024, 2, 29), "amount": Decimal("1.50")}]
    rows = ImportRow.objects.bulk_create(ImportRow(job=job, line=line) for line in range(2, 5))
    for row, value in zip(rows, values, strict=True):
        row.values, row.problems, row.outcome, row.account = value, [["", "a, {b}"]], "rejected", None
    update_many(rows, ["values", "problems", "outcome", "account"])
    found = [row.values for row in ImportRow.objects.order_by("line")]
    assert found == [values[0], values[1], {"day": "2024-02-29", "amount": "1.50"}]
    assert {row.problems[0][1] for row in ImportRow.objects.all()} == {"a, {b}"}
    assert ImportRow.objects.filter(values__has_key="b").count() == 1  # not a text that holds JSON


def test_a_nothing_in_a_column_of_json_is_that_of_the_database(owner):
    jobs = [ImportJob.objects.create(user=owner, filename=f"{n}.csv", undo_report={"left": []}) for n in range(2)]
    jobs[0].undo_report, jobs[1].undo_report = None, {"kept": 1}
    update_many(jobs, ["undo_report"])
    assert list(ImportJob.objects.filter(undo_report__isnull=True)) == [jobs[0]]
    assert ImportJob.objects.get(undo_report__kept=1) == jobs[1]


def test_stored_keys_follow(owner):
    account = make_account(name="Acme", owner=owner)
    account.name = "Bäckerei Süd"
    update_many([account], ["name"])
    assert not list(wrong_keys(Account.objects.all()))
    assert "sued" in Account.objects.get().search_key


def test_nothing_is_no_statement(owner, django_assert_num_queries):
    account = make_account(owner=owner)
    with django_assert_num_queries(0):
        update_many([], ["name"])
        update_many([account], [])


def test_very_many_are_updated_some_at_a_time(owner, monkeypatch):
    monkeypatch.setattr(bulk_update, "BATCH", 3)
    accounts = [make_account(name=f"A{n}", owner=owner) for n in range(7)]
    for n, account in enumerate(accounts):
        account.employees = n
    with CaptureQueriesContext(connection) as statements:
        update_many(accounts, ["employees"])
    assert len(statements) <= 7
    assert list(Account.objects.order_by("pk").values_list("employees", flat=True)) == list(range(7))


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_all_of_a_statement_is_stored_or_nothing():
    owner = make_user()
    one, two = (make_account(name=name, owner=owner, city="Oslo") for name in ("One", "Two"))
    one.city, two.city, two.owner_id = "Rome", "Rome", None
    with pytest.raises(IntegrityError):
        update_many([one, two], ["city", "owner"])
    assert set(Account.objects.values_list("city", flat=True)) == {"Oslo"}
