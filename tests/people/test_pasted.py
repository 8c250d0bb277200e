"""Addresses as people paste them, and what is said of each line that is none."""

import pytest

from people.pasted import read


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mila@example.com", [("Mila", "mila@example.com")]),
        ("Mila Vermeer <Mila@Example.com>", [("Mila Vermeer", "mila@example.com")]),
        ('"Vos, Lena" <lena@example.com>', [("Vos, Lena", "lena@example.com")]),
        ("Vos, Lena <lena@example.com>", [("Vos, Lena", "lena@example.com")]),
        ("jan.de.boer@example.com", [("Jan De Boer", "jan.de.boer@example.com")]),
        ("a@example.com; B <b@example.com>;", [("A", "a@example.com"), ("B", "b@example.com")]),
        ("a@example.com, b@example.com,", [("A", "a@example.com"), ("B", "b@example.com")]),
        ("\n  a@example.com  \r\n\n", [("A", "a@example.com")]),
        ("a@example.com\nA Again <A@example.com>", [("A", "a@example.com")]),
        ("mailto:a@example.com", [("A", "a@example.com")]),
        ("jan@münchen.example", [("Jan", "jan@münchen.example")]),
    ],
)
def test_each_is_found_once_with_a_name(text, found):
    people, faults = read(text)
    assert [(one.name, one.email) for one in people] == found
    assert faults == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a@example.com\n\nnonsense", 3, "“nonsense” is not an e-mail address"),
        ("José <josé@example.com>", 1, "letter before the @"),
        ("a@b@example.com", 1, "is not an e-mail address"),
        ("x" * 121 + " <a@example.com>", 1, "longer than 120"),
        ("a" * 250 + "@example.com", 1, "too long"),
        ("Mila\u202e <a@example.com>", 1, "characters that no name has"),
        ("<>", 1, "is not an e-mail address"),
        ("Mila <a@example.com> <b@example.com>", 1, "is not an e-mail address"),
    ],
)
def test_what_is_wrong_is_said_of_its_line(text, line, words):
    _people, (fault,) = read(text)
    assert fault.line == line and words in fault.why


def test_hostile_lines_are_names_or_faults_and_nothing_else():
    people, faults = read("<script>alert(1)</script> <a@example.com>\n=1+1 <b@example.com>\n'; DROP TABLE x;-- <c@example.com>")
    assert [one.email for one in people] == ["b@example.com", "c@example.com"]
    assert {fault.line for fault in faults} == {1, 3}


def test_500_lines_are_read():
    people, faults = read("\n".join(f"Person {n} <p{n}@example.com>" for n in range(500)))
    assert (len(people), faults) == (500, [])
