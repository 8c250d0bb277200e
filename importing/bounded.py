"""What lets an import of very many rows do with little memory: files and numbers in the place of objects."""

import pickle
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from types import TracebackType
from typing import Any, Self

from django.apps import apps
from django.db import connection, models

from audit import trail
from core.bulk_insert import next_ids

LONG = 2_000_000  # characters, of up to four bytes each, that are in the memory at a time and more than once
_NOTHING = -1


def chunks[T](things: Iterable[T], most: int, length: Callable[[T], int]) -> Iterator[list[T]]:
    """So many things at a time; of long ones fewer, `LONG` characters and one thing more at most."""
    chunk: list[T] = []
    left = LONG
    for one in things:
        chunk.append(one)
        left -= length(one)
        if len(chunk) == most or left < 0:
            yield chunk
            chunk, left = [], LONG
    if chunk:
        yield chunk


class PairsOfNumbers:
    """Many pairs of whole numbers, 16 bytes each."""

    def __init__(self) -> None:
        self._numbers = array("q")

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return batched(self._numbers, 2)  # type: ignore[return-value]

    def __len__(self) -> int:
        return len(self._numbers) // 2

    def extend(self, pairs: Iterable[tuple[int, int]]) -> None:
        for pair in pairs:
            self._numbers.extend(pair)


class OnDisk[T]:
    """Very many things, written once, some hundreds at a time, and read as often as one likes."""

    def __init__(self, pieces: Iterable[list[T]]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 goes with the last one who reads it
        for piece in pieces:
            pickle.dump(piece, self._file, pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()

    def __iter__(self) -> Iterator[T]:
        place = 0
        while place < self._end:
            self._file.seek(place)  # somebody else may be reading, too
            piece = pickle.load(self._file)  # noqa: S301 nobody else can reach the file
            place = self._file.tell()
            yield from piece


class Shelf[T]:
    """Very many things on disk, each by its number below `size`, put there and read in whatever order.

    What is read is a copy: whoever changes it puts it there again, in the place of the former one.
    """

    def __init__(self, size: int) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 goes with the last one who reads it
        self._places = array("q", [_NOTHING]) * size
        self._end = 0

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, number: int) -> T:
        """KeyError where nothing was put."""
        place = self._places[number]
        if place == _NOTHING:
            raise KeyError(number)
        self._file.seek(place)
        return pickle.load(self._file)  # noqa: S301 nobody else can reach the file

    def __iter__(self) -> Iterator[T]:
        """In the order of their numbers; there is one for each."""
        return map(self.__getitem__, range(len(self)))

    def put(self, number: int, thing: T) -> None:
        self._places[number] = self._end
        self._file.seek(self._end)
        self._file.write(pickle.dumps(thing, pickle.HIGHEST_PROTOCOL))
        self._end = self._file.tell()


@dataclass(frozen=True, slots=True)
class Touched:
    """As much of a stored object as the trail says of it."""

    _meta: Any
    pk: int
    account_id: int
    version: int


class Postponed:
    """Changes that are told to the trail later, on disk until then, in their order."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 closed by the one who uses it
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._number

    def add(self, changes: Iterable[trail.Change]) -> None:
        """Changes of accounts and of what has an account; in all of them the object is stored already."""
        for change in changes:
            obj: Any = change.obj
            of = (obj._meta.label_lower, obj.pk, getattr(obj, "account_id", obj.pk), obj.version)
            pickle.dump((change.act, of, change.before, change.after, change.note), self._file, pickle.HIGHEST_PROTOCOL)
            self._number += 1

    def batches(self, size: int) -> Iterator[tuple[trail.Change, ...]]:
        """All that were added, so many at a time."""
        self._file.seek(0)
        yield from batched((self._next() for _change in range(self._number)), size)

    def _next(self) -> trail.Change:
        act, (label, *rest), before, after, note = pickle.load(self._file)  # noqa: S301 nobody else can reach the file
        return trail.Change(act, Touched(apps.get_model(label)._meta, *rest), before, after, note)  # type: ignore[arg-type]


def reserved_ids(model: type[models.Model], number: int) -> Iterable[int]:
    """So many ids for new rows of this model that no other row gets, ascending, within the transaction. One statement."""
    if connection.vendor == "postgresql":
        return next_ids(model, number)
    with connection.cursor() as cursor:
        # SQLite's IMMEDIATE transactions let one writer in at a time, so nobody else takes the next ids. It keeps the highest
        # one that it ever gave: the id of a row that is gone stands in the trail and is not given again.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        highest = (cursor.fetchone() or (0,))[0]
        return range(highest + 1, highest + 1 + number)
