"""How often something may happen in a window of time. Counted in the shared cache, so that all workers count together."""

import hashlib
import ipaddress
import time

from django.core.cache import cache

WINDOW = 600  # seconds; of pages that open without a sign-in
UNKNOWN_LINKS = 30  # an address and window
ANSWERS = 120  # an invitation and window; a whole survey takes about fifteen
CODE_MAILS, CODE_MAILS_A_DAY = 4, 12  # an invitation; each code may be tried five times, and there are a million
CODE_TRIES = 20  # an invitation and window
DAY = 86400  # seconds


def count(what: str, who: str, window: int) -> int:
    """Count one more `what` of `who`: how many there are in this window, which lasts `window` seconds.

    Two at the very same moment may count as one: the limit holds back a flood, it is not a lock.
    """
    name = hashlib.sha256(who.encode()).hexdigest()[:32]
    key = f"rate:{what}:{window}:{name}:{int(time.time() // window)}"
    try:
        return cache.incr(key)
    except ValueError:  # the first of this window
        return 1 if cache.add(key, 1, 2 * window) else 2


def too_many(what: str, who: str, most: int) -> bool:
    """Count one more `what` of `who`; whether that is more than `most` in a window of `WINDOW` seconds."""
    return count(what, who, WINDOW) > most


def seconds_left(window: int) -> int:
    """Until the next window begins."""
    return window - int(time.time()) % window


def neighbourhood(address: str) -> str:
    """The network address to count by: of IPv6 the first 64 bits, since one person has all the rest."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, 64), strict=False).network_address)
    return address
