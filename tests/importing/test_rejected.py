"""Rejected rows as a file: in the file's own columns, to correct and to import alone."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from config.tasks import tidy
from importing.models import KEPT_REJECTED, ImportJob
from importing.reading.table import REASON, read_table
from importing.rejected import rejected_csv
from tests.factories import make_user
from tests.import_pages import choose, upload
from tests.importing.running import checked

pytestmark = pytest.mark.django_db

LIST = 'Firma;Medewerkers;Opmerking\nAcme;5;a\nBravo;many;"two\nlines"\n=Charlie;some;b\n'


@pytest.fixture
def manager(client):
    manager = make_user()
    client.force_login(manager)
    return manager


def chosen(client, content):
    """A list that is uploaded and whose columns are chosen."""
    job = upload(client, content)
    assert choose(client, job, column_0="name", column_1="employees", column_2="notes").status_code == 302
    return job


def download(client, job):
    response = client.get(reverse("importing:rejected", args=[job.pk]))
    assert response.headers["Content-Disposition"] == 'attachment; filename="list - rejected.csv"'
    return response.getvalue()


def lines(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_they_come_with_a_reason_in_the_files_own_columns_before_and_after_the_import(client, manager):
    job = chosen(client, LIST)
    before = download(client, job)
    head, bravo, charlie = lines(before)
    assert head == [REASON, "Firma", "Medewerkers", "Opmerking"]
    assert bravo[1:] == ["Bravo", "many", "two\nlines"]
    assert bravo[0].startswith("Medewerkers: ") and "many" in bravo[0]
    assert charlie[1:] == ["'=Charlie", "some", "b"]
    client.post(reverse("importing:check", args=[job.pk]), {"skip": "yes"})
    assert download(client, job) == before
    assert "rejected.csv" in client.get(reverse("importing:report", args=[job.pk])).text


def test_corrected_they_are_imported_alone_and_start_from_the_same_columns(client, manager):
    job = chosen(client, LIST)
    client.post(reverse("importing:check", args=[job.pk]), {"skip": "yes"})
    corrected = download(client, job).decode().replace("some", "9")
    mended = chosen(client, corrected.replace(",many,", ",7,"))
    client.post(reverse("importing:check", args=[mended.pk]))
    mended.refresh_from_db()
    assert (mended.report["created"], mended.report["rejected"]) == (2, 0)
    assert set(Account.objects.values_list("name", "employees", "notes")) == {
        ("Acme", 5, "a"), ("Bravo", 7, "two\nlines"), ("=Charlie", 9, "b"),
    }  # fmt: skip


def test_what_said_nothing_or_was_guarded_before_is_so_in_the_file_again(client, manager):
    cells = ["NULL", "'=Delta", "'-Echo", " =Foxtrot", "-", "n/a"]
    job = chosen(client, "Firma;Medewerkers;Opmerking\n" + "".join(f"{n};some;{cell}\n" for n, cell in enumerate(cells)))
    content = download(client, job)
    assert [line[3] for line in lines(content)[1:]] == ["NULL", "'=Delta", "'-Echo", "'=Foxtrot", "'-", "n/a"]
    client.post(reverse("importing:check", args=[job.pk]), {"skip": "yes"})
    mended = chosen(client, content.decode().replace("some", "9"))
    client.post(reverse("importing:check", args=[mended.pk]))
    assert list(Account.objects.order_by("name").values_list("notes", flat=True)) == ["", "=Delta", "-Echo", "=Foxtrot", "-", ""]


def test_a_row_with_too_many_cells_keeps_them(client, manager):
    job = chosen(client, "Firma;Medewerkers;Opmerking\nAcme;5;a;b\n")
    content = download(client, job)
    assert lines(content)[1][1:] == ["Acme", "5", "a", "b"]
    assert read_table(content).rows[0].cells == ("Acme", "5", "a", "b")


def test_the_reason_is_left_out_on_reading():
    table = read_table(f"{REASON},name,city\nwrong,Acme,Oslo\n,Bravo,Rome\n".encode())
    assert table.headers == ("name", "city")
    assert [row.cells for row in table.rows] == [("Acme", "Oslo"), ("Bravo", "Rome")]


def test_without_rejected_rows_there_is_nothing_to_download(client, manager):
    job = chosen(client, "Firma;Medewerkers;Opmerking\nAcme;5;a\n")
    response = client.get(reverse("importing:rejected", args=[job.pk]), follow=True)
    assert "There are no rejected rows" in response.text


def test_they_are_forgotten_after_a_week(client, manager):
    old, fresh = chosen(client, LIST), chosen(client, LIST)
    for job in (old, fresh):
        client.post(reverse("importing:check", args=[job.pk]), {"skip": "yes"})
    ImportJob.objects.filter(pk=old.pk).update(started_at=timezone.now() - KEPT_REJECTED)
    tidy.call()
    assert {job.pk: job.rows.exists() for job in ImportJob.objects.all()} == {old.pk: False, fresh.pk: True}
    assert "rejected.csv" not in client.get(reverse("importing:report", args=[old.pk])).text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name,revenue,parent\nAcme,much,\nBravo,1,\nCharly,some,\n", ["Acme", "Charly"]),
        # Who stands below a rejected row is known when all rows were met.
        ("name,revenue,parent\nAcme,1,Charly\nBravo,some,\nCharly,much,\n", ["Acme", "Bravo", "Charly"]),
        ("name,revenue,parent\nAcme,1,\n", []),
    ],
)
def test_they_stand_in_the_order_of_the_file(text, names):
    job, _work = checked(text, make_user())
    content = b"".join(rejected_csv(job))
    assert [row[1] for row in lines(content)[1:]] == names
    assert all(row[0] for row in lines(content)[1:])
