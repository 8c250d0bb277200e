"""The page of all jobs: in the dark on a phone, without JavaScript, and looking again by itself."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.acts import bulk_change
from accounts.acts.bulk_change import Act, Order
from accounts.models import Account
from importing.models import ImportJob
from surveys.models import BulkRounds
from tests.browser.conftest import PHONE, check_page
from tests.factories import make_account, make_user


@pytest.fixture
def manager(transactional_db):
    manager = make_user(name="Mila Vermeer")
    make_account(owner=manager)
    bulk_change.start(Account.objects.all(), Order(Act.TAG, None, "key account"), by=manager)
    report = {"created": 12, "updated": 3, "rejected": 0}
    over = {"user": manager, "finished_at": timezone.now()}
    ImportJob.objects.create(
        filename="customers-of-the-benelux-2026.csv", state="done", total=2500, done=2500, report=report, **over
    )
    failure = "A row is rejected that was in order when you looked. Check the rows again. Nothing was stored."
    ImportJob.objects.create(filename="contacts.xlsx", state="failed", failure=failure, **over)
    ImportJob.objects.create(
        user=manager, filename="levels.csv", state="checking", total=8000, done=5200, heartbeat_at=timezone.now()
    )
    terms = {"closes_on": timezone.localdate() + timedelta(days=21), "visibility": "named"}
    BulkRounds.objects.create(user=manager, state="running", total=40, done=10, heartbeat_at=timezone.now(), **terms)
    return manager


def test_the_page_looks_again_by_itself(open_page, sign_in, manager):
    page = open_page()
    sign_in(page, manager)
    page.goto(reverse("accounts:jobs"))
    check_page(page)
    BulkRounds.objects.update(done=30)
    expect(page.get_by_text("30 of 40")).to_be_visible()


@pytest.mark.parametrize("how", [{"java_script_enabled": False}, {"size": PHONE, "color_scheme": "dark"}])
def test_a_job_is_cancelled_there(open_page, sign_in, manager, how):
    page = open_page(**how)
    sign_in(page, manager)
    page.goto(reverse("accounts:jobs"))
    if how.get("java_script_enabled", True):
        check_page(page)
    page.get_by_role("button", name="Cancel 40 accounts").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    assert BulkRounds.objects.get().state == "cancelled"
