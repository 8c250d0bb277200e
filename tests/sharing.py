"""Rows that many tests read and that cost too much to make for each of them."""

from collections.abc import Generator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.utils import translation


@contextmanager
def stored_once(django_db_blocker) -> Generator[None]:
    """For a fixture of a class or a module: its rows stay until its last test; each test undoes what it changes.

    They are made in English, as in a test: the language of the test before may still be on.
    """
    with django_db_blocker.unblock(), transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        yield
        transaction.set_rollback(True)
