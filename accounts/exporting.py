"""Accounts as a table for a spreadsheet: CSV and XLSX, row by row, safe to open, and read by the importer as they were.

A text that a spreadsheet would take for a formula gets an apostrophe before it; the importer takes it away again
(`accounts.importing.values.unguarded`). Column names are English in every language, so that the importer knows them; those of
figures that are measured and not typed are none that it knows.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import batched
from typing import IO, Any

from django.db.models import Count, QuerySet
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from accounts.importing.read import MAX_CELL
from accounts.importing.values import guarded
from accounts.models import Account
from accounts.paging import Sort
from accounts.querysets import AccountQuerySet

BATCH = 1000

type Cell = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Column:
    header: str
    value: Callable[[Account], Cell]
    whole_only: bool = False  # not shown on the list


COLUMNS = (
    Column("Account name", lambda account: account.name),
    Column("External id", lambda account: account.external_id),
    Column("Source", lambda account: account.source),
    Column("Segment", lambda account: account.segment),
    Column("Country", lambda account: account.country),
    Column("City", lambda account: account.city, whole_only=True),
    Column("Website", lambda account: account.website, whole_only=True),
    Column("Employees", lambda account: account.employees, whole_only=True),
    Column("Their level", lambda account: account.customer_level),
    Column("Our level", lambda account: account.team_level),
    Column("Gap", lambda account: account.gap),
    Column("Last heard", lambda account: account.last_heard_on),
    Column("Target level", lambda account: account.target_level),
    Column("Target date", lambda account: account.target_due_on),
    Column(
        "Target status", lambda account: str(Account.TargetStatus(account.target_status).label) if account.target_level else ""
    ),
    Column("Annual revenue", lambda account: account.revenue),
    Column("Currency", lambda account: account.currency),
    Column("Customer since", lambda account: account.customer_since, whole_only=True),
    Column("Owner", lambda account: account.owner.name),
    Column("Owner e-mail", lambda account: account.owner.email),
    Column("Team", lambda account: account.team.name if account.team else ""),
    Column("Parent account", lambda account: getattr(account, "parent_text", ""), whole_only=True),
    Column("State", lambda account: account.status),
    Column("Tags", lambda account: _tags([tag.name for tag in account.tags.all()])),
    Column("Notes", lambda account: account.notes, whole_only=True),
)
SHOWN = tuple(column for column in COLUMNS if not column.whole_only)


def rows(accounts: AccountQuerySet, sort: Sort, columns: Iterable[Column], visible: AccountQuerySet) -> Iterator[list[Cell]]:
    """The header and a row for each account, in constant memory; a few statements for each 1000.

    `visible` are the accounts among which a parent may be named.
    """
    columns = tuple(columns)
    yield [column.header for column in columns]
    ordered = sort.of(accounts.select_related("owner", "team")).prefetch_related("tags")
    with_parents = any(column.header == "Parent account" for column in columns)
    for batch in batched(ordered.iterator(chunk_size=BATCH), BATCH):
        if with_parents:
            _name_parents(batch, visible)
        for account in batch:
            yield [column.value(account) for column in columns]


def csv_lines(table: Iterable[list[Cell]]) -> Iterator[bytes]:
    """UTF-8 with a mark, which spreadsheets need; every cell guarded, numbers too, since −1 is written with a minus."""
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf"
    for row in table:
        yield writer.writerow([guarded(_fitting("" if cell is None else str(cell))) for cell in row]).encode()


def write_xlsx(table: Iterable[list[Cell]], file: IO[bytes]) -> None:
    """A workbook of one sheet, numbers and dates as such. Kept on disk while it is written."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Accounts")
    sheet.freeze_panes = "A2"
    for row in table:
        sheet.append([_sheet_cell(cell) for cell in row])
    book.save(file)


class _Echo:
    """Gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _sheet_cell(cell: Cell) -> Any:
    if not isinstance(cell, str):
        return cell
    return guarded(_fitting(ILLEGAL_CHARACTERS_RE.sub("", cell))) or None


def _fitting(text: str) -> str:
    """Half a text would be taken for a change of it: what fits no cell is left out whole, and an empty cell changes nothing."""
    return text if len(text) < MAX_CELL else ""


def _tags(names: list[str]) -> str:
    """As the importer divides them: by commas. Where a name has a semicolon there has to be one."""
    text = ", ".join(sorted(names))
    return f"{text}," if ";" in text and "," not in text else text


def _name_parents(batch: Iterable[Account], visible: AccountQuerySet) -> None:
    """Give each account the text by which the importer finds its parent; none where there is no such text.

    Three statements.
    """
    wanted = {account.parent_id for account in batch if account.parent_id}
    found = {pk: (external_id, name) for pk, external_id, name in _named(visible.filter(pk__in=wanted))} if wanted else {}
    texts = {text for pair in found.values() for text in pair if text}
    by_id = _times(visible, "external_id", texts)
    by_name = _times(visible, "name", texts)
    for account in batch:
        external_id, name = found.get(account.parent_id or 0, ("", ""))
        if external_id and by_id[external_id] == 1:
            account.parent_text = external_id  # type: ignore[attr-defined]
        elif name and name not in by_id and by_name.get(name) == 1:
            account.parent_text = name  # type: ignore[attr-defined]


def _named(accounts: AccountQuerySet) -> QuerySet:
    return accounts.order_by().values_list("pk", "external_id", "name")


def _times(accounts: AccountQuerySet, column: str, texts: set[str]) -> dict[str, int]:
    """How many accounts have each of these texts in the column."""
    if not texts:
        return {}
    return dict(accounts.filter(**{f"{column}__in": texts}).order_by().values_list(column).annotate(Count("pk")))
