"""A list is stored in batches: each is a transaction of its own, goes on after the one before, and is taken back by itself."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, Contact
from accounts.models.bulk_change import BulkBatch
from audit import trail
from audit.models import Event
from core.job_runner import undo
from hierarchy.loading import load_first_edition
from importing import apply as applying
from importing import jobs
from importing import undo as undoing
from importing.apply import finish, store_all, store_next
from importing.jobs import work_of
from importing.models import ImportJob
from importing.undo import take_back_next
from tests.factories import make_account, make_administrator, make_contact, make_plan, make_user, make_viewer
from tests.import_pages import choose, upload
from tests.importing.running import checked, import_list, problems_of
from tests.jobs import work_on

pytestmark = pytest.mark.django_db

State = ImportJob.State
Why = BulkBatch.Why
FAMILY = "id,name,parent\nL,Low,M\nX,Extra,\nM,Middle,T\nY,Yet,T\nT,Top,\n"


@pytest.fixture
def manager(client):
    manager = make_user()
    client.force_login(manager)
    return manager


def running(content, by, **how) -> ImportJob:
    """A list whose rows are checked, as the worker takes it."""
    job, _work = checked(content, by, **how)
    job.store(state=State.RUNNING, skip_rejected=True)
    return job


def batches(job, size=1) -> list[int]:
    """Store all in batches of at most so many rows; how many each has."""
    work, stored = work_of(job), []
    while rows := store_next(job, work, size):
        stored.append(rows)
    return stored


def done(job) -> ImportJob:
    finish(job)
    assert list(trail.broken_links()) == []
    return job


class TestOrder:
    def test_parents_are_stored_before_those_below_them_each_in_a_batch_of_its_own(self, manager):
        job = running(FAMILY, manager)
        assert batches(job) == [1, 1, 1, 1, 1]
        assert list(Account.objects.order_by("pk").values_list("name", flat=True)) == ["Extra", "Top", "Middle", "Yet", "Low"]
        parents = dict(Account.objects.values_list("name", "parent__name"))
        assert parents == {"Low": "Middle", "Middle": "Top", "Yet": "Top", "Top": None, "Extra": None}
        assert done(job).report["created"] == 5
        assert import_list(FAMILY, manager).unchanged == 5

    def test_only_the_rows_that_others_stand_below_are_marked_as_such(self, manager):
        job = running(FAMILY, manager)
        assert set(job.rows.filter(is_above=True).values_list("name", flat=True)) == {"middle", "top"}
        assert dict(job.rows.values_list("name", "turn")) == {"low": 2, "extra": 0, "middle": 1, "yet": 1, "top": 0}
        batches(job)
        assert set(job.rows.exclude(account=None).values_list("name", flat=True)) == {"middle", "top"}

    def test_a_batch_has_rows_of_one_generation(self, manager):
        assert batches(running(FAMILY, manager), 100) == [2, 2, 1]

    def test_superiors_are_stored_before_those_who_report_to_them(self, manager):
        make_account(name="Acme", owner=manager)
        make_account(name="Bravo", owner=manager)
        text = "account,name,reports to\nAcme,Low,Middle\nBravo,Middle,\nAcme,Middle,Chief\nAcme,Chief,\n"
        job = running(text, manager, kind="contacts")
        assert batches(job) == [1, 1, 1, 1]
        found = {(one.account.name, one.name): one.reports_to and one.reports_to.name for one in Contact.objects.all()}
        assert found == {
            ("Acme", "Low"): "Middle", ("Acme", "Middle"): "Chief", ("Acme", "Chief"): None, ("Bravo", "Middle"): None,
        }  # fmt: skip
        assert set(job.rows.filter(is_above=True).values_list("line", flat=True)) == {4, 5}
        assert done(job).report["created"] == 4

    def test_past_levels_of_a_new_account_come_to_one_account_over_several_batches(self, manager):
        load_first_edition()
        text = "account,held_on,team_level\nNew,2024-01-31,2\nOther,2024-01-31,2\nNEW,2024-02-29,3\n"
        job = running(text, manager, kind="history", options={"create_accounts": True})
        assert batches(job) == [1, 1, 1]
        assert sorted(Account.objects.values_list("name", flat=True)) == ["New", "Other"]
        assert done(job).report | {"rejected": 0} == {
            "created": 3, "updated": 0, "unchanged": 0, "accounts_made": 2, "rejected": 0, "passed_over": 0,
        }  # fmt: skip


class TestGoingOn:
    @pytest.mark.parametrize("before", [1, 2, 4])
    def test_after_a_worker_was_lost_each_row_is_stored_once_and_the_report_says_what_is_stored(self, manager, before):
        make_account(name="Known", owner=manager, city="Oslo")
        job = running(f"{FAMILY}K,Known,\n", manager)
        work = work_of(job)
        for _ in range(before):
            store_next(job, work, 1)
        del work
        job = ImportJob.objects.get(pk=job.pk)
        assert job.stored == before == job.batches.count()
        assert work_on(job) == State.DONE
        job.refresh_from_db()
        assert (job.report["created"], job.report["updated"], job.stored, job.done) == (5, 1, 6, 6)
        assert Account.objects.count() == 6
        acts = list(Event.objects.values_list("act", "object_id"))
        assert len(acts) == len(set(acts)) == 6
        kept = [pair for changes in job.batches.values_list("changes", flat=True) for pair in changes]
        assert sorted(pk for pk, _version in kept) == sorted(Event.objects.values_list("pk", flat=True))

    def test_a_batch_that_breaks_off_leaves_nothing_of_itself(self, manager, monkeypatch):
        job = running(FAMILY, manager)
        work = work_of(job)
        store_next(job, work, 1)

        def broken(*args, **kwargs):
            raise RuntimeError

        with monkeypatch.context() as patch:
            patch.setattr(applying.ImportBatch.objects, "create", broken)
            with pytest.raises(RuntimeError):
                store_next(job, work, 2)
        assert (Account.objects.count(), Event.objects.count(), job.batches.count()) == (1, 1, 1)
        job.refresh_from_db()
        assert job.stored == 1
        assert store_all(job) and done(job).report["created"] == 5

    def test_nobody_may_go_on_with_the_import_of_another_nor_with_one_that_is_over(self, client, manager):
        job = running(FAMILY, manager)
        store_next(job, work_of(job), 2)
        job.cancel()
        address = reverse("importing:go_on", args=[job.pk])
        client.force_login(make_user())
        assert client.post(address).status_code == 404
        client.force_login(manager)
        assert client.get(address).status_code == 405
        client.post(address)
        assert work_on(job) == State.DONE
        client.post(address)
        job.refresh_from_db()
        assert (job.state, Account.objects.count()) == (State.DONE, 5)

    def test_one_that_stored_nothing_is_checked_again_instead(self, client, manager):
        job = running(FAMILY, manager)
        job.cancel()
        client.post(reverse("importing:go_on", args=[job.pk]))
        job.refresh_from_db()
        assert (job.state, job.report, job.checked_at) == (State.CANCELLED, None, None)
        assert "Nothing was stored" in client.get(reverse("importing:report", args=[job.pk])).text


class TestTwoAtOnce:
    def test_two_imports_of_one_list_make_it_once(self, manager):
        make_account(name="Known", owner=manager, city="Oslo")
        text = "id,name,city,parent,contact name\nA,Acme,Rome,,Jo\nB,Bravo,Rome,Acme,Bo\n,Core,Rome,,\n,Known,Rome,,\n"
        jobs = [running(text, manager) for _ in range(2)]
        works = [work_of(job) for job in jobs]
        while sum(store_next(job, work, 1) for job, work in zip(jobs, works, strict=True)):
            pass
        for job in jobs:
            done(job)
        reports = [[job.report[name] for name in ("created", "updated", "unchanged")] for job in jobs]
        assert (Account.objects.count(), Contact.objects.count()) == (4, 2)
        assert [sum(found) for found in zip(*reports, strict=True)] == [3, 1, 4]
        assert Event.objects.filter(act="account.created").count() == 3

    def test_two_lists_of_the_same_people_make_them_once(self, manager):
        make_account(name="Acme", owner=manager)
        text = "account,name,email,reports to\nAcme,Jo,jo@acme.example,Bo\nAcme,Bo,,\n"
        jobs = [running(text, manager, kind="contacts") for _ in range(2)]
        for job in jobs:
            batches(job)
            done(job)
        assert set(Contact.objects.values_list("name", "reports_to__name")) == {("Jo", "Bo"), ("Bo", None)}
        assert [[job.report[name] for name in ("created", "unchanged", "rejected")] for job in jobs] == [[2, 0, 0], [0, 2, 0]]

    @pytest.mark.on_postgres
    @pytest.mark.django_db(transaction=True)
    def test_two_workers_with_two_imports_of_one_list_make_it_once(self, monkeypatch):
        monkeypatch.setattr(applying, "LARGEST", 20)
        manager = make_user()
        text = "id,name,parent,contact name\n" + "".join(f"A{n},Acme {n},{f'A{n + 1}' if n % 5 else ''},Jo\n" for n in range(40))
        text += "A40,Acme 40,,\n"
        jobs, start = [running(text, manager) for _ in range(2)], Barrier(2)

        def worker(job):
            try:
                start.wait()
                return work_on(job)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(worker, jobs)) == [State.DONE, State.DONE]
        assert Account.objects.count() == 41
        for job in jobs:
            job.refresh_from_db()
        assert sum(job.report["created"] for job in jobs) == 41
        assert list(trail.broken_links()) == []


class TestRejectedWhileStoring:
    def test_what_became_wrong_since_the_check_is_rejected_and_told_and_the_rest_is_stored(self, client, manager):
        top = make_account(name="Top", owner=manager)
        make_account(name="Known", owner=manager, external_id="K")
        job = running("id,name,parent,city\nA,Acme,Top,Rome\nK,Known,,Rome\nB,Bravo,,Rome\n", manager)
        top.delete()
        Account.objects.update(owner=make_user())
        batches(job)
        job = done(job)
        assert (job.report["created"], job.report["updated"], job.report["rejected"], job.stored) == (1, 0, 2, 1)
        assert problems_of(job) == [
            "Row 2, parent: Its parent is no longer there.",
            "Row 3, name: This account is no longer there, or no longer yours to change.",
        ]
        page = client.get(reverse("importing:report", args=[job.pk])).text
        assert "Its parent is no longer there." in page
        lines = client.get(reverse("importing:rejected", args=[job.pk])).getvalue().decode().splitlines()
        assert [line.rsplit(",", 4)[1] for line in lines[1:]] == ["A", "K"]

    def test_those_below_a_row_that_is_rejected_are_rejected_too(self, manager):
        top = make_account(name="Top", owner=manager)
        job = running("name,parent\nLow,Middle\nMiddle,Top\nOther,\n", manager)
        top.delete()
        batches(job, 100)
        assert set(Account.objects.values_list("name", flat=True)) == {"Other"}
        assert [one[:11] for one in problems_of(done(job))] == ["Row 2, pare", "Row 3, pare"]

    def test_a_superior_who_was_erased_meanwhile(self, manager):
        chief = make_contact(make_account(name="Acme", owner=manager), name="Chief")
        job = running("account,name,reports to\nAcme,Jo,Chief\nAcme,Kim,Jo\nAcme,Bo,\n", manager, kind="contacts")
        chief.delete()
        batches(job, 100)
        assert list(Contact.objects.values_list("name", flat=True)) == ["Bo"]
        assert done(job).report["rejected"] == 2

    def test_a_circle_that_somebody_else_began_is_not_closed(self, manager):
        one, two = make_account(name="One", owner=manager), make_account(name="Two", owner=manager)
        job = running("name,parent\nOne,Two\n", manager)
        Account.objects.filter(pk=two.pk).update(parent=one)
        batches(job)
        assert "circle" in problems_of(done(job))[0]
        one.refresh_from_db()
        assert one.parent is None

    def test_a_short_list_is_stored_whole_or_not_at_all(self, client, manager):
        top = make_account(name="Top", owner=manager)
        job = upload(client, "name,parent\nAcme,Top\nBravo,\n")
        choose(client, job)
        top.delete()
        answer = client.post(reverse("importing:check", args=[job.pk]))
        assert answer.status_code == 422
        assert "No account here or in the file is called “Top”." in answer.text
        assert not Account.objects.exists()
        job.refresh_from_db()
        assert (job.state, job.stored, job.batches.count()) == (State.DRAFT, 0, 0)
        client.post(reverse("importing:check", args=[job.pk]), {"skip": "yes"})
        assert list(Account.objects.values_list("name", flat=True)) == ["Bravo"]


class TestTakingBack:
    def test_batch_by_batch_the_last_one_first(self, manager):
        job = running(FAMILY, manager)
        batches(job)
        done(job)
        job.store(state=State.UNDOING)
        left = []
        while take_back_next(job):
            left.append(Account.objects.count())
        assert left == [4, 3, 2, 1, 0]
        assert [list(pair) for pair in job.batches.order_by("number").values_list("undone__removed", "undone__kept")] == [
            [1, 0]
        ] * 5

    def test_one_that_breaks_off_goes_on_with_the_next_batch(self, manager, monkeypatch):
        monkeypatch.setattr("importing.work.AT_ONCE", 0)
        job = running(FAMILY, manager)
        batches(job)
        job = undo(done(job), by=manager)
        assert take_back_next(job) and take_back_next(job)
        assert Account.objects.count() == 3
        with monkeypatch.context() as patch:
            patch.setattr(undoing, "redact", lambda *args, **kwargs: 1 / 0)
            work_on(job)
        job.refresh_from_db()
        assert (job.state, Account.objects.count()) == (State.DONE, 3)
        job = undo(job, by=manager)
        assert work_on(job) == State.UNDONE
        job.refresh_from_db()
        assert not Account.objects.exists()
        assert {name: job.undo_report[name] for name in ("restored", "removed", "kept")} == {
            "restored": 0,
            "removed": 5,
            "kept": 0,
        }
        assert Event.objects.filter(act="import.taken_back").count() == 1
        assert list(trail.broken_links()) == []

    def test_a_parent_that_stays_and_what_was_changed_since_are_named_once_for_all_batches(self, manager):
        make_account(name="Known", owner=manager, external_id="K", city="Oslo")
        job = running(FAMILY.replace("id,name,parent", "id,name,parent,city") + "K,Known,,Rome\n", manager)
        batches(job)
        done(job)
        make_plan(Account.objects.get(name="Low"))
        known = Account.objects.get(name="Known")
        known.notes = "mine"
        known.save_version(known.version, ["notes"])
        job = undo(job, by=manager)
        left = {Account.objects.get(pk=pk).name: why for pk, why in job.undo_report["left"]}
        assert left == {"Low": Why.IN_USE, "Middle": Why.IN_USE, "Top": Why.IN_USE, "Known": Why.CHANGED}
        assert set(Account.objects.values_list("name", flat=True)) == {"Low", "Middle", "Top", "Known"}
        assert job.undo_report["removed"] == 2

    def test_a_contact_that_two_batches_changed_is_as_before(self, manager):
        acme = make_account(name="Acme", owner=manager)
        person = make_contact(acme, name="Jo Bos", email="jo@acme.example", title="Clerk")
        before = Contact.objects.values().get()
        text = "account,name,email,title\nAcme,Jo Bos,jo@acme.example,Buyer\nAcme,Kim,,\nAcme,Bo,,\n"
        job = running(text, manager, kind="contacts")
        batches(job)
        undo(done(job), by=manager)
        person.refresh_from_db()
        assert Contact.objects.values().get() == before | {"version": person.version}


class TestTheCommandsImports:
    def job(self):
        return import_list("name,city\nAcme,Rome\n", None, options={"owner": make_administrator().pk}).job

    def test_administrators_see_them_and_take_them_back_in_their_own_name(self, client):
        job = self.job()
        admin = make_administrator()
        client.force_login(admin)
        assert "list.csv" in client.get(reverse("importing:list")).text
        assert client.get(reverse("importing:report", args=[job.pk])).status_code == 200
        client.post(reverse("importing:undo", args=[job.pk]))
        job.refresh_from_db()
        assert (job.state, job.user, Account.objects.count()) == (State.UNDONE, admin, 0)
        assert Event.objects.get(act="import.taken_back").actor == admin

    @pytest.mark.parametrize("make", [make_user, make_viewer])
    def test_nobody_else_does(self, client, make):
        job = self.job()
        client.force_login(make())
        for page in ("report", "rejected"):
            assert client.get(reverse(f"importing:{page}", args=[job.pk])).status_code in {403, 404}
        assert client.post(reverse("importing:undo", args=[job.pk])).status_code in {403, 404}
        assert Account.objects.exists()

    def test_one_that_can_no_longer_be_taken_back_stays_nobodys(self, client):
        job = self.job()
        ImportJob.objects.update(started_at=job.started_at.replace(year=2020))
        client.force_login(make_administrator())
        client.post(reverse("importing:undo", args=[job.pk]))
        job.refresh_from_db()
        assert (job.user, job.state, Account.objects.count()) == (None, State.DONE, 1)


def test_statements_of_a_batch_do_not_grow_with_its_rows(manager):
    counted = []
    for rows in (5, 90):
        text = "id,name,tags,contact name\n" + "".join(f"{rows}-{n},Firm {rows} {n},a,Jo\n" for n in range(rows))
        job = running(text, manager)
        work = work_of(job)
        with CaptureQueriesContext(connection) as statements:
            store_next(job, work, 1000)
        counted.append(len(statements))
    assert counted[1] <= counted[0] + 4, counted


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 100])
def test_rows_that_are_no_longer_needed_go_some_at_a_time(manager, monkeypatch, at_a_time):
    monkeypatch.setattr(applying, "DELETED", at_a_time)
    monkeypatch.setattr(applying, "PAUSE", 0)
    done = import_list("name,employees\nA,1\nB,\nC,many\nD,4\nE,5\n", manager, skip_rejected=True)
    assert list(done.job.rows.values_list("line", "outcome")) == [(4, "rejected")]


@pytest.mark.parametrize("content", [b"", b"name\nA\n", bytes(range(256)) * 3])
def test_the_file_comes_back_whole_in_pieces(manager, monkeypatch, content):
    monkeypatch.setattr(jobs, "PIECE", 7)
    job = ImportJob.objects.create(user=manager, filename="list.csv", content=content)
    assert jobs.content_of(job) == content
