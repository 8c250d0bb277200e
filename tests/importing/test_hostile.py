"""Files that would keep a reader busy, or fill its memory: what is not read, not kept and not tried. Figures: docs/performance.md."""

from datetime import date

import pytest

from core import text_values
from importing import list_work
from importing.lists.contacts.fields import guess as guess_contacts
from importing.lists.contacts.rows import ContactReader
from importing.models import ImportRow
from importing.owner_lookup import Options
from importing.reading import table as reading_table
from importing.reading.table import UnreadableFile, read_table
from importing.rows import MOST_REASONS, RowReader
from tests.factories import make_account, make_administrator
from tests.importing.running import checked, columns_of

NAMES = "country,website,employees,our revenue,currency,customer since,contact email"
BAD = "Atlantis,no site,many,much,Q,never,nobody at all"


def rows_of(text):
    table = read_table(text.encode())
    return list(RowReader(table, columns_of(table), Options(by=None)).rows())


# --- A row in which nothing is right


def test_a_row_is_read_until_it_has_five_problems():
    (row,) = rows_of(f"name,{NAMES}\nAcme,{BAD}\n")
    assert [problem.column for problem in row.problems] == ["country", "website", "employees", "our revenue", "currency"]
    assert len(row.problems) == MOST_REASONS


def test_whoever_mends_five_sees_the_others():
    mended = "NL,acme.example,5,6,EUR,never,nobody at all"
    (row,) = rows_of(f"name,{NAMES}\nAcme,{mended}\n")
    assert [problem.column for problem in row.problems] == ["customer since", "contact email"]


@pytest.mark.django_db
def test_a_row_with_five_problems_is_still_known_to_the_others():
    admin = make_administrator()
    bad = f"{NAMES},parent,name,external id\n{BAD},,Acme,A1\n"
    (_acme, bravo) = plan_of(bad + ",,,,,,,A1,Bravo,B1\n", admin)
    assert bravo.problems == [["parent", "Its parent, row 2, is rejected."]]
    (_acme, again) = plan_of(bad + ",,,,,,,,Acme,A1\n", admin)
    assert again.problems == [["external id", "“A1” stands in row 2 already."]]


@pytest.mark.django_db
def test_nor_are_its_owner_and_team_looked_for():
    admin = make_administrator()
    (row,) = plan_of(f"name,owner,team,{NAMES}\nAcme,nobody,none,{BAD}\n", admin)
    assert not {"owner", "team"} & {column for column, _reason in row.problems}
    (row,) = plan_of("name,owner,team\nAcme,nobody,none\n", None)  # the operator, who is not asked
    assert [column for column, _reason in row.problems] == ["owner", "team"]


def test_a_person_of_whom_nothing_is_right_is_read_until_five_problems():
    table = read_table(
        b"Buying role,Influence,Language,Still there,Do not ask,Job title,Account,Full name\n"
        b"q,q,q,q,q," + b"x" * 500 + b",Acme,Jo Bos\n"
    )
    (row,) = map(ContactReader(table, guess_contacts(table), Options(by=None)).read, table.rows)
    assert [problem.column for problem in row.problems] == ["Buying role", "Influence", "Language", "Still there", "Do not ask"]
    assert (row.values, row.name) == ({"account": "Acme", "name": "Jo Bos"}, "Jo Bos")


# --- What is dear is tried last


class CountingDays:
    def __init__(self):
        self.tried = []

    def strptime(self, text, form):
        self.tried.append(form)
        raise ValueError


@pytest.mark.parametrize(
    ("text", "tried"), [("never", 0), ("31/31/2024", 1), ("40.3.2024", 1), ("2024-40-40", 2), ("32 March 2024", 3)]
)
def test_what_is_no_date_is_not_tried_in_every_way_of_writing_one(monkeypatch, text, tried):
    monkeypatch.setattr(text_values, "datetime", days := CountingDays())
    with pytest.raises(ValueError, match="is not a date"):
        text_values.day(text)
    assert len(days.tried) == tried


@pytest.mark.parametrize(
    "text",
    ["2024-03-05", "2024-3-5", "2024/03/05", "20240305", "05.03.2024", "5.3.2024", "5 March 2024", "5 Mar 2024", "5\tMarch\t2024",
     "5-Mar-2024", "March 5, 2024", "Mar 5, 2024", "2024-03-05T10:00"],
)  # fmt: skip
def test_each_way_of_writing_a_date_is_known_by_its_marks(text):
    assert text_values.day(text) == date(2024, 3, 5)


def test_an_address_with_a_space_is_not_looked_at_closely(monkeypatch):
    looked = []
    monkeypatch.setattr(text_values, "_check_address", looked.append)
    with pytest.raises(ValueError, match="is not a web address"):
        text_values.website("not a site")
    assert text_values.website("acme.example") == "https://acme.example"
    assert looked == ["https://acme.example"]


# --- Wide rows and long cells


def test_a_row_of_very_many_cells_is_refused_with_the_file():
    with pytest.raises(UnreadableFile, match="Row 3 has 500 cells; at most 200 are read"):
        read_table(b"name\nAcme\n" + b",".join([b"x"] * 500) + b"\n")


def test_empty_cells_at_its_end_are_not_counted():
    assert [row.cells for row in read_table(b"name\nAcme\nBravo" + b", " * 500 + b"\n").rows] == [("Acme",), ("Bravo",)]


def test_samples_of_long_cells_are_cut_off():
    table = read_table(b"name,notes\nAcme," + b"x" * 5000 + b"\n")
    assert [len(text) for text in table.samples(1)] == [reading_table.LONGEST_SAMPLE]
    assert len(table.rows[0].cells[1]) == 5000


@pytest.mark.django_db
def test_of_a_list_of_long_rows_fewer_are_planned_at_a_time(monkeypatch):
    monkeypatch.setattr(list_work, "LONG", 100_000)
    text = "name,notes\n" + "".join(f"A{n},{'x' * 4000}\n" for n in range(100))
    _job, work = checked(text, make_administrator())
    assert 20 <= work.most <= 25


# --- Very many of one name


@pytest.mark.django_db
@pytest.mark.parametrize("source", ["s0", "s1", "s2", "s3"])
def test_one_external_id_of_many_sources_is_told_apart_by_the_source(source):
    admin = make_administrator()
    known = {f"s{n}": make_account(name=f"A{n}", external_id="E", source=f"s{n}", owner=admin).pk for n in range(4)}
    planned = plan_of(f"name,external id,source\nX,E,{source}\n", admin)
    assert [row.account for row in planned] == [known[source]]
    (told,) = plan_of("name,external id\nX,E\n", admin)
    assert "several sources" in told.problems[0][1]


@pytest.mark.django_db
def test_of_many_rows_of_one_name_none_is_taken_for_the_parent():
    rows = plan_of("name,external id,parent\n" + "".join(f"Same,E{n},same\n" for n in range(5)), make_administrator())
    assert {row.problems[0][1] for row in rows} == {"More than one account is called “same”. Write the external id."}


def plan_of(text, by) -> list[ImportRow]:
    job, _work = checked(text, by)
    return list(job.rows.order_by("line"))
