from datetime import timedelta

import crontask
import pytest
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from accounts.derived import refresh_derived_columns
from config.tasks import tidy
from importing.models import ImportJob
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


def test_the_nightly_tasks_are_on_the_clock():
    autodiscover_modules("tasks")
    assert {"refresh_derived_columns", "tidy", "post_digests"} <= {job.name for job in crontask.scheduler.get_jobs()}


def test_the_nightly_refresh_corrects_a_status_that_no_longer_holds():
    account = make_account(target_status="on_track")
    assert refresh_derived_columns.call() == 1
    account.refresh_from_db()
    assert account.target_status == "no_target"


def test_tidying_drops_customer_lists_that_nobody_came_back_to():
    fresh, old = (ImportJob.objects.create(user=make_user(), filename="list.csv") for _ in range(2))
    ImportJob.objects.filter(pk=old.pk).update(started_at=timezone.now() - timedelta(days=2))
    tidy.call()
    assert list(ImportJob.objects.all()) == [fresh]
