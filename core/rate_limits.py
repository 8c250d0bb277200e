"""How often the customer's page may be asked. Counted in the shared cache, so that all workers count together."""

import hashlib
import ipaddress
import time

from django.core.cache import cache

WINDOW = 600  # seconds in which is counted
UNKNOWN_LINKS = 30  # an address and window
ANSWERS = 120  # an invitation and window; a whole survey takes about fifteen


def too_many(what: str, who: str, most: int) -> bool:
    """Count one more `what` of `who`, and tell whether that is more than `most` in this window.

    Two at the very same moment may count as one: the limit holds back a flood, it is not a lock.
    """
    name = hashlib.sha256(who.encode()).hexdigest()[:32]
    key = f"survey:{what}:{name}:{int(time.time() // WINDOW)}"
    cache.add(key, 0, WINDOW)
    try:
        return cache.incr(key) > most
    except ValueError:  # cleared in between
        return False


def neighbourhood(address: str) -> str:
    """The network address to count by: of IPv6 the first 64 bits, since one person has all the rest."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, 64), strict=False).network_address)
    return address
