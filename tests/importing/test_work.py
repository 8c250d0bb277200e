"""Long imports in the worker: progress, cancelling, and workers that are killed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Account, Contact, Tag, User
from audit import trail
from audit.models import Event
from core.job_runner import take_up_lost_jobs
from importing import check as checking
from importing import work
from importing.models import ImportBatch, ImportJob
from tests.factories import make_account, make_user
from tests.import_pages import choose, upload
from tests.jobs import work_on

State = ImportJob.State
LIST = "name,city,tags,contact name\n" + "".join(f"Acme {n},Rome,new,Jo {n}\n" for n in range(12))


class Killed(BaseException):
    """Nothing of ours catches it, as nothing catches a worker's end."""


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr("importing.models.LARGE", 3)
    monkeypatch.setattr(checking, "TICK", 4)
    monkeypatch.setattr("importing.apply.BATCH", 4)


@pytest.fixture
def manager(client, db):
    manager = make_user()
    client.force_login(manager)
    return manager


def order(client, text=LIST, **post) -> ImportJob:
    """Upload, choose the columns, have it checked, and say that it may be imported."""
    job = upload(client, text)
    names = ("name", "city", "tags", "contact_name")
    choose(client, job, **{f"column_{index}": name for index, name in enumerate(names)})
    client.get(reverse("importing:check", args=[job.pk]))
    work_on(job)
    DBTaskResult.objects.all().delete()
    client.post(reverse("importing:check", args=[job.pk]), post)
    job.refresh_from_db()
    return job


def report(client, job, **headers):
    return client.get(reverse("importing:report", args=[job.pk]), **headers)


def written():
    return Account.objects.count(), Contact.objects.count(), Tag.objects.count(), ImportBatch.objects.count()


def events():
    return Event.objects.exclude(act="import.mapping_remembered").count()


@pytest.mark.django_db(transaction=True)
def test_a_long_list_is_handed_to_the_worker_who_imports_it_whole(client, manager):
    job = order(client)
    assert (job.state, job.total, written()) == (State.WAITING, 12, (0, 0, 0, 0))
    assert DBTaskResult.objects.filter(task_path="core.job_runner.run_job").count() == 1
    assert "Waiting for its turn" in report(client, job).text
    assert work_on(job) == State.DONE
    job.refresh_from_db()
    assert (job.report["created"], job.done, bytes(job.content)) == (12, 12, b"")
    assert written()[:3] == (12, 12, 1)
    assert "Take the import back" in report(client, job).text


def test_a_short_list_is_imported_at_once(client, manager):
    assert order(client, "name,city,tags,contact name\nAcme,,,\n").state == State.DONE


def test_sent_twice_it_is_one_import(client, manager, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as told:
        job = order(client)
        response = client.post(reverse("importing:check", args=[job.pk]))
    assert response.url == reverse("importing:report", args=[job.pk])
    assert len(told) == 2  # the check, and the import
    for _ in range(2):
        work_on(job)
    assert Account.objects.count() == 12


def test_the_page_tells_how_far_it_is_and_asks_again(client, manager):
    job = order(client)
    ImportJob.objects.filter(pk=job.pk).update(state=State.RUNNING, done=8)
    page = report(client, job).text
    assert "8 of 12 rows checked" in page
    assert 'hx-trigger="every 2s"' in page and 'http-equiv="refresh"' in page
    part = report(client, job, headers={"HX-Request": "true"}).text
    assert "8 of 12 rows checked" in part and "<html" not in part
    ImportJob.objects.filter(pk=job.pk).update(done=12)
    assert "stored, all at once" in report(client, job).text


def test_it_counts_the_rows_on_the_way(client, manager, monkeypatch):
    job, seen = order(client), []
    beat = ImportJob.beat
    monkeypatch.setattr(ImportJob, "beat", lambda job, **columns: (seen.append(columns.get("done")), beat(job, **columns)))
    work_on(job)
    assert seen == [None, 0, 4, 8, 12, 12]


def test_cancelled_before_the_worker_comes_it_is_not_imported(client, manager):
    job = order(client)
    page = client.post(reverse("importing:cancel", args=[job.pk]), follow=True).text
    assert "Import cancelled" in page and "Nothing was stored" in page
    assert work_on(job) == State.CANCELLED
    assert written() == (0, 0, 0, 0)


@pytest.mark.parametrize("moment", ["checking", "storing"])
def test_cancelled_on_the_way_nothing_is_stored(client, manager, monkeypatch, moment):
    job, before = order(client), events()
    if moment == "checking":
        real = ImportJob.beat

        def meanwhile(job, **columns):
            if columns.get("done") == 8:
                assert job.cancel()
            real(job, **columns)

        monkeypatch.setattr(ImportJob, "beat", meanwhile)
    else:
        real, calls = work._still_wanted, []

        def meanwhile(job):
            calls.append(job)
            if len(calls) == 4:
                assert job.cancel()
            real(job)

        monkeypatch.setattr(work, "_still_wanted", meanwhile)
    state = work_on(job)
    assert (written(), events()) == ((0, 0, 0, 0), before)
    # Within one connection the cancelling is undone with the rest; from another one it stays.
    assert state == (State.CANCELLED if moment == "checking" else State.RUNNING)


def test_cancelled_while_the_last_row_is_written_nothing_is_stored(client, manager, monkeypatch):
    job = order(client)
    real = trail.record_many

    def last(changes, *, by):
        ImportJob.objects.filter(pk=job.pk).update(state=State.CANCELLED, finished_at=timezone.now())
        return real(changes, by=by)

    monkeypatch.setattr(work, "_still_wanted", lambda job: None)
    monkeypatch.setattr(trail, "record_many", last)
    work_on(job)
    assert written() == (0, 0, 0, 0)


def test_what_is_done_cannot_be_cancelled(client, manager):
    job = order(client)
    work_on(job)
    page = client.post(reverse("importing:cancel", args=[job.pk]), follow=True).text
    assert "It was done already" in page
    assert Account.objects.count() == 12


def test_what_was_cancelled_can_be_begun_again(client, manager):
    job = order(client)
    job.cancel()
    client.post(reverse("importing:check", args=[job.pk]))
    assert work_on(job) == State.DONE


@pytest.mark.parametrize("batch", [1, 2, 3, 6])
def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_one_does_it_whole(client, manager, monkeypatch, batch):
    job, before = order(client), events()
    real, calls = trail.record_many, []

    def killed(changes, *, by):
        calls.append(1)
        if len(calls) == batch:
            raise Killed
        return real(changes, by=by)

    with monkeypatch.context() as patch:
        patch.setattr(trail, "record_many", killed)
        with pytest.raises(Killed):
            work_on(job)
    job.refresh_from_db()
    assert (written(), events(), job.state, job.report) == ((0, 0, 0, 0), before, State.RUNNING, None)
    assert work_on(job) == State.DONE
    job.refresh_from_db()
    found = {act: Event.objects.filter(act=act).count() for act in ("account.created", "contact.created")}
    assert found == {"account.created": job.report["created"], "contact.created": 12}
    assert job.report["created"] == Account.objects.count() == 12
    kept = [pk for changes in ImportBatch.objects.values_list("changes", flat=True) for pk, _version in changes]
    assert sorted(kept) == sorted(Event.objects.exclude(act="import.mapping_remembered").values_list("pk", flat=True))
    assert list(trail.broken_links()) == []


def test_one_that_no_worker_is_at_any_more_is_taken_up_again(client, manager):
    job = order(client)
    DBTaskResult.objects.all().delete()
    ImportJob.objects.filter(pk=job.pk).update(state=State.RUNNING, heartbeat_at=timezone.now())
    assert take_up_lost_jobs() == 0
    ImportJob.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=11))
    assert take_up_lost_jobs() == 1
    assert DBTaskResult.objects.filter(task_path="core.job_runner.run_job").count() == 1


def test_a_row_that_became_wrong_fails_it_and_says_so(client, manager):
    make_account(name="Acme 3", owner=manager)
    job = order(client)
    Account.objects.update(owner=make_user(), team=None)
    User.objects.filter(pk=manager.pk).update(role="administrator")
    make_account(name="acme 3")
    assert work_on(job) == State.FAILED
    page = report(client, job).text
    assert "A row is rejected that was in order" in page
    assert Account.objects.count() == 2
    client.get(reverse("importing:check", args=[job.pk]))
    work_on(job)
    assert "1 row is rejected" in client.get(reverse("importing:check", args=[job.pk])).text


def test_with_rejected_rows_left_out_the_others_are_imported(client, manager):
    job = order(client, LIST + "Acme 1,Oslo,,\n", skip="yes")
    assert work_on(job) == State.DONE
    job.refresh_from_db()
    assert (job.report["created"], job.report["rejected"], b"Acme 1" in bytes(job.rejected)) == (12, 1, True)


def test_who_may_no_longer_import_does_not(client, manager):
    job = order(client)
    User.objects.filter(pk=manager.pk).update(role="viewer")
    assert work_on(job) == State.FAILED
    assert written() == (0, 0, 0, 0)


def test_a_fault_of_ours_is_told_and_a_database_that_is_away_is_waited_for(client, manager, monkeypatch):
    job = order(client)

    def broken(error):
        def check(*args, **kwargs):
            raise error

        return check

    monkeypatch.setattr(work, "check", broken(OperationalError()))
    with pytest.raises(OperationalError):
        work_on(job)
    job.refresh_from_db()
    assert job.state == State.RUNNING
    monkeypatch.setattr(work, "check", broken(ZeroDivisionError()))
    assert work_on(job) == State.FAILED
    assert "Something went wrong on our side" in report(client, job).text


def test_the_reasons_are_in_the_language_of_who_started_it(client, manager):
    User.objects.filter(pk=manager.pk).update(language="nl")
    job = order(client, LIST + "Acme 1,Oslo,,\n", skip="yes")
    work_on(job)
    job.refresh_from_db()
    assert "al in rij" in job.report["problems"][0]["reason"] or "staat" in job.report["problems"][0]["reason"]


def test_a_list_that_waits_for_a_worker_is_not_thrown_away(client, manager):
    job = order(client)
    ImportJob.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(days=2))
    assert not ImportJob.objects.outdated().exists()
    job.cancel()
    assert ImportJob.objects.outdated().exists()


@pytest.mark.on_postgres
@pytest.mark.django_db(transaction=True)
def test_cancelled_by_another_connection_while_rows_are_written_nothing_is_stored(client, manager, monkeypatch):
    job, real, written_once = order(client), trail.record_many, []

    def cancel():
        try:
            return job.cancel()
        finally:
            connection.close()

    def meanwhile(changes, *, by):
        events = real(changes, by=by)
        if not written_once:
            with ThreadPoolExecutor(1) as pool:
                written_once.append(pool.submit(cancel).result(timeout=20))
        return events

    monkeypatch.setattr(trail, "record_many", meanwhile)
    assert work_on(job) == State.CANCELLED
    assert written_once == [True]
    assert written() == (0, 0, 0, 0)


@pytest.mark.on_postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_import_it_once(client, manager):
    job, start = order(client), Barrier(2)

    def worker(_number):
        try:
            start.wait()
            return work_on(job)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert State.DONE in list(pool.map(worker, range(2)))
    assert written()[:3] == (12, 12, 1)
    assert Event.objects.filter(act="account.created").count() == 12
