"""What requests bring: numbers in hidden fields, ids in addresses, and addresses to go back to."""

import pytest
from django import forms
from django.test import RequestFactory

from core.forms import LONGEST_ADDRESS, own_path, posted_number, redirect_within, status_of, typed_id

ARABIC, SUPERSCRIPT, FULL_WIDTH = "٣", "²", "１２"
NUMBERS = [
    "",
    " ",
    "x",
    "-1",
    "+1",
    "1.0",
    "1e3",
    " 1",
    "1 ",
    "1_000",
    "0x10",
    "NaN",
    "None",
    ARABIC,
    SUPERSCRIPT,
    FULL_WIDTH,
    "1\0",
]


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("1", 1), ("007", 7), ("999999999", 999_999_999)])
def test_a_small_whole_number_is_read(text, number):
    assert posted_number(RequestFactory().post("/", {"version": text})) == number
    assert posted_number(RequestFactory().post("/", {"key": text}), "key") == number


@pytest.mark.parametrize("text", [*NUMBERS, "1000000000", "9" * 5000])
def test_what_is_no_small_number_counts_as_zero(text):
    assert posted_number(RequestFactory().post("/", {"version": text})) == 0


def test_a_number_that_was_not_posted_counts_as_zero():
    assert posted_number(RequestFactory().post("/", {"key": "3"})) == 0
    assert posted_number(RequestFactory().get("/?version=3")) == 0


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("9" * 18, 10**18 - 1)])
def test_an_id_has_at_most_eighteen_digits(text, number):
    assert typed_id(text) == number


@pytest.mark.parametrize("text", [*NUMBERS, "1" * 19, "9" * 5000])
def test_what_is_no_id_is_none(text):
    assert typed_id(text) is None


@pytest.mark.parametrize(
    "asked",
    [
        "/",
        "/accounts/",
        "/accounts/?q=a%20b&sort=-level",
        "/accounts/7/#contacts",
        "/klanten/é",
        "/a/?next=https://elsewhere.example/",
    ],
)
def test_a_path_of_this_site_is_one_to_go_to(asked):
    request = RequestFactory().get("/")
    assert own_path(request, asked) == asked
    response = redirect_within(request, asked, "/otherwise/")
    assert response.status_code == 302 and response.url != "/otherwise/"


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "accounts/",
        "accounts:list",
        "?q=1",
        "#top",
        "//elsewhere.example/",
        "///elsewhere.example/",
        "/\\elsewhere.example/",
        "\\\\elsewhere.example/",
        "https://elsewhere.example/",
        "http://testserver/accounts/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/a\nb",
        "/a\r\nSet-Cookie: x=1",
        "/a\0b",
        "/a\tb",
        "/\u202eb",
        " /accounts/",
        "/" + "a" * LONGEST_ADDRESS,
        "/" + "é" * (LONGEST_ADDRESS // 6 + 1),
    ],
)
def test_elsewhere_is_not_gone_to(asked):
    request = RequestFactory().get("/")
    assert own_path(request, asked) is None
    assert redirect_within(request, asked, "/otherwise/").url == "/otherwise/"


def test_the_longest_address_is_gone_to():
    longest = "/" + "a" * (LONGEST_ADDRESS - 1)
    assert redirect_within(RequestFactory().get("/"), longest, "/otherwise/").url == longest


class NameForm(forms.Form):
    name = forms.CharField()


@pytest.mark.parametrize(("data", "status"), [(None, 200), ({"name": "A"}, 200), ({"name": ""}, 422), ({}, 422)])
def test_the_status_of_a_page_tells_whether_its_form_was_refused(data, status):
    assert status_of(NameForm(data)) == status
