"""Jobs of all kinds: states, the heartbeat, taking up what stands still, and cancelling."""

import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.acts import bulk_change
from accounts.acts.bulk_change import Act, BulkChangeKind, Order
from accounts.models import Account, BulkChange
from core import job_runner
from core.job_runner import kinds, take_up_lost_jobs
from core.tasks import look_for_lost_jobs
from importing.models import ImportJob
from surveys.models import BulkRounds
from tests.factories import make_account, make_user
from tests.jobs import work_on

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr("accounts.acts.bulk_change.BATCH", 2)


@pytest.fixture
def job() -> BulkChange:
    """Five accounts to archive, in three batches."""
    owner = make_user()
    for _ in range(5):
        make_account(owner=owner)
    return bulk_change.start(Account.objects.all(), Order(Act.ARCHIVE), by=owner)


def queued() -> int:
    return DBTaskResult.objects.filter(task_path="core.job_runner.run_job").count()


def archived() -> int:
    return Account.objects.archived().count()


def test_every_kind_of_job_is_registered():
    assert {kind.model for kind in kinds()} == {BulkChange, BulkRounds, ImportJob}


class TestHeartbeat:
    def running(self, job, **fields) -> None:
        BulkChange.objects.filter(pk=job.pk).update(state="running", **fields)

    def test_a_job_whose_heartbeat_stopped_six_seconds_ago_is_queued_again_once(self, job):
        self.running(job, heartbeat_at=timezone.now() - timedelta(seconds=7))
        assert (take_up_lost_jobs(), take_up_lost_jobs(), queued()) == (1, 0, 1)
        assert work_on(job) == "done" and archived() == 5

    def test_one_whose_heart_beats_is_left_alone(self, job):
        self.running(job, heartbeat_at=timezone.now() - timedelta(seconds=5))
        assert take_up_lost_jobs() == 0

    def test_one_that_waits_in_a_long_queue_is_not_queued_again_each_time(self, job):
        with time_machine.travel(timezone.now() + timedelta(minutes=4)):
            assert take_up_lost_jobs() == 0

    def test_one_that_no_worker_heard_of_is(self, job):
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            assert take_up_lost_jobs() == 1

    @pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
    def test_one_that_is_over_is_not(self, job, state):
        long_ago = timezone.now() - timedelta(hours=1)
        BulkChange.objects.update(state=state, finished_at=timezone.now(), heartbeat_at=long_ago, queued_at=long_ago)
        assert take_up_lost_jobs() == 0

    def test_a_database_that_is_away_leaves_it_to_the_next_worker(self, job, monkeypatch):
        def away(*args):
            raise OperationalError

        with monkeypatch.context() as patch:
            patch.setattr(BulkChangeKind, "do", away)
            with pytest.raises(OperationalError):
                work_on(job)
        job.refresh_from_db()
        assert (job.state, archived()) == ("running", 0)
        with time_machine.travel(timezone.now() + timedelta(seconds=11)):
            assert take_up_lost_jobs() == 1
        assert work_on(job) == "done"

    def test_one_that_loses_every_worker_fails_in_words(self, job, client):
        for _ in range(job_runner.MOST_LOSSES):
            self.running(job, heartbeat_at=timezone.now() - timedelta(seconds=11))
            assert take_up_lost_jobs() == 1
        assert queued() == job_runner.MOST_LOSSES
        self.running(job, heartbeat_at=timezone.now() - timedelta(seconds=11))
        take_up_lost_jobs()
        job.refresh_from_db()
        assert (queued(), job.state) == (job_runner.MOST_LOSSES, "failed")
        client.force_login(job.user)
        page = client.get(job.get_absolute_url()).text
        assert "Something went wrong on our side" in page and "<h2>Failed</h2>" in page

    def test_a_batch_in_between_forgives_the_losses(self, job):
        BulkChange.objects.update(losses=5)
        job_runner.kind_of(job).do_next(job)
        job.refresh_from_db()
        assert job.losses == 0

    @pytest.mark.django_db(transaction=True)
    def test_it_beats_while_one_batch_takes_long(self, job, monkeypatch):
        monkeypatch.setattr(job_runner, "BEAT", 0.05)
        first, later = [], []

        def run(self, job):
            end = time.monotonic() + 20
            first.append(BulkChange.objects.get().heartbeat_at)
            while time.monotonic() < end and not later:
                later.extend(BulkChange.objects.filter(heartbeat_at__gt=first[0]))
                time.sleep(0.01)
            return False

        monkeypatch.setattr(BulkChangeKind, "run", run)
        work_on(job)
        assert later
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("heartbeat")]

    @pytest.mark.django_db(transaction=True)
    def test_the_clock_looks_for_lost_jobs_and_leaves_no_connection(self, job):
        self.running(job, heartbeat_at=timezone.now() - timedelta(seconds=11))
        DBTaskResult.objects.all().delete()
        look_for_lost_jobs()
        assert queued() == 1
        connection.ensure_connection()


class TestCancelling:
    def test_what_is_done_stays_and_can_be_taken_back(self, job):
        job_runner.kind_of(job).do_next(job)
        assert job.cancel() and not job.cancel()
        assert work_on(job) == "cancelled"
        job.refresh_from_db()
        assert (archived(), job.done, job.may_be_undone) == (2, 2, True)
        job_runner.undo(job, by=job.user)
        assert work_on(job) == "undone"
        job.refresh_from_db()
        assert (archived(), job.restored, job.done, job.total) == (0, 2, 2, 2)

    def test_where_nothing_is_done_there_is_nothing_to_take_back(self, job):
        job.cancel()
        job.refresh_from_db()
        assert not job.may_be_undone

    def test_a_batch_during_which_it_is_cancelled_is_not_done(self, job, monkeypatch):
        do = bulk_change._do

        def meanwhile(batch, change):
            counts = do(batch, change)
            if batch.number == 1:
                BulkChange.objects.get().cancel()
            return counts

        monkeypatch.setattr(bulk_change, "_do", meanwhile)
        work_on(job)
        assert archived() == 2  # and not four; within one connection the cancelling is rolled back with the batch

    def test_taking_back_cannot_be_cancelled(self, job):
        work_on(job)
        job.refresh_from_db()
        job = job_runner.undo(job, by=job.user)
        assert not job.cancel()


class TestStates:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"state": "nowhere"},
            {"state": "done"},
            {"finished_at": timezone.now()},
            {"undone_at": timezone.now()},
            {"state": "undone", "finished_at": timezone.now()},
        ],
    )
    def test_one_that_cannot_be_is_refused_by_the_database(self, job, wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            BulkChange.objects.update(**wrong)

    def test_a_fault_of_ours_fails_it_in_words_and_is_over(self, job, monkeypatch):
        monkeypatch.setattr(BulkChangeKind, "waiting", lambda self, job: 1 / 0)
        assert work_on(job) == "failed"
        job.refresh_from_db()
        assert "Something went wrong on our side. What is done by now stays so." in job.failure and job.finished_at

    def test_a_job_that_is_gone_is_nothing_to_do(self, job):
        pk, label = job.pk, job._meta.label_lower
        job.delete()
        assert job_runner.run_job.call(label, pk) == ""
