"""Why the level is what it is, in one sentence: for each number of people, with weights, ties, our view alone, recorded and
confidential rounds. The positions are those of the worked examples R1 to R4 (2.9, 3.6667, 1.9, 4.8).
"""

from itertools import product

import pytest
from django.utils import translation

from assessments.measurement.median import level_at, lower_weighted_median
from assessments.models import Assessment
from assessments.rounds.reason import reason_of
from assessments.rounds.responses import ClosedResponse
from tests.wording import faults

ROLES = ("economic", "user", "technical", "coach")


def person(position: float, weight: int = 2, role: str = "", name: str = "", side: str = "customer") -> ClosedResponse:
    return ClosedResponse(1, side, name, role, weight, position, level_at(position), True)


def closed(people: list[ClosedResponse], **fields) -> Assessment:
    """The round with these people and the result that they come to."""
    found: dict = {"respondents": sum(one.side == "customer" for one in people)}
    for side in ("customer", "team"):
        if heard := [one for one in people if one.side == side]:
            position = lower_weighted_median([one.position for one in heard], [one.weight for one in heard])
            found |= {f"{side}_position": position, f"{side}_level": level_at(position)}
    return Assessment(**{"pk": 1, "state": "closed", "confidence": "low"} | found | fields)


def said(*people: ClosedResponse, named: bool = True, **fields) -> str:
    return reason_of(closed(list(people), **fields), people, named=named)


def in_roles(*positions: float, weights: tuple[int, ...] = (2, 2, 2, 2)) -> list[ClosedResponse]:
    return [person(position, weight, role) for position, weight, role in zip(positions, weights, ROLES, strict=False)]


class TestNamedRounds:
    @pytest.mark.parametrize(
        ("people", "sentence"),
        [
            (in_roles(2.9), "The economic buyer says 2, and nobody else was heard."),
            ([person(2.9)], "One person says 2, and nobody else was heard."),
            # two: the lower counts, unless one weighs more
            (in_roles(1.9, 3.6667), "The economic buyer says 1, the user buyer 3: of two the lower counts."),
            (in_roles(3.6667, 1.9), "The user buyer says 1, the economic buyer 3: of two the lower counts."),
            (in_roles(2.9, 2.1), "The user buyer and the economic buyer both say 2."),
            (in_roles(2.9, 2.9, weights=(3, 1)), "The economic buyer and the user buyer both say 2."),
            (
                in_roles(1.9, 3.6667, weights=(1, 3)),
                "The economic buyer says 1, the user buyer 3. Of two people whoever has more influence counts (high against low), "
                "so level 3.",
            ),
            (
                in_roles(1.9, 3.6667, weights=(3, 2)),
                "The economic buyer says 1, the user buyer 3. Of two people whoever has more influence counts (high against medium), "
                "so level 1.",
            ),
            # of one role: by name, and without one as they
            (
                [person(1.9, role="user", name="Bo"), person(4.8, role="user", name="Ann")],
                "Bo says 1, Ann 4: of two the lower counts.",
            ),
            ([person(1.9, role="user"), person(4.8, role="user")], "They say 1 and 4: of two the lower counts."),
            ([person(2.9), person(2.9)], "Both say 2."),
            # three and more: the middle one, of an even number the lower of the two
            (
                in_roles(2.9, 3.6667, 1.9),
                "The technical buyer says 1, the economic buyer 2 and the user buyer 3: of three the middle one counts, so level 2.",
            ),
            (in_roles(2.9, 2.1, 2.0), "All three say 2."),
            (in_roles(2.9, 3.6667, 1.9, 4.8), "They say 1, 2, 3 and 4: of the two in the middle the lower counts, so level 2."),
            (
                [person(position) for position in (2.9, 3.6667, 1.9, 4.8, 2.2)],
                "They say 1, 2, 2, 3 and 4: of five the middle one counts, so level 2.",
            ),
            ([person(3.0) for _ in range(12)], "All 12 say 3."),
            # with weights: the worked examples of the measurement
            (
                in_roles(2.9, 3.6667, 1.9, 4.8, weights=(1, 2, 1, 3)),
                "They say 1, 2, 3 and 4. Counted from the lowest, each by their influence, half of the weight (3.5 of 7) is reached at "
                "level 3.",
            ),
            (
                in_roles(2.9, 3.6667, 1.9, 4.8, weights=(3, 1, 1, 1)),
                "They say 1, 2, 3 and 4. Counted from the lowest, each by their influence, half of the weight (3 of 6) is reached at "
                "level 2.",
            ),
            # three with weights are named
            (
                in_roles(1.9, 2.9, 4.8, weights=(1, 1, 3)),
                "The economic buyer says 1, the user buyer 2 and the technical buyer 4. Counted from the lowest, each by their "
                "influence, half of the weight (2.5 of 5) is reached at level 4.",
            ),
        ],
    )  # fmt: skip
    def test_say_who_said_what_and_which_voice_counts(self, people, sentence):
        assert said(*people) == sentence

    @pytest.mark.parametrize("named", [True, False])
    def test_the_level_that_the_sentence_ends_with_is_the_result(self, named):
        for weights in ((1, 1, 1), (1, 2, 3), (3, 2, 1), (3, 1, 1), (2, 2, 1)):
            people = in_roles(1.0, 3.0, 5.0, weights=weights)
            sentence = said(*people, named=named)
            assert not named or sentence.endswith(f"level {closed(people).customer_level}.")

    def test_who_does_not_count_is_not_in_the_sentence(self):
        silent = ClosedResponse(1, "customer", "", "user", 2, None, None, False, "We know too little.")
        elsewhere = ClosedResponse(2, "customer", "", "coach", 2, 1.0, 1, True)
        people = in_roles(2.9)
        assert reason_of(closed(people), [*people, silent, elsewhere], named=True).startswith(
            "The economic buyer says 2, and nobody"
        )

    def test_our_own_people_are_not_in_it_where_the_customer_was_heard(self):
        ours = person(4.8, 1, name="Mila", side="team")
        assert said(*in_roles(1.9, 3.6667), ours).endswith("of two the lower counts.")

    def test_a_result_that_these_voices_do_not_give_is_told_by_the_rule_alone(self):
        people = in_roles(1.9, 2.9, 4.8)
        result = closed(people, customer_position=4.8, customer_level=4)
        assert reason_of(result, people, named=True) == "Of three people who answered, the voice in the middle counts."


class TestForWhoMayNotKnowWhoSaidWhat:
    @pytest.mark.parametrize(
        ("people", "sentence"),
        [
            (in_roles(2.9), "One person answered, and that answer counts."),
            (in_roles(1.9, 4.8), "Of two people who answered, the lower voice counts."),
            (
                in_roles(1.9, 4.8, weights=(1, 3)),
                "Of two people who answered, the voice in the middle counts, weighed by influence.",
            ),
            (in_roles(1.9, 2.9, 4.8), "Of three people who answered, the voice in the middle counts."),
            (in_roles(1.9, 2.9, 3.2, 4.8), "Of four people who answered, the lower of the two voices in the middle counts."),
        ],
    )
    def test_the_rule_is_told_without_what_anybody_said(self, people, sentence):
        assert said(*people, named=False) == sentence


class TestConfidentialRounds:
    @pytest.mark.parametrize("named", [True, False])
    @pytest.mark.parametrize(
        ("number", "sentence"),
        [
            (3, "Of three people who answered in confidence, the voice in the middle counts."),
            (4, "Of four people who answered in confidence, the lower of the two voices in the middle counts."),
            (5, "Of five people who answered in confidence, the voice in the middle counts."),
        ],
    )
    def test_tell_the_rule_and_the_number_whatever_was_said(self, number, sentence, named):
        for positions in ([1.0] * number, [5.0] * number, [1.0, *[4.8] * (number - 1)]):
            people = [person(position, 1 + place % 3, "user", f"Ines {place}") for place, position in enumerate(positions)]
            assert said(*people, named=named, visibility="confidential", customer_position=None, customer_level=3) == sentence

    def test_below_three_our_own_view_is_explained(self):
        ours = person(4.8, 1, name="Mila", side="team")
        result = closed([ours], visibility="confidential", customer_level=None)
        assert reason_of(result, [person(1.0), person(5.0), ours], named=True) == "It is our own view: Mila says 4."


class TestOurOwnView:
    def test_of_one(self):
        assert said(person(3.4, 1, name="Mila Vermeer", side="team")) == "It is our own view: Mila Vermeer says 3."

    def test_of_two(self):
        people = [person(3.4, 1, name="Mila", side="team"), person(2.2, 1, name="Bo", side="team")]
        assert said(*people) == "It is our own view. Bo says 2, Mila 3: of two the lower counts."

    def test_for_who_only_reads(self):
        people = [person(3.4, 1, name="Mila", side="team"), person(2.2, 1, name="Bo", side="team")]
        assert said(people[0], named=False) == "It is our own view, of one colleague."
        assert said(*people, named=False) == "It is our own view. Of two people who answered, the lower voice counts."


class TestRecorded:
    @pytest.mark.parametrize(
        ("respondents", "sentence"),
        [
            (0, "This level was recorded elsewhere: who said so is not known here."),
            (1, "This level was recorded elsewhere, as the word of 1 person."),
            (7, "This level was recorded elsewhere, as the word of 7 people."),
        ],
    )
    def test_says_so(self, respondents, sentence):
        result = Assessment(pk=1, origin="recorded", customer_level=3, customer_position=3.0, respondents=respondents)
        assert reason_of(result, [], named=True) == sentence


def test_without_any_voice_there_is_none():
    assert said(customer_level=3, customer_position=3.0) == ""


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_sentence_is_whole(language):
    found = {}
    with translation.override(language):
        for number in range(1, 6):
            for positions in product((0.6, 2.9, 4.8), repeat=number):
                for weights in ((2,) * number, (1, 2, 3, 1, 2)[:number]):
                    people = [person(*pair, name=f"P{place}") for place, pair in enumerate(zip(positions, weights, strict=True))]
                    for named in (True, False):
                        sentence = said(*people, named=named)
                        if wrong := faults(sentence):
                            found[sentence] = wrong
    assert found == {}
