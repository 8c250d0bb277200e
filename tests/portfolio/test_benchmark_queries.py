"""What the benchmarks are made of comes out of either database as it went in."""

from datetime import date, datetime, timedelta, timezone

import pytest
from django.db.models import Value

from accounts.models import Account
from assessments.models import Assessment
from core.packed import Ordinal, columns
from hierarchy.models import Edition
from portfolio.benchmark_queries import among_its_like, completed_by, members_of, results_of
from portfolio.figures.gaps import NO_GAP
from tests.factories import make_account, make_action, make_assessment, make_plan, make_result, make_team, make_user
from tests.portfolio.lives import do, live

pytestmark = pytest.mark.django_db

MAY, JUNE, JULY = date(2024, 5, 31), date(2024, 6, 30), date(2025, 7, 1)


def everything():
    return Account.objects.all()


def rows(results):
    days = [date.fromordinal(day) for day in results.days.tolist()]
    return list(
        zip(
            results.accounts.tolist(),
            days,
            results.levels.tolist(),
            results.gaps.tolist(),
            results.editions.tolist(),
            strict=True,
        )
    )


class TestPacked:
    @pytest.mark.parametrize("day", [date(1990, 1, 1), date(2000, 2, 29), date(2024, 12, 31), date(9999, 12, 31)])
    def test_a_day_is_the_number_that_python_gives_it(self, day):
        make_result(make_account(), day, customer=2.5)
        assert Assessment.objects.values_list(Ordinal("held_on"), flat=True).get() == day.toordinal()

    def test_numbers_keep_their_order_and_sign(self):
        accounts = [make_account().pk for _ in range(3)]
        ids, numbers = columns(Account.objects.order_by("-pk").values_list("pk", Value(-5)), 8, 4)
        assert (ids.tolist(), numbers.tolist()) == (accounts[::-1], [-5, -5, -5])

    def test_nothing_is_an_empty_array(self):
        assert [column.tolist() for column in columns(Account.objects.order_by("pk").values_list("pk", "version"), 8, 4)] == [
            [],
            [],
        ]


class TestMembers:
    def test_each_account_with_its_segment_team_and_country(self):
        team = make_team(name="North")
        one = make_account(segment="Energy", country="NL", team=team)
        other = make_account()
        found = members_of(everything())
        groups = [found.groups[place] for place in found.group]
        assert found.ids.tolist() == [one.pk, other.pk]
        assert [(group.segment, group.team, group.team_name, group.country) for group in groups] == [
            ("Energy", team.pk, "North", "NL"),
            ("", None, "", ""),
        ]

    def test_narrowed_by_each_of_them(self):
        north, south = make_team(), make_team()
        energy = make_account(segment="Energy", country="NL", team=north)
        make_account(segment="Energy", country="BE", team=south)
        make_account(segment="Retail", country="NL", team=north)
        everyone = members_of(everything())
        assert everyone.within(segment="Energy", team=north.pk, country="NL").ids.tolist() == [energy.pk]
        assert [everyone.within(**one).ids.size for one in ({"segment": "Energy"}, {"team": north.pk}, {"country": "BE"})] == [
            2,
            2,
            1,
        ]
        assert everyone.within().ids.size == 3

    def test_nobody(self):
        assert members_of(everything()).within(segment="Energy").ids.tolist() == []

    def test_one_statement(self, django_assert_num_queries):
        make_account()
        with django_assert_num_queries(1):
            members_of(everything())


class TestResults:
    def test_by_account_and_then_in_time_with_gap_and_edition(self):
        one, other = make_account(), make_account()
        edition = make_result(other, JULY, customer=1.5, team=5.0).edition_id
        make_result(one, JULY, customer=5.0, team=1.2)
        make_result(one, MAY, customer=3.5)
        assert rows(results_of(everything())) == [
            (one.pk, MAY, 3, NO_GAP, edition),
            (one.pk, JULY, 5, -4, edition),
            (other.pk, JULY, 1, 4, edition),
        ]

    def test_of_two_on_one_day_the_later_closed_stands_last_and_counts(self):
        account = make_account()
        late, early = (datetime(2024, 6, day, tzinfo=timezone.utc) for day in (9, 8))  # noqa: UP017
        make_result(account, MAY, customer=4.5, closed_at=late)
        make_result(account, MAY, customer=2.5, closed_at=early)
        found = results_of(everything())
        assert found.levels.tolist() == [2, 4]
        assert found.histories().levels.tolist() == [4]

    def test_what_is_open_or_without_the_customer_is_no_result(self, edition):
        account = make_account()
        make_result(account, MAY, team=3.5)
        make_assessment(account)
        assert rows(results_of(everything())) == []

    def test_only_of_the_accounts_asked_for(self):
        for name in ("mine", "theirs"):
            live((MAY, 2.5), name=name)
        found = results_of(Account.objects.filter(name="mine"))
        assert found.accounts.tolist() == [Account.objects.get(name="mine").pk]

    def test_of_all_accounts_there_are(self):
        live((MAY, 2.5))
        live((MAY, 3.5), status="archived")
        assert results_of(None).levels.tolist() == [2, 3]

    def test_narrowed_by_accounts_edition_and_day(self):
        other = Edition.objects.create(name="Other")
        one, two = live((MAY, 1.5), (JULY, 2.5)), live((MAY, 3.5), edition=other)
        found = results_of(everything())
        assert found.until(JUNE).levels.tolist() == [1, 3]
        assert found.measured_with((other.pk,)).levels.tolist() == [3]
        assert found.measured_with(None).levels.tolist() == [1, 2, 3]
        assert found.of(members_of(Account.objects.filter(pk=two.pk)).ids).accounts.tolist() == [two.pk]
        assert found.of(members_of(Account.objects.none()).ids).accounts.tolist() == []
        assert one.pk < two.pk

    def test_one_statement(self, django_assert_num_queries):
        live((MAY, 2.5))
        with django_assert_num_queries(1):
            results_of(everything())


class TestCompleted:
    def test_who_completed_what_and_when(self, edition):
        kaizen, rater = edition.plays.get(code="kaizen"), edition.plays.get(code="rater")
        one, other = make_account(), make_account()
        do(one, kaizen, MAY)
        do(other, kaizen, JULY)
        do(one, rater, JUNE)
        found = completed_by(everything())
        assert {code: dict(zip(done.accounts.tolist(), done.days.tolist(), strict=True)) for code, done in found.items()} == {
            "kaizen": {one.pk: MAY.toordinal(), other.pk: JULY.toordinal()},
            "rater": {one.pk: JUNE.toordinal()},
        }

    def test_what_is_not_done_or_from_no_play_counts_for_nothing(self, edition):
        plan = make_plan()
        make_action(plan, play=edition.plays.first())
        make_action(plan, state="done", done_on=MAY)
        assert completed_by(everything()) == {}

    def test_only_by_the_accounts_asked_for(self, edition):
        do(make_account(), edition.plays.first(), MAY)
        assert completed_by(Account.objects.none()) == {}


class TestAmongItsLike:
    def stand(self, *positions, **fields):
        return [live((MAY, position), segment="Energy", **fields) for position in positions]

    def test_counts_those_below_and_those_alike(self):
        here = self.stand(1.0, 2.0, 2.9, 2.9, 3.4, 4.8)[2]
        found = among_its_like(here, make_user(role="viewer"))
        assert (found.below, found.equal, found.of) == (2, 2, 6)
        assert found.percentile == pytest.approx(3 / 6)  # (2 + 2/2) / 6

    def test_hidden_below_five(self):
        assert among_its_like(self.stand(1.0, 2.0, 3.0, 4.0)[0], make_user(role="viewer")).percentile is None

    def test_others_segments_archived_ones_and_other_teams_accounts_never_count(self):
        manager = make_user()
        here = self.stand(1.0, 2.0, 3.0, 4.0, 5.0, owner=manager)[2]
        live((MAY, 1.0), segment="Retail", owner=manager)
        self.stand(1.0, owner=manager, status="archived")
        self.stand(1.0, 1.0)
        assert among_its_like(here, manager).of == 5

    @pytest.mark.parametrize(
        "account", [{"segment": ""}, {"segment": "Energy", "status": "archived"}], ids=["no segment", "archived"]
    )
    def test_nothing_to_compare(self, account):
        assert among_its_like(live((MAY, 2.0), **account), make_user(role="viewer")) is None

    def test_without_the_customers_voice_there_is_nothing_to_compare(self):
        account = make_account(segment="Energy")
        make_result(account, MAY + timedelta(days=1), team=4.0)
        assert among_its_like(account, make_user(role="viewer")) is None
