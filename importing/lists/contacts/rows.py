"""Each row of a list of contacts to values of our fields, or to problems. Nothing is looked up."""

from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from core import text_values
from importing.lists.contacts.fields import DAYS, FIELDS, LIMITS, PARTS, READERS
from importing.mapping import Mapping
from importing.owner_lookup import Options
from importing.reading.table import Row, Table
from importing.rows import MOST_REASONS, CleanRow, Problem, too_wide

CALLED_BY = {"account", "external_id", "source", "name", *PARTS, "email"}  # what other rows know a row by


class ContactReader:
    """Reads rows of one table by one mapping."""

    def __init__(self, table: Table, mapping: Mapping, options: Options) -> None:
        self.table, self.mapping, self.options = table, mapping, options
        day_first = options.day_first
        self._columns = {name: index for index, name in mapping.items()}
        self._readers = READERS | {
            name: partial(text_values.day, first=self._day_first(self._columns[name]) if day_first is None else day_first)
            for name in DAYS
            if name in self._columns
        }

    def problem(self, line: int, name: str, reason: str) -> Problem:
        """`name` of the field; the problem names the file's own column where there is one."""
        index = self._columns.get(name)
        header = "" if index is None else self.table.headers[index]
        return Problem(line, header or str(FIELDS[name].label), reason)

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
        # Otherwise as it is written, so that the same account or person is found again.
        text = text_values.unguarded(cell).replace("\r\n", "\n")
        # A guarded “NULL” is a text.
        if text_values.is_blank(cell) or (read is not None and text_values.is_blank(text, typed=True)):
            return
        try:
            found.values[name] = self._within(name, read(" ".join(text.split())) if read else text)
        except ValueError as error:
            found.problems.append(self.problem(found.line, name, str(error)))

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
