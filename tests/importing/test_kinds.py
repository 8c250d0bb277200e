"""What an uploaded file holds: asked, guessed, remembered and changed."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from importing.kinds import kind_called, kinds, likely_kind
from importing.models import ImportJob
from importing.reading.table import read_table
from tests.factories import make_account, make_user
from tests.import_pages import choose, columns, send_file, upload
from tests.importing.running import checked, counts_of, problems_of

pytestmark = pytest.mark.django_db

LISTS = {
    "accounts": "Company,City\nAcme,Oslo\n",
    "contacts": "Account,First name,Last name\nAcme,Jo,Bos\n",
    "history": "account,held_on,customer_level\nAcme,2024-03-31,3\n",
}


@pytest.fixture
def manager(client):
    manager = make_user()
    client.force_login(manager)
    return manager


@pytest.mark.parametrize("name", LISTS)
def test_what_a_file_holds_is_found_out_from_its_columns(client, manager, name):
    job = upload(client, LISTS[name])
    assert job.kind == name
    page = columns(client, job)
    assert page.context["kind"] is kind_called(name)


@pytest.mark.parametrize("name", LISTS)
def test_what_the_person_says_goes_before_the_guess(client, manager, name):
    assert upload(client, LISTS["accounts"], kind=name).kind == name


def test_a_kind_that_is_none_is_refused(client, manager):
    assert send_file(client, LISTS["accounts"], kind="prices").status_code == 422
    assert not ImportJob.objects.exists()


def test_another_kind_is_looked_at_before_it_is_chosen(client, manager):
    job = upload(client, "Account,Name\nAcme,Jo Bos\n")
    assert job.kind == "accounts"
    page = columns(client, job, "?kind=contacts")
    assert [page.context["form"][f"column_{index}"].initial for index in range(2)] == ["account", "name"]
    job.refresh_from_db()
    assert job.kind == "accounts"
    make_account(name="Acme", owner=manager)
    check = client.get(choose(client, job, kind="contacts").url)
    job.refresh_from_db()
    assert (job.kind, check.context["review"].counts["created"]) == ("contacts", 1)


def test_what_was_said_of_the_kind_holds_for_the_next_file_of_that_shape(client, manager):
    text = "Account,Name\nAcme,Jo Bos\n"
    choose(client, upload(client, text), kind="contacts")
    assert upload(client, text).kind == "contacts"
    client.force_login(make_user())
    assert upload(client, text).kind == "accounts"


def test_the_columns_of_each_kind_are_remembered_for_themselves(client, manager):
    text = "Account,Name\nAcme,Jo Bos\n"
    choose(client, upload(client, text), kind="contacts", column_1="email")
    page = columns(client, upload(client, text), "?kind=accounts")
    assert not page.context["remembered"]
    page = columns(client, upload(client, text), "?kind=contacts")
    assert page.context["remembered"]
    assert page.context["form"]["column_1"].initial == "email"


@pytest.mark.parametrize("name", LISTS)
def test_the_sample_of_a_kind_is_known_by_every_column_and_in_order(client, manager, name, edition):
    response = client.get(reverse("importing:sample", args=[name]))
    assert response["Content-Disposition"] == f'attachment; filename="{name}.csv"'
    table = read_table(response.content)
    kind = kind_called(name)
    assert likely_kind(table.headers) is kind
    mapping = kind.guess(table)
    assert sorted(mapping) == list(range(len(table.headers)))
    if name != "accounts":
        assert set(mapping.values()) <= set(kind.fields)
    for account in ("Example Mills", "Example Yards"):
        if name != "accounts":
            make_account(name=account, owner=manager)
    job, _work = checked(response.content, manager, kind=name, mapping=mapping)
    assert problems_of(job) == []
    assert counts_of(job)["created"] == len(table.rows)


def test_a_sample_of_nothing_is_not_there(client, manager):
    assert client.get(reverse("importing:sample", args=["prices"])).status_code == 404


def test_the_upload_page_tells_the_columns_of_each_kind(client, manager):
    page = client.get(reverse("importing:upload")).text
    for kind in kinds():
        assert reverse("importing:sample", args=[kind.name]) in page
        assert all(str(field.label) in page for field in kind.fields.values())


def test_dates_of_accounts_that_can_be_read_in_two_ways_are_asked_about(client, manager):
    job = upload(client, "Company,Customer since\nAcme,3/4/2024\n")
    response = choose(client, job)
    assert response.status_code == 422
    assert "can be read as two dates" in response.text
    choose(client, job, dates="dmy")
    client.post(reverse("importing:check", args=[job.pk]))
    assert str(manager.accounts.get().customer_since) == "2024-04-03"


def test_an_import_always_holds_something(manager):
    with pytest.raises(IntegrityError, match="import_kind_named"), transaction.atomic():
        ImportJob.objects.create(user=manager, filename="x.csv", kind="")
