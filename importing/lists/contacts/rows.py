"""Each row of a list of contacts to values of our fields, to problems, or to what a person has to say. Nothing is looked up."""

from collections.abc import Callable
from functools import partial
from typing import Any, Self

from django.utils.translation import gettext as _

from accounts import field_kinds as kinds
from accounts.fields import CONTACT
from core import text_values
from importing.crm_exports import is_our_export
from importing.lists.contacts.fields import DAYS, FIELDS, LIMITS, PARTS, READERS
from importing.mapping import Mapping, key
from importing.owner_lookup import Options
from importing.reading.table import Row, Table
from importing.rows import MOST_REASONS, CleanRow, Problem, cell_text, too_wide, whole_number_text
from importing.unknown_values import NO_ANSWER, Answers, UnknownValue, answer_for

#: Fields of few values, whose unknown ones a person can tell.
ASKED = {field.name for field in CONTACT if field.kind in {kinds.BUYING_ROLE, kinds.INFLUENCE, kinds.LANGUAGE}}
_NUMBERED = {"account", "external_id", "phone"}
CALLED_BY = {"account", "external_id", "source", "name", *PARTS, "email"}  # what other rows know a row by


class ContactReader:
    """Reads rows of one table by one mapping."""

    def __init__(
        self, table: Table, mapping: Mapping, day_first: bool | None = None, *, answers: Answers | None = None, ask: bool = False
    ) -> None:  # fmt: skip
        """`day_first` is what a person said of dates such as 3/4/2024; None where the column itself tells.

        `answers` is what a person said of values that nobody knows. Unless a person can be asked (`ask`), such a value is a
        problem of its row.
        """
        self.table, self.mapping = table, mapping
        self.answers: Answers = answers or {}
        self.ask = ask
        self._ours = is_our_export([key(header) for header in table.headers])
        self._columns = {name: index for index, name in mapping.items()}
        self._readers = READERS | {
            name: partial(text_values.day, first=self._day_first(self._columns[name]) if day_first is None else day_first)
            for name in DAYS
            if name in self._columns
        }

    @classmethod
    def of(cls, table: Table, mapping: Mapping, options: Options) -> Self:
        """Reads with what was chosen and answered."""
        return cls(table, mapping, options.day_first, answers=options.answers, ask=options.asks)

    def problem(self, line: int, name: str, reason: str) -> Problem:
        """`name` of the field; the problem names the file's own column where there is one."""
        index = self._columns.get(name)
        header = "" if index is None else self.table.headers[index]
        return Problem(line, header or str(FIELDS[name].label), reason)

    def refuse(self, found: CleanRow, name: str, error: ValueError) -> None:
        """A cell that cannot be used: what a person can tell is asked for, anything else is a problem of the row."""
        if isinstance(error, UnknownValue) and self.ask:
            found.unknown.append((error.field, error.text))
        else:
            found.problems.append(self.problem(found.line, name, str(error)))

    def read(self, row: Row) -> CleanRow:
        """A row that has `MOST_REASONS` problems is read no further, but for what other rows know it by."""
        found = CleanRow(row.line)
        if wide := too_wide(row, self.table):
            found.problems.append(wide)
            return found
        for index, name in self.mapping.items():
            if len(found.problems) < MOST_REASONS or name in CALLED_BY:
                self._read_cell(found, name, row.cells[index].strip())
        self._settle_name(found)
        if not found.values.keys() & {"account", "external_id"}:
            reason = _("Say which account this is: its external id or its name.")
            found.problems.append(self.problem(row.line, "account", reason))
        if not found.name and not any(problem.column == self.problem(0, "email", "").column for problem in found.problems):
            found.problems.append(self.problem(row.line, "name", _("A contact needs a name or an e-mail address.")))
        return found

    def _read_cell(self, found: CleanRow, name: str, cell: str) -> None:
        read = self._readers.get(name)
        text = cell_text(cell, ours=self._ours)
        # A guarded “NULL” is a text.
        if text_values.is_blank(cell) or (read is not None and text_values.is_blank(text, typed=True)) or not text:
            return
        try:
            value = self._within(name, self._value(name, " ".join(text.split()), read) if read else text)
            if name in _NUMBERED:
                whole_number_text(value)
        except ValueError as error:
            self.refuse(found, name, error)
            return
        if value != "":  # a person said to leave it empty
            found.values[name] = value

    def _value(self, name: str, text: str, read: Callable[[str], Any]) -> Any:
        """What a cell means, by itself or as a person said. Raises ValueError."""
        try:
            return read(text)
        except ValueError as error:
            if name not in ASKED:
                raise
            said = answer_for(self.answers, name, text)
            if said is NO_ANSWER:
                raise UnknownValue(name, text, str(error)) from error
            return said

    def _settle_name(self, found: CleanRow) -> None:
        """The full name, from its parts where it has no column of its own; else the address stands for it."""
        parts = [found.values.pop(part) for part in PARTS if part in found.values]
        if "name" not in found.values and parts:
            try:
                found.values["name"] = self._within("name", " ".join(parts))
            except ValueError as error:
                found.problems.append(self.problem(found.line, "last_name", str(error)))
        elif "name" not in found.values and "email" in found.values:
            found.values["name"] = found.values["email"][: LIMITS["name"]]

    def _day_first(self, index: int) -> bool | None:
        return self.table.once((text_values.day_first, index), lambda: text_values.day_first(self.table.column(index)))

    def _within(self, name: str, value: Any) -> Any:
        limit = LIMITS.get(name)
        if limit and len(value) > limit:
            raise ValueError(
                _("“%(text)s” is longer than %(limit)s characters.") % {"text": text_values.shortened(value), "limit": limit}
            )
        return value
