"""The derived columns of an account, and their one writer."""

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import derived
from accounts.models import Account
from audit.models import Event
from tests.factories import make_account, make_basis, make_result, make_target

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
DERIVED = {
    "customer_position",
    "customer_level",
    "team_position",
    "team_level",
    "last_heard_on",
    "target_level",
    "target_due_on",
    "target_status",
    "target_kind",
    "target_chance",
    "customer_level_year_ago",
    "worth",
}


@pytest.fixture
def account(db):
    return make_account()


def stored(account) -> dict:
    return Account.objects.filter(pk=account.pk).values(*DERIVED).get()


def written_by(act) -> list[str]:
    with CaptureQueriesContext(connection) as statements:
        act()
    # SQLite's of many rows begin with how many there are.
    texts = [re.sub(r"^\d+ times: ", "", query["sql"]) for query in statements]
    return [text for text in texts if text.startswith("UPDATE")]


def test_the_sources_together_give_every_derived_column(account):
    Account.objects.filter(pk=account.pk).update(
        customer_position=9, customer_level=5, team_position=9, team_level=5, last_heard_on=TODAY,
        target_level=5, target_due_on=TODAY, target_status="reached", target_kind="hold", target_chance=1,
        customer_level_year_ago=5, worth=7,
    )  # fmt: skip
    ((_account, wrong),) = derived.deviations([account.pk], TODAY)
    assert set(wrong) == DERIVED


def test_every_derived_column_is_kept_out_of_forms():
    assert {field.name for field in Account._meta.fields if not field.editable} >= DERIVED


def test_refresh_writes_what_results_and_target_say(account):
    make_result(account, date(2026, 9, 1), customer=2.9, team=3.2)
    make_target(account, set_on=date(2026, 9, 2))
    derived.refresh([account.pk], today=TODAY)
    assert stored(account) == {
        "customer_position": 2.9,
        "customer_level": 2,
        "team_position": 3.2,
        "team_level": 3,
        "last_heard_on": date(2026, 9, 1),
        "target_level": 4,
        "target_due_on": date(2029, 9, 2),
        "target_status": "too_early",
        "target_kind": "climb",
        "target_chance": None,
        "customer_level_year_ago": None,
        "worth": None,
    }


def test_refresh_clears_what_no_result_supports_any_more(account):
    result = make_result(account, date(2026, 9, 1), customer=2.9)
    derived.refresh([account.pk], today=TODAY)
    result.delete()
    derived.refresh([account.pk], today=TODAY)
    assert stored(account)["customer_level"] is None


def test_refresh_tells_how_many_rows_changed(account):
    make_result(account, date(2026, 9, 1), customer=2.9)
    ids = [account.pk, make_account().pk]
    assert [derived.refresh(ids, today=TODAY) for _ in range(2)] == [1, 0]


def test_refresh_writes_nothing_where_nothing_changed(account):
    make_result(account, date(2026, 9, 1), customer=2.9)
    derived.refresh([account.pk], today=TODAY)
    assert written_by(lambda: derived.refresh([account.pk], today=TODAY)) == []


def test_refresh_writes_only_the_columns_that_changed(account):
    make_result(account, date(2026, 9, 1), customer=2.9)
    derived.refresh([account.pk], today=TODAY)
    make_result(account, date(2026, 9, 1), team=3.2)
    (statement,) = written_by(lambda: derived.refresh([account.pk], today=TODAY))
    assert "team_level" in statement
    assert "customer_level" not in statement


def test_refresh_leaves_the_version_and_what_people_typed(account):
    make_result(account, date(2026, 9, 1), customer=2.9)
    before = Account.objects.values("version", "name", "notes", "owner", "team").get(pk=account.pk)
    derived.refresh([account.pk], today=TODAY)
    assert Account.objects.values("version", "name", "notes", "owner", "team").get(pk=account.pk) == before


def test_refresh_leaves_the_accounts_that_it_is_not_asked_for(account):
    other = make_account()
    make_result(other, date(2026, 9, 1), customer=2.9)
    derived.refresh([account.pk], today=TODAY)
    assert stored(other)["customer_level"] is None


@pytest.mark.on_postgres  # SQLite locks the whole database
def test_refresh_locks_the_accounts_before_it_reads_what_they_stand_on(account):
    with CaptureQueriesContext(connection) as statements:
        derived.refresh([account.pk], today=TODAY)
    first = next(query["sql"] for query in statements if query["sql"].startswith("SELECT"))
    assert first.endswith("FOR UPDATE")


def test_refresh_passes_over_an_account_that_is_gone(account):
    make_result(account, date(2026, 9, 1), customer=2.9)
    assert derived.refresh([account.pk, account.pk + 1000], today=TODAY) == 1


def test_the_nightly_refresh_tells_the_trail_when_it_changed_something(account):
    make_result(account, TODAY, customer=2.9)
    for changed in (1, 0):
        assert derived.refresh_all(today=TODAY) == changed
    (event,) = Event.objects.filter(act="accounts.refreshed")
    assert event.after == {"accounts": 1}


def test_refresh_of_nothing_does_nothing():
    assert derived.refresh([], today=TODAY) == 0


def test_refresh_goes_in_batches(monkeypatch):
    monkeypatch.setattr(derived, "BATCH", 2)
    owner = make_account().owner
    accounts = [make_account(owner=owner) for _ in range(5)]
    for account in accounts:
        make_result(account, date(2026, 9, 1), customer=2.9)
    assert derived.refresh([account.pk for account in accounts], today=TODAY) == 5
    assert {stored(account)["customer_level"] for account in accounts} == {2}


def test_refresh_all_reaches_every_account_archived_ones_too():
    accounts = [make_account(), make_account(status=Account.Status.ARCHIVED)]
    for account in accounts:
        make_result(account, date(2026, 9, 1), customer=2.9)
    assert derived.refresh_all(today=TODAY) == 2


@pytest.mark.parametrize("number", [1, 40])
def test_refresh_costs_the_same_whatever_the_number(number):
    owner = make_account().owner
    accounts = [make_account(owner=owner) for _ in range(number)]
    for account in accounts:
        make_result(account, date(2026, 9, 1), customer=2.9)
        make_target(account, set_on=date(2026, 9, 2))
    make_basis(TODAY)
    with CaptureQueriesContext(connection) as statements:
        derived.refresh([account.pk for account in accounts], today=TODAY)
    sqls = [query["sql"] for query in statements if "SAVEPOINT" not in query["sql"]]
    # Lock, rates, revenues, results, targets, history of all accounts, accounts, write; and since these are their first forecasts,
    # whether others wait for theirs.
    assert len(sqls) == 9


def test_a_result_of_later_than_today_is_ignored_until_its_day(account):
    make_result(account, TODAY + timedelta(days=1), customer=2.9)
    derived.refresh([account.pk], today=TODAY)
    before = stored(account)["customer_level"]
    derived.refresh([account.pk], today=TODAY + timedelta(days=1))
    assert (before, stored(account)["customer_level"]) == (None, 2)


def test_of_two_results_on_one_day_the_later_closed_counts(account):
    now = timezone.now()
    make_result(account, date(2026, 9, 1), customer=3.1, closed_at=now)
    make_result(account, date(2026, 9, 1), customer=1.5, closed_at=now - timedelta(hours=1))
    derived.refresh([account.pk], today=TODAY)
    assert stored(account)["customer_position"] == 3.1


def test_an_assessment_entered_late_does_not_displace_a_later_one(account):
    make_result(account, date(2026, 9, 1), customer=3.1)
    derived.refresh([account.pk], today=TODAY)
    make_result(account, date(2026, 3, 1), customer=1.5)
    assert derived.refresh([account.pk], today=TODAY) == 0
    assert stored(account)["customer_position"] == 3.1


def test_deviations_name_the_account_and_the_right_values(account):
    make_result(account, date(2026, 9, 1), customer=3.1)
    derived.refresh([account.pk], today=TODAY)
    Account.objects.filter(pk=account.pk).update(customer_level=5)
    assert list(derived.deviations([account.pk], TODAY)) == [(account, {"customer_level": 3})]


def test_a_right_account_does_not_deviate(account):
    make_result(account, date(2026, 9, 1), customer=3.1)
    derived.refresh([account.pk], today=TODAY)
    assert list(derived.deviations([account.pk], TODAY)) == []


def test_a_source_is_named_once():
    before = list(derived._sources)
    derived.register_derived_columns(before[0])
    assert derived._sources == before


def test_no_other_module_writes_a_derived_column():
    # The columns that no other model has, so that a name is enough to know them by.
    own = {"last_heard_on", "target_level", "target_due_on", "target_status", "level_year_ago"}
    writers = set()
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in own:
                writers.add(path.name)
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {
                "update",
                "bulk_update",
                "create",
            }:
                given = {keyword.arg for keyword in node.keywords} | {
                    child.value for child in ast.walk(node) if isinstance(child, ast.Constant) and isinstance(child.value, str)
                }
                if given & own:
                    writers.add(path.name)
    assert writers == set()


def python_files() -> list[Path]:
    apps = ["core", "audit", "hierarchy", "accounts", "assessments", "plans", "portfolio", "config"]
    return [path for app in apps for path in (settings.BASE_DIR / app).rglob("*.py") if "migrations" not in path.parts]
