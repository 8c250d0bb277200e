"""The first step of an import: bytes become a table. Nothing is interpreted yet: every cell is text."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from accounts.importing.spreadsheet import ZIP, is_workbook, workbook_records
from accounts.importing.unreadable import UnreadableFile

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_CELL = 32_767  # characters; what a spreadsheet's cell can hold
REASON = "Why not imported"  # the column that a file of rejected rows has in front; in every language
DELIMITERS = ",;\t|"
SAMPLED_ROWS = 50
SAMPLED_CHARACTERS = 256 * 1024

# Longest mark first: that of UTF-32 little-endian begins with that of UTF-16.
MARKS = [
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
OLE = b"\xd0\xcf\x11\xe0"
OTHER_KINDS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{\\rtf")
MARKUP = ("<!doctype", "<html", "<table", "<?xml")
TEXT_CONTROLS = "\t\n\r\v\f\x1a\x85"


@dataclass(frozen=True, slots=True)
class Row:
    line: int  # where the row begins in the file; the first line is 1
    cells: tuple[str, ...]  # as many as the table has headers; a row that came with more keeps them


@dataclass(frozen=True, slots=True)
class Table:
    headers: tuple[str, ...]  # white space collapsed; may be empty or occur twice
    rows: tuple[Row, ...]
    encoding: str  # “xlsx” for a workbook
    delimiter: str  # empty for a workbook

    def samples(self, column: int, most: int = 3) -> list[str]:
        """The first different cells of a column that hold something."""
        seen: dict[str, None] = {}
        for row in self.rows:
            if text := row.cells[column].strip():
                seen[text] = None
                if len(seen) == most:
                    break
        return list(seen)

    def column(self, index: int) -> Iterator[str]:
        return (row.cells[index] for row in self.rows)


def read_table(content: bytes, *, most_rows: int | None = None) -> Table:
    """The table in a CSV file, or on the first sheet of an Excel workbook. Blank rows are left out, short ones filled up.

    At most `most_rows` rows below the column names (`MAX_ROWS` unless told otherwise). Raises UnreadableFile.
    """
    most = MAX_ROWS if most_rows is None else most_rows
    _refuse_too_large(content)
    if is_workbook(content):
        encoding, delimiter = "xlsx", ""
        records = _sheet(content, most + 2)  # the names, and one row too many
    else:
        text, encoding = decode(content)
        said = _separator_line(text)
        delimiter = said or guess_delimiter(text)
        records = _records(text, delimiter)
        if said:
            next(records, None)
    first, cells = next(records, (1, []))
    headers = _headers(cells)
    if not headers:
        raise UnreadableFile(_("The file is empty. It needs a row of column names, and a row for each account."))
    if len(headers) > MAX_COLUMNS:
        raise UnreadableFile(
            _("The file has %(found)s columns; at most %(most)s are read. Leave out what you do not need.")
            % {"found": len(headers), "most": MAX_COLUMNS}
        )
    rows = tuple(_rows(records, len(headers), most))
    if not rows:
        raise UnreadableFile(_("Row %(row)s holds the column names, and no row with an account follows.") % {"row": first})
    return _without_empty_end(_without_reasons(Table(headers, rows, encoding, delimiter)))


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file and the encoding it was in. Raises UnreadableFile for what is not text.

    By its mark if it has one; else UTF-8, which other text hardly ever fits by chance; else Windows-1252,
    and Latin-1 for the five bytes that Windows-1252 leaves open.
    """
    _refuse_other_kinds(content)
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _checked(_decoded(content, encoding)), encoding
    if (unmarked := _unmarked_utf16(content)) is not None:
        return _checked(_decoded(content, unmarked)), unmarked
    for encoding in ("utf-8", "cp1252", "latin-1"):
        try:
            return _checked(content.decode(encoding)), encoding
        except UnicodeDecodeError:
            continue
    raise AssertionError("every byte is Latin-1")


def guess_delimiter(text: str) -> str:
    """The delimiter by which most of the first rows are as wide as the header, and these widest."""

    def fitness(delimiter: str) -> tuple[float, int]:
        reader = csv.reader(io.StringIO(text[:SAMPLED_CHARACTERS], newline=""), delimiter=delimiter)
        try:
            widths = [len(cells) for cells in islice(reader, SAMPLED_ROWS) if any(cells)]
        except csv.Error:
            return 0, 0
        if not widths or widths[0] == 1:
            return 0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    return max(DELIMITERS, key=fitness)  # the first of them, the comma, when none divides anything


def _sheet(content: bytes, most: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a workbook; cells that stand beside the table get a column without a name."""
    records = [_checked_record(record) for record in workbook_records(content, most)]
    if records:
        names = records[0][1]
        names += [""] * (max(len(cells) for _line, cells in records) - len(names))
    return iter(records)


def _separator_line(text: str) -> str:
    """What Excel writes above a table to name its delimiter: `sep=;`."""
    first = text[:8].splitlines()[:1]
    if first and first[0].lower().startswith("sep=") and first[0][4:] and first[0][4] in DELIMITERS:
        return first[0][4]
    return ""


def _refuse_too_large(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise UnreadableFile(
            _("The file is larger than %(most)s MB. Divide it into smaller ones.") % {"most": MAX_BYTES // 1024**2}
        )


def _refuse_other_kinds(content: bytes) -> None:
    if content.startswith(OLE):
        raise UnreadableFile(
            _("This is an Excel workbook of an old kind, or one with a password. Save it as .xlsx without one, or as CSV.")
        )
    if content.startswith(ZIP):
        raise UnreadableFile(_("This is a zip archive. Unpack it and import the CSV file that is in it."))
    head = content[:64].lstrip().lower()
    if content.startswith(OTHER_KINDS) or head.decode("latin-1").startswith(MARKUP):
        raise UnreadableFile(_("This is not a CSV file. Export the list as CSV and import that file."))


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeError as error:
        raise UnreadableFile(
            _("The file begins as %(encoding)s text but does not go on so. Save it again as “CSV UTF-8”.")
            % {"encoding": encoding.removesuffix("-sig").upper()}
        ) from error


def _unmarked_utf16(content: bytes) -> str | None:
    """UTF-16 without its mark: in Western text nearly every second byte is zero."""
    head = content[:2000]
    half = len(head) // 2
    if half < 4:
        return None
    if head[1::2].count(0) > 0.8 * half and not head[::2].count(0):
        return "utf-16-le"
    if head[::2].count(0) > 0.8 * half and not head[1::2].count(0):
        return "utf-16-be"
    return None


def _checked(text: str) -> str:
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnreadableFile(_nul_byte(line))
    head = text[:5000]
    odd = sum(1 for char in head if ord(char) < 32 and char not in TEXT_CONTROLS)
    if odd > 5 and odd > len(head) / 100:
        raise UnreadableFile(_("This is not a CSV file. Export the list as CSV and import that file."))
    return text


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the line where it begins."""
    # newline="" leaves quoted line ends as they are, and ends records at \n, \r\n and the old Mac's \r alike.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableFile(_bad_quotes(line, str(error))) from error
        if any(cell.strip() for cell in cells):
            yield _checked_record((line, cells))


def _checked_record(record: tuple[int, list[str]]) -> tuple[int, list[str]]:
    line, cells = record
    if max(map(len, cells)) > MAX_CELL:
        raise UnreadableFile(_too_long(line))
    if any("\0" in cell for cell in cells):
        raise UnreadableFile(_nul_byte(line))
    return record


def _bad_quotes(line: int, error: str) -> str:
    if "unexpected end" in error:
        return _('A quote (") opens in row %(row)s and never closes.') % {"row": line}
    if "field larger" in error:
        return _too_long(line)
    return _('Row %(row)s: a quote (") inside a cell has to be doubled ("").') % {"row": line}


def _nul_byte(line: int) -> str:
    return _("Row %(row)s holds a NUL byte: the file is damaged or not text. Save it again as “CSV UTF-8”.") % {"row": line}


def _too_long(line: int) -> str:
    return _('Row %(row)s has a cell of more than %(most)s characters. Does a quote (") never close?') % {
        "row": line,
        "most": MAX_CELL,
    }


def _headers(cells: list[str]) -> tuple[str, ...]:
    headers = [" ".join(cell.split()) for cell in cells]
    while len(headers) > MAX_COLUMNS and not headers[-1]:  # spreadsheets like to end every row with empty columns
        headers.pop()
    return tuple(headers)


def _without_reasons(table: Table) -> Table:
    """The table without the column that says why a row was rejected the time before."""
    if table.headers[0] != REASON or len(table.headers) == 1:
        return table
    rows = (Row(row.line, row.cells[1:]) for row in table.rows)
    return Table(table.headers[1:], tuple(row for row in rows if any(row.cells)), table.encoding, table.delimiter)


def _without_empty_end(table: Table) -> Table:
    """The table without the last columns that have neither a name nor a cell."""
    width = len(table.headers)
    while width > 1 and not table.headers[width - 1] and not any(table.column(width - 1)):
        width -= 1
    if width == len(table.headers):
        return table
    rows = tuple(Row(row.line, row.cells[:width] if not any(row.cells[width:]) else row.cells) for row in table.rows)
    return Table(table.headers[:width], rows, table.encoding, table.delimiter)


def _rows(records: Iterator[tuple[int, list[str]]], width: int, most: int) -> Iterator[Row]:
    for number, (line, cells) in enumerate(records, start=1):
        if number > most:
            raise UnreadableFile(_("The file has more than %(most)s rows. Divide it into smaller ones.") % {"most": most})
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        cells += [""] * (width - len(cells))
        yield Row(line, tuple(cells))
