"""Insert many rows: with COPY on PostgreSQL, which takes a third less processor time than INSERT."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql

COPY_FROM = 100  # rows; fewer are inserted as quickly by INSERT
BATCH = 500  # rows of one INSERT


def insert_many(rows: Sequence[Any]) -> None:
    """Insert `rows`, all of one model, and set their ids, ascending in their order. Raises what `bulk_create` raises.

    Database defaults and generated columns are not read back.
    """
    if not rows:
        return
    model: type[models.Model] = type(rows[0])
    if connection.vendor != "postgresql" or len(rows) < COPY_FROM:
        model._base_manager.bulk_create(rows, batch_size=BATCH)
        return
    if without := [row for row in rows if row.pk is None]:
        for row, pk in zip(without, next_ids(model, len(without)), strict=True):
            row.pk = pk
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    names: list[sql.Composable] = [sql.Identifier(str(field.column)) for field in fields]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), sql.SQL(", ").join(names))
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement.as_string()) as copy:
        for row in rows:
            copy.write_row([field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def next_ids(model: type[models.Model], number: int) -> "array[int]":
    """`number` new ids from the sequence of PostgreSQL, ascending. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [model._meta.db_table, number]
        )
        return array("q", (pk for (pk,) in cursor))


def reserved_ids(model: type[models.Model], number: int) -> Iterable[int]:
    """`number` ids for new rows that no other row gets, ascending, within the transaction. One statement."""
    if connection.vendor == "postgresql":
        return next_ids(model, number)
    with connection.cursor() as cursor:
        # SQLite's IMMEDIATE transactions let one writer in at a time, so nobody else takes the next ids. It keeps the highest
        # one that it ever gave: the id of a row that is gone stands in the trail and is not given again.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        highest = (cursor.fetchone() or (0,))[0]
        return range(highest + 1, highest + 1 + number)
