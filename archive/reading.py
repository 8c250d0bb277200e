"""Open an archive, and check line by line that it is complete and unaltered before it is used."""

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from archive import END_OF_RECORDS, ENDINGS, NAME, RECORDS, VERSION
from archive.contents import archived, fields_of, kind_of
from archive.upgrading import FIRST, kind_now, record_now

MOST_BYTES = 64 * 2**20  # of a line; a record with its texts has some kilobytes
CUT_OFF = "The file is cut off: its end is missing. Copy or download it again."


class UnusableArchive(Exception):
    """The archive cannot be imported; the message says why, and what to do, in one line."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record in the current format, with the number of its line."""

    line: int
    kind: str
    content: dict[str, Any]  # as Django's deserializer takes it


class Archive:
    """An archive file. `check()` reads it to the end; `records()` yields its records and checks them as well."""

    def __init__(self, path: Path) -> None:
        if not path.name.lower().endswith(ENDINGS):
            raise UnusableArchive(f"{path} ends neither in .json nor in .json.gz.")
        self.path = path
        with self._opened() as file:
            self.header = _header(next(_lines(file), b""))

    def check(self) -> None:
        """Read the whole file. Raises UnusableArchive when it is cut off or altered, or has models or fields that are unknown here."""
        for _record in self.records():
            pass

    def records(self) -> Iterator[Record]:
        """Yield the records in order. An error may be found only at the end of the file, so store them in a transaction."""
        fields = {kind_of(model): frozenset(fields_of(model)) for model in archived()}
        found: Counter[str] = Counter()
        digest = hashlib.sha256()
        with self._opened() as file:
            lines = enumerate(_lines(file), start=1)
            for number, line in lines:
                if line == END_OF_RECORDS and number > 2:
                    digest.update(line)
                    break
                digest.update(line)
                if number == 1:
                    self.header = _header(line)
                elif number == 2:
                    if line != RECORDS:
                        raise UnusableArchive("Line 2: the records should begin here. The file was altered.")
                elif line != b"\n":
                    record = _record(number, line, fields, self.header["version"])
                    found[record.kind] += 1
                    yield record
            else:
                raise UnusableArchive(CUT_OFF)
            _number, last = next(lines, (0, b""))
            self._check_end(last, digest.hexdigest(), found)
            if next(lines, None):
                raise UnusableArchive("Something stands behind the end of the archive. The file was altered.")

    def _check_end(self, last: bytes, sha256: str, found: Counter[str]) -> None:
        if not last.endswith(b"}\n"):
            raise UnusableArchive(CUT_OFF)
        end = _json(b"{" + last, "the last line")
        if not isinstance(end.get("end"), dict) or end["end"].get("sha256") != sha256:
            raise UnusableArchive("The content does not fit its SHA-256: the file was altered or damaged. Take another copy.")
        counts = {kind_now(kind, self.header["version"]): count for kind, count in self.header["counts"].items() if count}
        if counts != dict(found):
            raise UnusableArchive("The records are not as many as the header says. Make the archive anew.")

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        try:
            with gzip.open(self.path) if self.path.suffix.lower() == ".gz" else self.path.open("rb") as file:
                yield cast("BinaryIO", file)
        except EOFError as error:
            raise UnusableArchive(CUT_OFF) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise UnusableArchive(
                f"{self.path} cannot be unpacked: it is no gzip file, or it is damaged. Take another copy."
            ) from error
        except OSError as error:
            raise UnusableArchive(f"{self.path} cannot be read: {error.strerror or error}.") from error


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(MOST_BYTES + 1):
        if len(line) > MOST_BYTES:
            raise UnusableArchive("A line is longer than any record of an archive. This is not an archive of Standing.")
        yield line


def _header(line: bytes) -> dict[str, Any]:
    """The header, from the first line. Raises UnusableArchive for a format that cannot be read."""
    begin, end = b'{"header": ', b",\n"
    if not line.startswith(begin):
        raise UnusableArchive("This is not an archive of Standing, or its lines were laid out anew.")
    if not line.endswith(end):
        raise UnusableArchive(CUT_OFF)
    header = _json(line.removeprefix(begin).removesuffix(end), "The header")
    made, version = header.get("product") or "Standing", header.get("version")
    if header.get("format") != NAME or not isinstance(version, int) or not isinstance(header.get("counts"), dict):
        raise UnusableArchive("This is not an archive of Standing.")
    if version > VERSION:
        raise UnusableArchive(f"The archive has format {version}, by {made}; this Standing reads {VERSION}. Upgrade it first.")
    if version < FIRST:
        raise UnusableArchive(
            f"The archive has format {version}; this Standing reads {FIRST} to {VERSION}. Import it with {made}, then upgrade."
        )
    return header


def _record(number: int, line: bytes, fields: dict[str, frozenset[str]], version: int) -> Record:
    content = record_now(_json(line.rstrip().removesuffix(b","), f"Line {number}"), version)
    kind, found = content.get("model"), content.get("fields")
    if not isinstance(kind, str) or kind not in fields:
        raise UnusableArchive(f"Line {number}: this Standing knows no {kind!r}. Was the archive made by another edition of it?")
    if not isinstance(found, dict) or not isinstance(content.get("pk"), int):
        raise UnusableArchive(f"Line {number}: this is no record. The file was altered.")
    if odd := sorted(found.keys() ^ fields[kind]):
        what = "lacks" if odd[0] in fields[kind] else "has an unknown field"
        raise UnusableArchive(f"Line {number}: this {kind} {what} {odd[0]!r}. Was the archive made by another version?")
    return Record(number, kind, content)


def _refuse_constant(word: str) -> None:
    """Refuse NaN and Infinity, which Python accepts and JSON does not have."""
    raise ValueError(word)


def _json(text: bytes, where: str) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # a UnicodeDecodeError is a ValueError
        raise UnusableArchive(f"{where} is not JSON: the file is cut off or damaged. Take another copy.") from error
    if not isinstance(value, dict):
        raise UnusableArchive(f"{where} is no JSON object: the file was altered.")
    return value
