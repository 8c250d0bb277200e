"""What a file of text is written in, and its lines: decoded piece by piece, so that a long file is never there twice."""

import codecs
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from importing.reading.unreadable import UnreadableFile
from importing.reading.workbook import ZIP

PIECE = 1024 * 1024  # bytes
LONGEST_ROW = 1024 * 1024  # characters: a row of millions of cells fills the memory
MAX_LINES = 2_000_000  # empty ones, too: tens of millions of them would keep a reader busy for minutes

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

# Two exports put together: the lines of one are UTF-8, those of the other Windows-1252.
_WINDOWS_LINES = "standing.windows-1252"  # the name of a handler of errors
_MIXED = {"utf-8": "utf-8+cp1252", "utf-8-sig": "utf-8-sig+cp1252"}
_LINE = re.compile(rb"[^\r\n]+")
#: Letters of Latin alphabets, signs and punctuation in UTF-8. In Windows-1252 these pairs and triples are hardly ever meant.
_UTF8_LETTER = re.compile(rb"[\xc2-\xc5][\x80-\xbf]|\xc8[\x98-\x9b]|\xe2[\x80-\x84][\x80-\xbf]")


def encoding_of(content: bytes) -> str:
    """The encoding that a file is in, all of it. Raises UnreadableFile for what is not text.

    By its mark if it has one; else UTF-8, which other text hardly ever fits by chance; else UTF-8 but for lines that are
    Windows-1252; else Windows-1252, and Latin-1 for the five bytes that Windows-1252 leaves open.
    """
    _refuse_other_kinds(content)
    marked = next((encoding for mark, encoding in MARKS if content.startswith(mark)), None)
    sure = marked or _unmarked_utf16(content)
    for encoding in [sure] if sure else ["utf-8", "cp1252", "latin-1"]:
        try:
            head = _checked(content, encoding)
        except UnicodeError as error:
            if encoding in _MIXED and _has_windows_lines(content, marked=bool(marked)):
                head, encoding = _checked(content, _MIXED[encoding]), _MIXED[encoding]
                _refuse_binary(head)
                return encoding
            if sure:
                raise UnreadableFile(
                    _("The file begins as %(encoding)s text but does not go on so. Save it again as “CSV UTF-8”.")
                    % {"encoding": encoding.removesuffix("-sig").upper()}
                ) from error
            continue
        if not marked:  # what has a mark says itself that it is text
            _refuse_binary(head)
        return encoding
    raise AssertionError("every byte is Latin-1")


def head_of(content: bytes, encoding: str, most: int) -> str:
    """The first characters of a file, at most so many."""
    return opened(content, encoding).read(most)


class Lines:
    r"""Each line of a file with its end as it stands: \n, \r\n and the old Mac's \r alike.

    Whoever reads rows from them says where one begins. Raises UnreadableFile for a row that is too long, on however many lines.
    """

    def __init__(self, content: bytes, encoding: str) -> None:
        self._text = opened(content, encoding)
        self.begin(1)

    def begin(self, row: int) -> None:
        """A row begins in this line."""
        self._row, self._length = row, 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST_ROW):
            self._length += len(line)
            if self._length >= LONGEST_ROW:
                raise UnreadableFile(
                    _("Row %(row)s is longer than %(most)s characters. Is this a list, with a row for each account?")
                    % {"row": self._row, "most": LONGEST_ROW}
                )
            yield line


def nul_byte(line: int) -> str:
    return _("Row %(row)s holds a NUL byte: the file is damaged or not text. Save it again as “CSV UTF-8”.") % {"row": line}


def opened(content: bytes, encoding: str) -> io.TextIOWrapper:
    """The same lines, of a file whose lines are known to end."""
    name, errors = _codec(encoding)
    return io.TextIOWrapper(io.BytesIO(content), encoding=name, errors=errors, newline="")


def _codec(encoding: str) -> tuple[str, str]:
    """The codec and the handler of errors."""
    name, mixed, _other = encoding.partition("+")
    return name, _WINDOWS_LINES if mixed else "strict"


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """What UTF-8 does not read: each byte by itself."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    text = "".join(bytes([byte]).decode("cp1252", "replace") for byte in error.object[error.start : error.end])
    return text, error.end


codecs.register_error(_WINDOWS_LINES, _as_windows)


def _has_windows_lines(content: bytes, *, marked: bool) -> bool:
    """Whether a file that is not UTF-8 is so in some lines; `marked` says that it is. Raises UnreadableFile for a line of both.

    Of a line that is neither, nobody can say how it is meant: its other letters would be stored as other ones.
    """
    has_utf8, doubtful = marked, 0
    for found in _LINE.finditer(content):
        line = found[0]
        if line.isascii():
            continue
        letters = _UTF8_LETTER.search(line) is not None
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            doubtful = doubtful or (found.start() if letters else 0)
        else:
            has_utf8 = has_utf8 or letters
    if has_utf8 and doubtful:
        raise UnreadableFile(
            _("Line %(row)s mixes two encodings, so its letters cannot be told. Save the file again as “CSV UTF-8”.")
            % {"row": content.count(b"\n", 0, doubtful) + 1}
        )
    return has_utf8


def _checked(content: bytes, encoding: str) -> str:
    """Read it once; its head. Raises UnicodeError, and UnreadableFile for a NUL byte and for too many lines."""
    name, errors = _codec(encoding)
    decoder = codecs.getincrementaldecoder(name)(errors)
    whole, lines, returns, head = memoryview(content), 1, 1, ""
    for start in range(0, len(whole), PIECE):
        text = decoder.decode(whole[start : start + PIECE], final=start + PIECE >= len(whole))
        if "\0" in text:
            raise UnreadableFile(nul_byte(lines + text[: text.index("\0")].count("\n")))
        lines += text.count("\n")
        returns += text.count("\r")
        if max(lines, returns) > MAX_LINES:
            raise UnreadableFile(
                _("The file has more than %(most)s lines. Leave out the empty ones, or divide it into smaller files.")
                % {"most": MAX_LINES}
            )
        head = head or text[:5000]
    return head


def _refuse_binary(head: str) -> None:
    odd = sum(1 for char in head if ord(char) < 32 and char not in TEXT_CONTROLS)
    if odd > 5 and odd > len(head) / 100:
        raise UnreadableFile(_("This is not a CSV file. Export the list as CSV and import that file."))


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
