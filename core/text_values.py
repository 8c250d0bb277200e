"""Parse the text of one cell: a value, or ValueError with a translated message for the person who wrote the file.

Callers skip blank cells (`is_blank`). Where a cell is ambiguous by itself (1,234 or 03/04/2024) the other cells of its
column decide: `decimal_mark`, `day_first`.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from html.entities import html5

import pycountry
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from core.countries import country_code
from core.mail_addresses import fault_of

MAX_CELL = 32_767  # characters; what a spreadsheet's cell can hold
BLANKS = {"", "null", "(null)", "n/a", "#n/a"}
DASHES = {"-", "--", "–", "—", "."}
SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "US$": "USD"}
_SPACE = " \u00a0\u2007\u2009\u202f'’"  # characters that separate thousands in some language
SPACES = str.maketrans("", "", _SPACE)
CURRENCIES_IN_HEADERS = {"EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CAD", "AUD", "JPY"}
CENT = Decimal("0.01")
LARGEST_AMOUNT = Decimal(10) ** 13
LARGEST_COUNT = 2**31 - 1

_HTML_CODE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_SHORT_NUMBER = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,3}")
_BEGINNINGS = {"http:", "https:", "http", "https", "www", "www.", "http://www", "http://www.", "https://www", "https://www."}
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHITE = re.compile(r"\s")
_YEAR = re.compile(r"\d{4}")
_FORMS = {
    ",": ("%B %d, %Y", "%b %d, %Y"),
    "-": ("%Y-%m-%d", "%d-%b-%Y"),
    "/": ("%Y/%m/%d",),
    ".": ("%d.%m.%Y",),
    "": ("%Y%m%d", "%d %B %Y", "%d %b %Y"),
}  # formats by the first of these characters that the text contains
_AMOUNT = re.compile(
    r"(?P<before>[^\d.,()\-]*?)(?P<sign>-?)(?P<digits>[\d.,]*\d)(?P<power>[eE]\+[0-9]{2})?(?:[.,][-–—]{1,2})?(?P<after>[^\d,()\-–—]*)"
)
#: What stands beside an amount for so many zeros, in the words of several languages; “m” is a million, as in most of Europe.
_SCALES = {
    3: {"k", "t", "tsd", "tds", "thousand", "tausend", "duizend", "mille", "mila"},
    6: {
        "m", "mm", "mn", "mln", "mio", "mill", "million", "millions", "millionen", "miljoen", "millones", "milioni", "milhões",
        "miljoner",
    },
    9: {"b", "bn", "mrd", "md", "mld", "mia", "billion", "milliarden", "milliarde", "miljard", "milliard", "milliards", "miljarder"},
}  # fmt: skip
_ZEROS = {word: zeros for zeros, words in _SCALES.items() for word in words}
_SPACED = re.compile(rf"[\d.,]+|\d{{1,3}}([{_SPACE}]\d{{3}})+([.,]\d+)?")
_GROUPED = {",": re.compile(r"\d{1,3}(,\d{3})+"), ".": re.compile(r"\d{1,3}(\.\d{3})+")}

ACTIVE = {"active", "actief", "yes", "ja", "true", "1"}
ARCHIVED = {"archived", "inactive", "gearchiveerd", "inactief", "former", "no", "nee", "false", "0"}

_check_address = URLValidator(schemes=["http", "https"])


class AmbiguousDay(ValueError):
    """A date that can be read in two ways."""


# Characters with which a formula begins in spreadsheets; some accept a space before them, or the full-width forms.
FORMULA = re.compile(r"'*\s*[=+\-@\t\r\n＝＋－＠]")


def guarded(text: str) -> str:
    """The text of an exported cell: with an apostrophe before a text that a spreadsheet takes as a formula, or the importer as blank."""
    return f"'{text}" if _needs_guard(text) else text


def unguarded(text: str) -> str:
    """The text before `guarded` added its apostrophe; any other apostrophe is kept."""
    return text[1:] if text.startswith("'") and _needs_guard(text) else text


def harmless(cell: str) -> str:
    """A cell of an uploaded file that is written out again: a formula is guarded once, and “NULL” stays NULL."""
    text = cell.strip()
    return f"'{text}" if FORMULA.match(text) and not text.startswith("'") else text


def _needs_guard(text: str) -> bool:
    bare = text.lstrip("'")
    return bool(bare) and (FORMULA.match(bare) is not None or is_blank(bare))


def without_html_codes(text: str) -> str:
    """The text for which the well-formed codes of HTML in it stand, also where codes were made of codes; “R&D;” is none.

    A text about HTML, one that holds markup or would hold it, stays as it is.
    """
    if "&" not in text or "<" in text:
        return text
    decoded = _HTML_CODE.sub(_decoded, _HTML_CODE.sub(_decoded, text))
    return text if "<" in decoded or any(unicodedata.category(char) == "Cc" for char in decoded) else decoded


def _decoded(found: re.Match[str]) -> str:
    code = found[0]
    return html.unescape(code) if code[1] == "#" or code[1:] in html5 else code


def lost_its_digits(text: str) -> bool:
    """Whether a spreadsheet wrote a long number short (1.23457E+11), so that nobody knows its last digits any more."""
    return _SHORT_NUMBER.fullmatch(text) is not None


def begins_an_address(text: str) -> bool:
    """Whether a cell holds nothing of a web address but the beginning that a form puts there."""
    return text.casefold().rstrip("/") in _BEGINNINGS


def is_blank(text: str, *, typed: bool = False) -> bool:
    """Whether a cell is blank: empty, only white space or invisible characters, NULL, n/a; in a `typed` column also a dash."""
    text = text.strip()
    if text[:1].isalnum():
        return text.casefold() in BLANKS
    if text.casefold() in BLANKS or (typed and text in DASHES):
        return True
    # Categories Z and C: a text of zero-width spaces looks empty.
    return all(unicodedata.category(char)[0] in "ZC" for char in text)


def amount(text: str, mark: str | None = None) -> tuple[Decimal, str]:
    """An amount of money, rounded to cents, and the code of the currency that is written with it ('' for none).

    `mark` is the decimal mark of the column; without it a single mark before three digits separates thousands. Also “2.500,-”,
    “1,5 mln”, “750 k€” and “1E+06”. An amount of so many thousands or millions whose mark can be either is refused.
    """
    try:
        found = _AMOUNT.fullmatch(text.translate(SPACES))
        if not found:
            raise ValueError
        zeros, currency_code = _scale_and_currency(found["before"], found["after"])
        zeros += int(found["power"][1:]) if found["power"] else 0
        digits = found["digits"]
        doubtful = zeros and mark is None and digits.count(",") + digits.count(".") == 1 and not digits.startswith("0")
        if doubtful and any(grouped.fullmatch(digits) for grouped in _GROUPED.values()):
            raise ValueError
        number = Decimal(_plain_digits(digits, mark)).scaleb(zeros).quantize(CENT, ROUND_HALF_UP)
    except (ValueError, ArithmeticError):
        raise ValueError(_("“%(text)s” is not an amount. Write 1234.50 or 1.234,50.") % {"text": shortened(text)}) from None
    if found["sign"] and number:
        raise ValueError(_("“%(text)s” is less than zero. An amount is zero or more.") % {"text": shortened(text)})
    if number >= LARGEST_AMOUNT:
        raise ValueError(_("“%(text)s” is too large an amount.") % {"text": shortened(text)})
    return number, currency_code


def written_number(text: str, mark: str) -> Decimal:
    """A number in the format of a language whose decimal mark is `mark`, unrounded.

    The other mark, a space or an apostrophe may separate thousands; an unambiguous number of another language is accepted.
    Raises ValueError, also for the ambiguous case: `mark` before exactly three digits.
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
    """The decimal mark of a column, from its first unambiguous amount."""
    for text in cells:
        digits = "".join(char for char in text if char.isdigit() or char in ",.").removesuffix(".")  # of “100.-”
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
    """A whole number: 1200, 1,200, 1.200, 1 200, 1200.0."""
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
    """A date: 2024-03-31, 31 March 2024, and 31/3/2024 where it is unambiguous.

    `first` says whether the column writes the day before the month; None when that is not known. Raises AmbiguousDay or
    ValueError.
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
        if first is not None and _is_a_date(year, *((one, two) if first else (two, one))):
            raise ValueError(_in_the_other_order(text, first=first)) from None
        raise ValueError(_not_a_date(text)) from None


def day_first(cells: Iterable[str]) -> bool | None:
    """Whether a column writes 31/3/2024 (True) or 3/31/2024 (False), from its first unambiguous date; None without one."""
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
    """The ISO 3166 code of a country, from the code or the name in one of the languages of `core.countries`."""
    code = country_code(text)
    if not code:
        raise ValueError(
            _("“%(text)s” is not a country. Write its name or two letters, for example NL or US.") % {"text": shortened(text)}
        )
    return code


def currency(text: str) -> str:
    """The ISO 4217 code of a currency, from the code, a sign, or a name as Dynamics exports it."""
    code = SYMBOLS.get(text) or {"euro": "EUR", "us dollar": "USD", "pound sterling": "GBP"}.get(text.casefold())
    code = code or text.upper()
    if not re.fullmatch("[A-Z]{3}", code) or pycountry.currencies.get(alpha_3=code) is None:
        raise ValueError(
            _("“%(text)s” is not a currency. Write its three letters, for example EUR or USD.") % {"text": shortened(text)}
        )
    return code


def currency_in_header(header: str) -> str:
    """The currency in the name of a column: Annual revenue (USD), omzet €; '' for none."""
    for word in re.split(r"[\W_]+", header):
        if word.upper() in CURRENCIES_IN_HEADERS:
            return word.upper()
    return next((code for sign, code in SYMBOLS.items() if sign in header), "")


def website(text: str) -> str:
    """A URL; https:// is added to a domain without a scheme."""
    address = text if "://" in text else f"https://{text}"
    try:
        if _WHITE.search(address):  # the validator refuses it as well, at ten times the cost
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
    """Names separated by commas, or by semicolons where there is no comma; without duplicates."""
    names = text.split("," if "," in text else ";")
    return list(dict.fromkeys(name.strip() for name in names if not is_blank(name)))


def shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _is_a_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _in_the_other_order(text: str, *, first: bool) -> str:
    if first:
        reason = _("“%(text)s” has the month first, and this file writes the day first. Write 2024-03-31.")
    else:
        reason = _("“%(text)s” has the day first, and this file writes the month first. Write 2024-03-31.")
    return reason % {"text": shortened(text)}


def _not_a_date(text: str) -> str:
    return _("“%(text)s” is not a date. Write 2024-03-31.") % {"text": shortened(text)}


def _forms(text: str) -> Sequence[str]:
    """The formats of `strptime` that the characters of the text allow. Each try is slow, and a text without a year needs none."""
    if not _YEAR.search(text):
        return ()
    return next((forms for mark, forms in _FORMS.items() if mark in text), ())


def _plain_digits(digits: str, mark: str | None) -> str:
    """The digits in the format of Decimal. Raises ValueError for a text that is no number in any language."""
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


def _scale_and_currency(before: str, after: str) -> tuple[int, str]:
    """The zeros and the currency that stand around an amount: k€, Mio. EUR, $ and M. Raises ValueError for anything else."""
    word = before + after
    if not word:
        return 0, ""
    with suppress(ValueError):
        return 0, currency(word)
    for cut in range(len(word) + 1):
        for scale, money in ((word[:cut], word[cut:]), (word[cut:], word[:cut])):
            zeros = _ZEROS.get(scale.strip(".").casefold())
            if zeros:
                with suppress(ValueError):
                    return zeros, currency(money) if money else ""
    raise ValueError
