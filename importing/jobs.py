"""An import over several pages: the file is stored in between, and applied at most once."""

from collections.abc import Callable, Sequence
from itertools import batched
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.cached_translations import cached_translations
from core.jobs import JobCancelled
from importing.apply import Report
from importing.kinds import ACCOUNTS, Kind, kind_of, likely_kind
from importing.mapping import Mapping, guess_mapping
from importing.models import ImportBatch, ImportJob
from importing.packing import packed, unpacked
from importing.reading.table import Table, read_table
from importing.saved_mapping import remember, remembered, remembered_kind

KEPT_PROBLEMS = 1000
GUESSED_FROM = 20  # cells of each column
BATCH = 1000  # changes in one row


def start_job(user: User, filename: str, content: bytes, *, rows: int, kind: str = ACCOUNTS) -> ImportJob:
    """Store an uploaded file for the next steps, and delete outdated ones."""
    ImportJob.objects.outdated().delete()
    return ImportJob.objects.create(user=user, filename=filename[-255:], content=packed(content), total=rows, kind=kind)


def kind_for(user: User, headers: Sequence[str]) -> Kind:
    """The kind of a file: as its owner chose for the last one of this shape, else guessed from its column names."""
    return remembered_kind(user, headers) or likely_kind(headers)


def table_of(job: ImportJob) -> Table:
    return read_table(unpacked(bytes(job.content)))


def mapping_of(job: ImportJob, table: Table) -> Mapping:
    """The chosen columns; until then those of the person's last file of this shape, or guessed ones."""
    if job.columns:
        return {int(index): field for index, field in job.columns.items()}
    kind = kind_of(job)
    return remembered(job.user, table.headers, kind) or kind.guess(table)


def guessed(table: Table) -> Mapping:
    """The likely fields of a list of accounts."""
    return guess_mapping(table.headers, [table.samples(index, GUESSED_FROM) for index in range(len(table.headers))])


@transaction.atomic
def choose_columns(job: ImportJob, table: Table, mapping: Mapping, options: dict[str, Any], *, kind: Kind | None = None) -> None:
    """Store the choice for this file, and what was corrected for the next one. `kind` None: the job's own."""
    kind = kind or kind_of(job)
    chosen = {str(index): field for index, field in mapping.items()}
    if (chosen, kind.name) == (job.columns, job.kind) and "same" in job.options:  # with other columns the rows are others, too
        options = options | {"same": job.options["same"]}
    job.columns, job.options, job.kind = chosen, options, kind.name
    job.forget_check()
    job.rejected = b""
    job.save(update_fields=["columns", "options", "kind", "preview", "alike", "checked_at", "rejected"])
    guess = kind.guess(table) if kind is likely_kind(table.headers) else None
    remember(job.user, table.headers, mapping, kind=kind, guess=guess)


def check(
    job: ImportJob,
    table: Table,
    *,
    alike: bool = False,
    keep_rejected: bool = False,
    tick: Callable[[int], None] = lambda rows: None,
) -> Any:
    """The plan of the import, as the kind of the job makes it; with `alike` also look-alikes of new accounts. Raises NotNow.

    With `keep_rejected` the plan keeps the rejected rows for `rejected_csv`, which then need not read all accounts again.
    """
    kind = kind_of(job)
    asked = {"alike": alike, "keep_rejected": keep_rejected} if kind.name == ACCOUNTS else {}
    with cached_translations():
        return kind.check(table, mapping_of(job, table), kind.options(job.user, job.options), tick=tick, **asked)


@transaction.atomic
def apply_job(job_id: int, options: Any, *, skip_rejected: bool) -> ImportJob:
    """Import the job's file at once; a second call does nothing.

    Without `skip_rejected` a file with a rejected row leaves the job as it was.
    """
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    if job.may_be_started:
        store(job, options, skip_rejected=skip_rejected)
    return job


def store(
    job: ImportJob, options: Any, *, skip_rejected: bool, table: Table | None = None, watch: Callable[[], None] = lambda: None
) -> Report:
    """Import the file and store the report, within the caller's transaction. Raises JobCancelled when the state has changed."""
    table = table or table_of(job)
    note = _("Import of %(file)s") % {"file": job.filename}
    kind = kind_of(job)
    report = kind.apply(table, mapping_of(job, table), options, skip_rejected=skip_rejected, note=note, watch=watch)
    if not report.written:
        return report
    before = job.state
    job.state, job.finished_at, job.heartbeat_at = ImportJob.State.DONE, timezone.now(), None
    job.report, job.failure = as_stored(report) | kind.told(report), ""
    job.content, job.rejected, job.done = b"", report.left_out, job.total
    job.forget_check()
    stored = ("report", "failure", "content", "rejected", "done", "preview", "alike", "checked_at")
    names = ("state", "finished_at", "heartbeat_at", *stored)
    if not ImportJob.objects.filter(pk=job.pk, state=before).update(**{name: getattr(job, name) for name in names}):
        raise JobCancelled
    for number, some in enumerate(batched(report.kept, BATCH)):  # all in one statement would fill the memory
        ImportBatch.objects.create(job=job, number=number, changes=some)
    return report


def as_stored(report: Report) -> dict[str, Any]:
    """A report as JSON, with the first 1 000 problems."""
    return {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": report.rejected,
        "passed_over": report.passed_over,
        "problems": [
            {"line": problem.line, "column": problem.column, "reason": problem.reason}
            for problem in report.problems[:KEPT_PROBLEMS]
        ],
        "more_problems": report.more_problems + max(0, len(report.problems) - KEPT_PROBLEMS),
    }
