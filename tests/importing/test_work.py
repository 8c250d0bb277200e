"""Long imports in the worker: batches, progress, cancelling, and workers that are killed. Four rows are a batch."""

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
from importing import apply as applying
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
    for name in ("SMALLEST", "LARGEST"):
        monkeypatch.setattr(applying, name, 4)
    monkeypatch.setattr(applying, "PAUSE", 0.0)


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
    work_on(job)
    DBTaskResult.objects.all().delete()
    client.post(reverse("importing:check", args=[job.pk]), post)
    job.refresh_from_db()
    return job


def report(client, job, **headers):
    return client.get(reverse("importing:report", args=[job.pk]), **headers)


def written():
    return Account.objects.count(), Contact.objects.count(), Tag.objects.count(), ImportBatch.objects.count()


def stop_after(monkeypatch, batches, act):
    """Do this when so many batches are stored."""
    real, done = applying.store_next, []

    def stored(*args):
        rows = real(*args)
        done.append(1)
        if len(done) == batches:
            act()
        return rows

    monkeypatch.setattr(applying, "store_next", stored)


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
    assert written() == (12, 12, 1, 4)  # the first batch is a quarter of the largest
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
    assert "8 of 12 rows" in page
    assert 'hx-trigger="every 2s"' in page and 'http-equiv="refresh"' in page
    part = report(client, job, headers={"HX-Request": "true"}).text
    assert "8 of 12 rows" in part and "<html" not in part
    ImportJob.objects.filter(pk=job.pk).update(done=12)
    assert "Almost done" in report(client, job).text


def test_it_counts_the_rows_on_the_way(client, manager, monkeypatch):
    job, seen = order(client), []
    real = applying.store_next
    monkeypatch.setattr(applying, "store_next", lambda *args: (real(*args), seen.append(ImportJob.objects.get().done))[0])
    work_on(job)
    assert seen == sorted(seen) and seen[-1] == 12 and len(set(seen)) == 4


def test_cancelled_before_the_worker_comes_it_is_not_imported(client, manager):
    job = order(client)
    page = client.post(reverse("importing:cancel", args=[job.pk]), follow=True).text
    assert "Import cancelled" in page and "Nothing was stored" in page
    assert work_on(job) == State.CANCELLED
    assert written() == (0, 0, 0, 0)


def test_cancelled_halfway_what_is_stored_stays_and_can_be_taken_back(client, manager, monkeypatch):
    job = order(client)
    with monkeypatch.context() as patch:
        stop_after(patch, 2, lambda: ImportJob.objects.get().cancel())
        assert work_on(job) == State.CANCELLED
    job.refresh_from_db()
    accounts = Account.objects.count()
    assert 0 < accounts < 12
    assert (job.stored, job.report["created"], job.batches.count()) == (accounts, accounts, 2)
    assert Event.objects.filter(act="account.created").count() == accounts
    told = report(client, job).text
    assert (
        "It stopped before all rows were stored." in told and "Go on with the import" in told and "Take the import back" in told
    )
    assert "Nothing was stored" not in told
    client.post(reverse("importing:undo", args=[job.pk]))
    job.refresh_from_db()
    assert (job.state, written()[:2]) == (State.UNDONE, (0, 0))
    assert client.post(reverse("importing:go_on", args=[job.pk]), follow=True).status_code == 200
    assert work_on(job) == State.UNDONE and not Account.objects.exists()
    assert list(trail.broken_links()) == []


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_one_that_stopped_halfway_goes_on_where_it_was(client, manager, monkeypatch, how):
    job = order(client)

    def stop():
        if how == "failed":
            raise ZeroDivisionError
        ImportJob.objects.get().cancel()

    with monkeypatch.context() as patch:
        stop_after(patch, 2, stop)
        assert work_on(job) == how
    before = set(Account.objects.values_list("pk", flat=True))
    assert 0 < len(before) < 12
    if how == "failed":
        assert "What is stored by now stays so" in report(client, job).text
    assert client.get(reverse("importing:check", args=[job.pk])).url == reverse("importing:report", args=[job.pk])
    client.post(reverse("importing:go_on", args=[job.pk]))
    assert work_on(job) == State.DONE
    job.refresh_from_db()
    assert before < set(Account.objects.values_list("pk", flat=True))
    assert (job.report["created"], job.stored, Account.objects.count()) == (12, 12, 12)
    assert Event.objects.filter(act="account.created").count() == 12


def test_cancelled_while_a_batch_is_written_that_batch_is_not_stored(client, manager, monkeypatch):
    job = order(client)
    real, calls = trail.record_many, []

    def last(changes, *, by):
        calls.append(1)
        if len(calls) == 2:
            ImportJob.objects.filter(pk=job.pk).update(state=State.CANCELLED, finished_at=timezone.now())
        return real(changes, by=by)

    monkeypatch.setattr(trail, "record_many", last)
    work_on(job)
    # Within one connection the cancelling is undone with the batch; from another one it stays.
    assert written()[3] == 1 and Account.objects.count() == Event.objects.filter(act="account.created").count() < 12


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
    assert work_on(job) == State.DRAFT  # it is checked again first
    client.post(reverse("importing:check", args=[job.pk]))
    assert work_on(job) == State.DONE


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_a_worker_killed_in_the_middle_leaves_whole_batches_and_the_next_one_does_the_others(client, manager, monkeypatch, batch):
    job = order(client)
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
    stored = Account.objects.count()
    assert (job.state, job.report, job.batches.count(), job.stored) == (State.RUNNING, None, batch - 1, stored)
    assert Event.objects.filter(act="account.created").count() == Contact.objects.count() == stored < 12
    assert work_on(job) == State.DONE
    job.refresh_from_db()
    found = {act: Event.objects.filter(act=act).count() for act in ("account.created", "contact.created")}
    assert found == {"account.created": job.report["created"], "contact.created": 12}
    assert job.report["created"] == job.stored == Account.objects.count() == 12
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


def test_a_row_that_became_wrong_is_rejected_and_the_others_are_stored(client, manager):
    make_account(name="Acme 3", owner=manager)
    job = order(client)
    Account.objects.update(owner=make_user(), team=None)
    User.objects.filter(pk=manager.pk).update(role="administrator")
    make_account(name="acme 3")
    Account.objects.filter(name="Acme 3").delete()
    assert work_on(job) == State.DONE
    job.refresh_from_db()
    assert (job.report["created"], job.report["rejected"], job.stored) == (11, 1, 11)
    page = report(client, job).text
    assert "This account is no longer there." in page
    assert b"Acme 3" in client.get(reverse("importing:rejected", args=[job.pk])).getvalue()
    assert Account.objects.count() == 12


def test_in_a_short_list_a_row_that_became_wrong_keeps_all_from_being_stored(client, manager, monkeypatch):
    monkeypatch.setattr("importing.models.LARGE", 1000)
    make_account(name="Acme 3", owner=manager)
    job = upload(client, LIST)
    choose(client, job)
    Account.objects.update(owner=make_user(), team=None)
    answer = client.post(reverse("importing:check", args=[job.pk]))
    assert answer.status_code == 422
    assert "no longer yours to change" in answer.text or answer.context["review"].counts["created"] == 12
    job.refresh_from_db()
    assert (job.state, Account.objects.count(), job.batches.count(), job.stored) == (State.DRAFT, 1, 0, 0)


def test_with_rejected_rows_left_out_the_others_are_imported(client, manager):
    job = order(client, LIST + f"{'x' * 201},Oslo,,\n", skip="yes")
    assert work_on(job) == State.DONE
    job.refresh_from_db()
    assert (job.report["created"], job.report["rejected"], job.rows.get().name[:3]) == (12, 1, "")


def test_who_may_no_longer_import_does_not(client, manager):
    job = order(client)
    User.objects.filter(pk=manager.pk).update(role="viewer")
    assert work_on(job) == State.FAILED
    assert written() == (0, 0, 0, 0)


def test_a_fault_of_ours_is_told_and_a_database_that_is_away_is_waited_for(client, manager, monkeypatch):
    job = order(client)

    def broken(error):
        def store(*args, **kwargs):
            raise error

        return store

    monkeypatch.setattr(applying, "store_next", broken(OperationalError()))
    with pytest.raises(OperationalError):
        work_on(job)
    job.refresh_from_db()
    assert job.state == State.RUNNING
    monkeypatch.setattr(applying, "store_next", broken(ZeroDivisionError()))
    assert work_on(job) == State.FAILED
    assert "Something went wrong on our side" in report(client, job).text


def test_the_reasons_are_in_the_language_of_who_started_it(client, manager):
    User.objects.filter(pk=manager.pk).update(language="nl")
    job = order(client, LIST + f"{'x' * 201},Oslo,,\n", skip="yes")
    work_on(job)
    ((_column, reason),) = job.rows.get().problems
    assert "langer dan 200 tekens" in reason


def test_a_list_that_waits_for_a_worker_is_not_thrown_away(client, manager):
    job = order(client)
    ImportJob.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(days=2))
    assert not ImportJob.objects.outdated().exists()
    job.cancel()
    assert ImportJob.objects.outdated().exists()


@pytest.mark.on_postgres
@pytest.mark.django_db(transaction=True)
def test_cancelled_by_another_connection_while_rows_are_written_that_batch_is_not_stored(client, manager, monkeypatch):
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
