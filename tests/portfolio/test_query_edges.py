"""The edges of what counts: the day a year ago, the moment of the last mail, ties in revenue, and what is gone meanwhile."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation

from accounts.models import Account
from portfolio import digest, queries
from portfolio.digest import DigestLine, DigestSection
from portfolio.lead_queries import GroupFigures, accounts_of, both_sides_of, rows_of, together, without_voice
from portfolio.queries import Concern
from portfolio.words import describe
from tests.factories import make_account, make_action, make_administrator, make_plan, make_result, make_user

TODAY = date(2026, 11, 24)
YEAR_AGO = date(2025, 11, 24)
MOMENT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def everything():
    return Account.objects.all()


def heard(**fields):
    return make_account(**{"customer_level": 3, "customer_position": 2.5, "last_heard_on": TODAY} | fields)


@pytest.mark.django_db
class TestNeedsAttention:
    def reasons(self):
        return [concern.reason for concern in queries.needs_attention(everything(), TODAY)]

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"last_heard_on": YEAR_AGO}, []),
            ({"last_heard_on": YEAR_AGO - timedelta(days=1)}, ["stale"]),
            ({"last_heard_on": None}, ["never_heard"]),
            ({"team_level": 4, "team_position": 3.5}, []),
            ({"team_level": 5, "team_position": 5.0}, ["rosy"]),
            ({"team_level": 1, "team_position": 0.5}, []),  # they see it rosier
            ({"customer_level_year_ago": 3}, []),
            ({"customer_level_year_ago": 4}, ["slid"]),
            ({"customer_level_year_ago": 2}, []),
            ({"target_status": "off_track"}, ["off_track"]),
            ({"target_status": "at_risk"}, ["at_risk"]),
            ({"target_status": "too_early"}, []),
            ({"target_status": "reached"}, []),
            ({"target_status": "at_risk", "last_heard_on": None}, ["never_heard"]),
            ({"target_status": "off_track", "customer_level_year_ago": 5}, ["slid"]),
        ],
    )
    def test_begins_at_its_edge_and_has_the_gravest_reason(self, fields, reason):
        heard(**fields)
        assert self.reasons() == reason

    def test_equal_revenue_goes_by_name(self):
        for name in ("C", "A", "B"):
            make_account(name=name, worth=5)
        assert [concern.account.name for concern in queries.needs_attention(everything(), TODAY)] == ["A", "B", "C"]

    def test_six_are_named_unless_more_are_asked_for(self):
        for _ in range(8):
            make_account()
        assert (len(self.reasons()), len(list(queries.needs_attention(everything(), TODAY, most=7)))) == (6, 7)


@pytest.mark.django_db
class TestOneReason:
    """What the accounts that need attention can be narrowed to: each reason counts all that have it, as other figures do."""

    def make(self):
        both = heard(name="Both", worth=9, customer_level_year_ago=4, customer_level=3, target_status="off_track")
        off = heard(name="Off", worth=5, customer_level_year_ago=3, customer_level=3, target_status="off_track")
        nobody = make_account(name="Nobody", worth=7)
        return both, off, nobody

    @pytest.mark.parametrize(
        ("why", "told"),
        [
            ("", [("Both", "slid"), ("Nobody", "not_assessed"), ("Off", "off_track")]),
            ("slid", [("Both", "slid")]),
            ("off_track", [("Both", "off_track"), ("Off", "off_track")]),
            ("not_heard", [("Nobody", "not_assessed")]),
            ("not_assessed", [("Nobody", "not_assessed")]),
            ("rosy", []),
            ("at_risk", []),
        ],
    )
    def test_leaves_all_that_have_it_and_tells_no_other(self, why, told):
        self.make()
        found = list(queries.needs_attention(everything(), TODAY, why=why))
        assert [(concern.account.name, concern.reason) for concern in found] == told

    def test_all_that_need_attention_are_counted_beside_the_ladder(self):
        self.make()
        heard(name="Fine", customer_level_year_ago=3, customer_level=3)
        overview = queries.overview_of(everything(), TODAY, why="slid")
        figures = overview.figures
        assert (figures.pressing, figures.targets_off_track, overview.ladder.slid) == (3, 2, 1)
        assert len(overview.pressing) == 1

    def test_what_is_gone_meanwhile_is_left_out_of_a_cached_overview(self):
        gone, stays = (heard(customer_level_year_ago=ago, worth=worth) for ago, worth in ((4, 2), (5, 1)))
        overview = queries.overview_of(everything(), TODAY)
        concerns = queries.concerns_of(overview, everything().exclude(pk=gone.pk))
        assert [(concern.account, concern.reason, concern.all) for concern in concerns] == [(stays, "slid", 2)]


@pytest.mark.django_db
class TestMovedSince:
    def results(self, *results):
        account = heard()
        for held_on, closed_at, position in results:
            make_result(account, held_on, customer=position, closed_at=closed_at)
        return [found.was for found in queries.moved_since(everything(), MOMENT)]

    @pytest.mark.parametrize(
        ("closed_at", "was"),
        [(MOMENT, [1]), (MOMENT - timedelta(microseconds=1), []), (MOMENT + timedelta(days=1), [1])],
    )
    def test_counts_from_the_very_moment(self, closed_at, was):
        assert self.results((date(2026, 1, 1), MOMENT - timedelta(days=90), 0.5), (TODAY, closed_at, 2.5)) == was

    def test_what_was_closed_at_the_moment_is_not_what_stood_before(self):
        assert self.results((date(2026, 1, 1), MOMENT, 1.5)) == []

    def test_the_earlier_level_is_that_of_the_latest_day_and_not_of_the_latest_closing(self):
        before = (date(2026, 6, 1), MOMENT - timedelta(days=90), 0.5)
        brought_in_later = (date(2024, 6, 1), MOMENT - timedelta(days=2), 4.5)
        assert self.results(before, brought_in_later, (TODAY, MOMENT, 2.5)) == [1]


@pytest.mark.django_db
class TestGroups:
    def test_the_sum_of_no_rows_is_nothing(self):
        whole = together([])
        assert (whole.accounts, whole.worth, whole.mean_gap, whole.heard_share, whole.not_assessed) == (0, 0, None, None, 0)

    @pytest.mark.parametrize(("heard_on", "n"), [(YEAR_AGO, 1), (YEAR_AGO - timedelta(days=1), 0), (None, 0)])
    def test_heard_within_a_year_counts_the_day_itself(self, heard_on, n):
        heard(last_heard_on=heard_on)
        assert [row.heard for row in rows_of(everything(), "team", TODAY)] == [n]

    @pytest.mark.parametrize("status", Account.TargetStatus.values)
    def test_each_status_is_counted_by_itself(self, status):
        heard(target_status=status)
        (row,) = rows_of(everything(), "segment", TODAY)
        assert {name: n for name, n in row.targets.items() if n} == {status: 1}

    def test_columns_of_figures_have_a_place_in_the_sum(self):
        heard(worth=Decimal("1.50"), team_level=4, team_position=3.5)
        (row,) = rows_of(everything(), "owner", TODAY)
        twice = together([row, row])
        apart = {"key", "name", "no_rate"}
        added = {name: (getattr(row, name), getattr(twice, name)) for name in GroupFigures.__slots__ if name not in apart}
        assert all(double == 2 * single for single, double in added.values())

    def test_accounts_without_a_voice_go_by_revenue_and_then_by_name(self):
        for name, worth in (("C", None), ("B", 1), ("A", 1), ("D", 2)):
            make_account(name=name, worth=worth)
        assert [account.name for account in without_voice(everything(), "coach", TODAY)] == ["D", "A", "B", "C"]

    def test_nothing_is_packed_as_nothing(self):
        assert accounts_of(everything()).ids.tolist() == both_sides_of(everything(), TODAY).accounts.tolist() == []


@pytest.mark.django_db
class TestWords:
    def told(self, reason, *, user=None, **fields):
        account = make_account(**fields)
        return account, describe(Concern(account, reason, 1), user or account.owner, TODAY)

    @pytest.mark.parametrize(
        ("due", "sentence", "button"),
        [
            (TODAY, "off track: needs level 4 by November 2026", "Plan"),
            (TODAY - timedelta(days=1), "off track: level 4 was due in November 2026", "Revise"),
        ],
    )
    def test_a_target_is_past_due_from_the_day_after(self, due, sentence, button):
        _account, pressing = self.told("off_track", target_level=4, target_due_on=due)
        assert (pressing.sentence, pressing.button) == (sentence, button)

    def test_another_reason_leads_to_its_own_page_though_the_target_is_past_due(self):
        account, pressing = self.told(
            "slid", customer_level=2, customer_level_year_ago=4, target_level=4, target_due_on=date(2026, 1, 1)
        )
        assert pressing.url == reverse("plans:plan", args=[account.pk])

    @pytest.mark.parametrize(
        ("reason", "fields"),
        [
            ("slid", {"customer_level": 2, "customer_level_year_ago": 4}), ("rosy", {"customer_level": 2, "team_level": 4}), ("not_assessed", {}),
            ("never_heard", {}), ("stale", {"last_heard_on": date(2025, 3, 2)}),
            ("off_track", {"target_level": 4, "target_due_on": date(2028, 6, 1)}),
            ("at_risk", {"target_level": 4, "target_due_on": date(2028, 6, 1)}),
        ],
    )  # fmt: skip
    def test_each_sentence_is_translated(self, reason, fields):
        account, english = self.told(reason, **fields)
        with translation.override("nl"):
            dutch = describe(Concern(account, reason, 1), account.owner, TODAY)
        assert dutch.sentence != english.sentence and dutch.button != english.button and dutch.url == english.url

    def test_an_administrator_gets_the_button_of_everybodys_accounts(self):
        _account, pressing = self.told("not_assessed", user=make_administrator())
        assert pressing.button == "Assess"


class TestMoreInTheMail:
    @pytest.mark.parametrize(
        ("shown", "of", "words"), [(0, 0, ""), (2, 2, ""), (2, 3, "and 1 more"), (1, 1235, "and 1,234 more"), (2, 1, "")]
    )
    def test_says_how_many_do_not_stand_in_it(self, shown, of, words):
        assert DigestSection("Work", (DigestLine("a", "b", "c"),) * shown, of, "/").more == words


@pytest.mark.django_db
class TestMail:
    @pytest.fixture(autouse=True)
    def monday(self):
        with time_machine.travel(datetime(2026, 11, 30, 8, tzinfo=UTC), tick=False):
            yield

    def test_each_section_leads_to_the_page_that_shows_all_of_it(self, settings):
        settings.BASE_URL = "https://standing.example.com"
        user = make_user()
        make_action(make_plan(make_account(owner=user)), due_in=1)
        quiet = {"customer_level": 3, "customer_position": 2.5, "last_heard_on": date(2025, 6, 1)}
        for n in range(7):
            make_account(owner=user, worth=n + 1, **quiet)
        found = {section.title: section.url for section in digest.sections_of(user, date(2026, 11, 30))}
        assert found == {
            "Your actions this week": "https://standing.example.com" + reverse("plans:actions"),
            "Needs attention": "https://standing.example.com" + reverse("portfolio:dashboard") + "?whose=all",
            "Your customers not heard within a year": (
                f"https://standing.example.com{reverse('accounts:list')}?owner={user.pk}&heard=not"
            ),
        }

    def test_mail_programs_find_the_switch(self, settings):
        settings.BASE_URL = "https://standing.example.com"
        user = make_user()
        make_action(make_plan(make_account(owner=user)), due_in=1)
        written = digest.write(
            digest.Letter(kind=digest.KIND, subject_id=user.pk, key=digest.key_of(user.pk, date(2026, 11, 30)))
        )
        assert written.extra_headers["List-Unsubscribe"] == f"<https://standing.example.com{reverse('accounts:settings')}>"

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, "not assessed yet: nobody knows where we stand"),
            ({"team_level": 2, "team_position": 1.5}, "customer not heard yet; only our own view"),
            (
                {"customer_level": 2, "customer_position": 1.5, "last_heard_on": date(2025, 6, 1)},
                "customer last heard in June 2025",
            ),
        ],
    )
    def test_a_silent_customer_is_told_by_why_it_is_silent(self, fields, words):
        user = make_user()
        for n in range(6):
            make_account(owner=user, worth=100 - n)
        make_account(owner=user, name="Seventh", **fields)
        section = digest.sections_of(user, date(2026, 11, 30))[-1]
        assert [(line.title, line.words) for line in section.lines] == [("Seventh", words)]
