"""What the worker does for all rooms by the clock."""

from apscheduler.triggers.interval import IntervalTrigger
from crontask import scheduler
from django.db import connection

from core.job_runner import take_up_lost_jobs

SECONDS = 2


def look_for_lost_jobs() -> None:
    """Runs in the clock's own thread: as a task it would leave a row of the queue every two seconds."""
    try:
        take_up_lost_jobs()
    finally:
        connection.close()


scheduler.add_job(
    look_for_lost_jobs, IntervalTrigger(seconds=SECONDS), id="take_up_lost_jobs", name="take_up_lost_jobs", replace_existing=True
)
