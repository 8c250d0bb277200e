import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.name_keys import (
    AND_WORDS,
    CONNECTING_WORDS,
    LEADING_LEGAL_FORMS,
    TRAILING_LEGAL_FORMS,
    domain_key,
    extra_words,
    name_key,
)
from tests.inputs import naughty_strings

NOT_PLAIN = TRAILING_LEGAL_FORMS | LEADING_LEGAL_FORMS | CONNECTING_WORDS | AND_WORDS
words = st.text(string.ascii_lowercase, min_size=2, max_size=8).filter(lambda word: word not in NOT_PLAIN)
names = st.lists(words, min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    "others",
    [
        ["Acme", "ACME", "Acme B.V.", "acme bv", "Acme b v", "Acme B. V.", "The Acme Company", "Acme, Inc.", "Acme N.V./S.A."],
        [
            "Acme",
            "Acme GmbH & Co. KG",
            "ACME AG",
            "Acme S.p.A.",
            "Acme Sp. z o.o.",
            "Acme A/S",
            "Acme Private Limited",
            "Oy Acme Ab",
        ],
        ["Acme", "Stichting Acme", "Coöperatie Acme U.A.", "Acme V.O.F.", "Acme UG (haftungsbeschränkt)", "Acme S.A. de C.V."],
        ["Müller & Söhne", "MULLER UND SOHNE GmbH", "Muller and Sohne", "Muller+Sohne", "Müller en Söhne B.V."],
        ["L'Oréal", "L’Oreal S.A.", "LOREAL"],
        ["Coca-Cola", "Coca Cola", "CocaCola Company", "The Coca-Cola Company"],
        ["Ørsted A/S", "Orsted"],
        ["Łódź Straße", "LODZ STRASSE"],
        ["Ａｃｍｅ™", "Acme"],
        ["I.B.M.", "IBM Corp.", "I B M"],
        ["Boeing Company (The)", "Boeing"],
    ],
)
def test_one_name_written_in_many_ways(others):
    assert {name_key(name) for name in others} == {name_key(others[0])}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Holding B.V.", "Acme B.V."),  # two bodies, and often two customers
        ("Acme Group", "Acme"),
        ("Acme Nederland", "Acme"),
        ("Artis Zoo", "Artis"),
        ("SA Power Networks", "Power Networks"),
        ("AS Roma", "Roma"),
        ("H&M", "HM"),
        ("हिन्दी", "हन्द"),  # vowel signs are letters, not accents
        ("が", "か"),
        ("3M", "4M"),
        ("Plan B", "Plan C B.V."),
    ],
)
def test_names_that_stay_two(one, other):
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("name", "key"), [("B.V.", "bv"), ("The Company", "the"), ("SAS AB", "sas"), ("★★★", "★★★"), ("&", "&"), ("  ", "")]
)
def test_a_name_of_nothing_else_keeps_what_it_has(name, key):
    assert name_key(name) == key


@given(st.text())
def test_only_a_blank_name_has_no_key(name):
    assert bool(name_key(name)) == bool(name.split())


@given(names, st.sampled_from(["B.V.", "bv", "GmbH & Co. KG", "Ltd.", "S.A.", "Inc", "A/S", "Sp. z o.o."]))
def test_a_legal_form_behind_a_name_changes_nothing(name, form):
    assert name_key(f"{name} {form}") == name_key(f"{name}, {form}") == name_key(name)


@given(names, st.sampled_from(["\u0301", "\u0308", "\u0327", "\u200b", "\u00ad", "’"]), st.sampled_from(["NFC", "NFD"]))
def test_case_accents_and_what_is_invisible_change_nothing(name, mark, form):
    marked = unicodedata.normalize(form, "".join(char + mark if char != " " else char for char in name.upper()))
    assert name_key(marked) == name_key(name)


@given(names)
def test_spaces_change_nothing_but_where_they_make_a_legal_form(name):
    assert name_key(name.replace(" ", "-")) == name_key(name.replace(" ", "   ")) == name_key(name)


def test_naughty_strings_have_a_key_and_no_domain_with_spaces(input_folder):
    for text in naughty_strings(input_folder):
        assert bool(name_key(text)) == bool(text.split())
        assert not set(domain_key(text)) & set(" /@:")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://www.acme.nl/nl/contact?x=1#y", "acme.nl"),
        ("WWW.ACME.NL", "acme.nl"),
        ("http://acme.nl:8080", "acme.nl"),
        ("http://user:secret@acme.nl/a@b", "acme.nl"),
        ("jo@acme.nl", "acme.nl"),
        ("mailto:jo@acme.nl", "acme.nl"),
        ("acme.nl.", "acme.nl"),
        ("https://bücher.de", "xn--bcher-kva.de"),
        ("XN--BCHER-KVA.de", "xn--bcher-kva.de"),
        ("shop.acme.nl", "shop.acme.nl"),  # whole hosts: only a list of public suffixes tells it from acme.co.uk
        ("acme.wordpress.com", "acme.wordpress.com"),
    ],
)
def test_the_domain_of_an_address(address, key):
    assert domain_key(address) == key


@pytest.mark.parametrize(
    "address",
    [
        "", "acme", "localhost", "http://10.0.0.1/", "http://[::1]/", "http://[::1", "a..b", "-", "https://", "jo@gmail.com",
        "jo@yahoo.co.uk", "jo@hotmail.nl", "https://nl.linkedin.com/company/acme", "https://www.facebook.com/acme",
        "wordpress.com", "jo@example.com", "x" * 70 + ".ü.nl", "acme .nl",
    ],
)  # fmt: skip
def test_what_many_share_and_what_is_none_has_no_domain(address):
    assert domain_key(address) == ""


@given(st.text())
def test_whatever_stands_for_an_address_is_a_host_or_nothing(text):
    key = domain_key(text)
    assert key == key.lower() and key.isascii()
    assert domain_key(key) == key


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("Acme", "Acme B.V.", "B.V."),
        ("ACME, BV", "Acme", "BV"),
        ("Acme GmbH & Co. KG", "Acme", "GmbH & Co. KG"),
        ("Acme BV", "Acme B.V.", ""),  # each has a word of its own
        ("Acme", "acme", ""),
    ],
)
def test_the_words_that_only_one_of_two_names_has(one, other, words):
    assert extra_words(one, other) == extra_words(other, one) == words
