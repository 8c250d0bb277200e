"""What the worker does for accounts by the clock."""

from crontask import cron
from django.tasks import task

from accounts import derived, outbox


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
