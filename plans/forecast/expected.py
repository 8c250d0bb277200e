"""How many of the targets of many accounts will be reached: the sum of their stored chances, with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db.models import BigIntegerField, Case, F, FloatField, IntegerField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Floor, Round

from accounts.models import Account
from core.packed import Ordinal
from plans.forecast.aims import DECIMALS
from plans.forecast.chain import DAYS_A_YEAR, QUARTERS, first_state
from plans.forecast.uncertainty import Aims, interval_of_sum, seed_of
from plans.models import ForecastBasis

WHOLE = 10**DECIMALS  # a chance of 1
_CHANCES = 1 << 21  # more than there are, in steps of `WHOLE`
_FIRSTS = np.array([0, *(first_state(level) for level in range(1, 6))])
_ALIKE = 1e-9


@dataclass(frozen=True, slots=True)
class Expected:
    """Of `of` targets so many are expected to be reached, with a 90 % interval; `unknown` more have no chance."""

    expected: float
    low: int
    high: int
    of: int
    unknown: int


def packed_target() -> Combinable:
    """The target of an account and its chance as one number, for `expected_of`; 0 for an account without one."""
    position = Coalesce("customer_position", Cast("customer_level", FloatField()), Value(0.0))
    state = Cast(Floor(position * float(QUARTERS) + _ALIKE), IntegerField())
    hold = Case(When(target_kind=Account.TargetKind.HOLD, then=Value(1)), default=Value(0))
    chance = Coalesce(Cast(Round(F("target_chance") * WHOLE), IntegerField()) + 1, Value(0))
    detail = ((Ordinal("target_due_on") * 32 + state) * 8 + F("target_level")) * 2 + hold
    packed = Cast(detail, BigIntegerField()) * _CHANCES + chance
    return Case(When(target_level__isnull=False, then=packed), default=Value(0), output_field=BigIntegerField())


def expected_of(packed: np.ndarray, segments: Sequence[str], basis: ForecastBasis, today: date) -> Expected:
    """The sum of the chances of accounts, those that each of them shows; each with its segment. No statement.

    What is reached counts as 1, what is due and not reached as 0. The interval draws rates and outcomes together.
    """
    aimed = packed > 0
    chances = packed % _CHANCES - 1
    known = aimed & (chances >= 0)
    reached = int(np.count_nonzero(aimed & (chances == WHOLE)))
    open_ = known & (chances > 0) & (chances < WHOLE)
    low = high = 0
    if open_.any():
        factors = basis.factors
        times = np.array([factors.get(segment, 1.0) for segment, chosen in zip(segments, open_, strict=True) if chosen])
        detail = packed[open_] // _CHANCES
        aims = Aims(
            states=detail >> 4 & 31,
            firsts=_FIRSTS[detail >> 1 & 7],
            holds=(detail & 1).astype(bool),
            years=((detail >> 9) - today.toordinal()) / DAYS_A_YEAR * times,
            chances=chances[open_] / WHOLE,
        )
        low, high = interval_of_sum(basis.pace, seed_of(today.toordinal()), aims)
    return Expected(
        expected=float(chances[known].sum()) / WHOLE,
        low=reached + low,
        high=reached + high,
        of=int(np.count_nonzero(known)),
        unknown=int(np.count_nonzero(aimed & ~known)),
    )
