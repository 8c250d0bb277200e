"""The history that the forecasts of a day are made from."""

from typing import Any

from django.db import models

from plans.forecast.chain import Pace
from plans.forecast.counting import SegmentPace, factors_of


class ForecastBasis(models.Model):
    """What all accounts of the organisation together tell about the pace: counts only, nobody named.

    Made once a day for everybody (`plans.forecast.basis`), so that an account has the same forecast whoever asks.
    """

    day = models.DateField(unique=True)
    made_at = models.DateTimeField(auto_now=True)
    years = models.JSONField()  # account-years in each of the 21 states
    moves = models.JSONField()  # [from, to, how many], ascending
    segments = models.JSONField()  # by name: [moves seen, moves that everybody's rates would have given]
    is_enough = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.day}"

    @classmethod
    def of(cls, day: Any, pace: Pace, segments: dict[str, SegmentPace]) -> "ForecastBasis":
        return cls(
            day=day,
            years=list(pace.years),
            moves=[list(move) for move in pace.moves],
            segments={name: [one.moves, one.expected] for name, one in segments.items()},
            is_enough=pace.is_enough,
        )

    @property
    def pace(self) -> Pace:
        return Pace(tuple(self.years), tuple((before, after, count) for before, after, count in self.moves))

    @property
    def factors(self) -> dict[str, float]:
        """How many times as fast as everybody each segment moves; one that is not here: once."""
        return factors_of({name: SegmentPace(moves, expected) for name, (moves, expected) in self.segments.items()})
