"""Histories of positions for the tests of the forecast."""

from datetime import date

import numpy as np

from plans.forecast.chain import Pace, state_of
from plans.forecast.counting import Positions, SegmentPace, count

WORKED_UNTIL = date(2024, 1, 1)
WORKED = {
    "A": [(date(2020, 1, 1), 2.10), (date(2021, 1, 1), 2.60), (date(2022, 1, 1), 3.05), (date(2023, 1, 1), 3.05)],
    "B": [(date(2020, 1, 1), 3.40), (date(2021, 7, 1), 3.80), (date(2022, 7, 1), 4.00)],
    "C": [(date(2020, 1, 1), 1.50), (date(2022, 1, 1), 1.20)],
}


def positions(rows, *, groups=None, archived=()) -> Positions:
    """From (account number, day, position), by account and in time; `groups` by account number."""
    accounts = np.array([row[0] for row in rows], np.int64)
    return Positions(
        accounts,
        np.array([row[1].toordinal() for row in rows], np.int64),
        np.array([state_of(row[2]) for row in rows], np.int64),
        np.array([(groups or {}).get(row[0], 0) for row in rows], np.int64),
        np.array([row[0] not in archived for row in rows], bool),
    )


def counted(rows, until, **options) -> tuple[Pace, list[SegmentPace]]:
    return count(positions(rows, **options), until.toordinal())


def worked_rows():
    return [(number, day, position) for number, history in enumerate(WORKED.values(), 1) for day, position in history]


def worked() -> Pace:
    """The history of the worked example: three accounts until 2024."""
    pace, _segments = counted(worked_rows(), WORKED_UNTIL)
    return pace
