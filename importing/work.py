"""How the worker checks, imports and takes back a long list.

A long list is checked first, and a person looks at what the import would change. For the import the rows are checked again,
while everybody else goes on working; then all is stored in one transaction, together with the state of the job. A worker that
is killed leaves nothing behind, so the job is simply done from the start.
"""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.permissions import may_add_accounts
from core.job_runner import JobKind, queue
from core.jobs import JobCancelled, JobRefused
from importing.apply import one_at_a_time
from importing.jobs import apply_job, check, store, table_of
from importing.kinds import kind_of
from importing.models import ImportJob
from importing.preview import look_through
from importing.reading.table import Table
from importing.undo import take_back

State = ImportJob.State

AT_ONCE = 2000  # changes that are taken back within the request; more are left to the worker


class ImportKind(JobKind[ImportJob]):
    cancel_url, undo_url = "importing:cancel", "importing:undo"
    long_columns = ("content", "rejected", "preview", "alike", "undo_report")

    def run(self, job: ImportJob) -> bool:
        if job.is_being_undone:
            take_back(job.pk)
        elif job.state == State.CHECKING:
            look_through(job, _begun(job), lambda rows: job.beat(done=rows))
        else:
            _import(job)
        return False

    def is_quick_to_undo(self, job: ImportJob) -> bool:
        return sum(map(len, job.batches.values_list("changes", flat=True).iterator())) <= AT_ONCE


@transaction.atomic
def begin(job: ImportJob, *, skip_rejected: bool) -> ImportJob:
    """Import a short file at once, a long one by the worker. A job that is under way or done is left as it is."""
    if not job.is_long:
        return apply_job(job.pk, kind_of(job).options(job.user, job.options), skip_rejected=skip_rejected)
    return _hand_over(job, State.WAITING, skip_rejected=skip_rejected)


@transaction.atomic
def begin_check(job: ImportJob) -> ImportJob:
    """Have the worker check a long list. A job that is under way or done is left as it is."""
    return _hand_over(job, State.CHECKING)


def _hand_over(job: ImportJob, state: str, *, skip_rejected: bool = False) -> ImportJob:
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if job.may_be_started:
        queue(job, state, skip_rejected=skip_rejected)
    return job


def _begun(job: ImportJob) -> Table:
    if not may_add_accounts(job.user):
        raise JobRefused(_("You may no longer import accounts."))
    table = table_of(job)
    job.beat(total=len(table.rows), done=0)
    return table


def _import(job: ImportJob) -> None:
    table = _begun(job)
    # What is going to be done is planned again when it is stored; of this check only the number of rejected rows is used.
    counts = check(job, table, tick=lambda rows: job.beat(done=rows)).counts
    _refuse(counts["rejected"], job)
    job.beat(done=len(table.rows))
    with transaction.atomic():
        one_at_a_time()
        job = ImportJob.objects.select_related("user").get(pk=job.pk)
        if job.state != State.RUNNING:
            return
        options = kind_of(job).options(job.user, job.options)
        report = store(job, options, skip_rejected=job.skip_rejected, table=table, watch=partial(_still_wanted, job))
        if not report.written:
            _refuse(report.rejected, job)


def _refuse(rejected: int, job: ImportJob) -> None:
    if rejected and not job.skip_rejected:
        raise JobRefused(_("A row is rejected that was in order when you looked. Check the rows again. Nothing was stored."))


def _still_wanted(job: ImportJob) -> None:
    if not ImportJob.objects.filter(pk=job.pk, state=State.RUNNING).exists():
        raise JobCancelled
