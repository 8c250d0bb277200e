"""What the pages of leads ask of the database: both days, the groups, the buying roles."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts import derived
from accounts.models import Account, Contact
from accounts.querysets import CLIMBED, SLID
from assessments.models import Assessment
from assessments.rounds.closing import close
from portfolio.figures.two_days import between
from portfolio.lead_queries import accounts_of, both_sides_of, coverage_of, rows_of, together, without_voice
from tests.factories import (
    answer,
    make_account,
    make_assessment,
    make_contact,
    make_result,
    make_target,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
YEAR_AGO = date(2025, 11, 24)
LONG_AGO, LATELY = date(2025, 6, 1), date(2026, 10, 1)
Role = Contact.BuyingRole


def stand(account, *results):
    for held_on, customer, team in results:
        make_result(account, held_on, customer=customer, team=team)
    derived.refresh([account.pk], today=TODAY)
    account.refresh_from_db()
    return account


def everything():
    return Account.objects.all()


class TestBothDays:
    def test_revenue_comes_in_cents_and_says_where_it_is_unknown(self):
        ids = [make_account(**fields).pk for fields in ({"revenue": Decimal("1234.56")}, {}, {"revenue": 5, "currency": "JPY"})]
        accounts = accounts_of(everything())
        assert accounts.ids.tolist() == ids
        yen = (ord("J") * 128 + ord("P")) * 128 + ord("Y")
        assert accounts.cents.tolist() == [123456, -1, -2 - yen]

    def test_currencies_without_a_rate_are_named(self):
        for currency, revenue in (("JPY", 5), ("SEK", 1), ("SEK", 7), ("NOK", 0), ("EUR", 3)):
            make_account(revenue=revenue, currency=currency)
        figures = between(accounts_of(everything()), both_sides_of(everything(), TODAY), YEAR_AGO, TODAY)
        assert figures.no_rate == ("JPY", "SEK")

    def test_revenue_beyond_all_measure_does_not_break_it(self):
        account = make_account()
        Account.objects.filter(pk=account.pk).update(worth=Decimal(10) ** 25)
        assert accounts_of(everything()).cents.tolist() == [10**17]

    def test_results_come_by_account_and_in_time_the_later_closed_last(self):
        first, second = make_account(), make_account()
        now = timezone.now()
        make_result(second, LATELY, team=3.2)
        make_result(first, LATELY, customer=2.5, closed_at=now)
        make_result(first, LATELY, customer=4.5, team=1.5, closed_at=now - timedelta(hours=1))
        make_result(first, LONG_AGO, customer=1.5)
        make_result(first, date(2026, 11, 25), customer=5.0)  # after the day
        make_assessment(first)  # still open
        sides = both_sides_of(everything(), TODAY)
        assert sides.accounts.tolist() == [first.pk] * 3 + [second.pk]
        assert sides.days.tolist() == [day.toordinal() for day in (LONG_AGO, LATELY, LATELY, LATELY)]
        assert (sides.theirs.tolist(), sides.ours.tolist()) == ([1, 4, 2, 0], [0, 1, 0, 3])

    def test_today_and_a_year_ago_agree_with_the_columns_of_each_account(self):
        stand(make_account(), (LONG_AGO, 2.5, 4.5), (LATELY, 3.5, None))
        stand(make_account(), (LONG_AGO, None, 4.5), (LATELY, 3.5, 4.5))
        stand(make_account(), (YEAR_AGO, 4.5, None), (LATELY, None, 1.5))
        stand(make_account(), (YEAR_AGO + timedelta(days=1), 4.5, None))
        stand(make_account(), (LONG_AGO, None, 2.5), (LATELY, None, 1.5))
        stand(make_account())
        figures = between(accounts_of(everything()), both_sides_of(everything(), TODAY), YEAR_AGO, TODAY)
        for rung in figures.ladder.rungs:
            assert rung.now.accounts == everything().filter(customer_level=rung.level).count()
            assert rung.ago.accounts == everything().filter(customer_level_year_ago=rung.level).count()
        assert (figures.ladder.only_our_view.accounts, figures.ladder.not_assessed.accounts) == (1, 1)
        moved = {(pk, start, end) for pk, start, end in zip(*(part.tolist() for part in (
            figures.movers.ids, figures.movers.start, figures.movers.end)), strict=True)}  # fmt: skip
        rows = everything().filter(CLIMBED | SLID).values_list("pk", "customer_level_year_ago", "customer_level")
        assert moved == set(rows)
        assert len(moved) == 1


class TestGroups:
    def test_a_small_portfolio_counted_by_hand(self):
        north, south = make_team(name="North"), make_team(name="South")
        stand(make_account(team=north, revenue=100), (LONG_AGO, 2.5, None), (LATELY, 3.5, 4.5))  # climbed, gap 1
        stand(make_account(team=north, revenue=50), (LONG_AGO, 3.5, 3.5))  # not heard within a year, gap 0
        make_account(team=north, revenue=7, currency="JPY")
        sinking = make_account(team=south, revenue=10)
        make_target(sinking, set_on=LONG_AGO, level=5, baseline=4.5)
        stand(sinking, (LONG_AGO, 4.5, None), (LATELY, 1.5, None))
        stand(make_account(), (LATELY, None, 2.5))
        rows = {row.name: row for row in rows_of(everything(), "team", TODAY)}
        first = rows["North"]
        assert (first.key, first.accounts, first.worth, first.no_rate) == (north.pk, 3, 150, {"JPY"})
        assert (first.levels, first.only_our_view, first.not_assessed) == ((0, 0, 2, 0, 0), 0, 1)
        assert (first.gaps, first.mean_gap) == (2, 0.5)
        assert (first.climbed, first.slid, first.heard) == (1, 0, 1)
        assert first.targets == {"on_track": 0, "reached": 0, "at_risk": 0, "off_track": 0, "too_early": 0, "no_target": 3}
        second = rows["South"]
        assert (second.climbed, second.slid, second.heard_share, second.mean_gap) == (0, 1, 1.0, None)
        assert second.targets["off_track"] == 1
        assert (rows[""].key, rows[""].heard, rows[""].levels, rows[""].only_our_view) == (None, 0, (0,) * 5, 1)
        whole = together(list(rows.values()))
        assert (whole.accounts, whole.worth, whole.levels, whole.climbed, whole.slid) == (5, 160, (1, 0, 2, 0, 0), 1, 1)
        assert (whole.only_our_view, whole.not_assessed, whole.no_rate) == (1, 1, {"JPY"})

    def test_a_group_is_one_row_however_many_currencies_it_has(self):
        for currency in ("EUR", "JPY", "SEK"):
            make_account(segment="Energy", revenue=5, currency=currency)
        (row,) = rows_of(everything(), "segment", TODAY)
        assert (row.key, row.name, row.accounts, row.worth, row.no_rate) == ("Energy", "Energy", 3, 5, {"JPY", "SEK"})

    def test_what_is_reached_is_told_as_climbs_and_as_holds(self):
        for kind in ("climb", "hold", "hold"):
            make_account(target_level=3, target_kind=kind, target_status="reached")
        (row,) = rows_of(everything(), "segment", TODAY)
        assert (row.reached, row.climbs_reached, row.holds_reached) == (3, 1, 2)

    @pytest.mark.parametrize(("by", "names"), [("segment", {"Energy", ""}), ("country", {"NL", ""}), ("owner", {"Ann", "Bob"})])
    def test_by_segment_country_and_owner(self, by, names):
        make_account(owner=make_user(name="Ann"), segment="Energy", country="NL")
        make_account(owner=make_user(name="Bob"))
        assert {row.name for row in rows_of(everything(), by, TODAY)} == names

    def test_two_owners_of_one_name_stay_two(self):
        for _ in range(2):
            make_account(owner=make_user(name="Ann"))
        assert [row.accounts for row in rows_of(everything(), "owner", TODAY)] == [1, 1]

    @pytest.mark.parametrize("by", ["team", "segment", "country", "owner"])
    def test_one_statement(self, by, django_assert_num_queries):
        for _ in range(3):
            make_account(team=make_team())
        with django_assert_num_queries(1):
            rows_of(everything(), by, TODAY)


class TestCoverage:
    MARKS = "5445 4434 3433 2212 1121"

    def heard(self, account, contact, *, days_ago=10, closed=True, submit=True):
        """The contact answered in a round so many days ago."""
        round_ = make_assessment(account, held_on=timezone.localdate() - timedelta(days=days_ago))
        answer(round_, contact, self.MARKS, submit=submit)
        answer(round_, account.owner, self.MARKS)
        if closed:
            close(round_, by=account.owner)

    def coverage(self):
        return {one.role: (one.known, one.heard) for one in coverage_of(everything(), timezone.localdate())}

    def test_accounts_count_once_whoever_answers(self, edition):
        account = make_account()
        for _ in range(2):
            self.heard(account, make_contact(account, buying_role=Role.ECONOMIC))
        other = make_account()
        make_contact(other, buying_role=Role.ECONOMIC)
        make_contact(other, buying_role=Role.COACH)
        assert self.coverage() == {"economic": (2, 1), "user": (0, 0), "technical": (0, 0), "coach": (1, 0)}

    @pytest.mark.parametrize(
        ("how", "heard"),
        [({"days_ago": 365}, 1), ({"days_ago": 366}, 0), ({"closed": False}, 0), ({"submit": False}, 0)],
        ids=["a year ago", "before", "still open", "a draft"],
    )
    def test_heard_is_an_answer_in_a_closed_round_within_a_year(self, edition, how, heard):
        account = make_account()
        self.heard(account, make_contact(account, buying_role=Role.USER), **how)
        assert self.coverage()["user"] == (1, heard)

    @pytest.mark.parametrize("gone", [{"active": False}, {"erased_on": date(2026, 1, 1)}])
    def test_who_left_or_was_erased_counts_neither_way(self, edition, gone):
        account = make_account()
        contact = make_contact(account, buying_role=Role.USER)
        self.heard(account, contact)
        Contact.objects.filter(pk=contact.pk).update(**gone)
        assert self.coverage()["user"] == (0, 0)
        assert list(without_voice(everything(), "user", timezone.localdate())) == [account]

    def test_missing_are_those_without_an_answer_and_without_such_a_contact_by_revenue(self, edition):
        heard = make_account(revenue=9)
        self.heard(heard, make_contact(heard, buying_role=Role.ECONOMIC))
        small, large = make_account(revenue=1), make_account(revenue=5)
        make_contact(large, buying_role=Role.ECONOMIC)
        self.heard(small, make_contact(small, buying_role=Role.USER))
        unknown = make_account()
        assert list(without_voice(everything(), "economic", timezone.localdate())) == [large, small, unknown]

    def test_one_statement(self, edition, django_assert_num_queries):
        for _ in range(3):
            make_contact()
        with django_assert_num_queries(1):
            coverage_of(everything(), TODAY)


class TestFamily:
    def test_holds_three_generations_and_nobody_else(self):
        top = make_account()
        line = [top]
        for _ in range(4):
            line.append(make_account(parent=line[-1]))
        make_account()
        assert set(everything().of_family(top.pk)) == set(line[:4])
        assert set(everything().of_family(line[3].pk)) == set(line[3:])

    def test_of_what_one_may_see_only(self):
        user = make_user()
        top = make_account(owner=user)
        hidden = make_account(parent=top)
        below = make_account(parent=hidden, owner=user)
        assert set(Account.objects.visible_to(user).of_family(top.pk)) == {top, below}


def test_nothing_of_another_team_counts():
    user = make_user()
    make_team(members=[user])
    stand(make_account(revenue=5, team=make_team()), (LONG_AGO, 4.5, None), (LATELY, 2.5, 4.5))
    make_contact(Account.objects.get())
    visible = Account.objects.visible_to(user)
    assert accounts_of(visible).ids.size == both_sides_of(visible, TODAY).accounts.size == 0
    assert rows_of(visible, "team", TODAY) == []
    assert {one.known for one in coverage_of(visible, TODAY)} == {0}
    assert Assessment.objects.count() == 2
