"""The nightly tidying: what it deletes, what it keeps, and the tasks that it gives back to the queue."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import BulkChange
from api.models import IdempotencyRecord
from config.tasks import LOST_AFTER, MOST_STARTS, take_up_lost_tasks, tidy
from core.models import FormKey
from tests.factories import make_user

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("more", "kept"), [(-MINUTE, True), (MINUTE, False)])
class TestOutdated:
    def test_answers_of_the_api_are_kept_for_a_day(self, more, kept):
        begun = timezone.now() - timedelta(hours=24) - more
        IdempotencyRecord.objects.create(user=make_user(), key="one", fingerprint="x", begun_at=begun, status=201)
        tidy.call()
        assert IdempotencyRecord.objects.exists() == kept

    def test_keys_of_forms_are_kept_for_a_week(self, more, kept):
        made = timezone.now() - timedelta(days=7) - more
        FormKey.objects.create(user=make_user(), key="k" * 32, content="x", leads_to="/", made_at=made)
        tidy.call()
        assert FormKey.objects.exists() == kept

    def test_jobs_are_kept_for_ninety_days(self, more, kept):
        started = timezone.now() - timedelta(days=90) - more
        BulkChange.objects.create(user=make_user(), state="done", started_at=started, finished_at=started)
        tidy.call()
        assert BulkChange.objects.exists() == kept

    def test_sessions_are_kept_until_they_end(self, more, kept):
        Session.objects.create(session_key="s", session_data="", expire_date=timezone.now() - more)
        tidy.call()
        assert Session.objects.exists() == kept


def test_tidying_an_empty_database_and_twice_breaks_nothing():
    tidy.call()
    tidy.call()


def test_old_results_of_tasks_are_deleted_and_waiting_ones_are_not():
    for _ in range(2):
        tidy.enqueue()
    done, _waiting = DBTaskResult.objects.order_by("enqueued_at")
    long_ago = timezone.now() - timedelta(days=400)
    DBTaskResult.objects.filter(pk=done.pk).update(status="SUCCESSFUL", finished_at=long_ago, enqueued_at=long_ago)
    tidy.call()
    assert list(DBTaskResult.objects.values_list("status", flat=True)) == ["READY"]


class TestLostTasks:
    def running(self, age: timedelta, workers: int = 1) -> DBTaskResult:
        tidy.enqueue()
        task = DBTaskResult.objects.get(status="READY")
        for n in range(workers):
            task.claim(f"worker {n}")
        DBTaskResult.objects.filter(pk=task.pk).update(started_at=timezone.now() - age)
        return task

    @pytest.mark.parametrize(("more", "taken"), [(-MINUTE, 0), (MINUTE, 1)])
    def test_ten_minutes_are_the_limit(self, more, taken):
        task = self.running(LOST_AFTER + more)
        assert timedelta(minutes=10) == LOST_AFTER
        assert take_up_lost_tasks.call() == taken
        task.refresh_from_db()
        assert (task.status, task.started_at is None) == (("READY", True) if taken else ("RUNNING", False))

    @pytest.mark.parametrize(("starts", "status"), [(1, "READY"), (MOST_STARTS - 1, "READY"), (MOST_STARTS, "FAILED")])
    def test_a_task_is_given_up_at_the_third_start(self, starts, status):
        assert MOST_STARTS == 3
        task = self.running(LOST_AFTER + MINUTE, starts)
        assert take_up_lost_tasks.call() == 1
        task.refresh_from_db()
        assert task.status == status

    def test_each_lost_task_is_counted_and_others_are_left_alone(self):
        lost = [self.running(LOST_AFTER + MINUTE) for _ in range(2)]
        fresh = self.running(MINUTE)
        tidy.enqueue()
        assert take_up_lost_tasks.call() == 2
        assert take_up_lost_tasks.call() == 0
        fresh.refresh_from_db()
        assert fresh.status == "RUNNING"
        assert DBTaskResult.objects.filter(status="READY").count() == len(lost) + 1
