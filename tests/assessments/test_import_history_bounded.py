"""Past levels of which those of one account lie far apart in the file, stored in small batches: the same as all at once."""

from datetime import date

import pytest

from accounts.derived import deviations
from accounts.models import Account
from assessments.models import Assessment
from audit import trail
from audit.models import Event
from importing import apply as applying
from importing import check as checking
from importing import list_work, review
from importing.list_work import Outcome
from importing.rejected import rejected_csv
from importing.review import Review
from tests.factories import make_account, make_result, make_user
from tests.importing.running import checked, import_list

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition")]


@pytest.fixture
def small(monkeypatch):
    """Few rows at a time are read and compared, and two are stored."""
    monkeypatch.setattr(checking, "CHUNK", 2)
    monkeypatch.setattr(list_work, "BATCH", 2)
    monkeypatch.setattr(applying, "LARGEST", 8)
    monkeypatch.setattr(applying, "SMALLEST", 1)


@pytest.fixture
def owner():
    return make_user()


def content(rows):
    return f"account,held_on,customer_level\n{rows}"


def run(rows, owner, **how):
    options = {"create_accounts": True, "owner": owner.pk}
    return import_list(content(rows), None, kind="history", options=options, **how)


def test_days_far_away_in_the_file_are_found_to_be_the_same(small, owner):
    make_account(name="Acme", external_id="A1")
    report = run(
        "Acme,2024-01-31,2\nNew,2024-01-31,2\nZeta,2024-01-31,2\nA1,2024-01-31,3\nNEW,2024-01-31,4\nzeta,2024-02-29,5\n",
        owner,
        skip_rejected=True,
    )
    assert report.summary == "created 4, updated 0, unchanged 0, rejected 2"
    assert [one[:54] for one in report.problems] == [
        "Row 5, held_on: This account and day stand in row 2 al", "Row 6, held_on: This account and day stand in row 3 al",
    ]  # fmt: skip
    assert report.job.report["accounts_made"] == 2
    assert report.job.batches.count() == 2


def test_accounts_that_are_here_come_first_and_then_all_is_in_the_order_of_the_file(small, owner):
    known = make_account(name="Known")
    rows = "Zeta,2024-01-31,2\nKnown,2024-01-31,1\nacme,2023-01-31,3\nZETA,2023-01-31,1\nMiro,2024-01-31,2\nAcme,2024-01-31,4\n"
    run(rows, owner)
    made = list(Account.objects.exclude(pk=known.pk).order_by("pk"))
    assert [(one.name, one.owner) for one in made] == [(name, owner) for name in ("Zeta", "acme", "Miro")]
    results = Assessment.objects.order_by("pk").values_list("account__name", "held_on__year", "customer_position")
    assert list(results) == [
        ("Known", 2024, 1), ("Zeta", 2024, 2), ("acme", 2023, 3), ("Zeta", 2023, 1), ("Miro", 2024, 2), ("acme", 2024, 4),
    ]  # fmt: skip
    told = Event.objects.exclude(act__startswith="edition.").order_by("pk")
    assert list(told.filter(act="account.created").values_list("object_id", flat=True)) == [one.pk for one in made]
    assert list(told.filter(act="assessment.recorded").values_list("object_id", flat=True)) == list(
        Assessment.objects.order_by("pk").values_list("pk", flat=True)
    )
    assert told.count() == len(made) + Assessment.objects.count()
    assert list(trail.broken_links()) == []
    assert not list(deviations(list(Account.objects.values_list("pk", flat=True)), date.today()))


def test_the_account_that_a_rejected_row_names_first_is_called_as_the_row_that_counts_calls_it(small, owner):
    run("NEW,2024-01-31,9\nOther,2024-01-31,2\nNew,2024-02-29,2\n", owner, skip_rejected=True)
    assert list(Account.objects.order_by("pk").values_list("name", flat=True)) == ["Other", "New"]


def test_what_changes_is_told_batch_by_batch_in_the_order_of_the_file(small, owner):
    results = {}
    for day in (1, 2):
        for name in ("Zeta", "Acme", "Miro"):
            account = Account.objects.filter(name=name).first() or make_account(name=name)
            results[name, day] = make_result(account, date(2024, 1, day), customer=1, origin="recorded", respondents=0)
    rows = "Miro,2024-01-02,3\nAcme,2024-01-02,1\nZeta,2024-01-01,4\nMiro,2024-01-01,2\nAcme,2024-01-01,5\n"
    report = run(rows, owner)
    assert report.summary == "created 0, updated 4, unchanged 1, rejected 0"
    told = list(
        Event.objects.exclude(act__startswith="edition.")
        .order_by("pk")
        .values_list("act", "object_id", "before__customer_position", "after__customer_position")
    )
    order = [("Miro", 2, 3), ("Zeta", 1, 4), ("Miro", 1, 2), ("Acme", 1, 5)]  # batch by batch
    assert told == [("assessment.record_changed", results[name, day].pk, 1, after) for name, day, after in order]
    assert Assessment.objects.get(pk=results["Acme", 2].pk).version == 1
    assert Account.objects.get(name="Miro").customer_position == 3


def test_problems_first_rows_and_rejected_rows_stand_in_the_order_of_the_file(small, owner, monkeypatch):
    monkeypatch.setattr(review, "SHOWN_PROBLEMS", 2)
    monkeypatch.setattr(review, "FIRST_ROWS", 2)
    make_account(name="Zeta")
    make_account(name="Acme")
    rows = "Zeta,2024-01-31,2\nNew,2024-01-31,9\nAcme,2024-01-31,0\nNew,2024-02-29,2\nZeta,2024-01-31,3\nAcme,2024-02-29,2\n"
    job, work = checked(content(rows), None, kind="history", options={"create_accounts": True, "owner": owner.pk})
    found = Review(work)
    assert (found.counts[Outcome.CREATED], found.counts[Outcome.REJECTED]) == (3, 3)
    assert ([one.line for one in found.problems], found.more_problems) == ([3, 4], 1)
    assert [(row["account"], row["makes_account"]) for row in found.created] == [("Zeta", False), ("New", True)]
    assert (found.more_created, work.accounts_to_make) == (1, 1)
    lines = b"".join(rejected_csv(job)).decode("utf-8-sig").splitlines()
    assert [line.rsplit(",", 3)[1:] for line in lines[1:]] == [
        ["New", "2024-01-31", "9"], ["Acme", "2024-01-31", "0"], ["Zeta", "2024-01-31", "3"],
    ]  # fmt: skip
