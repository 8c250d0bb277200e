"""Pages of a long list by keyset: the last one costs what the first does.

An address holds the last row that was seen, as a cursor, and the page is what lies beyond it: a walk of a few rows along an
index, wherever it begins. What stands beyond a row is up to three stretches, each in index order: the rows of the same value,
those of the values beyond it, and those without a value, which come last either way. Of one value the rows go by name and id.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q, QuerySet

END = "end"  # before the end: the last page
LONGEST = 4000  # characters; two names of 200 letters take 2200
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Sort:
    """By one column either way, rows without a value last; then by name and id, always upwards."""

    key: str  # as it stands in the address
    column: str  # a path of Django's: level, owner__name
    descending: bool = False

    @property
    def ties(self) -> tuple[str, ...]:
        return ("pk",) if self.column == "name" else ("name", "pk")

    def of(self, rows: QuerySet) -> QuerySet:
        """`rows` in this order, in one statement."""
        column = models.F(self.column)
        return rows.order_by(column.desc(nulls_last=True) if self.descending else column.asc(nulls_last=True), *self.ties)

    def __str__(self) -> str:
        return f"-{self.key}" if self.descending else self.key


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in an order."""

    value: Any  # of the column that is sorted by; None where the row has none
    name: str
    pk: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows; `before` and `after` are the cursors of its neighbours, "" where there is none."""

    object_list: list[Any]
    before: str = ""
    after: str = ""

    def __iter__(self) -> Iterator[Any]:
        return iter(self.object_list)

    def __len__(self) -> int:
        return len(self.object_list)


def page_of(rows: QuerySet, sort: Sort, *, after: str = "", before: str = "", size: int) -> Page:
    """The rows after or before a cursor; the first ones for a cursor that does not fit. At most three statements.

    `before=END` gives the last rows.
    """
    if before and (page := _page_before(rows, sort, before, size)):
        return page
    place = cursor_place(after, rows.model, sort) if after else None
    found = _beyond(rows, sort, place, size + 1, back=False)
    if not found and place:
        return page_of(rows, sort, size=size)
    return _page(found[:size], rows, sort, before=place is not None, after=len(found) > size)


def cursor_of(row: Any, sort: Sort) -> str:
    """Where `row` stands, for an address."""
    value: Any = row
    for name in sort.column.split("__"):
        value = getattr(value, name)
    if isinstance(value, date | Decimal):
        value = str(value)
    text = json.dumps([value, row.name, row.pk], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def cursor_place(cursor: str, model: type[models.Model], sort: Sort) -> Place | None:
    """What a cursor says; None for one that nobody here wrote, or for another order."""
    if len(cursor) > LONGEST:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        value, name, pk = json.loads(text)
        if type(name) is not str or type(pk) is not int or not 0 < pk <= LARGEST_ID or not _storable(name):
            return None
        field = _field(model, sort.column)
        field = field.output_field if isinstance(field, models.GeneratedField) else field
        return Place(_as_stored(value, field), name, pk)
    except (ValueError, TypeError, ArithmeticError, RecursionError, ValidationError, FieldDoesNotExist):
        return None


def _page_before(rows: QuerySet, sort: Sort, before: str, size: int) -> Page | None:
    """The page before a cursor; None where fewer rows than a page stand before it: that is the first page then."""
    place = None if before == END else cursor_place(before, rows.model, sort)
    if place is None and before != END:
        return None
    found = _beyond(rows, sort, place, size + 1, back=True)
    if len(found) <= size:
        return None
    return _page(found[:size][::-1], rows, sort, before=True, after=place is not None)


def _page(found: list[Any], rows: QuerySet, sort: Sort, *, before: bool, after: bool) -> Page:
    return Page(
        found,
        cursor_of(found[0], sort) if found and before else "",
        cursor_of(found[-1], sort) if found and after else "",
    )


def _beyond(rows: QuerySet, sort: Sort, place: Place | None, most: int, *, back: bool) -> list[Any]:
    """The nearest rows that come after `place` (before it when `back`), nearest first; from the end for no place."""
    found: list[Any] = []
    for stretch in _stretches(rows, sort, place, back):
        found += stretch[: most - len(found)]
        if len(found) == most:
            break
    return found


def _stretches(rows: QuerySet, sort: Sort, place: Place | None, back: bool) -> Iterator[QuerySet]:
    """What lies beyond `place`, one stretch after the other."""
    column = sort.column
    down = sort.descending != back
    order = [f"-{column}" if down else column, *(f"-{tie}" if back else tie for tie in sort.ties)]
    may_be_empty = _may_be_empty(rows.model, column)
    # Sorted by the column too, though it has no value: PostgreSQL knows no other way along the index.
    without = [f"-{column}" if back else column, *order[1:]]
    nothing = rows.filter(**{f"{column}__isnull": True}).order_by(*without)
    valued = (rows.filter(**{f"{column}__isnull": False}) if may_be_empty else rows).order_by(*order)
    if place is None:
        parts = [valued, nothing] if may_be_empty else [valued]
        yield from reversed(parts) if back else parts
    elif place.value is None:
        yield nothing.filter(_ties_beyond(sort, place, back))
        if back:
            yield valued
    else:
        yield rows.filter(_ties_beyond(sort, place, back), **{column: place.value}).order_by(*order[1:])
        yield rows.filter(**{f"{column}__{'lt' if down else 'gt'}": place.value}).order_by(*order)
        if may_be_empty and not back:
            yield nothing


def _ties_beyond(sort: Sort, place: Place, back: bool) -> Q:
    way = "lt" if back else "gt"
    if sort.ties == ("pk",):
        return Q(**{f"pk__{way}": place.pk})
    # The first half alone bounds the walk along the index.
    return Q(**{f"name__{way}e": place.name}) & (Q(**{f"name__{way}": place.name}) | Q(**{f"pk__{way}": place.pk}))


def _field(model: type[models.Model], column: str) -> Any:
    field: Any = None
    for name in column.split("__"):
        field = model._meta.get_field(name)
        model = field.related_model
    return field


def _may_be_empty(model: type[models.Model], column: str) -> bool:
    field = _field(model, column)
    return isinstance(field, models.GeneratedField) or field.null


def _as_stored(value: Any, field: models.Field) -> Any:
    """A cursor's value as one of the column. ValueError or ValidationError for what it cannot hold."""
    if value is None:
        return None
    if type(value) not in {str, int} or (isinstance(value, str) and not _storable(value)):
        raise ValueError
    found = field.to_python(value)
    if isinstance(found, int) and not -(2**15) <= found < 2**15:
        raise ValueError
    if isinstance(found, Decimal) and not (found.is_finite() and abs(found) < Decimal(10) ** 28):
        raise ValueError
    return found


def _storable(text: str) -> bool:
    """Whether a database takes it: no NUL, no half of a character."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
