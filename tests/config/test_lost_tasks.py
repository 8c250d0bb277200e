"""Tasks whose worker was killed go back into the queue."""

from datetime import timedelta

import crontask
import pytest
from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django_tasks_db.models import DBTaskResult

from config.tasks import take_up_lost_tasks, tidy

pytestmark = pytest.mark.django_db


def running(minutes: int, workers: int = 1) -> DBTaskResult:
    """A task that some worker began so many minutes ago."""
    tidy.enqueue()
    task = DBTaskResult.objects.get(status="READY")
    for n in range(workers):
        task.claim(f"worker {n}")
    DBTaskResult.objects.update(started_at=timezone.now() - timedelta(minutes=minutes))
    return task


def status(task: DBTaskResult) -> str:
    task.refresh_from_db()
    return task.status


@pytest.mark.django_db(transaction=True)  # the worker minds its connection by itself
def test_a_task_that_runs_for_more_than_ten_minutes_is_taken_up_again():
    task = running(11)
    assert take_up_lost_tasks.call() == 1
    assert status(task) == "READY"
    call_command("db_worker", queue_name="*", batch=True, startup_delay=False, reload=False, verbosity=0)
    assert status(task) == "SUCCESSFUL"


def test_one_that_may_still_be_running_is_left_alone():
    task = running(9)
    assert take_up_lost_tasks.call() == 0
    assert status(task) == "RUNNING"


def test_one_that_no_worker_survives_is_given_up():
    task = running(11, workers=3)
    take_up_lost_tasks.call()
    assert (status(task), "WorkerLost" in task.exception_class_path) == ("FAILED", True)


def test_the_clock_does_it():
    autodiscover_modules("tasks")
    names = {job.name for job in crontask.scheduler.get_jobs()}
    assert {"take_up_lost_tasks", "deliver_letters", "remind_contacts", "take_up_lost_jobs"} <= names
