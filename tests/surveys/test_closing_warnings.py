"""What the page of an open round says that its result would lack if it were closed now."""

import pytest

from accounts.models import Contact
from surveys.round.people import RoundPerson
from surveys.round.warnings import closing_warnings

ROLES = list(Contact.BuyingRole.values)
NOBODY = "Nobody of the customer has answered: closed now, it holds our own view only."
ONE = "Only one person of the customer has answered: confidence will be low."
FEW = "Fewer than three of their people have answered: closed now, it says nothing of what they think."


def person(name: str = "Ines", state: str = "submitted", *, counts: bool = True, ours: bool = False, **fields) -> RoundPerson:
    return RoundPerson(name, ours, "", 2, state, "", None, None, counts, **fields)


def warnings(theirs=(), ours=(), *, roles=ROLES, confidential=False) -> list[str]:
    return closing_warnings(list(theirs), list(ours), list(roles), confidential=confidential)


@pytest.mark.parametrize(
    ("answered", "confidential", "first"),
    [
        (0, False, [NOBODY]), (1, False, [ONE]), (2, False, []), (3, False, []),
        (0, True, [NOBODY]), (1, True, [FEW]), (2, True, [FEW]), (3, True, []),
    ],
)  # fmt: skip
def test_how_many_of_their_people_answered(answered, confidential, first):
    assert warnings([person(str(n)) for n in range(answered)], confidential=confidential) == first


@pytest.mark.parametrize("state", ["draft", "waiting", "over"])
def test_who_has_not_answered_is_not_counted(state):
    assert warnings([person(), person("Tom", state)])[0] == ONE


def test_who_answered_too_little_for_a_level_is_not_counted_and_named():
    assert warnings([person(), person("Tom", counts=False)]) == [
        ONE, "Tom: No level: fewer than half of each level's statements were answered, so this counts for nothing.",
    ]  # fmt: skip


def test_who_answered_in_words_is_named_and_is_not_nobody():
    found = warnings([person("Tom", counts=False, in_words=True)])
    assert found == ["Answered in words alone, which gives no level: Tom."]


def test_who_does_not_count_in_confidence_is_named_and_does_not_make_three():
    theirs = [person("Ines"), person("Tom"), person("Zoë", left_out=True)]
    first, second = warnings(theirs, confidential=True)
    assert first == FEW and second.endswith("or is one of ours: Zoë.")


def test_one_of_ours_without_a_level_is_named_too():
    found = warnings([person(), person("Tom")], [person("Mila", counts=False, ours=True)])
    assert [line.partition(":")[0] for line in found] == ["Mila"]


def test_buying_roles_that_were_not_heard_are_named_in_the_order_of_the_catalogue():
    unheard = [str(label) for value, label in Contact.BuyingRole.choices if value not in {"user", "economic"}]
    assert warnings([person(), person("Tom")], roles=["user", "economic", "user"]) == [f"Not heard: {', '.join(unheard)}."]


def test_roles_are_not_missed_while_nobody_was_heard():
    assert warnings(roles=[]) == [NOBODY]


def test_drafts_of_both_sides_are_named_in_one_sentence():
    both = [person(), person("Tom"), person("Anna", "draft")], [person("Mila", "draft", ours=True)]
    assert warnings(*both) == ["Drafts do not count until they are submitted: Anna, Mila."]
    assert warnings(both[0]) == ["A draft does not count until it is submitted: Anna."]


def test_their_people_who_are_silent_and_ours_who_did_not_begin_have_a_sentence_each():
    theirs = [person(), person("Tom"), person("Anna", "waiting"), person("Bob", "over")]
    assert warnings(theirs, [person("Mila", "waiting", ours=True)]) == [
        "Asked, and no answer yet: Anna.", "Asked, and not begun yet: Mila.",
    ]  # fmt: skip


def test_a_round_that_lacks_nothing_has_no_warnings():
    assert warnings([person(), person("Tom")], [person("Mila", ours=True)]) == []
