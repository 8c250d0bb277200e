"""Housekeeping by the clock: what is no longer needed goes."""

from crontask import cron
from django.core.management import call_command
from django.tasks import task

from accounts.models import ImportJob


@cron("20 3 * * *")
@task
def tidy() -> None:
    """Drop sessions that ended, results of tasks long done, and uploaded customer lists that nobody came back to."""
    call_command("clearsessions")
    call_command("prune_db_task_results", verbosity=0)
    ImportJob.objects.outdated().delete()
