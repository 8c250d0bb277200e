"""An import on its way, what it did, and what a person said of the columns of a file."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LARGE = 2000  # rows; more are left to the worker
KEPT = timedelta(days=1)  # a file that nobody came back to
KEPT_DONE = timedelta(days=90)
KEPT_REJECTED = timedelta(days=7)  # the rows that were left out
UNDO = timedelta(days=30)  # how long an import can be taken back
STILL = timedelta(
    minutes=3
)  # a worker that is at it moves on within seconds, or stores all; to begin again beside it does no harm


class ImportJobQuerySet(models.QuerySet):
    def of(self, user):
        """The imports that `user` started; nobody else's."""
        return self.filter(user=user)

    def outdated(self):
        """The customer list of someone who walked away is kept for a day, what was done for ninety."""
        now, state = timezone.now(), ImportJob.State
        left = ~Q(state__in=[state.APPLIED, *ImportJob.UNDER_WAY]) & Q(created_at__lt=now - KEPT)
        return self.filter(left | Q(state=state.APPLIED, created_at__lt=now - KEPT_DONE))

    def forget_rejected(self) -> int:
        """Empty the rejected rows of imports that are a week old; how many there were."""
        old = self.filter(state=ImportJob.State.APPLIED, created_at__lt=timezone.now() - KEPT_REJECTED)
        return old.exclude(rejected=b"").update(rejected=b"")

    def standing_still(self):
        """In the hands of the worker, and no worker is at it any more."""
        taken_back = Q(undo_started_at__isnull=False, undone_at=None)
        under_way = Q(state__in=ImportJob.UNDER_WAY) | taken_back
        return self.filter(under_way, moved_at__lt=timezone.now() - STILL)


class ImportJob(models.Model):
    """One uploaded list on its way through columns, check and import.

    `content` is the file as it came, packed if it is long, and is emptied once it is applied; `columns` holds the field of each
    column by its index; `options` what its kind asks beside the columns, such as the owner of new accounts, and what was
    chosen for rows that look like accounts that are here (`importing/look_alikes.py`); `report` what was done; `rejected` a CSV
    file of the rows that were left out. What the check of a long list found is kept in `preview` and `alike` until it is imported.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        CHECKING = "checking", _("being checked")
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("under way")
        APPLIED = "applied", _("imported")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    UNDER_WAY = (State.CHECKING, State.WAITING, State.RUNNING)  # in the hands of the worker

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.CASCADE, related_name="imports")
    kind = models.CharField(_("what it holds"), max_length=20, default="accounts")  # as importing.kinds names it
    filename = models.CharField(_("file"), max_length=255)
    content = models.BinaryField(_("content"), default=bytes)
    columns = models.JSONField(_("columns"), default=dict)
    options = models.JSONField(_("options"), default=dict)
    skip_rejected = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    rows = models.PositiveIntegerField(default=0)  # below the column names
    rows_done = models.PositiveIntegerField(default=0)  # checked by the worker
    failure = models.TextField(blank=True)  # why it failed, in the words of who started it
    language = models.CharField(max_length=10, blank=True)  # of who told the worker to begin
    preview = models.JSONField(null=True)  # as importing.preview writes it
    alike = models.JSONField(null=True)  # as importing.look_alikes writes it
    checked_at = models.DateTimeField(null=True)  # None, too, when something else was chosen since
    report = models.JSONField(_("report"), null=True)
    rejected = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(_("started"), auto_now_add=True, db_index=True)
    moved_at = models.DateTimeField(default=timezone.now)
    undo_started_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undo_report = models.JSONField(null=True)  # how many rows: restored, removed, left; and some of the accounts that were left

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=(~Q(state="applied") & Q(report__isnull=True)) | Q(state="applied", report__isnull=False),
                name="import_report_when_applied",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["uploaded", "checking", "waiting", "running", "applied", "failed", "cancelled"]),
                name="import_state_known",
            ),
            models.CheckConstraint(condition=~Q(kind=""), name="import_kind_named"),
            models.CheckConstraint(condition=Q(checked_at=None) | Q(preview__isnull=False), name="import_preview_when_checked"),
            models.CheckConstraint(condition=Q(undo_started_at=None) | Q(state="applied"), name="import_undone_when_applied"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undo_report__isnull=True)
                | Q(undo_started_at__isnull=False, undone_at__isnull=False, undo_report__isnull=False),
                name="import_undo_has_a_report",
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        """The page where it stands now."""
        step = "report"
        if self.may_be_started:
            step = "check" if self.columns else "columns"
        return reverse(f"importing:{step}", args=[self.pk])

    @property
    def is_long(self) -> bool:
        """Whether checking and importing it take longer than somebody waits for a page."""
        return self.rows > LARGE

    @property
    def needs_check(self) -> bool:
        """A long list that was not checked yet, or not with what was chosen since."""
        return self.is_long and self.checked_at is None

    @property
    def may_be_started(self) -> bool:
        """Nothing is stored of it and no worker has it."""
        return self.state not in (self.State.APPLIED, *self.UNDER_WAY)

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY or self.is_being_undone

    def forget_check(self) -> None:
        """What was found no longer holds; not saved here."""
        self.preview = self.alike = self.checked_at = None

    @property
    def is_being_undone(self) -> bool:
        return self.undo_started_at is not None and self.undone_at is None

    @property
    def may_be_undone(self) -> bool:
        applied = self.state == self.State.APPLIED and self.undo_started_at is None
        return applied and self.changed > 0 and self.undo_until > timezone.now()

    @property
    def undo_until(self):
        return self.created_at + UNDO

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
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_batch_once")]


class ImportMemory(models.Model):
    """What a person said the columns mean of files whose header names have this `shape`; `columns` as the import keeps them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    shape = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "shape"], name="import_memory_once_a_shape")]
