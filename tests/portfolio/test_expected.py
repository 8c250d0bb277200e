"""How many targets are expected to be reached: the sum of the chances that each account shows."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import derived
from accounts.exporting import COLUMNS, rows
from accounts.models import Account
from accounts.templatetags.standing import likelihood
from api.keys import make_key
from core.paging import Sort
from plans.forecast.basis import newest_basis
from plans.forecast.chain import NO_PACE
from plans.forecast.counting import SegmentPace
from plans.forecast.expected import expected_of
from plans.models import ForecastBasis
from portfolio.benchmark_queries import members_of
from portfolio.digest import sections_of
from tests.factories import make_account, make_basis, make_result, make_target, make_user

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


def aiming(owner, *, customer=3.1, due_in=730, segment="Retail", level=4, baseline=None, **fields):
    account = make_account(owner=owner, segment=segment, **fields)
    make_result(account, TODAY, customer=customer)
    make_target(
        account, set_on=TODAY - timedelta(days=30), due_on=TODAY + timedelta(days=due_in), level=level,
        baseline=customer if baseline is None else baseline,
    )  # fmt: skip
    derived.refresh([account.pk], today=TODAY)
    account.refresh_from_db()
    return account


def summed(owner):
    accounts = members_of(Account.objects.visible_to(owner).active())
    basis = newest_basis() or ForecastBasis.of(TODAY, NO_PACE, {})
    return expected_of(accounts.targets, [accounts.groups[place].segment for place in accounts.group], basis, TODAY)


@pytest.fixture
def owner():
    return make_user()


def test_adds_the_stored_chances_and_what_is_reached_and_due(owner):
    make_basis(TODAY)
    some = [
        aiming(owner), aiming(owner, segment=""), aiming(owner, customer=4.4),
        aiming(owner, customer=4.2, baseline=3.5),  # reached
        aiming(owner, due_in=-1),  # due and not reached
    ]  # fmt: skip
    found = summed(owner)
    assert (found.of, found.unknown) == (5, 0)
    assert found.expected == pytest.approx(sum(account.target_chance for account in some), abs=1e-9)
    assert 1 <= found.low <= found.high <= 4


def test_without_history_a_target_is_unknown(owner):
    aiming(owner)
    aiming(owner, customer=4.2, baseline=3.5)
    found = summed(owner)
    assert (found.expected, found.low, found.high, found.of, found.unknown) == (1, 1, 1, 1, 1)


def test_without_targets_nothing_is_expected(owner):
    make_account(owner=owner)
    found = summed(owner)
    assert (found.expected, found.low, found.high, found.of, found.unknown) == (0, 0, 0, 0, 0)


def test_others_targets_and_archived_accounts_are_not_in_it(owner):
    make_basis(TODAY)
    aiming(make_user())
    aiming(owner, status=Account.Status.ARCHIVED)
    assert summed(owner).of == 0


def test_many_targets_have_an_interval_around_their_sum(owner):
    make_basis(TODAY, segments={"Retail": SegmentPace(30, 20), "Energy": SegmentPace(12, 18)})
    for number in range(30):
        aiming(owner, customer=2.5 + number % 8 / 4, due_in=500 + 15 * number, segment=["Retail", "Energy", ""][number % 3])
    found = summed(owner)
    assert 0 < found.low < found.expected < found.high < 30


class TestOneNumber:
    """The same sum wherever it stands, over the same accounts, and each account's chance wherever that stands."""

    @pytest.fixture
    def accounts(self, owner, edition):
        today = timezone.localdate()
        make_basis(today)
        found = []
        for number in range(12):
            account = make_account(owner=owner, segment="Retail", name=f"Account {number:02}")
            make_result(account, today, customer=2.6 + number % 5 / 10)
            make_target(account, set_on=today - timedelta(days=200), due_on=today + timedelta(days=600), level=3, baseline=2.6)
            found.append(account.pk)
        derived.refresh(found)
        return Account.objects.filter(owner=owner)

    def test_on_the_dashboard_in_groups_benchmarks_and_the_api(self, client, owner, accounts):
        client.force_login(owner)
        total = sum(accounts.values_list("target_chance", flat=True))
        assert client.get(reverse("portfolio:dashboard")).context["expected"] == round(total) > 0
        assert client.get(reverse("portfolio:groups")).context["total"].row.expected == pytest.approx(total)
        assert f"Of 12 targets {round(total)} will probably be met" in client.get(reverse("portfolio:benchmarks")).text
        key = make_key(owner, by=owner, name="Tests", scope="read")[1]
        told = client.get("/api/v1/portfolio", headers={"Authorization": f"Bearer {key}"}).json()
        assert told["targets_expected"] == pytest.approx(total)

    def test_of_one_account_in_the_list_the_export_the_api_and_the_weekly_mail(self, client, owner, accounts):
        client.force_login(owner)
        account = accounts.first()
        words = likelihood(account.target_chance)
        assert f"<small>{words} likely</small>" in client.get(reverse("accounts:list")).text
        assert f"{words} likely" in client.get(account.get_absolute_url()).text
        key = make_key(owner, by=owner, name="Tests", scope="read")[1]
        headers = {"Authorization": f"Bearer {key}"}
        assert client.get(f"/api/v1/accounts/{account.pk}", headers=headers).json()["target_chance"] == account.target_chance
        target = client.get(f"/api/v1/accounts/{account.pk}/target", headers=headers).json()
        assert (target["forecast"]["probability"], target["status"]) == (account.target_chance, account.target_status)
        header, *lines = rows(accounts, Sort("name", "name"), COLUMNS, accounts)
        told = dict(zip(header, lines[0], strict=True))
        assert (told["Account name"], told["Target chance"]) == (account.name, account.target_chance)
        if account.target_status in {"at_risk", "off_track"}:
            (line,) = [line for section in sections_of(owner, timezone.localdate()) for line in section.lines][:1]
            assert "% likely" in line.words
