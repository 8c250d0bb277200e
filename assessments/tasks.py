"""What the worker does for assessments by the clock, and for many accounts at once."""

from crontask import cron
from django.tasks import task

from assessments import bulk_rounds, invitations
from audit import days


@cron("30 8 * * *")
@task
def remind_contacts() -> int:
    """In the morning, since people read it then; how many were halfway and have not answered."""
    return invitations.remind(days.today())


@task
def ask_many(job_id: int) -> int:
    """Some of the accounts of one order, then the next ones in a task of their own; how many were done."""
    return bulk_rounds.work_on(job_id)


@cron("*/10 * * * *")
@task
def go_on_asking() -> int:
    """Orders that no worker is at any more are taken up again; how many there were."""
    return bulk_rounds.take_up_again()
