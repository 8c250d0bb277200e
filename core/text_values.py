"""What one cell means: text in, a value out, or ValueError with a sentence for whoever wrote the cell.

An empty cell never gets here, see `is_blank`. Where a way of writing is ambiguous by itself (1,234 or
03/04/2024) the rest of its column decides: `decimal_mark`, `day_first`.
"""

import functools
import gettext as catalogues
import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import pycountry
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from core.mail_addresses import fault_of
from core.sentences import gettext as _

MAX_CELL = 32_767  # characters; what a spreadsheet's cell can hold
BLANKS = {"", "null", "(null)", "n/a", "#n/a"}
DASHES = {"-", "--", "–", "—", "."}
SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "US$": "USD"}
_SPACE = " \u00a0\u2007\u2009\u202f'’"  # what may divide thousands in any language
SPACES = str.maketrans("", "", _SPACE)
CENT = Decimal("0.01")
LARGEST_AMOUNT = Decimal(10) ** 13
LARGEST_COUNT = 2**31 - 1

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHITE = re.compile(r"\s")
_YEAR = re.compile(r"\d{4}")
_FORMS = {
    ",": ("%B %d, %Y", "%b %d, %Y"),
    "-": ("%Y-%m-%d", "%d-%b-%Y"),
    "/": ("%Y/%m/%d",),
    ".": ("%d.%m.%Y",),
    "": ("%Y%m%d", "%d %B %Y", "%d %b %Y"),
}  # by the first of these marks that stands in it
_AMOUNT = re.compile(r"(?P<before>[^\d.,()\-]*?)(?P<sign>-?)(?P<digits>[\d.,]+)(?P<after>[^\d.,()\-]*)")
_SPACED = re.compile(rf"[\d.,]+|\d{{1,3}}([{_SPACE}]\d{{3}})+([.,]\d+)?")
_GROUPED = {",": re.compile(r"\d{1,3}(,\d{3})+"), ".": re.compile(r"\d{1,3}(\.\d{3})+")}

COUNTRY_ALIASES = {
    "uk": "GB", "great britain": "GB", "britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "u.k.": "GB", "u.s.": "US", "u.s.a.": "US", "united states of america": "US",
    "america": "US", "holland": "NL", "the netherlands": "NL", "turkey": "TR", "russia": "RU",
    "ivory coast": "CI", "cape verde": "CV", "swaziland": "SZ", "macedonia": "MK", "czech republic": "CZ",
    "burma": "MM", "uae": "AE", "south korea": "KR", "korea": "KR", "north korea": "KP",
    "republic of ireland": "IE", "vatican": "VA", "palestine": "PS", "hongkong": "HK", "macau": "MO",
    "engeland": "GB", "groot-brittannië": "GB", "schotland": "GB", "amerika": "US", "vs": "US",
    "verenigde staten van amerika": "US", "brunei": "BN", "democratic republic of the congo": "CD",
    "east timor": "TL", "micronesia": "FM", "zuid-korea": "KR",
}  # fmt: skip
ACTIVE = {"active", "actief", "yes", "ja", "true", "1"}
ARCHIVED = {"archived", "inactive", "gearchiveerd", "inactief", "former", "no", "nee", "false", "0"}

_check_address = URLValidator(schemes=["http", "https"])


class AmbiguousDay(ValueError):
    """A date that can be read in two ways."""


# What a spreadsheet takes for the beginning of a formula, some of them also behind a space, or as wide as Japanese is written.
FORMULA = re.compile(r"'*\s*[=+\-@\t\r\n＝＋－＠]")


def guarded(text: str) -> str:
    """A text as an exported cell may hold it: with an apostrophe before what would begin a formula, or say nothing (“NULL”)."""
    return f"'{text}" if _needs_guard(text) else text


def unguarded(text: str) -> str:
    """A cell as it was before `guarded`; the apostrophe of any other text is its own."""
    return text[1:] if text.startswith("'") and _needs_guard(text) else text


def harmless(cell: str) -> str:
    """A cell of somebody's file, to be read again as it was read before: “NULL” stays NULL, and nothing is guarded twice."""
    text = cell.strip()
    return f"'{text}" if FORMULA.match(text) and not text.startswith("'") else text


def _needs_guard(text: str) -> bool:
    said = text.lstrip("'")
    return bool(said) and (FORMULA.match(said) is not None or is_blank(said))


def is_blank(text: str, *, typed: bool = False) -> bool:
    """Whether a cell says nothing: empty, white or invisible, NULL, n/a; for other than text also a dash."""
    text = text.strip()
    if text[:1].isalnum():
        return text.casefold() in BLANKS
    if text.casefold() in BLANKS or (typed and text in DASHES):
        return True
    # Zs/Cf and the like: a name of zero-width spaces looks empty, so it is.
    return all(unicodedata.category(char)[0] in "ZC" for char in text)


def amount(text: str, mark: str | None = None) -> tuple[Decimal, str]:
    """An amount of money, to the cent, and the currency that stands with it ('' for none).

    `mark` is the column's decimal mark; without it one mark before three digits divides thousands.
    """
    try:
        found = _AMOUNT.fullmatch(text.translate(SPACES))
        if not found:
            raise ValueError
        number = Decimal(_plain_digits(found["digits"], mark)).quantize(CENT, ROUND_HALF_UP)
        currency_code = _stated_currency(found["before"] + found["after"])
    except (ValueError, ArithmeticError):
        raise ValueError(_("“%(text)s” is not an amount. Write 1234.50 or 1.234,50.") % {"text": shortened(text)}) from None
    if found["sign"] and number:
        raise ValueError(_("“%(text)s” is less than zero. An amount is zero or more.") % {"text": shortened(text)})
    if number >= LARGEST_AMOUNT:
        raise ValueError(_("“%(text)s” is too large an amount.") % {"text": shortened(text)})
    return number, currency_code


def written_number(text: str, mark: str) -> Decimal:
    """A number as someone writes it in a language whose decimal mark is `mark`, to its last digit.

    Thousands may be divided by the other mark, a space or an apostrophe, and what can be read in one way only is taken in any
    language's way. Raises ValueError, also for the one that is read in two ways: `mark` before three digits.
    """
    sign, digits = ("-", text.strip()[1:]) if text.strip().startswith("-") else ("", text.strip())
    grouped, digits = _SPACED.fullmatch(digits), digits.translate(SPACES)
    shown = {"text": shortened(text)}
    if _GROUPED[mark].fullmatch(digits) and not digits.startswith("0"):
        if digits.count(mark) == 1:
            meant = digits.replace(mark, "")
            raise ValueError(
                _("“%(text)s” can be read as two numbers. If it is a whole one, write %(whole)s.") % (shown | {"whole": meant})
            )
        return Decimal(sign + digits.replace(mark, ""))
    try:
        if not grouped:
            raise ValueError
        return Decimal(sign + _plain_digits(digits, mark))
    except (ValueError, ArithmeticError):
        raise ValueError(_("“%(text)s” is not an amount. Write 1234.50 or 1.234,50.") % shown) from None


def decimal_mark(cells: Iterable[str]) -> str | None:
    """The decimal mark of a column, from the first amount that can be read in one way only."""
    for text in cells:
        digits = "".join(char for char in text if char.isdigit() or char in ",.")
        last = max(digits.rfind(","), digits.rfind("."))
        if last < 0:
            continue
        mark, other = digits[last], ",."[digits[last] == ","]
        if digits.count(mark) == 1 and (other in digits or not _GROUPED[mark].fullmatch(digits)):
            return mark
        if digits.count(mark) > 1 and other not in digits:
            return other
    return None


def whole_number(text: str) -> int:
    """A count: 1200, 1,200, 1.200, 1 200, 1200.0"""
    digits = text.translate(SPACES)
    if any(grouped.fullmatch(digits) for grouped in _GROUPED.values()):
        digits = digits.replace(",", "").replace(".", "")
    digits = re.sub(r"[.,]0+$", "", digits)
    if not re.fullmatch(r"[0-9]{1,15}", digits):
        raise ValueError(_("“%(text)s” is not a whole number. Write 1200.") % {"text": shortened(text)})
    if int(digits) > LARGEST_COUNT:
        raise ValueError(_("“%(text)s” is too large a number.") % {"text": shortened(text)})
    return int(digits)


def day(text: str, first: bool | None = None) -> date:
    """A date: 2024-03-31, 31 March 2024, and 31/3/2024 where it can be read in one way only.

    `first` tells that the column writes the day before the month (True) or after it (False).
    """
    if _ISO_DAY.fullmatch(text):
        with suppress(ValueError):
            return date.fromisoformat(text)
    for form in _forms(text):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 a date has no time zone
        except ValueError:
            continue
    if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", text):  # a moment: its day counts
        return day(text[:10])
    found = re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", text)
    if not found:
        raise ValueError(_not_a_date(text))
    one, two, year = map(int, found.groups())
    if first is None and one <= 12 and two <= 12 and one != two:
        raise AmbiguousDay(
            _("“%(text)s” can be read as two dates. Write %(one)s or %(two)s.")
            % {"text": text, "one": f"{year:04}-{two:02}-{one:02}", "two": f"{year:04}-{one:02}-{two:02}"}
        )
    try:
        return date(year, two, one) if first or (first is None and one > 12) else date(year, one, two)
    except ValueError:
        raise ValueError(_not_a_date(text)) from None


def day_first(cells: Iterable[str]) -> bool | None:
    """Whether a column writes 31/3/2024 (True) or 3/31/2024 (False), from the first date that shows it."""
    for text in cells:
        if found := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-]\d{4}", text.strip()):
            one, two = map(int, found.groups())
            if one > 12 or two > 12:
                return one > 12
    return None


def is_ambiguous(text: str) -> bool:
    """Whether a cell is a date that can be read in two ways."""
    try:
        day(text)
    except AmbiguousDay:
        return True
    except ValueError:
        return False
    return False


def country(text: str) -> str:
    """The two letters of a country, from its code or its English or Dutch name."""
    code = _countries().get(" ".join(text.split()).casefold(), "")
    if not code:
        raise ValueError(
            _("“%(text)s” is not a country. Write its English or Dutch name or two letters, for example NL or US.")
            % {"text": shortened(text)}
        )
    return code


def currency(text: str) -> str:
    """The three letters of a currency (ISO 4217), from them, a sign, or a name as Dynamics writes it."""
    code = SYMBOLS.get(text) or {"euro": "EUR", "us dollar": "USD", "pound sterling": "GBP"}.get(text.casefold())
    code = code or text.upper()
    if not re.fullmatch("[A-Z]{3}", code) or pycountry.currencies.get(alpha_3=code) is None:
        raise ValueError(
            _("“%(text)s” is not a currency. Write its three letters, for example EUR or USD.") % {"text": shortened(text)}
        )
    return code


def currency_in_header(header: str) -> str:
    """The currency that a column's name states: Annual revenue (USD), omzet €; '' for none."""
    for word in re.split(r"[\W_]+", header):
        if len(word) == 3 and word.upper() in {
            "EUR",
            "USD",
            "GBP",
            "CHF",
            "SEK",
            "NOK",
            "DKK",
            "PLN",
            "CAD",
            "AUD",
            "JPY",
        }:
            return word.upper()
    return next((code for sign, code in SYMBOLS.items() if sign in header), "")


def website(text: str) -> str:
    """An address on the web; https:// is put before a bare domain."""
    address = text if "://" in text else f"https://{text}"
    try:
        if _WHITE.search(address):  # as the validator finds, too, but at ten times the cost
            raise ValidationError("")
        _check_address(address)
    except ValidationError:
        raise ValueError(
            _("“%(text)s” is not a web address. Write https://www.example.com.") % {"text": shortened(text)}
        ) from None
    return address


def email(text: str) -> str:
    if fault := fault_of(text):
        raise ValueError(_(fault) % {"text": shortened(text)})
    return text


def status(text: str) -> str:
    word = text.casefold()
    if word in ACTIVE:
        return "active"
    if word in ARCHIVED:
        return "archived"
    raise ValueError(_("“%(text)s” is not a state. Write active or archived.") % {"text": shortened(text)})


def tags(text: str) -> list[str]:
    """Names divided by commas, or by semicolons where there is no comma; each once."""
    names = text.split("," if "," in text else ";")
    return list(dict.fromkeys(name.strip() for name in names if not is_blank(name)))


def shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _not_a_date(text: str) -> str:
    return _("“%(text)s” is not a date. Write 2024-03-31.") % {"text": shortened(text)}


def _forms(text: str) -> Sequence[str]:
    """The ways of writing a date that this one can be in by its marks: to try one is dear, and a bad column has none."""
    if not _YEAR.search(text):
        return ()
    return next((forms for mark, forms in _FORMS.items() if mark in text), ())


def _plain_digits(digits: str, mark: str | None) -> str:
    """Digits as Decimal reads them; ValueError for what is no number in anyone's writing."""
    if not re.fullmatch(r"[0-9.,]*[0-9]", digits) or not digits.isascii():
        raise ValueError
    marks = {char for char in digits if char in ",."}
    if len(marks) == 2:
        mark = digits[max(digits.rfind(","), digits.rfind("."))]
    elif marks:
        (only,) = marks
        # 1.234 is one thousand and some, unless the column uses the point for decimals; 0.123 never is.
        grouped = _GROUPED[only].fullmatch(digits) and not digits.startswith("0") and only != mark
        mark = None if grouped else only
        if grouped:
            return digits.replace(only, "")
    if mark is None or not marks:
        return digits
    whole, _mark, part = digits.rpartition(mark)
    other = "." if mark == "," else ","
    if mark in whole or (other in whole and not _GROUPED[other].fullmatch(whole)) or other in part:
        raise ValueError
    return f"{whole.replace(other, '') or '0'}.{part}"


def _stated_currency(text: str) -> str:
    return currency(text) if text else ""


@functools.cache
def _countries() -> dict[str, str]:
    """Every way a country may be written, in lower case, to its two letters."""
    dutch = catalogues.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["nl"], fallback=True)
    known: dict[str, str] = {}
    for entry in pycountry.countries:
        names = [entry.name, getattr(entry, "common_name", ""), getattr(entry, "official_name", "")]
        names += [dutch.gettext(name) for name in names if name]
        for name in [*names, entry.alpha_2, entry.alpha_3]:
            known.setdefault(name.casefold(), entry.alpha_2)
    known.pop("", None)
    return known | COUNTRY_ALIASES
