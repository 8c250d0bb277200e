"""The administrator's page with the archive."""

import gzip

import pytest
from django.db import connection
from django.urls import reverse

from audit.models import Event
from tests.archive.archives import content, organisation, written
from tests.factories import make_account, make_administrator, make_user, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    admin = make_administrator(name="Ada Kramer")
    client.force_login(admin)
    return admin


def test_says_what_is_in_it_and_that_it_names_confidential_answers(client, admin):
    owner = make_user()
    make_account(owner=owner)
    make_account(owner=owner)
    page = client.get(reverse("archive")).text
    assert "2 accounts with their sheets and tags" in page
    assert "2 people who sign in" in page
    assert "in confidential assessments too" in page
    assert "Passwords, API keys" in page


def test_hands_out_the_archive_itself(client, admin):
    organisation()
    answer = client.post(reverse("archive"))
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="standing-')
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.streaming
    assert content(gzip.decompress(b"".join(answer.streaming_content))) == content(written())


def test_the_trail_notes_who_took_it_and_so_does_the_archive(client, admin):
    answer = client.post(reverse("archive"))
    event = Event.objects.get(act="archive.taken")
    assert (event.actor, event.object_id) == (admin, admin.pk)
    assert b"archive.taken" in gzip.decompress(b"".join(answer.streaming_content))


@pytest.mark.django_db(transaction=True)
def test_a_download_that_is_broken_off_leaves_no_transaction_open(client, admin):
    organisation()
    answer = client.post(reverse("archive"))
    next(iter(answer.streaming_content))
    assert connection.in_atomic_block
    answer.close()
    assert not connection.in_atomic_block


def test_nobody_else_gets_it_or_sees_the_way_there(client):
    for who in (make_user(), make_viewer()):
        client.force_login(who)
        assert client.post(reverse("archive")).status_code == 403
        assert reverse("archive") not in client.get(reverse("accounts:settings")).text
    assert not Event.objects.filter(act="archive.taken").exists()


def test_settings_lead_an_administrator_there(client, admin):
    assert reverse("archive") in client.get(reverse("accounts:settings")).text


@pytest.mark.parametrize("rows", [1, 20])
def test_costs_three_statements_whatever_there_is(rows, client, admin, django_assert_num_queries):
    owner = make_user()
    for _ in range(rows):
        make_account(owner=owner)
    with django_assert_num_queries(3):  # session, person, counts
        client.get(reverse("archive"))
