"""An import, what it did, and what a person said of the columns of a file."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.base import ModelState
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from core.jobs import Job, JobQuerySet

LARGE = 1000  # rows; more are left to the worker
KEPT = timedelta(days=1)  # a file that nobody came back to
KEPT_REJECTED = timedelta(days=7)  # the rows that were left out
UNDO = timedelta(days=30)  # how long an import can be taken back


class ImportJobQuerySet(JobQuerySet):
    def visible_to(self, user: Any) -> Self:
        """The imports of `user`; administrators also see those of the command line."""
        mine = Q(user=user)
        return self.filter(mine | Q(user=None) if user.is_administrator else mine)

    def applied(self) -> Self:
        """Imports that were stored, also those that were taken back since."""
        return self.filter(state__in=ImportJob.APPLIED)

    def outdated(self) -> Self:
        """Imports that were stored long ago, and files that were not imported within a day."""
        left = Q(started_at__lt=timezone.now() - KEPT) & ~Q(state__in=[*ImportJob.APPLIED, *ImportJob.UNDER_WAY])
        left &= Q(stored=0)
        return self.filter(left | Q(pk__in=super().outdated().values("pk")))

    def with_old_rows(self) -> Self:
        """Imports that were stored a week ago or longer, and still have rows."""
        old = self.filter(stored__gt=0, started_at__lt=timezone.now() - KEPT_REJECTED)
        return old.filter(Exists(ImportRow.objects.filter(job=OuterRef("pk")).order_by()))


class ImportJobManager(models.Manager.from_queryset(ImportJobQuerySet)):  # type: ignore[misc]
    """Imports without their content, which is long; `content_of` reads it."""

    def get_queryset(self) -> ImportJobQuerySet:
        return super().get_queryset().defer("content")


class ImportJob(Job):
    """One uploaded list on its way through columns, questions, check and import. `total` counts rows below the column names.

    `content` is the file as it came, until the import is over; `columns` holds the field of each column by its index, `options`
    what its kind asks beside the columns and the answers to `questions`. `done` counts the rows that the present step is done
    with, `stored` those that made or changed something. `report` is what the import did, `undo_report` what was taken back.
    """

    State = Job.State
    APPLIED: ClassVar = (State.DONE, State.UNDOING, State.UNDONE)
    UNDO_WITHIN: ClassVar = UNDO

    user = models.ForeignKey(  # type: ignore[assignment]
        settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.CASCADE, related_name="+", null=True
    )  # None: an operator at the command line
    kind = models.CharField(_("what it holds"), max_length=20, default="accounts")  # as importing.kinds names it
    filename = models.CharField(_("file"), max_length=255)
    content = models.BinaryField(_("content"), default=bytes)
    size = models.PositiveIntegerField(default=0)  # of the content, in bytes
    names_in_row = models.PositiveIntegerField(null=True)  # the line of the column names; None: the reader finds it
    headers = models.JSONField(default=list)  # the column names
    columns = models.JSONField(_("columns"), default=dict)
    options = models.JSONField(_("options"), default=dict)
    questions = models.JSONField(default=list)  # values that nobody knows, see `importing.questions`
    skip_rejected = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True)  # None also when something else was chosen since
    stored = models.PositiveIntegerField(default=0)
    report = models.JSONField(_("report"), null=True)
    undo_report = models.JSONField(null=True)  # numbers of rows: restored, removed, kept; and some of the accounts that were left

    objects: ClassVar = ImportJobManager()

    class Meta(Job.Meta):
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints: ClassVar = [
            *Job.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(state__in=["done", "undoing", "undone"]) | Q(report__isnull=False), name="import_report_when_applied"
            ),
            models.CheckConstraint(condition=~Q(kind=""), name="import_kind_named"),
            models.CheckConstraint(condition=Q(undone_at=None) | Q(undo_report__isnull=False), name="import_undo_has_a_report"),
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
            step = "columns" if not self.columns else "questions" if self.questions else "check"
        return reverse(f"importing:{step}", args=[self.pk])

    @property
    def is_long(self) -> bool:
        """Whether checking and importing it take longer than somebody waits for a page."""
        return self.total > LARGE

    @property
    def may_be_started(self) -> bool:
        """Nothing of it is stored and no worker has it."""
        return self.state not in (*self.APPLIED, *self.UNDER_WAY) and not self.stored

    @property
    def is_checked(self) -> bool:
        """Whether the rows are checked as things were chosen; the reasons for rejected ones are in one language."""
        return self.checked_at is not None and self.language in {"", translation.get_language()}

    @property
    def may_go_on(self) -> bool:
        """It stopped when some of its rows were stored."""
        return self.state in {self.State.FAILED, self.State.CANCELLED} and self.stored > 0

    def columns_when_over(self, state: str) -> dict[str, Any]:
        """Rows that a cancelled import stored stay stored, and can be taken back."""
        return {"report": self.counted()} if self.batches.exists() else {"checked_at": None}

    def counted(self) -> dict[str, int]:
        """How many rows came to each outcome, as the batches tell."""
        found = self.batches.aggregate(*(models.Sum(name) for name in COUNTED))
        counts = {name: found[f"{name}__sum"] or 0 for name in COUNTED}
        counts |= {str(outcome): counts.get(outcome, 0) for outcome in LEFT}
        return counts | {outcome: counts[outcome] + rows for outcome, rows in self.staged().items() if outcome in LEFT}

    def staged(self) -> dict[str, int]:
        """How many staged rows there are of each outcome that has any."""
        return dict(self.rows.order_by().values_list("outcome").annotate(models.Count("pk")))

    @property
    def changed_anything(self) -> bool:
        return self.stored > 0

    @property
    def changed(self) -> int:
        """How many rows of the file made or changed something."""
        return self.stored


class ImportRow(models.Model):
    """A row of a list between the file and the accounts: what it says, of what it speaks, and what the import does with it.

    `values` are those of our fields that the file gives, as JSON. `account` and `object` are ids of what is stored: the account
    of the row, and the contact or assessment of a row that speaks of one. They are plain numbers, since what is removed meanwhile
    is found out when the row is stored. Rows are stored in the order of `turn` and `line`: what others stand below comes first.
    """

    class Outcome(models.TextChoices):
        CREATED = "created"
        UPDATED = "updated"
        UNCHANGED = "unchanged"
        REJECTED = "rejected"
        PASSED_OVER = "passed_over"  # as somebody chose

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()  # where the row begins in the file
    cells = models.JSONField(default=list)
    values = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    problems = models.JSONField(default=list)  # field, name of the column, and reason of each
    outcome = models.CharField(max_length=11, choices=Outcome, default=Outcome.CREATED)
    account = models.BigIntegerField(null=True)
    object = models.BigIntegerField(null=True)
    #: What other rows know the row by; of accounts source and external id, of contacts the address, of past levels the day.
    identity = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=250, blank=True)  # in lower case
    name_key = models.CharField(max_length=250, blank=True)
    domain_key = models.CharField(max_length=250, blank=True)
    above = models.PositiveIntegerField(null=True)  # the line of the row that makes its parent or superior
    above_stored = models.BigIntegerField(null=True)  # the id of its parent or superior that is stored
    is_above = models.BooleanField(default=False)  # rows stand below it
    turn = models.PositiveIntegerField(default=0)
    ask = models.CharField(max_length=10, blank=True)  # what a person may choose for the row, see `importing.row_choices`
    candidates = models.JSONField(default=list)  # ids of stored things that it may be
    earlier = models.PositiveIntegerField(null=True)  # the line of an earlier row that it looks like
    choice = models.CharField(max_length=20, blank=True)  # "", or what was chosen

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "line"], name="import_row_once_a_line")]
        indexes: ClassVar = [
            models.Index(fields=["job", "turn", "line"], name="import_row_in_order"),
            models.Index(fields=["job", "account", "line"], name="import_row_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}:{self.line}"

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], *, fetch_mode: Any = None) -> Self:
        """As Django does it, but in a fifth of the time: a long list is read several times."""
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        if fetch_mode is not None:
            row._state.fetch_mode = fetch_mode
        row.__dict__.update(zip(field_names, values, strict=True))
        return row


class ImportBatch(models.Model):
    """Rows that were stored in one transaction, up to the row at `turn` and `line`, and how many came to each outcome.

    `changes` has the id of each event in the trail, and the version that its object got. What stood there before is in the
    event, and only there: where a person is erased it goes from one place. `undone` tells what was taken back of it.
    """

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    turn = models.PositiveIntegerField(default=0)
    line = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    accounts_made = models.PositiveIntegerField(default=0)  # for rows that are no accounts
    changes = models.JSONField(default=list)
    undone = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "number"], name="import_batch_once")]


COUNTED = ("created", "updated", "accounts_made")
LEFT = (ImportRow.Outcome.UNCHANGED, ImportRow.Outcome.REJECTED, ImportRow.Outcome.PASSED_OVER)


class ImportMemory(models.Model):
    """What a person said of files whose header names have this `shape`: the `columns`, and the `answers` to questions about values."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    shape = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)  # by field, then by the text of the cell

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "shape"], name="import_memory_once_a_shape")]
