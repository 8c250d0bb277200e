"""Writing an archive, in pieces, as all of it stood at one moment."""

import hashlib
import json
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import batched
from typing import Any

from django.conf import settings
from django.core import serializers
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.utils import timezone

from archive import BATCH, END_OF_RECORDS, NAME, RECORDS, VERSION, product_version
from archive.contents import archived, counts, fields_of, kind_of, rows_of
from hierarchy.models import Edition

GZIP = 16 + zlib.MAX_WBITS  # zlib writes gzip's head and sum


def document() -> Generator[bytes]:
    """The whole archive; each piece holds some hundred lines.

    Reads in one transaction that sees one moment and keeps nobody from writing. Statements: one for the counts, one for each
    model and one more for each list of others and each thousand records. One batch of records is in memory at a time.
    """
    digest = hashlib.sha256()
    with snapshot():
        for piece in _content():
            digest.update(piece)
            yield piece
    yield b'"end": ' + as_json({"sha256": digest.hexdigest()}) + b"}\n"


def _content() -> Iterator[bytes]:
    """All that the sum is taken over."""
    yield b'{"header": ' + as_json(header()) + b",\n" + RECORDS
    separator = b""
    for model in archived():
        for rows in batched(rows_of(model).iterator(chunk_size=BATCH), BATCH):
            yield separator + b",\n".join(as_json(record) for record in records(model, rows))
            separator = b",\n"
    yield b"\n" + END_OF_RECORDS


def header() -> dict[str, Any]:
    edition = rows_of(Edition).filter(state=Edition.State.PUBLISHED).values("id", "name_en", "name_nl").first()
    return {
        "format": NAME,
        "version": VERSION,
        "product": f"Standing {product_version()}",
        "made_at": timezone.now().astimezone(UTC),
        "organisation": settings.ORGANISATION,
        "edition": edition,
        "reporting_currency": settings.REPORTING_CURRENCY,
        "time_zone": settings.TIME_ZONE,
        "counts": counts(),
    }


def records(model: type[models.Model], rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    """As Django's serializers name them: model, pk, fields."""
    names = fields_of(model)
    columns = [model._meta.get_field(name) for name in names]
    # The serializer knows foreign keys by the name of their column without `_id`, which is the name of the field.
    told: list[dict[str, Any]] = serializers.serialize("python", rows, fields=names)
    json_names = [field.name for field in columns if isinstance(field, models.JSONField)]
    for record in told:
        record["model"] = kind_of(model)
        for name in json_names:
            record["fields"][name] = in_one_order(record["fields"][name])
    return told


def in_one_order(value: Any) -> Any:
    """The same JSON with its keys in the order of the alphabet: PostgreSQL and SQLite give them back in different ones."""
    if isinstance(value, dict):
        return {key: in_one_order(value[key]) for key in sorted(value)}
    return [in_one_order(item) for item in value] if isinstance(value, list) else value


def as_json(value: Any) -> bytes:
    """One line of UTF-8; moments with all their digits, which hashes are taken over."""
    try:
        return json.dumps(value, ensure_ascii=False, default=_plain).encode()
    except UnicodeEncodeError:  # half a character, which JSON can escape and UTF-8 cannot write
        return json.dumps(value, default=_plain).encode()


def gzipped(pieces: Generator[bytes]) -> Generator[bytes]:
    """The same as gzip, with nothing in it that names a file or a time."""
    packer = zlib.compressobj(6, zlib.DEFLATED, GZIP)
    with closing(pieces):  # who breaks off a download must not leave a transaction open
        for piece in pieces:
            if done := packer.compress(piece):
                yield done
    yield packer.flush()


@contextmanager
def snapshot() -> Iterator[None]:
    """Until the end everything that is read is as it is at the first look; others may write meanwhile.

    Within a transaction that is open already it is as that one has it.
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
    """SQLite's transactions of ours are IMMEDIATE, and would keep every writer out for as long as the reading takes."""
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
