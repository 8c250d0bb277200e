"""Asking a PostgreSQL server for one figure, and not waiting for ever: a server may take a question and never answer."""

import select
import time

import psycopg


class Refused(Exception):
    """The server answers, and not with what it was asked for."""


def answer(link: psycopg.Connection, statement: bytes, *, seconds: float) -> int | None:
    """The whole number in the first row; None for NULL and for no row.

    Raises TimeoutError, after which the connection is of no use any more; psycopg.Error when it breaks; Refused.
    """
    server = link.pgconn
    end = time.monotonic() + seconds
    server.send_query(statement)
    server.flush()
    ready = select.poll()
    ready.register(server.socket, select.POLLIN)
    while server.is_busy():
        if not ready.poll(max(0.0, end - time.monotonic()) * 1000):
            raise TimeoutError("it does not answer")
        server.consume_input()
    found = server.get_result()
    while server.get_result() is not None:  # what says that this was all
        pass
    if found is None or found.status != psycopg.pq.ExecStatus.TUPLES_OK:
        raise Refused((found.error_message if found else b"").decode(errors="replace").strip() or "it refuses to answer")
    value = found.get_value(0, 0) if found.ntuples else None
    return None if value is None else int(value)


def check(link: psycopg.Connection) -> None:
    """For a pool: whether this connection still answers."""
    answer(link, b"SELECT 1", seconds=1)
