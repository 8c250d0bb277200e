"""The page of all of a person's jobs: what they are, how far they are, cancelling and taking back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.acts import bulk_change
from accounts.acts.bulk_change import Act, Order
from accounts.models import Account, BulkChange, User
from accounts.pages import jobs as jobs_page
from importing.models import ImportJob
from surveys.models import BulkRounds
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


@pytest.fixture
def manager(client):
    manager = make_user(name="Mila Vermeer")
    client.force_login(manager)
    return manager


def page(client, **query) -> str:
    return client.get(reverse("accounts:jobs"), query).text


def archive(user) -> BulkChange:
    make_account(owner=user)
    return bulk_change.start(Account.objects.filter(owner=user), Order(Act.ARCHIVE), by=user)


def order(user, **fields) -> BulkRounds:
    return BulkRounds.objects.create(user=user, closes_on=TODAY, visibility="named", **{"state": "waiting", "total": 3} | fields)


def upload(user, **fields) -> ImportJob:
    return ImportJob.objects.create(user=user, filename="list.csv", **fields)


def test_all_kinds_the_newest_first(client, manager):
    for job, hours in ((archive(manager), 3), (order(manager), 1), (upload(manager), 2)):
        type(job).objects.update(started_at=timezone.now() - timedelta(hours=hours))
    rows = client.get(reverse("accounts:jobs")).context["rows"]
    assert [(row.label, row.job.title) for row in rows] == [
        ("Asking the customers", "3 accounts"),
        ("Import", "list.csv"),
        ("Change of many accounts", "Archive"),
    ]


def test_those_of_others_are_not_there(client, manager):
    archive(make_user())
    assert "No jobs yet" in page(client)


def test_one_under_way_tells_how_far_it_is_and_can_be_cancelled(client, manager):
    job = order(manager, state="running", done=2)
    text = page(client)
    assert "2 of 3" in text and '<progress max="3" value="2"' in text
    assert 'hx-trigger="every 5s"' in text and 'http-equiv="refresh"' in text
    address = reverse("surveys:rounds_cancel", args=[job.pk])
    assert f'action="{address}"' in text
    answer = client.post(address, follow=True).text
    assert "Cancelled" in answer
    assert f'action="{address}"' not in page(client) and "cancelled" in page(client)


def test_the_part_alone_for_htmx(client, manager):
    order(manager)
    part = client.get(reverse("accounts:jobs"), headers={"HX-Request": "true"}).text
    assert "3 accounts" in part and "<html" not in part


def test_what_can_be_taken_back_is(client, manager):
    job = archive(manager)
    address = reverse("accounts:bulk_undo", args=[job.pk])
    text = page(client)
    assert f'action="{address}"' in text and "http-equiv" not in text
    client.post(address)
    assert "taken back" in page(client) and address not in page(client)


def test_an_import_is_acted_on_by_its_own_addresses(client, manager):
    running = upload(manager, state="running")
    report = {"created": 1, "updated": 0, "rejected": 0}
    done = upload(manager, state="done", finished_at=timezone.now(), report=report, stored=1)
    text = page(client)
    assert reverse("importing:cancel", args=[running.pk]) in text and reverse("importing:undo", args=[done.pk]) in text


def test_who_only_reads_by_now_is_offered_no_act(client, manager):
    archive(manager)
    order(manager)
    User.objects.filter(pk=manager.pk).update(role=User.Role.VIEWER)
    assert 'class="btn" aria-label' not in page(client)


def test_why_one_failed_is_told(client, manager):
    upload(manager, state="failed", finished_at=timezone.now(), failure="You may no longer import accounts.")
    assert "You may no longer import accounts." in page(client)


def test_a_change_is_cancelled_from_its_page_and_a_late_click_says_so(client, manager, monkeypatch):
    monkeypatch.setattr(bulk_change, "BATCH", 1)
    make_account(owner=manager)
    job = archive(manager)
    address = reverse("accounts:bulk_cancel", args=[job.pk])
    assert f'action="{address}"' in client.get(job.get_absolute_url()).text
    assert "Cancelled" in client.post(address, follow=True).text
    assert "It was done already." in client.post(address, follow=True).text


def test_pages(client, manager, monkeypatch):
    monkeypatch.setattr(jobs_page, "PAGE", 2)
    for _ in range(3):
        upload(manager)
    assert page(client).count("list.csv</b>") == 2 and "Page 1 of 2" in page(client)
    assert page(client, page=2).count("list.csv</b>") == 1


def test_the_statements_do_not_grow_with_the_jobs(client, manager, django_assert_num_queries):
    for make in (archive, order, upload):
        make(manager)
    page(client)
    with CaptureQueriesContext(connection) as one:
        page(client)
    for _ in range(5):
        for make in (archive, order, upload):
            make(manager)
    with django_assert_num_queries(len(one)):
        page(client)


@pytest.mark.parametrize("name", ["accounts:settings", "importing:list", "accounts:bulk"])
def test_other_pages_lead_there(client, manager, name):
    archive(manager)
    assert f'href="{reverse("accounts:jobs")}"' in client.get(reverse(name)).text
