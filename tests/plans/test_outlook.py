"""What pages say of the forecast of a target: the stored chance, how sure it is, and what it is made from."""

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts import derived
from accounts.templatetags.standing import likelihood
from plans.forecast.counting import SegmentPace
from plans.forecast.fan import fan_of
from plans.forecast.outlook import basis_sentence, factor_sentence, fan_sentence, outlook_sentence
from plans.targets.standing import standing_of
from tests.factories import make_account, make_basis, make_result, make_target, make_user, make_viewer

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


def aiming(*, customer=3.1, team=None, due_in=730, today=TODAY, level=4, **fields):
    """An account that was heard today, with a target."""
    account = make_account(**fields)
    make_result(account, today, customer=customer, team=team)
    baseline = customer or team
    make_target(account, set_on=today - timedelta(days=30), due_on=today + timedelta(days=due_in), level=level, baseline=baseline)
    derived.refresh([account.pk], today=today)
    account.refresh_from_db()
    return account


def standing(account, today=TODAY):
    return standing_of(account, account.targets.get(), account.assessments.closed().in_time(), today)


class TestOutlook:
    def test_tells_the_stored_chance_and_its_interval(self):
        make_basis(TODAY)
        account = aiming()
        found = standing(account).outlook
        assert found.chance == account.target_chance
        assert found.low < found.chance < found.high

    def test_costs_one_statement_once_a_day(self, django_assert_num_queries):
        make_basis(TODAY)
        account = aiming()
        target, results = account.targets.get(), list(account.assessments.closed().in_time())
        with django_assert_num_queries(1):
            first = standing_of(account, target, results, TODAY)
        with django_assert_num_queries(0):
            assert standing_of(account, target, results, TODAY) == first

    def test_words_of_a_climb(self):
        make_basis(TODAY)
        account = aiming()
        told, made_from = standing(account).outlook_words
        assert told.startswith(
            f"{likelihood(account.target_chance)} likely to reach level 4 by November 2028, if accounts go on moving as they did; "
        )
        assert re.search(r"; nine times out of ten the chance lies between .+ and .+\.$", told) and "interval" not in told
        assert made_from == "From 630 account-years."

    def test_words_of_a_level_to_hold(self):
        make_basis(TODAY)
        told, _made_from = standing(aiming(customer=4.3)).outlook_words
        assert (
            " likely to stand on level 4 in November 2028, if accounts go on moving as they did; nine times out of ten " in told
        )

    def test_says_how_fast_the_segment_moves(self):
        make_basis(
            TODAY, segments={"Logistics": SegmentPace(40, 50), "Retail": SegmentPace(60, 40), "Paper": SegmentPace(50, 50)}
        )
        found = {name: standing(aiming(segment=name)).outlook_words[1] for name in ("Logistics", "Paper", "")}
        assert found == {
            "Logistics": "From 630 account-years. Logistics moves 0.9 times as fast as all together.",
            "Paper": "From 630 account-years. Paper moves as fast as all others.",
            "": "From 630 account-years.",
        }

    def test_is_none_with_too_little_history_and_says_what_is_missing(self):
        found = standing(aiming())
        assert found.outlook is None
        assert found.outlook_words == (
            "Not enough history yet for a forecast: it takes 20 account-years of levels as customers saw them, with 10 moves among "
            "them.",
            "",
        )

    def test_is_none_without_the_customers_word(self):
        make_basis(TODAY)
        found = standing(aiming(customer=None, team=3.1))
        assert found.outlook is None
        assert found.outlook_words[0] == "No forecast yet: it is made of the customer's word, and they were not heard."

    @pytest.mark.parametrize(("customer", "due_in"), [(4.2, 0), (3.1, 0), (3.1, -1)])
    def test_is_none_and_says_nothing_when_nothing_is_left_to_forecast(self, customer, due_in):
        make_basis(TODAY)
        found = standing(aiming(customer=customer, due_in=due_in))
        assert (found.outlook, found.outlook_words) == (None, ("", ""))

    def test_is_told_in_dutch(self):
        make_basis(TODAY)
        account = aiming(segment="Retail")
        outlook = standing(account).outlook
        with translation.override("nl"):
            for words in (outlook_sentence(outlook, account.targets.get()), basis_sentence(outlook), fan_sentence(outlook.fan)):
                assert words


class TestFan:
    def test_starts_here_and_reaches_the_date_by_quarters(self):
        basis = make_basis(TODAY)
        fan = fan_of(basis.pace, 1.0, 3.1, TODAY, TODAY + timedelta(days=730))
        assert (fan[0].day, fan[0].lowest, fan[0].highest) == (TODAY, 3.1, 3.1)
        assert fan[-1].day == TODAY + timedelta(days=730)
        assert 80 < min((after.day - before.day).days for before, after in pairwise(fan)) < 100
        for point in fan:
            assert 0 <= point.lowest <= point.low <= point.high <= point.highest <= 5
        widths = [point.highest - point.lowest for point in fan[1:]]
        assert widths == sorted(widths)

    def test_a_faster_segment_has_a_wider_one(self):
        basis = make_basis(TODAY)
        slow, fast = (fan_of(basis.pace, factor, 3.1, TODAY, TODAY + timedelta(days=730))[-1] for factor in (0.5, 2.0))
        assert fast.highest - fast.lowest > slow.highest - slow.lowest

    @pytest.mark.parametrize("due_in", [0, -10])
    def test_is_empty_on_the_date_and_after(self, due_in):
        assert fan_of(make_basis(TODAY).pace, 1.0, 3.1, TODAY, TODAY + timedelta(days=due_in)) == ()
        assert fan_sentence(()) == ""

    def test_of_a_few_days_has_two_points(self):
        assert len(fan_of(make_basis(TODAY).pace, 1.0, 3.1, TODAY, TODAY + timedelta(days=20))) == 2


@pytest.mark.parametrize(
    ("chance", "told"),
    [(0, "0 %"), (0.0004, "under 1 %"), (0.14, "14 %"), (0.2451, "24 %"), (0.249999, "24 %"), (0.25, "25 %"), (0.6, "60 %"),
     (0.6001, "61 %"), (0.64, "64 %"), (0.991, "over 99 %"), (1, "100 %")],
)  # fmt: skip
def test_a_percentage_lies_on_the_side_that_decided(chance, told):
    assert likelihood(chance) == told


@pytest.mark.parametrize(("segment", "factor", "told"), [("", 1.4, ""), ("Oil", 1.04, "Oil moves as fast as all others."),
                         ("Oil", 1.35, "Oil moves 1.4 times as fast as all together.")])  # fmt: skip
def test_how_fast_a_segment_moves(segment, factor, told):
    assert factor_sentence(segment, factor) == told


class TestEveryReader:
    """One number on the account page, the target page and for whoever looks."""

    def test_gets_the_same_sentences(self, client, edition):
        today = timezone.localdate()
        owner = make_user()
        make_basis(today)
        account = aiming(today=today, owner=owner, segment="Retail")
        words = standing(account, today).outlook_words
        assert f"{likelihood(account.target_chance)} likely" in words[0]
        for person in (owner, make_viewer()):
            client.force_login(person)
            page = client.get(reverse("portfolio:account_history", args=[account.pk]))
            assert page.context["outlook"] == words
            assert all(sentence in page.text for sentence in words)
        client.force_login(owner)
        page = client.get(reverse("plans:target", args=[account.pk]))
        assert page.context["outlook"] == words
        assert all(sentence in page.text for sentence in words)
