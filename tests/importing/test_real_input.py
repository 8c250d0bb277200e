"""Every input file, ours and the public ones, does what its note says: read, imported, or refused with a sentence. A new one has to say."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db.models import Count

from accounts.models import Account, Contact
from audit.models import Event
from importing.jobs import guessed
from importing.reading.table import UnreadableFile, read_table
from tests.factories import make_administrator
from tests.importing.running import import_list
from tests.inputs import FOLDERS, OWN, PUBLIC, ROOT, folder_name, present


@dataclass(frozen=True)
class List:
    """A customer list: what of it is known by itself, and one of its accounts as it is stored."""

    rows: int
    columns: int
    known: dict[str, str]
    one: dict
    countries: int = 0
    twice: tuple[str, ...] = ()
    contacts: int = 0


PUBLIC_LISTS = {
    "accounts_adventureworks_resellers.csv": List(
        rows=701, columns=18, countries=6, twice=("Friendly Bike Shop", "Sports Products Store"),
        known={
            "account_number": "external_id", "account_name": "name", "business_type": "segment", "employees": "employees",
            "city": "city", "country": "country", "phone": "phone",
        },
        one={
            "external_id": "AW00000001", "name": "A Bike Store", "segment": "Value Added Reseller", "employees": 2,
            "revenue": None, "turnover": None, "city": "Seattle", "country": "US",
        },
    ),
    "accounts_sp500.csv": List(
        rows=503, columns=8,
        known={"Symbol": "external_id", "Security": "name", "GICS Sector": "segment"},
        one={"external_id": "MMM", "name": "3M", "segment": "Industrials", "revenue": None},
    ),
    "accounts_salesforce_apexrecipes.csv": List(
        rows=50, columns=18, countries=1,
        known={
            "name": "name", "website": "website", "industry": "segment", "NumberOfEmployees": "employees",
            "annualrevenue": "turnover", "description": "notes", "billingcity": "city", "billingcountry": "country",
            "phone": "phone",
        },
        # Its industry is “n/a”.
        one={"name": "Zoonoodle 37", "segment": "", "employees": 28549, "turnover": Decimal("5117586.00"), "country": "US"},
    ),
    "accounts_northwind_utf8.csv": List(
        rows=91, columns=11, countries=21, contacts=91,
        known={
            "customerID": "external_id", "companyName": "name", "contactName": "contact_name", "contactTitle": "contact_title",
            "city": "city", "country": "country", "phone": "phone",
        },
        one={"external_id": "BERGS", "name": "Berglunds snabbköp", "city": "Luleå", "country": "SE"},
    ),
    "salesforce_dataloader_insertAccountCsv.csv": List(
        rows=100, columns=7,
        known={"NAME": "name", "ACCOUNTNUMBER__C": "external_id", "PHONE": "phone", "WEBSITE": "website", "ANNUALREVENUE": "turnover"},
        one={"external_id": "ACCT_99", "name": "account insert #99", "turnover": Decimal("99000.00")},
    ),
}  # fmt: skip

OWN_LISTS = {
    "accounts_resellers.csv": List(
        rows=9, columns=18, countries=6, twice=("Old Mill Cycles", "Twin Peaks Sport"),
        known={
            "account_number": "external_id", "account_name": "name", "business_type": "segment", "employees": "employees",
            "city": "city", "country": "country", "phone": "phone",
        },
        one={
            "external_id": "KL00000002", "name": "Brouwer & Zonen", "segment": "Warehouse", "employees": 140,
            "revenue": None, "turnover": None, "city": "Rotterdam", "country": "NL",
        },
    ),
    "accounts_listed.csv": List(
        rows=6, columns=8,
        known={"Symbol": "external_id", "Security": "name", "GICS Sector": "segment"},
        one={"external_id": "TRUE", "name": "Verity", "segment": "Information Technology", "revenue": None},
    ),
    "accounts_salesforce.csv": List(
        rows=5, columns=18, countries=1,
        known={
            "name": "name", "website": "website", "industry": "segment", "NumberOfEmployees": "employees",
            "annualrevenue": "turnover", "description": "notes", "billingcity": "city", "billingcountry": "country",
            "phone": "phone",
        },
        # Its industry is “n/a”.
        one={"name": "Brightfold 11", "segment": "", "employees": 2854, "turnover": Decimal("511758.00"), "country": "US"},
    ),
    "accounts_accents.csv": List(
        rows=7, columns=11, countries=7, contacts=7,
        known={
            "customerID": "external_id", "companyName": "name", "contactName": "contact_name", "contactTitle": "contact_title",
            "city": "city", "country": "country", "phone": "phone",
        },
        one={"external_id": "SMORG", "name": "Smörgås Nu", "city": "Luleå", "country": "SE"},
    ),
    "accounts_dataloader.csv": List(
        rows=12, columns=7,
        known={"NAME": "name", "ACCOUNTNUMBER__C": "external_id", "PHONE": "phone", "WEBSITE": "website", "ANNUALREVENUE": "turnover"},
        one={"external_id": "C_11", "name": "customer number #11", "turnover": Decimal("16500.00")},
    ),
}  # fmt: skip
LISTS = present(
    *((OWN / name, expected) for name, expected in OWN_LISTS.items()),
    *((PUBLIC / name, expected) for name, expected in PUBLIC_LISTS.items()),
)

#: Columns, rows, and the first and the last cell; or the words of the sentence with which it is refused.
PUBLIC_ENCODINGS = {
    "csvkit_bad.csv": (3, 3, "1", "17"),
    "csvkit_blanks.csv": (6, 1, "", "."),
    "csvkit_empty.csv": "The file is empty",
    "csvkit_mac_newlines.csv": (3, 2, "1", "6"),
    "csvkit_null_byte.csv": "Row 2 holds a NUL byte",
    "csvkit_sheets.xlsx": (8, 5, "Chicago Reader", ""),
    "csvkit_test.xls": "an Excel workbook of an old kind",
    "csvkit_test_header_newline.csv": (3, 1, "d", "f"),
    "csvkit_test_latin1.csv": (3, 2, "1", "©"),
    "csvkit_test_locale.csv": (3, 1, "1,7", ""),
    "csvkit_test_skip_lines.xlsx": (8, 5, "Chicago Reader", ""),
    "csvkit_test_utf16_big.csv": (3, 2, "1", "ʤ"),
    "csvkit_test_utf16_little.csv": (3, 2, "1", "ʤ"),
    "csvkit_test_utf8_bom.csv": (3, 2, "1", "ʤ"),
    "dataloader_csvEscapedQuotes.csv": (2, 2, '"The Best" Account', "bla"),
    "dataloader_csvSeparator.csv": (3, 2, "col11", "col23"),
    "dataloader_csvtext.csv": (3, 2, "row1-1", "row2-3"),
    "dataloader_csvtext_BOM_UTF16BE.csv": (3, 2, "row1-1", "row2-3"),
    "dataloader_csvtext_BOM_UTF16LE.csv": (3, 2, "row1-1", "row2-3"),
    "dataloader_csvtext_BOM_UTF32BE.csv": "Row 1 holds a NUL byte",  # its mark is that of UTF-16
    "dataloader_csvtext_BOM_UTF32LE.csv": "Row 1 holds a NUL byte",
    "dataloader_csvtext_BOM_UTF8.csv": (3, 2, "row1-1", "row2-3"),
}

OWN_ENCODINGS = {
    "ragged.csv": (3, 3, "1", "17"),
    "blanks.csv": (5, 1, "", "."),
    "nothing.csv": "The file is empty",
    "mac_line_ends.csv": (3, 2, "1", "6"),
    "null_byte.csv": "Row 2 holds a NUL byte",
    "sheets.xlsx": (8, 3, "Utrechts Nieuws", ""),
    "old_workbook.xls": "an Excel workbook of an old kind",
    "header_of_white_space.csv": (2, 1, "Zwaluw", "Utrecht"),
    "latin1.csv": (3, 2, "1", "£"),
    "decimal_commas.csv": (3, 1, "2,5", ""),
    "rows_above_the_header.xlsx": (8, 3, "Utrechts Nieuws", ""),
    "utf16_big.csv": (3, 2, "1", "Ω"),
    "utf16_little.csv": (3, 2, "1", "Ω"),
    "utf8_mark.csv": (3, 2, "1", "Ω"),
    "escaped_quotes.csv": (2, 2, '"Our" Customer', "x"),
    "odd_separator.csv": (3, 2, "a1", "b3"),
    "plain.csv": (3, 2, "first", "b2"),
    "quoted_utf16_big.csv": (3, 2, "first", "b2"),
    "quoted_utf16_little.csv": (3, 2, "first", "b2"),
    "utf32_big_under_the_mark_of_utf16.csv": "Row 1 holds a NUL byte",
    "utf32_little_under_the_mark_of_utf16.csv": "Row 1 holds a NUL byte",
    "quoted_utf8_mark.csv": (3, 2, "first", "b2"),
}
ENCODINGS = present(
    *((OWN / "encodings" / name, expected) for name, expected in OWN_ENCODINGS.items()),
    *((PUBLIC / "encodings" / name, expected) for name, expected in PUBLIC_ENCODINGS.items()),
)

#: What is no list of accounts, and the test that reads it.
READ_ELSEWHERE = {
    "README.md": "",
    "agreement_irr_anxiety.csv": "tests/assessments/test_agreement.py",
    "agreement_irr_video.csv": "tests/assessments/test_agreement.py",
    "agreement_raters.csv": "tests/assessments/test_agreement.py",
    "agreement_krippendorff_examples.json": "tests/assessments/test_agreement.py",
    "blns.json": "tests/inputs.py",
    "crm_csv_headers.yaml": "",  # spec/crm_heads.yaml took its place
    "crm_heads.yaml": "tests/inputs.py",
    "csv_spectrum": "tests/importing/test_read.py",
    "encodings": "tests/importing/test_real_input.py",
    "levels_openrisk_panel_50x11.csv": "tests/assessments/test_import_real_histories.py",
    "levels_openrisk_rating_actions.csv": "tests/assessments/test_import_real_histories.py",
    "matrix_jlt.csv": "tests/plans/test_forecast_chain.py",
    "matrix_sp_1981-2016.csv": "tests/plans/test_forecast_counting.py",
    "perception_abc_b2b_odd.csv": "tests/assessments/test_scale_check.py",
    "perception_hbat_001-100.csv": "tests/assessments/test_scale_check.py",
}


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_name)
def test_every_file_has_an_expectation(folder):
    lists, encodings = (OWN_LISTS, OWN_ENCODINGS) if folder == OWN else (PUBLIC_LISTS, PUBLIC_ENCODINGS)
    others = {path.name for path in folder.iterdir()} - lists.keys()
    assert others <= READ_ELSEWHERE.keys()
    assert {path.name for path in (folder / "encodings").iterdir()} == encodings.keys()
    assert len(list((folder / "csv_spectrum").glob("*.csv"))) == 12
    unread = [name for name in others if (test := READ_ELSEWHERE[name]) and name not in (ROOT / test).read_text(encoding="utf-8")]
    assert unread == []


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "expected"), LISTS)
def test_a_list_is_known_by_its_header_comes_in_whole_and_once(path, expected):
    admin = make_administrator()
    content = path.read_bytes()
    table = read_table(content)
    assert (len(table.rows), len(table.headers)) == (expected.rows, expected.columns)
    mapping = guessed(table)
    assert {table.headers[index]: field for index, field in mapping.items()} == expected.known
    looked_at = import_list(content, admin, mapping=mapping, dry_run=True)
    assert (looked_at.problems, looked_at.created) == ([], expected.rows)
    assert not Account.objects.exists()  # nothing is written by looking
    assert import_list(content, admin, mapping=mapping).created == expected.rows
    assert Account.objects.filter(**expected.one).count() == 1
    assert Account.objects.exclude(country="").values("country").distinct().count() == expected.countries
    names = Account.objects.values_list("name").annotate(times=Count("pk")).filter(times__gt=1).order_by("name")
    assert dict(names) == dict.fromkeys(expected.twice, 2)
    assert Contact.objects.count() == expected.contacts
    assert not Account.objects.filter(name="NULL").exists() and not Contact.objects.filter(name="NULL").exists()
    events = Event.objects.count()
    again = import_list(content, admin, mapping=mapping)
    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, expected.rows, 0)
    assert Event.objects.count() == events


@pytest.mark.parametrize(("path", "expected"), ENCODINGS)
def test_an_encoding_is_read_right_or_refused_with_a_sentence(path, expected):
    content = path.read_bytes()
    if isinstance(expected, str):
        with pytest.raises(UnreadableFile, match=expected) as refusal:
            read_table(content)
        assert str(refusal.value).endswith(".")
        return
    table = read_table(content)
    assert (len(table.headers), len(table.rows), table.rows[0].cells[0], table.rows[-1].cells[-1]) == expected
    text = "".join([*table.headers, *(cell for row in table.rows for cell in row.cells)])
    assert "�" not in text and "\ufeff" not in text
