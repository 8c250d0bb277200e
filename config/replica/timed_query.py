"""Query one number from PostgreSQL with a time limit on the client, since a frozen server never answers."""

import select
import time

import psycopg


class QueryRefused(Exception):
    """The server answered with an error."""


def query_number(link: psycopg.Connection, statement: bytes, *, seconds: float) -> int | None:
    """The number in the first row of the result; None for NULL and for no row.

    Raises TimeoutError, QueryRefused, or psycopg.Error when the connection breaks; the connection cannot be used afterwards.
    """
    server = link.pgconn
    end = time.monotonic() + seconds
    value = None
    server.send_query(statement)
    server.flush()
    ready = select.poll()
    ready.register(server.socket, select.POLLIN)
    while True:
        while server.is_busy():
            if not ready.poll(max(0.0, end - time.monotonic()) * 1000):
                raise TimeoutError("it does not answer")
            server.consume_input()
        found = server.get_result()
        if found is None:  # the end of the results
            return None if value is None else int(value)
        if found.status != psycopg.pq.ExecStatus.TUPLES_OK:  # a broken connection gives such results without end
            raise QueryRefused(found.error_message.decode(errors="replace").strip())
        value = found.get_value(0, 0) if found.ntuples else None


def check_connection(link: psycopg.Connection) -> None:
    """The check of the connection pool: raises when the connection does not answer."""
    query_number(link, b"SELECT 1", seconds=1)
