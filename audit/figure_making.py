"""Making figures of many rows once, when many readers ask for them in one moment: after a change all of them find nothing kept.

In a process one reader at a time makes figures: eight threads that each hold the results of all accounts take eight times the
memory and, since Python computes in one thread at a time, no less time. Of the processes of a machine one makes them and hands
them to the others by a file (the cache "handed"). Nobody waits for ever: then each makes its own, as without all of this.
"""

import fcntl
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

WAIT = 10.0  # seconds
LOOK_EVERY = 0.02  # seconds, whether another process is done
WORTH_HANDING = 0.1  # seconds; what took less the others make as quickly
HANDED_FOR = 60  # seconds

_MISSING = object()
_turn = threading.RLock()  # figures can be made of others
_failed: tuple[float, Exception] | None = None  # when the database last failed whoever made figures


def one_at_a_time[T](make: Callable[[], T]) -> T:
    """What `make` gives, while no other thread of this process makes anything.

    Raises OperationalError when the database failed whoever one waited for: each in turn would wait for it in vain.
    """
    global _failed
    began = time.monotonic()
    mine = _turn.acquire(timeout=WAIT)
    try:
        if _failed and _failed[0] > began:
            raise OperationalError("the database failed another reader of the same moment") from _failed[1]
        return make()
    except (OperationalError, InterfaceError) as error:
        _failed = time.monotonic(), error
        raise
    finally:
        if mine:
            _turn.release()


def once_a_machine[T](key: str, make: Callable[[], T]) -> T:
    """What `make` gives, or gave to another process just now. `key` names it, in hexadecimal digits."""
    name = f"{_who_we_are()} {key}"
    with _alone(key):
        found = _handed(name)
        if found is not _MISSING:
            return found
        began = time.monotonic()
        made = make()
        if time.monotonic() - began >= WORTH_HANDING:
            _hand_over(name, made)
        return made


def _handed(name: str) -> Any:
    try:
        return caches["handed"].get(name, _MISSING)
    except (OSError, pickle.UnpicklingError, zlib.error, EOFError):  # a file that cannot be read costs no page
        return _MISSING


def _hand_over(name: str, made: object) -> None:
    with suppress(OSError):  # the disk is full: the others make their own
        caches["handed"].set(name, made, HANDED_FOR)


def _who_we_are() -> str:
    """The processes of one server on one database: another one has other data under the same number of its trail."""
    database = settings.DATABASES["default"]
    return f"{os.getppid()} {database.get('HOST')} {database.get('PORT')} {database['NAME']}"


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """While no other process of this machine is within, for this key; after `WAIT` in any case. A killed one leaves it."""
    try:
        folder = Path(settings.CACHES["handed"]["LOCATION"])
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        door = os.open(folder / f"{key[:2]}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError:
        yield
        return
    try:
        end = time.monotonic() + WAIT
        while not _locked(door) and time.monotonic() < end:
            time.sleep(LOOK_EVERY)
        yield
    finally:
        os.close(door)


def _locked(door: int) -> bool:
    try:
        fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
