"""What a person sees of an import before it is done. Of a long list the worker finds it out and leaves it with the job."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

from django.db import transaction
from django.utils import timezone, translation

from core.jobs import JobCancelled
from importing.jobs import check, table_of
from importing.kinds import Kind, kind_of
from importing.look_alikes import LookAlikes
from importing.models import ImportJob
from importing.plan import Difference, Outcome
from importing.reading.table import Table
from importing.rejected import rejected_csv
from importing.rows import Problem

State = ImportJob.State


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that changes what is stored, field by field."""

    heading: str
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Preview:
    """Plain values alone, for it is kept as JSON; the texts are in `language`."""

    language: str
    counts: dict[str, int]  # rows of each outcome
    passed_over: int  # rows that the importer chose to leave out
    notes: list[str]
    problems: list[Problem]  # the first 1 000
    more_problems: int
    updated: list[Changed]  # the first 25
    created: list[dict[str, Any]]  # the first 25, as the kind's `new_row` gives them

    @classmethod
    def of(cls, plan: Any, kind: Kind) -> Self:
        return cls(
            language=translation.get_language() or "",
            counts=plan.counts,
            passed_over=plan.passed_over,
            notes=list(plan.notes),
            problems=plan.problems,
            more_problems=plan.more_problems,
            updated=[Changed(row.heading, row.differences) for row in plan.of(Outcome.UPDATED)],
            created=[kind.new_row(row) for row in plan.of(Outcome.CREATED)],
        )

    @classmethod
    def kept(cls, data: dict[str, Any]) -> Self:
        """From what `asdict` made of one."""
        problems = [Problem(**problem) for problem in data["problems"]]
        updated = [Changed(row["heading"], [Difference(**one) for one in row["differences"]]) for row in data["updated"]]
        return cls(**data | {"problems": problems, "updated": updated})

    @property
    def importable(self) -> int:
        return self.counts[Outcome.CREATED] + self.counts[Outcome.UPDATED]

    @property
    def more_updated(self) -> int:
        return self.counts[Outcome.UPDATED] - len(self.updated)

    @property
    def more_created(self) -> int:
        return self.counts[Outcome.CREATED] - len(self.created)


class Seen(NamedTuple):
    preview: Preview
    alike: LookAlikes | None  # None for what is no list of accounts


def seen(job: ImportJob) -> Seen | None:
    """What importing the job's file would do, and new rows that look like what is here.

    A short list is looked through now; of a long one it is what its last check found, None if there was none in this
    language. Raises NotNow.
    """
    if not job.is_long:
        plan = check(job, table_of(job), alike=True)
        return Seen(Preview.of(plan, kind_of(job)), plan.alike)
    if job.preview is None or job.preview["language"] != translation.get_language():
        return None
    options = kind_of(job).options(job.user, job.options)
    return Seen(Preview.kept(job.preview), LookAlikes.kept(job.alike, options) if job.alike else None)


def look_through(job: ImportJob, table: Table, tick: Callable[[int], None]) -> None:
    """Check a long list, and keep what was found if it is still asked for. Raises NotNow, JobCancelled."""
    plan = check(job, table, alike=True, keep_rejected=True, tick=tick)
    found, alike = asdict(Preview.of(plan, kind_of(job))), plan.alike
    rejected = rejected_csv(table, plan)
    with transaction.atomic():
        now = ImportJob.objects.select_for_update().get(pk=job.pk)
        # It may have been cancelled and begun again with other columns, while this check of the former ones went on.
        if now.state != State.CHECKING or (now.kind, now.columns, now.options) != (job.kind, job.columns, job.options):
            raise JobCancelled
        now.state, now.checked_at, now.done, now.heartbeat_at = State.DRAFT, timezone.now(), now.total, None
        now.preview, now.alike, now.rejected = found, alike.as_json() if alike else None, rejected
        now.save(update_fields=["state", "checked_at", "done", "heartbeat_at", "preview", "alike", "rejected"])
