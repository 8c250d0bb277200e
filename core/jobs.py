"""Work that the worker does for a person: one model, one state machine and one runner for all kinds.

A model of a room inherits `Job`, and the room's `start_up.py` registers a `JobKind` that says how such jobs are done. One task,
`run_job`, runs them all. While a worker runs a job it renews the heartbeat every two seconds, from a thread of its own; a job
that waits in the queue has no heartbeat. A heartbeat that is older than ten seconds means that the worker was lost: the clock
(`core/tasks.py`) puts the job back into the queue. So `JobKind.run` may start again at any point, and in two workers at once.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError, connection, models, transaction
from django.db.models import Q, QuerySet
from django.tasks import task
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

BEAT = 2  # seconds
LOST_AFTER = timedelta(seconds=10)  # without a heartbeat
UNHEARD_AFTER = timedelta(minutes=5)  # in the queue, which may be long; but the call of the worker may have failed
KEPT = timedelta(days=90)

log = logging.getLogger(__name__)


class JobCancelled(Exception):
    """The job is no longer in the state in which the worker took it."""


class JobRefused(Exception):
    """The job cannot be done as it is; the message says why, to the person who started it."""


class JobQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """The jobs that `user` started; nobody else's."""
        return self.filter(user=user)

    def standing_still(self) -> Self:
        """Jobs whose worker was lost, or that no worker took."""
        now = timezone.now()
        lost = Q(heartbeat_at__lt=now - LOST_AFTER) | Q(heartbeat_at=None, queued_at__lt=now - UNHEARD_AFTER)
        return self.filter(lost, state__in=Job.UNDER_WAY)

    def outdated(self) -> Self:
        """Jobs that are over and need not be kept."""
        return self.filter(started_at__lt=timezone.now() - KEPT).exclude(state__in=Job.UNDER_WAY)


class Job(models.Model):
    """What a person started, and how far the worker is with it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("not started")
        CHECKING = "checking", _("being checked")
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        UNDOING = "undoing", _("being taken back")
        UNDONE = "undone", _("taken back")

    CANCELLABLE: ClassVar = (State.CHECKING, State.WAITING, State.RUNNING)
    UNDER_WAY: ClassVar = (*CANCELLABLE, State.UNDOING)
    UNDO_WITHIN: ClassVar[timedelta | None] = None  # of the start; None: a job of this kind cannot be taken back

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.CASCADE, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    total = models.PositiveIntegerField(default=0)  # accounts or rows
    done = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)  # in words, for the person who started it
    language = models.CharField(max_length=10, blank=True)  # of these words
    started_at = models.DateTimeField(_("started"), default=timezone.now, db_index=True)
    queued_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True)  # None while no worker runs the job
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "checking", "waiting", "running"], finished_at=None)
                | Q(state__in=["done", "failed", "cancelled", "undoing", "undone"], finished_at__isnull=False),
                name="%(class)s_finished_when_over",
            ),
            models.CheckConstraint(
                condition=(Q(state="undone", undone_at__isnull=False) | (~Q(state="undone") & Q(undone_at=None))),
                name="%(class)s_undone_when_taken_back",
            ),
        ]  # fmt: skip

    def get_absolute_url(self) -> str:
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What the job does, in words."""
        raise NotImplementedError

    @property
    def state_in_words(self) -> str:
        return str(self.State(self.state).label)

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY

    @property
    def is_being_undone(self) -> bool:
        return self.state == self.State.UNDOING

    @property
    def is_taken_back(self) -> bool:
        """Taken back, or about to be."""
        return self.state in {self.State.UNDOING, self.State.UNDONE}

    @property
    def may_be_cancelled(self) -> bool:
        return self.state in self.CANCELLABLE

    @property
    def changed_anything(self) -> bool:
        """Whether there is something to take back."""
        return True

    @property
    def undo_until(self) -> Any:
        return self.started_at + self.UNDO_WITHIN if self.UNDO_WITHIN else None

    @property
    def may_be_undone(self) -> bool:
        over = self.state in {self.State.DONE, self.State.CANCELLED}
        return over and self.UNDO_WITHIN is not None and self.undo_until > timezone.now() and self.changed_anything

    def columns_when_over(self, state: str) -> dict[str, Any]:
        """What is emptied when the job is done, failed or cancelled."""
        return {}

    def queue(self, state: str, **columns: Any) -> None:
        """Hand the job to the worker, in the transaction of the act."""
        columns |= {"done": 0, "failure": "", "finished_at": None, "queued_at": timezone.now(), "heartbeat_at": None}
        self._set(state=state, language=translation.get_language() or "", **columns)
        call_worker(self)

    def beat(self, **columns: Any) -> None:
        """Store that a worker runs the job, and its progress. Raises JobCancelled when the job is in another state by now."""
        if not self._in_this_state().update(heartbeat_at=timezone.now(), **columns):
            raise JobCancelled

    def finish(self) -> None:
        """Store that the job is done, or taken back."""
        if self.is_being_undone:
            self._in_this_state().update(state=self.State.UNDONE, undone_at=timezone.now(), heartbeat_at=None)
        else:
            self._in_this_state().update(**self._over(self.State.DONE))
        self.refresh_from_db()

    def fail(self, why: str) -> None:
        """Store why it could not be done, or not be taken back: the latter can be tried again."""
        if self.is_being_undone:
            self._in_this_state().update(state=self.State.DONE, failure=why, heartbeat_at=None)
        else:
            self._in_this_state().update(failure=why, **self._over(self.State.FAILED))

    def cancel(self) -> bool:
        """Stop the job; what it did so far stays done. Whether it was still to be stopped."""
        running = self._rows().filter(pk=self.pk, state__in=self.CANCELLABLE)
        return bool(running.update(**self._over(self.State.CANCELLED)))

    def _over(self, state: str) -> dict[str, Any]:
        return {"state": state, "finished_at": timezone.now(), "heartbeat_at": None} | self.columns_when_over(state)

    def _rows(self) -> QuerySet[Self]:
        return type(self)._default_manager.all()

    def _in_this_state(self) -> QuerySet[Self]:
        return self._rows().filter(pk=self.pk, state=self.state)

    def _set(self, **columns: Any) -> None:
        for name, value in columns.items():
            setattr(self, name, value)
        self.save(update_fields=list(columns))


class JobKind[J: Job]:
    """How jobs of one model are done, and how the page of all jobs names them and acts on them."""

    cancel_url = undo_url = ""  # names of addresses that take a POST and the job's id; "" where the kind has none

    def __init__(self, model: type[J], label: Any) -> None:
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
            job.beat(**counts)
        return True


_kinds: dict[str, JobKind[Any]] = {}


def kind(new: JobKind[Any]) -> None:
    """Register a kind of job; at start-up, since `core` does not know the rooms above it."""
    _kinds[new.model._meta.label_lower] = new


def kinds() -> list[JobKind[Any]]:
    return list(_kinds.values())


def kind_of(job: Job) -> JobKind[Any]:
    return _kinds[job._meta.label_lower]


def call_worker(job: Job) -> None:
    """Put the job into the queue when the transaction is stored."""
    transaction.on_commit(lambda: run_job.enqueue(job._meta.label_lower, job.pk), robust=True)


@transaction.atomic
def undo[J: Job](job: J, *, by: Any) -> J:
    """Take the job back, or have the worker do it; a second call does nothing. DoesNotExist for another person's job."""
    job = type(job)._default_manager.visible_to(by).select_for_update().get(pk=job.pk)  # type: ignore[attr-defined]
    if not job.may_be_undone:
        return job
    how = kind_of(job)
    columns = {
        "state": job.State.UNDOING,
        "total": how.amount_to_undo(job),
        "done": 0,
        "failure": "",
        "queued_at": timezone.now(),
    }
    job._set(**columns)
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
    with translation.override(job.language or job.user.language or None):
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
            job.fail(gettext("Something went wrong on our side. Nothing was changed. Try it again."))
    if rest:
        _queue_again(how.model._default_manager.filter(pk=job.pk), job._meta.label_lower)
    job.refresh_from_db()
    return job.state


def take_up_lost_jobs() -> int:
    """Put jobs whose worker was lost back into the queue; how many there were."""
    return sum(
        _queue_again(how.model._default_manager.standing_still().filter(pk=pk), label)
        for label, how in _kinds.items()
        for pk in how.model._default_manager.standing_still().values_list("pk", flat=True)
    )


def _queue_again(rows: QuerySet[Any], label: str) -> bool:
    """Put the one job of `rows` into the queue, unless another worker did so just now."""
    with transaction.atomic():
        pk = rows.select_for_update().values_list("pk", flat=True).first()
        if pk is None:
            return False
        rows.model._default_manager.filter(pk=pk).update(queued_at=timezone.now(), heartbeat_at=None)
        run_job.enqueue(label, pk)
    return True


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
