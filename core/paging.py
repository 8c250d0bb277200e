"""Pages of a long list by keyset: the last one costs what the first does.

An address holds the last row that was seen, as a cursor, and the page is what lies beyond it: a walk of a few rows along an
index, wherever it begins. What stands beyond a row is up to three stretches, each in index order: the rows of the same value,
those of the values beyond it, and those without a value, which come last either way. Of one value the rows go by name and id.
Lists of the API go by id alone (`BY_ID`, `rows_after`).

A walk passes over all that a filter leaves out. Where few rows are left, they are picked out by the filter and sorted instead.
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
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler

END = "end"  # before the end: the last page
LONGEST = 4000  # characters; two names of 200 letters take 2200
FEW = 2000  # rows that are sorted as fast as a walk may come by them
LARGEST_ID = 2**63 - 1


class AsItIs(models.Func):
    """The value of a column, which PostgreSQL does not know to be that of an index: it picks the rows out, then sorts them."""

    template = "%(expressions)s"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="(ARRAY[%(expressions)s])[1]", **context)


@dataclass(frozen=True, slots=True)
class Sort:
    """By one column either way, rows without a value last; then by name and id, always upwards. Or by id alone."""

    key: str  # as it stands in the address
    column: str  # a path of Django's: level, owner__name
    descending: bool = False

    @property
    def ties(self) -> tuple[str, ...]:
        """What orders the rows of one value."""
        if self.column == "pk":
            return ()
        return ("pk",) if self.column == "name" else ("name", "pk")

    def of(self, rows: QuerySet, *, back: bool = False, by_index: bool = True) -> QuerySet:
        """`rows` in this order (the other way round when `back`), in one statement."""
        column: Any = models.F(self.column) if by_index else AsItIs(self.column)
        empty = {"nulls_first": True} if back else {"nulls_last": True}
        first = column.desc(**empty) if self.descending != back else column.asc(**empty)
        return rows.order_by(first, *(f"-{tie}" if back else tie for tie in self.ties))

    def __str__(self) -> str:
        return f"-{self.key}" if self.descending else self.key


BY_ID = Sort("id", "pk")


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


def rows_after(rows: QuerySet, sort: Sort, place: Place | None, size: int) -> tuple[list[Any], bool]:
    """The `size` rows that come after `place`, the first ones for None; and whether there are more. One statement by id."""
    found = _beyond(rows, sort, place, size + 1, back=False, few=False)
    return found[:size], len(found) > size


def page_of(rows: QuerySet, sort: Sort, *, count: int, after: str = "", before: str = "", size: int) -> Page:
    """The rows after or before a cursor; the first ones for a cursor that does not fit. At most three statements.

    `before=END` gives the last rows. `count` says how many rows there are; it may be a little out of date.
    """
    few = count <= FEW
    if before and (page := _page_before(rows, sort, before, size, few=few)):
        return page
    place = cursor_place(after, rows.model, sort) if after else None
    found = _beyond(rows, sort, place, size + 1, back=False, few=few)
    if not found and place:
        return page_of(rows, sort, count=count, size=size)
    return _page(found[:size], sort, before=place is not None, after=len(found) > size)


def cursor_of(row: Any, sort: Sort) -> str:
    """Where `row` stands, for an address."""
    value: Any = row
    for name in sort.column.split("__"):
        value = getattr(value, name)
    if isinstance(value, date | Decimal):
        value = str(value)
    said = [value] if sort == BY_ID else [value, row.name, row.pk]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def cursor_place(cursor: str, model: type[models.Model], sort: Sort) -> Place | None:
    """What a cursor says; None for one that nobody here wrote, or for another order."""
    if len(cursor) > LONGEST:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        said = json.loads(text)
        if sort == BY_ID:
            (pk,) = said
            value, name = pk, ""
        else:
            value, name, pk = said
        if type(name) is not str or type(pk) is not int or not 0 < pk <= LARGEST_ID or not _storable(name):
            return None
        field = _field(model, sort.column)
        field = field.output_field if isinstance(field, models.GeneratedField) else field
        return Place(_as_stored(value, field), name, pk)
    except (ValueError, TypeError, ArithmeticError, RecursionError, ValidationError, FieldDoesNotExist):
        return None


def _page_before(rows: QuerySet, sort: Sort, before: str, size: int, *, few: bool) -> Page | None:
    """The page before a cursor; None where no more rows than a page stand before it: that is the first page then."""
    place = None if before == END else cursor_place(before, rows.model, sort)
    if place is None and before != END:
        return None
    found = _beyond(rows, sort, place, size + 1, back=True, few=few)
    if len(found) <= size:
        return None
    return _page(found[:size][::-1], sort, before=True, after=place is not None)


def _page(found: list[Any], sort: Sort, *, before: bool, after: bool) -> Page:
    return Page(
        found,
        cursor_of(found[0], sort) if found and before else "",
        cursor_of(found[-1], sort) if found and after else "",
    )


def _beyond(rows: QuerySet, sort: Sort, place: Place | None, most: int, *, back: bool, few: bool) -> list[Any]:
    """The nearest rows that come after `place` (before it when `back`), nearest first; from the end for no place."""
    stretches = _stretches(rows.model, sort, place, back)
    if few:
        beyond = rows.filter(Q(*(where for where, _order in stretches), _connector=Q.OR)) if place else rows
        return list(sort.of(beyond, back=back, by_index=False)[:most])
    found: list[Any] = []
    for where, order in stretches:
        found += rows.filter(where).order_by(*order)[: most - len(found)]
        if len(found) == most:
            break
    return found


def _stretches(model: type[models.Model], sort: Sort, place: Place | None, back: bool) -> list[tuple[Q, list[str]]]:
    """What lies beyond `place`, one stretch after the other: which rows, in which order."""
    column = sort.column
    down = sort.descending != back
    ties = [f"-{tie}" if back else tie for tie in sort.ties]
    order = [f"-{column}" if down else column, *ties]
    may_be_empty = _may_be_empty(model, column)
    # Sorted by the column too, though it has no value: PostgreSQL knows no other way along the index.
    nothing = (Q(**{f"{column}__isnull": True}), [f"-{column}" if back else column, *ties])
    valued = (Q(**{f"{column}__isnull": False}) if may_be_empty else Q(), order)
    if place is None:
        parts = [valued, nothing] if may_be_empty else [valued]
        return parts[::-1] if back else parts
    beyond = _ties_beyond(sort, place, back)
    if place.value is None:
        return [(nothing[0] & beyond, nothing[1])] + ([valued] if back else [])
    further = (Q(**{f"{column}__{'lt' if down else 'gt'}": place.value}), order)
    if not ties:
        return [further]
    same = (Q(**{column: place.value}) & beyond, ties)
    return [same, further, nothing] if may_be_empty and not back else [same, further]


def _ties_beyond(sort: Sort, place: Place, back: bool) -> Q:
    way = "lt" if back else "gt"
    if sort.ties == ("pk",):
        return Q(**{f"pk__{way}": place.pk})
    # The first half alone bounds the walk along the index.
    return Q(**{f"name__{way}e": place.name}) & (Q(**{f"name__{way}": place.name}) | Q(**{f"pk__{way}": place.pk}))


def _field(model: type[models.Model], column: str) -> Any:
    field: Any = None
    for name in column.split("__"):
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        model = field.related_model
    return field


def _may_be_empty(model: type[models.Model], column: str) -> bool:
    field = _field(model, column)
    return isinstance(field, models.GeneratedField) or field.null


def _as_stored(value: Any, field: Any) -> Any:
    """A cursor's value as one of the column. ValueError or ValidationError for what it cannot hold."""
    if value is None:
        return None
    if type(value) not in {str, int} or (isinstance(value, str) and not _storable(value)):
        raise ValueError
    found = field.to_python(value)
    most = LARGEST_ID + 1 if field.primary_key else 2**15
    if isinstance(found, int) and not -most <= found < most:
        raise ValueError
    if isinstance(found, Decimal) and not (found.is_finite() and abs(found) < Decimal(10) ** 28):
        raise ValueError
    return found


def _storable(text: str) -> bool:
    """Whether a database takes it: no NUL, no half of a character."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
