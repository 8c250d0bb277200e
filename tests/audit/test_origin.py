"""From where a request comes: the address of the connection, or what our own proxy added; never what a visitor claims."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from audit.origin import OriginMiddleware, current_origin

PROXY = ("HTTP_X_FORWARDED_PROTO", "https")


def origin_of(settings, proxy: bool, **meta: str) -> str:
    settings.SECURE_PROXY_SSL_HEADER = PROXY if proxy else None
    seen = []

    def view(request):
        seen.append(current_origin())
        return HttpResponse()

    OriginMiddleware(view)(RequestFactory().get("/", **meta))
    return seen[0]


@pytest.mark.parametrize(
    ("forwarded", "origin"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("203.0.113.9, 198.51.100.7", "198.51.100.7"),  # the first is what the visitor sent
        ("203.0.113.9,198.51.100.7 ", "198.51.100.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("", "192.0.2.1"),
        (" , ", "192.0.2.1"),
        ("x" * 500, "x" * 64),
    ],
)
def test_behind_our_proxy_it_is_the_address_that_the_proxy_added(settings, forwarded, origin):
    assert origin_of(settings, True, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded) == origin


def test_without_a_proxy_a_claimed_address_does_not_count(settings):
    assert origin_of(settings, False, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.7") == "192.0.2.1"


@pytest.mark.parametrize("proxy", [True, False])
def test_a_connection_without_an_address_has_none(settings, proxy):
    assert origin_of(settings, proxy, REMOTE_ADDR="") == ""


def test_outside_a_request_there_is_none(settings):
    assert current_origin() == ""
    origin_of(settings, False, REMOTE_ADDR="192.0.2.1")
    assert current_origin() == ""


def test_after_a_request_that_failed_there_is_none_either():
    def view(request):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        OriginMiddleware(view)(RequestFactory().get("/", REMOTE_ADDR="192.0.2.1"))
    assert current_origin() == ""
