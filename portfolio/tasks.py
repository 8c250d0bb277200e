"""What the worker does for the portfolio by the clock."""

from crontask import cron
from django.tasks import task
from django.utils import timezone

from portfolio import digest


@cron("0 * * * *")
@task
def post_digests() -> int:
    """Each hour, since Monday morning comes to each time zone in its own; for how many it is that now."""
    return digest.post_due(timezone.now())
