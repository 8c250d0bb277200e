"""Counts the history that forecasts are made from, and stores it once a day."""

from datetime import date

import numpy as np
from django.db import transaction
from django.db.models import BigIntegerField, F, FloatField, IntegerField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Floor

from accounts.derived import DerivedChange, refresh_derived_columns
from accounts.models import Account
from assessments.models import Assessment
from core.packed import Ordinal, Packed, columns, unpacked
from plans.forecast.chain import QUARTERS, Pace
from plans.forecast.counting import Positions, SegmentPace, count
from plans.models import ForecastBasis

_ALIKE = 1e-9
_STATES = 32  # more than there are
_DETAILS = 1 << 27  # more than a day and a state can be together; an id stands above them


def newest_basis() -> ForecastBasis | None:
    """The basis of the newest day; None before there was any. One statement."""
    return ForecastBasis.objects.order_by("-day").first()


def basis_of(today: date) -> ForecastBasis:
    """The basis that forecasts are made from on this day: the newest one. One statement.

    While that has too little history, what there is is counted anew, which is quickly done: two statements more. It is not stored.
    """
    found = newest_basis()
    return found if found and found.is_enough else ForecastBasis.of(today, *history_until(today))


def renew(today: date) -> ForecastBasis:
    """Count the history up to `today`, and store it in place of what was counted before. Four statements.

    It is done each night, and whenever all accounts are refreshed.
    """
    made = ForecastBasis.of(today, *history_until(today))
    counted = ["years", "moves", "segments", "is_enough", "made_at"]
    ForecastBasis.objects.bulk_create([made], update_conflicts=True, unique_fields=["day"], update_fields=counted)
    ForecastBasis.objects.exclude(day=today).delete()
    return made


def renew_when_first_enough(changes: list[DerivedChange]) -> None:
    """Have all accounts refreshed when one got its first forecast by an act, since the stored basis had too little history.

    One statement, where an account got a forecast.
    """
    first = any(
        0 < (change.account.target_chance or 0) < 1 and change.before.get("target_chance", 0) is None for change in changes
    )
    if first and not ForecastBasis.objects.filter(is_enough=True).exists():
        transaction.on_commit(refresh_derived_columns.enqueue)


def history_until(until: date) -> tuple[Pace, dict[str, SegmentPace]]:
    """The pace of all accounts, archived ones too, and that of each segment by its name. Two statements.

    An account that came in between the two is counted the next time.
    """
    segments: dict[str, int] = {}
    ids, groups, ongoing = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, bool)]
    by_kind = Account.objects.order_by().values_list("segment", "status").annotate(ids=Packed("pk"))
    for segment, status, packed in by_kind:
        found = unpacked(packed)
        ids.append(found)
        groups.append(np.full(found.shape, segments.setdefault(segment, len(segments) + 1) if segment else 0))
        ongoing.append(np.full(found.shape, status == Account.Status.ACTIVE))
    known, group, active = (np.concatenate(parts) for parts in (ids, groups, ongoing))
    order = np.argsort(known)
    known, group, active = known[order], group[order], active[order]
    accounts, days, states = _results(until)
    there = np.isin(accounts, known)
    accounts, days, states = accounts[there], days[there], states[there]
    place = np.searchsorted(known, accounts)
    pace, paces = count(Positions(accounts, days, states, group[place], active[place]), until.toordinal())
    return pace, {name: paces[number] for name, number in segments.items() if number < len(paces)}


def _results(until: date) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Account, day and state of each closed result with the customer's level, by account and then in time. One statement."""
    heard = Assessment.objects.closed().filter(customer_level__isnull=False, held_on__lte=until)
    found = F("account_id") * _DETAILS + Cast(Ordinal("held_on") * _STATES + state_column(), BigIntegerField())
    rows = heard.order_by("account_id", "held_on", "closed_at", "pk").values_list(Cast(found, BigIntegerField()))
    (packed,) = columns(rows, 8)
    details = packed & (_DETAILS - 1)
    return packed >> 27, details >> 5, details & (_STATES - 1)


def state_column() -> Combinable:
    """The state of a result's customer position; of a confidential round, which has none, that of the level itself."""
    position = Coalesce("customer_position", Cast("customer_level", FloatField()))
    return Cast(Floor(position * float(QUARTERS) + _ALIKE), IntegerField())
