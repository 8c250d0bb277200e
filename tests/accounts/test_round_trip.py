"""What is written as CSV or as a workbook is read back as it was, whatever people type."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.exporting import contact_rows, contacts_of
from accounts.models import Account, Contact, Tag
from assessments.past_levels.rows import level
from audit.models import Event
from core import text_values
from core.tables import csv_lines, write_xlsx
from importing.reading.table import MAX_CELL, read_table
from tests.factories import make_account, make_administrator, make_contact
from tests.importing.running import import_list
from tests.inputs import naughty_strings

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NAUGHTY = [
    "=1+1", "+31 20", "-5", "@x", "\t=1", "\r\n=1", "  =1", "＝1", "'", "''", "'=x", "''-x", "NULL", "'NULL", "n/a", "#N/A", "#REF!",
    "#DIV/0!", "(null)", " ", "\u200b", "\u3000", "a\r\nb\rc\nd", '"', '""', 'a","b', "a;b\tc|d", "_x0041_", "_x005F_", "_x0041_x0042_",
    "_X0041_", "_x000d_", "\x01", "\x08\x0b\x0c\x1f", "\x1a", "\x7f\x85\u2028\u2029", "\ufffe\uffff", "\x1b1\x1b", "\x1b[31m", "\ufeffx", "sep=;", " both ends ",
    "0012", "1e5", "TRUE", "2024-03-31", "𝄞", "é", "é", "<b>&amp;</b>", "]]>", "x" * MAX_CELL, "é" * MAX_CELL,
]  # fmt: skip
#: Accounts that a text has to tell from each other: by external id where the names are the same, by name where there is no id.
ACCOUNTS = [("Acme", "C1"), ("C1", "C2"), ("Twin", "-1"), ("Twin", "-2"), ("=Formula", ""), ("NULL", ""), ("'Quoted", "")]
ROLES = Contact.BuyingRole.values
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40) | st.sampled_from(NAUGHTY)
dates = st.dates(date(1800, 1, 1), date(2200, 1, 1))
amounts = st.decimals(0, Decimal("9999999999999.99"), places=2)
whole = st.integers(0, text_values.LARGEST_COUNT)
positions = st.floats(1, 5).map(lambda position: round(position, 4))
rows = st.tuples(*(st.none() | cells for cells in (texts, texts, dates, amounts, whole, positions)))
HEADER = ["number", "one", "other", "day", "amount", "whole", "position"]


def csv_file(table) -> bytes:
    return b"".join(csv_lines(table))


def workbook_file(table) -> bytes:
    file = io.BytesIO()
    write_xlsx(table, file)
    return file.getvalue()


def table_with(found) -> list[list]:
    """Numbered, since a row without any cell is none."""
    return [HEADER, *([number, *row] for number, row in enumerate(found))]


def parsed(content: bytes) -> list[tuple]:
    read = read_table(content)
    assert list(read.headers) == HEADER
    readers = (str, str, text_values.day, lambda cell: text_values.amount(cell, ".")[0], text_values.whole_number, level)
    found = []
    for row in read.rows:
        cells = [text_values.unguarded(cell) for cell in row.cells[1:]]
        found.append(tuple(reader(cell) if cell else None for reader, cell in zip(readers, cells, strict=True)))
    return found


def as_kept(row: tuple) -> tuple:
    """An empty text and none are one and the same in a file."""
    return tuple(None if cell == "" else cell for cell in row)


@pytest.mark.parametrize("write", [csv_file, workbook_file])
@settings(max_examples=60, deadline=None)
@given(found=st.lists(rows, min_size=1, max_size=30))
@example(found=[(text, text[::-1], None, None, None, None) for text in NAUGHTY])
@example(found=[("", "", day, Decimal("1.10"), 0, 1.234) for day in (date(1850, 2, 3), date(1900, 2, 28), date(1900, 3, 1))])
def test_reading_gives_back_what_was_written(write, found):
    assert parsed(write(table_with(found))) == [as_kept(row) for row in found]


@settings(max_examples=100, deadline=None)
@given(found=st.lists(texts, min_size=1, max_size=30))
@example(found=NAUGHTY)
def test_no_cell_of_a_csv_file_begins_a_formula(found):
    for row in read_table(csv_file([["number", "text"], *enumerate(found)])).rows:
        assert not row.cells[1].lstrip().startswith(STARTS)


@settings(max_examples=25, deadline=None)
@given(found=st.lists(texts, min_size=1, max_size=30))
@example(found=NAUGHTY)
def test_no_cell_of_a_workbook_is_a_formula_or_an_error(found):
    sheet = load_workbook(io.BytesIO(workbook_file([["text"], *([text] for text in found)]))).active
    for (cell,) in sheet.iter_rows():
        assert cell.data_type in {"s", "n"}  # openpyxl's “n” is also what is empty
        assert not str(cell.value or "").lstrip().startswith(STARTS)


@pytest.mark.parametrize("write", [csv_file, workbook_file])
@pytest.mark.parametrize("text", ["x" * (MAX_CELL + 1), "=" * MAX_CELL])
def test_a_text_that_fits_no_cell_is_left_out_whole(write, text):
    assert parsed(write(table_with([(text, "b", None, None, None, None)]))) == [(None, "b", None, None, None, None)]


@pytest.mark.parametrize("text", ["𝄞" * 20_000, "\x01" * 5_000])
def test_a_workbook_leaves_out_whole_what_it_cannot_hold_and_a_csv_file_does_not(text):
    row = (text, "b", None, None, None, None)
    assert parsed(workbook_file(table_with([row]))) == [(None, *row[1:])]
    assert parsed(csv_file(table_with([row]))) == [row]


def test_a_nul_is_left_out():
    row = ("a\0b", None, None, None, None, None)
    for write in (csv_file, workbook_file):
        assert parsed(write(table_with([row]))) == [("ab", None, None, None, None, None)]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_accounts_with_naughty_texts_are_exported_and_imported_again_without_a_change(input_folder, tmp_path, capsys, kind):
    owner = make_administrator()
    found = [*naughty_strings(input_folder), *NAUGHTY]
    # As forms keep them.
    kept = dict.fromkeys(text.strip().replace("\r\n", "\n") for text in found if "\0" not in text and text.strip())
    folded = {text[:200].strip().casefold(): text for text in kept}
    for number, text in enumerate(folded.values()):
        short = text[:100].strip()
        account = make_account(
            name=text[:200].strip(), external_id=f"{short} {number}", source=text[:40].strip(), segment=short, city=short,
            notes=text, owner=owner,
        )  # fmt: skip
        if tag := text[:40].casefold().replace(",", " ").strip():
            account.tags.add(Tag.objects.get_or_create(name=tag)[0])
    before = list(Account.objects.order_by("pk").values())
    path = tmp_path / f"all.{kind}"
    call_command("export_accounts", str(path))
    capsys.readouterr()
    call_command("import_accounts", str(path))
    printed = capsys.readouterr()
    assert printed.out == f"created 0, updated 0, unchanged {len(folded)}, rejected 0\n", printed.err
    assert list(Account.objects.order_by("pk").values()) == before and not Event.objects.exists()
    Account.objects.all().delete()
    call_command("import_accounts", str(path))
    assert capsys.readouterr().out.startswith(f"created {len(folded)}, updated 0, unchanged 0, rejected 0")
    columns = ("name", "external_id", "source", "segment", "city", "notes")
    assert list(Account.objects.order_by("external_id").values(*columns)) == sorted(
        ({name: row[name] for name in columns} for row in before), key=lambda row: row["external_id"]
    )


@pytest.mark.django_db
@pytest.mark.parametrize("write", [csv_file, workbook_file])
def test_contacts_with_naughty_texts_are_exported_and_imported_again_without_a_change(input_folder, write):
    owner = make_administrator()
    found = [*naughty_strings(input_folder), *NAUGHTY]
    names = [text.strip().replace("\r\n", "\n")[:100].strip() for text in found if "\0" not in text and text.strip()]
    accounts = [make_account(name=name, external_id=external_id, owner=owner) for name, external_id in ACCOUNTS]
    for number, name in enumerate({name.casefold(): name for name in names}.values()):
        email = f"person{number}@example.com" if number % 2 else ""
        fields = {
            "title": name,
            "buying_role": ROLES[number % 4],
            "influence": 1 + number % 3,
            "language": ["", "nl"][number % 2],
        }
        make_contact(accounts[number % len(ACCOUNTS)], name=name, email=email, active=number % 5 > 0, **fields)
    before = list(Contact.objects.order_by("pk").values())
    content = write(contact_rows(contacts_of(Account.objects.all()), Account.objects.all()))
    report = import_list(content, owner, kind="contacts")
    assert report.problems == []
    assert (report.unchanged, report.created, report.updated) == (len(before), 0, 0)
    assert list(Contact.objects.order_by("pk").values()) == before and not Event.objects.exists()
    Contact.objects.all().delete()
    assert import_list(content, owner, kind="contacts").created == len(before)
    told = ("account_id", "name", "email", "title", "buying_role", "influence", "language", "active")
    assert set(Contact.objects.values_list(*told)) == {tuple(row[name] for name in told) for row in before}
