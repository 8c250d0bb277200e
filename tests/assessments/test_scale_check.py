"""The scale check of an edition: which responses count, what it says in words, and its page in the back-office."""

import csv
from collections.abc import Iterable, Sequence

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Answer, Assessment, Response
from assessments.rating.questionnaire import questionnaire_of
from assessments.scale_check import hundredths, percent, scale_check, tally_of
from hierarchy.models import Edition, Indicator, Level
from tests.factories import make_account, make_administrator
from tests.inputs import OWN, PUBLIC, present
from tests.wording import faults

pytestmark = pytest.mark.django_db

SCORES = {"1": "5", "0": "2", "-": "-"}  # held, not held, unknown
LADDER = ["11111"] * 8 + ["11110"] * 8 + ["11100"] * 8 + ["11000"] * 8 + ["10000"] * 8 + ["00000"] * 4
WORKED = ["11100", "11000", "10100", "11110", "11111", "10000", "11101", "00000", "11110", "11010"]


def marks(pattern: str) -> str:
    """Answers to four statements a level, so that each is held, not held or unknown as the pattern says."""
    return "".join(SCORES[held] * 4 for held in pattern)


def round_of(edition: Edition, people: Iterable[str], *, side="customer", **fields) -> Assessment:
    """A closed round in which each of `people` gave answers in the order of the statements; `-` is don't know."""
    account = make_account()
    closed = {"state": "closed", "closed_at": timezone.now(), "respondents": 0, "confidence": "none", "team_level": 1}
    assessment = Assessment.objects.create(
        account=account, edition=edition, held_on=timezone.localdate(), **closed | {"team_position": 1.0} | fields
    )
    indicators = list(edition.indicators.filter(active=True).order_by("rank", "order", "pk"))
    responses = Response.objects.bulk_create(
        Response(assessment=assessment, side=side, origin="api", submitted_at=timezone.now()) for _person in people
    )
    Answer.objects.bulk_create(
        Answer(response=response, indicator=indicator, value=None if mark == "-" else int(mark))
        for response, given in zip(responses, people, strict=True)
        for indicator, mark in zip(indicators, given, strict=True)
    )
    return assessment


def named(edition, patterns: Sequence[str], **fields) -> Assessment:
    return round_of(edition, [marks(pattern) for pattern in patterns], **fields)


def check(edition, side="customer"):
    return scale_check(questionnaire_of(edition), side)


def tally(edition, side="customer"):
    return tally_of(questionnaire_of(edition), side)


def told(found) -> str:
    return " ".join([found.verdict.headline, *found.verdict.sentences, *found.basis])


class TestWhatCounts:
    def test_the_worked_example(self, edition):
        named(edition, WORKED)
        assert sorted("".join(str(int(held)) for held in pattern) for pattern in tally(edition).patterns.elements()) == sorted(
            WORKED
        )

    def test_a_level_is_held_as_the_measurement_reads_it(self, edition):
        """Half of the statements answered, and a mean of 3.5 or more."""
        round_of(edition, ["443355--34--43335--5"])
        assert list(tally(edition).patterns) == [(True, True, True, False, True)]

    def test_who_knows_too_little_of_a_level_is_left_out_of_the_ladder_and_counted(self, edition):
        named(edition, ["11100", "111-0"])
        found = tally(edition)
        assert (found.complete, found.incomplete, found.respondents) == (1, 1, 2)
        assert found.by_level[1].total() == 2

    @pytest.mark.parametrize("fields", [{"origin": "recorded"}, {"side": "team"}])
    def test_only_what_was_measured_on_this_side_counts(self, edition, fields):
        named(edition, ["11100"] * 4, **fields)
        assert tally(edition).respondents == 0

    def test_open_rounds_and_drafts_do_not_count(self, edition):
        named(edition, ["11100"] * 4)
        Response.objects.filter(pk=Response.objects.first().pk).update(submitted_at=None)
        named(edition, ["11100"] * 4)
        last = Assessment.objects.order_by("-pk")[:1].get()
        Assessment.objects.filter(pk=last.pk).update(
            state="open", closed_at=None, respondents=None, confidence="", team_level=None, team_position=None
        )
        assert tally(edition).respondents == 3

    def test_another_edition_does_not_count(self, edition):
        named(edition, ["11100"] * 4)
        assert tally(Edition.objects.create(name="Other")).respondents == 0

    def test_our_own_answers_have_their_own_figures(self, edition):
        named(edition, ["11100"] * 4, side="team")
        assert tally(edition, "team").respondents == 4

    def test_a_level_that_the_edition_does_not_ask_about_is_no_part_of_the_ladder(self, edition):
        Edition.objects.filter(pk=edition.pk).update(state="draft", published_on=None)
        edition.indicators.filter(rank=5).update(active=False)
        round_of(edition, ["5555" * 3 + "2222"])
        assert list(tally(edition).patterns) == [(True, True, True, False)]


class TestConfidentialRounds:
    """Nobody's answers come out, not even by looking before and after a round closes."""

    def confidential(self, edition, patterns, **fields):
        return named(edition, patterns, visibility="confidential", **fields)

    @pytest.mark.parametrize(("people", "counted"), [(1, 0), (2, 0), (3, 3), (4, 4)])
    def test_below_three_nothing_of_a_round_counts(self, edition, people, counted):
        self.confidential(edition, ["11100"] * people)
        found = tally(edition)
        assert (found.respondents, found.complete, found.by_level[1].total()) == (counted, counted, counted)
        assert found.withheld == people - counted

    def test_two_full_patterns_among_three_do_not_count(self, edition):
        self.confidential(edition, ["11100", "11000", "1110-"])
        found = tally(edition)
        assert (found.complete, found.withheld, found.incomplete) == (0, 2, 1)

    @pytest.mark.parametrize(("answers", "counted"), [("555", 3), ("55-", 0), ("5--", 0), ("---", 3)])
    def test_a_statement_that_fewer_than_three_answered_keeps_its_level_out(self, edition, answers, counted):
        round_of(edition, [one + marks("11111")[1:] for one in answers], visibility="confidential")
        found = tally(edition)
        assert found.by_level[1].total() == counted
        assert found.by_level[2].total() == 3

    def test_a_named_round_counts_with_one(self, edition):
        named(edition, ["11100"])
        assert tally(edition).complete == 1

    def test_our_own_side_is_not_confidential(self, edition):
        self.confidential(edition, ["11100"], side="team")
        assert tally(edition, "team").complete == 1

    def test_a_round_that_is_withheld_changes_no_figure(self, edition):
        named(edition, LADDER)
        before = check(edition)
        self.confidential(edition, ["00111", "00011"])
        after = check(edition)
        assert (after.verdict, after.levels) == (before.verdict, before.levels)
        assert "2 of confidential rounds stay out" in told(after)


class TestTheVerdict:
    def test_nobody_answered(self, edition):
        found = check(edition)
        assert found.verdict.headline == "Nothing to check yet: nobody answered in a round that is closed."
        assert found.levels == ()

    def test_below_three_no_figure_is_shown(self, edition):
        named(edition, ["11100", "11000"])
        found = check(edition)
        assert found.verdict.headline == "Nothing to check yet: below three respondents no figure is shown."
        assert (found.levels, found.basis) == ((), ())

    def test_below_thirty_it_does_not_judge(self, edition):
        named(edition, ["11100"] * 12)
        found = check(edition)
        assert found.verdict.headline == "Too few responses to say: 12 of at least 30."
        assert found.verdict.tone == "plain"
        assert "H is" not in told(found)
        assert {row.item_rest for level in found.levels for row in level.statements} == {"–"}

    def test_a_ladder(self, edition):
        named(edition, LADDER)
        found = check(edition)
        assert (found.verdict.tone, found.verdict.headline) == ("good", "The levels form a scale.")
        assert "100% of what people hold fits the order of the levels (good from 90%), and H is 1.00: strong (from 0.5)." in told(
            found
        )
        assert "From 44 responses." in told(found)

    def test_the_worked_example_three_times_over(self, edition):
        """H is strong, and 88% is just not good."""
        named(edition, WORKED * 3)
        found = check(edition)
        assert (found.verdict.tone, found.verdict.headline) == ("warn", "The levels form a scale, with a reservation.")
        assert "88% of what people hold" in told(found) and "H is 0.67: strong" in told(found)

    def test_levels_that_have_nothing_to_do_with_each_other(self, edition):
        named(edition, ["10000", "01000", "00100", "00010", "00001", "11111"] * 6)
        found = check(edition)
        assert (found.verdict.tone, found.verdict.headline) == ("bad", "The levels do not form a ladder.")

    def test_a_ladder_in_another_order_names_the_levels(self, edition):
        named(edition, ["10000", "10100", "11100", "11110"] * 10 + ["10100"] * 20)
        found = check(edition)
        assert found.verdict.headline == "The levels form a ladder, but not in this order."
        assert "Level 3 is held by more people (83%) than level 2 (33%)." in told(found)

    def test_all_alike_cannot_be_told(self, edition):
        named(edition, ["11100"] * 40)
        assert check(edition).verdict.tone == "plain"
        assert "It cannot be told" in told(check(edition))

    @pytest.mark.parametrize(
        "patterns",
        [LADDER, WORKED * 3, ["11100"] * 40, ["11100"] * 5, ["10000", "01000"] * 20, [*LADDER, "1110-"], LADDER + ["1-1-0"] * 2],
    )
    def test_every_sentence_is_whole(self, edition, patterns):
        named(edition, patterns)
        named(edition, ["11100"], visibility="confidential")
        found = check(edition)
        said = [found.verdict.headline, *found.verdict.sentences, *found.basis]
        assert {sentence: faults(sentence) for sentence in said if faults(sentence) and not sentence[0].isdecimal()} == {}


@pytest.mark.parametrize(
    ("share", "rounded", "down"),
    [(0.896, "90%", "89%"), (0.29, "29%", "29%"), (0.9, "90%", "90%"), (1, "100%", "100%"), (0, "0%", "0%")],
)
def test_a_share_that_misses_its_mark_is_not_rounded_up_to_it(share, rounded, down):
    assert (percent(share), percent(share, down=True)) == (rounded, down)


@pytest.mark.parametrize(("h", "shown"), [(0.4999, "0.49"), (0.5, "0.50"), (0.29, "0.29"), (-0.304, "-0.31"), (0.6703, "0.67")])
def test_neither_is_h(h, shown):
    assert hundredths(h) == shown


class TestStatements:
    def rows(self, edition):
        return {row.code: row for level in check(edition).levels for row in level.statements}

    def test_each_in_figures(self, edition):
        round_of(edition, ["5" + marks("1")[1:] + marks("1111")] * 20 + ["-" + marks("1")[1:] + marks("1111")] * 10)
        row = self.rows(edition)["1a"]
        assert (row.item.answered, row.unknown, row.mean) == (20, "33%", "5.00")
        assert row.text == edition.indicators.get(code="1a").customer

    def test_one_that_few_can_judge_is_marked(self, edition):
        round_of(edition, ["-" + marks("11111")[1:]] * 10 + [marks("11111")] * 20)
        assert self.rows(edition)["1a"].flags == ("seldom answered",)
        assert self.rows(edition)["1b"].flags == ()

    def test_one_that_goes_against_its_level_is_marked(self, edition):
        round_of(edition, ["1555" + marks("1111"), "5222" + marks("1111")] * 20)
        assert self.rows(edition)["1a"].flags == ("does not go with the rest of its level",)
        assert self.rows(edition)["1a"].item_rest == "-1.00"


class TestPage:
    @pytest.fixture
    def administrator(self, client):
        client.force_login(make_administrator())

    def address(self, edition):
        return reverse("assessments:scale_check", args=[edition.pk])

    def test_the_edition_leads_to_it(self, client, administrator, edition):
        page = client.get(reverse("admin:hierarchy_edition_change", args=[edition.pk])).content.decode()
        assert self.address(edition) in page

    def test_it_shows_their_answers_and_ours(self, client, administrator, edition):
        named(edition, LADDER)
        assert "The levels form a scale." in client.get(self.address(edition)).content.decode()
        assert "nobody answered" in client.get(self.address(edition) + "?side=team").content.decode()

    @pytest.mark.parametrize("query", ["?side=", "?side=x", "?side=TEAM", "?side=customer"])
    def test_any_other_side_is_theirs(self, client, administrator, edition, query):
        named(edition, LADDER)
        assert "The levels form a scale." in client.get(self.address(edition) + query).content.decode()

    def test_a_draft_has_nothing_to_check(self, client, administrator, db):
        draft = Edition.objects.create(name="Draft")
        assert "nobody answered" in client.get(self.address(draft)).content.decode()

    @pytest.mark.parametrize("responses", [3, 60])
    def test_its_statements_do_not_grow_with_the_responses(
        self, client, administrator, edition, responses, django_assert_num_queries
    ):
        for _round in range(responses // 3):
            named(edition, ["11100"] * 3)
        with django_assert_num_queries(6):  # session, user, edition, levels, statements, answers
            client.get(self.address(edition))


# --- Real surveys


def survey(name: str, ladder: Sequence[Sequence[str]], rows: Sequence[dict], value, *, held_at="3.5") -> Edition:
    """An edition whose levels ask `ladder`, and one closed round in which `rows` answered it."""
    edition = Edition.objects.create(name=name, held_at=held_at)
    for rank, columns in enumerate(ladder, start=1):
        Level.objects.create(edition=edition, rank=rank, name=f"Rung {rank}", seen_as="-", description="-", position="-")
        for order, column in enumerate(columns):
            Indicator.objects.create(
                edition=edition, rank=rank, order=order, code=column, customer=f"Question {column}", team="-"
            )
    people = ["".join(value(row[column]) for columns in ladder for column in columns) for row in rows]
    round_of(edition, people)
    return edition


def block(first: int, last: int) -> list[str]:
    return [f"q{number}" for number in range(first, last + 1)]


def one_to_five(cell: str) -> str:
    """Answers of the ABC survey; 0 and an empty cell are *not applicable*."""
    number = round(float(cell)) if cell not in {"", "NA"} else 0
    return str(number) if number else "-"


def of_ten(cell: str) -> str:
    """Perceptions 0 to 10 on five points."""
    return str(min(5, 1 + int(float(cell) / 2)))


def rows_of(path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


#: What the ladder of four levels comes to; the shares of those who hold each are of the same answers.
ABC = present(
    (
        OWN / "perception_abc_b2b_odd.csv",
        "The levels form a scale.",
        "94% of what people hold fits the order of the levels (good from 90%), and H is 0.84: strong",
        "From 57 responses. 3 more know too little of some level",
        ["74%", "65%", "35%", "23%"],
    ),
    (
        PUBLIC / "perception_abc_b2b_odd.csv",
        "The levels form a scale, with a reservation.",
        "80% of what people hold fits the order of the levels (good from 90%), and H is 0.47: medium",
        "From 117 responses. 16 more know too little of some level",
        ["65%", "62%", "53%", "36%"],
    ),
)


@pytest.mark.parametrize(("path", "headline", "fit", "basis", "held"), ABC)
def test_a_b2b_survey_read_by_four_levels(path, headline, fit, basis, held):
    """Customers of an equipment supplier, over equipment, support and orders, sales, terms."""
    ladder = [block(6, 10), block(18, 24) + block(32, 37), block(12, 16), block(58, 64)]
    found = check(survey("ABC", ladder, rows_of(path), one_to_five))
    assert found.verdict.headline == headline
    assert fit in told(found) and basis in told(found)
    assert [level.held for level in found.levels] == held


TURNED = present(
    (
        OWN / "perception_abc_b2b_odd.csv",
        "76% of what people hold fits the order of the levels (good from 90%), and H is 0.32: weak",
    ),
    (
        PUBLIC / "perception_abc_b2b_odd.csv",
        "78% of what people hold fits the order of the levels (good from 90%), and H is 0.44: medium",
    ),
)


@pytest.mark.parametrize(("path", "fit"), TURNED)
def test_the_b2b_survey_read_by_five_levels_of_which_two_are_turned_around(path, fit):
    """Support and orders apart: then more people hold the sales level than the one below it."""
    ladder = [["q11"], ["q25"], ["q38"], ["q17"], ["q65"]]
    assert fit in told(check(survey("ABC", ladder, rows_of(path), one_to_five)))


HBAT = present(
    (
        OWN / "perception_hbat_001-100.csv",
        "54% of what people hold fits the order of the levels (good from 90%), and H is -0.03: no scale",
    ),
    (
        PUBLIC / "perception_hbat_001-100.csv",
        "67% of what people hold fits the order of the levels (good from 90%), and H is 0.08: no scale",
    ),
)


@pytest.mark.parametrize(("path", "fit"), HBAT)
def test_perceptions_that_do_not_follow_from_each_other_are_no_ladder(path, fit):
    ladder = [["x13", "x16", "x18"], ["x6", "x11"], ["x8", "x9", "x14"], ["x10", "x15"], ["x7", "x12"]]
    found = check(survey("HBAT", ladder, rows_of(path), of_ten))
    assert found.verdict.headline == "The levels do not form a ladder."
    assert fit in told(found)
