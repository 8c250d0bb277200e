"""The one client for addresses that people give us: it reaches public addresses alone, and gives up early.

A name is resolved once, every address that it has is checked, and the connection goes to a checked one: a name that leads
elsewhere a moment later leads nowhere. No redirect is followed, and of the answer only status and headers are read.
"""

import io
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

SECONDS = 5.0  # for all of it: looking the name up, connecting, sending, and the status of the answer
MOST_BYTES = 64 * 1024  # of an answer

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
type Check = Callable[[Address], bool]

UNQUOTED = "%/?:@!$&'()*+,;=-._~[]"  # what stands in an address for itself, and what is quoted already
PORTS = {"http": 80, "https": 443}


class Undelivered(Exception):
    """Nobody took it; `why` is a code: address, name, connection, certificate, slow or answer.

    The text of what went wrong stays out: a server may repeat in it what it was sent.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def is_public(address: Address) -> bool:
    """Whether the address is one of the open internet; one that wraps another address is none, wherever that leads."""
    if isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped or address.sixtofour or address.teredo or address.is_site_local
    ):
        return False
    refused = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not address.is_private and not address.is_link_local and not refused


def may_lead_to(url: str) -> bool:
    """Whether `url` can be asked for at all, as far as its text tells: nothing is looked up."""
    try:
        host = _split(url).hostname or ""
        name = _ascii(host)
    except Undelivered:
        return False
    try:
        return is_public(ipaddress.ip_address(name))
    except ValueError:
        return name.rstrip(".") != "localhost" and not name.rstrip(".").endswith(".localhost")


def post(url: str, body: bytes, headers: Mapping[str, str], *, allowed: Check = is_public, seconds: float = SECONDS) -> int:
    """Send `body` and give the status of the answer, whatever it is. Raises Undelivered.

    `allowed` decides about each address that the name has; one that is refused refuses them all.
    """
    end = time.monotonic() + seconds
    parts = _split(url)
    host, port = _ascii(parts.hostname or ""), parts.port or PORTS[parts.scheme]
    addresses = _resolve(host, port, end)
    if not all(allowed(address) for address in addresses):
        raise Undelivered("address")
    try:
        with _connect(addresses, port, end) as plain, _secured(plain, parts.scheme, host, end) as connection:
            return _exchange(connection, parts, host, body, headers, end)
    except ssl.SSLCertVerificationError:
        raise Undelivered("certificate") from None
    except TimeoutError:
        raise Undelivered("slow") from None
    except OSError:
        raise Undelivered("connection") from None
    except (HTTPException, ValueError):  # what comes back is no HTTP
        raise Undelivered("answer") from None


def _split(url: str) -> SplitResult:
    """Raises Undelivered for what is no http(s) address, and for one with a name or password in it."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in PORTS and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise Undelivered("address")
    return parts


def _ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise Undelivered("name") from None


def _resolve(host: str, port: int, end: float) -> list[Address]:
    """Every address of `host`. A look-up cannot be broken off, so it runs in a thread that is left behind when it is slow."""
    found: list[Address] = []
    failed: list[Exception] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows)
        except (OSError, ValueError) as error:  # UnicodeError is a ValueError: no name can be like that
            failed.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(0.0, end - time.monotonic()))
    if thread.is_alive():
        raise Undelivered("slow")
    if failed or not found:
        raise Undelivered("name")
    return list(dict.fromkeys(found))


def _connect(addresses: list[Address], port: int, end: float) -> socket.socket:
    """A connection to the first that answers. Raises OSError."""
    for address in addresses[:-1]:
        try:
            return socket.create_connection((str(address), port), timeout=_left(end) / 2)
        except OSError:
            continue
    return socket.create_connection((str(addresses[-1]), port), timeout=_left(end))


def _secured(plain: socket.socket, scheme: str, host: str, end: float) -> socket.socket:
    if scheme == "http":
        return plain
    plain.settimeout(_left(end))
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _exchange(connection: Any, parts: SplitResult, host: str, body: bytes, headers: Mapping[str, str], end: float) -> int:
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    request = kind(host, parts.port)
    request.sock = connection  # the checked one: with it set, no other is ever opened
    connection.settimeout(_left(end))
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=UNQUOTED)
    request.request("POST", target, body, {"Connection": "close", "User-Agent": "Standing", **headers})
    response = HTTPResponse(_Bounded(connection, end), method="POST")  # type: ignore[arg-type]
    response.begin()
    return response.status


def _left(end: float) -> float:
    """Seconds that are left. Raises TimeoutError when there are none."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Bounded(io.RawIOBase):
    """What comes from a socket until `end`, and no more than `MOST_BYTES` of it.

    The time-out of a socket begins again with every byte; a server that drips one a second would keep us for hours.
    """

    def __init__(self, connection: socket.socket, end: float) -> None:
        self._connection, self._end, self._may_read = connection, end, MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: self._may_read]
        if not view:
            raise HTTPException("more than is read of an answer")
        self._connection.settimeout(_left(self._end))
        count = self._connection.recv_into(view)
        self._may_read -= count
        return count

    def makefile(self, *_args: Any) -> io.BufferedReader:
        return io.BufferedReader(self)
