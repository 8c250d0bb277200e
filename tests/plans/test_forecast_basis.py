"""The history behind all forecasts, the stored chance that is made of it, and that every reader gets the same."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import derived
from accounts.models import Account
from plans.forecast import basis as counting
from plans.forecast.basis import basis_of, history_until, newest_basis, renew
from plans.forecast.chain import NO_PACE, chances, rates_of
from plans.forecast.counting import SegmentPace
from plans.models import ForecastBasis
from tests.factories import make_account, make_basis, make_result, make_target

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
YEAR = 365.25


def ago(years):
    return TODAY - timedelta(days=round(years * YEAR))


def climbed(number, *, segment="Retail", **fields):
    """Accounts that stood at 2.5 for two years and at 3.2 for one."""
    for _ in range(number):
        account = make_account(segment=segment, **fields)
        make_result(account, ago(3), customer=2.5)
        make_result(account, ago(1), customer=3.2)


def aiming(*, customer=3.1, due_in=730, segment="Retail", **fields):
    """An account that was heard today, with a target."""
    account = make_account(segment=segment)
    make_result(account, TODAY, customer=customer)
    make_target(account, set_on=TODAY - timedelta(days=30), due_on=TODAY + timedelta(days=due_in), **fields)
    derived.refresh([account.pk], today=TODAY)
    account.refresh_from_db()
    return account


class TestTheHistory:
    def test_counts_what_customers_said_by_quarter_levels(self):
        climbed(10)
        pace, segments = history_until(TODAY)
        assert pace.moves == ((10, 12, 10),)
        assert (pace.years[10], pace.years[12]) == (pytest.approx(20, abs=0.05), pytest.approx(10, abs=0.05))
        assert segments["Retail"].moves == 10

    def test_is_nothing_without_the_customers_word(self):
        account = make_account()
        make_result(account, ago(2), team=2.0)
        make_result(account, ago(1), team=4.0)
        assert history_until(TODAY) == (NO_PACE, {})

    def test_takes_the_later_closed_of_two_results_of_one_day(self):
        account, now = make_account(), timezone.now()
        make_result(account, ago(1), customer=4.0, closed_at=now)
        make_result(account, ago(1), customer=2.0, closed_at=now - timedelta(hours=1))
        pace, _segments = history_until(TODAY)
        assert (pace.years[16], pace.years[8]) == (pytest.approx(1, abs=0.01), 0)

    def test_takes_the_level_alone_of_a_confidential_round(self):
        account = make_account()
        make_result(account, ago(2), customer=2.9, visibility="confidential")
        make_result(account, ago(1), customer=2.9)
        pace, _segments = history_until(TODAY)
        assert pace.moves == ((8, 11, 1),)

    def test_knows_no_result_of_a_later_day(self):
        account = make_account()
        make_result(account, ago(1), customer=2.0)
        make_result(account, TODAY + timedelta(days=1), customer=4.0)
        pace, _segments = history_until(TODAY)
        assert (pace.moves, pace.exposure) == ((), pytest.approx(1, abs=0.01))

    def test_archived_accounts_count_up_to_their_last_result(self):
        climbed(1, status=Account.Status.ARCHIVED)
        pace, _segments = history_until(TODAY)
        assert pace.moves == ((10, 12, 1),)
        assert pace.exposure == pytest.approx(2, abs=0.01)

    def test_accounts_without_a_segment_are_in_no_segments_sums(self):
        climbed(3, segment="")
        climbed(2, segment="Energy")
        pace, segments = history_until(TODAY)
        assert (pace.total, list(segments), segments["Energy"].moves) == (5, ["Energy"], 2)

    def test_an_account_that_came_in_meanwhile_is_counted_the_next_time(self, monkeypatch):
        climbed(2)
        found = counting._results(TODAY)
        late = (np.append(column, value) for column, value in zip(found, (10**6, TODAY.toordinal(), 8), strict=True))
        monkeypatch.setattr(counting, "_results", lambda until, rows=tuple(late): rows)
        pace, _segments = history_until(TODAY)
        assert (pace.total, pace.years[8]) == (2, 0)

    @pytest.mark.parametrize("accounts", [1, 12])
    def test_takes_two_statements(self, accounts, django_assert_num_queries):
        climbed(accounts)
        with django_assert_num_queries(2):
            history_until(TODAY)


class TestTheBasis:
    def test_is_made_once_a_day_for_everybody_and_holds_counts_alone(self):
        climbed(10)
        make_basis(ago(1))
        derived.refresh_all(today=TODAY)
        derived.refresh_all(today=TODAY)
        basis = ForecastBasis.objects.get()
        pace, segments = history_until(TODAY)
        assert (basis.day, basis.pace, basis.is_enough) == (TODAY, pace, True)
        assert {name: SegmentPace(*counts) for name, counts in basis.segments.items()} == segments

    def test_of_an_earlier_day_serves_until_it_is_made_anew(self):
        basis = make_basis(ago(0.1))
        assert basis_of(TODAY) == basis

    def test_is_counted_anew_while_it_has_too_little(self):
        renew(ago(0.1))
        assert not newest_basis().is_enough
        climbed(10)
        assert basis_of(TODAY).is_enough
        assert not newest_basis().is_enough  # an act stores none

    def test_is_in_no_archive(self):
        """It is counted anew from the assessments."""
        assert "segment" not in {field.name for field in ForecastBasis._meta.get_fields()}


class TestTheChance:
    def test_is_the_first_passage_by_the_rates_of_all(self):
        climbed(10)
        account = aiming()
        pace, _segments = history_until(TODAY)
        by_hand = chances(rates_of(pace), 16, [730 / YEAR], hold=False)[0, 12]
        assert account.target_chance == pytest.approx(by_hand, abs=5e-7)

    def test_of_a_level_to_hold_is_that_of_standing_there_on_the_day(self):
        basis = make_basis(TODAY)
        account = aiming(customer=4.3, level=4, baseline=4.3)
        by_hand = chances(rates_of(basis.pace), 16, [730 / YEAR], hold=True)[0, 17]
        assert account.target_chance == pytest.approx(by_hand, abs=5e-7)

    def test_is_made_by_the_pace_of_the_segment(self):
        basis = make_basis(
            TODAY, segments={"Retail": SegmentPace(30, 20), "Energy": SegmentPace(12, 18), "Paper": SegmentPace(8, 12)}
        )
        found = {name: aiming(segment=name).target_chance for name in ("Retail", "Energy", "", "Unknown")}
        by_hand = chances(rates_of(basis.pace), 16, [730 / YEAR * factor for factor in (1.350757, 0.773669, 1, 1)], hold=False)[
            :, 12
        ]
        assert list(found.values()) == pytest.approx(by_hand.tolist(), abs=1e-5)
        assert found["Energy"] < found[""] == found["Unknown"] < found["Retail"]

    def test_follows_the_segment_of_the_account(self, client):
        make_basis(TODAY, segments={"Retail": SegmentPace(30, 20), "Energy": SegmentPace(12, 18)})
        account = aiming(segment="Retail")
        Account.objects.filter(pk=account.pk).update(segment="Energy")
        assert derived.refresh([account.pk], today=TODAY) == 1

    @pytest.mark.parametrize(("customer", "due_in", "chance"), [(4.2, 730, 1), (4.2, 0, 1), (3.1, 0, 0), (3.1, -1, 0)])
    def test_is_settled_by_the_customers_word_and_by_the_date(self, customer, due_in, chance):
        """Without any history, too."""
        assert aiming(customer=customer, due_in=due_in).target_chance == chance

    @pytest.mark.parametrize(("customer", "due_in", "known"), [(4.2, 730, False), (4.2, 0, True), (3.9, 0, True)])
    def test_of_a_level_to_hold_is_settled_on_the_date_alone(self, customer, due_in, known):
        account = aiming(customer=customer, due_in=due_in, level=4, baseline=4.3)
        assert account.target_chance == (float(customer >= 4) if known else None)

    def test_is_not_known_with_too_little_history(self):
        climbed(9)
        assert aiming().target_chance is None

    def test_is_not_known_without_the_customers_word(self):
        make_basis(TODAY)
        account = make_account()
        make_result(account, TODAY, team=3.1)
        make_target(account, set_on=ago(0.1))
        derived.refresh([account.pk], today=TODAY)
        account.refresh_from_db()
        assert (account.target_level, account.target_chance) == (4, None)

    def test_without_a_target_is_none(self):
        make_basis(TODAY)
        account = make_account()
        make_result(account, TODAY, customer=3.1)
        assert derived.refresh([account.pk], today=TODAY) == 1
        account.refresh_from_db()
        assert account.target_chance is None

    def test_and_the_status_agree_in_the_row(self):
        make_basis(TODAY, moves={-1: 9, 1: 1})
        account = aiming(customer=3.4, due_in=700, baseline=3.4)
        make_result(account, TODAY, customer=3.4)
        target = account.targets.get()
        target.set_on = ago(1)
        target.save()
        derived.refresh([account.pk], today=TODAY)
        account.refresh_from_db()
        assert account.target_chance < 0.25
        assert account.target_status == "at_risk"


class TestItsProof:
    def test_nothing_deviates_after_the_night(self, capsys):
        climbed(10)
        today = timezone.localdate()
        account = make_account()
        make_result(account, today, customer=3.1)
        make_target(account, set_on=today - timedelta(days=30), due_on=today + timedelta(days=700))
        derived.refresh_all()
        account.refresh_from_db()
        assert account.target_chance is not None
        call_command("verify_derived")
        Account.objects.filter(pk=account.pk).update(target_chance=0.5)
        with pytest.raises(Exception, match="1 of 11 accounts deviate"):
            call_command("verify_derived")
        assert "target_chance 0.5 →" in capsys.readouterr().out


def queued():
    return DBTaskResult.objects.filter(task_path__endswith="refresh_derived_columns").count()


class TestWhenHistoryBecomesEnough:
    def test_the_other_accounts_get_their_forecasts_by_the_worker(self, django_capture_on_commit_callbacks):
        climbed(10)
        with django_capture_on_commit_callbacks(execute=True):
            aiming()
        assert queued() == 1

    def test_nothing_is_asked_of_the_worker_while_there_is_enough_or_too_little(self, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            aiming()
            aiming(customer=4.2)  # settled, not forecast
            make_basis(TODAY)
            aiming()
        assert queued() == 0
