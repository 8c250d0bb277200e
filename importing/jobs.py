"""An import over several pages: the file is stored in between, and imported at most once."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.db import transaction
from django.db.models.functions import Substr

from accounts.models import User
from importing.kinds import ACCOUNTS, Kind, kind_of, likely_kind
from importing.list_work import ListWork
from importing.mapping import Mapping, guess_mapping
from importing.models import ImportJob
from importing.reading.table import Table, read_table
from importing.saved_mapping import remember, remembered, remembered_kind

PIECE = 1024 * 1024  # bytes
GUESSED_FROM = 20  # cells of each column


def start_job(
    user: User | None, filename: str, content: bytes, table: Table, *, kind: str = ACCOUNTS, names_in_row: int | None = None
) -> ImportJob:
    """Store an uploaded file for the next steps, and delete outdated ones."""
    ImportJob.objects.outdated().delete()
    return ImportJob.objects.create(
        user=user, filename=filename[-255:], content=content, size=len(content), total=len(table.rows), headers=table.headers,
        kind=kind, names_in_row=names_in_row,
    )  # fmt: skip


def kind_for(user: User, headers: Sequence[str]) -> Kind:
    """The kind of a file: as its owner chose for the last one of this shape, else guessed from its column names."""
    return remembered_kind(user, headers) or likely_kind(headers)


def content_of(job: ImportJob) -> bytes:
    """The file, read in pieces: PostgreSQL sends each byte as two letters, which would be there beside it."""
    row, content = ImportJob.objects.filter(pk=job.pk), BytesIO()
    while piece := row.values_list(Substr("content", content.tell() + 1, PIECE), flat=True).get():
        content.write(piece)
    return content.getvalue()  # not a copy


def table_of(job: ImportJob) -> Table:
    return read_table(content_of(job), names_in_row=job.names_in_row)


def work_of(job: ImportJob) -> ListWork:
    return kind_of(job).work(job)


def mapping_of(job: ImportJob, table: Table) -> Mapping:
    """The chosen columns; until then those of the person's last file of this shape, or guessed ones."""
    if job.columns:
        return {int(index): field for index, field in job.columns.items()}
    kind = kind_of(job)
    known = remembered(job.user, table.headers, kind) if job.user else None
    return known or kind.guess(table)


def guessed(table: Table) -> Mapping:
    """The likely fields of a list of accounts."""
    return guess_mapping(table.headers, [table.samples(index, GUESSED_FROM) for index in range(len(table.headers))])


@transaction.atomic
def choose_names(job: ImportJob, line: int, table: Table) -> None:
    """Store which row holds the column names; `table` is the file read so."""
    job.names_in_row, job.headers, job.total = line, list(table.headers), len(table.rows)
    job.columns, job.options, job.questions, job.checked_at = {}, {}, [], None
    job.save(update_fields=["names_in_row", "headers", "total", "columns", "options", "questions", "checked_at"])
    job.rows.all().delete()


@transaction.atomic
def choose_columns(job: ImportJob, table: Table, mapping: Mapping, options: dict[str, Any], *, kind: Kind | None = None) -> None:
    """Store the choice for this file, and what was corrected for the next one. `kind` None: the job's own."""
    kind = kind or kind_of(job)
    chosen = {str(index): field for index, field in mapping.items()}
    kept = {name: job.options[name] for name in ("answers", "asked") if name in job.options}
    if (chosen, kind.name) == (job.columns, job.kind):  # with other columns the rows are others, too
        kept["choices"] = job.options.get("choices", {})
    job.columns, job.options, job.kind = chosen, options | kept, kind.name
    job.questions, job.checked_at, job.headers = [], None, list(table.headers)
    job.save(update_fields=["columns", "options", "kind", "questions", "checked_at", "headers"])
    job.rows.all().delete()
    if job.user:
        guess = kind.guess(table) if kind is likely_kind(table.headers) else None
        remember(job.user, table.headers, mapping, kind=kind, guess=guess)
