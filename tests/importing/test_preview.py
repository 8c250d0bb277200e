"""A long list is checked by the worker: what it found is kept for the page until something else is chosen."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, User
from core.job_runner import take_up_lost_jobs
from hierarchy.loading import load_first_edition
from importing import check as checking
from importing import review, work
from importing.jobs import choose_columns, start_job, table_of
from importing.models import ImportJob
from importing.reading.table import read_table
from tests.factories import make_account, make_user
from tests.importing.running import checked as checked_now
from tests.importing.running import columns_of
from tests.jobs import work_on

pytestmark = pytest.mark.one_database

State = ImportJob.State
LIST = "name,city,our revenue\nAcme,Rome,\nBravo,Oslo,1200.50\nCharly,Bergen,much\n"


@pytest.fixture(autouse=True)
def long(monkeypatch):
    monkeypatch.setattr("importing.models.LARGE", 2)


@pytest.fixture
def manager(client, db):
    manager = make_user()
    client.force_login(manager)
    return manager


def job_of(user, text=LIST) -> ImportJob:
    """A list whose columns are chosen."""
    table = read_table(text.encode())
    job = start_job(user, "list.csv", text.encode(), table)
    choose_columns(job, table, columns_of(table), {"owner": user.pk, "team": None, "currency": "EUR"})
    return job


def page(client, job, **data):
    return client.get(reverse("importing:check", args=[job.pk]), data)


def post(client, job, **data):
    return client.post(reverse("importing:check", args=[job.pk]), data)


def begin(client, job):
    """The check begins, as it does when the columns are chosen."""
    return post(client, job, again="yes")


def report(client, job, **headers):
    return client.get(reverse("importing:report", args=[job.pk]), headers=headers)


def checked(client, job):
    """The page once the worker is done."""
    begin(client, job)
    work_on(job)
    return page(client, job)


def test_the_page_leaves_it_to_the_worker_and_tells_how_far_it_is(client, manager):
    job = job_of(manager)
    assert begin(client, job).url == reverse("importing:report", args=[job.pk])
    assert "Waiting for its turn" in report(client, job).text
    ImportJob.objects.update(done=1)
    told = report(client, job).text
    assert (
        "1 of 3 rows" in told
        and "The rows are checked" in told
        and "Cancel the check" in told
        and 'hx-trigger="every 2s"' in told
    )
    assert page(client, job).url == reverse("importing:report", args=[job.pk])  # a second look begins nothing
    assert work_on(job) == State.DRAFT
    assert report(client, job).url == reverse("importing:check", args=[job.pk])
    assert report(client, job, HX_Request="true").headers["HX-Redirect"] == reverse("importing:check", args=[job.pk])


def counts(answer):
    found = answer.context["review"].counts
    return {name: found[name] for name in ("created", "updated", "unchanged", "rejected")}


def test_what_was_found_is_shown_as_that_of_a_short_list_is(client, manager, monkeypatch):
    make_account(name="Acme", city="Paris", owner=manager)
    kept = checked(client, job_of(manager))
    monkeypatch.setattr("importing.models.LARGE", 2000)
    short = client.post(reverse("importing:check", args=[job_of(manager).pk]), {"again": "yes"}, follow=True)
    for answer in (kept, short):
        assert counts(answer) == {"created": 1, "updated": 1, "unchanged": 0, "rejected": 1}
        for text in ("Paris", "Rome", "Bravo", "1,200.50", "much", "Check again"):
            assert text in answer.text


def test_looking_begins_no_check_and_the_page_has_a_button_for_it(client, manager):
    job = job_of(manager)
    told = page(client, job)
    job.refresh_from_db()
    assert (job.state, job.checked_at, job.rows.exists()) == (State.DRAFT, None, False)
    assert "This list is not checked yet." in told.text and 'name="again" value="yes"' in told.text
    assert begin(client, job).url == reverse("importing:report", args=[job.pk])


def test_looking_again_checks_nothing_anew(client, manager, monkeypatch):
    job = job_of(manager)
    checked(client, job)
    monkeypatch.setattr(checking, "check", None)
    monkeypatch.setattr(checking, "table_of", None)
    assert page(client, job).status_code == 200
    assert client.get(reverse("importing:rejected", args=[job.pk])).getvalue().count(b"Charly") == 1


def test_a_short_list_is_checked_once_until_somebody_asks_again(client, manager, monkeypatch):
    monkeypatch.setattr("importing.models.LARGE", 2000)
    job = job_of(manager)
    begin(client, job)
    counted, real = [], checking.check
    monkeypatch.setattr(checking, "check", lambda *args: counted.append(1) or real(*args))
    for _ in range(3):
        assert page(client, job).status_code == 200
    assert not counted
    post(client, job, again="yes")
    assert len(counted) == 1


def test_nothing_is_imported_that_was_not_checked(client, manager):
    job = job_of(manager)
    assert post(client, job, skip="yes").url == reverse("importing:report", args=[job.pk])
    job.refresh_from_db()
    assert (job.state, Account.objects.count()) == (State.CHECKING, 0)
    assert work_on(job) == State.DRAFT
    assert not Account.objects.exists()


def test_the_import_forgets_what_was_found(client, manager):
    job = job_of(manager)
    checked(client, job)
    post(client, job, skip="yes")
    assert work_on(job) == State.DONE
    job.refresh_from_db()
    assert job.report["created"] == 2
    assert list(job.rows.values_list("outcome", flat=True)) == ["rejected"]


def test_other_columns_ask_for_another_check(client, manager):
    job = job_of(manager)
    checked(client, job)
    job.refresh_from_db()
    choose_columns(job, table_of(job), {0: "name"}, job.options)
    assert client.get(reverse("importing:rejected", args=[job.pk])).status_code == 302  # those of before are gone
    begin(client, job)
    work_on(job)
    assert page(client, job).context["review"].counts["rejected"] == 0


def test_it_can_be_checked_again(client, manager):
    job = job_of(manager)
    assert checked(client, job).context["review"].counts["created"] == 2
    make_account(name="Acme", city="Rome", owner=manager)
    assert page(client, job).context["review"].counts["created"] == 2
    assert post(client, job, again="yes").url == reverse("importing:report", args=[job.pk])
    work_on(job)
    assert page(client, job).context["review"].counts["created"] == 1


def test_a_check_that_is_cancelled_leaves_nothing_and_can_be_begun_again(client, manager):
    job = job_of(manager)
    begin(client, job)
    told = client.post(reverse("importing:cancel", args=[job.pk]), follow=True).text
    assert "Nothing was stored" in told
    assert work_on(job) == State.CANCELLED
    job.refresh_from_db()
    assert job.checked_at is None
    assert checked(client, job).status_code == 200


def test_what_a_check_of_other_columns_found_is_not_kept(client, manager, monkeypatch):
    job = job_of(manager)
    begin(client, job)
    real = checking.check

    def meanwhile(*args, **kwargs):
        found = real(*args, **kwargs)
        again = ImportJob.objects.get(pk=job.pk)
        again.cancel()
        choose_columns(again, table_of(again), {0: "name"}, again.options)
        work.begin_check(ImportJob.objects.get(pk=job.pk))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(checking, "check", meanwhile)
        assert work_on(job) == State.CHECKING
    job.refresh_from_db()
    assert job.checked_at is None
    work_on(job)
    assert page(client, job).context["review"].counts["rejected"] == 0


def test_in_another_language_it_is_told_in_that_language(client, manager):
    job = job_of(manager)
    assert "is not an amount" in checked(client, job).text
    User.objects.update(language="nl")
    assert page(client, job).templates[0].name == "importing/unchecked.html"
    begin(client, job)
    work_on(job)
    told = page(client, job)
    assert "is not an amount" not in told.text and told.context["job"].language == "nl"


def test_who_may_no_longer_import_is_told(client, manager):
    job = job_of(manager)
    begin(client, job)
    User.objects.update(role="viewer")
    assert work_on(job) == State.FAILED


def test_a_fault_leaves_nothing_behind(client, manager, monkeypatch):
    job = job_of(manager)
    checked(client, job)
    post(client, job, again="yes")
    monkeypatch.setattr(checking, "check", lambda *args, **kwargs: 1 / 0)
    assert work_on(job) == State.FAILED
    assert "Something went wrong on our side" in report(client, job).text
    job.refresh_from_db()
    assert job.checked_at is None


def test_a_check_that_no_worker_is_at_any_more_is_taken_up_again(client, manager):
    job = job_of(manager)
    begin(client, job)
    assert take_up_lost_jobs() == 0
    ImportJob.objects.update(queued_at=timezone.now() - timedelta(minutes=6))
    assert take_up_lost_jobs() == 1
    assert work_on(job) == State.DRAFT


class TestLookAlikes:
    TEXT = "name,city,website\nAcme B.V.,Rome,https://acme.example\nBravo Ltd,Oslo,\nBravo GmbH,Bergen,\n"

    @pytest.fixture
    def acme(self, manager):
        return make_account(name="Acme", owner=manager, website="https://www.acme.example")

    def say(self, client, job, **data):
        return client.post(reverse("importing:same", args=[job.pk]), data, follow=True)

    def chosen(self, answer):
        return [next(value for value, _words, is_chosen in offer.choices if is_chosen) for offer in answer.context["offers"]]

    def test_they_are_offered_as_the_worker_found_them(self, client, manager, acme, monkeypatch):
        kept = [offer.choices for offer in checked(client, job_of(manager, self.TEXT)).context["offers"]]
        monkeypatch.setattr("importing.models.LARGE", 2000)
        short = client.post(reverse("importing:check", args=[job_of(manager, self.TEXT).pk]), {"again": "yes"}, follow=True)
        assert kept == [offer.choices for offer in short.context["offers"]]
        assert len(kept) == 2 and kept[0][1][0] == str(acme.pk)

    def test_a_choice_is_kept_and_the_worker_checks_again(self, client, manager, acme):
        job = job_of(manager, self.TEXT)
        checked(client, job)
        told = self.say(client, job, row_2=acme.pk)
        assert "Waiting for its turn" in told.text
        work_on(job)
        now = page(client, job)
        assert self.chosen(now) == [str(acme.pk), "new"]
        assert counts(now) == {"created": 2, "updated": 1, "unchanged": 0, "rejected": 0}
        refused = client.post(reverse("importing:check", args=[job.pk]), {"row_4": "out"}, follow=True)
        assert "Nothing was imported yet" in refused.text
        work_on(job)
        now = page(client, job)
        assert (now.context["review"].counts["updated"], now.context["review"].passed_over) == (1, 1)
        post(client, job)
        work_on(job)
        assert set(Account.objects.values_list("name", "city")) == {("Acme B.V.", "Rome"), ("Bravo Ltd", "Oslo")}

    def test_all_sure_ones_at_once(self, client, manager, acme):
        job = job_of(manager, self.TEXT)
        checked(client, job)
        self.say(client, job, all="sure")
        work_on(job)
        now = page(client, job)
        assert self.chosen(now) == [str(acme.pk), "new"]
        assert not now.context["review"].offers.sure


@pytest.mark.parametrize(
    ("name", "text", "new"),
    [
        ("accounts", "name,our revenue,currency\nBravo,1200.50,EUR\n", "Bravo"),
        ("contacts", "account,name\nAcme,Jo Bos\n", "Jo Bos"),
        ("history", "account,held_on,team_level\nAcme,2024-03-31,3\n", "Acme"),
    ],
)
def test_what_is_shown_of_new_rows_names_them(manager, name, text, new):
    load_first_edition()
    make_account(name="Acme", owner=manager)
    _job, found = checked_now(text, manager, kind=name)
    (row,) = review.Review(found).created
    assert new in row.values()
