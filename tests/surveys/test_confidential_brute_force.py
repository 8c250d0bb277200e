"""Brute force over what the people of a confidential round may have answered: nobody's level is certain (docs/decisions/0017).

All figures that a closed round publishes are looked at together: whatever is shown, exported, told by the API, a webhook, a mail or the
trail is made of the stored result, of who was asked and who answered (which is no secret), of the means of the levels, and of texts
without names. Two sets of answers with the same figures cannot be told apart. A person's level is certain when it is the same in all
sets of answers that have the published figures.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement, permutations, product
from typing import NamedTuple

import pytest

from assessments.measurement.agreement import agreement, agreement_word
from assessments.measurement.median import level_at, lower_weighted_median
from assessments.models import Assessment, Response
from assessments.rounds.closing import RESULT_FIELDS, result_of
from assessments.rounds.figures import in_confidence
from assessments.rounds.voices import Voices

OPENED = datetime(2026, 3, 1, 9, tzinfo=UTC)
ROLES = ("economic", "user", "technical", "coach", "user")
INFLUENCES = (3, 1, 2, 3, 1)


class Kind(NamedTuple):
    """What one person answered, as far as any figure depends on it; no position: less than half of each level."""

    position: float | None
    known_levels: int = 0
    uniform: bool = False
    pattern_error: bool = False

    @property
    def level(self) -> int | None:
        return None if self.position is None else level_at(self.position)


NOTHING_KNOWN = Kind(None)


def kinds(*positions: float, sound: bool = True, known: bool = True) -> list[Kind]:
    """All kinds of answers at these positions; `sound` and `known`: with the marks of answers, and with levels that are not known.

    Answers are not cumulative below level 4 alone: above the level that stops them there must be one that is strong.
    """
    found = [NOTHING_KNOWN]
    for position in positions:
        level = level_at(position)
        for few, uniform, errs in product((False, known), (False, sound), (False, sound and level < 4)):
            found.append(Kind(position, 1 if few else level, uniform, errs))
    return list(dict.fromkeys(found))


def response_of(round_: Assessment, contact: int, kind: Kind, **fields) -> Response:
    return Response(
        **{
            "assessment": round_, "side": "customer", "origin": "link", "contact_id": contact, "submitted_at": OPENED,
            "buying_role": ROLES[contact % 5], "weight": INFLUENCES[contact % 5], "position": kind.position, "level": kind.level,
            "known_levels": None if kind.level is None else min(kind.known_levels, kind.level), "uniform": kind.uniform,
            "pattern_error": kind.pattern_error,
        }
        | fields
    )  # fmt: skip


def published(people: Iterable[Kind], *, silent: int = 0, outside: tuple[int, ...] = (), more: Iterable[Response] = ()) -> tuple:
    """The stored result; `silent` voices did not answer, and of those who did the ones `outside` have no part in the decision."""
    round_ = Assessment(visibility="confidential", opened_at=OPENED)
    given = [response_of(round_, number, kind) for number, kind in enumerate(people)]
    everybody = range(len(given) + silent)
    voices = Voices({pk: INFLUENCES[pk % 5] for pk in everybody if pk not in outside}, left_out=frozenset({100, 101, 102}))
    ours = Response(assessment=round_, side="team", origin="own", position=3.2, level=3, known_levels=3, submitted_at=OPENED)
    result = result_of(round_, [ours, *given, *more], voices)
    return tuple(getattr(result, name) for name in RESULT_FIELDS)


def worlds(number: int, of: list[Kind], **how) -> Iterator[tuple[tuple, tuple[Kind, ...]]]:
    """Each set of answers of so many people, with what is published of it."""
    for people in combinations_with_replacement(of, number):
        yield published(people, **how), people


class TestNobodyIsCertain:
    """Everybody counts alike (the tests below), so a set of answers stands for all ways to spread it over the people. Then a level is
    certain exactly where all people of all sets that fit have the same one."""

    @pytest.mark.parametrize("silent", [0, 1, 2, 3])
    @pytest.mark.parametrize(
        ("number", "of"),
        [
            (3, kinds(0.5, 2.9, 3.4, 4.1, 5.0)),
            (4, kinds(0.5, 2.9, 3.4, 4.1, 5.0, sound=False)),
            (5, kinds(0.5, 2.9, 3.4, 4.1, 5.0, sound=False, known=False)),
        ],
        ids=["three", "four", "five"],
    )
    def test_of_so_many_who_answered(self, number, of, silent):
        levels: dict[tuple, set[int | None]] = defaultdict(set)
        for told, people in worlds(number, of, silent=silent):
            levels[told] |= {one.level for one in people}
        told_levels = {told[RESULT_FIELDS.index("customer_level")] for told in levels}
        assert told_levels == {None, 1, 2, 3, 4, 5}
        assert {told: found for told, found in levels.items() if len(found) == 1} == {}

    def test_the_measure_measures(self):
        """With the position beside the level, as in a named round, many are."""
        levels: dict[tuple, set[int | None]] = defaultdict(set)
        for told, people in worlds(3, kinds(0.5, 2.0, 2.9, 3.4, 4.1, 5.0, sound=False, known=False)):
            positions = [one.position for one in people if one.position is not None]
            if len(positions) == 3:
                shared = agreement([level_at(one) for one in positions], [1, 1, 1])
                levels[*told, lower_weighted_median(positions, [1, 1, 1]), shared] |= {one.level for one in people}
        assert len([found for found in levels.values() if len(found) == 1]) == 6


class TestEverybodyCountsAlike:
    """Whoever of them gave which answers, the figures are the same: whatever the influence and the role, part of the decision or not."""

    PEOPLE = (NOTHING_KNOWN, Kind(0.5, 1), Kind(2.9, 1, pattern_error=True), Kind(3.4, 3), Kind(5.0, 5, uniform=True))

    @pytest.mark.parametrize("outside", [(), (0,), (1, 3)])
    @pytest.mark.parametrize("number", [3, 4])
    def test_in_every_figure(self, number, outside):
        for people in combinations_with_replacement(self.PEOPLE, number):
            assert len({published(order, silent=2, outside=outside) for order in set(permutations(people))}) == 1

    def test_where_only_one_could_speak_for_the_economic_buyer(self):
        """Three with a level and the economic buyer without: else “not heard” would tell that."""
        with_level = (Kind(3.4, 3),) * 3
        assert published((NOTHING_KNOWN, *with_level)) == published((*with_level, NOTHING_KNOWN))


class TestInventedPeople:
    """Who was made, or got an address, after the round was opened, or has one of ours, counts for nothing: whoever of us answers in
    their place learns nothing by it."""

    def invented(self, *positions: float) -> list[Response]:
        round_ = Assessment(visibility="confidential", opened_at=OPENED)
        return [response_of(round_, 100 + number, Kind(position, 5)) for number, position in enumerate(positions)]

    @pytest.mark.parametrize("number", [2, 3])
    @pytest.mark.parametrize("positions", [(0.0,), (5.0, 5.0), (0.0, 5.0, 5.0)])
    def test_move_no_figure(self, number, positions):
        more = self.invented(*positions)
        for people in combinations_with_replacement(kinds(0.5, 2.9, 5.0, sound=False, known=False), number):
            assert published(people, silent=1, more=more) == published(people, silent=1)

    def test_nor_does_an_answer_by_a_link_to_a_later_address_whoever_has_it_now(self):
        late = response_of(Assessment(), 50, Kind(5.0, 5), address_since=OPENED + timedelta(seconds=1))
        for people in combinations_with_replacement(kinds(0.5, 2.9, 5.0, sound=False, known=False), 3):
            assert published(people, more=[late]) == published(people)


class TestOneAfterTheOther:
    """What is tried while people answer tells nothing either: closing, reopening, closing again."""

    PEOPLE = kinds(0.5, 2.9, 5.0, sound=False, known=False)

    @pytest.mark.parametrize("number", [1, 2])
    def test_below_three_the_result_is_the_same_whatever_they_answered(self, number):
        assert len({published(people) for people in product(self.PEOPLE, repeat=number)}) == 1

    def test_with_three_it_says_whether_there_is_a_level_and_then_stands(self):
        reasons = RESULT_FIELDS.index("confidence_reasons")
        for told, people in worlds(3, self.PEOPLE):
            withheld = told[reasons] == (Assessment.TOO_FEW_LEVELS,)
            assert withheld == (NOTHING_KNOWN in people)


class TestMeansOfTheLevels:
    """From five people on the mean of each level is shown with one decimal, and no further out than tells of everybody.

    A level is held by whoever has at least θ on it. The published mean of a level leaves open how many of the five hold it; the
    levels are independent of each other, so a person's level is certain only if no choice of these numbers makes another one.
    """

    SCORES = tuple(1 + quarter / 4 for quarter in range(17))  # means of four statements

    def numbers_by_mean(self, held_at: float, people: int) -> dict[float | None, set[int]]:
        """How many of the people may hold a level of which this mean is shown."""
        found: dict[float | None, set[int]] = defaultdict(set)
        for scores in combinations_with_replacement(self.SCORES, people):
            found[in_confidence(sum(scores) / people, held_at)].add(sum(score >= held_at for score in scores))
        return found

    @pytest.mark.parametrize("held_at", [2.0, 3.0, 3.5, 4.5])
    def test_no_mean_tells_that_everybody_holds_a_level_or_that_nobody_does(self, held_at):
        for numbers in self.numbers_by_mean(held_at, 5).values():
            assert numbers not in ({0}, {5})

    def test_with_level_and_agreement_nobody_is_certain(self):
        """Of each set of means that fits five people on one level there is another with the same figures, and one of them elsewhere."""
        by_mean = {frozenset(numbers) for numbers in self.numbers_by_mean(3.5, 5).values()}
        for shown in product(by_mean, repeat=5):
            for level in range(1, 6):
                holds = [0 < rank <= level for rank in range(1, 6)]
                if all((5 if held else 0) in numbers for held, numbers in zip(holds, shown, strict=True)):
                    assert self.another(level, shown)

    def another(self, level: int, shown: tuple[frozenset[int], ...]) -> bool:
        """Whether one of the five can stand elsewhere: the others hold what they held, so each mean has one more or one less."""
        for holds in product((False, True), repeat=5):
            own = max(1, next((rank for rank, held in enumerate(holds) if not held), 5))
            others = [4 if rank <= level else 0 for rank in range(1, 6)]
            fits = all(count + held in numbers for count, held, numbers in zip(others, holds, shown, strict=True))
            same = lower_weighted_median([level] * 4 + [own], [1] * 5) == level
            word = agreement_word(agreement([level] * 4 + [own], [1] * 5)) == "shared"
            if own != level and fits and same and word:
                return True
        return False
