"""Choices of filters: each once, none empty, in the order in which people look for them."""

import pytest

from core.choice_order import alphabetical, offered


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["b", "A", "C"], ["A", "b", "C"]),
        (["Zebra", "Åland", "Équateur", "Eland"], ["Åland", "Eland", "Équateur", "Zebra"]),
        (["straße", "Strasse", "strategy"], ["Strasse", "straße", "strategy"]),
        (["a", "A"], ["A", "a"]),
        (["x", "x", ""], ["x"]),
        ([], []),
    ],
)
def test_segments(names, ordered):
    assert list(offered(names, [], []).segments) == ordered


def test_accents_and_case_do_not_count():
    assert alphabetical("Équateur") == alphabetical("equateur") == "equateur"
    assert alphabetical("Ångström") == "angstrom"


def test_teams_of_one_name_are_two_and_no_team_is_none():
    assert offered([], [(2, "Benelux"), (1, "benelux"), (None, "No team"), (2, "Benelux"), (3, "Alpen")], []).teams == (
        (3, "Alpen"),
        (1, "benelux"),
        (2, "Benelux"),
    )


def test_owners_go_by_name_and_then_by_number():
    assert offered([], [], [], [(9, "Bea"), (3, "Ada"), (1, "Bea"), (9, "Bea")]).owners == ((3, "Ada"), (1, "Bea"), (9, "Bea"))
    assert offered([], [], []).owners == ()


def test_countries_go_by_code_since_their_names_depend_on_the_language():
    assert offered([], [], ["NL", "", "DE", "NL"]).countries == ("DE", "NL")
