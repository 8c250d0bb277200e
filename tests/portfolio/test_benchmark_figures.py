"""The figures of the benchmarks against lives made by hand, with the numbers worked out beside them."""

from datetime import date, timedelta

import numpy as np
import pytest

from accounts import derived
from accounts.models import Account
from hierarchy.models import Edition
from portfolio.benchmark_queries import completed_by, members_of, results_of
from portfolio.figures.benchmark_figures import BenchmarkQuestion, Unheard, figures_of, migration_of
from portfolio.figures.gaps import Gap
from tests.factories import make_result, make_team
from tests.portfolio.lives import do, live

pytestmark = pytest.mark.django_db

SINCE, AT = date(2025, 6, 30), date(2026, 6, 30)
START, LATER = date(2024, 1, 10), date(2025, 12, 1)


def figures(**chosen):
    accounts = Account.objects.active()
    return figures_of(
        members_of(accounts),
        results_of(accounts),
        completed_by(accounts),
        BenchmarkQuestion(**{"since": SINCE, "at": AT} | chosen),
    )


def manufacturing():
    """Six accounts that were heard, and one that was not. From 2024 on: two climb from 2, one falls, three stay."""
    fields = {"segment": "Manufacturing", "country": "NL"}
    lives = [((LATER, 3.2),), ((LATER, 3.4),), (), ((date(2026, 1, 15), 1.4),), ()]
    accounts = [live((START, 2.5), *later, **fields) for later in lives]
    accounts.append(live((START, 3.5), **fields))
    silent = live(**fields)
    make_result(silent, START, team=4.5)
    return accounts


class TestWhereTheyStand:
    def test_by_segment_with_those_without_the_customers_voice(self):
        manufacturing()
        live((LATER, 4.5), segment="Energy")
        live()
        found = {spread.key: (spread.counts, spread.silent) for spread in figures().by_segment}
        assert found == {"Manufacturing": ((1, 2, 3, 0, 0), 1), "Energy": ((0, 0, 0, 1, 0), 0), "": ((0, 0, 0, 0, 0), 1)}

    def test_today_those_who_were_not_heard_are_told_apart(self):
        other = Edition.objects.create(name="Other")
        own = live((START, 2.5), segment="Energy").assessments.get().edition_id
        live((START, 3.5), segment="Energy", edition=other)
        make_result(ours := live(segment="Energy"), START, team=4.5)
        derived.refresh([ours.pk], today=AT)
        live(segment="Energy")
        live()
        found = figures(editions=(own,), is_now=True)
        (energy, none) = found.by_segment
        assert (energy.counts, energy.silent, energy.unheard) == ((0, 1, 0, 0, 0), 3, Unheard(1, 1, 1))
        assert none.unheard == Unheard(0, 1, 0)
        assert (found.whole.counts, found.whole.unheard) == ((0, 1, 0, 0, 0), Unheard(1, 2, 1))
        assert found.whole.heard + found.whole.silent == found.accounts == 5

    def test_on_a_day_in_the_past_it_is_not_known_whose_view_there_was(self):
        live(segment="Energy")
        found = figures()
        assert (found.by_segment[0].unheard, found.whole.unheard, found.whole.silent) == (None, None, 1)

    def test_the_largest_first_and_what_has_none_last(self):
        for segment in ("", "", "", "Small", "Large", "Large"):
            live((START, 2.5), segment=segment)
        assert [spread.key for spread in figures().by_segment] == ["Large", "Small", ""]

    def test_by_team_and_by_country(self):
        team = make_team(name="North")
        live((START, 1.5), team=team, country="BE")
        live((START, 2.5), country="BE")
        found = figures()
        assert [(spread.key, spread.counts) for spread in found.by_team] == [(team.pk, (1, 0, 0, 0, 0)), (None, (0, 1, 0, 0, 0))]
        assert [(spread.key, spread.counts) for spread in found.by_country] == [("BE", (1, 1, 0, 0, 0))]
        assert found.choices.teams == ((team.pk, "North"),)

    def test_as_of_the_day_asked_for(self):
        manufacturing()
        assert figures(since=date(2024, 1, 1), at=SINCE).by_segment[0].counts == (0, 5, 1, 0, 0)

    def test_the_middle_is_the_lower_median(self):
        for position in (1.0, 2.0, 4.0, 5.0):
            live((START, position), segment="Energy")
        assert figures().by_segment[0].middle == 2

    def test_how_many_were_heard(self):
        manufacturing()
        found = figures()
        assert (found.accounts, found.heard, found.heard_otherwise, found.heard_again) == (7, 6, 0, True)

    def test_narrowed_to_a_segment_team_and_country(self):
        team = make_team()
        live((START, 2.5), segment="Energy", team=team, country="NL")
        live((START, 2.5), segment="Energy", team=team, country="BE")
        live((START, 2.5), segment="Retail", team=team, country="NL")
        assert figures(segment="Energy", team=team.pk, country="NL").heard == 1
        assert figures(segment="Energy").choices.segments == ("Energy", "Retail")  # one can still choose the other


class TestWhereTheyWent:
    def test_from_the_level_then_to_the_level_now(self):
        manufacturing()
        live((LATER, 4.5))  # no level on the first day
        found = figures().migration
        assert found.counts == ((0,) * 5, (1, 2, 2, 0, 0), (0, 0, 1, 0, 0), (0,) * 5, (0,) * 5)
        assert found.shares[1] == (0.2, 0.4, 0.4, 0, 0)
        assert found.shares[0] == ()
        assert found.accounts == 6

    def test_the_same_without_the_rest_of_the_page(self):
        manufacturing()
        assert migration_of(results_of(Account.objects.all()), BenchmarkQuestion(SINCE, AT)) == figures().migration

    def test_a_result_on_either_day_counts(self):
        live((SINCE, 2.5), (AT, 3.5))
        live((SINCE + timedelta(days=1), 2.5), (AT + timedelta(days=1), 3.5))
        assert figures().migration.counts[1] == (0, 0, 1, 0, 0)


class TestHowLongAClimbTakes:
    def test_from_the_first_result_on_a_level_to_the_first_above(self):
        manufacturing()
        climb = figures().climbs[1]
        # Two of five after 691 days; the faller and those who stay wait for 902 days, until the day asked for.
        assert (climb.level, climb.of, climb.climbed, climb.median) == (2, 5, 2, None)
        assert climb.waiting[22:24] == (1.0, pytest.approx(0.6))  # 691 / 30.4375 = 22.7 months
        assert climb.at_risk == (5, 5, 3, 0, 0, 0)

    def test_half_have_climbed(self):
        for days in (100, 200, 300, 400):
            live((START, 1.5), (START + timedelta(days=days), 2.5))
        assert figures().climbs[0].median == pytest.approx(200 / 30.4375)


class TestWhatCameBefore:
    def test_accounts_with_the_play_beside_those_on_the_same_level_without(self, edition):
        kaizen = edition.plays.get(code="kaizen")
        done_on, soon = date(2024, 3, 20), date(2024, 9, 1)
        for number in range(6):
            account = live((START, 2.5), *([(soon, 3.5)] if number < 4 else []))
            do(account, kaizen, done_on)
        for number in range(5):
            live((START, 2.5), *([(soon, 3.5)] if number < 2 else []))
        live((START, 3.5), (soon, 4.5))  # on another level
        ((code, effect),) = figures().effects
        assert code == "kaizen"
        assert (effect.done.climbed, effect.done.of) == (4, 6)
        assert (effect.without.climbed, effect.without.of) == (2, 5)
        # Wilson: (4/6 + 3.8415/12 ± 1.96·√(4/6·2/6/6 + 3.8415/144)) / (1 + 3.8415/6)
        assert (round(effect.done.interval.low, 3), round(effect.done.interval.high, 3)) == (0.300, 0.903)

    def test_a_play_below_five_is_hidden(self, edition):
        for _ in range(4):
            do(live((START, 2.5)), edition.plays.get(code="kaizen"), date(2024, 3, 20))
        assert figures().effects[0][1].done is None


class TestGaps:
    def lives(self, team=None):
        """Five accounts: gaps of 1, 1, 0, 0 and 2 in 2024; in 2025 the first has 0, after a 3 of the same year."""
        for ours in (3.5, 3.5, 2.5, 2.5):
            live((START, 2.5, ours), team=team)
        live((START, 2.5, 4.5), team=team)
        first = Account.objects.earliest("pk")
        make_result(first, date(2025, 2, 1), customer=1.5, team=4.5)
        make_result(first, date(2025, 11, 1), customer=2.5, team=2.5)

    def test_each_account_counts_once_a_year_and_by_its_latest(self):
        self.lives()
        found = figures()
        assert found.years == (2024, 2025)
        assert found.gaps.by_year == (Gap(pytest.approx(4 / 5), 5), None)  # one account in 2025: hidden
        assert found.gaps.now == Gap(pytest.approx(3 / 5), 5)

    def test_by_team(self):
        team = make_team()
        self.lives(team)
        live((START, 2.5, 4.5))
        found = figures()
        assert [(one.team, one.now) for one in found.team_gaps] == [(team.pk, Gap(pytest.approx(3 / 5), 5))]
        assert found.gaps.now == Gap(pytest.approx(5 / 6), 6)

    def test_today_it_is_the_gap_that_the_accounts_have(self):
        """Our latest view minus theirs, of one round or of two; over all accounts with both views."""
        self.lives()
        for account in Account.objects.all():
            make_result(account, date(2026, 5, 1), team=1.5)
        live((START, 2.5), (LATER, 3.5))
        derived.refresh(Account.objects.values_list("pk", flat=True), today=AT)
        gaps = list(Account.objects.exclude(gap=None).values_list("gap", flat=True))
        assert figures(is_now=True).gaps.now == Gap(pytest.approx(sum(gaps) / len(gaps)), 5) == Gap(-1.0, 5)
        assert figures().gaps.now == Gap(pytest.approx(3 / 5), 5)

    def test_without_both_views_there_is_none(self):
        live((START, 2.5))
        assert (figures().years, figures().gaps) == ((), None)


class TestVoice:
    def test_who_was_not_heard_within_a_year_of_the_day_and_who_never(self):
        live((AT - timedelta(days=365), 2.5))
        live((AT - timedelta(days=366), 2.5))
        live((AT + timedelta(days=1), 2.5))  # not heard yet on the day
        live()
        voice = figures().voice
        assert (voice.of, voice.lately, voice.quiet, voice.never) == (4, 1, 3, 2)
        assert voice.quiet_share == 0.75

    def test_by_team_from_five_accounts_on(self):
        large, small = make_team(), make_team()
        for number in range(5):
            live((AT, 2.5) if number else (START, 2.5), team=large)
        live(team=small)
        assert [(voice.team, voice.of, voice.quiet) for voice in figures().team_voices] == [(large.pk, 5, 1)]


class TestEditions:
    def test_only_results_of_the_edition_asked_for_are_compared(self):
        other = Edition.objects.create(name="Other")
        account = live((START, 1.5), (LATER, 4.5), edition=other)
        own = make_result(account, date(2026, 1, 1), customer=2.5).edition_id
        live((START, 3.5), edition=other)
        found = figures(editions=(own,))
        assert (found.heard, found.heard_otherwise, found.heard_again) == (1, 1, False)
        assert found.migration.accounts == 0
        assert found.voice.never == 0  # a voice is a voice, whatever was asked
        assert dict(found.results_by_edition) == {other.pk: 3, own: 1}
        assert figures(editions=None).migration.counts[0] == (0, 1, 0, 0, 0)


def test_without_any_account_there_is_nothing():
    found = figures()
    assert (found.accounts, found.heard, found.migration.accounts, found.voice.of) == (0, 0, 0, 0)
    assert found.by_segment == found.effects == found.years == ()
    assert [climb.of for climb in found.climbs] == [0, 0, 0, 0]


def test_what_is_kept_holds_no_array():
    manufacturing()
    found = figures()
    assert not any(isinstance(getattr(found, name), np.ndarray) for name in found.__slots__)
