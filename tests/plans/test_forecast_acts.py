"""What refreshes the chance: acts that change what it is made of, the import of a history, and the night."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import derived
from accounts.acts.changing import set_archived
from accounts.acts.merging import merge_accounts
from assessments.rounds.closing import close, reopen
from plans.forecast.basis import history_until
from plans.forecast.counting import SegmentPace
from plans.models import ForecastBasis
from tests.factories import answer, make_account, make_assessment, make_basis, make_contact, make_result, make_target

pytestmark = pytest.mark.django_db

R1 = "5445 4434 3433 2212 1121"  # 2.9


def ago(days):
    return timezone.localdate() - timedelta(days=days)


@pytest.fixture
def account(edition):
    make_basis(ago(0), segments={"Retail": SegmentPace(30, 20), "Energy": SegmentPace(12, 18), "Paper": SegmentPace(8, 12)})
    account = make_account(segment="Retail", name="Northwind")
    make_result(account, ago(300), customer=2.1)
    make_target(account, set_on=ago(280), due_on=ago(-700), level=3, baseline=2.1)
    derived.refresh([account.pk])
    account.refresh_from_db()
    return account


def chance(account):
    account.refresh_from_db()
    return account.target_chance


def test_closing_an_assessment_moves_it_at_once_and_reopening_moves_it_back(account):
    before = chance(account)
    round_ = make_assessment(account)
    answer(round_, make_contact(account), R1)
    closed = close(round_, by=account.owner)
    assert chance(account) > before
    reopen(closed, by=account.owner, reason="A mistake.")
    assert chance(account) == before


def test_closing_takes_eighteen_statements_at_most(account):
    round_ = make_assessment(account)
    answer(round_, make_contact(account), R1)
    answer(round_, account.owner, R1)
    with CaptureQueriesContext(connection) as statements:
        close(round_, by=account.owner)
    assert len([query for query in statements if "SAVEPOINT" not in query["sql"]]) <= 18


def test_another_segment_has_another_pace(account, client):
    before = chance(account)
    client.force_login(account.owner)
    sent = {"name": "Northwind", "segment": "Energy", "owner": account.owner_id, "currency": "EUR", "version": account.version}
    assert client.post(reverse("accounts:edit", args=[account.pk]), sent).status_code == 302
    assert chance(account) < before


def test_archiving_leaves_it(account):
    before = chance(account)
    set_archived(account, by=account.owner, seen=account.version, archived=True)
    assert chance(account) == before


def queued() -> int:
    return DBTaskResult.objects.filter(task_path__endswith="refresh_derived_columns").count()


def test_after_the_import_of_a_history_everybody_is_refreshed(account, client, django_capture_on_commit_callbacks, tmp_path):
    file = tmp_path / "past.csv"
    file.write_text(f"account,held_on,customer_level\nNorthwind,{ago(900)},1.5\n")
    with django_capture_on_commit_callbacks(execute=True):
        call_command("import_history", str(file))
    assert queued() == 1


def test_the_night_counts_what_came_in_and_leaves_one_basis(account):
    for number in range(20):
        other = make_account(owner=account.owner)
        make_result(other, ago(800), customer=2.0)
        make_result(other, ago(400), customer=2.3 + number % 2)
    derived.refresh_all()
    (basis,) = ForecastBasis.objects.all()
    assert (basis.day, basis.pace.total) == (ago(0), 20)
    assert list(derived.deviations([account.pk], ago(0))) == []


def test_an_act_uses_the_basis_of_yesterday_and_makes_none(account):
    ForecastBasis.objects.update(day=ago(1))
    make_result(account, ago(0), customer=2.6)
    derived.refresh([account.pk])
    assert ForecastBasis.objects.get().day == ago(1)
    assert chance(account) is not None


def test_a_merged_account_takes_its_history_along(account):
    """Its results are those of the other account then: nothing is counted twice."""
    before, _segments = history_until(ago(0))
    other = make_account(owner=account.owner)
    make_result(other, ago(100), customer=3.0)
    merge_accounts(account, other, by=account.owner, choices={}, seen=(0, 0))
    after, _segments = history_until(ago(0))
    assert after.exposure == pytest.approx(before.exposure)
    assert after.total == before.total + 1
