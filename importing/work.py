"""A long import in the worker: with progress, until it is cancelled, and begun again where a worker was killed.

Somebody looks at what it would do, before: a long list is checked here, too. When it is imported the rows are checked again, while
everybody else goes on working; then all is stored in one transaction, which also notes that it was done. So a worker that is
killed leaves nothing behind, and to begin again is to do it whole.
"""

import logging
from functools import partial

from django.db import InterfaceError, OperationalError, transaction
from django.tasks import task
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may_add_accounts
from importing.apply import one_at_a_time
from importing.jobs import Cancelled, apply_job, check, store, table_of
from importing.kinds import NotNow, kind_of
from importing.models import ImportJob
from importing.preview import look_through
from importing.reading.table import Table
from importing.undo import take_back

State = ImportJob.State

AT_ONCE = 2000  # changes that are taken back within the request; more are left to the worker

log = logging.getLogger(__name__)


class Refused(Exception):
    """It cannot be imported as it is; the message says why, to whoever started it."""


@transaction.atomic
def begin(job: ImportJob, *, skip_rejected: bool) -> ImportJob:
    """Import the file at once, or tell the worker to; what is under way or done already stays so."""
    if not job.is_long:
        return apply_job(job.pk, kind_of(job).options(job.user, job.options), skip_rejected=skip_rejected)
    return _hand_over(job, State.WAITING, skip_rejected=skip_rejected)


@transaction.atomic
def begin_check(job: ImportJob) -> ImportJob:
    """Have the worker find out what importing a long list would do; what is under way or done already stays so."""
    return _hand_over(job, State.CHECKING)


def _hand_over(job: ImportJob, state: str, *, skip_rejected: bool = False) -> ImportJob:
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if job.may_be_started:
        job.state, job.rows_done, job.failure, job.moved_at = state, 0, "", timezone.now()
        job.language, job.skip_rejected = translation.get_language() or "", skip_rejected
        job.save(update_fields=["state", "rows_done", "failure", "moved_at", "language", "skip_rejected"])
        transaction.on_commit(lambda: import_list.enqueue(job.pk), robust=True)
    return job


@transaction.atomic
def undo(job: ImportJob, *, by: User) -> ImportJob:
    """Take it back, or tell the worker to; a second time does nothing."""
    job = ImportJob.objects.of(by).select_for_update().get(pk=job.pk)
    if not job.may_be_undone:
        return job
    job.undo_started_at, job.failure = timezone.now(), ""
    job.moved_at = job.undo_started_at
    job.save(update_fields=["undo_started_at", "moved_at", "failure"])
    if sum(map(len, job.batches.values_list("changes", flat=True).iterator())) <= AT_ONCE:
        return take_back(job.pk)
    transaction.on_commit(lambda: import_list.enqueue(job.pk), robust=True)
    return job


def cancel(job: ImportJob) -> bool:
    """Stop it if nothing is stored yet; whether it was stopped."""
    under_way = ImportJob.objects.filter(pk=job.pk, state__in=ImportJob.UNDER_WAY)
    return bool(under_way.update(state=State.CANCELLED, moved_at=timezone.now()))


@task
def import_list(job_id: int) -> str:
    """A long import, or taking one back; the state that it came to."""
    return work_on(job_id)


def work_on(job_id: int) -> str:
    """Do what waits: the check, the import, or taking it back; the state that it came to. Safe to begin again and in many workers."""
    job = ImportJob.objects.select_related("user").filter(pk=job_id).first()
    if job is None:
        return ""
    with translation.override(job.language or job.user.language or None):
        try:
            if job.is_being_undone:
                take_back(job.pk)
            elif job.state == State.CHECKING:
                _check(job)
            elif ImportJob.objects.filter(pk=job.pk, state__in=(State.WAITING, State.RUNNING)).update(state=State.RUNNING):
                _import(job)
        except Cancelled:
            pass
        except (Refused, NotNow) as error:
            _fail(job, str(error))
        except (OperationalError, InterfaceError):
            raise  # begun again when the database is back
        except Exception:
            log.exception("import %s could not be done", job.pk)
            _fail(job, _("Something went wrong on our side. Nothing was changed. Try it again."))
    job.refresh_from_db()
    return job.state


@task
def go_on_importing() -> int:
    """Imports that no worker is at any more are taken up again; how many there were."""
    still = list(ImportJob.objects.standing_still().values_list("pk", flat=True))
    for pk in still:
        import_list.enqueue(pk)
    return len(still)


def _check(job: ImportJob) -> None:
    look_through(job, _begun(job), lambda rows: _move(job, rows_done=rows))


def _begun(job: ImportJob) -> Table:
    if not may_add_accounts(job.user):
        raise Refused(_("You may no longer import accounts."))
    table = table_of(job)
    _move(job, rows=len(table.rows), rows_done=0)
    return table


def _import(job: ImportJob) -> None:
    job.state = State.RUNNING
    table = _begun(job)
    # What it is going to do is planned again when it is stored; only how many are rejected is kept of it now.
    counts = check(job, table, tick=lambda rows: _move(job, rows_done=rows)).counts
    _refuse(counts["rejected"], job)
    _move(job, rows_done=len(table.rows))
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
        raise Refused(_("A row is rejected that was in order when you looked. Check the rows again. Nothing was stored."))


def _move(job: ImportJob, **columns: int) -> None:
    """Tell how far it is. Raises Cancelled."""
    running = ImportJob.objects.filter(pk=job.pk, state=job.state)
    if not running.update(moved_at=timezone.now(), **columns):
        raise Cancelled


def _still_wanted(job: ImportJob) -> None:
    if not ImportJob.objects.filter(pk=job.pk, state=State.RUNNING).exists():
        raise Cancelled


def _fail(job: ImportJob, why: str) -> None:
    """Say why on its page; it may be begun again, as taking it back may be."""
    back = ImportJob.objects.filter(pk=job.pk, undo_started_at__isnull=False, undone_at=None)
    back.update(undo_started_at=None, failure=why)
    ImportJob.objects.filter(pk=job.pk, state__in=ImportJob.UNDER_WAY).update(
        state=State.FAILED, failure=why, moved_at=timezone.now(), preview=None, alike=None, checked_at=None
    )
