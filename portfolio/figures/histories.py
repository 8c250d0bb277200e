"""The level histories of many accounts as arrays. Pure, with NumPy."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

import numpy as np

LEVELS = 5
NEVER = np.iinfo(np.int64).max
_SPAN = 4_000_000  # more days than the calendar has: account and day make one number that sorts as the pair does


@dataclass(frozen=True, eq=False)
class Histories:
    """Closed results, by account and then in time. The results of account k are starts[k] up to starts[k + 1].

    Days are proleptic ordinals (`date.toordinal`), levels 1..5. A level lasts from its day until the account's next one.
    """

    accounts: np.ndarray  # ids, ascending, each once
    starts: np.ndarray  # one longer than accounts
    days: np.ndarray
    levels: np.ndarray
    moments: np.ndarray  # place of the account and day as one number, ascending

    @classmethod
    def of(cls, rows: Iterable[tuple[int, date, int]], *, until: date | None = None) -> Self:
        """From (account id, day, level), without results after `until`. Of two on one day the later given counts.

        Raises ValueError for a level outside 1..5.
        """
        found = rows if isinstance(rows, list) else list(rows)
        accounts = np.fromiter((row[0] for row in found), np.int64, len(found))
        days = np.fromiter((row[1].toordinal() for row in found), np.int64, len(found))
        levels = np.fromiter((row[2] for row in found), np.int64, len(found))
        return cls.of_arrays(accounts, days, levels, until=until)

    @classmethod
    def of_arrays(cls, accounts: np.ndarray, days: np.ndarray, levels: np.ndarray, *, until: date | None = None) -> Self:
        """As `of`, from three arrays of one length; days are ordinals."""
        if levels.size and not (levels.min() >= 1 and levels.max() <= LEVELS):
            raise ValueError(f"levels are 1 to {LEVELS}")
        if until is not None:
            kept = days <= until.toordinal()
            accounts, days, levels = accounts[kept], days[kept], levels[kept]
        key = accounts * _SPAN + days
        if np.any(key[1:] < key[:-1]):
            order = np.argsort(key, kind="stable")  # keeps the order given within a day
            key, accounts, days, levels = key[order], accounts[order], days[order], levels[order]
        last_of_day = np.append(key[1:] != key[:-1], True)[: key.size]
        accounts, days, levels = accounts[last_of_day], days[last_of_day], levels[last_of_day]
        firsts = np.append(True, accounts[1:] != accounts[:-1])[: accounts.size]
        starts, places = np.flatnonzero(firsts), np.cumsum(firsts) - 1
        return cls(accounts[starts], np.append(starts, accounts.size), days, levels, places * _SPAN + days)

    @cached_property
    def owners(self) -> np.ndarray:
        """For each result the place of its account in `accounts`."""
        return np.repeat(np.arange(self.accounts.size), np.diff(self.starts))

    def place_of(self, accounts: np.ndarray) -> np.ndarray:
        """The places of these ids in `accounts`; -1 for one without results."""
        if not self.accounts.size:
            return np.full(accounts.shape, -1)
        place = np.minimum(np.searchsorted(self.accounts, accounts), self.accounts.size - 1)
        return np.where(self.accounts[place] == accounts, place, -1)

    def as_of(self, places: np.ndarray, days: np.ndarray | int) -> np.ndarray:
        """For each account (by place, -1 for none) the result that stood on the day; -1 where there was none yet."""
        if not self.days.size:
            return np.full(np.shape(places), -1)
        found = np.searchsorted(self.moments, places * _SPAN + days, side="right") - 1
        return np.where((places >= 0) & (found >= self.starts[places]), found, -1)

    def all_as_of(self, day: int) -> np.ndarray:
        """`as_of` one day for every account."""
        if not self.days.size:
            return np.zeros(0, np.int64)
        known = np.add.reduceat(self.days <= day, self.starts[:-1], dtype=np.int64)
        return np.where(known > 0, self.starts[:-1] + known - 1, -1)

    @cached_property
    def next_climb(self) -> np.ndarray:
        """For each result the day of the account's next one on a higher level, else NEVER."""
        days, owners = np.full(self.days.shape, NEVER), self.owners
        for level in range(1, LEVELS):
            here, above = np.flatnonzero(self.levels == level), np.flatnonzero(self.levels > level)
            if not above.size:
                break
            place = np.searchsorted(above, here)
            following = above[np.minimum(place, above.size - 1)]
            climbed = (place < above.size) & (owners[following] == owners[here])
            days[here[climbed]] = self.days[following[climbed]]
        return days
