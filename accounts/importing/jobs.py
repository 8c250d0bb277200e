"""An import over several pages: the uploaded file kept in between, and applied at most once."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.import_models import ImportJob
from accounts.importing.apply import Report, apply
from accounts.importing.mapping import Mapping, guess_mapping
from accounts.importing.people import Options
from accounts.importing.read import Table, read_table
from accounts.models import User

KEPT_PROBLEMS = 1000
GUESSED_FROM = 20  # cells of each column


def start_job(user: User, filename: str, content: bytes) -> ImportJob:
    """Keep an uploaded file for the next steps; older ones are thrown away."""
    ImportJob.objects.outdated().delete()
    return ImportJob.objects.create(user=user, filename=filename[-255:], content=content)


def table_of(job: ImportJob) -> Table:
    return read_table(bytes(job.content))


def mapping_of(job: ImportJob, table: Table) -> Mapping:
    """The columns that were chosen; guessed until then."""
    if job.columns:
        return {int(index): field for index, field in job.columns.items()}
    return guessed(table)


def guessed(table: Table) -> Mapping:
    return guess_mapping(table.headers, [table.samples(index, GUESSED_FROM) for index in range(len(table.headers))])


def choose_columns(job: ImportJob, mapping: Mapping, options: dict[str, Any]) -> None:
    job.columns, job.options = {str(index): field for index, field in mapping.items()}, options
    job.save(update_fields=["columns", "options"])


@transaction.atomic
def apply_job(job_id: int, options: Options, *, skip_rejected: bool) -> ImportJob:
    """Import the job's file, once: a second call finds it applied and does nothing.

    Without `skip_rejected` a file with a rejected row leaves the job as it was.
    """
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    if job.state == ImportJob.State.APPLIED:
        return job
    table = table_of(job)
    note = _("Import of %(file)s") % {"file": job.filename}
    report = apply(table, mapping_of(job, table), options, skip_rejected=skip_rejected, note=note)
    if report.written:
        job.state, job.report, job.content = ImportJob.State.APPLIED, as_stored(report), b""
        job.save(update_fields=["state", "report", "content"])
    return job


def as_stored(report: Report) -> dict[str, Any]:
    """A report as JSON; of very many problems the first."""
    return {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": report.rejected,
        "problems": [
            {"line": problem.line, "column": problem.column, "reason": problem.reason}
            for problem in report.problems[:KEPT_PROBLEMS]
        ],
        "more_problems": max(0, len(report.problems) - KEPT_PROBLEMS),
    }
