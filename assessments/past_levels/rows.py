"""Read past levels from a table: find the columns, and read each row. No statement."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import EARLIEST
from core import days, text_values
from importing.crm_exports import is_our_export
from importing.mapping import ImportField, key
from importing.reading.table import Row, Table
from importing.rows import Problem, cell_text, too_wide, whole_number_text

FIELDS: dict[str, ImportField] = {
    field.name: field
    for field in (
        ImportField("account", gettext_lazy("Account"), gettext_lazy("External id or exact name.")),
        ImportField("held_on", gettext_lazy("Held on"), gettext_lazy("The day that the levels are of, such as 2024-03-31.")),
        ImportField(
            "customer_level", gettext_lazy("Their level"), gettext_lazy("How the customer sees us: 1 to 5, such as 2.75.")
        ),
        ImportField("team_level", gettext_lazy("Our level"), gettext_lazy("How we think they see us: 1 to 5.")),
        ImportField("respondents", gettext_lazy("Respondents"), gettext_lazy("How many people of the customer answered.")),
    )
}
# Each column by the names that it may go by, as `key` of importing/mapping.py makes them; the first is ours.
COLUMNS = {
    "account": (
        "account", "accountname", "externalid", "accountid", "customer", "customername", "klant", "klantnaam", "company", "bedrijf",
        "firma", "firmenname", "kunde", "kundenname", "kundennummer", "unternehmen", "client", "societe", "entreprise", "numeroclient",
    ),
    "held_on": ("heldon", "date", "day", "datum", "gehoudenop", "assessedon", "assessmentdate", "beoordeeldop", "meetdatum", "stichtag", "tag", "jour"),
    "customer_level": ("customerlevel", "customerposition", "theirlevel", "niveauklant", "klantniveau", "hunniveau", "kundenstufe", "niveauclient"),
    "team_level": ("teamlevel", "teamposition", "ourlevel", "onsniveau", "teamniveau", "unserestufe", "teamstufe", "notreniveau"),
    "respondents": ("respondents", "numberofrespondents", "respondenten", "aantalrespondenten", "befragte", "repondants"),
}  # fmt: skip
NOISE = 9  # decimals; what a spreadsheet computes to 2.9999999999999996 is 3
LOWEST, HIGHEST = 1, 5

_LEVEL = re.compile(r"[0-9]{1,3}([.,][0-9]{1,20})?")


class WrongColumns(Exception):
    """A column is missing, or there twice; the message names it."""


@dataclass(slots=True)
class PastRow:
    """The values of one row; None for a value that is empty or invalid."""

    line: int
    account: str = ""
    held_on: date | None = None
    customer: float | None = None  # position 1..5
    team: float | None = None
    respondents: int | None = None
    problems: list[Problem] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)  # as rows of other lists have it: here it stays empty


def find_columns(headers: Sequence[str]) -> dict[str, int]:
    """The index of each column that is there. Raises WrongColumns."""
    found: dict[str, int] = {}
    for index, header in enumerate(headers):
        name = next((name for name, known in COLUMNS.items() if key(header) in known), None)
        if name in found:
            raise WrongColumns(
                _("“%(one)s” and “%(other)s” both say the same. Leave one of the two out.")
                % {"one": headers[found[name]], "other": header}
            )
        if name:
            found[name] = index
    missing = [name for name in ("account", "held_on") if name not in found]
    if not {"customer_level", "team_level"} & found.keys():
        missing.append("customer_level / team_level")
    if missing:
        raise WrongColumns(
            _("The file has no column %(missing)s. Its columns: %(columns)s.")
            % {"missing": ", ".join(missing), "columns": ", ".join(headers)}
        )
    return found


def level(text: str) -> float:
    """A position 1..5, with a decimal point or comma. ValueError with a sentence for whoever wrote it."""
    if _LEVEL.fullmatch(text):
        found = round(float(text.replace(",", ".")), NOISE)
        if LOWEST <= found <= HIGHEST:
            return found
    raise ValueError(
        _("“%(text)s” is not a level. Write a number from 1 to 5, such as 3 or 2.75.") % {"text": text_values.shortened(text)}
    )


class PastRowReader:
    """Reads the rows of one table. Whether dates begin with the day is decided by the whole column."""

    def __init__(self, table: Table, columns: dict[str, int], day_first: bool | None = None) -> None:
        self.table, self.columns = table, columns
        self.today = days.today()
        self._ours = is_our_export([key(header) for header in table.headers])
        self.ambiguous = 0  # dates that can be read in two ways
        day = columns["held_on"]
        found = (
            table.once(("day first", day), lambda: text_values.day_first(table.column(day))) if day_first is None else day_first
        )
        self._day_first = found

    def problem(self, line: int, column: str, reason: str) -> Problem:
        """`column` by our name for it; the file's own where it has one."""
        index = self.columns.get(column)
        return Problem(line, column if index is None else self.table.headers[index], reason)

    def read(self, row: Row) -> PastRow:
        past = PastRow(row.line)
        if wide := too_wide(row, self.table):
            past.problems.append(wide)
            return past
        past.account = self._cell(past, row, "account", whole_number_text) or ""
        past.held_on = self._cell(past, row, "held_on", self._day)
        past.customer = self._cell(past, row, "customer_level", level)
        past.team = self._cell(past, row, "team_level", level)
        past.respondents = self._cell(past, row, "respondents", text_values.whole_number)
        self._require_values(past)
        return past

    def _cell[T](self, past: PastRow, row: Row, column: str, read: Callable[[str], T]) -> T | None:
        index = self.columns.get(column)
        cell = "" if index is None else row.cells[index].strip()
        text = cell_text(cell, ours=self._ours)
        # A guarded “NULL” is a text.
        if text_values.is_blank(cell) or (column != "account" and text_values.is_blank(text, typed=True)):
            return None
        try:
            return read(text)
        except ValueError as error:
            self.ambiguous += isinstance(error, text_values.AmbiguousDay)
            past.problems.append(self.problem(row.line, column, str(error)))
            return None

    def _day(self, text: str) -> date:
        found = text_values.day(text, self._day_first)
        if found > self.today:
            raise ValueError(_("An assessment is held today or earlier."))
        if found < EARLIEST:
            raise ValueError(_("Choose a date from 1990 on."))
        return found

    def _require_values(self, past: PastRow) -> None:
        """Add a problem for each required value that is missing, unless the row has a problem with it already."""
        told, missing = {problem.column for problem in past.problems}, []
        if not past.account:
            missing.append(self.problem(past.line, "account", _("Say which account this is: its external id or its name.")))
        if past.held_on is None:
            missing.append(self.problem(past.line, "held_on", _("Say of which day this is, for example 2024-03-31.")))
        past.problems += [problem for problem in missing if problem.column not in told]
        if not past.problems and past.customer is None and past.team is None:
            past.problems.append(Problem(past.line, "", _("It has no level: not the customer's, and not ours.")))
