"""Texts folded for comparison: what a typed text finds in the key of another."""

import csv
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.folding import MOST_WORDS, ids_found, is_found, same_text, search_key, sought
from tests.inputs import PUBLIC

CASES = PUBLIC.parent / "cases" / "search"


def finds(typed, *texts):
    return is_found(sought(typed), search_key(*texts))


#: Texts, and what finds each of them.
FOUND = [
    ("Ærøskøbing Rederi", ["ærøskøbing", "ÆRØSKØBING", "aeroskobing", "aeroeskoebing rederi"]),
    ("Hôtel Évreux", ["hôtel", "HÔTEL", "evreux hotel", "hotel"]),
    ("Köhler-Übelhör", ["köhler", "KÖHLER", "kohler", "koehler", "ubelhor", "uebelhoer", "köhler-übelhör", "koehleruebelhoer"]),
    ("Koehler", ["köhler", "KÖHLER", "koehler"]),
    ("Åkesson", ["åkesson", "akesson", "aakesson"]),
    ("Strauß", ["strauß", "STRAUSS", "strauss", "STRAUẞ"]),
    ("Straussen", ["strauß"]),
    ("İzmir Işık", ["izmir", "İZMİR", "IZMIR", "ışık", "isik", "IŞIK"]),
    ("Łódź", ["łódź", "LODZ"]),
    ("Zuid Vracht Transport NV", ["transport zuid", "nv  zuid", "zuid vracht", "VRACHT ZUID NV"]),
    ("A.B.C. Bakkers", ["abc", "a.b.c", "a.b.c.", "A. B. C.", "a b c", "bakkers abc"]),
    ("A. P. Sørli", ["ap sorli", "a.p. sørli", "a p sorli"]),
    ("ABC Bakkers", ["a.b.c.", "abc", "a b c"]),
    ("Veel    Ruimte", ["veel ruimte", "  ruimte   veel "]),
    ("Willems-Hendriks", ["willems hendriks", "willems-hendriks", "willemshendriks", "hendriks willems"]),
    ("Willems Hendriks", ["willems-hendriks"]),
    ("WillemsHendriks", ["willems-hendriks"]),
    ("L'Étoile", ["letoile", "l'etoile", "l’étoile", "etoile", "l etoile"]),
    ("'s-Gravenzande", ["s gravenzande", "'s-gravenzande", "’s-Gravenzande", "gravenzande"]),
    ("AT&T", ["at&t", "AT & T", "att"]),
    ("50% Korting", ["50%", "50", "korting 50"]),
    ("SE-1044", ["se-1044", "se1044", "1044", "SE 1044"]),
    ("Ｆｕｌｌ ｗｉｄｔｈ", ["full width"]),
    ("한가람", ["한가"]),
    ("Йошкар", ["йошкар", "ЙОШКАР"]),
    ("Ὀδυσσεύς", ["οδυσσευσ", "ΟΔΥΣΣΕΎΣ"]),
    ("!!!", ["!!!", "!"]),
]
NOT_FOUND = [
    ("Muller", "mueller"),  # nobody wrote an umlaut
    ("Noordzee", "zuid"),
    ("Noordzee", "noordzee nv"),
    ("Stockholm", "ol"),  # two letters: only at the start of a word
    ("Willems-Hendriks", "hendriks-willems x"),
    ("50 Off_Season", "%"),
    ("50 Off_Season", "_"),
    ("Off Season", "5%n"),
    ("Sint Antonius Poli", "s.a.p."),  # an abbreviation is no three words
    ("Wham", "!!!"),
]


@pytest.mark.parametrize(("text", "typed"), [(text, typed) for text, queries in FOUND for typed in queries])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_finds(text, typed, form):
    assert finds(unicodedata.normalize(form, typed), text)
    assert finds(typed, unicodedata.normalize(form, text))


@pytest.mark.parametrize(("text", "typed"), NOT_FOUND)
def test_does_not_find(text, typed):
    assert not finds(typed, text)


def _cases():
    for path in sorted(CASES.glob("0[12]-*.csv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield from ((row["name"], query.strip()) for query in row["queries that find it"].split("|"))


@pytest.mark.parametrize(("name", "typed"), list(_cases()) if CASES.is_dir() else [("Øre", "ore")])
def test_every_case_of_practice_is_found(name, typed):
    assert finds(typed, name)


def test_words_may_be_in_several_texts():
    assert finds("delft bakker 17", "Bakkerij", "C17 17", "Delft")
    assert not finds("delft gouda", "Bakkerij", "", "Delft")


def test_nothing_typed_is_nothing_sought():
    assert sought("") == sought("  \t ") == []
    assert search_key("", " ") == ""


def test_the_words_of_a_long_text_are_bounded():
    assert len(sought(" ".join(f"word{n}" for n in range(3000)))) == MOST_WORDS


def test_short_tables_are_searched_in_memory():
    rows = [(1, "Zoë Bakker", "zoe@example.com"), (2, "Jan", "jan@example.com")]
    assert ids_found("zoe", rows) == [1]
    assert ids_found("example", rows) == [1, 2]


names = st.lists(st.text(string.ascii_letters + string.digits + "éøüßÅŁ", min_size=1), min_size=1).map(" ".join)


@given(names)
def test_a_name_is_found_by_itself_and_by_each_of_its_words(name):
    assert finds(name, name)
    assert all(finds(word, name) for word in name.split())
    assert finds(" ".join(reversed(name.split())), name)


@given(st.text(), st.text())
def test_whatever_is_typed_breaks_nothing(typed, text):
    assert finds(typed, text) in {True, False}
    assert search_key(search_key(text)) in {search_key(text), search_key(search_key(text))}


@pytest.mark.parametrize("text", ["Zoë  Müller", " zoe\u0308 MÜLLER ", "ＺＯＥ̈\tmüller\n"])
def test_the_same_text_is_told_by_its_letters_and_not_by_case_composition_and_spaces(text):
    assert same_text(text) == "zoë müller"
    assert same_text("Zoe Muller") != same_text(text)
