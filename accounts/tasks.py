"""What the worker does for accounts by the clock."""

from crontask import cron
from django.tasks import task

from accounts import bulk, derived, outbox, webhook_sending
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


@cron("* * * * *")
@task
def deliver_webhooks() -> int:
    """Each minute, and at once when there is something to tell; how many attempts were made."""
    return webhook_sending.deliver_due()


@cron("20 3 * * *")
@task
def forget_deliveries() -> int:
    """What webhooks were told long ago; how many messages."""
    return webhook_sending.forget_old()


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


@cron("*/2 * * * *")
@task
def go_on_importing() -> int:
    """Imports that no worker is at any more are taken up again; how many there were."""
    return work.take_up_again()
