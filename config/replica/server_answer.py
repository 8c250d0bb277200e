"""Asking a PostgreSQL server for one figure, and not waiting for ever: a server may take a question and never answer."""

import select
import time

import psycopg


class Refused(Exception):
    """The server answers, and not with what it was asked for."""


def answer(link: psycopg.Connection, statement: bytes, *, seconds: float) -> int | None:
    """The whole number in the first row; None for NULL and for no row.

    Raises TimeoutError, Refused, or psycopg.Error when the line breaks. The connection is of no use after any of them.
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
        if found is None:  # that was all
            return None if value is None else int(value)
        if found.status != psycopg.pq.ExecStatus.TUPLES_OK:  # of a broken line there are such without end
            raise Refused(found.error_message.decode(errors="replace").strip())
        value = found.get_value(0, 0) if found.ntuples else None


def check(link: psycopg.Connection) -> None:
    """For a pool: whether this connection still answers."""
    answer(link, b"SELECT 1", seconds=1)
