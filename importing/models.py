"""An import, what it did, and what a person said of the columns of a file."""

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.jobs import Job, JobQuerySet

LARGE = 2000  # rows; more are left to the worker
KEPT = timedelta(days=1)  # a file that nobody came back to
KEPT_REJECTED = timedelta(days=7)  # the rows that were left out
UNDO = timedelta(days=30)  # how long an import can be taken back


class ImportJobQuerySet(JobQuerySet):
    def applied(self) -> Self:
        """Imports that were stored, also those that were taken back since."""
        return self.filter(state__in=ImportJob.APPLIED)

    def outdated(self) -> Self:
        """Imports that were stored long ago, and files that were not imported within a day."""
        left = Q(started_at__lt=timezone.now() - KEPT) & ~Q(state__in=[*ImportJob.APPLIED, *ImportJob.UNDER_WAY])
        return self.filter(left | Q(pk__in=super().outdated().values("pk")))

    def forget_rejected(self) -> int:
        """Empty the rejected rows of imports that are a week old; how many there were."""
        old = self.applied().filter(started_at__lt=timezone.now() - KEPT_REJECTED)
        return old.exclude(rejected=b"").update(rejected=b"")


class ImportJob(Job):
    """One uploaded list on its way through columns, check and import. `total` and `done` count rows below the column names.

    `content` is the file as it came, packed if it is long, and is emptied once it is applied; `columns` holds the field of each
    column by its index; `options` what its kind asks beside the columns, such as the owner of new accounts, and what was
    chosen for rows that look like stored accounts (`importing/look_alikes.py`); `report` what was done; `rejected` a CSV file of
    the rows that were left out. What the check of a long list found is stored in `preview` and `alike` until it is imported.
    """

    State = Job.State
    APPLIED: ClassVar = (State.DONE, State.UNDOING, State.UNDONE)
    UNDO_WITHIN: ClassVar = UNDO

    kind = models.CharField(_("what it holds"), max_length=20, default="accounts")  # as importing.kinds names it
    filename = models.CharField(_("file"), max_length=255)
    content = models.BinaryField(_("content"), default=bytes)
    columns = models.JSONField(_("columns"), default=dict)
    options = models.JSONField(_("options"), default=dict)
    skip_rejected = models.BooleanField(default=False)
    preview = models.JSONField(null=True)  # as importing.preview writes it
    alike = models.JSONField(null=True)  # as importing.look_alikes writes it
    checked_at = models.DateTimeField(null=True)  # None also when something else was chosen since
    names_in_row = models.PositiveIntegerField(null=True)  # the line of the column names; None: the reader finds it
    questions = models.JSONField(default=list)  # values that nobody knows, see `importing.questions`
    report = models.JSONField(_("report"), null=True)
    rejected = models.BinaryField(default=bytes)
    undo_report = models.JSONField(null=True)  # numbers of rows: restored, removed, left; and some of the accounts that were left

    objects: ClassVar = ImportJobQuerySet.as_manager()

    class Meta(Job.Meta):
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints: ClassVar = [
            *Job.Meta.constraints,
            models.CheckConstraint(
                condition=(~Q(state__in=["done", "undoing", "undone"]) & Q(report__isnull=True))
                | Q(state__in=["done", "undoing", "undone"], report__isnull=False),
                name="import_report_when_applied",
            ),
            models.CheckConstraint(condition=~Q(kind=""), name="import_kind_named"),
            models.CheckConstraint(condition=Q(checked_at=None) | Q(preview__isnull=False), name="import_preview_when_checked"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undo_report__isnull=True) | Q(undone_at__isnull=False, undo_report__isnull=False),
                name="import_undo_has_a_report",
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def title(self) -> str:
        return self.filename

    @property
    def state_in_words(self) -> str:
        own = {self.State.DRAFT: _("uploaded"), self.State.DONE: _("imported")}
        return str(own.get(self.State(self.state)) or super().state_in_words)

    def get_absolute_url(self) -> str:
        """The page where it stands now."""
        step = "report"
        if self.may_be_started:
            step = "check" if self.columns else "columns"
        return reverse(f"importing:{step}", args=[self.pk])

    @property
    def is_long(self) -> bool:
        """Whether checking and importing it take longer than somebody waits for a page."""
        return self.total > LARGE

    @property
    def needs_check(self) -> bool:
        """A long list that was not checked yet, or not with what was chosen since."""
        return self.is_long and self.checked_at is None

    @property
    def may_be_started(self) -> bool:
        """Nothing of it is stored and no worker has it."""
        return self.state not in (*self.APPLIED, *self.UNDER_WAY)

    def forget_check(self) -> None:
        """What was found no longer holds; not saved here."""
        self.preview = self.alike = self.checked_at = None

    def columns_when_over(self, state: str) -> dict[str, Any]:
        """A check that failed found nothing that can be relied on."""
        return {"preview": None, "alike": None, "checked_at": None} if state == self.State.FAILED else {}

    @property
    def shows_progress(self) -> bool:
        """Taking back is one transaction, whose progress nobody sees."""
        return super().shows_progress and not self.is_being_undone

    @property
    def changed_anything(self) -> bool:
        return self.changed > 0

    @property
    def changed(self) -> int:
        """How many rows of the file made or changed something."""
        return self.report["created"] + self.report["updated"] if self.report else 0


class ImportBatch(models.Model):
    """Some of what an import did: `changes` has the id of each event in the trail, and the version that its object got.

    What stood there before is in the event, and only there: where a person is erased it goes from one place.
    """

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    changes = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "number"], name="import_batch_once")]


class ImportMemory(models.Model):
    """What a person said of files whose header names have this `shape`: the `columns`, and the `answers` to questions about values."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    shape = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)  # by field, then by the text of the cell

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "shape"], name="import_memory_once_a_shape")]
