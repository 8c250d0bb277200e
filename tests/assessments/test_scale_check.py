"""The scale check of an edition: which responses count, what it says in words, and its page in the back-office."""

import csv
import random
from collections.abc import Iterable, Sequence

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from assessments.models import Answer, Assessment, Response
from assessments.rating.questionnaire import questionnaire_of
from assessments.scale_check import hundredths, percent, scale_check
from assessments.scale_figures import figures_of, rounds_of, tally_of
from hierarchy.measures import measure_of
from hierarchy.models import Edition, Indicator, Level
from hierarchy.publishing import clone, publish
from tests.factories import make_account, make_administrator, make_contact, make_result, make_user
from tests.inputs import OWN, PUBLIC, present
from tests.wording import faults

pytestmark = pytest.mark.django_db

SCORES = {"1": "5", "0": "2", "-": "-"}  # held, not held, unknown
LADDER = ["11111"] * 8 + ["11110"] * 8 + ["11100"] * 8 + ["11000"] * 8 + ["10000"] * 8 + ["00000"] * 4
WORKED = ["11100", "11000", "10100", "11110", "11111", "10000", "11101", "00000", "11110", "11010"]


def pattern_of(text: str) -> tuple[bool, ...]:
    return tuple(mark == "1" for mark in text)


def marks(pattern: str) -> str:
    """Answers to four statements a level, so that each is held, not held or unknown as the pattern says."""
    return "".join(SCORES[held] * 4 for held in pattern)


def round_of(edition: Edition, people: Iterable[str], *, side="customer", account=None, given=None, **fields) -> None:
    """A closed round in which each of `people` gave answers in the order of the statements; `-` is don't know.

    `given` are columns of the responses.
    """
    rounds_with(edition, {account or make_account(): list(people)}, side, given or {}, fields)


def accounts_of(edition: Edition, people: Sequence[str], *, side="customer", given=None, **fields) -> None:
    """As `round_of`, but each of `people` at an account of their own."""
    owner = make_user()
    accounts = Account.objects.bulk_create(Account(owner=owner, name=f"Account {number}") for number in range(len(people)))
    rounds_with(edition, {account: [person] for account, person in zip(accounts, people, strict=True)}, side, given or {}, fields)


def rounds_with(edition: Edition, people: dict[Account, list[str]], side: str, given: dict, fields: dict) -> None:
    closed = {"state": "closed", "closed_at": timezone.now(), "respondents": 0, "confidence": "none", "team_level": 1}
    columns = {"edition": edition, "held_on": timezone.localdate(), "team_position": 1.0} | closed | fields
    rounds = Assessment.objects.bulk_create(Assessment(account=account, **columns) for account in people)
    answered = [(one, person) for one, of_account in zip(rounds, people.values(), strict=True) for person in of_account]
    indicators = list(edition.indicators.filter(active=True).order_by("rank", "order", "pk"))
    columns = {"side": side, "origin": "api", "submitted_at": timezone.now()} | given
    responses = Response.objects.bulk_create(Response(assessment=one, **columns) for one, _person in answered)
    Answer.objects.bulk_create(
        Answer(response=response, indicator=indicator, value=None if mark == "-" else int(mark))
        for response, (_round, person) in zip(responses, answered, strict=True)
        for indicator, mark in zip(indicators, person, strict=True)
    )


def named(edition, patterns: Sequence[str], **fields) -> None:
    """One round in which people answered so that they hold these levels."""
    round_of(edition, [marks(pattern) for pattern in patterns], **fields)


def apart(edition, patterns: Sequence[str], **fields) -> None:
    """As `named`, but each at an account of their own."""
    accounts_of(edition, [marks(pattern) for pattern in patterns], **fields)


def tally(edition, side="customer"):
    return tally_of(questionnaire_of(edition), measure_of(edition).edition_ids, side)


def figures(edition, side="customer"):
    return figures_of(tally(edition, side), rounds_of(measure_of(edition).edition_ids))


def check(edition, side="customer"):
    return scale_check(questionnaire_of(edition), figures(edition, side), side)


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
        assert (found.patterns.total(), found.incomplete, found.respondents) == (1, 1, 2)
        assert found.of_level(1).total() == 2

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

    def test_editions_of_one_measure_count_together(self, edition):
        named(edition, ["11100"] * 4)
        second = publish(clone(edition, by=None), by=None)
        named(second, ["11000"] * 3)
        assert (tally(edition).patterns, tally(second).respondents) == (tally(second).patterns, 7)

    def test_people_of_one_account_stand_together_whatever_the_round(self, edition):
        account = make_account()
        for pattern in ("11100", "11000"):
            named(edition, [pattern], account=account)
        named(edition, ["11000", "11100"])
        named(edition, ["11100"])
        both = ((pattern_of("11000"), 1), (pattern_of("11100"), 1))
        assert tally(edition).accounts == {both: 2, ((pattern_of("11100"), 1),): 1}

    def test_our_own_answers_have_their_own_figures(self, edition):
        named(edition, ["11100"] * 4, side="team")
        assert tally(edition, "team").respondents == 4

    def test_a_level_that_the_edition_does_not_ask_about_is_no_part_of_the_ladder(self, edition):
        Edition.objects.filter(pk=edition.pk).update(state="draft", published_on=None)
        edition.indicators.filter(rank=5).update(active=False)
        round_of(edition, ["5555" * 3 + "2222"])
        assert list(tally(edition).patterns) == [(True, True, True, False)]


class TestConfidentialRounds:
    """Figures before and after such a round would tell the sum of its answers: where all answered alike, what each of them did."""

    @pytest.mark.parametrize("people", [1, 3, 40])
    def test_what_customers_answered_there_changes_no_figure(self, edition, people):
        apart(edition, LADDER)
        before = check(edition)
        named(edition, ["00111"] * people, visibility="confidential", given={"uniform": True, "language": "nl"})
        after = check(edition)
        assert (after.verdict, after.levels, after.shares, after.languages) == (
            before.verdict, before.levels, before.shares, before.languages,
        )  # fmt: skip
        assert "in 1 confidential round stays out" in told(after)

    def test_our_own_side_is_not_confidential(self, edition):
        named(edition, ["11100"], side="team", visibility="confidential")
        assert tally(edition, "team").respondents == 1
        assert "stays out" not in told(check(edition, "team"))


class TestTheVerdict:
    def test_nobody_answered(self, edition):
        found = check(edition)
        assert found.verdict.headline == "Nothing to check yet: nobody answered in a round that is closed."
        assert found.levels == ()

    def test_below_three_no_figure_is_shown(self, edition):
        named(edition, ["11100", "11000"])
        found = check(edition)
        assert found.verdict.headline == "Nothing to check yet: below three respondents no figure is shown."
        assert (found.levels, found.shares, found.basis) == ((), (), ())

    def test_below_thirty_it_does_not_judge(self, edition):
        named(edition, ["11100"] * 12)
        found = check(edition)
        assert found.verdict.headline == "Too few responses to say: 12 of at least 30."
        assert found.verdict.tone == "plain"
        assert "H is" not in told(found)
        assert {row.item_rest for level in found.levels for row in level.statements} == {"–"}

    def test_below_ten_accounts_neither(self, edition):
        for number in range(9):
            named(edition, LADDER[number::9])
        assert check(edition).verdict.headline == "Too few accounts to say: 9 of at least 10."
        named(edition, ["11000"])
        assert check(edition).verdict.headline == "The levels form a scale."

    def test_a_ladder(self, edition):
        apart(edition, LADDER)
        found = check(edition)
        assert (found.verdict.tone, found.verdict.headline) == ("good", "The levels form a scale.")
        assert "100% of what people hold fits the order of the levels (good from 90%); 73% would by chance." in told(found)
        assert "H is 1.00; with other accounts of the same kind it would lie between 1.00 and 1.00 (90% interval)." in told(found)
        assert "The lower end counts: strong (from 0.5)." in told(found)
        assert "From 44 responses of 44 accounts." in told(found)

    def test_the_worked_example_ten_times_over(self, edition):
        """H is strong for sure, and 88% is just not good."""
        apart(edition, WORKED * 10)
        found = check(edition)
        assert (found.verdict.tone, found.verdict.headline) == ("warn", "The levels form a scale, with a reservation.")
        assert "88% of what people hold fits the order of the levels (good from 90%); 72% would by chance." in told(found)
        assert "H is 0.67" in told(found) and "strong (from 0.5)" in told(found)

    def test_the_verdict_is_that_of_the_lower_end(self, edition):
        """The same answers of a third as many accounts: H is 0.67 still, but less sure."""
        apart(edition, WORKED * 3)
        low = figures(edition).interval.low
        assert 0.4 < low < 0.5 < figures(edition).scalability.h
        assert "H is 0.67" in told(check(edition)) and "medium (strong from 0.5)" in told(check(edition))

    def test_people_of_one_account_make_it_less_sure(self, edition):
        """Answers of sixty people of ten accounts say less than those of sixty people of sixty."""
        for pattern in WORKED:
            named(edition, [pattern] * 6)
        together = figures(edition)
        second = Edition.objects.create(name="Second")
        for rank in range(1, 6):
            Indicator.objects.create(edition=second, rank=rank, code=f"{rank}a", customer_en="-", team_en="-")
        accounts_of(second, ["".join(SCORES[held] for held in pattern) for pattern in WORKED * 6])
        assert together.scalability.h == figures(second).scalability.h
        assert together.interval.low < figures(second).interval.low

    def test_levels_that_have_nothing_to_do_with_each_other(self, edition):
        apart(edition, ["10000", "01000", "00100", "00010", "00001", "11111"] * 6)
        found = check(edition)
        assert (found.verdict.tone, found.verdict.headline) == ("bad", "The levels do not form a ladder.")

    def test_a_ladder_in_another_order_names_the_levels(self, edition):
        apart(edition, ["10000", "10100", "11100", "11110"] * 10 + ["10100"] * 20)
        found = check(edition)
        assert found.verdict.headline == "The levels form a ladder, but not in this order."
        assert "Level 3 is held by more people (83%) than level 2 (33%)." in told(found)

    @pytest.mark.parametrize("patterns", [["11100"] * 40, ["11100"] * 39 + ["11000"]])
    def test_nearly_all_alike_cannot_be_told(self, edition, patterns):
        apart(edition, patterns)
        assert check(edition).verdict.tone == "plain"
        assert "It cannot be told" in told(check(edition))

    @pytest.mark.parametrize(
        "patterns",
        [LADDER, WORKED * 3, ["11100"] * 40, ["11100"] * 5, ["10000", "01000"] * 20, [*LADDER, "1110-"], LADDER + ["1-1-0"] * 2],
    )
    def test_every_sentence_is_whole(self, edition, patterns):
        apart(edition, patterns)
        named(edition, ["11100"], visibility="confidential")
        found = check(edition)
        said = [found.verdict.headline, *found.verdict.sentences, *found.basis, *found.languages]
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


class TestHowItWasAnswered:
    def shares(self, edition, side="customer"):
        return {row.name: (row.count, row.of, row.share) for row in check(edition, side).shares}

    def test_responses_that_were_told_to_us_all_alike_or_too_fast(self, edition):
        contact = make_contact()
        named(edition, ["11100"] * 5)
        named(edition, ["11100"] * 2, given={"uniform": True})
        named(edition, ["11100"], given={"hasty": True, "origin": "link", "contact": contact})
        named(edition, ["11100"], given={"origin": "told", "contact": contact})
        assert self.shares(edition) == {
            "Rounds with high confidence": (0, 0, "–"),
            "Responses told to us and typed in by our side": (1, 9, "11%"),
            "Responses with all answers alike": (2, 9, "22%"),
            "Responses filled in too fast": (1, 9, "11%"),
        }

    def test_of_our_side_only_what_can_be(self, edition):
        named(edition, ["11100"] * 3, side="team", given={"uniform": True})
        assert self.shares(edition, "team") == {
            "Responses with all answers alike": (3, 3, "100%"),
            "Responses filled in too fast": (0, 3, "0%"),
        }

    def test_rounds_with_high_confidence_of_those_in_which_customers_were_heard(self, edition):
        """Neither levels that were brought in from elsewhere count, nor what an earlier rule called high."""
        named(edition, ["11100"] * 3)
        today = timezone.localdate()
        for confidence, fields in (
            ("high", {}), ("medium", {}), ("low", {}), ("high", {"former_rule": True}), ("high", {"origin": "recorded"}),
        ):  # fmt: skip
            make_result(make_account(), today, customer=3.2, edition=edition, confidence=confidence, **fields)
        make_result(make_account(), today, team=3.2, edition=edition)
        assert self.shares(edition)["Rounds with high confidence"] == (1, 3, "33%")


class TestLanguages:
    """Statement 3b is answered one step lower in Dutch by people who answer the rest of its level alike."""

    def answer(self, edition, language: str, number: int, lower: int = 0) -> None:
        chance = random.Random(language)
        people = []
        for _person in range(number):
            liking = [chance.gauss(3.4, 0.9) for _level in range(5)]
            given = [[min(5, max(1, round(chance.gauss(liking[level], 0.6)))) for _item in range(4)] for level in range(5)]
            given[2][1] = max(1, given[2][1] - lower)
            people.append("".join(str(value) for of_level in given for value in of_level))
        round_of(edition, people, given={"language": language})

    def test_a_statement_that_asks_something_else_is_named(self, edition):
        self.answer(edition, "en", 80)
        self.answer(edition, "nl", 50, lower=1)
        found = check(edition)
        assert found.languages[0].endswith("alike: 80 in English, 50 in Dutch.")
        (difference,) = found.languages[1:]
        assert difference.startswith("3b is answered otherwise: the odds of a higher answer are ")
        assert "times as high in English as in Dutch." in difference
        flagged = {row.code for level in found.levels for row in level.statements if "differs between languages" in row.flags}
        assert flagged == {"3b"}

    def test_alike_in_both(self, edition):
        self.answer(edition, "en", 80)
        self.answer(edition, "nl", 50)
        assert check(edition).languages[1:] == ("No statement is answered otherwise in one language than in another.",)

    @pytest.mark.parametrize("second", ["nl", ""])
    def test_it_takes_thirty_in_each_of_two(self, edition, second):
        self.answer(edition, "en", 80)
        self.answer(edition, second, 29 if second else 80, lower=1)
        assert check(edition).languages == (
            "Statements are compared between languages once there are 30 responses in each of two.",
        )


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
        apart(edition, LADDER)
        assert "The levels form a scale." in client.get(self.address(edition)).content.decode()
        assert "nobody answered" in client.get(self.address(edition) + "?side=team").content.decode()

    @pytest.mark.parametrize("query", ["?side=", "?side=x", "?side=TEAM", "?side=customer"])
    def test_any_other_side_is_theirs(self, client, administrator, edition, query):
        apart(edition, LADDER)
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
        # session, user, edition, those of its measure, levels, statements, state of the data, answers, rounds
        with django_assert_num_queries(9):
            client.get(self.address(edition))
        with django_assert_num_queries(7):  # the figures are at hand
            client.get(self.address(edition))

    def test_it_names_the_editions_of_the_measure(self, client, administrator, edition):
        draft = clone(edition, by=None)
        Edition.objects.filter(pk=draft.pk).update(name_en="Second", name_nl="Tweede")
        publish(Edition.objects.get(pk=draft.pk), by=None)
        assert "Together with “Second”, which is the same measure." in client.get(self.address(edition)).content.decode()


# --- Real surveys


def survey(name: str, ladder: Sequence[Sequence[str]], rows: Sequence[dict], value, *, held_at="3.5") -> Edition:
    """An edition whose levels ask `ladder`, and closed rounds in which `rows`, each of a customer of its own, answered it."""
    edition = Edition.objects.create(name=name, held_at=held_at)
    for rank, columns in enumerate(ladder, start=1):
        Level.objects.create(edition=edition, rank=rank, name=f"Rung {rank}", seen_as="-", description="-", position="-")
        for order, column in enumerate(columns):
            Indicator.objects.create(
                edition=edition, rank=rank, order=order, code=column, customer=f"Question {column}", team="-"
            )
    accounts_of(edition, ["".join(value(row[column]) for columns in ladder for column in columns) for row in rows])
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
        "94% of what people hold fits the order of the levels (good from 90%); 70% would by chance.",
        "H is 0.84; with other accounts of the same kind it would lie between 0.73 and 0.93 (90% interval). The lower end counts: "
        "strong",
        "From 57 responses of 57 accounts. 3 more know too little of some level",
        ["74%", "65%", "35%", "23%"],
    ),
    (
        PUBLIC / "perception_abc_b2b_odd.csv",
        "The levels hardly form a ladder.",
        "80% of what people hold fits the order of the levels (good from 90%); 61% would by chance.",
        "H is 0.47; with other accounts of the same kind it would lie between 0.36 and 0.58 (90% interval). The lower end counts: "
        "weak",
        "From 117 responses of 117 accounts. 16 more know too little of some level",
        ["65%", "62%", "53%", "36%"],
    ),
)


@pytest.mark.parametrize(("path", "headline", "fit", "sure", "basis", "held"), ABC)
def test_a_b2b_survey_read_by_four_levels(path, headline, fit, sure, basis, held):
    """Customers of an equipment supplier, over equipment, support and orders, sales, terms."""
    ladder = [block(6, 10), block(18, 24) + block(32, 37), block(12, 16), block(58, 64)]
    found = check(survey("ABC", ladder, rows_of(path), one_to_five))
    assert found.verdict.headline == headline
    assert found.verdict.sentences[0] == fit
    assert found.verdict.sentences[1].startswith(sure) and basis in told(found)
    assert [level.held for level in found.levels] == held


TURNED = present(
    (
        OWN / "perception_abc_b2b_odd.csv",
        "76% of what people hold fits the order of the levels (good from 90%); 70% would by chance.",
        "H is 0.32;",
    ),
    (
        PUBLIC / "perception_abc_b2b_odd.csv",
        "78% of what people hold fits the order of the levels (good from 90%); 61% would by chance.",
        "H is 0.44;",
    ),
)


@pytest.mark.parametrize(("path", "fit", "h"), TURNED)
def test_the_b2b_survey_read_by_five_levels_of_which_two_are_turned_around(path, fit, h):
    """Support and orders apart: then more people hold the sales level than the one below it."""
    ladder = [["q11"], ["q25"], ["q38"], ["q17"], ["q65"]]
    said = told(check(survey("ABC", ladder, rows_of(path), one_to_five)))
    assert fit in said and h in said


HBAT = present(
    (
        OWN / "perception_hbat_001-100.csv",
        "54% of what people hold fits the order of the levels (good from 90%); 59% would by chance.",
        "H is -0.03;",
    ),
    (
        PUBLIC / "perception_hbat_001-100.csv",
        "67% of what people hold fits the order of the levels (good from 90%); 79% would by chance.",
        "H is 0.08;",
    ),
)


@pytest.mark.parametrize(("path", "fit", "h"), HBAT)
def test_perceptions_that_do_not_follow_from_each_other_are_no_ladder(path, fit, h):
    """Less of it fits the order than would by chance."""
    ladder = [["x13", "x16", "x18"], ["x6", "x11"], ["x8", "x9", "x14"], ["x10", "x15"], ["x7", "x12"]]
    found = check(survey("HBAT", ladder, rows_of(path), of_ten))
    assert found.verdict.headline == "The levels do not form a ladder."
    assert fit in told(found) and h in told(found)
    assert "no scale (weak from 0.3)" in told(found)
