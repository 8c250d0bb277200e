"""The check of a list: its rows are read into the staging table, and compared with each other and with what is stored there.

Nothing else is written. The check ends in questions about values that nobody knows, or in an outcome for each row.
"""

from django.db import transaction
from django.utils import timezone, translation

from core.bulk_insert import insert_many
from core.jobs import JobCancelled
from importing.jobs import table_of, work_of
from importing.list_work import ListWork, Tick, chunks
from importing.models import ImportJob

State = ImportJob.State

CHUNK = 1000  # rows


def check(job: ImportJob, tick: Tick = lambda rows: None) -> ListWork:
    """Read and settle the rows of the file; `tick` is told how many rows are done. Raises NotNow. Not stored: the job itself."""
    work = work_of(job)
    job.rows.all().delete()
    table = table_of(job)
    reader = work.reader(table)
    done = 0
    for some in chunks(table.rows, CHUNK):
        insert_many(work.stage(reader, some))
        done += len(some)
        tick(done // 2)
    work.settle(lambda settled: tick((done + settled) // 2))
    return work


@transaction.atomic
def check_now(job: ImportJob) -> ImportJob:
    """Check a short list at once. Raises NotNow."""
    job = ImportJob.objects.select_for_update(of=("self",)).select_related("user").get(pk=job.pk)
    if job.may_be_started:
        keep_check(job, check(job))
    return job


def check_by_worker(job: ImportJob) -> None:
    """Check a long list, and store that it is checked if that is still asked for. Raises NotNow, JobCancelled."""
    work = check(job, lambda rows: job.beat(done=rows))
    with transaction.atomic():
        now = ImportJob.objects.select_for_update().get(pk=job.pk)
        # It may have been cancelled and begun again with other columns, while this check of the former ones went on.
        if now.state != State.CHECKING or (now.kind, now.columns, now.options) != (job.kind, job.columns, job.options):
            raise JobCancelled
        keep_check(now, work)


def keep_check(job: ImportJob, work: ListWork) -> None:
    """Store that the job is checked, and its questions."""
    job.questions = [{"field": field, "text": text, "rows": rows} for (field, text), rows in work.unknown.most_common()]
    job.state, job.finished_at, job.failure, job.heartbeat_at = State.DRAFT, None, "", None
    job.checked_at, job.language, job.done = timezone.now(), translation.get_language() or "", job.total
    names = ("state", "finished_at", "failure", "heartbeat_at", "questions", "checked_at", "language", "done")
    job.save(update_fields=names)
