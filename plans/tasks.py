"""What the worker does for plans by the clock."""

from crontask import cron
from django.tasks import task

from audit import days
from plans import webhook_events


@cron("15 0 * * *")
@task
def tell_overdue_actions() -> int:
    """Shortly after midnight: what was due yesterday is late now; how many messages were written."""
    return webhook_events.tell_overdue(days.today())
