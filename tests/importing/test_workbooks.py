import json
import subprocess
import sys
from datetime import date, datetime, time
from itertools import repeat

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Account
from core import workbook_process
from core.text_values import amount, decimal_mark
from importing.reading import table as reading_table
from importing.reading.table import UnreadableFile, read_table
from tests.factories import make_administrator
from tests.workbooks import raw_workbook, saved, workbook

MEGABYTE = 1024**2
A1 = '<row r="1"><c r="A1" t="str"><v>name</v></c></row>'
A2 = '<row r="2"><c r="A2" t="str"><v>Acme</v></c></row>'
LAST = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'

# A child's memory counts from its fork on, when it is still as large as its parent: so a small parent measures.
MEASURE = """
import json, resource, subprocess, sys
child = subprocess.run(sys.argv[1:], stdin=sys.stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([child.returncode != 0, used.ru_maxrss, used.ru_utime + used.ru_stime]))
"""


# Workbooks of a few kB, at most 3 MB, that would take gigabytes, or minutes.
HOSTILE = {
    "a dense sheet between two cells": lambda: raw_workbook([A1, LAST], before='<dimension ref="A1:XFD1048576"/>'),
    "a gigabyte of spaces": lambda: raw_workbook(repeat(" " * MEGABYTE, 1000)),
    "a shared string of a gigabyte": lambda: raw_workbook([A1], strings=["<si><t>", *repeat("a" * MEGABYTE, 1000), "</t></si>"]),
    "one long text in half a million cells": lambda: raw_workbook(
        repeat("<row>" + '<c t="s"><v>0</v></c>' * 10 + "</row>", 50_000), strings=["<si><t>", "x" * 32_000, "</t></si>"]
    ),
    "eight million cells in a row": lambda: raw_workbook(["<row>", *repeat("<c><v>1</v></c>" * 80_000, 100), "</row>"]),
}


@pytest.fixture(scope="module")
def hostile_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    for name, make in HOSTILE.items():
        (folder / name).write_bytes(make())
    return folder


@pytest.fixture
def dense_sheet(tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_bytes(HOSTILE["a dense sheet between two cells"]())
    return path


@pytest.mark.parametrize("name", HOSTILE)
def test_a_workbook_that_unpacks_to_too_much_is_refused_with_a_sentence(hostile_files, name):
    content = (hostile_files / name).read_bytes()
    assert len(content) < 3 * MEGABYTE
    with pytest.raises(UnreadableFile, match="unpacks to more than is read at once"):
        read_table(content)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_workbook_takes_less_than_300_mb_and_10_seconds_of_the_processor(hostile_files, name):
    with (hostile_files / name).open("rb") as file:
        measured = subprocess.run(
            [sys.executable, "-I", "-c", MEASURE, sys.executable, "-I", workbook_process.__file__, "1000"],
            stdin=file,
            capture_output=True,
            check=True,
        )
    refused, memory, seconds = json.loads(measured.stdout)
    assert refused
    assert memory < 300 * 1024
    assert seconds < 10


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(raw_workbook([A1, A2], before='<dimension ref="A1:XFD1048576"/>'), id="a huge dimension, said only"),
        pytest.param(raw_workbook([A1, A2.replace("2", "1048576")]), id="the last row"),
    ],
)
def test_a_sheet_that_is_odd_but_small_is_read(content):
    assert [row.cells for row in read_table(content).rows] == [("Acme",)]


def test_cells_become_the_text_that_a_csv_file_would_hold():
    table = read_table(
        workbook(
            ["text", "whole", "broken", "day", "moment", "hour", "yes", "nothing", "last"],
            ["  Zoë ", 1200, 0.1, date(2024, 3, 31), datetime(2024, 3, 31, 12, 30), time(8, 5), True, None, "x"],
        )
    )
    assert table.rows[0].cells == (
        "  Zoë ", "1200", "0.1", "2024-03-31", "2024-03-31 12:30:00", "08:05:00", "true", "", "x",
    )  # fmt: skip
    assert table.encoding == "xlsx"


def test_a_number_with_three_decimals_is_not_read_as_thousands():
    table = read_table(workbook(["revenue"], [1.234], [1234.5]))
    cells = list(table.column(0))
    assert [str(amount(cell, decimal_mark(cells))[0]) for cell in cells] == ["1.23", "1234.50"]


def test_rows_carry_their_number_on_the_sheet_and_blank_ones_are_left_out():
    table = read_table(workbook([], ["name", "city"], ["Acme"], [], ["Bravo", "Rome"]))
    assert [(row.line, row.cells) for row in table.rows] == [(3, ("Acme", "")), (5, ("Bravo", "Rome"))]


def test_a_cell_beside_the_table_gets_a_column_without_a_name():
    table = read_table(workbook(["name"], ["Acme", "", "a remark"]))
    assert (table.headers, table.rows[0].cells) == (("name", "", ""), ("Acme", "", "a remark"))


def test_the_first_sheet_that_is_shown_and_not_empty_is_read():
    book = openpyxl.Workbook()
    book.active.append(["hidden"])
    book.active.sheet_state = "hidden"
    book.create_sheet("Empty")
    for row in (["name"], ["Acme"]):
        (book["Data"] if "Data" in book.sheetnames else book.create_sheet("Data")).append(row)
    assert read_table(saved(book)).headers == ("name",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04....xl/workbook.xml", "damaged"),
        (workbook(["name"], ["Acme"])[:-200], "damaged"),
        (workbook(), "empty"),
        (workbook(["name", "city"]), "no row"),
        (raw_workbook(["not <xml"]), "damaged"),
        (workbook(["name"], ["A_x0000_B"]), "NUL"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(content, says):
    with pytest.raises(UnreadableFile, match=says):
        read_table(content)


def test_a_workbook_has_the_limits_of_any_file(monkeypatch):
    content = workbook(["name"], ["A"], ["B"], ["C"])
    monkeypatch.setattr(reading_table, "MAX_ROWS", 2)
    with pytest.raises(UnreadableFile, match="more than 2 rows"):
        read_table(content)
    assert len(read_table(content, most_rows=3).rows) == 3
    with pytest.raises(UnreadableFile, match="201 columns"):
        read_table(workbook([f"c{n}" for n in range(201)], [1]))
    monkeypatch.setattr(reading_table, "MAX_BYTES", 5)
    with pytest.raises(UnreadableFile, match="larger than"):
        read_table(content)


@pytest.mark.django_db
def test_the_command_takes_a_workbook_and_a_second_run_changes_nothing(tmp_path, capsys):
    make_administrator()
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(["Customer", "Employees", "Customer since"], ["Acme", 1200, date(2020, 2, 29)]))
    call_command("import_accounts", str(path))
    account = Account.objects.get()
    assert (account.name, account.employees, account.customer_since) == ("Acme", 1200, date(2020, 2, 29))
    call_command("import_accounts", str(path))
    assert capsys.readouterr().out.splitlines()[-1] == "created 0, updated 0, unchanged 1, rejected 0"


@pytest.mark.django_db
def test_a_hostile_workbook_stops_the_command_with_one_line(dense_sheet):
    with pytest.raises(CommandError, match="unpacks to more"):
        call_command("import_accounts", str(dense_sheet))


@pytest.mark.django_db
def test_a_workbook_goes_through_the_pages(client):
    client.force_login(make_administrator())
    file = SimpleUploadedFile("list.xlsx", workbook(["name", "city"], ["Acme", "Oslo"]))
    columns = client.post(reverse("importing:upload"), {"file": file}, follow=True)
    assert "Acme" in columns.content.decode()
    form = columns.context["form"]
    chosen = {name: form[name].value() or "" for name in form.fields}
    client.post(columns.redirect_chain[-1][0], chosen)
    check = columns.redirect_chain[-1][0].replace("columns", "check")
    client.get(check)
    client.post(check)
    assert Account.objects.get().city == "Oslo"


@pytest.mark.django_db
def test_a_hostile_workbook_is_refused_beside_its_field(client, dense_sheet):
    client.force_login(make_administrator())
    file = SimpleUploadedFile("list.xlsx", dense_sheet.read_bytes())
    answer = client.post(reverse("importing:upload"), {"file": file})
    assert answer.status_code == 422
    assert "unpacks to more than is read at once" in answer.content.decode()
