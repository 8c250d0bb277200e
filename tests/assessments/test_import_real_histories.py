"""Histories of ratings, public ones where they are there, written as people would write past levels."""

import csv
from collections import Counter

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from accounts import derived
from accounts.models import Account
from assessments.models import Assessment
from audit.models import Event
from audit.trail import broken_links
from tests.factories import make_administrator
from tests.workbooks import workbook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition")]

PANEL, ACTIONS = "levels_openrisk_panel_50x11.csv", "levels_openrisk_rating_actions.csv"


def read(folder, name) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bring_in(path, capsys, **options) -> str:
    call_command("import_history", str(path), create_accounts=True, **options)
    return capsys.readouterr().out.strip()


def test_a_panel_of_states_comes_in_from_a_workbook_and_a_second_run_changes_nothing(input_folder, tmp_path, capsys):
    make_administrator()
    panel = read(input_folder, PANEL)
    rows = [[f"Entity {row['ID']}", f"{2010 + int(row['Time'])}-06-30", int(row["State"]) - 2] for row in panel]
    path = tmp_path / "panel.xlsx"
    path.write_bytes(workbook(["account", "held_on", "customer_level"], *rows))
    assert bring_in(path, capsys) == f"created {len(rows)}, updated 0, unchanged 0, rejected 0"
    events = Event.objects.count()
    assert bring_in(path, capsys) == f"created 0, updated 0, unchanged {len(rows)}, rejected 0"
    assert (Account.objects.count(), Event.objects.count()) == (len({row["ID"] for row in panel}), events)
    latest = {name: level for name, day, level in sorted(rows, key=lambda row: row[1])}
    assert dict(Account.objects.values_list("name", "customer_level")) == latest
    assert not Assessment.objects.exclude(customer_position=F("customer_level")).exists()
    assert list(derived.deviations(list(Account.objects.values_list("pk", flat=True)), timezone.localdate())) == []


def test_rating_actions_come_in_and_a_second_run_changes_nothing(input_folder, tmp_path, capsys):
    """Days as the file writes them, decimal commas, and same-day doubles, which are named and left out."""
    make_administrator()
    rated = [row for row in read(input_folder, ACTIONS) if row["RatingNum"] != "0"]
    path = tmp_path / "actions.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["account", "held_on", "customer_level", "respondents"])
        for row in rated:
            position = f"{1 + (8 - int(row['RatingNum'])) * 4 / 7:.2f}".replace(".", ",")
            writer.writerow([f"Customer {row['CustomerId']}", row["Date"], position, 1 + int(row["CustomerId"]) % 4])
    days = Counter((row["CustomerId"], row["Date"]) for row in rated)
    doubles = len(rated) - len(days)
    assert doubles
    assert bring_in(path, capsys, skip_invalid=True) == f"created {len(days)}, updated 0, unchanged 0, rejected {doubles}"
    assert Account.objects.count() == len({row["CustomerId"] for row in rated})
    events = Event.objects.count()
    assert bring_in(path, capsys, skip_invalid=True) == f"created 0, updated 0, unchanged {len(days)}, rejected {doubles}"
    assert Event.objects.count() == events
    assert list(broken_links()) == []
