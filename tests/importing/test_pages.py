from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from importing.models import ImportJob
from tests.factories import make_account, make_administrator, make_user, make_viewer
from tests.import_pages import choose, send_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    manager = make_user()
    client.force_login(manager)
    return manager


def test_a_list_goes_from_file_to_report(client, manager):
    response = send_file(client, "Bedrijfsnaam;Plaats\nAcme;Oslo\nBravo;Rome\n")
    job = ImportJob.objects.get()
    assert response.url == reverse("importing:columns", args=[job.pk])
    page = client.get(response.url)
    assert page.context["form"]["column_0"].initial == "name"
    assert "Acme" in page.text
    response = choose(client, job, column_0="name", column_1="city")
    assert response.url == reverse("importing:check", args=[job.pk])
    page = client.get(response.url)
    assert page.context["review"].counts == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 0, "passed_over": 0}
    assert not Account.objects.exists()
    response = client.post(response.url)
    assert response.url == reverse("importing:report", args=[job.pk])
    assert client.get(response.url).context["report"]["created"] == 2
    assert set(Account.objects.values_list("name", "city", "owner")) == {
        ("Acme", "Oslo", manager.pk), ("Bravo", "Rome", manager.pk),
    }  # fmt: skip


def test_the_file_is_forgotten_once_it_is_applied(client, manager):
    send_file(client, "name\nAcme\n")
    job = ImportJob.objects.get()
    choose(client, job, column_0="name")
    client.post(reverse("importing:check", args=[job.pk]))
    job.refresh_from_db()
    assert (job.state, bytes(job.content)) == (ImportJob.State.DONE, b"")


def test_applying_twice_imports_once(client, manager):
    send_file(client, "name\nAcme\n")
    job = ImportJob.objects.get()
    choose(client, job, column_0="name")
    for _ in range(2):
        response = client.post(reverse("importing:check", args=[job.pk]))
        assert response.url == reverse("importing:report", args=[job.pk])
    assert Account.objects.count() == 1
    assert client.get(reverse("importing:columns", args=[job.pk])).status_code == 302


def test_rejected_rows_are_named_and_hold_everything_back_until_they_are_skipped(client, manager):
    send_file(client, "name,employees\nAcme,5\nBravo,Atlantis\n")
    job = ImportJob.objects.get()
    choose(client, job, column_0="name", column_1="employees")
    address = reverse("importing:check", args=[job.pk])
    page = client.get(address).text
    assert "Atlantis" in page
    assert client.post(address).status_code == 422
    assert not Account.objects.exists()
    client.post(address, {"skip": "yes"})
    assert [account.name for account in Account.objects.all()] == ["Acme"]
    assert "Atlantis" in client.get(reverse("importing:report", args=[job.pk])).text


def test_changes_are_shown_field_by_field(client, manager):
    make_account(name="Acme", owner=manager, city="Oslo")
    send_file(client, "name,city\nAcme,Rome\n")
    job = ImportJob.objects.get()
    choose(client, job, column_0="name", column_1="city")
    (row,) = client.get(reverse("importing:check", args=[job.pk])).context["review"].updated
    assert [(str(d.label), d.before, d.after) for d in row.differences] == [("City", "Oslo", "Rome")]


@pytest.mark.parametrize("content", [b"", b"\xd0\xcf\x11\xe0", b"name\nA\0\n", b"PK\x03\x04xl/"])
def test_a_file_that_cannot_be_read_is_refused_beside_the_field(client, manager, content):
    response = send_file(client, content)
    assert response.status_code == 422
    assert response.context["form"].errors["file"]
    assert not ImportJob.objects.exists()


def test_posting_no_file_asks_for_one(client, manager):
    assert client.post(reverse("importing:upload")).status_code == 422


def test_two_columns_for_one_field_and_no_name_are_refused(client, manager):
    send_file(client, "a,b\n1,2\n")
    job = ImportJob.objects.get()
    response = choose(client, job, column_0="name", column_1="name")
    assert response.status_code == 422
    assert response.context["form"].errors["column_1"]
    assert choose(client, job, column_0="city").status_code == 422


def test_an_owner_whom_one_may_not_name_is_refused(client, manager):
    send_file(client, "name\nAcme\n")
    response = choose(client, ImportJob.objects.get(), owner=make_user().pk, column_0="name")
    assert response.status_code == 422


def test_the_check_waits_for_the_columns(client, manager):
    send_file(client, "name\nAcme\n")
    job = ImportJob.objects.get()
    address = reverse("importing:check", args=[job.pk])
    for answer in (client.get(address), client.post(address)):
        assert answer.url == reverse("importing:columns", args=[job.pk])
    assert client.get(reverse("importing:report", args=[job.pk])).status_code == 302


@pytest.mark.parametrize("page", ["columns", "check", "report"])
def test_someone_elses_import_is_not_there(client, manager, page):
    job = ImportJob.objects.create(user=make_administrator(), filename="x.csv", content=b"name\nA\n")
    assert client.get(reverse(f"importing:{page}", args=[job.pk])).status_code == 404


def test_who_only_reads_may_not_import(client):
    client.force_login(make_viewer())
    assert client.get(reverse("importing:upload")).status_code == 403


def test_who_is_not_signed_in_is_sent_to_sign_in(client):
    assert client.get(reverse("importing:upload")).status_code == 302


def test_imports_of_before_yesterday_are_thrown_away(client, manager):
    old = ImportJob.objects.create(user=make_user(), filename="old.csv", content=b"name\nA\n")
    ImportJob.objects.filter(pk=old.pk).update(started_at=timezone.now() - timedelta(days=2))
    send_file(client, "name\nAcme\n")
    assert not ImportJob.objects.filter(pk=old.pk).exists()


def test_a_hostile_file_shows_as_text(client, manager):
    send_file(client, '"<script>alert(1)</script>",name\n"<img src=x>",Acme\n', name="<b>.csv")
    page = client.get(reverse("importing:columns", args=[ImportJob.objects.get().pk])).text
    assert "<script>alert(1)" not in page
    assert "<img src=x>" not in page
