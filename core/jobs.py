"""Work that the worker does for a person: the model that all kinds inherit, with its states. `core.job_runner` runs it."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LOST_AFTER = timedelta(seconds=6)  # without a heartbeat, which is stored every two seconds
UNHEARD_AFTER = timedelta(minutes=5)  # in the queue, which may be long; but the call of the worker may have failed
KEPT = timedelta(days=90)


class JobCancelled(Exception):
    """The job is no longer in the state in which the worker took it."""


class JobRefused(Exception):
    """The job cannot be done as it is; the message says why, to the person who started it."""


class JobQuerySet(models.QuerySet):
    def visible_to(self, user: AbstractBaseUser) -> Self:
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
    losses = models.PositiveSmallIntegerField(default=0)  # of workers, since the last batch that was done
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
    def shows_progress(self) -> bool:
        return self.is_under_way and self.total > 0

    @property
    def may_be_cancelled(self) -> bool:
        return self.state in self.CANCELLABLE

    @property
    def changed_anything(self) -> bool:
        """Whether there is something to take back."""
        return True

    @property
    def undo_until(self) -> datetime | None:
        return self.started_at + self.UNDO_WITHIN if self.UNDO_WITHIN else None

    @property
    def may_be_undone(self) -> bool:
        over = self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}
        in_time = self.undo_until is not None and self.undo_until > timezone.now()
        return over and in_time and self.changed_anything

    def columns_when_over(self, state: str) -> dict[str, Any]:
        """What is emptied when the job is done, failed or cancelled."""
        return {}

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

    def _rows(self) -> QuerySet[Any]:
        return type(self)._default_manager.all()

    def _in_this_state(self) -> QuerySet[Any]:
        return self._rows().filter(pk=self.pk, state=self.state)

    def store(self, **columns: Any) -> None:
        for name, value in columns.items():
            setattr(self, name, value)
        self.save(update_fields=list(columns))
