"""Write an archive piece by piece, from one snapshot of the database."""

import hashlib
import json
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import batched
from typing import Any

from django.core import serializers
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.utils import timezone

from archive import BATCH, END_OF_RECORDS, NAME, RECORDS, VERSION, product_version
from archive.contents import archived, counts, fields_of, kind_of, rows_of
from archive.in_confidence import mask
from core import organisation
from hierarchy.models import Edition

GZIP = 16 + zlib.MAX_WBITS  # zlib then writes the header and checksum of gzip


def document(*, with_answers: bool = False) -> Generator[bytes]:
    """The whole archive, in pieces of up to a thousand lines; `with_answers` also those that were given in confidence.

    Reads in one transaction with a snapshot, which does not block writers. Statements: one for the counts, one for each model,
    and one for each many-to-many field and thousand records. One batch of records is in memory at a time.
    """
    digest = hashlib.sha256()
    with snapshot():
        for piece in _content(with_answers=with_answers):
            digest.update(piece)
            yield piece
    yield b'"end": ' + as_json({"sha256": digest.hexdigest()}) + b"}\n"


def _content(*, with_answers: bool) -> Iterator[bytes]:
    """The part of the file that the checksum covers."""
    yield b'{"header": ' + as_json(header(with_answers=with_answers)) + b",\n" + RECORDS
    separator = b""
    for model in archived():
        for rows in batched(rows_of(model, with_answers=with_answers).iterator(chunk_size=BATCH), BATCH):
            found = records(model, rows)
            if not with_answers:
                mask(model, found)
            yield separator + b",\n".join(as_json(record) for record in found)
            separator = b",\n"
    yield b"\n" + END_OF_RECORDS


def header(*, with_answers: bool = False) -> dict[str, Any]:
    edition = rows_of(Edition).filter(state=Edition.State.PUBLISHED).values("id", "name_en", "name_nl").first()
    return {
        "format": NAME,
        "version": VERSION,
        "product": f"Standing {product_version()}",
        "made_at": timezone.now().astimezone(UTC),
        "organisation": organisation.name(),
        "edition": edition,
        "reporting_currency": organisation.reporting_currency(),
        "time_zone": str(organisation.time_zone()),
        "confidential_answers": with_answers,
        "counts": counts(with_answers=with_answers),
    }


def records(model: type[models.Model], rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    """The records in the format of Django's serializers: model, pk, fields."""
    names = fields_of(model)
    columns = [model._meta.get_field(name) for name in names]
    records: list[dict[str, Any]] = serializers.serialize("python", rows, fields=names)
    json_names = [field.name for field in columns if isinstance(field, models.JSONField)]
    for record in records:
        record["model"] = kind_of(model)
        for name in json_names:
            record["fields"][name] = with_sorted_keys(record["fields"][name])
    return records


def with_sorted_keys(value: Any) -> Any:
    """The same JSON value with sorted keys, since PostgreSQL and SQLite return them in different orders."""
    if isinstance(value, dict):
        return {key: with_sorted_keys(value[key]) for key in sorted(value)}
    return [with_sorted_keys(item) for item in value] if isinstance(value, list) else value


def as_json(value: Any) -> bytes:
    """One line of JSON in UTF-8; times with all digits, because the hashes of the trail cover them."""
    try:
        return json.dumps(value, ensure_ascii=False, default=_plain).encode()
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can represent
        return json.dumps(value, default=_plain).encode()


def gzipped(pieces: Generator[bytes]) -> Generator[bytes]:
    """The same, compressed with gzip, without file name and time in the header."""
    packer = zlib.compressobj(6, zlib.DEFLATED, GZIP)
    with closing(pieces):  # ends the transaction also when the download is interrupted
        for piece in pieces:
            if done := packer.compress(piece):
                yield done
    yield packer.flush()


@contextmanager
def snapshot() -> Iterator[None]:
    """Within it, all reads see the database as it was at the first one; writers are not blocked.

    Within an open transaction it changes nothing.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with _deferred(connection), transaction.atomic(using=DEFAULT_DB_ALIAS):
            yield


@contextmanager
def _deferred(connection: Any) -> Iterator[None]:
    """Use a deferred transaction on SQLite: the usual IMMEDIATE ones would block all writers."""
    usual = connection.transaction_mode
    connection.transaction_mode = "DEFERRED"
    try:
        yield
    finally:
        connection.transaction_mode = usual


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an archive")
