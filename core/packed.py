"""Many rows as NumPy arrays, without a Python object for each: PostgreSQL sends them as one string of bytes.

A million rows of three numbers come in a third of a second instead of three. SQLite sends them row by row.
"""

from typing import Any

import numpy as np
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Aggregate, BinaryField, Func, IntegerField, QuerySet
from django.db.models.sql.compiler import SQLCompiler

# What PostgreSQL sends a number of so many bytes with, and how NumPy reads it.
_SENT = {4: ("int4send({}::integer)", ">i4"), 8: ("int8send({}::bigint)", ">i8")}


class Ordinal(Func):
    """A day as `date.toordinal` counts them."""

    output_field = IntegerField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        template = "(%(expressions)s - DATE '0001-01-01' + 1)"
        return super().as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        template = "CAST(julianday(%(expressions)s) - 1721424.5 AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, **context)


class Packed(Aggregate):
    """The numbers of a group's rows as bytes, for `unpacked`; of two in one statement the rows stand in the same order."""

    output_field = BinaryField()
    template = "STRING_AGG(int8send((%(expressions)s)::bigint), ''::bytea)"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="GROUP_CONCAT(%(expressions)s)", **context)

    def convert_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return value  # text from SQLite; `unpacked` knows


def unpacked(value: Any) -> np.ndarray:
    """What `Packed` packed, as an array of integers."""
    if isinstance(value, str):
        return np.array(value.split(","), np.int64)
    return np.frombuffer(value or b"", _SENT[8][1]).astype(np.int64)


def columns(rows: QuerySet, *sizes: int) -> tuple[np.ndarray, ...]:
    """The columns of `rows` (from `values_list`, whole numbers of 4 or 8 bytes each) as arrays, in the order of the rows.

    One statement.
    """
    connection = connections[rows.db]
    if connection.vendor != "postgresql":
        found = np.array(list(rows), np.int64).reshape(-1, len(sizes))
        return tuple(found.T)
    sql, params = rows.query.get_compiler(connection=connection).as_sql()
    names = [f"c{place}" for place in range(len(sizes))]
    sent = " || ".join(_SENT[size][0].format(name) for name, size in zip(names, sizes, strict=True))
    with connection.cursor() as cursor:
        # The rows are ordered in the inner query: STRING_AGG's own ORDER BY would sort them again.
        cursor.execute(f"SELECT STRING_AGG({sent}, ''::bytea) FROM ({sql}) AS r({', '.join(names)})", params)  # noqa: S608
        (packed,) = cursor.fetchone()
    unpacked_rows = np.frombuffer(
        packed or b"", np.dtype([(name, _SENT[size][1]) for name, size in zip(names, sizes, strict=True)])
    )
    return tuple(unpacked_rows[name].astype(np.int64) for name in names)
