"""The background worker: tasks from the queue, and the nightly refresh of what depends on the day."""

import threading
from datetime import timedelta

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from accounts import derived


class Command(BaseCommand):
    help = "Run the background worker. Safe to run many of: the nightly refresh writes only what is out of date."

    def handle(self, **options) -> None:
        threading.Thread(target=_refresh_each_night, daemon=True).start()
        call_command("db_worker", queue_name="*", reload=False)


def _refresh_each_night() -> None:
    """Refresh the derived columns now and shortly after each midnight of the organisation: a status depends on the day."""
    while True:
        close_old_connections()
        derived.refresh_all()
        now = timezone.localtime()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=5, second=0, microsecond=0)
        threading.Event().wait((midnight - now).total_seconds())
