"""Housekeeping by the clock: what is no longer needed goes, and what a killed worker left lying is taken up again."""

from datetime import timedelta

from crontask import cron
from django.core.management import call_command
from django.db import transaction
from django.tasks import TaskResultStatus, task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import BulkChange
from api.models import IdempotencyRecord
from core.models import FormKey
from importing.models import ImportJob
from surveys.models import BulkRounds

LOST_AFTER = timedelta(minutes=10)  # longer than any task of ours runs at a time
TAKEN_AT_MOST = 3  # a task that its worker never survives is not taken up for ever


class WorkerLost(Exception):
    """The worker was killed each time that the task was begun."""


@cron("20 3 * * *")
@task
def tidy() -> None:
    """Drop sessions that ended, results of tasks long done, uploaded customer lists that nobody came back to, old orders,
    what the API answered more than a day ago, and the keys of forms sent more than a week ago.
    """
    call_command("clearsessions")
    call_command("prune_db_task_results", verbosity=0)
    ImportJob.objects.outdated().delete()
    ImportJob.objects.forget_rejected()
    BulkRounds.objects.outdated().delete()
    BulkChange.objects.outdated().delete()
    IdempotencyRecord.objects.outdated().delete()
    FormKey.objects.outdated().delete()


@cron("*/5 * * * *")
@task
@transaction.atomic
def take_up_lost_tasks() -> int:
    """Put tasks whose worker was killed back into the queue; how many there were.

    Every task of ours may be begun again: what is done stands in the same transaction as what it did, or doing it again
    comes to the same. Letters have their own way to be told apart (`mailing.outbox`).
    """
    began_before = timezone.now() - LOST_AFTER
    lost = list(DBTaskResult.objects.running().filter(started_at__lt=began_before).select_for_update(skip_locked=True))
    for one in lost:
        if len(one.worker_ids) >= TAKEN_AT_MOST:
            one.set_failed(WorkerLost())
        else:
            one.status, one.started_at = TaskResultStatus.READY, None
            one.save(update_fields=["status", "started_at"])
    return len(lost)
