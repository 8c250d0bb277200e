"""Prevent a cache stampede: after a change many readers miss the cache of figures at once, and one of them computes.

Within a process one thread at a time computes figures: eight threads that each hold the results of all accounts need eight
times the memory and, because of the GIL, the same time. Among the processes of a machine one computes and shares the result
by a file (the cache "shared figures"). The wait is limited; after it a reader computes for itself.
"""

import fcntl
import hashlib
import os
import pickle
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import InterfaceError, OperationalError

LONGEST_WAIT = 10.0  # seconds
POLL_INTERVAL = 0.02  # seconds between two tries to get the lock of a file
WORTH_SHARING = 0.1  # seconds; a result that took less is computed as quickly as it is read
SHARED_FOR = 60  # seconds

_MISSING = object()
_lock = threading.RLock()  # reentrant: some figures are computed from others
_last_failure: tuple[float, Exception] | None = None  # time and error of the last computation that the database failed


def one_thread_at_a_time[T](make: Callable[[], T]) -> T:
    """Call `make` while no other thread of this process computes figures.

    Raises OperationalError when the database failed the thread that this one waited for, instead of waiting for the database
    once more.
    """
    global _last_failure
    began = time.monotonic()
    acquired = _lock.acquire(timeout=LONGEST_WAIT)
    try:
        if _last_failure and _last_failure[0] > began:
            raise OperationalError("the database failed another reader of the same moment") from _last_failure[1]
        return make()
    except (OperationalError, InterfaceError) as error:
        _last_failure = time.monotonic(), error
        raise
    finally:
        if acquired:
            _lock.release()


def one_process_at_a_time[T](key: str, make: Callable[[], T]) -> T:
    """The result of `make`, or the one that another process shared a moment ago. `key` consists of hexadecimal digits."""
    name = f"{_server_and_database()}-{key}"
    with _file_lock(key):
        found = _shared(name)
        if found is not _MISSING:
            return found
        began = time.monotonic()
        made = make()
        if time.monotonic() - began >= WORTH_SHARING:
            _share(name, made)
        return made


def _shared(name: str) -> Any:
    try:
        return caches["shared figures"].get(name, _MISSING)
    except (OSError, pickle.UnpicklingError, zlib.error, EOFError):  # an unreadable file counts as a miss
        return _MISSING


def _share(name: str, made: object) -> None:
    with suppress(OSError):  # the disk is full: other processes compute for themselves
        caches["shared figures"].set(name, made, SHARED_FOR)


def _server_and_database() -> str:
    """Part of the key: other servers on this machine may have another database with the same version of its data."""
    database = settings.DATABASES["default"]
    whose = f"{os.getppid()} {database.get('HOST')} {database.get('PORT')} {database['NAME']}"
    return hashlib.sha256(whose.encode()).hexdigest()  # a cache key has no spaces


@contextmanager
def _file_lock(key: str) -> Iterator[None]:
    """Hold a lock on a file that all processes of this machine share, one for the first two digits of the key.

    Continues without the lock after `LONGEST_WAIT`. The system releases the lock of a process that was killed.
    """
    try:
        folder = Path(settings.CACHES["shared figures"]["LOCATION"])
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(folder / f"{key[:2]}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError:
        yield
        return
    try:
        end = time.monotonic() + LONGEST_WAIT
        while not _try_lock(file) and time.monotonic() < end:
            time.sleep(POLL_INTERVAL)
        yield
    finally:
        os.close(file)


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
