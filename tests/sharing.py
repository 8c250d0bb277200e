"""Rows that many tests read and that cost too much to make for each of them."""

from collections.abc import Generator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def stored_once(django_db_blocker) -> Generator[None]:
    """For a fixture of a class or a module: its rows stay until its last test; each test undoes what it changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
