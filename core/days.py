"""The current date in the time zone of the organisation.

Business dates (held on, due on, the date of a status) are the same for everybody: a day begins at midnight in the
organisation's time zone, whatever time zone is active (decision 0011). A point in time is shown in the reader's time zone.
"""

from datetime import date, datetime

from django.utils import timezone

from core import organisation


def today() -> date:
    """The current date in the time zone of the organisation, not in the active time zone."""
    return timezone.localdate(timezone=organisation.time_zone())


def day_of(moment: datetime) -> date:
    """The date of `moment`, an aware datetime, in the time zone of the organisation."""
    return timezone.localdate(moment, organisation.time_zone())
