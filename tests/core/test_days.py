"""The organisation's day, whatever zone is active."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import timezone

from core import days

ZONES = [None, "Pacific/Auckland", "Pacific/Honolulu", "UTC"]


@pytest.mark.parametrize("active", ZONES)
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2027, 3, 10, 22, 59, tzinfo=UTC), date(2027, 3, 10)),  # a minute before midnight in Amsterdam
        (datetime(2027, 3, 10, 23, 0, tzinfo=UTC), date(2027, 3, 11)),
        (datetime(2027, 7, 10, 22, 0, tzinfo=UTC), date(2027, 7, 11)),  # summer
    ],
)
def test_a_day_begins_at_the_organisations_midnight(active, moment, day):
    with timezone.override(active), time_machine.travel(moment, tick=False):
        assert (days.today(), days.day_of(moment)) == (day, day)


@pytest.mark.parametrize("active", ZONES)
def test_the_zone_is_the_setting_of_the_organisation(active, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    with timezone.override(active), time_machine.travel(datetime(2027, 3, 10, 15, 0, tzinfo=UTC), tick=False):
        assert days.today() == date(2027, 3, 11)
