"""Periodic tasks: delete outdated rows, and re-enqueue the tasks of a worker that was killed."""

from datetime import timedelta

from crontask import cron
from django.core.management import call_command
from django.db import transaction
from django.tasks import TaskResultStatus, task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from api.models import IdempotencyRecord
from core import job_runner
from core.models import FormKey
from importing.work import forget_old_rows

LOST_AFTER = timedelta(minutes=10)  # longer than any task runs
MOST_STARTS = 3  # of a task that kills its worker each time


class WorkerLost(Exception):
    """The worker was killed at each start of the task."""


@cron("20 3 * * *")
@task
def tidy() -> None:
    """Delete ended sessions, old results of tasks, outdated jobs with the lists that were uploaded for them, the rejected rows of
    imports, answers of the API that are older than a day, and keys of forms that are older than a week.
    """
    call_command("clearsessions")
    call_command("prune_db_task_results", verbosity=0)
    for kind in job_runner.kinds():
        kind.model.objects.outdated().delete()
    forget_old_rows()
    IdempotencyRecord.objects.outdated().delete()
    FormKey.objects.outdated().delete()


@cron("*/5 * * * *")
@task
@transaction.atomic
def take_up_lost_tasks() -> int:
    """Put tasks whose worker was killed back into the queue; returns their number.

    Every task is idempotent: it records its progress in the transaction of its work, or repeating it has the same result.
    Jobs of people are resumed within seconds (`core.job_runner`); `mailing.outbox` handles letters that may have been sent.
    """
    began_before = timezone.now() - LOST_AFTER
    lost = list(DBTaskResult.objects.running().filter(started_at__lt=began_before).select_for_update(skip_locked=True))
    for one in lost:
        if len(one.worker_ids) >= MOST_STARTS:
            one.set_failed(WorkerLost())
        else:
            one.status, one.started_at = TaskResultStatus.READY, None
            one.save(update_fields=["status", "started_at"])
    return len(lost)
