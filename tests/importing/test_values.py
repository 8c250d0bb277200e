from datetime import date
from decimal import Decimal

import pytest

from core import text_values
from core.countries import country_code, similar_country


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234.50", "1234.50"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50"), ("1234,5", "1234.50"),
        ("1,234,567", "1234567"), ("1.234.567,89", "1234567.89"), ("1 234,50", "1234.50"),
        ("1'234.50", "1234.50"), ("1\u00a0234", "1234"), ("1.234", "1234"), ("0.123", "0.12"), ("0", "0"),
        ("1234.567", "1234.57"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_written_in_any_country(text, expected):
    assert text_values.amount(text) == (Decimal(expected), "")


@pytest.mark.parametrize(("text", "code"), [("€ 1,234", "EUR"), ("1.234 EUR", "EUR"), ("£1234", "GBP"), ("$1234", "USD")])
def test_a_currency_beside_the_amount_is_taken(text, code):
    assert text_values.amount(text) == (Decimal(1234), code)


@pytest.mark.parametrize(
    "text",
    ["1.2.3", "1,2,3", "1,234 mln", "5 apples", "1E-02", "k€", "-5", "(5)", "12%", "1e5", "NaN", "Infinity", "١٢", "1..2", "€", "=1",
     "9" * 20],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match="“"):
        text_values.amount(text)


@pytest.mark.parametrize(
    ("text", "expected", "code"),
    [
        ("€ 2.500,-", "2500", "EUR"), ("2.500,--", "2500", ""), ("€ 100.-", "100", "EUR"), ("€1,5 mln", "1500000", "EUR"),
        ("1E+06", "1000000", ""), ("1,2E+06", "1200000", ""), ("750 k€", "750000", "EUR"), ("5M", "5000000", ""),
        ("$1.2M", "1200000", "USD"), ("5 Mio. EUR", "5000000", "EUR"), ("TEUR 5", "5000", "EUR"), ("1,5 Mrd. €", "1500000000", "EUR"),
        ("2 miljoen", "2000000", ""), ("0.125 bn", "125000000", ""), ("5 MXN", "5", "MXN"),
    ],
)  # fmt: skip
def test_amounts_as_people_and_spreadsheets_shorten_them(text, expected, code):
    assert text_values.amount(text) == (Decimal(expected), code)


@pytest.mark.parametrize(("mark", "expected"), [(",", "1234000"), (".", "1234000000")])
def test_a_doubtful_number_of_millions_follows_its_column(mark, expected):
    assert text_values.amount("1,234 mln", mark) == (Decimal(expected), "")


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["100.-", "1.234"], None),
        (["€ 2.500,-"], ","),
        (["1.234", "99.50"], "."),
        (["1.234", "99,5"], ","),
        (["1,234,567"], "."),
        (["1.234", "5"], None),
        ([], None),
    ],
)
def test_the_column_tells_its_decimal_mark(cells, mark):
    assert text_values.decimal_mark(cells) == mark


def test_an_ambiguous_amount_follows_its_column():
    assert text_values.amount("1.234", ".")[0] == Decimal("1.23")
    assert text_values.amount("1.234", ",")[0] == Decimal("1234")


@pytest.mark.parametrize("mark", [",", ".", None])
def test_an_amount_without_any_mark_is_whole_whatever_its_column(mark):
    assert text_values.amount("99", mark)[0] == Decimal("99")


@pytest.mark.parametrize(
    "text",
    ["2024-03-31", "2024/03/31", "31-3-2024", "3/31/2024", "31.03.2024", "31 Mar 2024", "March 31, 2024",
     "20240331", "2024-03-31T10:00:00Z"],
)  # fmt: skip
def test_dates_that_can_be_read_in_one_way(text):
    assert text_values.day(text) == date(2024, 3, 31)


def test_an_ambiguous_date_is_refused_with_both_readings_unless_its_column_tells():
    with pytest.raises(ValueError, match=r"2024-04-03 or 2024-03-04"):
        text_values.day("03/04/2024")
    assert text_values.day("03/04/2024", text_values.day_first(["03/04/2024", "25/04/2024"])) == date(2024, 4, 3)
    assert text_values.day("03/04/2024", text_values.day_first(["12/25/2024"])) == date(2024, 3, 4)


@pytest.mark.parametrize(
    ("text", "first", "reason"),
    [
        ("30/07/2023", False, "has the day first, and this file writes the month first"),
        ("07/30/2023", True, "has the month first, and this file writes the day first"),
        ("31/02/2023", True, "is not a date"), ("02/31/2023", False, "is not a date"), ("45/07/2023", False, "is not a date"),
    ],
)  # fmt: skip
def test_a_date_in_the_other_order_than_its_column_is_refused_with_that_reason(text, first, reason):
    with pytest.raises(ValueError, match=reason):
        text_values.day(text, first)


@pytest.mark.parametrize("text", ["31-02-2024", "soon", "1974", "2024-13-01", "0000-00-00", "45000"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="is not a date"):
        text_values.day(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("USA", "US"), ("UK", "GB"), ("nl", "NL"), ("NLD", "NL"), ("The Netherlands", "NL"), ("Duitsland", "DE"),
     ("Venezuela", "VE"), ("South Korea", "KR"), ("Czech Republic", "CZ"), ("  united   states ", "US")],
)  # fmt: skip
def test_countries_by_code_and_by_name(text, code):
    assert text_values.country(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Deutschland", "DE"), ("Österreich", "AT"), ("Oesterreich", "AT"), ("Osterreich", "AT"), ("Schweiz", "CH"), ("Suisse", "CH"),
        ("Svizzera", "CH"), ("Suíça", "CH"), ("España", "ES"), ("Espana", "ES"), ("Belgique", "BE"), ("België", "BE"),
        ("Sverige", "SE"), ("Paesi Bassi", "NL"), ("Países Baixos", "NL"), ("Nederländerna", "NL"), ("Großbritannien", "GB"),
        ("Grossbritannien", "GB"), ("Royaume-Uni", "GB"), ("Etats Unis", "US"), ("Russie", "RU"), ("Zuid-Korea", "KR"),
        ("Danmark", "DK"), ("Suomi", "FI"), ("Polska", "PL"), ("CÔTE D’IVOIRE", "CI"), ("base.be", "BE"), ("base.xx", ""),
    ],
)  # fmt: skip
def test_countries_in_their_own_language_and_in_those_of_their_neighbours(text, code):
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"), [("Deutshland", "DE"), ("Schweizz", "CH"), ("Netherlnds", "NL"), ("Atlantis", ""), ("D", "")]
)
def test_a_misspelt_country_is_known_by_its_nearest_name(text, code):
    assert similar_country(text) == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("O&#039;Brien &amp; Zn", "O'Brien & Zn"), ("&#x27;s-Hertogenbosch", "'s-Hertogenbosch"), ("Caf&eacute; &quot;De Zon&quot;", 'Café "De Zon"'),
        ("A &amp;amp; B", "A & B"), ("AT&T", "AT&T"), ("R&D;", "R&D;"), ("Foo &copy Bar", "Foo &copy Bar"), ("&;&#;", "&;&#;"),
        ("&#0;", "\ufffd"), ("?a=1&b=2", "?a=1&b=2"),
        ("&lt;script&gt;", "&lt;script&gt;"), ("<b>R&amp;D</b>", "<b>R&amp;D</b>"), ("a&#9;b", "a&#9;b"),
    ],
)  # fmt: skip
def test_codes_of_html_become_what_they_stand_for(text, expected):
    assert text_values.without_html_codes(text) == expected


@pytest.mark.parametrize(("text", "lost"), [("1.23457E+11", True), ("1,23457E+11", True), ("1E+17", True), ("1E5", False), ("007", False),
                                            ("12345678901234567", False), ("E+11", False), ("AB1E+11", False)])  # fmt: skip
def test_a_number_that_a_spreadsheet_wrote_short_has_lost_its_digits(text, lost):
    assert text_values.lost_its_digits(text) is lost


@pytest.mark.parametrize(("text", "begins"), [("http://", True), ("https://", True), ("HTTP://www.", True), ("www.", True),
                                              ("http://a.example", False), ("https", True)])  # fmt: skip
def test_what_a_form_puts_before_a_web_address_is_none(text, begins):
    assert text_values.begins_an_address(text) is begins


@pytest.mark.parametrize(("text", "number"), [("1200", 1200), ("1,200", 1200), ("1.200", 1200), ("1 200", 1200), ("40.0", 40)])
def test_whole_numbers(text, number):
    assert text_values.whole_number(text) == number


@pytest.mark.parametrize("text", ["10-50", "many", "-1", "1.5", "9" * 12])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(ValueError, match="number"):
        text_values.whole_number(text)


@pytest.mark.parametrize("text", ["", "  ", "\u3000", "\u200b", "NULL", "null", "n/a", "N/A", "#N/A"])
def test_blank_cells(text):
    assert text_values.is_blank(text)


def test_a_bare_domain_becomes_an_address():
    assert text_values.website("example.com") == "https://example.com"


@pytest.mark.parametrize("text", ["javascript:alert(1)", "ftp://example.com", "not a site", "http://"])
def test_what_is_no_web_address_is_refused(text):
    with pytest.raises(ValueError, match="web address"):
        text_values.website(text)
