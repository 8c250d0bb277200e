"""The worker, as the queue calls it for one job."""

from core.job_runner import run_job
from core.jobs import Job


def work_on(job: Job) -> str:
    """Go on with a job as it is stored; the state that it came to."""
    return run_job.call(job._meta.label_lower, job.pk)
