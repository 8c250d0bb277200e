"""How the worker checks, imports and takes back a long list, and how a short one is done within the request.

A list is checked first, and a person looks at what the import would change. Then its rows are stored in batches
(`importing.apply`). A worker that is killed leaves the batches that it stored; the next one goes on after them.
"""

import time
from collections.abc import Callable
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.permissions import may_add_accounts
from core.job_runner import JobKind, queue
from core.jobs import JobRefused
from importing.apply import finish, store_all
from importing.check import check_by_worker, check_now
from importing.models import ImportJob, ImportRow
from importing.undo import finish_undo, take_back

State = ImportJob.State

AT_ONCE = 1000  # changes that are taken back within the request; more are left to the worker
TASK = 30  # seconds of one task of the worker


class ImportKind(JobKind[ImportJob]):
    cancel_url, undo_url = "importing:cancel", "importing:undo"
    long_columns: ClassVar = ("options", "headers", "undo_report")
    fault = _("Something went wrong on our side. What is stored by now stays so: take it back, or go on with the import.")

    def run(self, job: ImportJob) -> bool:
        return _run(job, _after(TASK))

    def run_in_request(self, job: ImportJob) -> None:
        _run(job, lambda: False)

    def amount_to_undo(self, job: ImportJob) -> int:
        return sum(
            len(changes) for changes in job.batches.filter(undone__isnull=True).values_list("changes", flat=True).iterator()
        )

    def is_quick_to_undo(self, job: ImportJob) -> bool:
        return self.amount_to_undo(job) <= AT_ONCE


def _run(job: ImportJob, until: Callable[[], bool]) -> bool:
    """Go on with the job until it is over, or `until`; whether something is left."""
    if job.is_being_undone:
        if not take_back(job, until=until):
            return True
        finish_undo(job)
        return False
    if job.user is not None and not may_add_accounts(job.user):
        raise JobRefused(_("You may no longer import accounts."))
    if job.state == State.CHECKING:
        check_by_worker(job)
        return False
    if not store_all(job, until=until):
        return True
    finish(job)
    return False


def begin(job: ImportJob, *, skip_rejected: bool) -> ImportJob:
    """Import a short list at once, a long one by the worker. A job that is under way or done is left as it is.

    Without `skip_rejected` nothing is imported while a row is rejected.
    """
    with transaction.atomic():
        job = ImportJob.objects.select_for_update(of=("self",)).select_related("user").get(pk=job.pk)
        if not (job.may_be_started or job.may_go_on) or job.questions or job.checked_at is None:
            return job
        if not skip_rejected and job.rows.filter(outcome=ImportRow.Outcome.REJECTED).exists():
            return job
        if job.is_long or job.may_go_on:
            queue(job, State.WAITING, skip_rejected=skip_rejected)
            return job
        return _import_now(job, skip_rejected=skip_rejected)


def _import_now(job: ImportJob, *, skip_rejected: bool) -> ImportJob:
    """Import a short list within the transaction of the request; nothing where a row is rejected that was in order before."""
    before = job.rows.filter(outcome=ImportRow.Outcome.REJECTED).count()
    try:
        with transaction.atomic():
            job.store(state=State.RUNNING, skip_rejected=skip_rejected, finished_at=None)
            store_all(job)
            if not skip_rejected and job.rows.filter(outcome=ImportRow.Outcome.REJECTED).count() > before:
                raise _NewlyRejected
            finish(job)
    except _NewlyRejected:
        job.refresh_from_db()
        return check_now(job)
    return job


class _NewlyRejected(Exception):
    """A row is rejected that was in order when somebody looked."""


@transaction.atomic
def begin_check(job: ImportJob) -> ImportJob:
    """Check a short list at once, have the worker check a long one. A job that is under way or done is left as it is. Raises NotNow."""
    job = ImportJob.objects.select_for_update(of=("self",)).select_related("user").get(pk=job.pk)
    if job.may_be_started and not job.is_long:
        return check_now(job)
    if job.may_be_started:
        queue(job, State.CHECKING, checked_at=None)
    return job


def forget_old_rows() -> int:
    """Delete the rejected rows of imports that are a week old, and all rows of those that are over; how many imports there were."""
    jobs = ImportJob.objects.with_old_rows()
    for job in jobs:
        job.rows.all().delete()
    return len(jobs)


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end
