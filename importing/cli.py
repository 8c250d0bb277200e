"""What the commands of an import share: what an operator names, and the run from the file to the report."""

from pathlib import Path
from typing import Any, Protocol

from django.core.management.base import CommandError

from accounts.assignable import assignable_owners, assignable_teams
from accounts.models import Team, User
from core.job_runner import work_on
from importing.check import check, keep_check
from importing.jobs import start_job
from importing.list_work import ListWork
from importing.mapping import Mapping
from importing.models import ImportJob, ImportRow
from importing.reading.table import MAX_BYTES, Table, UnreadableFile, read_table
from importing.rows import Problem

MOST_PROBLEMS = 1000  # that are printed
COUNTED = ("created", "updated", "unchanged", "rejected")


class Output(Protocol):
    def write(self, text: str) -> None: ...


def content_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CommandError(f"{path} is larger than {MAX_BYTES // 1024**2} MB. Divide it into smaller files.")
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def table_in(path: Path, content: bytes, *, names_in_row: int | None = None, most_rows: int | None = None) -> Table:
    try:
        return read_table(content, names_in_row=names_in_row, most_rows=most_rows)
    except UnreadableFile as error:
        raise CommandError(f"{path}: {error}") from error


def owner_called(email: str | None) -> User | None:
    """The one who is named, else the first administrator, who can hand the accounts out."""
    people = assignable_owners(None)
    if email is None:
        return people.filter(role=User.Role.ADMINISTRATOR).order_by("pk").first()
    person = people.filter(email__iexact=email).first()
    if person is None:
        raise CommandError(f"{email} is not someone here who may own accounts.")
    return person


def team_called(name: str | None) -> Team | None:
    if name is None:
        return None
    team = assignable_teams(None).filter(name__iexact=name).first()
    if team is None:
        raise CommandError(f"There is no team called {name}.")
    return team


def checked(
    kind: str, path: Path, content: bytes, table: Table, mapping: Mapping, options: dict[str, Any]
) -> tuple[ImportJob, ListWork]:
    """The import of a file by an operator, with its rows checked. Raises NotNow."""
    job = start_job(None, path.name, content, table, kind=kind, names_in_row=table.names_in_row)
    job.columns, job.options = {str(index): field for index, field in mapping.items()}, options
    job.save(update_fields=["columns", "options"])
    work = check(job)
    keep_check(job, work)
    return job, work


def tell_problems(job: ImportJob, stderr: Output) -> int:
    """Print why rows are rejected; how many rows are."""
    rejected = job.rows.filter(outcome=ImportRow.Outcome.REJECTED)
    printed = 0
    for line, problems in rejected.order_by("line").values_list("line", "problems")[:MOST_PROBLEMS]:
        for column, reason in problems:
            printed += 1
            if printed <= MOST_PROBLEMS:
                stderr.write(str(Problem(line, column, reason)))
    rows = rejected.count()
    if rows > MOST_PROBLEMS or printed > MOST_PROBLEMS:
        stderr.write(f"and more: {rows} rows are rejected")
    return rows


def store(job: ImportJob) -> ImportJob:
    """Store the rows of a checked import. A run that is killed is taken up by the worker."""
    job.store(state=ImportJob.State.WAITING, skip_rejected=True)
    while job.is_under_way:
        work_on(job)
    if job.state != ImportJob.State.DONE:
        raise CommandError(job.failure or "The import was cancelled.")
    return job


def summary(counts: dict[str, int]) -> str:
    """The line that scripts read; not translated."""
    return ", ".join(f"{name} {counts.get(name, 0)}" for name in COUNTED)


def planned_counts(job: ImportJob, *, refused: bool) -> dict[str, int]:
    """How many rows would come to each outcome; of a file that is `refused` nothing is created or updated."""
    return job.staged() | ({"created": 0, "updated": 0} if refused else {})
