"""The pure half of the check: each row of the table to values of our fields, to problems, or to what a person has to say."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

from django.utils.translation import gettext as _

from accounts import field_kinds as kinds
from accounts.fields import CONTACT_FIELDS, CURRENCY_OF, in_tables
from accounts.models import Account, Tag, User
from accounts.standing_ids import account_named
from core import text_values
from importing.crm_exports import is_our_export
from importing.mapping import FIELDS, key
from importing.mapping import Mapping as Columns
from importing.owner_lookup import Options
from importing.reading.table import Row, Table
from importing.unknown_values import NO_ANSWER, OUT, PEOPLE, TOTAL, Answers, UnknownValue, answer_for

MAX_TAGS = 20
MOST_SEEN = 1000  # cells of a column
MOST_REASONS = 5  # of a row: whoever mends these sees the others next time
CALLED_BY = {"name", "external_id", "source", "parent"}  # what other rows know a row by


TEXT_LIMITS: dict[str, int | None] = {field.name: field.limit for field in in_tables()} | {
    f"contact_{name}": CONTACT_FIELDS[name].limit for name in ("name", "title", "email")
}
LONGEST_TAG: int = Tag._meta.get_field("name").max_length  # type: ignore[assignment]
AMOUNTS = {field.name for field in in_tables() if field.kind is kinds.AMOUNT}
DAYS = tuple(field.name for field in in_tables() if field.kind is kinds.DAY)
#: Fields of few values, whose unknown ones a person can tell; each of their cells is read once.
ASKED = {field.name for field in in_tables() if field.kind in {kinds.COUNTRY, kinds.CURRENCY, kinds.STATE}} | {"segment"}
_NUMBERED = {field.name for field in in_tables() if field.kind in {kinds.PHONE, kinds.PARENT}} | {"external_id"}
_WEBSITES = {field.name for field in in_tables() if field.kind is kinds.WEBSITE}

_SUM = re.compile(
    r"(?:grand |sub|eind)?(?:total|totaal|totals|totalen|totale|totaux|totalt)(?: général| general)?|sous-total|somme|som|sum|suma|summa"
    r"|summe|zwischensumme|gesamt|gesamtsumme|insgesamt"
)
_BESIDE_A_SUM = re.compile(r"[\d()\[\]:.=*\s]*$")
_A_NUMBER = re.compile(r"[^\w]*[\d.,\s'’]+[^\w]*(?:[a-z]{1,3})?[^\w]*")
#: Columns that tell whether a row is a person, with the cells that say so.
_NO = frozenset({"false", "0", "no", "nee", "nein", "non", "falsch", "faux", "onwaar"})
_A_PERSON = frozenset({"person", "individual", "persoon", "particulier", "privatperson", "einzelperson", "personne"})
_TELL_PEOPLE = {"iscompany": _NO, "isacompany": _NO, "iseenbedrijf": _NO, "isteinunternehmen": _NO, "estunesociete": _NO,
                "companytype": _A_PERSON}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is rejected: the line where it begins, the column as the file names it ('' for all)."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        if self.column:
            return _("Row %(row)s, %(column)s: %(reason)s") % {
                "row": self.line, "column": self.column, "reason": self.reason,
            }  # fmt: skip
        return _("Row %(row)s: %(reason)s") % {"row": self.line, "reason": self.reason}


@dataclass(slots=True)
class CleanRow:
    """A row's values by field, only those that the file gives; what is empty there is not here.

    With something `unknown` it is not complete: the field and the text of each cell of which a person has to say what it is.
    """

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    left_out: bool = False  # a person said that such rows are not imported; it has no values

    @property
    def name(self) -> str:
        return self.values.get("name", "")

    @property
    def parent(self) -> str:
        return self.values.get("parent", "")

    @property
    def identity(self) -> tuple[str, str] | None:
        """Source and external id, as the file states them."""
        if "external_id" not in self.values:
            return None
        return self.values.get("source", ""), self.values["external_id"]

    @property
    def standing_id(self) -> int | None:
        """The number of the account, where an export of this installation names it."""
        return account_named(self.values.get("standing_id", ""))


def too_wide(row: Row, table: Table) -> Problem | None:
    """Why a row is rejected that has more cells than there are columns."""
    found, expected = len(row.cells), len(table.headers)
    if found <= expected:
        return None
    reason = _("It has %(found)s cells where the header has %(expected)s. Put quotes around a cell that holds the delimiter.")
    return Problem(row.line, "", reason % {"found": found, "expected": expected})


def segment_key(text: str) -> str:
    """A segment without case, accents and white space: what is equal so is one segment."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char) and not char.isspace())


def spellings(segments: Iterable[str]) -> dict[str, str]:
    """Stored segments by their text, and by `segment_key`."""
    texts = sorted(segments)
    return {segment_key(text): text for text in reversed(texts)} | {text: text for text in texts}


def known_segments(by: User) -> dict[str, str]:
    """The segments of accounts that `by` sees, as `spellings`. One statement."""
    accounts = Account.objects.visible_to(by).exclude(segment="").order_by()
    return spellings(accounts.values_list("segment", flat=True).distinct())


def cell_text(cell: str, *, ours: bool) -> str:
    """The text that a cell stands for: without the guard of an export, and without codes of HTML unless the file is `ours`."""
    text = text_values.unguarded(cell).replace("\r\n", "\n")  # as the forms keep lines
    return text if ours else text_values.without_html_codes(text).strip()


def whole_number_text(text: str) -> str:
    """A number by which something is called. ValueError where a spreadsheet wrote it short."""
    if text_values.lost_its_digits(text):
        raise ValueError(
            _("“%(text)s” is no number of a CRM any more: a spreadsheet wrote it short. Export the column as text.")
            % {"text": text_values.shortened(text)}
        )
    return text


class RowReader:
    """Reads rows of one table by one mapping; knows what only a whole column tells."""

    def __init__(
        self, table: Table, mapping: Columns, day_first: bool | None = None, *,
        answers: Answers | None = None, segments: Mapping[str, str] | None = None, ask: bool = False,
    ) -> None:  # fmt: skip
        """`day_first` is what a person said of dates such as 3/4/2024; None where the column itself tells.

        `answers` is what a person said of values that nobody knows, `segments` has the stored ones as `spellings` (none: each is
        taken as it is). Unless a person can be asked (`ask`), a value that nobody knows is a problem of its row.
        """
        self.table = table
        self.mapping = mapping
        self.answers: Answers = answers or {}
        self.segments = segments or {}
        self.ask = ask
        self.columns = {field: index for index, field in mapping.items()}
        keys = [key(header) for header in table.headers]
        self._ours = is_our_export(keys)
        self._tell_people = {index: _TELL_PEOPLE[plain] for index, plain in enumerate(keys) if plain in _TELL_PEOPLE}
        self._readers: dict[str, Callable[[str], Any]] = {
            field.name: field.kind.read for field in in_tables() if field.kind.read is not None
        }
        self._readers |= {"contact_email": text_values.email, "tags": self._tags}
        if self.segments:
            self._readers["segment"] = self._segment
        for name in AMOUNTS:
            self._readers[name] = partial(text_values.amount, mark=self._over_column(name, text_values.decimal_mark))
        for name in DAYS:
            first = self._over_column(name, text_values.day_first) if day_first is None else day_first
            self._readers[name] = partial(text_values.day, first=first)
        self._seen: dict[str, dict[str, Any]] = {name: {} for name in ASKED}
        self._header_currency = {
            name: text_values.currency_in_header(table.headers[self.columns[name]]) for name in AMOUNTS if name in self.columns
        }
        # A column of currencies is of every amount that has none of its own; of the revenue only if there is any.
        shared = CURRENCY_OF["revenue"]
        self._currency_column = {
            name: CURRENCY_OF[name] if CURRENCY_OF[name] in self.columns or shared not in self.columns else shared
            for name in self._header_currency
        }
        self._drops_currency = "revenue" not in self.columns and shared in self._currency_column.values()

    @classmethod
    def of(cls, table: Table, mapping: Columns, options: Options) -> Self:
        """Reads with what was chosen and answered. At most one statement."""
        asks_segments = options.by is not None and "segment" in mapping.values()
        segments = known_segments(options.by) if asks_segments and options.by else {}
        return cls(table, mapping, options.day_first, answers=options.answers, segments=segments, ask=options.asks)

    def rows(self) -> Iterator[CleanRow]:
        return map(self.read, self.table.rows)

    def column_name(self, field: str) -> str:
        """The header of the column that holds `field`; our own name for it where the file has none."""
        index = self.columns.get(field)
        return (index is not None and self.table.headers[index]) or str(FIELDS[field].label)

    def problem(self, line: int, field: str, reason: str) -> Problem:
        return Problem(line, self.column_name(field) if field else "", reason)

    def refuse(self, clean: CleanRow, field: str, error: ValueError) -> None:
        """A cell that cannot be used: what a person can tell is asked for, anything else is a problem of the row."""
        if isinstance(error, UnknownValue) and self.ask:
            clean.unknown.append((error.field, error.text))
        else:
            clean.problems.append(self.problem(clean.line, field, str(error)))

    def read(self, row: Row) -> CleanRow:
        """A row that has `MOST_REASONS` problems is read no further, but for what other rows know it by."""
        clean = CleanRow(row.line)
        if wide := too_wide(row, self.table):
            clean.problems.append(wide)
            return clean
        try:
            if self._is_left_out(row):
                clean.left_out = True
                return clean
        except UnknownValue as error:
            self.refuse(clean, "", error)
        for index, name in self.mapping.items():
            text = row.cells[index].strip()
            if text and (len(clean.problems) < MOST_REASONS or name in CALLED_BY):
                self._read_cell(clean, name, text)
        self._settle_currencies(clean)
        if "contact_email" in clean.values and "contact_name" not in clean.values:
            clean.values["contact_name"] = clean.values["contact_email"][: TEXT_LIMITS["contact_name"]]
        return clean

    def _is_left_out(self, row: Row) -> bool:
        """Whether a person said so of rows of this sort. UnknownValue where nobody said anything yet."""
        for sort, text, reason in self._doubts(row):
            said = answer_for(self.answers, sort, text)
            if said == OUT:
                return True
            if said is NO_ANSWER:
                raise UnknownValue(sort, text, reason)
        return False

    def _doubts(self, row: Row) -> Iterator[tuple[str, str, str]]:
        """Why a row may be no account: its sort as a question has it, the text, and the reason."""
        if any(row.cells[index].strip().casefold() in said for index, said in self._tell_people.items()):
            yield PEOPLE, PEOPLE, _("The file says that this is a person, not an organisation.")
        first = next((cell.strip() for cell in row.cells if cell.strip()), "")
        if _is_a_sum(first, row.cells):
            yield TOTAL, first, _("“%(text)s” seems to be the sum of the rows above, not an account.") % {"text": first}

    def _read_cell(self, clean: CleanRow, name: str, cell: str) -> None:
        seen = self._seen.get(name)
        if seen is not None and cell in seen:
            self._keep(clean, name, seen[cell])
            return
        reader = self._readers.get(name)
        text = cell_text(cell, ours=self._ours)
        typed = reader is not None and name not in {"tags", "segment"}
        # A guarded “NULL” is a text.
        if text_values.is_blank(cell) or (typed and text_values.is_blank(text, typed=True)) or not text:
            return
        if name in _WEBSITES and text_values.begins_an_address(text):
            return
        try:
            value = self._value(name, text, reader)
        except ValueError as error:
            value = error
        if seen is not None and len(seen) < MOST_SEEN:
            seen[cell] = value
        self._keep(clean, name, value)

    def _keep(self, clean: CleanRow, name: str, value: Any) -> None:
        """Put a value where it belongs; "" is what a person said is to be left empty, an error the reason why there is none."""
        if isinstance(value, ValueError):
            self.refuse(clean, name, value)
        elif name in AMOUNTS:
            clean.values[name], clean.values[f"stated_{name}"] = value
        elif value != "":
            clean.values[name] = value

    def _value(self, name: str, text: str, reader: Callable[[str], Any] | None) -> Any:
        """What a cell means, by itself or as a person said. Raises ValueError."""
        try:
            value: Any = reader(text) if reader else text
        except ValueError as error:
            if name not in ASKED:
                raise
            value = answer_for(self.answers, name, text)
            if value is NO_ANSWER:
                raise UnknownValue(name, text, str(error)) from error
        if name in _NUMBERED:
            whole_number_text(value)
        limit = TEXT_LIMITS.get(name)
        if limit and len(value) > limit:
            raise ValueError(_too_long(value, limit))
        return value

    def _segment(self, text: str) -> str:
        """As it is stored already. ValueError for a new one."""
        found = self.segments.get(text) or self.segments.get(segment_key(text))
        if found is None:
            raise ValueError(_("“%(text)s” is not one of the segments so far.") % {"text": text_values.shortened(text)})
        return found

    def _settle_currencies(self, clean: CleanRow) -> None:
        """The currency column, the sign in the amount and the one in the header, which may not contradict."""
        for amount, header_currency in self._header_currency.items():
            stated = clean.values.pop(f"stated_{amount}", "")
            named = clean.values.get(self._currency_column[amount])
            if stated and named and stated != named and stated != "USD":  # a bare $ is also that of Canada, Australia, …
                reason = _("The amount is in %(stated)s and the currency column says %(named)s.")
                clean.problems.append(self.problem(clean.line, amount, reason % {"stated": stated, "named": named}))
            if amount in clean.values and (currency := named or stated or header_currency):
                clean.values[CURRENCY_OF[amount]] = currency
        if self._drops_currency:
            clean.values.pop(CURRENCY_OF["revenue"], None)

    def _over_column[T](self, field: str, learn: Callable[[Any], T]) -> T | None:
        index = self.columns.get(field)
        return None if index is None else self.table.once((learn, index), lambda: learn(self.table.column(index)))

    def _tags(self, text: str) -> list[str]:
        names = text_values.tags(text)
        if len(names) > MAX_TAGS:
            raise ValueError(_("At most %(most)s tags.") % {"most": MAX_TAGS})
        too_long = next((name for name in names if len(name) > LONGEST_TAG), None)
        if too_long:
            raise ValueError(_too_long(too_long, LONGEST_TAG))
        return names


def _is_a_sum(first: str, cells: Iterable[str]) -> bool:
    """Whether a row begins with a word such as “Totaal” and has nothing but numbers beside it, at least one."""
    word = _BESIDE_A_SUM.sub("", first.casefold())
    if not _SUM.fullmatch(word):
        return False
    others = [text for text in (cell.strip() for cell in cells) if text][1:]
    return bool(others) and all(_A_NUMBER.fullmatch(text.casefold()) for text in others)


def _too_long(text: str, limit: int) -> str:
    return _("“%(text)s” is longer than %(limit)s characters.") % {
        "text": text_values.shortened(text),
        "limit": limit,
    }
