"""Closed rounds as a table, and the table imported as past levels."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Account
from accounts.standing_ids import standing_id
from assessments.exporting import round_rows, rounds_of
from assessments.models import Assessment
from assessments.past_levels.rows import find_columns
from assessments.rounds.closing import close
from audit.models import Event
from core.tables import csv_lines, write_xlsx
from tests.factories import answer, make_account, make_administrator, make_assessment, make_contact, make_result

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition")]

DAY = date(2025, 6, 30)
FACTS = ("account__name", "held_on", "customer_position", "customer_level", "team_position", "team_level", "gap", "respondents")


def table():
    return round_rows(rounds_of(Account.objects.all()), Account.objects.all())


def found() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(csv_lines(table())).decode("utf-8-sig"), newline="")))


def stored(path):
    with path.open("wb") as file:
        if path.suffix == ".csv":
            file.writelines(csv_lines(table()))
        else:
            write_xlsx(table(), file)
    return path


def bring_in(path, capsys, **options) -> str:
    call_command("import_history", str(path), **options)
    return capsys.readouterr().out.strip()


def facts() -> set[tuple]:
    return set(Assessment.objects.values_list(*FACTS))


def test_a_row_tells_the_result_of_a_round():
    account = make_account(name="Acme", external_id="C1", source="crm")
    make_result(
        account, DAY, customer=2.6667, team=3.25, agreement=0.75, confidence="medium", respondents=4,
        coverage=0.8, band_low=2, band_high=3, told=1, unheard=1,
    )  # fmt: skip
    assert found() == [
        {
            "Account": "C1", "Held on": "2025-06-30", "Customer position": "2.6667", "Team position": "3.25", "Respondents": "4",
            "Level by the customer": "2", "Level by the team": "3", "Gap": "1", "Agreement": "0.75", "Confidence": "medium",
            "Agreement in a word": "shared", "Heard": "0.8", "Level at least": "2", "Level at most": "3", "Told to us": "1",
            "Closed under the former rule": "",
            "Origin": "measured", "Visibility": "named", "Edition": "First edition", "Name of the account": "Acme",
            "Its external id": "C1", "Source": "crm",
        }
    ]  # fmt: skip


def test_rounds_stand_by_account_and_in_time_and_open_ones_are_left_out():
    second, first = make_account(name="B"), make_account(name="A")
    for account, day in ((second, DAY), (first, DAY), (first, DAY - timedelta(days=9))):
        make_result(account, day, team=2)
    make_assessment(first)
    rows = [(row["Account"], row["Held on"]) for row in found()]
    assert rows == [("A", "2025-06-21"), ("A", "2025-06-30"), ("B", "2025-06-30")]


@pytest.mark.parametrize(("answers", "shown"), [(2, ""), (3, "3")])
def test_of_a_confidential_round_no_figure_of_the_customer_stands_below_three_answers(answers, shown):
    round_ = make_assessment(visibility="confidential", held_on=timezone.localdate())
    answer(round_, round_.account.owner, "5544 5444 4443 332- ---2")
    for _ in range(answers):
        answer(round_, make_contact(round_.account), "5544 5444 4443 332- ---2")
    close(round_, by=round_.account.owner)
    (row,) = found()
    assert (row["Customer position"], row["Agreement"], row["Level by the customer"]) == (shown, "", shown)
    assert bool(row["Agreement in a word"]) == bool(row["Gap"]) == bool(row["Respondents"]) == bool(shown)
    assert row["Team position"] == "3.6667"


def test_the_import_of_past_levels_knows_its_columns_by_themselves():
    header = next(table())
    columns = {name: header[index] for name, index in find_columns(header).items()}
    assert columns == {
        "account": "Account", "held_on": "Held on", "customer_level": "Customer position", "team_level": "Team position",
        "respondents": "Respondents",
    }  # fmt: skip


@pytest.fixture
def histories(tmp_path, capsys):
    """Recorded levels of accounts with names and ids that a file has to tell apart."""
    owner = make_administrator()
    for number, name in enumerate(["=Formula", "NULL", "Acme", "Acme", "'Quoted", "Ünïcödé"]):
        make_account(name=name, external_id=f"-{number}" if name == "Acme" else "", owner=owner)
    path = tmp_path / "past.csv"
    lines = [
        ("=Formula", "2024-01-31", 2.75, 3.123, 4), ("'NULL", "2024-01-31", "", 1, ""), ("-2", "2023-12-31", 5, "", 1),
        ("-3", "2023-12-31", 1.0001, 4.9999, ""), ("'Quoted", "2020-02-29", 3, 3, 12), ("Ünïcödé", "1999-12-31", 2.5, 2.25, 3),
        ("=Formula", "2024-06-30", 3.333, 2, ""),
    ]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["account", "held_on", "customer_level", "team_level", "respondents"], *lines])
    assert bring_in(path, capsys) == "created 7, updated 0, unchanged 0, rejected 0"
    return owner


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_recorded_levels_that_are_imported_again_change_nothing(histories, tmp_path, capsys, kind):
    before, events = facts(), Event.objects.count()
    assert bring_in(stored(tmp_path / f"rounds.{kind}"), capsys) == "created 0, updated 0, unchanged 7, rejected 0"
    assert (facts(), Event.objects.count()) == (before, events)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_empty_store_gets_every_position_exactly(histories, tmp_path, capsys, kind):
    path, before = stored(tmp_path / f"rounds.{kind}"), facts()
    Assessment.objects.all().delete()
    assert bring_in(path, capsys) == "created 7, updated 0, unchanged 0, rejected 0"
    assert facts() == before


def test_what_was_measured_is_recorded_elsewhere_with_the_same_figures(tmp_path, capsys):
    account = make_account(owner=make_administrator())
    make_result(account, DAY, customer=2.6667, team=3.25, respondents=4)
    make_result(account, DAY + timedelta(days=1), team=4.1)
    path, before = stored(tmp_path / "rounds.csv"), facts()
    Assessment.objects.all().delete()
    assert bring_in(path, capsys) == "created 2, updated 0, unchanged 0, rejected 0"
    assert facts() == before
    assert set(Assessment.objects.values_list("origin", flat=True)) == {"recorded"}


def test_an_account_that_no_name_tells_from_another_is_named_by_its_standing_id():
    for name in ("Twin", "Twin", "Alone"):
        make_result(make_account(name=name), DAY, team=2)
    twins = [(standing_id(pk), "Twin") for pk in Account.objects.filter(name="Twin").order_by("pk").values_list("pk", flat=True)]
    assert [(row["Account"], row["Name of the account"]) for row in found()] == [("Alone", "Alone"), *twins]


@pytest.mark.parametrize("rounds", [1, 40])
def test_statements_do_not_grow_with_the_rounds(rounds, django_assert_num_queries):
    for number in range(rounds):
        make_result(make_account(external_id=str(number)), DAY, customer=2)
    with django_assert_num_queries(4):  # rounds; for all of them: the accounts, how often their ids and their names occur
        assert len(found()) == rounds
