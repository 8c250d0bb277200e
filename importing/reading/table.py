"""The first step of an import: bytes become a table. Nothing is interpreted yet: every cell is text.

The rows are not kept: each time they are asked for they are read from the file again, so that a long list takes no more
memory than its bytes.
"""

import csv
import io
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import Any, overload

from django.utils.translation import gettext as _

from accounts.fields import ACCOUNT, CONTACT, WHOSE_MONEY
from core.text_values import MAX_CELL
from importing.mapping import key
from importing.reading.text import Lines, encoding_of, head_of, nul_byte, opened
from importing.reading.unreadable import UnreadableFile
from importing.reading.workbook import is_workbook, workbook_records

MAX_BYTES = 40 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MOST_CELLS = 2 * MAX_COLUMNS  # of a row that is too wide: it is kept to be mended
REASON = "Why not imported"  # the column that a file of rejected rows has in front; in every language
DELIMITERS = ",;\t|"
SAMPLED_ROWS = 50
SAMPLED_CHARACTERS = 256 * 1024
MOST_SAMPLES = 20  # of each column
LONGEST_SAMPLE = 500  # characters
FIRST_ROWS = 10  # of the file, from which the one with the column names can be chosen

type Record = tuple[int, list[str]]  # the line where it begins, and its cells


@dataclass(frozen=True, slots=True)
class Row:
    line: int  # where the row begins in the file; the first line is 1
    cells: tuple[str, ...]  # as many as the table has headers; a row that came with more keeps them

    def length(self) -> int:
        """In characters."""
        return sum(map(len, self.cells))


class Rows(Sequence[Row]):
    """The rows of a file, from the first one on each time that they are gone through."""

    def __init__(self, records: Callable[[], Iterator[Record]], number: int, *, width: int, used: int, skipped: int) -> None:
        """`records` gives those of the file below its column names, `width` cells wide; of these the first `skipped` are left out,
        and all from `used` on.
        """
        self._records, self._number = records, number
        self._width, self._used, self._skipped = width, used, skipped

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[Row]:
        width, used, skipped = self._width, self._used, self._skipped
        for line, cells in self._records():
            _fill_up(cells, width)
            if len(cells) > used and not any(islice(cells, used, None)):
                del cells[used:]
            if skipped:
                del cells[:skipped]
                if not any(cells):
                    continue
            yield Row(line, tuple(cells))

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        """A pass over the file up to there."""
        wanted = range(self._number)[index]
        if isinstance(wanted, range):
            return list(self)[index]
        return next(islice(self, wanted, None))


@dataclass(frozen=True, slots=True)
class Table:
    headers: tuple[str, ...]  # white space collapsed; may be empty or occur twice
    rows: Sequence[Row]
    encoding: str  # “xlsx” for a workbook
    delimiter: str  # empty for a workbook
    found: tuple[tuple[str, ...], ...]  # the first different cells of each column, at most 20; long ones cut off
    names_in_row: int = 1  # the line of the column names
    first_rows: tuple[Row, ...] = ()  # of the file, at most ten that are not blank, also those above the column names
    _learned: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """What to know of how the file was read."""
        notes = []
        if self.first_rows and self.names_in_row > self.first_rows[0].line:
            notes.append(_("Row %(row)s holds the column names; what stands above it is left out.") % {"row": self.names_in_row})
        if "+" in self.encoding:
            notes.append(
                _(
                    "The file is in two encodings: lines that are not UTF-8 were read as Windows-1252. Look whether accents are right."
                )
            )
        return notes

    def samples(self, column: int, most: int = 3) -> list[str]:
        """The first different cells of a column that hold something."""
        return list(self.found[column][:most])

    def column(self, index: int) -> Iterator[str]:
        return (row.cells[index] for row in self.rows)

    def once[T](self, key: Hashable, learn: Callable[[], T]) -> T:
        """What `learn` finds out about this file, which stays as it is: asked once for each `key`."""
        if key not in self._learned:
            self._learned[key] = learn()
        return self._learned[key]


def read_table(content: bytes, *, names_in_row: int | None = None, most_rows: int | None = None) -> Table:
    """The table in a CSV file, or on the first sheet of an Excel workbook. Blank rows are left out, short ones filled up.

    The column names stand in the first row; below a title where it is surely one; or in the line `names_in_row`. What stands above
    them is left out. At most `most_rows` rows below the column names (`MAX_ROWS` unless told otherwise). Raises UnreadableFile. The
    file is read to its end here; to read the rows later raises nothing.
    """
    most = MAX_ROWS if most_rows is None else most_rows
    _refuse_too_large(content)
    known = False
    if is_workbook(content):
        encoding, delimiter = "xlsx", ""
        records = workbook_records(content, most + 2 + _rows_above(names_in_row))  # the names, and one row too many
    else:
        encoding = encoding_of(content)
        head = head_of(content, encoding, SAMPLED_CHARACTERS)
        said = _separator_line(head)
        delimiter = said or guess_delimiter(head, names_in_row)

        def records() -> Iterator[Record]:
            # The first time each row is measured, which takes as long as all the rest.
            lines = opened(content, encoding) if known else Lines(content, encoding)
            return islice(_records(lines, delimiter), 1 if said else 0, None)

    first_rows = [Row(line, _bare(cells)) for line, cells in islice(records(), FIRST_ROWS)]
    above = _rows_above_names(first_rows, records, names_in_row)
    first, names = next(islice(records(), above, None), (1, []))
    if not names:
        raise UnreadableFile(_("The file is empty. It needs a row of column names, and a row for each account."))
    _check_record(first, names)
    headers = _headers(names)
    first_pass = _FirstPass(headers, most, with_cells_beside=encoding == "xlsx")
    for record in islice(records(), above + 1, None):
        first_pass.add(record)
    known = True
    if not first_pass.number:
        raise UnreadableFile(_("Row %(row)s holds the column names, and no row with an account follows.") % {"row": first})
    end = above + 1 + first_pass.number  # what follows is blank
    table = first_pass.table(lambda: islice(records(), above + 1, end), encoding, delimiter)
    return replace(table, names_in_row=first, first_rows=tuple(first_rows))


def _rows_above(names_in_row: int | None) -> int:
    """How many rows may stand above the column names."""
    return FIRST_ROWS if names_in_row is None else max(0, names_in_row - 1)


def _rows_above_names(first_rows: Sequence[Row], records: Callable[[], Iterator[Record]], names_in_row: int | None) -> int:
    """How many rows that are not blank stand above the column names. Raises UnreadableFile where the named row is none."""
    if names_in_row is None:
        return title_rows([row.cells for row in first_rows])
    for number, (line, _cells) in enumerate(records()):
        if line == names_in_row:
            return number
        if line > names_in_row:
            break
    raise UnreadableFile(
        _("Row %(row)s is empty, or none begins there. Say in which row the column names stand.") % {"row": names_in_row}
    )


def _bare(cells: Sequence[str]) -> tuple[str, ...]:
    """For people: the cells up to the last that holds something."""
    texts = [" ".join(cell.split())[:LONGEST_SAMPLE] for cell in cells[:MAX_COLUMNS]]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


class _FirstPass:
    """The first time through the file: refuses what cannot be read, and learns how many rows and which columns there are."""

    def __init__(self, headers: list[str], most: int, *, with_cells_beside: bool) -> None:
        self.headers, self.most, self.with_cells_beside = headers, most, with_cells_beside
        self.number = self.reasons_alone = 0
        self.used = max((index for index, name in enumerate(headers, start=1) if name), default=1)
        self.skipped = int(headers[0] == REASON and len(headers) > 1)
        self.samples: list[dict[str, None]] = [{} for _name in headers]
        self.open = list(range(len(headers)))  # columns of which more samples are wanted
        if len(headers) > MAX_COLUMNS:
            raise UnreadableFile(
                _("The file has %(found)s columns; at most %(most)s are read. Leave out what you do not need.")
                % {"found": len(headers), "most": MAX_COLUMNS}
            )

    def add(self, record: Record) -> None:
        line, cells = record
        _check_record(line, cells)
        self.number += 1
        if self.number > self.most:
            raise UnreadableFile(_("The file has more than %(most)s rows. Divide it into smaller ones.") % {"most": self.most})
        if self.with_cells_beside and len(self.headers) < min(len(cells), MAX_COLUMNS):
            self._widen(min(len(cells), MAX_COLUMNS))
        width = len(self.headers)
        if len(cells) > MOST_CELLS and any(map(str.strip, islice(cells, MOST_CELLS, None))):
            raise UnreadableFile(
                _("Row %(row)s has %(found)s cells; at most %(most)s are read. Is this a list, with a row for each account?")
                % {"row": line, "found": len(cells), "most": MAX_COLUMNS}
            )
        if self.used < width:
            self.used = max(self.used, next((n for n in range(min(len(cells), width), self.used, -1) if cells[n - 1]), 0))
        if self.skipped and not any(cells[1:]):
            self.reasons_alone += 1
            return
        full = False
        for index in self.open:
            seen = self.samples[index]
            if index < len(cells) and (cell := cells[index]) not in seen and (text := cell.strip()):
                seen[text[:LONGEST_SAMPLE]] = None
                full = full or len(seen) == MOST_SAMPLES
        if full:
            self.open = [index for index in self.open if len(self.samples[index]) < MOST_SAMPLES]

    def _widen(self, width: int) -> None:
        """Cells that stand beside the table of a workbook get a column without a name."""
        self.open += range(len(self.headers), width)
        self.samples += [{} for _more in range(len(self.headers), width)]
        self.headers += [""] * (width - len(self.headers))

    def table(self, records: Callable[[], Iterator[Record]], encoding: str, delimiter: str) -> Table:
        kept = slice(self.skipped, max(self.used, self.skipped + 1))
        rows = Rows(records, self.number - self.reasons_alone, width=len(self.headers), used=kept.stop, skipped=self.skipped)
        found = tuple(tuple(cells) for cells in self.samples[kept])
        return Table(tuple(self.headers[kept]), rows, encoding, delimiter, found)


def title_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many of the first rows are a title and not the column names; 0 in doubt.

    A title has one or two cells, fewer than the row of column names, and none that we know as a column name. Below it comes a row of
    different texts of which we know at least two as column names, and which no row after it surpasses by much.
    """
    widest = 0
    for number, cells in enumerate(rows):
        texts = [text for text in (cell.strip() for cell in cells) if text]
        keys = [key(text) for text in texts]
        known = sum(map(_is_column_name, keys))
        if known >= min(2, len(texts)) or len(texts) > 2 or number == len(rows) - 1:
            below = max((sum(1 for cell in row if cell.strip()) for row in rows[number + 1 :]), default=0)
            differ = len(set(keys)) == len(keys) and not any(map(_is_number, texts))
            return number if known >= 2 and differ and widest < len(texts) >= below - 2 else 0
        widest = max(widest, len(texts))
    return 0


def _is_column_name(key: str) -> bool:
    return key in _column_names()


@cache
def _column_names() -> frozenset[str]:
    """Names that columns of lists of accounts, contacts and past levels go by."""
    known = {name for field in (*ACCOUNT, *CONTACT) for name in (*field.headers, key(field.column))} | {*WHOSE_MONEY}
    return frozenset((known | {"firstname", "lastname", "voornaam", "achternaam", "vorname", "nachname", "prenom", "plz", "zip", "postcode",
                               "strasse", "street", "straat", "adresse", "address", "adres", "heldon", "datum", "date", "customerlevel",
                               "teamlevel", "theirlevel", "ourlevel"}) - {""})  # fmt: skip


def _is_number(text: str) -> bool:
    return text.strip("€$£ ").replace(".", "").replace(",", "").isdigit()


def guess_delimiter(text: str, names_in_row: int | None = None) -> str:
    """The delimiter by which most of the first rows are as wide as the header, and these widest.

    Where no delimiter divides the first row, that by which a title stands above a row of column names.
    """
    sample = "".join(text[:SAMPLED_CHARACTERS].splitlines(keepends=True)[_rows_above(names_in_row) :]) if names_in_row else text

    def fitness(delimiter: str) -> tuple[float, int]:
        widths = [len(cells) for cells in _sampled(sample, delimiter)]
        if not widths or widths[0] == 1:
            return 0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    best = max(DELIMITERS, key=fitness)  # the first of them, the comma, when none divides anything
    if names_in_row is None and fitness(best) == (0, 0):
        return max(DELIMITERS, key=lambda delimiter: title_rows(_sampled(sample, delimiter)[:FIRST_ROWS]) > 0)
    return best


def _sampled(text: str, delimiter: str) -> list[list[str]]:
    """The first rows that are not blank; none where the text cannot be read so."""
    reader = csv.reader(io.StringIO(text[:SAMPLED_CHARACTERS], newline=""), delimiter=delimiter)
    try:
        return [cells for cells in islice(reader, SAMPLED_ROWS) if any(cells)]
    except csv.Error:
        return []


def _separator_line(text: str) -> str:
    """What Excel writes above a table to name its delimiter: `sep=;`."""
    first = text[:8].splitlines()[:1]
    if first and first[0].lower().startswith("sep=") and first[0][4:] and first[0][4] in DELIMITERS:
        return first[0][4]
    return ""


def _refuse_too_large(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise UnreadableFile(too_large())


def too_large() -> str:
    return _("The file is larger than %(most)s MB. Divide it into smaller ones.") % {"most": MAX_BYTES // 1024**2}


def _records(lines: Lines | Iterable[str], delimiter: str) -> Iterator[Record]:
    """Each record that is not blank, with the line where it begins."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begin = lines.begin if isinstance(lines, Lines) else None
    line = 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield line, cells
            line = reader.line_num + 1
            if begin:
                begin(line)
    except csv.Error as error:
        raise UnreadableFile(_bad_quotes(line, str(error))) from error


def _check_record(line: int, cells: list[str]) -> None:
    if max(map(len, cells)) > MAX_CELL:
        raise UnreadableFile(_too_long(line))
    if "\0" in "".join(cells):
        raise UnreadableFile(nul_byte(line))


def _bad_quotes(line: int, error: str) -> str:
    if "unexpected end" in error:
        return _('A quote (") opens in row %(row)s and never closes.') % {"row": line}
    if "field larger" in error:
        return _too_long(line)
    return _('Row %(row)s: a quote (") inside a cell has to be doubled ("").') % {"row": line}


def _too_long(line: int) -> str:
    return _('Row %(row)s has a cell of more than %(most)s characters. Does a quote (") never close?') % {
        "row": line,
        "most": MAX_CELL,
    }


def _headers(cells: list[str]) -> list[str]:
    headers = [" ".join(cell.split()) for cell in cells]
    while len(headers) > MAX_COLUMNS and not headers[-1]:  # spreadsheets like to end every row with empty columns
        headers.pop()
    return headers


def _fill_up(cells: list[str], width: int) -> None:
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) < width:
        cells += [""] * (width - len(cells))
