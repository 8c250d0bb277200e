"""What the worker does for accounts by the clock."""

from crontask import cron
from django.tasks import task

from accounts import bulk, derived, outbox
from accounts.importing import work


@cron("5 0 * * *")
@task
def refresh_derived_columns() -> int:
    """Shortly after midnight, since the status of a target depends on the day; the number of accounts that changed."""
    return derived.refresh_all()


@cron("* * * * *")
@task
def deliver_letters() -> int:
    """Each minute, and at once when a letter is posted; how many letters were taken."""
    return outbox.deliver_due()


@task
def change_many(change_id: int) -> int:
    """Some batches of a change of many accounts, then the next ones in a task of their own; how many were done."""
    return bulk.work_on(change_id)


@cron("*/10 * * * *")
@task
def go_on_changing() -> int:
    """Changes that no worker is at any more are taken up again; how many there were."""
    return bulk.take_up_again()


@task
def import_list(job_id: int) -> str:
    """A long import, or taking one back; the state that it came to."""
    return work.work_on(job_id)


@cron("*/10 * * * *")
@task
def go_on_importing() -> int:
    """Imports that no worker is at any more are taken up again; how many there were."""
    return work.take_up_again()
