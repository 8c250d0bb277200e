"""A list imported from end to end, as a page or the command does it, and what came of it."""

from dataclasses import dataclass, field
from typing import Any

from core.job_runner import work_on
from importing.check import check, keep_check
from importing.jobs import guessed, start_job
from importing.kinds import kind_called
from importing.mapping import with_money_choice
from importing.models import ImportJob, ImportRow
from importing.reading.table import read_table


@dataclass
class Ran:
    created: int
    updated: int
    unchanged: int
    rejected: int
    passed_over: int
    problems: list[str] = field(default_factory=list)
    written: bool = False
    job: Any = None

    @property
    def questions(self) -> list[tuple[str, str]]:
        """Field and text of each value that nobody knows: a person is asked before anything is imported."""
        return [(one["field"], one["text"]) for one in self.job.questions]

    @property
    def summary(self) -> str:
        return f"created {self.created}, updated {self.updated}, unchanged {self.unchanged}, rejected {self.rejected}"

    @property
    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("created", "updated", "unchanged", "rejected")}


def counts_of(job: ImportJob) -> dict[str, int]:
    """How many staged rows have each outcome."""
    return {name: job.rows.filter(outcome=name).count() for name in ("created", "updated", "unchanged", "rejected")}


def columns_of(table, kind="accounts"):
    """The columns as they are guessed; a revenue is what they buy from us."""
    mapping = guessed(table) if kind == "accounts" else kind_called(kind).guess(table)
    return with_money_choice(table.headers, mapping, "ours") if kind == "accounts" else mapping


def checked(content, by, *, kind="accounts", mapping=None, options=None, choices=None) -> tuple[ImportJob, Any]:
    """The import of a list whose rows are checked, with the work on it."""
    content = content if isinstance(content, bytes) else content.encode()
    table = read_table(content)
    mapping = mapping or columns_of(table, kind)
    job = start_job(by, "list.csv", content, table, kind=kind)
    job.columns = {str(index): name for index, name in mapping.items()}
    job.options = {"owner": by.pk if by else None} | (options or {})
    job.options |= {"choices": {str(line): str(choice) for line, choice in (choices or {}).items()}}
    job.save()
    work = check(job)
    keep_check(job, work)
    return job, work


def read_in_small_pieces(monkeypatch) -> None:
    """Fifty rows and some kB at a time: then hundreds of rows show what thousands do."""
    monkeypatch.setattr("importing.check.CHUNK", 50)
    monkeypatch.setattr("importing.list_work.BATCH", 50)
    monkeypatch.setattr("importing.jobs.PIECE", 4096)
    monkeypatch.setattr("importing.reading.text.PIECE", 4096)


def problems_of(job: ImportJob) -> list[str]:
    rows = job.rows.filter(outcome=ImportRow.Outcome.REJECTED).order_by("line").values_list("line", "problems")
    return [
        f"Row {line}, {column}: {reason}" if column else f"Row {line}: {reason}"
        for line, found in rows
        for column, reason in found
    ]


def ran(job: ImportJob, *, written: bool) -> Ran:
    counts = {name: job.rows.filter(outcome=name).count() for name in ImportRow.Outcome.values}
    problems = problems_of(job)
    if written:
        counts |= job.report
    elif problems or job.questions:
        counts |= {"created": 0, "updated": 0}
    names = ("created", "updated", "unchanged", "rejected", "passed_over")
    return Ran(*(counts.get(name, 0) for name in names), problems, written, job)


def import_list(content, by, *, skip_rejected=False, dry_run=False, **how) -> Ran:
    """Check a list and store it, unless something is asked or a row is rejected; with `skip_rejected` the other rows."""
    job, _work = checked(content, by, **how)
    rejected = job.rows.filter(outcome=ImportRow.Outcome.REJECTED).exists()
    if dry_run or job.questions or (rejected and not skip_rejected):
        return ran(job, written=False)
    job.store(state=ImportJob.State.WAITING, skip_rejected=skip_rejected)
    while job.is_under_way:  # each task of the worker ends after some seconds
        work_on(job)
    assert job.state == ImportJob.State.DONE, job.failure
    return ran(job, written=True)
