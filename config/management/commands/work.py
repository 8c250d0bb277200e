"""The background worker, which runs tasks from the queue, and the scheduler, which enqueues the periodic ones."""

import threading
from typing import Any

import crontask
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.module_loading import autodiscover_modules

from accounts.tasks import refresh_derived_columns


class Command(BaseCommand):
    help = "Run the background worker. Safe to run many of: a nightly task that two of them start writes nothing twice."

    def handle(self, **options: Any) -> None:
        autodiscover_modules("tasks")
        threading.Thread(target=crontask.scheduler.start, daemon=True).start()
        refresh_derived_columns.enqueue()  # the machine may have been off at night
        call_command("db_worker", queue_name="*", reload=False)
