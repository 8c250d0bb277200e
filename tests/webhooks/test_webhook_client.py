"""The client that calls addresses given by people: only public ones, no redirects, not for long, not for much."""

import ipaddress
import socket
import ssl
import threading
import time

import pytest

from tests.webhooks.receiver import CERTIFICATE, Receiver, raw_server, to_loopback
from webhooks.client import MOST_BYTES, Undelivered, is_public, may_lead_to, post

REFUSED = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:1.1.1.1",
    "::127.0.0.1",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "2002:0a00:0001::",
    "2002:0101:0101::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "64:ff9b::10.0.0.1",
]


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


def why_not(url: str, **more) -> str:
    with pytest.raises(Undelivered) as refused:
        post(url, b"{}", {}, **more)
    return refused.value.why


def resolves_to(monkeypatch, *addresses: str) -> list[str]:
    """Names lead there; the list of names that were looked up."""
    asked = []

    def look_up(host, port, **_more):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_of_the_open_internet_is_refused(address):
    assert not is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    assert why_not(f"http://{host}:9/") == "address"
    assert not may_lead_to(f"http://{host}/")


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111"])
def test_a_public_address_is_allowed(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("url", ["http://localhost/", "https://2130706433/", "http://0x7f.1/"])
def test_another_way_to_write_the_own_machine_is_refused(url):
    assert why_not(url) == "address"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "//example.com/",
        "http:///path",
        "http://[::1",
        "http://me:secret@example.com/",
        "http://example.com:99999/",
        "http://example.com:0/",
        "",
    ],
)
def test_only_whole_http_addresses_are_called(url):
    assert why_not(url) == "address"
    assert not may_lead_to(url)


def test_a_name_that_leads_inside_is_refused(monkeypatch):
    resolves_to(monkeypatch, "10.1.2.3")
    assert may_lead_to("https://hooks.example.com/")  # nothing tells by its text
    assert why_not("https://hooks.example.com/") == "address"


def test_one_private_address_among_public_ones_refuses_them_all(monkeypatch):
    resolves_to(monkeypatch, "93.184.216.34", "192.168.0.9")
    assert why_not("https://hooks.example.com/") == "address"


def test_a_name_that_is_not_there(monkeypatch):
    def not_found(*_args, **_more):
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    assert why_not("https://nowhere.example.com/") == "name"


def on_this_machine(monkeypatch) -> list[str]:
    """Names under example.com are on this machine; the list of those that were looked up."""
    genuine, asked = socket.getaddrinfo, []

    def look_up(host, *args, **more):
        if host.endswith("example.com"):
            asked.append(host)
            host = "127.0.0.1"
        return genuine(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_the_name_is_looked_up_once_and_the_checked_address_is_called(monkeypatch, receiver):
    asked, port = on_this_machine(monkeypatch), receiver.server.server_port
    assert to_loopback(f"http://hooks.example.com:{port}/x", b"{}", {}) == 204
    assert asked == ["hooks.example.com"]
    assert receiver.seen[0][0]["Host"] == f"hooks.example.com:{port}"


def test_body_and_headers_arrive(receiver):
    assert to_loopback(receiver.url, b'{"a": 1}', {"Standing-Event": "level.climbed"}) == 204
    ((headers, body),) = receiver.seen
    assert (headers["Standing-Event"], body) == ("level.climbed", b'{"a": 1}')


def test_letters_of_any_script_may_stand_in_the_path(receiver):
    assert to_loopback(receiver.url.replace("/hook?", "/é%20ü?á=1&"), b"{}", {}) == 204
    assert receiver.paths == ["/%C3%A9%20%C3%BC?%C3%A1=1&from=standing"]


def test_a_redirect_is_not_followed(receiver):
    receiver.status, receiver.location = 302, receiver.url
    assert to_loopback(receiver.url, b"{}", {}) == 302
    assert len(receiver.seen) == 1


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Undelivered, match="connection"):
        to_loopback(f"http://127.0.0.1:{port}/", b"{}", {})


def dripping(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(200):
        connection.sendall(b"a")
        time.sleep(0.05)


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


@pytest.mark.parametrize("talk", [dripping, silent])
def test_a_slow_answer_is_cut_off(talk):
    with pytest.raises(Undelivered, match="slow"):
        to_loopback(raw_server(talk), b"{}", {}, seconds=0.3)


def test_a_slow_look_up_is_cut_off(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: [] if over.wait(60) else None)
    assert why_not("https://hooks.example.com/", seconds=0.1) == "slow"
    over.set()


def test_a_huge_answer_is_read_no_further_than_allowed():
    sent = []

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(20_000):
            sent.append(connection.send(b"X-%d: " % number + b"a" * 1000 + b"\r\n"))

    with pytest.raises(Undelivered, match="answer"):
        to_loopback(raw_server(talk), b"{}", {})
    assert MOST_BYTES < 20_000 * 1000 and sum(sent) < 19_000_000


def test_an_endless_body_is_not_waited_for():
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"a" * 65536)

    assert to_loopback(raw_server(talk), b"{}", {}) == 200


def test_what_is_no_http_is_no_answer():
    with pytest.raises(Undelivered, match="answer"):
        to_loopback(raw_server(lambda connection: connection.sendall(b"220 mail.example.com ESMTP\r\n")), b"{}", {})


def test_what_answers_in_plain_text_on_https_is_no_success():
    url = raw_server(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")).replace("http:", "https:")
    with pytest.raises(Undelivered, match="connection"):
        to_loopback(url, b"{}", {})


@pytest.mark.parametrize(
    ("name", "trusted", "status"),
    [("hooks.example.com", True, 204), ("other.example.com", True, None), ("hooks.example.com", False, None)],
)
def test_the_certificate_has_to_be_trusted_and_of_that_name(monkeypatch, name, trusted, status):
    on_this_machine(monkeypatch)
    context = ssl.create_default_context(cafile=str(CERTIFICATE) if trusted else None)
    monkeypatch.setattr(ssl, "create_default_context", lambda: context)
    receiver = Receiver(secured=True)
    url = f"https://{name}:{receiver.server.server_port}/"
    try:
        if status:
            assert to_loopback(url, b"{}", {}) == status
        else:
            with pytest.raises(Undelivered, match="certificate"):
                to_loopback(url, b"{}", {})
        assert len(receiver.seen) == (1 if status else 0)
    finally:
        receiver.close()
