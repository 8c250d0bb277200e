"""The organisation that uses this installation: its name, language, time zone and reporting currency.

What the set-up page or the page of the organisation stored counts; before that, the environment variables ORGANISATION, TIME_ZONE
and REPORTING_CURRENCY. Each process keeps the row for `FRESH` seconds, so that pages need no statement for it.
"""

import time
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from core.models import Organisation

FRESH = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Kept:
    row: Organisation | None
    until: float  # of the monotonic clock


_kept: list[Kept] = []


def stored() -> Organisation | None:
    """The row; None before the set-up. At most one statement in `FRESH` seconds."""
    now = time.monotonic()
    if _kept and now < _kept[0].until:
        return _kept[0].row
    row = Organisation.objects.first()
    keep(row)
    return row


def keep(row: Organisation | None, seconds: float = FRESH) -> None:
    """Take this row, or that there is none, for what is stored, for so many seconds."""
    _kept[:] = [Kept(row, time.monotonic() + seconds)]


def forget() -> None:
    """Read the row again at the next call: in this process at once, in others within `FRESH` seconds."""
    _kept.clear()


def name() -> str:
    """As customers know us; "" when nobody said."""
    row = stored()
    return row.name if row else settings.ORGANISATION


def language() -> str:
    """The code of the language in which we write to people who have not chosen one."""
    row = stored()
    return row.language if row else settings.LANGUAGE_CODE


def time_zone() -> ZoneInfo:
    row = stored()
    return ZoneInfo(row.time_zone if row else settings.TIME_ZONE)


def reporting_currency() -> str:
    """The three letters of the currency of sums."""
    row = stored()
    return row.reporting_currency if row else settings.REPORTING_CURRENCY


def values() -> dict[str, str]:
    """What counts now, by the name of the column."""
    return {
        "name": name(),
        "language": language(),
        "time_zone": str(time_zone()),
        "reporting_currency": reporting_currency(),
    }


def ensured() -> Organisation:
    """The row, made of what counts now where nobody set the organisation up."""
    row, _made = Organisation.objects.get_or_create(pk=Organisation.THE_ONE, defaults=values())
    return row
