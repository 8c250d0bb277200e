"""The current date in the time zone of the organisation.

Business dates (held on, due on, the date of a status) are the same for everybody: a day begins at midnight in TIME_ZONE,
whatever time zone is active (decision 0011). A point in time is shown in the reader's time zone.
"""

from datetime import date, datetime

from django.utils import timezone


def today() -> date:
    """The current date in TIME_ZONE, not in the active time zone."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def day_of(moment: datetime) -> date:
    """The date of `moment`, an aware datetime, in TIME_ZONE."""
    return timezone.localdate(moment, timezone.get_default_timezone())
