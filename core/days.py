"""Which day it is: the organisation's, wherever the person who asks may be.

A date of the business (held on, due on, the day a status is told for) is the same for everybody: its day begins at midnight in the
setting TIME_ZONE, whatever zone is active (`docs/decisions/`, “Dates are the organisation's”). A *moment* that a page shows
is in its reader's zone.
"""

from datetime import date, datetime

from django.utils import timezone


def today() -> date:
    """The organisation's day, also while the zone of a reader is active."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def day_of(moment: datetime) -> date:
    """The organisation's day on which `moment`, which knows its zone, fell."""
    return timezone.localdate(moment, timezone.get_default_timezone())
