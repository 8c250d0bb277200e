"""The pure half of the check: each row of the table to values of our fields, or to problems."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from accounts import field_kinds as kinds
from accounts.fields import CONTACT_FIELDS, CURRENCY_OF, in_tables
from accounts.models import Tag
from core import text_values
from importing.mapping import FIELDS, Mapping
from importing.owner_lookup import Options
from importing.reading.table import Row, Table

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
_FEW = {kinds.COUNTRY, kinds.CURRENCY, kinds.STATE}  # kinds whose columns have few different cells


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
    """A row's values by field, only those that the file gives; what is empty there is not here."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)  # field and text of each value that nobody knows

    @property
    def name(self) -> str:
        return self.values.get("name", "")

    @property
    def identity(self) -> tuple[str, str] | None:
        """Source and external id, as the file states them."""
        if "external_id" not in self.values:
            return None
        return self.values.get("source", ""), self.values["external_id"]


def too_wide(row: Row, table: Table) -> Problem | None:
    """Why a row is rejected that has more cells than there are columns."""
    found, expected = len(row.cells), len(table.headers)
    if found <= expected:
        return None
    reason = _("It has %(found)s cells where the header has %(expected)s. Put quotes around a cell that holds the delimiter.")
    return Problem(row.line, "", reason % {"found": found, "expected": expected})


class RowReader:
    """Reads rows of one table by one mapping; knows what only a whole column tells."""

    def __init__(self, table: Table, mapping: Mapping, options: Options) -> None:
        self.table, self.options = table, options
        day_first = options.day_first
        self.mapping = mapping
        self.columns = {field: index for index, field in mapping.items()}
        self._readers: dict[str, Callable[[str], Any]] = {
            field.name: field.kind.read for field in in_tables() if field.kind.read is not None
        }
        self._readers |= {"contact_email": text_values.email, "tags": self._tags}
        for name in AMOUNTS:
            self._readers[name] = partial(text_values.amount, mark=self._over_column(name, text_values.decimal_mark))
        for name in DAYS:
            first = self._over_column(name, text_values.day_first) if day_first is None else day_first
            self._readers[name] = partial(text_values.day, first=first)
        # Each cell of these columns is read once.
        self._seen: dict[str, dict[str, Any]] = {field.name: {} for field in in_tables() if field.kind in _FEW}
        self._header_currency = {
            name: text_values.currency_in_header(table.headers[self.columns[name]]) for name in AMOUNTS if name in self.columns
        }

    def rows(self) -> Iterator[CleanRow]:
        return map(self.read, self.table.rows)

    def column_name(self, field: str) -> str:
        """The header of the column that holds `field`; our own name for it where the file has none."""
        index = self.columns.get(field)
        return (index is not None and self.table.headers[index]) or str(FIELDS[field].label)

    def problem(self, line: int, field: str, reason: str) -> Problem:
        return Problem(line, self.column_name(field) if field else "", reason)

    def read(self, row: Row) -> CleanRow:
        """A row that has `MOST_REASONS` problems is read no further, but for what other rows know it by."""
        clean = CleanRow(row.line)
        if wide := too_wide(row, self.table):
            clean.problems.append(wide)
            return clean
        for index, name in self.mapping.items():
            text = row.cells[index].strip()
            if text and (len(clean.problems) < MOST_REASONS or name in CALLED_BY):
                self._read_cell(clean, name, text)
        self._settle_currencies(clean)
        if "contact_email" in clean.values and "contact_name" not in clean.values:
            clean.values["contact_name"] = clean.values["contact_email"][: TEXT_LIMITS["contact_name"]]
        return clean

    def _read_cell(self, clean: CleanRow, name: str, cell: str) -> None:
        seen = self._seen.get(name)
        if seen is not None and cell in seen:
            clean.values[name] = seen[cell]
            return
        reader = self._readers.get(name)
        text = text_values.unguarded(cell).replace("\r\n", "\n")  # as the forms keep lines
        typed = reader is not None and name != "tags"
        # A guarded “NULL” is a text.
        if text_values.is_blank(cell) or (typed and text_values.is_blank(text, typed=True)):
            return
        try:
            limit = TEXT_LIMITS.get(name)
            value: Any = reader(text) if reader else text
            if limit and len(value) > limit:
                raise ValueError(_too_long(value, limit))
            if name in AMOUNTS:
                value, clean.values[f"stated_{name}"] = value
            clean.values[name] = value
            if seen is not None and len(seen) < MOST_SEEN:
                seen[cell] = value
        except ValueError as error:
            clean.problems.append(self.problem(clean.line, name, str(error)))

    def _settle_currencies(self, clean: CleanRow) -> None:
        """The currency column, the sign in the amount and the one in the header, which may not contradict."""
        for amount, header_currency in self._header_currency.items():
            currency = CURRENCY_OF[amount]
            stated = clean.values.pop(f"stated_{amount}", "")
            named = clean.values.get(currency)
            if stated and named and stated != named and stated != "USD":  # a bare $ is also that of Canada, Australia, …
                reason = _("The amount is in %(stated)s and the currency column says %(named)s.")
                clean.problems.append(self.problem(clean.line, amount, reason % {"stated": stated, "named": named}))
            if amount in clean.values and not named and (stated or header_currency):
                clean.values[currency] = stated or header_currency

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


def _too_long(text: str, limit: int) -> str:
    return _("“%(text)s” is longer than %(limit)s characters.") % {
        "text": text_values.shortened(text),
        "limit": limit,
    }
