import csv
import json

import pytest

from importing.reading import table as reading_table
from importing.reading.table import UnreadableFile, read_table
from tests.inputs import FOLDERS, folder_name

SPECTRUM = [path for folder in FOLDERS for path in sorted((folder / "csv_spectrum").glob("*.csv"))]


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read_table(content).rows]


@pytest.mark.parametrize("path", SPECTRUM, ids=lambda path: f"{folder_name(path.parents[1])}-{path.stem}")
def test_csv_spectrum_reads_as_its_json(path):
    expected = json.loads(path.with_suffix(".json").read_text())
    if isinstance(expected, dict):  # location_coordinates: one object, with another phone number than its CSV
        expected = [expected | {"Contact Phone Number": "2095257564"}]
    content = path.read_bytes()
    if path.stem.endswith("_crlf"):  # the copies of these cases lost what they are named for
        content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    table = read_table(content)
    assert [dict(zip(table.headers, row.cells, strict=True)) for row in table.rows] == expected


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter):
    table = read_table(delimiter.join(["name", "city"]).encode() + b"\n" + delimiter.join(["Acme", "Oslo"]).encode())
    assert (table.delimiter, table.rows[0].cells) == (delimiter, ("Acme", "Oslo"))


def test_decimal_commas_do_not_make_a_semicolon_file_a_comma_file():
    assert read_table(b"name;revenue\nAcme, Inc;1,50\nBravo, Ltd;2,50\n").delimiter == ";"


def test_separator_line_of_excel_is_obeyed_and_left_out():
    table = read_table(b"sep=;\nname;city\nAcme;Oslo\n")
    assert table.headers == ("name", "city")
    assert table.rows[0].line == 3


def test_rows_carry_the_line_where_they_begin():
    table = read_table(b'name,notes\n"A","one\ntwo"\n\nB,x\n')
    assert [row.line for row in table.rows] == [2, 5]


def test_old_mac_line_ends_divide_rows():
    assert cells(b"name,city\rAcme,Oslo\rBravo,Rome\r") == [("Acme", "Oslo"), ("Bravo", "Rome")]


def test_short_rows_are_filled_up_and_long_ones_keep_their_cells():
    assert cells(b"a,b,c\n1\n1,2,3,4\n1,2,3,,\n") == [("1", "", ""), ("1", "2", "3", "4"), ("1", "2", "3")]


def test_blank_rows_and_empty_columns_at_the_end_are_left_out():
    table = read_table(b"name,city,,\nAcme,Oslo,,\n,,,\n")
    assert (table.headers, len(table.rows)) == (("name", "city"), 1)


def test_a_column_without_a_name_that_holds_cells_is_kept():
    assert read_table(b"name,\nAcme,Oslo\n").headers == ("name", "")


def test_equal_headers_stay_two_columns():
    assert read_table(b"name,name\nA,B\n").headers == ("name", "name")


def test_utf16_without_its_mark_is_read():
    assert cells("name,city\nAcmé,Oslo\n".encode("utf-16-le")) == [("Acmé", "Oslo")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"name,city\n", "no row"),
        (b"name\nA\0B\n", "NUL"),
        (b"PK\x03\x04....xl/workbook.xml", "Excel workbook is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel workbook"),
        (b"PK\x03\x04....list.csv", "zip archive"),
        (b"%PDF-1.7", "not a CSV file"),
        (b"<html><table>", "not a CSV file"),
        (bytes(range(1, 32)) * 20, "not a CSV file"),
        (b'name,city\n"Acme,Oslo\nBravo,Rome\n', "row 2 and never closes"),
        (b'name,city\n"Acme" Ltd,Oslo\n', "Row 2"),
        (b"\xff\xfen\x00a", "UTF-16"),
        (b"name\n" + b"x" * (reading_table.MAX_CELL + 1), "characters"),
        (b"name\n" + b"x" * (csv.field_size_limit() + 1), "characters"),
        (",".join(f"c{n}" for n in range(201)).encode() + b"\n1\n", "201 columns"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(content, says):
    with pytest.raises(UnreadableFile, match=says):
        read_table(content)


def test_a_mark_makes_it_text_whatever_controls_are_in_it():
    assert cells(b"\xef\xbb\xbfname,city\n" + bytes(range(1, 9)) * 20 + b",Oslo\n") == [
        ("".join(map(chr, range(1, 9))) * 20, "Oslo")
    ]


def test_limits_on_size_and_rows(monkeypatch):
    monkeypatch.setattr(reading_table, "MAX_ROWS", 2)
    with pytest.raises(UnreadableFile, match="more than 2 rows"):
        read_table(b"name\nA\nB\nC\n")
    monkeypatch.setattr(reading_table, "MAX_BYTES", 5)
    with pytest.raises(UnreadableFile, match="larger than"):
        read_table(b"name\nA\n")


class TestTitleAboveTheNames:
    @pytest.mark.parametrize(
        ("text", "line", "headers"),
        [
            ("Klantenlijst 2026;;\n;;\nNaam;Plaats;Omzet\nVianen;Gouda;1.000\n", 3, ("Naam", "Plaats", "Omzet")),
            ("Kundenliste\n\nFirma;Ort;Land\nA;B;C\n", 3, ("Firma", "Ort", "Land")),
            ("Clients\nau 31 mars\nRaison sociale;Ville;Pays\nA;B;C\n", 3, ("Raison sociale", "Ville", "Pays")),
            ("Export,2026-03-31,\nName,City,Country\nA,B,C\n", 2, ("Name", "City", "Country")),
        ],
    )
    def test_is_seen_where_it_is_surely_one(self, text, line, headers):
        table = read_table(text.encode())
        assert (table.names_in_row, table.headers) == (line, headers)
        assert table.rows[0].line == line + 1
        assert table.first_rows[0].line == 1 and table.notes

    @pytest.mark.parametrize(
        "text",
        [
            "Name\nAcme, Inc, NY\nName, City, Country\n",  # no quotes around a cell that holds the delimiter
            "Firm;Kind\nCustomer;Company\nA;B\n",  # cells that are column names elsewhere
            "Kundenliste;Stand\nfoo;bar\n1;2\n",  # names that we do not know
            "Kundenliste\nMüller\nMeier\n",
            "a,b,c\nname,city,country\n1,2,3\n",
            "Klantenlijst\nNaam;Naam;Omzet\nA;B;1\n",
            "Klantenlijst\n2026;Naam;Omzet\nA;B;1\n",
        ],
    )
    def test_in_doubt_the_first_row_holds_the_names(self, text):
        table = read_table(text.encode())
        assert (table.names_in_row, table.notes) == (1, [])

    def test_a_person_can_say_in_which_row_they_stand(self):
        text = b"Kundenliste\n\nfoo;bar\n1;2\n3;4\n"
        assert read_table(text).names_in_row == 1
        table = read_table(text, names_in_row=3)
        assert (table.headers, [row.cells for row in table.rows], table.delimiter) == (
            ("foo", "bar"),
            [("1", "2"), ("3", "4")],
            ";",
        )
        assert [(row.line, row.cells) for row in table.first_rows] == [
            (1, ("Kundenliste",)), (3, ("foo", "bar")), (4, ("1", "2")), (5, ("3", "4")),
        ]  # fmt: skip

    def test_what_was_recognised_can_be_taken_back(self):
        table = read_table(b"List,,\nName,City,Land\nA,B,C\n", names_in_row=1)
        assert (table.names_in_row, table.headers, len(table.rows)) == (1, ("List", "", ""), 2)

    @pytest.mark.parametrize("line", [2, 9, 0])
    def test_a_row_that_is_none_is_refused(self, line):
        with pytest.raises(UnreadableFile, match=f"Row {line} is empty"):
            read_table(b"name,city\n\nAcme,Oslo\n", names_in_row=line)

    def test_the_last_row_holds_no_names(self):
        with pytest.raises(UnreadableFile, match="Row 3 holds the column names, and no row"):
            read_table(b"name,city\n\nAcme,Oslo\n", names_in_row=3)

    def test_the_rows_above_do_not_count_against_the_most(self, monkeypatch):
        monkeypatch.setattr(reading_table, "MAX_ROWS", 1)
        assert len(read_table(b"List\n\nname,city,country\nA,B,C\n").rows) == 1
        with pytest.raises(UnreadableFile, match="more than 1 rows"):
            read_table(b"List\n\nname,city,country\nA,B,C\nD,E,F\n")


class TestTwoEncodings:
    def test_lines_of_the_other_encoding_are_read_by_themselves(self):
        content = "Naam;Plaats\nCafé;Görlitz\n".encode() + "Bär;Köln\n".encode("latin-1") + "“Zoë”;Ede\n".encode("cp1252")
        table = read_table(content)
        assert [row.cells for row in table.rows] == [("Café", "Görlitz"), ("Bär", "Köln"), ("“Zoë”", "Ede")]
        assert "two encodings" in table.notes[0]

    def test_also_below_the_mark_of_utf8(self):
        assert cells(b"\xef\xbb\xbfNaam\nB\xe4r\n") == [("Bär",)]

    def test_a_line_of_both_is_refused_with_its_number(self):
        content = "Naam\n\nCafé\n".encode() + "Bär;".encode() + "Köln\n".encode("latin-1")
        with pytest.raises(UnreadableFile, match="Line 4 mixes two encodings"):
            read_table(content)

    @pytest.mark.parametrize("text", ["Naam\nCafé\nKöln\n", "Naam\nÉÉN’S\nCAFÉ’S BAR\n", "Naam\nSÃO PAULO\n"])
    def test_a_file_of_the_other_encoding_alone_is_read_as_ever(self, text):
        table = read_table(text.encode("cp1252"))
        assert (table.encoding, table.notes) == ("cp1252", [])
        assert [row.cells[0] for row in table.rows] == text.split("\n")[1:-1]
