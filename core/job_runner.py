"""The one runner of all jobs: the registry of kinds, the task, the heartbeat, and taking back.

A model of a room inherits `core.jobs.Job`, and the room's `start_up.py` registers a `JobKind` that says how such jobs are done.
One task, `run_job`, runs them all. While a worker runs a job it renews the heartbeat every two seconds, from a thread of its
own; a job that waits in the queue has no heartbeat. A heartbeat that is older than six seconds means that the worker was lost:
the clock (`core/tasks.py`) puts the job back into the queue. So `JobKind.run` may start again at any point, and in two workers
at once.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError, connection, models, transaction
from django.db.models import QuerySet
from django.tasks import task
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.jobs import Job, JobCancelled, JobRefused

BEAT = 2  # seconds
MOST_LOSSES = 20  # of workers in a row, without a batch done in between

log = logging.getLogger(__name__)


class JobKind[J: Job]:
    """How jobs of one model are done, and how the page of all jobs names them and acts on them."""

    cancel_url = undo_url = ""  # names of addresses that take a POST and the job's id; "" where the kind has none
    fault: str | Promise = _("Something went wrong on our side. Nothing was changed. Try it again.")
    long_columns: ClassVar[tuple[str, ...]] = ()  # that a list of jobs does not need

    def __init__(self, model: type[J], label: str | Promise) -> None:
        self.model, self.label = model, label

    def run(self, job: J) -> bool:
        """Go on with the job, or with taking it back; True when the rest needs another task. Raises JobCancelled, JobRefused."""
        raise NotImplementedError

    def run_in_request(self, job: J) -> None:
        """Do the whole job, or take it back, within the transaction of the request: where it fails, nothing is stored."""
        self.run(job)

    def amount_to_undo(self, job: J) -> int:
        return job.done

    def is_quick_to_undo(self, job: J) -> bool:
        """Whether taking it back fits the request."""
        return False


class BatchKind[J: Job, B: models.Model](JobKind[J]):
    """Jobs in batches, each done in one transaction of its own, together with the progress that it makes."""

    seconds: ClassVar = 30  # of one task
    most: ClassVar = 1000  # batches of one task
    fault = _("Something went wrong on our side. What is done by now stays so.")

    def waiting(self, job: J) -> QuerySet[B]:
        """The batches that are not done yet (or not taken back), in their order."""
        raise NotImplementedError

    def do(self, batch: B, job: J) -> Mapping[str, Any]:
        """Do one batch, or take it back; the columns of the job that count this."""
        raise NotImplementedError

    def leave(self, batch: B, job: J) -> Mapping[str, Any]:
        """Store that the batch could not be done; the columns of the job that count this."""
        raise NotImplementedError

    def run(self, job: J) -> bool:
        done, end = 0, time.monotonic() + self.seconds
        while done < self.most and time.monotonic() < end and self.do_next(job):
            done += 1
        if self.waiting(job).exists():  # another worker has it, if none was done here
            return done > 0
        job.finish()
        return False

    def run_in_request(self, job: J) -> None:
        for batch in self.waiting(job):
            job.beat(**self.do(batch, job))
        job.finish()

    def do_next(self, job: J) -> bool:
        """Do the next batch that waits; False when none does. Raises JobCancelled, and then the batch was not done."""
        with transaction.atomic():
            batch = self.waiting(job).select_for_update(skip_locked=True, of=("self",)).first()
            if batch is None:
                return False
            try:
                with transaction.atomic():
                    counts = self.do(batch, job)
            except (OperationalError, InterfaceError):
                raise  # the job is taken up again when the database is back
            except Exception as error:
                if not isinstance(error, ValidationError):
                    log.exception("batch %s of %s %s could not be done", batch.pk, job._meta.label_lower, job.pk)
                counts = self.leave(batch, job)  # the others go on
            job.beat(losses=0, **counts)
        return True


_kinds: dict[str, JobKind[Any]] = {}


def register_job(new: JobKind[Any]) -> None:
    """Register a kind of job; at start-up, since `core` does not know the rooms above it."""
    _kinds[new.model._meta.label_lower] = new


def kinds() -> list[JobKind[Any]]:
    return list(_kinds.values())


def kind_of(job: Job) -> JobKind[Any]:
    return _kinds[job._meta.label_lower]


def queue(job: Job, state: str, **columns: Any) -> None:
    """Hand the job to the worker, in the transaction of the act."""
    _start(job, state=state, finished_at=None, **columns)
    call_worker(job)


def call_worker(job: Job) -> None:
    """Put the job into the queue when the transaction is stored."""
    transaction.on_commit(lambda: run_job.enqueue(job._meta.label_lower, job.pk), robust=True)


@transaction.atomic
def undo[J: Job](job: J, *, by: AbstractBaseUser) -> J:
    """Take the job back, or have the worker do it; a second call does nothing. DoesNotExist for another person's job."""
    rows: QuerySet[Any] = type(job)._default_manager.visible_to(by)
    job = rows.select_for_update().get(pk=job.pk)
    if not job.may_be_undone:
        return job
    how = kind_of(job)
    _start(job, state=job.State.UNDOING, total=how.amount_to_undo(job))
    if how.is_quick_to_undo(job):
        how.run_in_request(job)
        job.refresh_from_db()
    else:
        call_worker(job)
    return job


@task
def run_job(label: str, pk: int) -> str:
    """Go on with a job of the model `label`; the state that it came to, "" for one that is gone."""
    job = _kinds[label].model._default_manager.select_related("user").filter(pk=pk).first()
    return work_on(job) if job else ""


def work_on(job: Job) -> str:
    """Go on with a job, and hand what is left to the next task; the state that it came to."""
    if not job.is_under_way:
        return job.state
    how, rest = kind_of(job), False
    with _language_of(job):
        try:
            _take(job)
            with _heartbeat(job):
                rest = how.run(job)
        except JobCancelled:
            pass
        except JobRefused as error:
            job.fail(str(error))
        except (OperationalError, InterfaceError):
            raise  # the heartbeat stops, and the job is taken up again when the database is back
        except Exception:
            log.exception("%s %s could not be done", job._meta.label_lower, job.pk)
            job.fail(str(how.fault))
    if rest:
        how.model._default_manager.filter(pk=job.pk).update(queued_at=timezone.now(), heartbeat_at=None)
        run_job.enqueue(job._meta.label_lower, job.pk)
    job.refresh_from_db()
    return job.state


def take_up_lost_jobs() -> int:
    """Put jobs whose worker was lost back into the queue, or fail those that lose every worker; how many there were."""
    return sum(
        _take_up(how, pk) for how in kinds() for pk in how.model._default_manager.standing_still().values_list("pk", flat=True)
    )


@transaction.atomic
def _take_up(how: JobKind[Any], pk: int) -> bool:
    rows = how.model._default_manager.standing_still().select_for_update()
    job = rows.filter(pk=pk).defer(*how.long_columns).first()
    if job is None:  # another worker took it up just now
        return False
    losses = job.losses + (job.heartbeat_at is not None)
    if losses > MOST_LOSSES:
        log.error("%s %s lost every worker", job._meta.label_lower, job.pk)
        with _language_of(job):
            job.fail(str(how.fault))
    else:
        job.store(losses=losses, queued_at=timezone.now(), heartbeat_at=None)
        run_job.enqueue(job._meta.label_lower, job.pk)
    return True


def _language_of(job: Job) -> translation.override:
    return translation.override(job.language or job.user.language or None)


def _start(job: Job, **columns: Any) -> None:
    columns |= {"done": 0, "losses": 0, "failure": "", "queued_at": timezone.now(), "heartbeat_at": None}
    job.store(language=translation.get_language() or "", **columns)


def _take(job: Job) -> None:
    """Store that a worker has the job. Raises JobCancelled."""
    running = job.State.RUNNING if job.state == job.State.WAITING else job.state
    job.beat(state=running)
    job.state = running


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """Renew the heartbeat every two seconds, also while one long transaction runs."""
    if connection.in_atomic_block:  # nobody else sees the job yet
        yield
        return
    over = Event()
    rows = type(job)._default_manager.filter(pk=job.pk, state=job.state)

    def beat() -> None:
        while not over.wait(BEAT):
            try:
                rows.update(heartbeat_at=timezone.now())
            except DatabaseError:
                log.info("the heartbeat of %s %s could not be stored", job._meta.label_lower, job.pk)
            finally:
                connection.close()  # one that broke off would never beat again

    thread = Thread(target=beat, name=f"heartbeat of {job._meta.label_lower} {job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
