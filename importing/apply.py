"""The last step of an import: the rows that make or change something are stored in batches.

Each batch is a transaction of its own of about half a second, together with its events and with how far the import is. So
nobody waits long for an import, and one that is interrupted goes on after its last batch. The rows of a batch are compared
again with what is stored, under a lock: what they do is what the report counts.
"""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import trail
from core.bulk_update import update_many
from core.jobs import JobCancelled
from importing.jobs import work_of
from importing.kinds import call_afterwards
from importing.list_work import LONG, ListWork, Outcome
from importing.models import ImportBatch, ImportJob, ImportRow

SMALLEST, LARGEST = 50, 1000  # rows of a batch
SECONDS = 0.5  # that a batch takes
DELETED = 10_000  # rows that are deleted at a time
PAUSE = 0.15  # seconds; SQLite's writers look every tenth of a second whether they may write, whoever waits the longest
_IMPORT_LOCK = 0x496D706F7274  # "Import": on PostgreSQL one batch at a time, so that two imports of one list make it once


def store_all(job: ImportJob, *, until: Callable[[], bool] = lambda: False) -> bool:
    """Store batches of a running import until all are stored, or `until`; whether all are. Raises JobCancelled, NotNow."""
    work, size = work_of(job), LARGEST // 4
    job.beat(done=job.total - _waiting(job).count() + job.stored)
    while not until():
        begin = time.monotonic()
        stored = store_next(job, work, size)
        if stored == 0:
            return True
        took = time.monotonic() - begin
        size = max(SMALLEST, min(LARGEST, int(size * min(2.0, SECONDS / max(took, 0.01)))))
        pause()
    return False


def pause() -> None:
    """Let others write between two batches. On PostgreSQL who waits for a lock gets it first."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(PAUSE)


@transaction.atomic
def store_next(job: ImportJob, work: ListWork, size: int) -> int:
    """Store the next rows; how many there were, 0 when all are stored. Raises JobCancelled."""
    one_at_a_time()
    last = job.batches.order_by("-number").first() or ImportBatch(number=0)
    rows = _next_rows(job, last, size)
    if not rows:
        return 0
    note = _("Import of %(file)s") % {"file": job.filename}
    planned = {row.pk: row.outcome for row in rows}
    try:
        with transaction.atomic():
            done = work.store(rows, note)
    except IntegrityError:
        # Somebody took an external id or an address by hand between our look and our write. The second look sees it.
        done = work.store(_next_rows(job, last, size, into=rows), note)
    counts = Counter(row.outcome for row in rows)
    update_many([row for row in rows if row.outcome != planned[row.pk]], ["outcome", "problems"])
    events = trail.record_many(done.changes, by=job.user)
    objects: list[Any] = [change.obj for change in done.changes]
    changes = [(event.pk, obj.version) for event, obj in zip(events, objects, strict=True)]
    ImportBatch.objects.create(
        job=job, number=last.number + 1, turn=rows[-1].turn, line=rows[-1].line, created=counts[Outcome.CREATED],
        updated=counts[Outcome.UPDATED], accounts_made=done.accounts_made, changes=changes,
    )  # fmt: skip
    job.beat(done=F("done") + len(rows), stored=F("stored") + counts[Outcome.CREATED] + counts[Outcome.UPDATED], losses=0)
    return len(rows)


def _waiting(job: ImportJob) -> QuerySet[ImportRow]:
    """The rows that make or change something, those that are stored too."""
    return ImportRow.objects.filter(job=job, outcome__in=[Outcome.CREATED, Outcome.UPDATED])


def finish(job: ImportJob) -> None:
    """Store what the import did; of its file and rows only the rejected ones stay. Raises JobCancelled."""
    with transaction.atomic():
        report = job.counted()
        over = {"state": ImportJob.State.DONE, "finished_at": timezone.now(), "heartbeat_at": None, "failure": ""}
        running = ImportJob.objects.filter(pk=job.pk, state=job.state)
        if not running.update(report=report, content=b"", questions=[], done=F("total"), **over):
            raise JobCancelled
        call_afterwards(job)
    forget_rows(job)
    job.refresh_from_db()


def forget_rows(job: ImportJob) -> None:
    """Delete the rows of an import that is over, but for the rejected ones; some at a time, so that nobody waits for it."""
    rows = job.rows.exclude(outcome=Outcome.REJECTED)
    while last := rows.order_by("line").values_list("line", flat=True)[DELETED - 1 : DELETED].first():
        rows.filter(line__lte=last).delete()
        pause()
    rows.delete()


def one_at_a_time() -> None:
    """Until the end of the transaction no other import stores anything."""
    # SQLite's IMMEDIATE transactions already let one writer in at a time.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORT_LOCK])


def _next_rows(job: ImportJob, last: ImportBatch, size: int, *, into: list[ImportRow] | None = None) -> list[ImportRow]:
    """The next rows that make or change something, in their order; with `into` those again, as they are staged."""
    waiting = _waiting(job).defer("cells")
    if into is not None:
        again = {row.pk: row for row in waiting.filter(pk__in=[row.pk for row in into])}
        into[:] = [again[row.pk] for row in into]
        return into
    turn, line = last.turn, last.line
    while True:
        found: list[ImportRow] = []
        length = 0
        for row in waiting.filter(turn=turn, line__gt=line).order_by("line")[:size]:
            found.append(row)
            length += sum(len(value) for value in row.values.values() if isinstance(value, str))
            if length > LONG:
                break
        if found:
            return found
        later = waiting.filter(turn__gt=turn).order_by("turn").values_list("turn", flat=True).first()
        if later is None:
            return []
        turn, line = later, 0
