"""Past levels of which those of one account lie far apart in the file: planned account by account, the same as all at once."""

import tracemalloc
from datetime import date

import pytest
from assessments.past_levels.apply import import_history
from assessments.past_levels.check import Choices, check
from importing.plan import Outcome

from accounts.derived import deviations
from accounts.models import Account
from assessments.models import Assessment
from assessments.past_levels import apply as applying
from audit import trail
from audit.models import Event
from importing import row_plan
from importing.owner_lookup import Options
from importing.reading.table import read_table
from importing.rejected import rejected_csv
from tests.factories import make_account, make_result, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition")]


@pytest.fixture
def small(monkeypatch):
    """One account at a time is planned, and two rows are stored."""
    monkeypatch.setattr(row_plan, "ACCOUNTS", 1)
    monkeypatch.setattr(applying, "BATCH", 2)


@pytest.fixture
def choices():
    return Choices(create_accounts=True, options=Options(by=None, owner=make_user()))


def table(rows):
    return read_table(f"account,held_on,customer_level\n{rows}".encode())


def test_days_far_away_in_the_file_are_found_to_be_the_same(small, choices):
    make_account(name="Acme", external_id="A1")
    report = import_history(
        table("Acme,2024-01-31,2\nNew,2024-01-31,2\nZeta,2024-01-31,2\nA1,2024-01-31,3\nNEW,2024-01-31,4\nzeta,2024-02-29,5\n"),
        choices,
        skip_rejected=True,
    )
    assert report.summary == "created 4, updated 0, unchanged 0, rejected 2"
    assert [(one.line, one.reason[:40]) for one in report.problems] == [
        (5, "This account and day stand in row 2 alre"), (6, "This account and day stand in row 3 alre"),
    ]  # fmt: skip
    assert report.accounts_made == 2


def test_accounts_and_results_are_stored_and_told_in_the_order_of_the_file(small, choices):
    known = make_account(name="Known")
    rows = "Zeta,2024-01-31,2\nKnown,2024-01-31,1\nacme,2023-01-31,3\nZETA,2023-01-31,1\nMiro,2024-01-31,2\nAcme,2024-01-31,4\n"
    import_history(table(rows), choices)
    made = list(Account.objects.exclude(pk=known.pk).order_by("pk"))
    assert [(one.name, one.owner) for one in made] == [(name, choices.options.owner) for name in ("Zeta", "acme", "Miro")]
    results = Assessment.objects.order_by("pk").values_list("account__name", "held_on__year", "customer_position")
    assert list(results) == [
        ("Zeta", 2024, 2), ("Known", 2024, 1), ("acme", 2023, 3), ("Zeta", 2023, 1), ("Miro", 2024, 2), ("acme", 2024, 4),
    ]  # fmt: skip
    told = list(Event.objects.exclude(act__startswith="edition.").order_by("pk").values_list("act", "object_id"))
    assert told == [("account.created", one.pk) for one in made] + [
        ("assessment.recorded", pk) for pk in Assessment.objects.order_by("pk").values_list("pk", flat=True)
    ]
    assert list(trail.broken_links()) == []
    assert not list(deviations(list(Account.objects.values_list("pk", flat=True)), date.today()))


def test_the_account_that_a_rejected_row_names_first_is_called_as_the_row_that_counts_calls_it(small, choices):
    import_history(table("NEW,2024-01-31,9\nOther,2024-01-31,2\nNew,2024-02-29,2\n"), choices, skip_rejected=True)
    assert list(Account.objects.order_by("pk").values_list("name", flat=True)) == ["Other", "New"]


def test_what_changes_is_locked_and_told_by_ascending_id(small, choices):
    results = {}
    for day in (1, 2):
        for name in ("Zeta", "Acme", "Miro"):
            account = Account.objects.filter(name=name).first() or make_account(name=name)
            results[name, day] = make_result(account, date(2024, 1, day), customer=1, origin="recorded", respondents=0)
    rows = "Miro,2024-01-02,3\nAcme,2024-01-02,1\nZeta,2024-01-01,4\nMiro,2024-01-01,2\nAcme,2024-01-01,5\n"
    report = import_history(table(rows), choices)
    assert report.summary == "created 0, updated 4, unchanged 1, rejected 0"
    told = list(
        Event.objects.exclude(act__startswith="edition.")
        .order_by("pk")
        .values_list("act", "object_id", "before__customer_position", "after__customer_position")
    )
    order = [("Zeta", 1, 4), ("Acme", 1, 5), ("Miro", 1, 2), ("Miro", 2, 3)]
    assert told == [("assessment.record_changed", results[name, day].pk, 1, after) for name, day, after in order]
    assert Assessment.objects.get(pk=results["Acme", 2].pk).version == 1
    assert Account.objects.get(name="Miro").customer_position == 3


def test_problems_first_rows_and_rejected_rows_stand_in_the_order_of_the_file(small, choices, monkeypatch):
    monkeypatch.setattr(row_plan, "MOST_PROBLEMS", 2)
    monkeypatch.setattr(row_plan, "FIRST_ROWS", 2)
    make_account(name="Zeta")
    make_account(name="Acme")
    source = table(
        "Zeta,2024-01-31,2\nNew,2024-01-31,9\nAcme,2024-01-31,0\nNew,2024-02-29,2\nZeta,2024-01-31,3\nAcme,2024-02-29,2\n"
    )
    found = check(source, choices)
    assert found.counts == {"created": 3, "updated": 0, "unchanged": 0, "rejected": 3}
    assert ([one.line for one in found.problems], found.more_problems) == ([3, 4], 1)
    assert [(row.account_name, row.makes_account) for row in found.of(Outcome.CREATED)] == [("Zeta", False), ("New", True)]
    lines = rejected_csv(source, found).decode("utf-8-sig").splitlines()
    assert [line.rsplit(",", 3)[1:] for line in lines[1:]] == [
        ["New", "2024-01-31", "9"], ["Acme", "2024-01-31", "0"], ["Zeta", "2024-01-31", "3"],
    ]  # fmt: skip


@pytest.mark.parametrize("again", [False, True])
def test_a_past_level_takes_little_memory(choices, monkeypatch, again):
    monkeypatch.setattr(row_plan, "ROWS", 100)
    owner = make_user()
    Account.objects.bulk_create(Account(name=f"Account {n}", owner=owner, currency="EUR") for n in range(500))

    def peak(rows):
        source = table("".join(f"Account {n % 500},{2000 + n // 500}-03-31,{1 + n % 5}\n" for n in range(rows)))
        if again:
            import_history(source, choices)
        tracemalloc.start()
        try:
            assert check(source, choices).counts["unchanged" if again else "created"] == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(500), peak(2500)
    assert (many - few) / 2000 < 200  # bytes; a row as an object, with its result, takes some thousands
